"""The scenarios that wait: which step comes next, for which request, given out exactly once.

They belong to the mock and not to its contract: a reload keeps them.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from secrets import token_hex
from typing import Protocol

from mock_server.model.scenarios import ANY_OPERATION, Scenario, Turn

__all__ = [
    "OwnScenarios",
    "ScenarioStore",
    "Scenarios",
    "TooManyScenariosError",
    "Waiting",
    "WaitingScenario",
]

MOST_WAITING = 10_000
"""Scenarios that may wait at a time: a page that forces answers in a loop must not fill memory."""
MOST_BYTES = 64 * 1024 * 1024
"""Of all their bodies together."""


class TooManyScenariosError(RuntimeError):
    """So many scenarios wait that no more are taken."""


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A scenario on its way: `played` counts the answers that it has given.

    Those of a `group` are exchanged together. Where several processes give its answers, they count
    under the name `counter`, which no other scenario ever has, and `played` stays 0.
    """

    id: str
    scenario: Scenario
    group: str = ""
    played: int = 0
    counter: str = field(default_factory=lambda: token_hex(8))
    _ends: list[int] = field(init=False, repr=False, compare=False)
    _turns: dict[int, Turn] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        # After how many answers each step is over: of a thousand steps the next is found at once.
        self._ends = [*accumulate(answer.times for answer in self.scenario.answers)]

    def next(self) -> Turn:
        """The step that comes next; it counts as played."""
        turn = self.turn(self.played)
        assert turn is not None, "a scenario that is over does not wait"
        self.played += 1
        return turn

    def turn(self, number: int) -> Turn | None:
        """The answer of a number, from 0 on; None where the scenario is over before it."""
        if self.scenario.repeat:
            number %= self._ends[-1]
        elif number >= self._ends[-1]:
            return None
        step = bisect_right(self._ends, number)
        if step not in self._turns:
            answer, name = self.scenario.answers[step], self.scenario.name or self.id
            self._turns[step] = Turn(id=self.id, name=name, answer=answer)
        return self._turns[step]

    def is_over(self, played: int) -> bool:
        """Whether nothing is left after so many answers."""
        return not self.scenario.repeat and played >= self._ends[-1]

    def seen(self, played: int) -> WaitingScenario:
        """It as others see it, after so many answers."""
        left = None if self.scenario.repeat else self._ends[-1] - played
        return WaitingScenario(id=self.id, scenario=self.scenario, left=left)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingScenario:
    """A scenario that waits; `left` counts its answers, None where it repeats."""

    id: str
    scenario: Scenario
    left: int | None


