"""The backend as an ASGI application: the correct one, with the faults that were asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from tests.conformance.backend.behaviour import Behaviour, Handler
from tests.conformance.backend.gateway import Entry, Gateway, Ledger, State
from tests.conformance.backend.messages import Answer, Refusal, Request
from tests.conformance.backend.registry import patches
from tests.conformance.backend.tokens import Tokens

__all__ = ["Backend"]

LARGEST_BODY = 16 * 1024 * 1024
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Backend:
    """An implementation of the AI contract.

    `faults` are names of faults and variants; without any it is correct. Nothing is shared
    between two backends. An exception in a handler is not caught: a fault that wants a 500
    answers one.
    """

    def __init__(self, faults: Iterable[str] = (), tokens: Tokens | None = None) -> None:
        self.tokens = tokens or Tokens()
        self.gateway = Gateway()
        behaviour = Behaviour()
        for patch in patches(faults):
            behaviour = patch(behaviour)
        self.behaviour = behaviour
        self._handler: Handler = self._handle
        for layer in behaviour.layers:
            self._handler = layer(self._handler)

    @property
    def state(self) -> State:
        """What a write would have changed."""
        return self.gateway.state

    @property
    def ledger(self) -> Ledger:
        """Every request so far."""
        return self.gateway.ledger

    async def respond(self, request: Request) -> Answer:
        """The answer to one request, entered into the ledger."""
        answer = await self._handler(request)
        self.ledger.entries.append(
            Entry(
                method=request.method,
                path=request.raw_path,
                operation=self._operation(request),
                status=answer.status,
            )
        )
        return answer

    async def _handle(self, request: Request) -> Answer:
        """The way of a request, as behaviour.py draws it."""
        behaviour = self.behaviour
        try:
            if len(request.body) > LARGEST_BODY:
                raise Refusal(413, "The body is too large.")
            call = behaviour.route(request)
            behaviour.authenticate(self.tokens, request, call.operation)
            call = behaviour.read(request, call)
            call = replace(call, media_type=behaviour.negotiate(request, call))
            return await behaviour.answers[call.operation.label](self.gateway, call)
        except Refusal as refusal:
            return behaviour.refuse(refusal)

    def _operation(self, request: Request) -> str:
        try:
            return Behaviour().route(request).operation.label
        except Refusal:
            return ""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await _lifespan(receive, send)
        if (body := await _body(receive)) is None:
            return None
        request = _request(scope, body)
        return await _send(await self.respond(request), request.method, send)


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
