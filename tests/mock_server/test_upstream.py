"""Implemented operations are forwarded, the rest is mocked; real answers become examples."""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mock_server import create_app
from mock_server.command.running import RunningMock
from mock_server.upstream.deployment import Upstream, UpstreamError, checked_url
from mock_server.upstream.recording import Recorder
from spec import Operation, Place, load
from spec.model.selectors import selects
from tests.mock_server.upstreams import Handler, deployed, nowhere

pytestmark = pytest.mark.slow

CONTRACT = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
servers: [{url: /api}]
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Lamp:
      type: object
      required: [name]
      properties: {name: {type: string}, apiKey: {type: string}}
paths:
  /lamps:
    get:
      tags: [Lamps]
      responses:
        '200':
          description: lamps
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Lamp'}}
              example: [{name: mocked}]
    post:
      security: [{key: []}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}}
      responses:
        '201':
          description: made
          content: {application/json: {schema: {$ref: '#/components/schemas/Lamp'}}}
        '400': {description: no}
  /events:
    get:
      responses:
        '200':
          description: events
          content: {text/event-stream: {schema: {type: string}, example: "data: mocked\\n\\n"}}
"""
BEARER = {"authorization": "Bearer t"}


def noted(mock: RunningMock, count: int) -> list[dict[str, Any]]:
    """The journal once it has so many entries, for requests that nobody waits for."""
    deadline = time.monotonic() + 5
    while len(found := mock.requests()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return found


@contextmanager
def mocked(folder: Path, url: str, *selectors: str, **more: Any) -> Iterator[RunningMock]:
    """A mock before the deployment."""
    (folder / "openapi.yaml").write_text(CONTRACT, "utf-8")
    upstream = Upstream(url=url, selectors=selectors, **more)
    with RunningMock(create_app(folder / "openapi.yaml", upstream=upstream)) as running:
        yield running


def test_a_request_and_its_answer_go_through(tmp_path: Path) -> None:
    """Method, path, query, headers and body; what belongs to one connection stays behind."""
    with (
        deployed(lambda one: one.say_json(201, {"name": "real"}, x_own="1")) as real,
        mocked(tmp_path, real.url) as mock,
    ):
        answer = httpx2.post(
            f"{mock.url}/api/lamps?a=%20b",
            json={"name": "n"},
            headers={
                "authorization": "Bearer t",
                "x-mine": "2",
                "connection": "x-hop",
                "x-hop": "3",
            },
        )
        (entry,) = noted(mock, 1)
    ((method, path, headers, body),) = real.asked

    assert (method, path, json.loads(body)) == ("POST", "/api/lamps?a=%20b", {"name": "n"})
    assert (headers["authorization"], headers["x-mine"]) == ("Bearer t", "2")
    assert "x-hop" not in headers
    assert headers["host"] == real.url.removeprefix("http://")
    assert re.fullmatch(r"1\.1 mock-server-[0-9a-f]{8}", headers["via"])
    assert (answer.status_code, answer.json()) == (201, {"name": "real"})
    assert answer.headers["x-mock-source"] == "upstream"
    assert answer.headers["x-own"] == "1"
    assert (entry["source"], entry["status"], entry["body"]) == ("upstream", 201, {"name": "n"})
    assert "Bearer t" not in str(entry)


def test_connections_are_used_again(tmp_path: Path) -> None:
    """One after the other needs one; a cookie of one caller reaches no other."""
    with (
        deployed(lambda one: one.say_json(200, [], set_cookie="session=mine; Path=/")) as real,
        mocked(tmp_path, real.url) as mock,
    ):
        for _ in range(5):
            httpx2.get(f"{mock.url}/api/lamps")
        made = httpx2.post(f"{mock.url}/api/lamps", json={})

    assert (len(real.asked), len(real.connections)) == (6, 1)
    assert not any("cookie" in headers for _, _, headers, _ in real.asked)
    assert made.headers["set-cookie"] == "session=mine; Path=/"


@pytest.mark.parametrize(
    ("method", "statuses", "tries"), [("GET", [200, 200], 3), ("POST", [200, 502], 2)]
)
def test_a_kept_connection_that_ends_when_it_is_used(
    tmp_path: Path, method: str, statuses: list[int], tries: int
) -> None:
    """A safe request is sent once more; one that may have done something is not."""

    def answer(one: Handler) -> None:
        if len(one.asked) == 2:
            one.connection.shutdown(socket.SHUT_RDWR)
            one.close_connection = True
        else:
            one.say_json(200, [])

    with deployed(answer) as real, mocked(tmp_path, real.url) as mock:
        got = [httpx2.request(method, f"{mock.url}/api/lamps").status_code for _ in range(2)]

    assert (got, len(real.asked)) == (statuses, tries)


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_kept_connection_that_has_ended_is_not_used(tmp_path: Path, reset: bool) -> None:
    """Its end can be read before anything is sent, so that a POST goes over a new one."""
    ended = threading.Event()

    def answer(one: Handler) -> None:
        one.say_json(200, [])
        if len(one.asked) == 1:
            if reset:
                one.connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
                one.connection.close()
            one.close_connection = True
            ended.set()

    with deployed(answer) as real, mocked(tmp_path, real.url) as mock:
        first = httpx2.post(f"{mock.url}/api/lamps", json={})
        ended.wait(20)
        time.sleep(0.1)  # the end is on its way, and nobody tells when it has come
        second = httpx2.post(f"{mock.url}/api/lamps", json={})

    assert (first.status_code, second.status_code) == (200, 200)
    assert (len(real.asked), len(real.connections)) == (2, 2)


def test_a_new_connection_that_ends_is_no_answer(tmp_path: Path) -> None:
    """Then the deployment has refused the request, which is not sent again."""

    def end(one: Handler) -> None:
        one.connection.shutdown(socket.SHUT_RDWR)
        one.close_connection = True

    with deployed(end) as real, mocked(tmp_path, real.url) as mock:
        status = httpx2.get(f"{mock.url}/api/lamps").status_code

    assert (status, len(real.asked)) == (502, 1)


def test_who_has_passed_a_request_on(tmp_path: Path) -> None:
    """`Via` grows by the mock (RFC 9110 section 7.6.3); `Forwarded` is the client's (RFC 7239).

    The protocol is that of the request that came. In answers a gateway need not name itself.
    """
    came = [("via", "2 proxy"), ("via", "1.1 cdn"), ("forwarded", "for=192.0.2.1;proto=https")]
    with (
        deployed(lambda one: one.say_json(200, [], via="1.1 cdn")) as real,
        mocked(tmp_path, real.url) as mock,
    ):
        answer = httpx2.get(f"{mock.url}/api/lamps", headers=came)
        host, port = mock.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as old:
            old.sendall(b"GET /api/lamps HTTP/1.0\r\n\r\n")
            while old.recv(65536):
                pass
    (_, _, first, _), (_, _, second, _) = real.asked

    assert first["forwarded"] == "for=192.0.2.1;proto=https"
    assert first["via"].startswith("2 proxy, 1.1 cdn, 1.1 mock-server-")
    assert "forwarded" not in second
    assert second["via"].startswith("1.0 mock-server-")
    assert answer.headers["via"] == "1.1 cdn"


def test_an_upstream_that_is_the_mock_itself(tmp_path: Path) -> None:
    """A request that comes back ends there, and the 502 says so."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    upstream = Upstream(url=f"http://127.0.0.1:{port}")
    app = create_app(tmp_path / "openapi.yaml", upstream=upstream)
    with RunningMock(app, port=port) as mock:
        answer = httpx2.get(f"{mock.url}/api/lamps")
        entries = noted(mock, 2)

    assert (answer.status_code, len(entries)) == (502, 2)
    assert "sent the request back" in answer.json()["detail"]


