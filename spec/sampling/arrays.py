"""Arrays: how many items, of which schema, how they differ, and the lists that come of it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from spec.sampling.layers import Layer
from spec.sampling.proposals import lengths
from spec.sampling.search import DeadEndError, Spot
from spec.sampling.tools import Tools, copied, leads_back
from spec.schemas.alternatives import SchemaValue

__all__ = ["ListBuilder", "Rows", "rows_of"]

_MOST = 100_000
"""Items, and values within all items together; an array that needs more is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the layers together ask of an array.

    `needed` are the schemas of `contains`, once for each item that they want; `unwanted` are
    those that must not match anywhere else.
    """

    layers: Sequence[Layer]
    least: int
    most: int | None
    distinct: bool
    needed: tuple[SchemaValue, ...]
    unwanted: tuple[SchemaValue, ...]

    def places(self) -> list[int]:
        """Where the needed items may begin: after the prefix, at best."""
        after = self.prefix_length
        if self.most is not None:
            # A short `maxItems` moves what `contains` needs into the prefix.
            after = max(0, min(after, self.most - len(self.needed)))
        return [after, *range(after)] if self.needed else [0]

    def counts(self, spot: Spot) -> list[int]:
        """How many items to make; in a strict place, the least numbers as well."""
        usual = max(1, self.prefix_length)
        if spot.random is not None:
            usual += spot.random.randint(0, 2)
        least = max(self.least, len(self.needed))
        wished = lengths(self.layers)
        if wished is not None and spot.is_full:
            count = wished[0] if spot.random is None else spot.random.randint(*wished)
            least = min(max(least, count), _MOST if self.most is None else self.most)
            return [least]
        if least > (_MOST if self.most is None else self.most):
            return []
        count = max(least, usual if spot.is_full else 0)
        counts = [count, *(range(least, least + 3) if spot.strict else ())]
        return [one if self.most is None else min(one, self.most) for one in dict.fromkeys(counts)]

    def item(self, index: int) -> list[SchemaValue]:
        """All that is said of the item at an index."""
        parts = [part for layer in self.layers for part in _item(layer, index)]
        evaluated = any("items" in one or index < _length(one) for one in self.layers)
        if not evaluated:
            parts += [one["unevaluatedItems"] for one in self.layers if "unevaluatedItems" in one]
        return parts

    @property
    def prefix_length(self) -> int:
        """How many items have a schema of their own."""
        return max(_length(layer) for layer in self.layers)


def rows_of(layers: Sequence[Layer]) -> Rows:
    """What the layers ask. Raises DeadEndError where no length satisfies them."""
    least = max(int(layer.get("minItems", 0)) for layer in layers)
    lengths = [int(layer["maxItems"]) for layer in layers if "maxItems" in layer]
    most = min(lengths, default=None)
    if (most is not None and least > most) or least > _different(layers):
        raise DeadEndError
    containing = [layer for layer in layers if "contains" in layer]
    times = [int(layer.get("minContains", 1)) for layer in containing]
    if sum(times) > _MOST:
        raise DeadEndError
    return Rows(
        layers=layers,
        least=least,
        most=most,
        distinct=any(layer.get("uniqueItems") is True for layer in layers),
        needed=tuple(
            layer["contains"]
            for layer, count in zip(containing, times, strict=True)
            for _ in range(count)
        ),
        unwanted=tuple(layer["contains"] for layer in containing if "maxContains" in layer),
    )


def _different(layers: Sequence[Layer]) -> float:
    """The most items that can differ, as far as an `enum` of all items bounds it."""
    if not any(layer.get("uniqueItems") is True for layer in layers):
        return math.inf
    if any(_length(layer) for layer in layers):
        return math.inf
    enums = [_members(layer.get("items")) for layer in layers]
    return min((len(one) for one in enums if one is not None), default=math.inf)


def _members(schema: SchemaValue | None) -> list[Any] | None:
    members = schema.get("enum") if isinstance(schema, dict) else None
    return members if isinstance(members, list) else None


def _size(value: Any) -> int:
    """How many values are in a value, itself among them."""
    pending, size = [value], 0
    while pending:
        one = pending.pop()
        size += 1
        if isinstance(one, dict):
            pending += one.values()
        elif isinstance(one, list):
            pending += one
    return size


def _item(layer: Layer, index: int) -> list[Any]:
    prefix = layer.get("prefixItems", ())
    if index < len(prefix):
        return [prefix[index]]
    return [layer["items"]] if "items" in layer else []


def _length(layer: Layer) -> int:
    return len(layer.get("prefixItems", ()))


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
        # A tree whose children are lists of itself: what is in them is kept to the least.
        if leads_back(rows.item(0), self.refs):
            spot = spot.but(bare=True)
        for count in rows.counts(spot):
            for start in rows.places():
                with suppress(DeadEndError):
                    yield self.built(max(count, start + len(rows.needed)), start)
        # One item may satisfy several `contains`, where `maxItems` has no room for one each.
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
            # An array may have to be long: ten different items show as much as all of them.
            if index > max(_VARIED, needed.stop, rows.prefix_length + 10) and not rows.distinct:
                made.append(copied(made[index - 10]))
                continue
            try:
                made.append(self.item(self.tools.made_up.joined(parts), index, seen))
            except DeadEndError:
                if index < least:
                    raise
                break
            # Lists within lists multiply: the first item shows what all of them would take.
            if index == rows.prefix_length and _size(made[-1]) * (least - index) > _MOST:
                raise DeadEndError
        if len(made) < least:
            raise DeadEndError
        return made

    def parts(self, index: int, needed: range) -> Sequence[SchemaValue]:
        """All that is asked of the item at an index."""
        parts = self.rows.item(index)
        if index in needed:
            return [*parts, self.rows.needed[index - needed.start]]
        # With `maxContains`, all other items must be none of those that are counted.
        return [*parts, *map(self.tools.made_up.negated, self.rows.unwanted)]

    def item(self, schema: SchemaValue, index: int, seen: set[str]) -> Any:
        """A value for one item, other than those seen where all must differ."""
        if not self.rows.distinct:
            return self.tools.value(schema, self.spot.below(self.spot.name, self.refs))
        for nth in range(index, index + _TRIES):
            place = self.spot.below(self.spot.name, self.refs, nth=nth)
            # The plain values of a type are few: after half of the tries chance is asked.
            if nth >= index + _TRIES // 2:
                place = place.but(random=Random(nth))
            value = self.tools.value(schema, place)
            # Lists and objects have no hash. `1` and `1.0` are written apart, and never both made.
            key = json.dumps(value, sort_keys=True)
            if key not in seen:
                seen.add(key)
                return value
        raise DeadEndError
