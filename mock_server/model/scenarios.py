"""Scenarios: answers that are forced upon an operation, a number of times, before any other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Scenario", "Scenarios"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What the next answer of an operation is; the rest is chosen as for any other answer.

    `name` is for people and stands in `X-Mock-Source`; `delay` is in seconds.
    """

    name: str
    status: int | None = None
    example: str | None = None
    delay: float = 0.0


class Scenarios:
    """The scenarios that wait, first in first out for each operation (`POST /api/…`).

    They belong to the mock and not to its contract: a reload keeps them. `waiting` is empty
    while there are none.
    """

    __slots__ = ("waiting",)

    def __init__(self) -> None:
        self.waiting: dict[str, deque[Scenario]] = {}

    def __iter__(self) -> Iterator[tuple[str, Scenario]]:
        for operation, waiting in self.waiting.items():
            for scenario in waiting:
                yield operation, scenario

    def force(self, operation: str, scenario: Scenario, *, times: int = 1) -> None:
        """Let a scenario be the next `times` answers of an operation, after those that wait."""
        if times < 1:
            raise ValueError(f"a scenario is played at least once, not {times} times")
        self.waiting.setdefault(operation, deque()).extend([scenario] * times)

    def take(self, operation: str) -> Scenario | None:
        """The scenario to play now; it is gone from the list."""
        waiting = self.waiting.get(operation)
        if not waiting:
            return None
        scenario = waiting.popleft()
        if not waiting:
            del self.waiting[operation]
        return scenario

    def clear(self) -> None:
        """Forget all."""
        self.waiting.clear()
