"""Errors in a success, and slowness."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import Handler
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.faults.responses.changes import fault, good, same
from tests.conformance.backend.messages import Answer, Request, encoded
from tests.conformance.backend.patching import is_call, layer

__all__ = ["FAULTS"]

SLOW = 0.6
"""Seconds; to be seen with a limit of half of it."""


def slowly(operation: str) -> Patch:
    """The answer takes its time."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            answer = await handler(request)
            if is_call(request, operation) and answer.status == 200:
                await asyncio.sleep(SLOW)
            return answer

        return handle

    return layer(wrap)


def hidden(operation: str, error: Any) -> Patch:
    """A 200 that says that it is none."""
    return good(operation, lambda answer: answer.carrying(encoded(error)))


FAULTS = (
    fault(
        name="error-in-success",
        operations=(op.IMAGE,),
        what="The provider failed, and 200 says so in its body.",
        finds="response: an error in a 2xx",
        patch=hidden(op.IMAGE, {"error": "Provider returned error", "code": "PROVIDER_ERROR"}),
        shows=same(op.IMAGE),
    ),
    fault(
        name="error-object-in-success",
        operations=(op.CHAT,),
        what="OpenRouter's own error object, passed on with 200.",
        finds="response: an error in a 2xx",
        patch=hidden(op.CHAT, {"error": {"message": "No endpoints found", "code": 404}}),
        shows=same(op.CHAT),
    ),
    fault(
        name="failure-flag-in-success",
        operations=(op.OVERVIEW,),
        what="`success: false` with 200.",
        finds="response: an error in a 2xx",
        patch=hidden(op.OVERVIEW, {"success": False, "message": "Failed to fetch overview"}),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="slow",
        operations=(op.API_KEY,),
        what="Slower than the limit that the caller set.",
        finds="response: time limit",
        patch=slowly(op.API_KEY),
        shows=replace(same(op.API_KEY), seconds=SLOW),
        options=("--max-response-time", "0.3"),
    ),
)
