"""What is under `/__mock/` is closed to pages and machines from elsewhere, every path of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mock_server import MockApp
from mock_server.admin.api import AdminApi
from mock_server.admin.guard import Guard
from mock_server.admin.services import Services
from mock_server.model.metrics import Metrics
from mock_server.model.waiting_scenarios import OwnScenarios, Scenarios
from mock_server.plan.whole_plan import make_plan
from tests.mock_server.asking import Answered, ask, mock_of

CONTRACT = "paths: {/a: {get: {responses: {'200': {description: Good}}}}}"
SCENARIO = {"operation": "GET /a", "answers": [{"status": 503}], "repeat": True}
HERE, ELSEWHERE = ("127.0.0.1", 1), ("203.0.113.5", 1)

PAGE = {"origin": "http://localhost:5173", "x-mock-key": "own"}
HOSTILE = {
    "a page of another origin": ({"origin": "https://evil.example"}, HERE),
    "a page on another port of this machine": ({"origin": "http://localhost:5173"}, HERE),
    "a page without an origin: a frame in a sandbox, a file": ({"origin": "null"}, HERE),
    "a page by TLS, where the mock has none": ({"origin": "https://localhost"}, HERE),
    "a name that was bound to this machine": ({"host": "evil.example:4010"}, HERE),
    "a page under that name": (
        {"host": "evil.example:4010", "origin": "http://evil.example:4010"},
        HERE,
    ),
    "a name that ends like one of this machine": ({"host": "localhost.evil.example"}, HERE),
    "an address in front of a name": ({"host": "127.0.0.1.evil.example"}, HERE),
    "a user in front of a name": ({"host": "localhost@evil.example"}, HERE),
    "an address that is not of this machine alone": ({"host": "192.0.2.7:4010"}, HERE),
    "an image of a page elsewhere": (
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
        HERE,
    ),
    "a frame in a page on another port": (
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
        HERE,
    ),
    "another machine": ({}, ELSEWHERE),
    "another machine that claims to be this one": (
        {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1", "host": "127.0.0.1"},
        ELSEWHERE,
    ),
}


async def _nothing(_key: str | None) -> None:
    """No state is there to be forgotten."""


def asked(app: MockApp) -> list[tuple[str, str]]:
    """Every path that there is, `health` excepted, with an id in place of a pattern."""
    services = Services(
        scenarios=OwnScenarios(Scenarios()), journal=None, metrics=Metrics(), reset=_nothing
    )
    routes = AdminApi(make_plan(app.contracts, app.settings), services, Guard(app.settings)).routes
    paths = [
        (one.method, re.sub(r"\(.*\)", "1", one.pattern.pattern).replace("\\", ""))
        for one in routes
    ]
    every = [("GET", "/"), ("GET", "/docs"), ("GET", "/openapi.json"), *paths]
    return [(method, f"/__mock{path}") for method, path in every]


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A mock with a scenario that waits and a request in its journal."""
    app = mock_of(tmp_path, CONTRACT)
    app.play(SCENARIO)
    ask(app, "GET", "/a")
    return app


@pytest.mark.parametrize("pages", [False, True], ids=["closed", "pages may steer"])
@pytest.mark.parametrize("who", HOSTILE)
def test_nobody_from_elsewhere_gets_in(app: MockApp, who: str, pages: bool, tmp_path: Path) -> None:
    """Nothing is read, nothing is changed, and no page may read the refusal.

    Where pages may steer, that is for the keys that they send, and none of these has sent one.
    """
    if pages:
        app = mock_of(tmp_path, CONTRACT, allow_page_scenarios=True)
        app.play(SCENARIO)
        ask(app, "GET", "/a", headers={"x-mock-key": "own"})
    headers, client = HOSTILE[who]
    answers = [
        ask(app, method, path, json_body=SCENARIO, headers=headers, client=client)
        if method == "POST"
        else ask(app, method, path, headers=headers, client=client)
        for method, path in asked(app)
    ]

    # The Host may be refused before anybody asks what is wanted.
    assert {one.status for one in answers} <= {400, 403}
    assert not any(name.startswith("access-control-") for one in answers for name in one.headers)
    assert [one.left for one in app.scenarios] == [None]
    assert len(app.entries()) == 1


