"""Conditional requests of a mock without state (RFC 9110 section 13)."""

from __future__ import annotations

import pytest

from mock_server import MockApp
from tests.mock_server.asking import ask, mock_of

CONTRACT = """
paths:
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200':
          description: read
          headers:
            ETag: {schema: {type: string}, example: '"1"'}
            Cache-Control: {schema: {type: string}, example: no-cache}
          content: {application/json: {example: {text: a}}}
        '304': {description: known}
    put:
      responses:
        '200': {description: written, headers: {ETag: {schema: {type: string}, example: '"2"'}}}
    delete: {responses: {'204': {description: gone}}}
  /lists/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: read
          headers: {ETag: {schema: {type: string}, example: '"{$request.path.id}"'}}
        '304': {description: known}
  /plain:
    get: {responses: {'200': {description: read, headers: {ETag: {schema: {type: string}}}}}}
    put: {responses: {'200': {description: written}}}
  /untagged:
    get: {responses: {'200': {description: read}}}
    delete: {responses: {'204': {description: gone}}}
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> MockApp:
    """A mock of CONTRACT."""
    return mock_of(tmp_path_factory.mktemp("mock"), CONTRACT)


@pytest.mark.parametrize(
    ("asked", "field", "value", "status"),
    [
        ("GET /notes/7", "if-none-match", '"1"', 304),
        ("HEAD /notes/7", "if-none-match", '"1"', 304),
        ("GET /notes/7", "if-none-match", '"0", W/"1"', 304),
        ("GET /notes/7", "if-none-match", "*", 304),
        ("GET /notes/7", "if-none-match", '"2"', 200),
        ("GET /notes/7", "if-match", '"1"', 200),
        ("GET /notes/7", "if-match", 'W/"1"', 412),
        ("GET /notes/7?__code=200", "if-none-match", '"1"', 200),
        ("GET /notes/x", "if-none-match", '"1"', 400),
        ("GET /lists/a", "if-none-match", '"a"', 304),
        ("GET /lists/a", "if-none-match", '"b"', 200),
        # HTTP demands it, whatever is documented (RFC 9110 section 13.1.2).
        ("GET /plain", "if-none-match", '"mock"', 304),
        ("PUT /plain", "if-match", '"other"', 412),
        ("PUT /notes/7", "if-match", '"1"', 200),
        ("PUT /notes/7", "if-match", '"2"', 200),
        ("PUT /notes/7", "if-match", "*", 200),
        ("PUT /notes/7", "if-match", '"3"', 412),
        ("DELETE /notes/7", "if-match", '"3"', 412),
        ("DELETE /notes/7", "if-match", '"1"', 204),
        # Whether it is there only the state knows.
        ("PUT /notes/7", "if-none-match", "*", 200),
        ("DELETE /untagged", "if-match", '"3"', 204),
        ("GET /untagged", "if-none-match", "*", 200),
    ],
)
def test_conditions(app: MockApp, asked: str, field: str, value: str, status: int) -> None:
    """A read has the tag of its answer, and a write may name any of its path."""
    method, target = asked.split()

    assert ask(app, method, target, headers={field: value}).status == status


def test_what_a_304_and_a_412_say(app: MockApp) -> None:
    """A cache renews what it has by the fields of the 304; a 412 names the tag there is."""
    known = ask(app, "GET", "/notes/7", headers={"if-none-match": '"1"', "origin": "http://a"})
    late = ask(app, "PUT", "/notes/7", headers={"if-match": '"3"'})

    assert (known.headers["etag"], known.headers["cache-control"]) == ('"1"', "no-cache")
    assert (known.body, known.headers["x-mock-source"]) == (b"", "status")
    assert "etag" in known.headers["access-control-expose-headers"].lower()
    assert '"1"' in late.json["detail"]
