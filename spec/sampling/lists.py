"""Arrays, item by item: those that `contains` needs, and no two alike where they must differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from spec.sampling.arrays import Rows
from spec.sampling.dead_ends import DeadEndError
from spec.sampling.spots import Spot
from spec.sampling.tools import Tools, copied, leads_back
from spec.schemas.shapes import SchemaValue

__all__ = ["ListBuilder"]

_VARIED = 20
"""Items that are made one by one; the ones after them repeat, where they may."""
_TRIES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBuilder:
    """Builds the arrays of one place. `refs` led there."""

    tools: Tools
    rows: Rows
    spot: Spot
    refs: frozenset[str]

    def candidates(self) -> Iterator[list[Any]]:
        """The usual list; in a strict place also shorter ones, and those with needs in one item."""
        rows, spot = self.rows, self.spot
        if leads_back(rows.item(0), self.refs):
            spot = spot.but(bare=True)
        for count in rows.counts(spot):
            for start in rows.places():
                with suppress(DeadEndError):
                    yield self.built(max(count, start + len(rows.needed)), start)
        if spot.strict and len(rows.needed) > 1:
            together = self.tools.made_up.joined(rows.needed)
            yield from replace(self, rows=replace(rows, needed=(together,))).candidates()

    def built(self, count: int, start: int) -> list[Any]:
        """A list of so many items; those that `contains` needs begin at `start`."""
        rows = self.rows
        needed = range(start, start + len(rows.needed))
        least = max(rows.least, needed.stop if needed else 0)
        made: list[Any] = []
        seen: set[str] = set()
        for index in range(count):
            parts = self.parts(index, needed)
            if any(part is False for part in parts):
                break
            if index > max(_VARIED, needed.stop, rows.prefix_length + 10) and not rows.distinct:
                made.append(copied(made[index - 10]))
                continue
            try:
                made.append(self.item(self.tools.made_up.joined(parts), index, seen))
            except DeadEndError:
                if index < least:
                    raise
                break
        if len(made) < least:
            raise DeadEndError
        return made

    def parts(self, index: int, needed: range) -> Sequence[SchemaValue]:
        """All that is asked of the item at an index."""
        parts = self.rows.item(index)
        if index in needed:
            return [*parts, self.rows.needed[index - needed.start]]
        return [*parts, *map(self.tools.made_up.negated, self.rows.unwanted)]

    def item(self, schema: SchemaValue, index: int, seen: set[str]) -> Any:
        """A value for one item, other than those seen where all must differ."""
        if not self.rows.distinct:
            return self.tools.value(schema, self.spot.below(self.spot.name, self.refs))
        for nth in range(index, index + _TRIES):
            place = self.spot.below(self.spot.name, self.refs, nth=nth)
            if nth >= index + _TRIES // 2:
                place = place.but(random=Random(nth))
            value = self.tools.value(schema, place)
            key = json.dumps(value, sort_keys=True)
            if key not in seen:
                seen.add(key)
                return value
        raise DeadEndError
