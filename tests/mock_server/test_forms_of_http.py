"""Every method, target form, version, Host and trailer has its answer; none keeps the mock busy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_server.command.running import RunningMock
from mock_server.http.protocol import MAX_HEAD
from tests.hardness.raw import Raw, ask
from tests.mock_server.asking import mock_of

CONTRACT = """
components: {securitySchemes: {b: {type: http, scheme: bearer}}}
paths:
  /lamps:
    get: {responses: {'200': {description: Good, content: {application/json: {example: [desk]}}}}}
  /jars:
    get:
      parameters: [{name: a, in: cookie, required: true, schema: {enum: [x]}},
        {name: b, in: cookie, required: true, schema: {enum: [y]}}]
      responses: {'200': {description: Good}, '400': {description: Bad}}
  /orders:
    post:
      security: [{b: []}]
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'204': {description: Taken}}
"""
OPEN = "Authorization: Bearer t\r\n"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running mock of CONTRACT, which answers a good request in the end as at the beginning."""
    with RunningMock(mock_of(tmp_path_factory.mktemp("forms"), CONTRACT)) as running:
        yield running.url
        assert said(running.url, "GET /lamps HTTP/1.1", "Host: x").status == 200


def said(url: str, *lines: str, body: bytes = b"", close: bool = True) -> Raw:
    """The answer to a head of these lines."""
    last = ["Connection: close"] if close else []
    return ask(url, "\r\n".join([*lines, *last, "", ""]).encode("latin-1") + body)


METHODS = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "QUERY"]
METHODS += ["COPY", "M-SEARCH", "SOURCE", "PRI", "BREW"]
TARGETS = ["/lamps", "/", "//", "http://x/lamps", "http://x", "https://x:1?a", "x:80", "*"]
TARGETS += [
    "http://",
    "http://[::1",
    "http://u@x/",
    "foo://x/lamps",
    "/lamps#f",
    "?a",
    "/%",
    "\xe9",
]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_with_every_form_of_target_is_answered(url: str, method: str) -> None:
    """RFC 9112 section 3.2: what fits no form is an error of the client, CONNECT is for proxies."""
    good = {200, 204, 307} if method in ("GET", "HEAD", "OPTIONS") else set()
    refused = {400, 404, 405, 501, 505}

    for target in TARGETS:
        answer = said(url, f"{method} {target} HTTP/1.1", "Host: x")

        assert answer.status in refused | good, (target, answer.raw[:300])


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET http://x/lamps HTTP/1.1", 200),
        ("GET HTTP://x/lamps?a=/ HTTP/1.1", 200),
        ("GET http://x:8080/lamps HTTP/1.0", 200),
        ("OPTIONS * HTTP/1.1", 204),
        ("GET * HTTP/1.1", 400),
        ("GET x:80 HTTP/1.1", 400),
        ("GET http://[::1/lamps HTTP/1.1", 400),
        ("GET http:///lamps HTTP/1.1", 400),
        ("CONNECT /lamps HTTP/1.1", 501),
        ("CONNECT x:80 HTTP/1.1", 501),
        ("BREW /lamps HTTP/1.1", 501),
        ("BREW /lamps COFFEE/1.1", 400),
        ("GET /lamps HTTP/0.9", 505),
        ("GET /lamps HTTP/2.0", 505),
        ("GET /lamps HTTP/1.2", 400),
        ("GET /lamps", 505),
    ],
)
def test_forms_of_request_lines(url: str, line: str, status: int) -> None:
    """Each in the status that RFC 9110 has for it."""
    assert said(url, line, "Host: x").status == status


def test_an_absolute_target_leaves_the_other_headers(url: str) -> None:
    """The credential and the type of the body are read as with any other target."""
    lines = ("Host: x", OPEN.strip(), "Content-Type: application/json", "Content-Length: 2")
    answer = said(url, "POST http://y/orders HTTP/1.1", *lines, body=b"{}")

    assert answer.status == 204


def test_the_authority_of_an_absolute_target_goes_before_host(url: str) -> None:
    """RFC 9112 section 3.2.2; what is open to this machine alone stays closed to another name."""
    inside = said(url, "GET /__mock/openapi.json HTTP/1.1", "Host: localhost")
    outside = said(url, "GET http://evil.example/__mock/openapi.json HTTP/1.1", "Host: localhost")

    assert (inside.status, outside.status) == (200, 403)


@pytest.mark.parametrize(
    "host",
    ["lamps.example", "lamps.example:", "[::1]:80", "[v1.x:y]", "a_b:80", "%41", "", "1.2.3.4"],
)
def test_a_valid_host(url: str, host: str) -> None:
    """RFC 9110 section 7.2 and RFC 3986 section 3.2.2."""
    assert said(url, "GET /lamps HTTP/1.1", f"Host: {host}").status == 200


@pytest.mark.parametrize("target", ["/lamps", "/__mock/docs"])
@pytest.mark.parametrize(
    "host",
    [
        "[::1",
        "::1]",
        "[]",
        "[x]",
        "[:::1]",
        "a b",
        "a, b",
        "u@x",
        "a/b",
        "a:b",
        "%4",
        "\xe9",
        "a\\",
    ],
)
def test_an_invalid_host(url: str, host: str, target: str) -> None:
    """RFC 9112 section 3.2: a server MUST answer 400, and ours says which header is wrong."""
    answer = said(url, f"GET {target} HTTP/1.1", f"Host: {host}")

    assert (answer.status, b"the Host header" in answer.body) == (400, True)


