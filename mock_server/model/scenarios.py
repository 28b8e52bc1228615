"""What a scenario is: a state into which an operation, or all of them, is put for some answers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "ANY_OPERATION",
    "NO_DELAY",
    "Cut",
    "Delay",
    "Scenario",
    "ScenarioAnswer",
    "Turn",
]

ANY_OPERATION = "*"

Cut: TypeAlias = Literal["before", "headers"] | int
"""Where the connection is cut: before the head, after it, or after so many bytes of the body."""


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

    @property
    def decides(self) -> bool:
        """Whether it says what is answered, or how; else the mock decides as without it."""
        named = (self.status, self.example, self.body, self.cut, self.pace, self.events)
        return bool(self.headers) or any(one is not None for one in named)

    @property
    def is_ordinary(self) -> bool:
        """Whether it leaves whole and at once, after its delay."""
        return self.cut is None and self.pace is None


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

    @property
    def size(self) -> int:
        """The bytes of its bodies."""
        return sum(len(answer.body) for answer in self.answers if answer.body is not None)

    @property
    def is_steady(self) -> bool:
        """Whether every request gets the same answer, however many there are."""
        return self.repeat and [one.times for one in self.answers] == [1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Turn:
    """The step of a scenario that a request is answered with; requests of one step share it."""

    id: str
    name: str
    answer: ScenarioAnswer