def test_the_journal_has_both_sides(tmp_path: Path) -> None:
    """What was asked, and what the deployment answered."""
    with (
        deployed(lambda one: one.say_json(200, [{"name": "real"}])) as real,
        mocked(tmp_path, real.url) as mock,
    ):
        httpx2.get(f"{mock.url}/api/lamps")
        number = noted(mock, 1)[0]["id"]
        whole = httpx2.get(f"{mock.url}/__mock/requests/{number}").json()

    assert whole["answer"]["body"] == [{"name": "real"}]
    assert whole["answer"]["headers"]["content-type"] == "application/json"


def test_the_deployment_judges_for_itself(tmp_path: Path) -> None:
    """Neither credentials nor bodies are refused before it has seen them."""
    with deployed(lambda one: one.say(418)) as real, mocked(tmp_path, real.url) as mock:
        answer = httpx2.post(f"{mock.url}/api/lamps", content=b"{")

    assert answer.status_code == 418
    assert real.asked[0][3] == b"{"


def test_a_scenario_that_is_only_slow_is_forwarded(tmp_path: Path) -> None:
    """It decides when, and the deployment what; the next step decides itself."""
    with (
        deployed(lambda one: one.say_json(200, [{"name": "real"}])) as real,
        mocked(tmp_path, real.url) as mock,
    ):
        mock.scenario("GET /lamps", {"delay": 0.01}, {"status": 503})
        answers = [httpx2.get(f"{mock.url}/api/lamps", headers=BEARER) for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 503]
    assert (answers[0].headers["x-mock-source"], len(real.asked)) == ("upstream", 1)