def test_cookies_on_several_lines_are_one_list(url: str) -> None:
    """Joined with a semicolon, never with a comma (RFC 9113 section 8.2.3)."""
    both = said(url, "GET /jars HTTP/1.1", "Host: x", "Cookie: a=x", "Cookie: b=y")
    one = said(url, "GET /jars HTTP/1.1", "Host: x", "Cookie: a=x, b=y")

    assert (both.status, one.status) == (200, 400)


@pytest.mark.parametrize("hosts", [["Host: a", "Host: a"], []])
def test_not_one_host(url: str, hosts: list[str]) -> None:
    """RFC 9112 section 3.2."""
    assert said(url, "GET /lamps HTTP/1.1", *hosts).status == 400


CHUNKED = ("Content-Type: application/json", "Transfer-Encoding: chunked")


@pytest.mark.parametrize("in_head", [True, False])
def test_a_trailer_is_no_header(url: str, in_head: bool) -> None:
    """RFC 9110 section 6.5.1: what opens a door must stand in the head."""
    head = ["POST /orders HTTP/1.1", "Host: x", *CHUNKED, *([OPEN.strip()] if in_head else [])]
    body = b"2\r\n{}\r\n0\r\n" + OPEN.encode() + b"Host: [\r\n\r\n"

    assert said(url, *head, body=body).status == (204 if in_head else 401)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(b"0\r\n" + b"a: b\r\n" * (MAX_HEAD // 4), id="many trailers"),
        pytest.param(b"0\r\na: " + b"b" * 1_000_000, id="a trailer without an end"),
        pytest.param(b"2;a=" + b"b" * 1_000_000, id="a chunk extension without an end"),
    ],
)
def test_what_surrounds_a_body_counts_as_a_head(url: str, end: bytes) -> None:
    """The limit of the head holds for trailers and chunk extensions too."""
    head = ("POST /orders HTTP/1.1", "Host: x", *CHUNKED, OPEN.strip())
    answer = said(url, *head, body=b"2\r\n{}\r\n" + end)

    assert answer.status in (431, 0)


@pytest.mark.parametrize("framing", ["Content-Length: 2", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("upgrade", ["Upgrade", "upgrade, HTTP2-Settings", "Upgrade,close"])
def test_an_offer_of_another_protocol_is_declined(url: str, framing: str, upgrade: str) -> None:
    """RFC 9110 section 7.8: the request is answered, with its body, and so is the next one."""
    lines = ("POST /orders HTTP/1.1", "Host: x", OPEN.strip(), "Content-Type: application/json")
    offer = (f"Connection: {upgrade}", "Upgrade: h2c", "HTTP2-Settings: AAA")
    body = b"2\r\n{}\r\n0\r\n\r\n" if "chunked" in framing else b"{}"
    more = (
        b""
        if "close" in upgrade
        else b"GET /lamps HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    answer = said(url, *lines, framing, *offer, body=body + more, close=False)

    assert answer.statuses == ([204, 200] if more else [204])


@pytest.mark.parametrize("hosts", [(), ("Host: a", "Host: b"), ("Host: [::1",)])
def test_a_head_that_is_refused_leaves_no_traceback(
    url: str, hosts: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """The first request of a connection has no application that could wait for its body."""
    assert said(url, "GET /lamps HTTP/1.1", *hosts).status == 400
    assert said(url, "GET /lamps HTTP/1.1", "Host: x").status == 200
    assert [one.getMessage() for one in caplog.records if one.exc_info] == []


# ---------------------------------------------------------------------- methods of an author's own

TEA = """
paths:
  /pots:
    additionalOperations:
      brew:
        requestBody: {content: {application/json: {schema: {type: integer}}}}
        responses: {'204': {description: Tea}}
      BREW-AGAIN: {responses: {'204': {description: Tea}}}
    get: {responses: {'200': {description: A pot}}}
"""


@pytest.fixture(scope="module")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running mock of a contract with methods that no parser of HTTP knows."""
    app = mock_of(tmp_path_factory.mktemp("tea"), TEA, version="3.2.0")
    with RunningMock(app) as running:
        yield running.url


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("brew /pots HTTP/1.1", 204),
        ("brew http://x/pots?a=1 HTTP/1.1", 204),
        ("BREW-AGAIN /pots HTTP/1.1", 204),
        ("BREW-AGAIN /cups HTTP/1.1", 404),
        ("BREW /pots HTTP/1.1", 501),
        ("get /pots HTTP/1.1", 501),
        ("brew /pots COFFEE/1.1", 400),
        ("brew /pots", 400),
    ],
)
def test_methods_of_the_contract_alone(tea: str, line: str, status: int) -> None:
    """OpenAPI 3.2 section 4.8: the name is sent as it is written. Others stay unknown."""
    assert said(tea, line, "Host: x").status == status


def test_a_body_of_such_a_method(tea: str) -> None:
    """It is read and judged as any other, also where another protocol is offered before it."""
    lines = ("Host: x", "Content-Type: application/json", "Content-Length: 2")
    offer = ("Connection: upgrade, close", "Upgrade: h2c")
    statuses = [
        said(tea, "brew /pots HTTP/1.1", *lines, *more, body=body, close=not more).status
        for body in (b"12", b"{}")
        for more in ((), offer)
    ]

    assert statuses == [204, 204, 400, 400]


def test_such_a_method_behind_another_request(tea: str) -> None:
    """A request is never read twice: what comes in one piece with one before it is refused."""
    first = b"GET /pots HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = ask(tea, first + b"brew /pots HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.statuses in ([501], [200, 501])
