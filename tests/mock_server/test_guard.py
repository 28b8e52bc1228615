"""What is under `/__mock/` is closed to pages and machines from elsewhere, every path of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mock_server import MockApp
from mock_server.admin.api import _ROUTES
from tests.mock_server.asking import ask, mock_of

CONTRACT = "paths: {/a: {get: {responses: {'200': {description: Good}}}}}"
SCENARIO = {"operation": "GET /a", "answers": [{"status": 503}], "repeat": True}
HERE, ELSEWHERE = ("127.0.0.1", 1), ("203.0.113.5", 1)

#: Every path that there is, `health` excepted, with an id in place of a pattern.
ASKED = [
    ("GET", "/__mock/"),
    ("GET", "/__mock/docs"),
    ("GET", "/__mock/openapi.json"),
    *(
        (method, "/__mock" + re.sub(r"\(.*\)", "1", pattern.pattern).replace("\\", ""))
        for method, pattern, _ in _ROUTES
    ),
]
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
    "another machine": ({}, ELSEWHERE),
    "another machine that claims to be this one": (
        {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1", "host": "127.0.0.1"},
        ELSEWHERE,
    ),
}


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A mock with a scenario that waits and a request in its journal."""
    app = mock_of(tmp_path, CONTRACT)
    app.play(SCENARIO)
    ask(app, "GET", "/a")
    return app


@pytest.mark.parametrize("who", HOSTILE)
def test_nobody_from_elsewhere_gets_in(app: MockApp, who: str) -> None:
    """Nothing is read, nothing is changed, and no page may read the refusal."""
    headers, client = HOSTILE[who]
    answers = [
        ask(app, method, path, json_body=SCENARIO, headers=headers, client=client)
        if method == "POST"
        else ask(app, method, path, headers=headers, client=client)
        for method, path in ASKED
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
