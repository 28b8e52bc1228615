"""Operations made ready before they are asked for: a few at the start, the others meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from mock_server.answers.replies import Unserved
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.whole_plan import Plan

__all__ = ["WarmUp"]

_AT_START = 0.5
"""Seconds of the processor at the start, which is more than most contracts need in all."""


class WarmUp:
    """Prepares the operations of a plan one after the other, in the contract's order."""

    def __init__(self, plan: Plan) -> None:
        self._waiting: Iterator[OperationPlan] = iter(tuple(plan.operations.values()))

    def at_start(self) -> None:
        """Prepare as many operations as take no noticeable time."""
        begun = time.process_time()
        for one in self._waiting:
            one.prepare()
            if time.process_time() - begun > _AT_START:
                return

    def all(self) -> None:
        """Prepare every operation that is left."""
        for one in self._waiting:
            one.prepare()

    async def rest(self) -> tuple[Unserved, ...]:
        """Prepare what is left in a thread, half of the time; returns what cannot be served."""
        missing: list[Unserved] = []
        for one in self._waiting:
            begun = time.monotonic()
            missing += await asyncio.to_thread(one.prepare)
            # As long as it took: the thread holds the interpreter, and requests need their half of
            # it.
            await asyncio.sleep(time.monotonic() - begun)
        return tuple(missing)
