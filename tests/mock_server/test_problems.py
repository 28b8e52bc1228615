"""Every kind of refusal is documented and can be provoked, and is what RFC 9457 asks for."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mock_server import MockApp
from mock_server.model.problems import (
    TEMPLATES,
    Breach,
    Problem,
    invalid_request,
)
from mock_server.model.state_store import StateLostError
from mock_server.model.waiting_scenarios import OwnScenarios
from mock_server.upstream.deployment import Upstream
from tests.mock_server.asking import ask, mock_of
from tests.mock_server.upstreams import nowhere

PAGE = Path(__file__).parents[2] / "docs" / "mock.md"
BEFORE_THE_APP = {
    *("malformed-http", "https-only", "too-slow", "head-too-large"),
    *("unknown-method", "http-version"),
}
"""What the HTTP protocol answers before there is a request; test_serving, test_forms_of_http."""
TYPE = "urn:mock-server:problem:"

CONTRACT = """
components: {securitySchemes: {b: {type: http, scheme: bearer}}}
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200': {description: Good, content: {application/json: {example: {}}}}
        '500': {description: Bad}
  /secret: {get: {security: [{b: []}], responses: {'200': {description: Good}}}}
  /things:
    post:
      requestBody: {content: {application/json: {schema: {properties: {id: {type: integer}}}}}}
      responses: {'201': {description: Created}}
  /things/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '200':
          description: Good
          headers: {ETag: {schema: {type: string}}}
          content:
            application/json:
              schema: {type: object, properties: {id: {type: integer}}}
              example: {id: 1}
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {'204': {description: Gone}}
  /never: {get: {responses: {'100': {description: Never}}}}
"""
JSON = {"content-type": "application/json"}
SCENARIO = b'{"operation": "*", "answers": [{}]}'
PROVOKED: dict[str, tuple[Any, ...]] = {
    "no-such-path": ("GET", "/b"),
    "upstream-failed": ("GET", "/things/1"),
    "unknown-wish": ("POST", "/a?__code=418"),
    "no-such-method": ("GET", "/a"),
    "unauthorized": ("GET", "/secret"),
    "forbidden-origin": ("GET", "/__mock/docs", None, {"origin": "http://evil.example"}),
    "unsupported-media-type": ("POST", "/a", b"x", {"content-type": "text/plain"}),
    "unsupported-encoding": ("POST", "/a", b"x", {**JSON, "content-encoding": "br"}),
    "too-large": ("POST", "/a", b" " * 101, JSON),
    "invalid-request": ("POST", "/a", b"[]", JSON),
    "not-acceptable": ("POST", "/a", b"{}", {**JSON, "accept": "image/png"}),
    "unserved": ("GET", "/never"),
    "no-such-thing": ("GET", "/things/2"),
    "precondition-failed": ("DELETE", "/things/1", None, {"if-match": '"another"'}),
    "already-there": ("POST", "/things", b'{"id": 1}', JSON),
    "documented": ("POST", "/a?__code=500"),
    "undocumented": ("POST", "/a", b"{}", JSON),
    "too-many-followers": ("GET", "/__mock/requests/stream"),
    "too-many-scenarios": ("POST", "/__mock/scenarios", SCENARIO, JSON),
    "shared-state-lost": ("POST", "/__mock/scenarios", SCENARIO, JSON),
    "internal": ("POST", "/a", b"{}", {**JSON, "accept": "application/json"}),
}


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A mock of CONTRACT."""
    return mock_of(tmp_path, CONTRACT, max_body=100, stateful=True)


async def _lost(*_: Any) -> str:
    raise StateLostError("gone")


@pytest.mark.parametrize("kind", sorted(TEMPLATES.keys() - BEFORE_THE_APP))
def test_provoked(app: MockApp, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a whole problem document, in its status and with its title."""
    if kind == "internal":
        monkeypatch.setattr("mock_server.http.answering.answer_for", lambda *_: 1 / 0)
    if kind == "upstream-failed":
        app = mock_of(tmp_path, CONTRACT, upstream=Upstream(url=nowhere()))
    if kind == "shared-state-lost":
        monkeypatch.setattr(OwnScenarios, "add", _lost)
    if kind == "undocumented":
        app.play({"operation": "POST /a", "answers": [{"status": 501}]})
        monkeypatch.setitem(TEMPLATES, kind, replace(TEMPLATES[kind], status=501))
    for limit in ("model.waiting_scenarios.MOST_WAITING", "model.journal.MOST_FOLLOWERS"):
        if kind.startswith("too-many"):
            monkeypatch.setattr(f"mock_server.{limit}", 0)
    method, target, *rest = PROVOKED[kind]
    body, headers = (*rest, None, {})[:2] if rest else (None, {})
    answer = ask(app, method, target, body, headers=headers or {})
    document = answer.json
    template = TEMPLATES[kind]

    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status, document["status"]) == (template.status, template.status)
    assert (document["type"], document["title"]) == (TYPE + kind, template.title)
    assert document["detail"]


def test_documented() -> None:
    """The page lists every kind with its status, and nothing else."""
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (\d{3}) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )

    assert {kind: int(status) for kind, status in rows} == {
        kind: template.status for kind, template in TEMPLATES.items()
    }


def test_errors() -> None:
    """A breach of the body has a pointer as a fragment, one of a parameter its name and place."""
    breaches = [
        Breach(place="body", keyword="type", message="must be a string", pointer="/a/0"),
        Breach(place="body", keyword="syntax", message="is not JSON"),
        Breach(place="query", name="q", keyword="required", message="is missing"),
        Breach(place="query", name="f", keyword="type", message="must be …", pointer="/a"),
    ]
    problem = invalid_request(breaches, 422)

    assert problem.status == 422
    assert [breach.as_error() for breach in problem.breaches] == [
        {"pointer": "#/a/0", "keyword": "type", "message": "must be a string"},
        {"pointer": "#", "keyword": "syntax", "message": "is not JSON"},
        {"in": "query", "parameter": "q", "keyword": "required", "message": "is missing"},
        {
            "in": "query",
            "parameter": "f",
            "pointer": "#/a",
            "keyword": "type",
            "message": "must be …",
        },
    ]
    assert str(problem) == (
        "body /a/0: must be a string; body: is not JSON; "
        "query parameter 'q': is missing; query parameter 'f'/a: must be …"
    )


def test_with_status() -> None:
    """A problem can take the status that the contract documents for it."""
    problem = Problem.of("unsupported-encoding", "no")

    assert (problem.status, problem.with_status(400).status) == (415, 400)
    assert problem.with_status(415) is problem
