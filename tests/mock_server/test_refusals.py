"""Requests that break the contract: which status, and everything that is wrong, at once."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mock_server import MockApp
from mock_server.model.problems import TEMPLATES
from tests.mock_server.asking import ask, mock_of

ITEMS = """
paths:
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      parameters: [{name: x, in: query, schema: {type: integer}}]
      responses: {'200': {description: One, content: {text/plain: {example: one}}}}
    post:
      parameters:
        - {name: limit, in: query, required: true, schema: {type: integer, maximum: 9}}
        - {name: X-Trace, in: header, schema: {type: string, minLength: 3}}
        - {name: sid, in: cookie, schema: {type: string, pattern: '^s'}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string}, tags: {type: array, items: {type: string}}}
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {n: {type: integer}}}
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties: {file: {type: string, format: binary}, n: {type: integer}}
          text/plain: {schema: {type: string, maxLength: 3}}
          application/octet-stream: {schema: {type: string, format: binary}}
      responses: {'201': {description: Made}}
"""
GOOD = "/items/1?limit=1"


@pytest.fixture
def items(tmp_path: Path) -> MockApp:
    """A mock of ITEMS with a small limit for bodies."""
    return mock_of(tmp_path, ITEMS, max_body=1000)


def test_everything_at_once(items: MockApp) -> None:
    """Parameters and body are judged together, and every breach has its place and keyword."""
    answer = ask(
        items,
        "POST",
        "/items/x?limit=10",
        json_body={"tags": [1, "a", None]},
        headers={"x-trace": "ab", "cookie": "sid=t"},
    )
    errors = [
        (e.get("in"), e.get("parameter"), e.get("pointer"), e["keyword"])
        for e in answer.json["errors"]
    ]

    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert errors == [
        ("path", "id", None, "type"),
        ("query", "limit", None, "maximum"),
        ("header", "X-Trace", None, "minLength"),
        ("cookie", "sid", None, "pattern"),
        (None, None, "#/name", "required"),
        (None, None, "#/tags/0", "type"),
        (None, None, "#/tags/2", "type"),
    ]
    assert all(error["message"] for error in answer.json["errors"])
    assert all(word in answer.json["detail"] for word in ("limit", "X-Trace", "/name", "/tags/2"))


@pytest.mark.parametrize(
    ("target", "body", "content_type", "status"),
    [
        (GOOD, b'{"name":"a"}', "application/json", 201),
        (GOOD, b'{"name":"a"}', "Application/JSON ; charset=utf-8", 201),
        (GOOD, b"n=1&m=x", "application/x-www-form-urlencoded", 201),
        (GOOD, b"n=x", "application/x-www-form-urlencoded", 400),
        (GOOD, b"", "application/x-www-form-urlencoded", 201),
        (GOOD, b"abc", "text/plain", 201),
        (GOOD, b"abcd", "text/plain", 400),
        (GOOD, "é€x".encode(), "text/plain", 201),
        (GOOD, b"\xff", "text/plain", 400),
        (GOOD, b"\xe9", "text/plain; charset=latin-1", 201),
        (GOOD, b"a", "text/plain; charset=klingon", 400),
        (GOOD, b"a-b", "text/plain; charset=punycode", 400),
        (GOOD, b"a", "text/plain; charset=undefined", 400),
        (GOOD, b"\xff\x00", "application/octet-stream", 201),
        (GOOD, b"a", "text/html", 415),
        (GOOD, b"a", "json", 415),
        (GOOD, b"a", None, 415),
        (GOOD, b"", None, 400),
        (GOOD, b"", "application/json", 400),
        (GOOD, b"null", "application/json", 400),
        (GOOD, b"--b--", "multipart/form-data", 400),
        ("/items/1", b'{"name":"a"}', "application/json", 400),
        ("/items/1?limit=1&limit=2", b'{"name":"a"}', "application/json", 400),
        ("/items/1?limit=%zz", b'{"name":"a"}', "application/json", 400),
        ("/items/%ff?limit=1", b'{"name":"a"}', "application/json", 400),
        ("/items/1?limit=1&unknown=%ff", b'{"name":"a"}', "application/json", 201),
    ],
)
def test_bodies(
    items: MockApp, target: str, body: bytes, content_type: str | None, status: int
) -> None:
    """Every media type that the contract names is read by its own rules."""
    headers = {"content-type": content_type} if content_type else {}

    assert ask(items, "POST", target, body, headers=headers).status == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"file": "x", "n": "1"}, 201), ({"file": "x", "n": "y"}, 400), ({"n": "1"}, 400)],
)
def test_multipart(items: MockApp, fields: dict[str, str], status: int) -> None:
    """The fields of a multipart form are judged by the schema."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    body = ("".join(parts) + "--b--\r\n").encode()
    headers = {"content-type": "multipart/form-data; boundary=b"}

    assert ask(items, "POST", GOOD, body, headers=headers).status == status


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b'{"name":"a"}', mtime=0), "gzip", 201),
        (gzip.compress(b'{"name":"a"}', mtime=0), "X-GZIP", 201),
        (zlib.compress(b'{"name":"a"}'), "deflate", 201),
        (zlib.compress(gzip.compress(b'{"name":"a"}', mtime=0)), "gzip, deflate", 201),
        (b'{"name":"a"}', "identity", 201),
        (b'{"name":"a"}', "gzip", 400),
        (gzip.compress(b'{"name":"a"}', mtime=0)[:-4], "gzip", 400),
        (gzip.compress(b'{"name":"a"}', mtime=0) + b"x", "gzip", 400),
        (b"x", "br", 415),
        (gzip.compress(b" " * 5000, mtime=0), "gzip", 413),
    ],
)
def test_content_encoding(items: MockApp, body: bytes, encoding: str, status: int) -> None:
    """Two codings are undone, others are refused, and the limit holds for what comes out."""
    headers = {"content-type": "application/json", "content-encoding": encoding}
    answer = ask(items, "POST", GOOD, body, headers=headers)

    assert answer.status == status
    assert status != 415 or answer.headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ([b'{"name":', b'"a"}'], {}, 201),
        ([b"", b'{"name":"a"}', b""], {}, 201),
        ([b" " * 600, b" " * 600], {}, 413),
        ([b" " * 1001], {}, 413),
        (None, {"content-length": "1001"}, 413),
        (None, {"content-length": "9" * 40}, 413),
        ([b'{"name":"a"}'.ljust(1000)], {}, 201),
    ],
    ids=str,
)
def test_limit(
    items: MockApp, body: Sequence[bytes] | None, headers: dict[str, str], status: int
) -> None:
    """Chunks are put together, and a body over the limit is refused before it is read."""
    answer = ask(items, "POST", GOOD, body, headers={"content-type": "application/json", **headers})

    assert answer.status == status


