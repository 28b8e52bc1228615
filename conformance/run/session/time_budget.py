"""The seconds that a run may take (`--time-budget`), and what is owed when they are over."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable
from typing import TypeVar

__all__ = ["TimeBudget", "TimeIsUpError"]

IN_FLIGHT = 2.0
"""Seconds more for what is under way: nobody learns what a write has made that is cut off."""
CLEANING = 5.0
"""Seconds more for what the run has made, and removes at its end."""
OWED = 0.25
"""The part of the budget, at most, that is kept for that."""
WRITING = 0.5
"""The part of what is left, at most, that is kept for the reports of a large contract."""
_T = TypeVar("_T")


class TimeIsUpError(Exception):
    """No time is left (`--time-budget`), or nobody to ask: what was found so far is the report."""


class TimeBudget:
    """`seconds` is 0 where a run may take as long as it likes.

    A `closing` run sends nothing but what it owes: what it made is removed.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds, self._begin = seconds, time.monotonic()
        self._over, self.closing = seconds + IN_FLIGHT, False

    def keep(self, seconds: float) -> None:
        """Keep seconds for what follows the tests; they have half of what is left all the same."""
        if self._seconds:
            kept = min(seconds, max(0.0, self._seconds - self.elapsed) * WRITING)
            self._seconds -= kept
            self._over -= kept

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._begin

    def close(self) -> None:
        """End the tests; what is owed has a time of its own."""
        self.closing, self._over = True, max(self.elapsed, self._seconds) + CLEANING

    def check(self, *, owed: float = 0.0) -> None:
        """See that another request may be sent, where `owed` seconds are needed at the end.

        Raises:
            TimeIsUpError: none may.
        """
        end = self._over if self.closing else self._seconds - min(owed, self._seconds * OWED)
        if self._seconds and self.elapsed > end:
            raise TimeIsUpError

    async def pause(self, seconds: float) -> None:
        """Wait, where there is time for it.

        Raises:
            TimeIsUpError: there is none.
        """
        if seconds > self.left:
            raise TimeIsUpError
        await asyncio.sleep(seconds)

    async def within(self, answer: Awaitable[_T]) -> _T:
        """What comes in time.

        Raises:
            TimeIsUpError: it did not.
        """
        limit = asyncio.timeout(self.left if self._seconds else None)
        try:
            async with limit:
                return await answer
        except TimeoutError:
            if limit.expired():
                raise TimeIsUpError from None
            raise

    @property
    def left(self) -> float:
        """Seconds until what is under way is cut off; without an end where there is no budget."""
        return max(0.0, self._over - self.elapsed) if self._seconds else math.inf
