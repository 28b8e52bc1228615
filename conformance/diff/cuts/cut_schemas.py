"""Two schemas of one place, cut where both go on to schemas of their own.

What the two say of a value itself stays whole, `allOf`, `anyOf`, `oneOf` and references in place
included. A property or an item that is a reference on both sides becomes a *part*: one constant
that stands for all the values of that pair of schemas, which is compared by itself. Different
parts are different constants, so that alternatives stay apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.diff.cuts.cut_alignment import Alignment
from conformance.diff.cuts.cut_copies import OPAQUE, CutCopy
from conformance.diff.cuts.cut_definitions import COMPOSED, CutDefinitions, refers
from conformance.diff.cuts.cuts import Cut, Names
from conformance.diff.inclusion.subschemas import JsonSchema
from spec.schemas.keywords import children

__all__ = ["Cutter"]


@dataclass(slots=True, kw_only=True)
class Cutter(CutDefinitions):
    """Cuts the schemas of two contracts in one direction."""

    def cut(self, names: Names, whole: tuple[JsonSchema, JsonSchema] | None = None) -> Cut:
        """Two parts, cut; or two schemas that have no name."""
        pair = whole or (self.defs[0][names[0]], self.defs[1][names[1]])
        at = self.place(0, names[0]), self.place(1, names[1])
        aligned = Alignment(known=self, is_composed=any(map(_is_composed, pair)))
        aligned.same_place(*pair, at)
        old, new = (CutCopy(aligned=aligned, side=side) for side in (0, 1))
        made = old.whole(pair[0], at[0]), new.whole(pair[1], at[1])
        edges = (old, new)[self.sender].edges
        return Cut(names=names, old=made[0], new=made[1], edges=tuple(edges))


def _is_composed(schema: Any) -> bool:
    """Whether a schema without its parts, or anything in it, has alternatives or conditions."""
    if not isinstance(schema, Mapping):
        return False
    if not (COMPOSED | OPAQUE).isdisjoint(schema):
        return True
    return any(_is_composed(one) for _, one in children(schema) if not refers(one))
