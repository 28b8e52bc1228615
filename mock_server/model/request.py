"""The state of one request: what is known so far, and what observers get at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from starlette.types import Scope

from mock_server.model.problems import Problem
from mock_server.model.scenarios import Turn
from mock_server.model.wishes import NO_WISH, Wish
from spec.text.pairs import split_query, unquote_query

__all__ = ["CLOSE", "KEY", "MISSING", "Exchange", "Missing", "Request"]

KEY = "mock_server.model.request"
"""Where the request is in the ASGI scope."""
CLOSE = "mock_server.close"
"""Where the scope has a function that closes the connection."""

_COOKIE = b"cookie"


class Missing(Enum):
    """What an expression gives where the request has no such value; null is a value."""

    MISSING = "missing"


MISSING = Missing.MISSING


class Request:
    """The state of one request. Each step of the way fills in what it has found out.

    `fields` are header fields by lower-case name, repeated ones joined (RFC 9110 section 5.3).
    `query_string` is `raw_query` without wishes. `path_parameters` are as sent, `values` are
    decoded parameters by place, and `body` is decoded too; `raw_body` is None until it was read.
    `connection` closes the connection, where a scenario may ask for that. `is_forced` says that a
    wish or a scenario has decided on the answer, `is_private` keeps it from pages of other origins,
    `is_about_mock` says that it is for the mock itself, `is_sent` that its head has left.
    `operation_id` names the operation that it was routed to, as `POST /api/…`.
    `held` is whatever has to live as long as the request.
    To canned answers a request is their `echo.Facts`.
    """

    operation_id: str | None = None
    path_parameters: Mapping[str, str] = MappingProxyType({})
    values: dict[str, dict[str, Any]] | None = None
    body: Any = MISSING
    held: object = None
    wish: Wish = NO_WISH
    scenario: Turn | None = None
    raw_body: bytes | None = None
    connection: Callable[[], None] | None = None
    refusal: Problem | None = None
    is_forced = False
    is_private = False
    is_sent = False
    is_about_mock = False
    status = 0
    source = ""
    started = 0.0

    def __init__(self, scope: Scope, raw_path: bytes) -> None:
        # The scope holds the request, so that the request must not hold the scope: such a circle
        # would be left to the garbage collector.
        lines = scope["headers"]
        fields: dict[bytes, bytes] = dict(lines)
        if len(fields) != len(lines):
            fields = _joined(lines)
        self.fields = fields
        self.method: str = scope["method"]
        self.raw_path = raw_path
        self.raw_query: bytes = scope["query_string"]
        self.query_string = self.raw_query
        self.scheme: str = scope.get("scheme", "http")
        self.client: tuple[str, int] | None = scope.get("client")

    @property
    def is_head(self) -> bool:
        """Whether the answer is to be sent without its body."""
        return self.method == "HEAD"

    @property
    def origin(self) -> str:
        """The origin at which the client reached the mock (RFC 6454 section 6.1)."""
        # HTTP/1.0 allows a request without `Host`.
        host = self.fields.get(b"host", b"localhost").decode("latin-1")
        return f"{self.scheme}://{host}"

    @property
    def url(self) -> str:
        """The URL that the client asked for."""
        query = self.raw_query.decode("latin-1")
        path = self.raw_path.decode("latin-1")
        return f"{self.origin}{path}{f'?{query}' if query else ''}"

    @property
    def content_type(self) -> str:
        """The `Content-Type` as sent; "" where there is none."""
        return self.fields.get(b"content-type", b"").decode("latin-1")

    @property
    def path(self) -> dict[str, Any]:
        """The path parameters: those that the contract declares by their schema, else as text."""
        raw = {name: unquote(raw) for name, raw in self.path_parameters.items()}
        return raw | self.decoded("path")

    @property
    def query(self) -> dict[str, Any]:
        """The query parameters; of an undeclared one that is repeated, the first."""
        pairs = split_query(self.query_string.decode("utf-8", "replace"))
        raw = {name: unquote_query(raw) for name, raw in reversed(pairs)}
        return raw | self.decoded("query")

    @property
    def headers(self) -> dict[str, Any]:
        """The header fields by lower-case name."""
        raw = {k.decode("latin-1"): v.decode("latin-1") for k, v in self.fields.items()}
        return raw | self.decoded("header")

    @property
    def problem(self) -> str:
        """One sentence that says everything that is wrong with it."""
        if self.refusal is not None:
            return str(self.refusal)
        return (
            "Nothing is wrong with the request: it asked for this response"
            if self.is_forced
            else ""
        )

    def decoded(self, place: str) -> dict[str, Any]:
        """The decoded parameters of one place, to read or to fill in."""
        if self.values is None:
            self.values = {}
        return self.values.setdefault(place, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was asked, what was answered, and why.

    `path` is as sent, percent-encoding included, without the query. `operation` is
    `POST /api/…` as in the contract, or None where no operation was meant. `source` is what
    `X-Mock-Source` says. `milliseconds` counts from the arrival of the head to the last byte
    handed to the server. `reason` is one sentence, and empty unless the request was refused.
    """

    method: str
    path: str
    status: int
    source: str
    milliseconds: float
    reason: str = ""
    operation: str | None = None


def _joined(fields: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for name, value in fields:
        if name in headers:
            # A comma would become part of a cookie's value (RFC 9113 section 8.2.3).
            value = headers[name] + (b"; " if name == _COOKIE else b", ") + value
        headers[name] = value
    return headers