@dataclass(slots=True)
class Scenarios:
    """The scenarios that wait. `waiting` is empty while there are none.

    An answer is given out exactly once, whatever threads ask at a time. `count` is how many have
    waited so far. `groups` are those that wait from the start, by the group's name.
    """

    waiting: dict[str, Waiting] = field(default_factory=dict)
    count: int = 0
    groups: dict[str, tuple[Scenario, ...]] = field(default_factory=dict)
    # By operation and key, so that a request costs the same among ten thousand that wait.
    _meant: dict[tuple[str, str | None], dict[str, Waiting]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __post_init__(self) -> None:
        for one in self.waiting.values():
            self._note(one)

    def __iter__(self) -> Iterator[WaitingScenario]:
        with self._lock:
            waiting = list(self.waiting.values())
        for one in waiting:
            yield one.seen(one.played)

    def add(self, scenario: Scenario, group: str = "") -> str:
        """Let a scenario wait for its requests; returns its id.

        Raises:
            TooManyScenariosError: MOST_WAITING of them wait already.
        """
        with self._lock:
            if len(self.waiting) >= MOST_WAITING:
                raise TooManyScenariosError(
                    f"{MOST_WAITING} scenarios are waiting already; delete some, or reset"
                )
            if scenario.size and self._size() + scenario.size > MOST_BYTES:
                raise TooManyScenariosError(
                    f"the bodies of waiting scenarios may have {MOST_BYTES} bytes together; delete "
                    f"some, or reset"
                )
            self.count += 1
            id_ = f"s{self.count}"
            self.waiting[id_] = Waiting(id=id_, scenario=scenario, group=group)
            self._note(self.waiting[id_])
        return id_

    def _note(self, one: Waiting) -> None:
        self._meant.setdefault((one.scenario.operation, one.scenario.key), {})[one.id] = one

    def _forget(self, id_: str) -> bool:
        one = self.waiting.pop(id_, None)
        if one is None:
            return False
        meant = (one.scenario.operation, one.scenario.key)
        del self._meant[meant][id_]
        if not self._meant[meant]:
            del self._meant[meant]
        return True

    def _size(self) -> int:
        return sum(one.scenario.size for one in self.waiting.values())

    def take(self, operation: str, key: str | None) -> Turn | None:
        """The step to answer a request with; it counts as played."""
        with self._lock:
            chosen = self.chosen(operation, key)
            if chosen is None:
                return None
            turn = chosen.next()
            if chosen.is_over(chosen.played):
                self._forget(chosen.id)
            return turn

    def chosen(self, operation: str, key: str | None) -> Waiting | None:
        """The scenario that a request is answered from; None where none fits.

        Scenarios with the request's key go before those without, those of the operation before
        those of all, those that end before those that repeat; among equals the first goes first,
        of those that repeat the last: it is the state that was asked for last.
        """
        keys = (None,) if key is None else (key, None)
        for one in keys:
            for name in (operation, ANY_OPERATION):
                if fitting := self._meant.get((name, one)):
                    ending = (each for each in fitting.values() if not each.scenario.repeat)
                    return next(ending, None) or next(reversed(fitting.values()))
        return None

    def remove(self, id_: str) -> bool:
        """Take a scenario back; False where none has this id."""
        with self._lock:
            return self._forget(id_)

    def exchange(self, group: str, scenarios: Sequence[Scenario]) -> None:
        """Let scenarios wait in place of those that the group had before."""
        for id_ in [i for i, one in self.waiting.items() if one.group == group]:
            self.remove(id_)
        self.groups[group] = tuple(scenarios)
        for one in scenarios:
            self.add(one, group)

    def begin_again(self, key: str | None = None) -> None:
        """Let those of the groups wait as at the start, and no others; or so for those of a key."""
        self.clear(key)
        for group, scenarios in self.groups.items():
            for one in scenarios:
                if key in (None, one.key):
                    self.add(one, group)

    def clear(self, key: str | None = None) -> None:
        """Delete all scenarios, or those of a key."""
        with self._lock:
            gone = [i for i, one in self.waiting.items() if key in (None, one.scenario.key)]
            for id_ in gone:
                self._forget(id_)


class ScenarioStore(Protocol):
    """What the mock asks of its scenarios, of one process or of several.

    `waiting` is false where none waits. All but `take` may raise StateLostError.
    """

    @property
    def waiting(self) -> object:
        """Whatever is true while a scenario waits."""

    async def take(self, operation: str, key: str | None) -> Turn | None:
        """The step to answer a request with; it counts as played."""

    async def add(self, scenario: Scenario) -> str:
        """Let a scenario wait. Raises TooManyScenariosError."""

    async def exchange(self, group: str, scenarios: Sequence[Scenario]) -> None:
        """Let scenarios wait in place of those that the group had before."""

    async def remove(self, id_: str) -> bool:
        """Take a scenario back; False where none has this id."""

    async def clear(self, key: str | None = None) -> None:
        """Delete all scenarios, or those of a key."""

    async def listed(self) -> list[WaitingScenario]:
        """What waits."""


class OwnScenarios:
    """The scenarios of one process as a ScenarioStore."""

    def __init__(self, scenarios: Scenarios) -> None:
        self._scenarios = scenarios
        # The dictionary itself: looking at it costs a request no call.
        self.waiting = scenarios.waiting

    async def take(self, operation: str, key: str | None) -> Turn | None:
        """The step to answer a request with."""
        return self._scenarios.take(operation, key)

    async def add(self, scenario: Scenario) -> str:
        """Let a scenario wait. Raises TooManyScenariosError."""
        return self._scenarios.add(scenario)

    async def exchange(self, group: str, scenarios: Sequence[Scenario]) -> None:
        """Let scenarios wait in place of those that the group had before."""
        self._scenarios.exchange(group, scenarios)

    async def remove(self, id_: str) -> bool:
        """Take a scenario back; False where none has this id."""
        return self._scenarios.remove(id_)

    async def clear(self, key: str | None = None) -> None:
        """Delete all scenarios, or those of a key."""
        self._scenarios.clear(key)

    async def listed(self) -> list[WaitingScenario]:
        """What waits."""
        return [*self._scenarios]
