"""Candidates for a value: one schema taken apart, and built from.

The first candidate is the plainest, or what chance makes of it; the later ones are for a judge
who refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from random import Random
from typing import Any

from jsonschema_rs.canonical.schema import clone

from spec.sampling.arrays import Rows, rows_of
from spec.sampling.dead_ends import DeadEndError, Fuel
from spec.sampling.layers import Bundle, Fork, Layer, Unfolder
from spec.sampling.members import Members, members_of
from spec.sampling.numbers import interval_of, numbers_in
from spec.sampling.proposals import TYPES, fits, is_clean, members_left, proposals
from spec.sampling.spots import NOTHING, Spot
from spec.sampling.strings import strings_of
from spec.shapes import SchemaValue

__all__ = ["Builder"]

_HINTS = {
    "object": ("properties", "required", "additionalProperties", "patternProperties"),
    "array": ("items", "prefixItems", "contains", "minItems", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_PLENTY = 300
"""Parts after which optional properties are left out, but for the two uppermost levels."""
_BUNDLES = 24
_ANYTHING: Layer = {}
_DEEPEST = 100


class Builder:
    """Builds candidates. `value` gives one for a part, `admits` judges a part."""

    def __init__(
        self,
        definitions: Mapping[str, SchemaValue],
        value: Callable[[SchemaValue, Spot], Any],
        admits: Callable[[SchemaValue, Any], bool],
        fuel: Fuel,
        omitted: str = "",
    ) -> None:
        self._value = value
        self._admits = admits
        self._made: dict[tuple[Any, ...], tuple[Any, Any]] = {}
        self._unfolder = Unfolder(definitions, self._keep, fuel)
        self.heights = self._unfolder.heights
        self.fuel = fuel
        self._omitted = omitted

    def candidates(self, schema: SchemaValue, spot: Spot) -> Iterator[Any]:
        """Values that may satisfy a schema. Raises DeadEndError where none can."""
        self.fuel.spend()
        if spot.depth > _DEEPEST:
            raise DeadEndError
        bundles = self._unfolder.bundles(schema, self._order(spot), spot.refs)
        for bundle in islice(bundles, _BUNDLES):
            recurs = bool(bundle.refs & spot.refs)
            here = spot.but(bare=True) if recurs and not spot.bare else spot
            with suppress(DeadEndError):
                yield from self._built(bundle, here)

    def _order(self, spot: Spot) -> Callable[[Fork, Bundle], list[SchemaValue]]:
        def ordered(fork: Fork, bundle: Bundle) -> list[SchemaValue]:
            branches = list(fork.branches)
            if spot.random is not None:
                spot.random.shuffle(branches)
            if spot.bare or bundle.refs & spot.refs or (spot.refs and self._leads_back(fork, spot)):
                branches.sort(key=self.heights.of)
            return branches

        return ordered

    def _leads_back(self, fork: Fork, spot: Spot) -> bool:
        return any(isinstance(one, dict) and one.get("$ref") in spot.refs for one in fork.branches)

    def _built(self, bundle: Bundle, spot: Spot) -> Iterator[Any]:
        layers = bundle.layers or [_ANYTHING]
        types = bundle.types
        members = members_left(layers)
        if members is not None:
            yield from _turned([one for one in members if fits(one, types)], spot)
            return
        ready = [] if spot.tag is NOTHING else [spot.tag]
        ready += [one for one in proposals(layers) if fits(one, types) and is_clean(one)]
        first = spot.tag is not NOTHING or spot.random is None or spot.random.random() < 0.5
        if first:
            yield from map(_copied, ready[spot.nth :])
        for name in self._ordered_types(layers, types, spot):
            with suppress(DeadEndError):
                yield from self._of_type(name, layers, bundle, spot)
        if not first:
            yield from map(_copied, ready)

    def _ordered_types(self, layers: list[Layer], types: Sequence[str], spot: Spot) -> list[str]:
        """Types in the order to try them; without any, as the other keywords hint."""
        if len(types) < len(TYPES):
            ordered = [name for name in types if name != "null"]
            if spot.random is not None:
                spot.random.shuffle(ordered)
            if "null" not in types:
                return ordered
            rarely = spot.random is not None and spot.random.random() < 0.2
            return (
                ["null", *ordered]
                if rarely or self._is_caught(layers, spot)
                else [*ordered, "null"]
            )
        hinted = [
            name
            for name, keywords in _HINTS.items()
            if any(keyword in layer for layer in layers for keyword in keywords)
        ]
        usual = ["string", "object"] if spot.name or spot.nth else ["object", "string"]
        return list(dict.fromkeys([*hinted, *usual, *TYPES]))

    def _is_caught(self, layers: list[Layer], spot: Spot) -> bool:
        """Whether going on here would recurse without an end."""
        return spot.bare and any(layer.get("$ref") in spot.refs for layer in layers)

    def _of_type(self, name: str, layers: list[Layer], bundle: Bundle, spot: Spot) -> Iterator[Any]:
        match name:
            case "object":
                yield from self._objects(members_of(layers, bundle.tags), bundle, spot)
            case "array":
                yield from self._arrays(rows_of(layers), bundle, spot)
            case "string":
                yield from strings_of(layers, spot.name, spot.random, spot.nth)
            case "integer" | "number":
                interval = interval_of(layers, name == "integer")
                yield from islice(numbers_in(interval, spot.random), spot.nth, None)
            case "boolean":
                first = spot.random is None or spot.random.random() < 0.5
                yield from (first, not first) if spot.nth % 2 == 0 else (not first, first)
            case "null":
                yield None

    # Objects

    def _objects(self, members: Members, bundle: Bundle, spot: Spot) -> Iterator[dict[str, Any]]:
        refs = spot.refs | bundle.refs
        yield self._object(members, self._chosen(members, spot, refs), bundle, spot, refs)
        if spot.strict and not spot.bare:
            yield self._object(members, [], bundle, spot.but(bare=True), refs)
            for name in members.declared:
                yield self._object(members, [name], bundle, spot.but(bare=True), refs)

    def _chosen(self, members: Members, spot: Spot, refs: frozenset[str]) -> list[str]:
        """The optional properties to have."""
        plenty = self.fuel.spent > _PLENTY and spot.depth > 1
        if not spot.is_full or plenty:
            return []
        optional = [one for one in members.declared if one not in members.required]
        if spot.random is not None:
            optional = [one for one in optional if spot.random.random() < 0.8]
        return [
            one
            for one in optional
            if not self._recurs(members.of(one), refs) and not self._is_omitted(members.of(one))
        ]

    def _is_omitted(self, parts: Iterable[SchemaValue]) -> bool:
        """Whether a property is marked as one that does not travel this way."""
        if not self._omitted:
            return False
        layers = [one for one in parts if isinstance(one, dict)]
        targets = [self._unfolder.target(one["$ref"]) for one in layers if "$ref" in one]
        return any(
            isinstance(one, dict) and one.get(self._omitted) is True for one in (*layers, *targets)
        )

    def _recurs(self, parts: list[SchemaValue], refs: frozenset[str]) -> bool:
        """Whether a property leads straight back to where we are."""
        return any(isinstance(one, dict) and one.get("$ref") in refs for one in parts)

    def _object(
        self,
        members: Members,
        optional: list[str],
        bundle: Bundle,
        spot: Spot,
        refs: frozenset[str],
    ) -> dict[str, Any]:
        wanted = self._names(members, optional)
        required = set(members.with_dependents(members.required))
        made: dict[str, Any] = {}
        for name in wanted:
            value = self._property(members, name, bundle, spot, refs)
            if value is not NOTHING:
                made[name] = value
            elif name in required:
                raise DeadEndError
        for name in [one for one in made if not made.keys() >= set(members.dependent.get(one, ()))]:
            del made[name]
        self._fill(members, made, bundle, spot, refs)
        return made

    def _names(self, members: Members, optional: list[str]) -> list[str]:
        """Which properties to have: declared ones in their order, then the rest."""
        names = set(members.with_dependents(members.required))
        for name in optional:
            added = {one for one in members.with_dependents([name]) if one not in names}
            if members.most is None or len(names) + len(added) <= members.most:
                names |= added
        names -= members.forbidden
        declared = [name for name in members.declared if name in names]
        return declared + sorted(names.difference(declared))

    def _property(
        self, members: Members, name: str, bundle: Bundle, spot: Spot, refs: frozenset[str]
    ) -> Any:
        if not all(self._admits(schema, name) for schema in members.names):
            return NOTHING
        parts = members.of(name)
        if any(part is False for part in parts):
            return NOTHING
        below = spot.below(name, refs, spot.nth, bundle.tags.get(name, NOTHING))
        try:
            return self._value(self._joined(parts), below)
        except DeadEndError:
            return NOTHING

    def _fill(
        self,
        members: Members,
        made: dict[str, Any],
        bundle: Bundle,
        spot: Spot,
        refs: frozenset[str],
    ) -> None:
        """Add properties until there are enough; a dictionary gets one to show itself."""
        least = max(
            members.least, 1 if members.is_map and spot.is_full and members.most != 0 else 0
        )
        if len(made) >= least:
            return
        if members.most is not None and least > members.most:
            raise DeadEndError
        declared = [name for name in members.declared if name not in members.forbidden]
        for name in (*declared, *islice(members.extra(), 2 * least + 60)):
            if name not in made and name not in members.forbidden:
                value = self._property(members, name, bundle, spot, refs)
                if value is not NOTHING:
                    made[name] = value
            if len(made) >= least:
                return
        if len(made) < members.least:
            raise DeadEndError

    # Arrays

    def _arrays(self, rows: Rows, bundle: Bundle, spot: Spot) -> Iterator[list[Any]]:
        refs = spot.refs | bundle.refs
        caught = self._recurs(rows.item(0), refs)
        here = spot.but(bare=True) if caught and not spot.bare else spot
        for count in rows.counts(here):
            for start in rows.places():
                with suppress(DeadEndError):
                    yield self._array(rows, max(count, start + len(rows.needed)), start, spot, refs)
        if spot.strict and len(rows.needed) > 1:
            yield from self._arrays(
                self._keep("merged", rows.layers, lambda _: rows.merged()), bundle, spot
            )

    def _array(
        self, rows: Rows, count: int, start: int, spot: Spot, refs: frozenset[str]
    ) -> list[Any]:
        """A list of so many items; those that `contains` needs begin at `start`."""
        needed = range(start, start + len(rows.needed))
        made: list[Any] = []
        seen: set[str] = set()
        for index in range(count):
            parts = rows.item(index)
            if any(part is False for part in parts):
                break
            if index in needed:
                parts = [*parts, rows.needed[index - start]]
            elif rows.unwanted:
                parts = [*parts, *(self._keep("not", one, _negation) for one in rows.unwanted)]
            if index > max(20, needed.stop, rows.prefix_length + 10) and not rows.distinct:
                made.append(_copied(made[index - 10]))
                continue
            try:
                made.append(self._item(rows, self._joined(parts), index, spot, refs, seen))
            except DeadEndError:
                if index < max(rows.least, needed.stop):
                    raise
                break
        if len(made) < max(rows.least, needed.stop if needed else 0):
            raise DeadEndError
        return made

    def _item(
        self, rows: Rows, schema: SchemaValue, index: int, spot: Spot,
        refs: frozenset[str], seen: set[str],
    ) -> Any:  # fmt: skip
        if not rows.distinct:
            return self._value(schema, spot.below(spot.name, refs))
        for nth in range(index, index + 40):
            place = spot.below(spot.name, refs, nth=nth)
            value = self._value(
                schema, place if nth < index + 20 else place.but(random=Random(nth))
            )
            key = json.dumps(value, sort_keys=True)
            if key not in seen:
                seen.add(key)
                return value
        raise DeadEndError

    def _keep(self, why: str, schema: Any, make: Callable[[Any], Any]) -> Any:
        """What is made of a schema, once: judges are remembered by the identity of a schema."""
        key = (why, id(schema))
        if key not in self._made:
            self._made[key] = (schema, make(schema))
        return self._made[key][1]

    def _joined(self, parts: list[SchemaValue]) -> SchemaValue:
        if len(parts) == 1:
            return parts[0]
        key = ("joined", *map(id, parts))
        if key not in self._made:
            self._made[key] = (parts, {"allOf": parts} if parts else True)
        joined: SchemaValue = self._made[key][1]
        return joined


def _turned(members: list[Any], spot: Spot) -> Iterator[Any]:
    """Members in the order in which to try them; null last."""
    if spot.tag is not NOTHING and spot.tag in members:
        members = [spot.tag]
    ordered = sorted(members, key=lambda one: one is None)
    if spot.random is not None:
        spot.random.shuffle(ordered)
    start = spot.nth % len(ordered) if ordered else 0
    yield from map(_copied, ordered[start:] + ordered[:start])


def _copied(value: Any) -> Any:
    return clone(value) if isinstance(value, (dict, list)) else value


def _negation(schema: SchemaValue) -> SchemaValue:
    return {"not": schema}
