"""How good answers are changed: what the faults of this family share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.conformance.backend.exchange import CONTROLS
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Request
from tests.conformance.backend.patching import after, is_call
from tests.conformance.backend.proof import Shows, shows

__all__ = ["fault", "good", "rewritten", "same"]

fault = partial(Fault, family=Family.RESPONSES)


def good(operation: str, change: Callable[[Answer], Answer]) -> Patch:
    """Change the 200 of one operation."""

    def alter(request: Request, answer: Answer) -> Answer:
        hit = is_call(request, operation) and answer.status == 200 and answer.stream is None
        return change(answer) if hit else answer

    return after(alter)


def rewritten(operation: str, change: Callable[[bytes], bytes]) -> Patch:
    """Other bytes in the body."""
    return good(operation, lambda answer: answer.carrying(change(answer.body)))


def same(operation: str, becomes: int = 200) -> Shows:
    """The control itself shows it."""
    return shows(CONTROLS[operation], was=200, becomes=becomes)