def test_only_what_is_implemented_is_forwarded(tmp_path: Path) -> None:
    """A selector is an operation, a path, a tag; what it does not mean is mocked."""
    with (
        deployed(lambda one: one.say_json(200, [])) as real,
        mocked(tmp_path, real.url, "GET /lamps") as mock,
    ):
        made = httpx2.post(f"{mock.url}/api/lamps", json={"name": "n"}, headers=BEARER)
        listed = httpx2.get(f"{mock.url}/api/lamps")

    assert (made.headers["x-mock-source"], listed.headers["x-mock-source"]) == (
        "generated:0",
        "upstream",
    )
    assert [path for _, path, _, _ in real.asked] == ["/api/lamps"]


def test_a_selector_that_means_nothing_is_refused(tmp_path: Path) -> None:
    """With what is near."""
    with (
        pytest.raises(UpstreamError, match=r"did you mean GET /lamps"),
        mocked(tmp_path, "http://x", "GET /lamp"),
    ):
        pass


def test_a_tag_can_be_named_as_such() -> None:
    """`tag:NAME` means a tag and never an operationId or a path of that name."""
    place = Place(file="c.yaml", line=1)
    one = Operation(
        method="GET", path="/a", pointer="#", place=place, operation_id="getA", tags=("real",)
    )

    assert all(selects(each, one) for each in ("real", "tag:real", "tag:r*", "getA", "GET /a"))
    assert not any(selects(each, one) for each in ("tag:getA", "tag:/a", "POST /a"))


def test_a_status_that_is_none(tmp_path: Path) -> None:
    """What cannot be passed on is no answer, and not a defect of the mock."""
    with (
        deployed(lambda handler: handler.say(999)) as real,
        mocked(tmp_path, real.url) as mock,
    ):
        got = httpx2.get(f"{mock.url}/api/lamps", trust_env=False)

    assert (got.status_code, got.json()["type"][-15:]) == (502, "upstream-failed")


def test_wishes_and_scenarios_go_before(tmp_path: Path) -> None:
    """They ask the mock, whoever implements the operation."""
    with (
        deployed(lambda one: one.say_json(200, [{"name": "real"}])) as real,
        mocked(tmp_path, real.url) as mock,
    ):
        wished = httpx2.get(f"{mock.url}/api/lamps?__code=200")
        mock.scenario("GET /lamps", {"status": 503})
        played = httpx2.get(f"{mock.url}/api/lamps")
        after = httpx2.get(f"{mock.url}/api/lamps")

    assert (wished.json(), played.status_code) == ([{"name": "mocked"}], 503)
    assert (after.json(), len(real.asked)) == ([{"name": "real"}], 1)


def test_an_upstream_that_is_not_there(tmp_path: Path) -> None:
    """A 502 that says so; with the fallback the mock's own answer, validation included."""
    url = nowhere()
    with mocked(tmp_path, url) as mock:
        failed = httpx2.get(f"{mock.url}/api/lamps")
    with mocked(tmp_path, url, fallback=True) as mock:
        own = httpx2.get(f"{mock.url}/api/lamps")
        refused = httpx2.post(f"{mock.url}/api/lamps", json={"name": 5}, headers=BEARER)

    assert failed.status_code == 502
    assert failed.headers["content-type"] == "application/problem+json"
    assert url in failed.json()["detail"]
    assert (own.json(), refused.status_code) == ([{"name": "mocked"}], 400)


def test_a_stream_comes_as_it_is_made(tmp_path: Path) -> None:
    """The first event is there before the second one is sent."""
    go = threading.Event()

    def stream(one: Handler) -> None:
        one.send_response(200)
        one.send_header("content-type", "text/event-stream")
        one.send_header("connection", "close")
        one.end_headers()
        one.wfile.write(b"data: 1\n\n")
        one.wfile.flush()
        go.wait(10)
        one.wfile.write(b"data: 2\n\n")
        one.close_connection = True

    with (
        deployed(stream) as real,
        mocked(tmp_path, real.url) as mock,
        httpx2.stream("GET", f"{mock.url}/api/events", timeout=10) as answer,
    ):
        pieces = answer.iter_bytes()
        first = next(pieces)
        go.set()
        rest = b"".join(pieces)

    assert (first, rest) == (b"data: 1\n\n", b"data: 2\n\n")


