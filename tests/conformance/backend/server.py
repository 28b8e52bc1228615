"""The backend as an ASGI application: the correct one, with the faults that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from dataclasses import replace
from typing import Any

from tests.conformance.backend.asgi import Receive, Send, serve
from tests.conformance.backend.behaviour import Behaviour, Handler
from tests.conformance.backend.gateway import Entry, Gateway, Ledger, State
from tests.conformance.backend.messages import Answer, Refusal, Request
from tests.conformance.backend.registry import patches
from tests.conformance.backend.tokens import Tokens

__all__ = ["Backend"]

LARGEST_BODY = 16 * 1024 * 1024


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
        await serve(self.respond, scope, receive, send)
