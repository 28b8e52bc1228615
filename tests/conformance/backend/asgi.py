"""An application as ASGI sees it: the request read to its end, the answer sent as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from tests.conformance.backend.messages import Answer, Request

__all__ = ["Receive", "Respond", "Send", "serve"]

Respond = Callable[[Request], Awaitable[Answer]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def serve(
    respond: Respond, scope: MutableMapping[str, Any], receive: Receive, send: Send
) -> None:
    """Answer one request by `respond`, or take part in the start and the end of the server."""
    if scope["type"] == "lifespan":
        return await _lifespan(receive, send)
    if (body := await _body(receive)) is None:
        return None
    request = _request(scope, body)
    return await _send(await respond(request), request.method, send)


def _request(scope: MutableMapping[str, Any], body: bytes) -> Request:
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    client = scope.get("client") or ("", 0)
    return Request(
        method=scope["method"],
        raw_path=path.decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in scope["headers"]
        ),
        body=body,
        client=client[0],
    )


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None where the client went away before its end."""
    pieces = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


async def _send(answer: Answer, method: str, send: Send) -> None:
    headers = answer.headers
    length = answer.header("content-length") or answer.header("transfer-encoding")
    if answer.stream is None and not length and answer.status not in (204, 304):
        headers = (*headers, ("content-length", str(len(answer.body))))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    shown = b"" if method == "HEAD" else answer.body
    if answer.stream is not None and method != "HEAD":
        await _send_stream(answer.stream, send)
        shown = b""
    await send({"type": "http.response.body", "body": shown})


async def _send_stream(stream: AsyncIterator[bytes], send: Send) -> None:
    async for piece in stream:
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