@pytest.mark.parametrize("who", HOSTILE)
def test_no_preflight_invites_them(app: MockApp, who: str) -> None:
    """A browser that asks before it sends is not told to go on."""
    headers, client = HOSTILE[who]
    asked = {"access-control-request-method": "DELETE", "origin": "https://evil.example"}
    answer = ask(app, "OPTIONS", "/__mock/scenarios", headers={**headers, **asked}, client=client)

    assert not any(name.startswith("access-control-allow") for name in answer.headers)


def seen_by_page(app: MockApp, path: str, method: str = "GET", body: Any = None) -> Answered:
    """What a page that sends the key `own` is answered."""
    return ask(app, method, f"/__mock{path}", json_body=body, headers={"origin": PAGE["origin"]})


def test_a_page_watches_its_own_requests(tmp_path: Path) -> None:
    """With the key that it sends itself: those of its origin, and nothing of other clients."""
    app = mock_of(tmp_path, CONTRACT, allow_page_scenarios=True)
    ask(app, "GET", "/a?page", headers={**PAGE, "authorization": "Bearer s"})
    ask(app, "GET", "/a?test", headers={"x-mock-key": "own"})
    ask(app, "GET", "/a?other", headers={"origin": "http://evil.example", "x-mock-key": "own"})
    ask(app, "GET", "/a?theirs", headers={**PAGE, "x-mock-key": "theirs", "origin": "http://b"})
    ids = {one["target"]: one["id"] for one in app.entries()}
    listed = seen_by_page(app, "/requests?key=own")
    expected = {"operation": "GET /a", "key": "own", "times": 1}
    archive = seen_by_page(app, "/requests.har?key=own").json["log"]["entries"]

    assert [one["target"] for one in listed.json] == ["/a?page"]
    assert listed.json[0]["headers"]["authorization"] != "Bearer s"
    assert listed.headers["access-control-allow-origin"] == PAGE["origin"]
    assert len(archive) == 1
    assert seen_by_page(app, "/requests/verify", "POST", expected).json["ok"]
    assert seen_by_page(app, f"/requests/{ids['/a?page']}").status == 200
    assert seen_by_page(app, f"/requests/{ids['/a?other']}").status == 404
    assert seen_by_page(app, f"/requests/{ids['/a?theirs']}").status == 403
    for closed in ("/requests", "/requests?key=theirs", "/scenarios", "/operations", "/metrics"):
        assert seen_by_page(app, closed).status == 403, closed
    assert seen_by_page(app, "/requests/verify", "POST", {**expected, "key": "b"}).status == 403


def test_a_page_resets_its_own_key(tmp_path: Path) -> None:
    """It sees and takes back its own scenarios; a browser lets it read that this was done."""
    app = mock_of(tmp_path, CONTRACT, allow_page_scenarios=True)
    ask(app, "GET", "/a", headers=PAGE)
    for key in ("own", "theirs"):
        app.play({**SCENARIO, "key": key})
    own = seen_by_page(app, "/scenarios?key=own").json
    refused = [
        seen_by_page(app, "/scenarios/s2", "DELETE"),
        seen_by_page(app, "/reset", "POST"),
        seen_by_page(app, "/scenarios", "DELETE"),
    ]
    done = [
        seen_by_page(app, f"/scenarios/{own[0]['id']}", "DELETE"),
        seen_by_page(app, "/reset?key=own", "POST"),
        seen_by_page(app, "/requests?key=own", "DELETE"),
    ]

    assert [one["key"] for one in own] == ["own"]
    assert {one.status for one in refused} == {403}
    assert {one.status for one in done} == {204}
    assert {one.headers["access-control-allow-origin"] for one in done} == {PAGE["origin"]}
    assert [one.scenario.key for one in app.scenarios] == ["theirs"]
    assert app.entries() == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9:80", "[::1]:4010", "LOCALHOST", "0.0.0.0"]
)
def test_this_machine_and_links_get_in(app: MockApp, host: str) -> None:
    """By whatever name it has for itself, and by a link on a page elsewhere."""
    link = {
        "host": host,
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
    }

    assert ask(app, "GET", "/__mock/requests", headers={"host": host}).status == 200
    assert ask(app, "GET", "/__mock/", headers=link).status == 200
