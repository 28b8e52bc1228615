"""A proof that one schema allows all that another one does, part by part.

The canonical algebra stops at references, and so at everything recursive. Here each part of the
outer schema is held against the parts of the inner one that speak of the same place. A question
that comes up again inside its own answer counts as proven there (coinduction), which is sound
because each round goes one step deeper into a finite value. What has no proof may still be true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.diff.inclusion.applicable_schemas import Beyond, Position, followed, matches
from conformance.diff.inclusion.certain_nodes import (
    Nodes,
    certain_nodes,
    may_be,
    property_of,
    required_of,
    texts_of,
    types_of,
)
from conformance.diff.inclusion.regex_inclusion import compared
from conformance.diff.inclusion.same_schemas import SameSchemas
from conformance.diff.inclusion.subschemas import JsonSchema

__all__ = ["proven"]

Leaf = Callable[[Mapping[str, Any], Mapping[str, Any]], bool]

_TAKEN_APART = frozenset(
    {"$ref", "$defs", "$schema", "allOf", "anyOf", "oneOf", "properties", "patternProperties"}
    | {"additionalProperties", "items", "prefixItems"}
)
_BEYOND = frozenset(
    {"not", "if", "then", "else", "contains", "dependentSchemas", "propertyNames"}
    | {"unevaluatedProperties", "unevaluatedItems", "oneOf"}
)
_TOGETHER = {
    **{one: (one,) for one in ("not", "oneOf", "dependentSchemas", "propertyNames")},
    **dict.fromkeys(("if", "then", "else"), ("if", "then", "else")),
    "contains": ("contains", "minContains", "maxContains"),
}
"""Keywords of which there is no proof but that the other schema has the same, and with which."""
MOST = 20_000
"""Questions of one proof."""


def proven(inner: JsonSchema, outer: JsonSchema, leaf: Leaf) -> bool:
    """Whether `outer` certainly allows all that `inner` does.

    `leaf` decides the same for schemas without references: the algebra.
    """
    try:
        return _Proof(inner, outer, leaf).holds((inner,), outer)
    # Nested deeper than Python can call: no proof, which claims nothing.
    except RecursionError:
        return False


class _Proof:
    def __init__(self, inner: JsonSchema, outer: JsonSchema, leaf: Leaf) -> None:
        self._inner, self._outer, self._leaf = inner, outer, leaf
        self._assumed: set[tuple[frozenset[int], int]] = set()
        self._bare: dict[tuple[int, str], Mapping[str, Any]] = {}
        self._asked = 0
        self._same = SameSchemas(inner, outer)

    def holds(self, inner: Nodes, outer: JsonSchema) -> bool:
        if outer is True or False in inner:
            return True
        if outer is False:
            return False
        certain = tuple(certain_nodes(self._inner, inner))
        key = (frozenset(map(id, certain)), id(outer))
        self._asked += 1
        if key in self._assumed or any(self._same.holds(node, outer) for node in certain):
            return True
        # Alternatives inside of alternatives multiply: counted work, the same on every machine.
        if self._asked > MOST:
            return False
        # What was assumed on a way that failed must not prove anything else.
        before = set(self._assumed)
        self._assumed.add(key)
        if self._part_by_part(certain, outer) or self._by_cases(certain, outer):
            return True
        self._assumed = before
        return False

    def _by_cases(self, certain: tuple[Mapping[str, Any], ...], outer: JsonSchema) -> bool:
        for node in certain:
            for keyword in ("anyOf", "oneOf"):
                # The first alternatives alone: below each of its cases the next ones come up.
                if keyword in node:
                    rest = tuple(
                        self._without(other, keyword if other is node else "") for other in certain
                    )
                    return all(self.holds((*rest, case), outer) for case in node[keyword])
        return False

    def _without(self, node: Mapping[str, Any], keyword: str) -> Mapping[str, Any]:
        """A certain node without a keyword, and without what leads to other certain nodes.

        They are at hand already; through a reference the keyword would come back for ever. Made
        once, since questions are known again by the identity of their nodes.
        """
        gone = {keyword, "$ref", "allOf"} & node.keys()
        if not gone:
            return node
        made = {k: v for k, v in node.items() if k not in gone}
        return self._bare.setdefault((id(node), keyword), made)

    def _part_by_part(
        self, certain: tuple[Mapping[str, Any], ...], outer: Mapping[str, Any]
    ) -> bool:
        for keyword in _BEYOND & outer.keys():
            if not (
                self._is_repeated(certain, outer, keyword)
                or (keyword == "oneOf" and self._fits_one(certain, outer["oneOf"]))
            ):
                return False
        target = followed(self._outer, outer)
        demands = [*([] if target is None else [target]), *outer.get("allOf", ())]
        if not all(self.holds(certain, demand) for demand in demands):
            return False
        if "anyOf" in outer and not any(self.holds(certain, b) for b in outer["anyOf"]):
            return False
        return (
            self._plain(certain, outer)
            and (not may_be("object", certain) or self._properties(certain, outer))
            and (not may_be("array", certain) or self._items(certain, outer))
        )

    def _fits_one(self, certain: Nodes, alternatives: list[JsonSchema]) -> bool:
        """Whether all values fit one of the alternatives and certainly no other one."""
        return any(
            self.holds(certain, one)
            and all(
                other is one or self._is_apart(certain, (other,), self._outer)
                for other in alternatives
            )
            for one in alternatives
        )

    def _is_apart(self, certain: Nodes, other: Nodes, root: JsonSchema, deep: int = 2) -> bool:
        """Whether no value is both: by its type, or by a property that both must have."""
        theirs = tuple(certain_nodes(root, other))
        if not types_of(certain) & types_of(theirs):
            return True
        ours, others = texts_of(certain), texts_of(theirs)
        if ours is not None and others is not None and not ours & others:
            return True
        if types_of(certain) & types_of(theirs) != {"object"} or not deep:
            return False
        return any(
            self._is_apart(
                tuple(certain_nodes(self._inner, property_of(certain, name))),
                property_of(theirs, name),
                root,
                deep - 1,
            )
            for name in required_of(certain) & required_of(theirs)
        )

    def _is_repeated(self, certain: Nodes, outer: Mapping[str, Any], keyword: str) -> bool:
        """Whether the inner schema has a keyword with the same meaning as the outer one."""
        together = _TOGETHER.get(keyword)
        if together is None:
            return False
        said = {one: outer[one] for one in together if one in outer}
        return any(
            self._same.holds({one: node[one] for one in together if one in node}, said)
            for node in certain
            if isinstance(node, Mapping) and keyword in node
        )

    def _plain(self, certain: tuple[Mapping[str, Any], ...], outer: Mapping[str, Any]) -> bool:
        asked = _bare(outer)
        return not asked or self._leaf({"allOf": [_bare(node) for node in certain]}, asked)

    def _properties(self, certain: tuple[Mapping[str, Any], ...], outer: Mapping[str, Any]) -> bool:
        inner = Position(self._inner, certain)
        named, patterns = outer.get("properties", {}), outer.get("patternProperties", {})
        for name, demand in named.items():
            if not self.holds(inner.children(name), demand):
                return False
        for pattern, demand in patterns.items():
            if not all(self.holds(part, demand) for part in _matching(inner, pattern)):
                return False
        rest = outer.get("additionalProperties", True)
        return rest is True or all(
            self.holds(part, rest) for part in _others(inner, named, patterns)
        )

    def _items(self, certain: tuple[Mapping[str, Any], ...], outer: Mapping[str, Any]) -> bool:
        inner = Position(self._inner, certain)
        prefix = outer.get("prefixItems", ())
        if not all(self.holds(inner.children(i), demand) for i, demand in enumerate(prefix)):
            return False
        rest = outer.get("items", True)
        longest = max((len(p) for p in inner.values("prefixItems")), default=0)
        beyond = [inner.children(i) for i in range(len(prefix), longest)]
        return rest is True or all(
            self.holds(part, rest) for part in (*beyond, inner.children(Beyond.REST))
        )


def _bare(node: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords that speak of the value itself and not of its parts."""
    return {k: v for k, v in node.items() if k not in _TAKEN_APART and k not in _BEYOND}


def _matching(inner: Position, pattern: str) -> Iterator[Nodes]:
    """What the inner schema says of properties whose name may match a pattern."""
    yield from (inner.children(name) for name in inner.names() if matches(pattern, name))
    own = tuple(
        schema
        for node in inner.nodes
        for wider, schema in node.get("patternProperties", {}).items()
        # What matches the narrower pattern matches the wider one.
        if wider == pattern or compared(pattern, wider).contained
    )
    if own:
        yield own
        return
    yield inner.children(Beyond.UNNAMED)
    for node in inner.nodes:
        yield from ((schema,) for schema in node.get("patternProperties", {}).values())


def _others(
    inner: Position, named: Mapping[str, Any], patterns: Mapping[str, Any]
) -> Iterator[Nodes]:
    """What it says of the properties that the outer schema does not name."""
    yield inner.children(Beyond.UNNAMED)
    for name in inner.names():
        if name not in named and not any(matches(pattern, name) for pattern in patterns):
            yield inner.children(name)
    for node in inner.nodes:
        yield from (
            (schema,)
            for pattern, schema in node.get("patternProperties", {}).items()
            if pattern not in patterns
            and not any(compared(pattern, wider).contained for wider in patterns)
        )
