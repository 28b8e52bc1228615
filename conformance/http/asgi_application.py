"""Requests to an ASGI application in the same process, with raw paths and real streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from conformance.http.exchange import Framing, Request, octets

__all__ = ["ASGIApp", "Sink", "call"]

Message = MutableMapping[str, Any]
ASGIApp = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


class Sink(Protocol):
    """Where an answer goes, piece by piece."""

    def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Take the status and the headers, once, before any piece."""

    def piece(self, data: bytes) -> None:
        """Take the next piece of the body."""


async def call(app: ASGIApp, request: Request, prefix: str, authority: str, sink: Sink) -> None:
    """Run one request through the application (ASGI 3, section "HTTP").

    What the application raises before it answers is a 500, as a server would make of it; raised
    later, the answer ends where it is.
    """
    pieces, started = _pieces(request), False

    async def receive() -> Message:
        # After the body ASGI has `http.disconnect`, which comes when the client leaves. This one
        # stays until it is answered, so the application waits here for ever.
        if not pieces:
            await asyncio.Event().wait()
        data = pieces.pop(0)
        return {"type": "http.request", "body": data, "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        nonlocal started
        if message["type"] == "http.response.start":
            started = True
            sink.start(message["status"], [(bytes(n), bytes(v)) for n, v in message["headers"]])
        elif message["type"] == "http.response.body" and request.method != "HEAD":
            sink.piece(bytes(message.get("body", b"")))

    try:
        await app(_scope(request, prefix, authority), receive, send)
    except Exception:
        if not started:
            sink.start(500, [])


def _pieces(request: Request) -> list[bytes]:
    """The body as it is received: two pieces of a chunked one, so that `more_body` is heeded."""
    body = request.body or b""
    middle = len(body) // 2 if request.framing is Framing.CHUNKED else len(body)
    return [piece for piece in (body[:middle], body[middle:]) if piece] or [b""]


def _scope(request: Request, prefix: str, authority: str) -> Message:
    path, _, query = f"{prefix}{request.target}".partition("?")
    headers = [] if request.header("host") is not None else [(b"host", authority.encode())]
    headers += [(name.lower().encode("latin-1"), octets(value)) for name, value in request.headers]
    if request.framing is Framing.CHUNKED:
        headers.append((b"transfer-encoding", b"chunked"))
    elif request.body is not None:
        headers.append((b"content-length", str(len(request.body)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        # Both: routers read the decoded path, and only the raw one tells `%2F` from `/`.
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path.encode("utf-8", "surrogatepass"),
        # The prefix stays in the path, as behind a proxy that takes nothing off.
        "root_path": "",
        "query_string": query.encode("utf-8", "surrogatepass"),
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("app", 80),
        "state": {},
    }
