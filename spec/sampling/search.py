"""The state of one search for a value: its position, the values made so far, and its limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from spec.schemas.alternatives import SchemaValue

__all__ = ["NOTHING", "DeadEndError", "ExhaustedError", "Fuel", "MadeUp", "Spot"]


class DeadEndError(Exception):
    """No value comes of going on like this; another way may lead on."""


class ExhaustedError(Exception):
    """The search has gone on for too long."""


class Fuel:
    """Counts the steps of one search, so that it ends."""

    __slots__ = ("full", "left")

    def __init__(self, full: int) -> None:
        self.full = self.left = full

    def spend(self) -> None:
        """Take a step. Raises ExhaustedError where none is left."""
        self.left -= 1
        if self.left < 0:
            raise ExhaustedError

    @property
    def spent(self) -> int:
        """The steps that were taken."""
        return self.full - self.left

    def refill(self) -> None:
        """Begin another search."""
        self.left = self.full


class MadeUp:
    """Remembers what was made of which schemas, and keeps both alive, so that an id stays one's."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def once(self, why: str, schema: Any, make: Callable[[Any], Any]) -> Any:
        """What `make` gives for a schema; the same object every time."""
        # The schema is kept beside the result, so that no other object can get its id.
        key = (why, id(schema))
        if key not in self._made:
            self._made[key] = (schema, make(schema))
        return self._made[key][1]

    def joined(self, parts: Sequence[SchemaValue]) -> SchemaValue:
        """One schema for all that is said of one place."""
        if len(parts) == 1:
            return parts[0]
        key = ("joined", *map(id, parts))
        if key not in self._made:
            self._made[key] = (parts, {"allOf": list(parts)} if parts else True)
        joined: SchemaValue = self._made[key][1]
        return joined

    def negated(self, schema: SchemaValue) -> SchemaValue:
        """The schema of all other values."""
        negated: SchemaValue = self.once("not", schema, lambda one: {"not": one})
        return negated


NOTHING: Final = object()
_FULL_DEPTH = 4
"""Objects nested deeper than this have their required properties alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in the value.

    `random` is None for the plainest value; `nth` asks for another value than the first; `tag`
    is what a discriminator wants here; `bare` asks for as little as is valid, and `strict` that
    every part is judged on its own; `refs` are the references that led here.
    """

    name: str = ""
    depth: int = 0
    random: Random | None = None
    nth: int = 0
    tag: Any = NOTHING
    bare: bool = False
    strict: bool = False
    refs: frozenset[str] = frozenset()

    def below(self, name: str, refs: frozenset[str], nth: int = 0, tag: Any = NOTHING) -> Spot:
        """The place of a property or an item."""
        return replace(self, name=name, depth=self.depth + 1, refs=refs, nth=nth, tag=tag)

    def but(self, **changed: Any) -> Spot:
        """The same place with other wishes."""
        return replace(self, **changed)

    @property
    def is_full(self) -> bool:
        """Whether optional properties belong into the value here."""
        return not self.bare and self.depth < _FULL_DEPTH
