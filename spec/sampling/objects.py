"""Objects: required properties, the optional ones that belong there, and as many as are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from spec.sampling.dead_ends import DeadEndError
from spec.sampling.members import Members
from spec.sampling.spots import NOTHING, Spot
from spec.sampling.tools import Tools, copied, leads_back

__all__ = ["ObjectBuilder"]

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
        return declared + sorted(names.difference(declared))

    def property(self, name: str, spot: Spot) -> Any:
        """The value of a property, NOTHING where there can be none."""
        if name in self.given and not spot.strict:
            return copied(self.given[name])
        if not all(self.tools.admits(schema, name) for schema in self.members.names):
            return NOTHING
        parts = self.members.of(name)
        if any(part is False for part in parts):
            return NOTHING
        below = spot.below(name, self.refs, spot.nth, self.tags.get(name, NOTHING))
        try:
            return self.tools.value(self.tools.made_up.joined(parts), below)
        except DeadEndError:
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
