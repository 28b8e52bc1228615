"""An event loop whose clock jumps to the next timer: what waits in a test takes no time.

The seconds that pass on its clock are exact on a busy machine as well. It is for what waits for
timers alone: whoever waits for a socket or a thread beside a timer would see the timer first.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["run_by_clock"]

_Result = TypeVar("_Result")


class _Impatient(selectors.SelectSelector):
    """Looks for what is ready; instead of waiting for a timer it lets the clock show its time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self.now += max(timeout, 0)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        return self._impatient.now


def run_by_clock(work: Coroutine[Any, Any, _Result]) -> tuple[_Result, float]:
    """What some work returns, and the seconds that it has waited for."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        result = runner.run(work)
        return result, runner.get_loop().time()
