"""Objects: which members, under which names, and the values that come of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from spec.sampling.layers import Layer
from spec.sampling.patterns import strings_matching
from spec.sampling.search import NOTHING, DeadEndError, Spot
from spec.sampling.strings import matches, strings_of
from spec.sampling.tools import Tools, copied, leads_back
from spec.schemas.alternatives import SchemaValue

__all__ = ["Members", "ObjectBuilder", "members_of"]

_MOST = 10_000
"""Properties; an object that needs more is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What the layers together ask of an object."""

    layers: Sequence[Layer]
    declared: tuple[str, ...]
    required: tuple[str, ...]
    forbidden: frozenset[str]
    least: int
    most: int | None
    dependent: Mapping[str, tuple[str, ...]]
    names: tuple[SchemaValue, ...]

    def of(self, name: str) -> list[SchemaValue]:
        """All that is said of the value of a property."""
        parts, evaluated = [], False
        for layer in self.layers:
            own = list(_own(layer, name))
            if not own and "additionalProperties" in layer:
                own = [layer["additionalProperties"]]
            evaluated = evaluated or bool(own)
            parts += own
        # It applies only to what no other keyword has looked at (Core section 11.3).
        if not evaluated:
            parts += [
                one["unevaluatedProperties"]
                for one in self.layers
                if "unevaluatedProperties" in one
            ]
        return parts

    def with_dependents(self, names: Iterable[str]) -> list[str]:
        """The names with all that they demand beside them, in order and once each."""
        found: dict[str, None] = {}
        pending = list(names)
        while pending:
            name = pending.pop(0)
            if name not in found:
                found[name] = None
                pending.extend(self.dependent.get(name, ()))
        return list(found)

    @property
    def is_map(self) -> bool:
        """Whether it is a dictionary: open, with a schema for its values, and nothing declared."""
        return not self.declared and any(
            layer.get("patternProperties") or isinstance(layer.get("additionalProperties"), dict)
            for layer in self.layers
        )

    def extra(self) -> Iterator[str]:
        """Names for more properties than are declared; not all of them may be allowed."""
        for layer in self.layers:
            for pattern in layer.get("patternProperties", {}):
                made = dict.fromkeys(chain(strings_matching(pattern, None, 1), _longer(pattern)))
                yield from (name for name in made if matches(pattern, name))
        layers = [one for one in self.names if isinstance(one, dict)]
        if layers:
            for nth in range(60):
                yield from islice(strings_of(layers, "key", None, nth), 3)
            for pattern in [one["pattern"] for one in layers if "pattern" in one]:
                yield from (name for name in _longer(pattern) if matches(pattern, name))
        yield from ("key" if number == 1 else f"key{number}" for number in range(1, _MOST))


def _longer(pattern: str) -> Iterator[str]:
    """Longer and longer names for a pattern that does not say where it ends."""
    for length in range(2, 40):
        yield from islice(strings_matching(pattern, None, length, length), 2)


def members_of(layers: Sequence[Layer], tags: Iterable[str]) -> Members:
    """What the layers ask. Raises DeadEndError where they contradict each other."""
    required = dict.fromkeys(
        chain.from_iterable(
            layer["required"] for layer in layers if isinstance(layer.get("required"), list)
        )
    )
    required |= dict.fromkeys(tags)
    dependent: dict[str, tuple[str, ...]] = {}
    for layer in layers:
        for name, others in layer.get("dependentRequired", {}).items():
            dependent[name] = (*dependent.get(name, ()), *others)
    sizes = [int(layer["maxProperties"]) for layer in layers if "maxProperties" in layer]
    made = Members(
        layers=layers,
        declared=tuple(
            dict.fromkeys(chain.from_iterable(one.get("properties", ()) for one in layers))
        ),
        required=tuple(required),
        forbidden=frozenset(_forbidden(layers, required)),
        least=max(int(layer.get("minProperties", 0)) for layer in layers),
        most=min(sizes, default=None),
        dependent=dependent,
        names=tuple(layer["propertyNames"] for layer in layers if "propertyNames" in layer),
    )
    if made.forbidden & required.keys() or made.least > _MOST:
        raise DeadEndError
    if made.most is not None and max(made.least, len(required)) > made.most:
        raise DeadEndError
    return made


def _own(layer: Layer, name: str) -> Iterator[Any]:
    properties = layer.get("properties", {})
    if name in properties:
        yield properties[name]
    for pattern, schema in layer.get("patternProperties", {}).items():
        if matches(pattern, name):
            yield schema


def _forbids(schema: SchemaValue) -> bool:
    """Whether a schema is another spelling of `false`: nothing is to be missed then."""
    return isinstance(schema, dict) and schema.get("not") in ({}, True)


def _forbidden(layers: Sequence[Layer], required: Mapping[str, None]) -> Iterator[str]:
    """The names that `not: {required: […]}` bars: all of them at once may not be there."""
    for layer in layers:
        barred = layer.get("not")
        if isinstance(barred, dict) and barred.keys() == {"required"}:
            names = [name for name in barred["required"] if name not in required]
            if not names:
                raise DeadEndError
            # It bars all of them together: one that is missing is enough.
            yield names[-1]


_PLENTY = 300
"""Parts after which optional properties are left out, but for the two uppermost levels."""
_LIKELY = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectBuilder:
    """Builds the objects of one place.

    `refs` led there; `tags` are what discriminators want, and `given` what examples of parts say.
    """

    tools: Tools
    members: Members
    tags: Mapping[str, Any]
    spot: Spot
    refs: frozenset[str]
    given: Mapping[str, Any] = field(default_factory=dict)

    def candidates(self) -> Iterator[dict[str, Any]]:
        """The usual object; in a strict place also the least, and those with one more property."""
        yield self.built(self.chosen(), self.spot)
        if self.spot.strict and not self.spot.bare:
            bare = self.spot.but(bare=True)
            yield self.built([], bare)
            for name in self.members.declared:
                yield self.built([name], bare)

    def chosen(self) -> list[str]:
        """The optional properties to have."""
        spot = self.spot
        # A response of thousands of members helps nobody, and takes seconds to make.
        if not spot.is_full or (self.tools.fuel.spent > _PLENTY and spot.depth > 1):
            return []
        required = set(self.members.required)
        optional = [name for name in self.members.declared if name not in required]
        if spot.random is not None:
            optional = [name for name in optional if spot.random.random() < _LIKELY]
        return [name for name in optional if self.belongs(name)]

    def belongs(self, name: str) -> bool:
        """Whether an optional property neither recurs nor is marked to stay at home."""
        parts = self.members.of(name)
        return not leads_back(parts, self.refs) and not self.tools.is_omitted(parts)

    def built(self, optional: list[str], spot: Spot) -> dict[str, Any]:
        """An object with these optional properties. Raises DeadEndError."""
        members = self.members
        required = set(members.with_dependents(members.required))
        made: dict[str, Any] = {}
        for name in self.names(optional):
            value = self.property(name, spot)
            if value is not NOTHING:
                made[name] = value
            elif name in required:
                raise DeadEndError
        # An optional property whose companion could not be made is taken out again.
        for name, others in members.dependent.items():
            if name in made and not made.keys() >= set(others):
                del made[name]
        self.fill(made, spot)
        return made

    def names(self, optional: list[str]) -> list[str]:
        """Which properties to have: declared ones in their order, then the rest."""
        members = self.members
        names = set(members.with_dependents(members.required))
        for name in optional:
            added = {one for one in members.with_dependents([name]) if one not in names}
            if members.most is None or len(names) + len(added) <= members.most:
                names |= added
        names -= members.forbidden
        declared = [name for name in members.declared if name in names]
        # Sorted: the order of a set is another one in each process.
        return declared + sorted(names.difference(declared))

    def property(self, name: str, spot: Spot) -> Any:
        """The value of a property, NOTHING where there can be none."""
        if name in self.given and not spot.strict:
            return copied(self.given[name])
        if not all(self.tools.admits(schema, name) for schema in self.members.names):
            return NOTHING
        parts = self.members.of(name)
        if any(part is False or _forbids(part) for part in parts):
            return NOTHING
        below = spot.below(name, self.refs, spot.nth, self.tags.get(name, NOTHING))
        try:
            return self.tools.value(self.tools.made_up.joined(parts), below)
        except DeadEndError:
            # What is left out on purpose is no fault to report.
            if not (spot.bare or leads_back(parts, self.refs)):
                self.tools.left_out[f"{spot.name}.{name}".lstrip(".")] = None
            return NOTHING

    def fill(self, made: dict[str, Any], spot: Spot) -> None:
        """Add properties until there are enough; a dictionary gets one to show itself."""
        members = self.members
        shown = members.is_map and spot.is_full and members.most != 0
        least = max(members.least, 1 if shown else 0)
        declared = (name for name in members.declared if name not in members.forbidden)
        extra = islice(members.extra(), 2 * least + 60)
        while len(made) < least:
            name = next(declared, None) or next(extra, None)
            if name is None:
                break
            if name not in made and name not in members.forbidden:
                value = self.property(name, spot)
                if value is not NOTHING:
                    made[name] = value
        if len(made) < members.least:
            raise DeadEndError
