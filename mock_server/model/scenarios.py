"""Scenarios: states into which an operation, or all of them, is put for a number of answers.

A scenario belongs to the mock and not to its contract: a reload keeps it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias
from urllib.parse import unquote

from spec.text.pairs import split_cookies

__all__ = [
    "ANY_OPERATION",
    "Cut",
    "Delay",
    "OwnScenarios",
    "Scenario",
    "ScenarioAnswer",
    "ScenarioStore",
    "Scenarios",
    "TooManyScenariosError",
    "Turn",
    "Waiting",
    "WaitingScenario",
    "key_of",
]

ANY_OPERATION = "*"
MOST_WAITING = 10_000
"""Scenarios that may wait at a time: a page that forces answers in a loop must not fill memory."""

Cut: TypeAlias = Literal["before", "headers"] | int
"""Where the connection is cut: before the head, after it, or after so many bytes of the body."""


class TooManyScenariosError(RuntimeError):
    """So many scenarios wait that no more are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """How long an answer is held back, in seconds: a random time between two bounds."""

    least: float
    most: float

    def seconds(self) -> float:
        """The time for one answer."""
        return self.least if self.least == self.most else random.uniform(self.least, self.most)


NO_DELAY = Delay(least=0.0, most=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioAnswer:
    """One step of a scenario. What is None is chosen as for any other answer.

    `body` are the bytes to send in place of the contract's, and `media` is their media type.
    `headers` are added to, or take the place of, the contract's. `times` is how often the step is
    played. `pace` is in bytes a second. `events` is how many events of a stream are sent; a body
    that is given as well follows them.
    """

    status: int | None = None
    example: str | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes | None = None
    media: str | None = None
    delay: Delay = NO_DELAY
    times: int = 1
    cut: Cut | None = None
    pace: float | None = None
    events: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A sequence of answers of one operation (`POST /api/…`), or of all (`*`).

    With a `key` it is for the requests with that key alone. With `repeat` it begins again after
    its last answer, until it is deleted.
    """

    operation: str
    answers: tuple[ScenarioAnswer, ...]
    name: str = ""
    key: str | None = None
    repeat: bool = False

    def fits(self, operation: str, key: str | None) -> bool:
        """Whether it is meant for a request."""
        return self.operation in (operation, ANY_OPERATION) and self.key in (None, key)

    @property
    def is_steady(self) -> bool:
        """Whether every request gets the same answer, however many there are."""
        return self.repeat and [one.times for one in self.answers] == [1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The step of a scenario that a request is answered with."""

    id: str
    name: str
    answer: ScenarioAnswer


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A scenario on its way: which step comes next, and how often that was played.

    Those of a `group` are exchanged together.
    """

    id: str
    scenario: Scenario
    group: str = ""
    step: int = 0
    played: int = 0

    def next(self) -> Turn:
        """The turn of the next request; the play moves on by it."""
        answer = self.scenario.answers[self.step]
        self.played += 1
        if self.played >= answer.times:
            self.step, self.played = self.step + 1, 0
            if self.scenario.repeat:
                self.step %= len(self.scenario.answers)
        return Turn(id=self.id, name=self.scenario.name or self.id, answer=answer)

    @property
    def is_over(self) -> bool:
        """Whether no answer is left."""
        return self.step >= len(self.scenario.answers)

    @property
    def left(self) -> int | None:
        """How many answers it has left; None where it repeats."""
        if self.scenario.repeat:
            return None
        return sum(one.times for one in self.scenario.answers[self.step :]) - self.played


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
    waited so far.
    """

    waiting: dict[str, Waiting] = field(default_factory=dict)
    count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __iter__(self) -> Iterator[WaitingScenario]:
        with self._lock:
            waiting = list(self.waiting.values())
        for one in waiting:
            yield WaitingScenario(id=one.id, scenario=one.scenario, left=one.left)

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
            self.count += 1
            id_ = f"s{self.count}"
            self.waiting[id_] = Waiting(id=id_, scenario=scenario, group=group)
        return id_

    def take(self, operation: str, key: str | None) -> Turn | None:
        """The step to answer a request with; it counts as played.

        Scenarios with the request's key go before those without, those of the operation before
        those of all, those that end before those that repeat; among equals the first goes first,
        of those that repeat the last.
        """
        with self._lock:
            chosen = self._chosen(operation, key)
            if chosen is None:
                return None
            turn = chosen.next()
            if chosen.is_over:
                del self.waiting[chosen.id]
            return turn

    def take_steady(self, operation: str, key: str | None) -> Turn | None:
        """The same where playing changes nothing: one answer, until it is deleted. Else None."""
        with self._lock:
            chosen = self._chosen(operation, key)
            return chosen.next() if chosen is not None and chosen.scenario.is_steady else None

    def _chosen(self, operation: str, key: str | None) -> Waiting | None:
        fitting = [one for one in self.waiting.values() if one.scenario.fits(operation, key)]
        if not fitting:
            return None
        repeating = all(one.scenario.repeat for one in fitting)
        return min(reversed(fitting) if repeating else fitting, key=_rank)

    def remove(self, id_: str) -> bool:
        """Take a scenario back; False where none has this id."""
        with self._lock:
            return self.waiting.pop(id_, None) is not None

    def exchange(self, group: str, scenarios: Sequence[Scenario]) -> None:
        """Let scenarios wait in place of those that the group had before."""
        for id_ in [i for i, one in self.waiting.items() if one.group == group]:
            self.remove(id_)
        for one in scenarios:
            self.add(one, group)

    def clear(self, key: str | None = None) -> None:
        """Delete all scenarios, or those of a key."""
        with self._lock:
            gone = [i for i, one in self.waiting.items() if key in (None, one.scenario.key)]
            for id_ in gone:
                del self.waiting[id_]


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


def _rank(waiting: Waiting) -> tuple[bool, bool, bool]:
    scenario = waiting.scenario
    return scenario.key is None, scenario.operation == ANY_OPERATION, scenario.repeat


def key_of(fields: Mapping[bytes, bytes]) -> str | None:
    """The key that keeps a client's requests apart: `X-Mock-Key`, or the cookie `mock-key`."""
    if (key := fields.get(b"x-mock-key")) is not None:
        return key.decode("latin-1")
    cookie = fields.get(b"cookie")
    if cookie is None or b"mock-key" not in cookie:
        return None
    raw = dict(split_cookies(cookie.decode("latin-1"))).get("mock-key")
    return None if raw is None else unquote(raw)