@pytest.mark.parametrize(
    ("responses", "status"),
    [
        ("{'200': {description: a}}", 400),
        ("{'422': {description: a}, '200': {description: a}}", 422),
        ("{'422': {description: a}, '400': {description: a}}", 400),
        ("{4XX: {description: a}}", 400),
        ("{default: {description: a}}", 400),
        ("{default: {description: a}, '422': {description: a}}", 422),
    ],
)
def test_the_documented_status(tmp_path: Path, responses: str, status: int) -> None:
    """The refusal has the first documented of 400, 422, 4XX and default."""
    app = mock_of(
        tmp_path,
        f"""
        paths:
          /a:
            get:
              parameters: [{{name: q, in: query, required: true, schema: {{type: string}}}}]
              responses: {responses}
        """,
    )

    assert ask(app, "GET", "/a").status == status


def test_the_contracts_own_body(tmp_path: Path) -> None:
    """Where the contract gives the refusal a body it is served, and can name what is wrong."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            get:
              parameters:
                - {name: q, in: query, required: true, schema: {type: string}}
                - {name: n, in: query, schema: {type: integer}}
              responses:
                '200': {description: Good}
                4XX:
                  description: Bad
                  content: {application/json: {example: {why: 'Oh: {$mock.problem}'}}}
        """,
    )
    answer = ask(app, "GET", "/a?n=x")

    assert (answer.status, answer.headers["x-mock-source"]) == (400, "example")
    assert answer.json == {
        "why": "Oh: query parameter 'q': is missing; "
        "query parameter 'n': must be an integer, got a string"
    }
    assert ask(app, "GET", "/a?__code=404").json == {
        "why": "Oh: Nothing is wrong with the request: it asked for this response"
    }


def test_methods_and_paths(items: MockApp) -> None:
    """404 for a path, 405 with Allow for a method; HEAD comes with GET, OPTIONS with all."""
    gone, wrong = ask(items, "GET", "/item/1"), ask(items, "PUT", "/items/1")
    head, get = ask(items, "HEAD", "/items/1"), ask(items, "GET", "/items/1")
    options = ask(items, "OPTIONS", "/items/1")

    assert (gone.status, gone.json["available"]) == (404, ["/items/{id}"])
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, POST, HEAD, OPTIONS")
    assert (head.status, head.body, head.headers) == (200, b"", get.headers)
    assert (options.status, options.headers["allow"]) == (204, "GET, POST, HEAD, OPTIONS")
    assert ask(items, "OPTIONS", "*").status == 204
    assert ask(items, "HEAD", "/items/x").body == b""
    assert ask(items, "HEAD", "/items/x").status == 400


def test_a_defect_is_answered(items: MockApp, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """What nobody foresaw is a 500 that says so, and stands in the log with its traceback."""
    check = items._plan.operations["operation-0"].check
    assert check is not None
    assert check.parameters is not None

    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(type(check.parameters), "check", broken)
    answer = ask(items, "GET", "/items/1", headers={"origin": "http://a"})

    assert (answer.status, answer.json["title"]) == (500, "The mock server itself failed")
    assert answer.headers["access-control-allow-origin"] == "http://a"
    assert "ZeroDivisionError: oops" in caplog.text


def test_every_problem_has_a_title() -> None:
    """The templates are complete sentences for people, and no status is out of place."""
    assert all(one.title and 400 <= one.status < 600 for one in TEMPLATES.values())


def test_an_operation_that_cannot_be_served(tmp_path: Path) -> None:
    """Nothing is invented for a response that no value satisfies: it is reported and a 501."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            get:
              responses:
                '101': {description: Switching}
                '200':
                  description: Impossible
                  content:
                    application/json: {schema: {type: string, minLength: 2, maxLength: 1}}
        """,
    )
    told = [(one.operation, one.status, one.media_type) for one in app.unserved]

    assert told == [("GET /a", "101", ""), ("GET /a", "200", "application/json")]
    assert all(str(one).startswith("GET /a ") and one.reason for one in app.unserved)
    assert ask(app, "GET", "/a").status == 501


def test_a_form_of_a_million_fields_is_refused_unsplit(tmp_path: Path) -> None:
    """Splitting it would hold up every other client; its text is only counted."""
    app = mock_of(tmp_path, ITEMS)
    answer = ask(
        app,
        "POST",
        GOOD,
        b"n=1&" * 1_000_000,
        headers={
            "authorization": "Bearer t",
            "content-type": "application/x-www-form-urlencoded",
        },
    )

    assert answer.status == 400
    assert answer.json["errors"][0]["message"] == "has more than 10000 fields"
