"""The few kinds of change that most faults are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.conformance.backend.behaviour import Behaviour, Handler
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.messages import Answer, Request, encoded, json_answer
from tests.conformance.backend.operations import OPERATIONS
from tests.conformance.backend.shapes import Loose, Shape, Tight, changed

__all__ = [
    "accepting",
    "after",
    "before",
    "data",
    "instead",
    "is_call",
    "layer",
    "refusing",
    "reshaped",
    "server_error",
]

Place = tuple[str, ...]


def reshaped(operation: str, path: str, change: Callable[[Any], Shape]) -> Patch:
    """Another shape at a place of an operation's body: `messages * role` leads to a role."""

    def patch(behaviour: Behaviour) -> Behaviour:
        shape = changed(behaviour.shapes[operation], path.split(), change)
        return replace(behaviour, shapes={**behaviour.shapes, operation: shape})

    return patch


def accepting(operation: str, path: str, also: Callable[[Any], bool]) -> Patch:
    """Take values at a place that the contract forbids."""
    return reshaped(operation, path, lambda shape: Loose(shape=shape, also=also))


def refusing(operation: str, path: str, never: Callable[[Any], bool]) -> Patch:
    """Refuse values at a place that the contract allows."""
    return reshaped(operation, path, lambda shape: Tight(shape=shape, never=never))


def layer(wrap: Callable[[Handler], Handler]) -> Patch:
    """Put something around the whole server."""
    return lambda behaviour: replace(behaviour, layers=(*behaviour.layers, wrap))


def before(change: Callable[[Request], Request]) -> Patch:
    """Let the server see another request than was sent."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            return await handler(change(request))

        return handle

    return layer(wrap)


def after(change: Callable[[Request, Answer], Answer]) -> Patch:
    """Let the client see another answer than was given."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            return change(request, await handler(request))

        return handle

    return layer(wrap)


def instead(when: Callable[[Request], bool], answer: Callable[[Request], Answer]) -> Patch:
    """Answer some requests before the server sees them."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            return answer(request) if when(request) else await handler(request)

        return handle

    return layer(wrap)


def data(operation: str, change: Callable[[Any], Any]) -> Patch:
    """Change the JSON of an operation's 200. `change` may alter its value in place."""

    def alter(request: Request, answer: Answer) -> Answer:
        if not (is_call(request, operation) and answer.status == 200 and answer.is_json):
            return answer
        value = answer.json
        other = change(value)
        return answer.carrying(encoded(value if other is None else other))

    return after(alter)


def is_call(request: Request, operation: str) -> bool:
    """Whether a request is for that operation, whatever else is wrong with it."""
    wanted = next(known for known in OPERATIONS if known.label == operation)
    segments = tuple(request.raw_path.strip("/").split("/"))
    return request.method == wanted.method and wanted.fits(segments)


def server_error(request: Request) -> Answer:
    """What an uncaught exception looks like from outside."""
    return json_answer({"error": "Internal Server Error"}, 500)
