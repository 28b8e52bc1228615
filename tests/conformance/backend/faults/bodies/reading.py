"""How bodies are read otherwise: what the faults of this family share."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from tests.conformance.backend.behaviour import Handler, parse
from tests.conformance.backend.exchange import Ask, chat
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Refusal, Request
from tests.conformance.backend.patching import after, is_call, layer, server_error

__all__ = [
    "CALL",
    "TOOL",
    "USER",
    "as_float",
    "called",
    "crashing",
    "fault",
    "is_text",
    "parsing",
    "reading",
    "tool",
]

USER = {"role": "user", "content": "Hello"}
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "f"}}

LARGEST = sys.float_info.max

fault = partial(Fault, family=Family.BODIES)


def parsing(operation: str, read: Callable[[bytes], Any]) -> Patch:
    """Another parser for one operation: its output is written anew for the correct one."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            if is_call(request, operation):
                try:
                    body = json.dumps(read(request.body), default=as_float).encode()
                    request = replace(request, body=body)
                except (Refusal, ValueError, RecursionError):
                    pass
            return await handler(request)

        return handle

    return layer(wrap)


def as_float(value: Any) -> Any:
    """What `json.dumps` should make of a Decimal: the nearest finite number."""
    return max(-LARGEST, min(float(value), LARGEST)) if isinstance(value, Decimal) else str(value)


def reading(request: Request) -> Any:
    """The body as JSON; None where it is none."""
    try:
        return parse(request.body)
    except Refusal:
        return None


def crashing(operation: str, when: Callable[[Any], bool]) -> Patch:
    """An uncaught exception for some bodies of callers who were let in."""

    def change(request: Request, answer: Answer) -> Answer:
        hit = is_call(request, operation) and answer.status == 400 and when(reading(request))
        return server_error(request) if hit else answer

    return after(change)


def is_text(value: Any) -> bool:
    """Any string."""
    return isinstance(value, str)


def tool(**changes: Any) -> Ask:
    """A chat with one tool."""
    return chat(tools=[TOOL | changes])


def called(**changes: Any) -> Ask:
    """A chat whose history holds a tool call."""
    return chat(messages=[{"role": "assistant", "tool_calls": [CALL | changes]}, USER])
