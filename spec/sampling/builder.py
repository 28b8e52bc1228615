"""Candidates for a value: one schema taken apart, and built from.

The first candidate is the plainest, or what chance makes of it; the later ones are for a judge
who refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from spec.sampling.arrays import ListBuilder, rows_of
from spec.sampling.layers import Fork, Layer, LayerBundle
from spec.sampling.names import number_named
from spec.sampling.numbers import interval_of, numbers_in
from spec.sampling.objects import ObjectBuilder, members_of
from spec.sampling.proposals import (
    TYPES,
    choices,
    fits,
    given_by,
    is_among,
    is_clean,
    is_partial,
    members_left,
    proposals,
)
from spec.sampling.search import NOTHING, DeadEndError, Spot
from spec.sampling.strings import strings_of
from spec.sampling.telling_apart import told_apart
from spec.sampling.tools import Tools, copied, leads_back
from spec.schemas.alternatives import SchemaValue

__all__ = ["DEEPEST", "SampleBuilder"]

_HINTS = {
    "object": ("properties", "required", "additionalProperties", "patternProperties"),
    "array": ("items", "prefixItems", "contains", "minItems", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_APART = 8
_BUNDLES = 24
_ANYTHING: Layer = {}
DEEPEST = 100
"""Levels of a value; one that needs more is given up."""
_MEANT = 100
"""Alternatives of which the one that an example means is looked for."""


class SampleBuilder:
    """Builds candidates for the schemas of one document."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    def candidates(self, schema: SchemaValue, spot: Spot) -> Iterator[Any]:
        """Values that may satisfy a schema. Raises DeadEndError where none can."""
        self.tools.fuel.spend()
        # Python's stack: each level takes several frames here.
        if spot.depth > DEEPEST:
            raise DeadEndError
        bundles = self.tools.unfolder.bundles(schema, self._order(spot), spot.refs)
        for bundle in islice(bundles, _BUNDLES):
            # From the second time that a definition is met on the way down, the least that is
            # valid.
            recurs = bool(bundle.refs & spot.refs)
            here = spot.but(bare=True) if recurs and not spot.bare else spot
            with suppress(DeadEndError):
                yield from self._built(bundle, here)

    def told_apart(self, schema: SchemaValue, spot: Spot) -> Iterator[Any]:
        """Objects that one alternative of `oneOf` allows, and no other; each has to be judged."""
        bundles = self.tools.unfolder.bundles(schema, self._order(spot), spot.refs)
        for bundle in islice(bundles, _APART):
            if not any("oneOf" in layer for layer in bundle.layers):
                return
            with suppress(DeadEndError):
                for value in islice(self._built(bundle, spot), 1):
                    if isinstance(value, dict):
                        yield from told_apart(value, bundle.layers, self.tools.unfolder.definitions)

    def _order(self, spot: Spot) -> Callable[[Fork, LayerBundle], list[SchemaValue]]:
        def ordered(fork: Fork, bundle: LayerBundle) -> list[SchemaValue]:
            branches = list(fork.branches)
            if spot.random is not None:
                spot.random.shuffle(branches)
            elif len(branches) <= _MEANT and (shown := proposals(bundle.layers)[:1]):
                # An example beside alternatives says which of them is meant.
                branches.sort(key=lambda one: not self.tools.admits(one, *shown))
            if spot.bare or bundle.refs & spot.refs or leads_back(fork.branches, spot.refs):
                # The way out of the recursion first; else a list of lists of lists would use up the
                # fuel.
                branches.sort(key=self.tools.unfolder.minimum_depths.of)
            return branches

        return ordered

    def _built(self, bundle: LayerBundle, spot: Spot) -> Iterator[Any]:
        layers = bundle.layers or [_ANYTHING]
        types = bundle.types
        yield from map(copied, _chosen(choices(layers, types), spot))
        proposed = [one for one in proposals(layers) if fits(one, types) and is_clean(one)]
        members = members_left(layers)
        if members is not None:
            allowed = [one for one in members if fits(one, types)]
            if spot.tag is NOTHING and spot.random is None and not spot.nth:
                yield from map(copied, (one for one in proposed if is_among(one, allowed)))
            yield from _turned(allowed, spot)
            return
        ready = [] if spot.tag is NOTHING else [spot.tag]
        ready += proposed
        first = spot.tag is not NOTHING or spot.random is None or spot.random.random() < 0.5
        if first:
            # An example of one member of allOf lacks what the others ask for: it is completed.
            whole = [
                one for one in ready if not (isinstance(one, dict) and is_partial(one, layers))
            ]
            yield from map(copied, whole[spot.nth :])
        for name in self._ordered_types(layers, types, spot):
            with suppress(DeadEndError):
                yield from self._of_type(name, layers, bundle, spot)
        if not first:
            yield from map(copied, ready)

    def _ordered_types(self, layers: list[Layer], types: Sequence[str], spot: Spot) -> list[str]:
        """Types in the order to try them; without any, as the other keywords hint."""
        if len(types) < len(TYPES):
            ordered = [name for name in types if name != "null"]
            if spot.random is not None:
                spot.random.shuffle(ordered)
            if "null" not in types:
                return ordered
            # A value that may be null mostly is not: clients are to see both.
            rarely = spot.random is not None and spot.random.random() < 0.2
            is_first = rarely or self._is_caught(layers, spot)
            return ["null", *ordered] if is_first else [*ordered, "null"]
        hinted = [
            name
            for name, keywords in _HINTS.items()
            if any(keyword in layer for layer in layers for keyword in keywords)
        ]
        # Without any hint, a body is an object, and what is in it a text.
        usual = ["string", "object"] if spot.name or spot.nth else ["object", "string"]
        return list(dict.fromkeys([*hinted, *usual, *TYPES]))

    def _is_caught(self, layers: list[Layer], spot: Spot) -> bool:
        """Whether going on here would recurse without an end."""
        return spot.bare and any(layer.get("$ref") in spot.refs for layer in layers)

    def _of_type(
        self, name: str, layers: list[Layer], bundle: LayerBundle, spot: Spot
    ) -> Iterator[Any]:
        match name:
            case "object":
                given = given_by(layers) if spot.random is None else {}
                yield from ObjectBuilder(
                    tools=self.tools,
                    given=given,
                    members=members_of(layers, bundle.tags),
                    tags=bundle.tags,
                    spot=spot,
                    refs=spot.refs | bundle.refs,
                ).candidates()
            case "array":
                yield from ListBuilder(
                    tools=self.tools,
                    rows=rows_of(layers),
                    spot=spot,
                    refs=spot.refs | bundle.refs,
                ).candidates()
            case "string":
                yield from strings_of(layers, spot.name, spot.random, spot.nth)
            case "integer" | "number":
                interval = interval_of(layers, name == "integer")
                known = number_named(spot.name, spot.random) if not spot.nth else None
                if known is not None and known in interval:
                    yield known.numerator if known.denominator == 1 else float(known)
                yield from islice(numbers_in(interval, spot.random), spot.nth, None)
            case "boolean":
                first = spot.random is None or spot.random.random() < 0.5
                yield from (first, not first) if spot.nth % 2 == 0 else (not first, first)
            case "null":
                yield None


def _chosen(wanted: list[Any], spot: Spot) -> list[Any]:
    """What is asked for, beginning with the one whose turn it is."""
    if not wanted:
        return []
    turn = spot.nth if spot.random is None else spot.random.randrange(len(wanted))
    start = turn % len(wanted)
    return wanted[start:] + wanted[:start]


def _turned(members: list[Any], spot: Spot) -> Iterator[Any]:
    """Members in the order in which to try them; null last."""
    if spot.tag is not NOTHING and spot.tag in members:
        members = [spot.tag]
    ordered = sorted(members, key=lambda one: one is None)
    if spot.random is not None:
        spot.random.shuffle(ordered)
    start = spot.nth % len(ordered) if ordered else 0
    yield from map(copied, ordered[start:] + ordered[:start])
