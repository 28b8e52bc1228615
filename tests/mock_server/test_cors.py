"""Pages of any origin may read every answer, and nothing that is the mock's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server import MockApp
from tests.mock_server.asking import ask, mock_of

ORIGIN = {"origin": "http://localhost:5173"}


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A mock with one secured operation."""
    return mock_of(
        tmp_path,
        """
        components: {securitySchemes: {b: {type: http, scheme: bearer}}}
        paths:
          /a:
            post:
              deprecated: true
              x-deprecated-at: 2026-06-01
              security: [{b: []}]
              requestBody: {content: {application/json: {schema: {type: object}}}}
              responses:
                '200':
                  description: Good
                  headers: {X-Left: {schema: {type: integer}, example: 3}}
                  content: {application/json: {example: {}}}
        """,
        max_body=100,
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "/a", b"{}", {"authorization": "Bearer t"}, 200),
        ("POST", "/a", b"{", {"authorization": "Bearer t"}, 400),
        ("POST", "/a", b"{}", {}, 401),
        ("POST", "/b", b"{}", {}, 404),
        ("GET", "/a", None, {}, 405),
        ("POST", "/a", b"{}", {"authorization": "Bearer t", "accept": "image/png"}, 406),
        ("POST", "/a", b" " * 101, {"authorization": "Bearer t"}, 413),
        ("POST", "/a?__code=500", b"{}", {}, 404),
        ("OPTIONS", "/a", None, {}, 204),
        ("GET", "/__mock/health", None, {}, 200),
    ],
)
def test_on_every_answer(
    app: MockApp, method: str, path: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    """The origin is reflected, credentials are allowed, and all our headers can be read."""
    sent = {"content-type": "application/json", **headers, **ORIGIN}
    answer = ask(app, method, path, body, headers=sent)
    exposed = {
        one.strip().lower()
        for one in answer.headers.get("access-control-expose-headers", "").split(",")
    }
    own = {"x-mock-source", "allow", "www-authenticate", "x-left", "deprecation"}

    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == ORIGIN["origin"]
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert own & answer.headers.keys() <= exposed
    assert status == 204 or "Origin" in answer.headers["vary"]


def test_without_origin(app: MockApp) -> None:
    """Who is no browser is not bothered."""
    answer = ask(app, "POST", "/a", b"{}", headers={"authorization": "Bearer t"})

    assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("path", ["/a", "/nowhere"])
def test_preflight(app: MockApp, path: str) -> None:
    """What a page asks for beforehand is allowed, so that it sees the real answer."""
    asked = {
        **ORIGIN,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization, x-own",
        "access-control-request-private-network": "true",
    }
    answer = ask(app, "OPTIONS", path, headers=asked)

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN["origin"]
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization, x-own"
    assert answer.headers["access-control-allow-private-network"] == "true"


def test_no_header_injection(app: MockApp) -> None:
    """What is reflected is reduced to visible ASCII."""
    headers = {"origin": "http://a\r\nX-Evil: 1é", "access-control-request-method": "GET\nX: y"}
    answer = ask(app, "OPTIONS", "/a", headers=headers)

    assert answer.headers["access-control-allow-origin"] == "http://aX-Evil: 1"
    assert "\n" not in "".join(answer.headers.values())


def test_headers_of_the_contract(app: MockApp) -> None:
    """Documented headers are sent, and the overlay's date as `Deprecation` (RFC 9745)."""
    answer = ask(app, "POST", "/a", json_body={}, headers={"authorization": "Bearer t"})

    assert (answer.headers["x-left"], answer.headers["deprecation"]) == ("3", "@1780272000")