def test_an_answer_that_breaks_off(tmp_path: Path) -> None:
    """It is not made whole: the client sees that something is missing."""

    def broken(one: Handler) -> None:
        one.send_response(200)
        one.send_header("content-type", "application/json")
        one.send_header("content-length", "100")
        one.end_headers()
        one.wfile.write(b"[1,")
        one.close_connection = True

    with deployed(broken) as real, mocked(tmp_path, real.url) as mock:
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.get(f"{mock.url}/api/lamps")
        alive = httpx2.get(f"{mock.url}/__mock/health")

    assert alive.status_code == 200


def test_compressed_answers_redirects_and_heads(tmp_path: Path) -> None:
    """What is coded is passed on in clear; a redirect is the client's business."""
    packed = gzip.compress(b'[{"name": "real"}]')

    def answer(one: Handler) -> None:
        if one.path.endswith("?go"):
            one.say(302, location="/elsewhere")
        else:
            one.say(200, packed, content_type="application/json", content_encoding="gzip")

    with deployed(answer) as real, mocked(tmp_path, real.url) as mock:
        plain = httpx2.get(f"{mock.url}/api/lamps")
        moved = httpx2.get(f"{mock.url}/api/lamps?go", follow_redirects=False)
        head = httpx2.head(f"{mock.url}/api/lamps")

    assert plain.json() == [{"name": "real"}]
    assert "content-encoding" not in plain.headers
    assert (moved.status_code, moved.headers["location"]) == (302, "/elsewhere")
    assert (head.status_code, head.content, len(real.asked)) == (200, b"", 3)


def test_pages_of_other_origins_may_read_it(tmp_path: Path) -> None:
    """As every answer of the mock, unless the deployment has said who may."""
    origin = {"origin": "http://localhost:5173"}
    with deployed(lambda one: one.say_json(200, [])) as real, mocked(tmp_path, real.url) as mock:
        ours = httpx2.get(f"{mock.url}/api/lamps", headers=origin)
    own = {"access_control_allow_origin": "https://only.example"}
    with (
        deployed(lambda one: one.say_json(200, [], **own)) as real,
        mocked(tmp_path, real.url) as mock,
    ):
        theirs = httpx2.get(f"{mock.url}/api/lamps", headers=origin)

    assert ours.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert theirs.headers["access-control-allow-origin"] == "https://only.example"


@pytest.mark.parametrize(
    "text", ["example.com", "ftp://a", "http://", "http://a?b=c", "http://u:p@a", "http://[::1"]
)
def test_what_is_no_upstream(text: str) -> None:
    """One sentence says how it is written."""
    with pytest.raises(UpstreamError, match=r"URL|only an address"):
        checked_url(text)


def test_real_answers_become_examples(tmp_path: Path) -> None:
    """One a shape, redacted and judged; the file is an overlay that serves them again."""
    answers = iter(
        [
            [{"name": "a"}],
            [{"name": "b"}],
            [{"name": "c", "apiKey": "sk-live-abcdef123456"}],
            [{"nome": "d"}],
            [{"name": "{$request.header.authorization}", "size": 1}],
            [{"name": "e", "size": 1}],  # of the same shape, and nothing is wrong with it
        ]
    )
    file = tmp_path / "recorded.yaml"
    with (
        deployed(lambda one: one.say_json(200, next(answers))) as real,
        mocked(tmp_path, real.url, recorder=Recorder(file)) as mock,
    ):
        for _ in range(6):
            httpx2.get(f"{mock.url}/api/lamps")
        deadline = time.monotonic() + 5
        while "name: e" not in (file.read_text("utf-8") if file.exists() else ""):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    text = file.read_text("utf-8")
    (tmp_path / "contract.yaml").write_text(
        CONTRACT.replace("example: [{name: mocked}]", ""), "utf-8"
    )
    again = load(tmp_path / "contract.yaml", overlay=file)
    examples = again.operations[0].responses[0].content[0].examples

    assert "sk-live" not in text
    assert [one.value[0]["name"] for one in examples] == ["a", "c", "e"]
    assert "/0/name is required" in text
    assert "the next request" in text
    assert [one.name for one in tmp_path.glob(".recorded*")] == []
