"""When a good body is answered wrongly: what the faults of this family share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Refusal, Request, json_answer
from tests.conformance.backend.patching import after, is_call, server_error

__all__ = ["crashing", "fault", "model", "named", "once_let_in", "prompt", "reading"]

fault = partial(Fault, family=Family.EDGES)


def reading(request: Request) -> Any:
    """The body as JSON; None where it is none."""
    try:
        return parse(request.body)
    except Refusal:
        return None


def once_let_in(operation: str, when: Callable[[Any], bool], status: int) -> Patch:
    """Bodies that the correct server would answer with 200 get something else."""

    def change(request: Request, answer: Answer) -> Answer:
        if not is_call(request, operation) or answer.status != 200 or not when(reading(request)):
            return answer
        return server_error(request) if status == 500 else json_answer({"error": "no"}, status)

    return after(change)


def crashing(operation: str, when: Callable[[Any], bool]) -> Patch:
    """An uncaught exception."""
    return once_let_in(operation, when, 500)


def prompt(fits: Callable[[str], bool]) -> Callable[[Any], bool]:
    """A body whose prompt is so."""
    return lambda value: isinstance(value, dict) and fits(str(value.get("prompt", "")))


def model(fits: Callable[[str], bool]) -> Callable[[Any], bool]:
    """A body whose model is so."""
    return lambda value: isinstance(value, dict) and fits(str(value.get("model", "")))


def named(name: str, fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A body one of whose properties is so."""
    return lambda value: isinstance(value, dict) and name in value and fits(value[name])
