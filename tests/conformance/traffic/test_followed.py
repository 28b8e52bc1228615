"""The journal of a running mock is followed, exchange by exchange."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import httpx2
import pytest

from conformance.traffic.followed import FollowError, follow
from conformance.traffic.har import read_har
from mock_server import create_app
from mock_server.command.running import RunningMock
from mock_server.upstream.deployment import Upstream
from tests.conformance.gate.command import conformance, environment
from tests.conformance.traffic.recorded import CONTRACT
from tests.mock_server.upstreams import Handler, deployed

pytestmark = pytest.mark.slow


def test_what_was_asked_before_and_what_it_was_answered(tmp_path: Path) -> None:
    """Oldest first, with both bodies, and who has answered."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    with RunningMock(create_app(tmp_path / "openapi.yaml")) as mock:
        httpx2.get(f"{mock.url}/lamps?limit=3")
        httpx2.post(f"{mock.url}/lamps", json={"name": "a"}, headers={"authorization": "Bearer t"})
        found = list(follow(mock.url, until=0))
        done = conformance(
            "judge", "--follow", mock.url, "--time-budget", "0.1",
            folder=tmp_path, env=environment(),
        )  # fmt: skip

    assert [(one.request.method, one.request.target) for _, one in found] == [
        ("GET", "/lamps?limit=3"),
        ("POST", "/lamps"),
    ]
    assert "upstream" not in {source for source, _ in found}
    assert found[1][1].request.body == b'{"name": "a"}'
    assert (found[0][1].answer.status, found[0][1].origin) == (200, mock.url)
    assert found[0][1].answer.body.startswith(b"[{")
    assert done.returncode == 2  # the mock's own answers are no evidence of a deployment
    assert "2 responses came from the mock itself" in done.stdout


def test_a_deployment_behind_a_mock_is_judged_live(tmp_path: Path) -> None:
    """What the upstream answered counts; what it breaks is its own."""

    def wrong(one: Handler) -> None:
        one.say_json(200, [{"name": "desk", "kind": "sofa", "colour": "red"}])

    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    with (
        deployed(wrong) as real,
        RunningMock(create_app(tmp_path / "openapi.yaml", upstream=Upstream(url=real.url))) as mock,
    ):
        httpx2.get(f"{mock.url}/v1/lamps")
        done = conformance(
            "judge", "--follow", mock.url, "--time-budget", "0.6",
            folder=tmp_path, env=environment(),
        )  # fmt: skip

    assert done.returncode == 1, done.stderr
    assert "response-schema" in done.stdout
    assert "1 of 1 exchanges were judged" in done.stdout


def test_a_mock_that_is_restarted_is_followed_on(tmp_path: Path) -> None:
    """Its ids begin anew; nothing is missed, nothing comes twice, and the outage is told once."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    lost, after = list[str](), list[str]()
    with RunningMock(create_app(tmp_path / "openapi.yaml")) as mock:
        url, port = mock.url, urlsplit(mock.url).port
        for limit in (1, 2, 3):
            httpx2.get(f"{url}/lamps?limit={limit}")
        followed = follow(url, until=time.monotonic() + 20, on_lost=lambda: lost.append(url))
        before = [next(followed)[1].request.target for _ in range(3)]
    ahead = Thread(target=lambda: after.append(next(followed)[1].request.target))
    ahead.start()
    while not lost:
        time.sleep(0.01)
    with RunningMock(create_app(tmp_path / "openapi.yaml"), port=port or 0) as mock:
        for limit in (4, 5, 6, 7):
            httpx2.get(f"{mock.url}/lamps?limit={limit}")
        ahead.join()
        after += [next(followed)[1].request.target for _ in range(3)]

    assert [one[-1] for one in before + after] == list("1234567")
    assert lost == [url]


def test_bytes_in_a_mock_archive_are_read_back(tmp_path: Path) -> None:
    """What is no text is base64 (HAR 1.2); a longer body than a journal keeps is not judged."""
    picture = b"\x89PNG\r\n\x1a\n\x00\xff"
    bodies = iter([picture, picture * 9000])
    contract = CONTRACT.replace("text/event-stream: {schema: {type: string}}", "image/png: {}")
    (tmp_path / "openapi.yaml").write_text(contract, "utf-8")
    with (
        deployed(lambda one: one.say(200, next(bodies), content_type="image/png")) as real,
        RunningMock(create_app(tmp_path / "openapi.yaml", upstream=Upstream(url=real.url))) as mock,
    ):
        for _ in range(2):
            httpx2.get(f"{mock.url}/v1/events")
        (tmp_path / "mock.har").write_bytes(httpx2.get(f"{mock.url}/__mock/requests.har").content)
    short, long = read_har(tmp_path / "mock.har")
    done = conformance("judge", "mock.har", folder=tmp_path, env=environment())

    assert (short.answer.body, short.answer_known) == (picture, True)
    assert not long.answer_known
    assert done.returncode == 0, done.stdout
    assert "2 of 2 exchanges were judged" in done.stdout


def test_what_is_no_mock() -> None:
    """One sentence names the address."""
    with pytest.raises(FollowError, match=r"127\.0\.0\.1:9 cannot|127\.0\.0\.1:9/"):
        list(follow("http://127.0.0.1:9", until=0))


def test_an_overlay_is_learned_from_a_deployment_behind_a_mock(tmp_path: Path) -> None:
    """What the upstream answered becomes what the mock answers without it."""
    seen = [{"name": "desk", "kind": "floor", "size": 2}]
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    with (
        deployed(lambda one: one.say_json(200, seen)) as real,
        RunningMock(create_app(tmp_path / "openapi.yaml", upstream=Upstream(url=real.url))) as mock,
    ):
        httpx2.get(f"{mock.url}/v1/lamps")
        done = conformance(
            "freshen", "--follow", mock.url, "--time-budget", "0.6",
            "--output", "openapi.overlay.yaml", folder=tmp_path, env=environment(),
        )  # fmt: skip
    with RunningMock(
        create_app(tmp_path / "openapi.yaml", overlay=tmp_path / "openapi.overlay.yaml")
    ) as mock:
        answered = httpx2.get(f"{mock.url}/lamps").json()

    assert done.returncode == 0, done.stderr
    assert answered == [{"name": "desk", "kind": "desk", "size": 2}]
