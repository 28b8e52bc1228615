"""A proof that one schema allows all that another one does, part by part.

The canonical algebra stops at references, and so at everything recursive. Here each part of the
outer schema is held against the parts of the inner one that speak of the same place. A question
that comes up again inside its own answer counts as proven there (coinduction), which is sound
because each round goes one step deeper into a finite value. What has no proof may still be true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.diff.applicable_schemas import (
    Beyond,
    Position,
    followed,
    matches,
)
from conformance.diff.regex_inclusion import compared
from conformance.diff.subschemas import JsonSchema, subschemas

__all__ = ["proven"]

Leaf = Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
Nodes = tuple[JsonSchema, ...]

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
        self._asked = 0
        self._equal = _equal_definitions(inner, outer)

    def holds(self, inner: Nodes, outer: JsonSchema) -> bool:
        if outer is True or False in inner:
            return True
        if outer is False:
            return False
        certain = tuple(self._certain(inner))
        key = (frozenset(map(id, certain)), id(outer))
        self._asked += 1
        if key in self._assumed or any(self._is_same(node, outer) for node in certain):
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

    def _certain(self, nodes: Nodes) -> Iterator[Mapping[str, Any]]:
        """Everything that holds of each value of the inner schema."""
        waiting, seen = list(nodes), set[int]()
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, bool) or id(node) in seen:
                continue
            seen.add(id(node))
            yield node
            target = followed(self._inner, node)
            waiting.extend([] if target is None else [target])
            waiting.extend(node.get("allOf", ()))

    def _by_cases(self, certain: Nodes, outer: JsonSchema) -> bool:
        for node in certain:
            assert isinstance(node, Mapping)
            for keyword in ("anyOf", "oneOf"):
                # The first alternatives alone: below each of its cases the next ones come up.
                if keyword in node:
                    bare = {k: v for k, v in node.items() if k != keyword}
                    rest = tuple(bare if other is node else other for other in certain)
                    return all(self.holds((*rest, case), outer) for case in node[keyword])
        return False

    def _part_by_part(
        self, certain: tuple[Mapping[str, Any], ...], outer: Mapping[str, Any]
    ) -> bool:
        if not all(self._is_repeated(certain, outer, one) for one in _BEYOND & outer.keys()):
            return False
        target = followed(self._outer, outer)
        demands = [*([] if target is None else [target]), *outer.get("allOf", ())]
        if not all(self.holds(certain, demand) for demand in demands):
            return False
        if "anyOf" in outer and not any(self.holds(certain, b) for b in outer["anyOf"]):
            return False
        return (
            self._plain(certain, outer)
            and (not _may_be("object", certain) or self._properties(certain, outer))
            and (not _may_be("array", certain) or self._items(certain, outer))
        )

    def _is_repeated(self, certain: Nodes, outer: Mapping[str, Any], keyword: str) -> bool:
        """Whether the inner schema has a keyword with the same meaning as the outer one."""
        together = _TOGETHER.get(keyword)
        if together is None:
            return False
        said = {one: outer[one] for one in together if one in outer}
        return any(
            self._is_same({one: node[one] for one in together if one in node}, said)
            for node in certain
            if isinstance(node, Mapping) and keyword in node
        )

    def _is_same(self, node: JsonSchema, outer: JsonSchema) -> bool:
        """Whether two are written the same, with all that they refer to."""
        return node is outer or (
            _is_written_same(node, outer) and self._equal.issuperset(_references(outer))
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


def _equal_definitions(inner: JsonSchema, outer: JsonSchema) -> frozenset[str]:
    """References that lead to the same in both, and so does everything that is reached there."""
    ours, theirs = (
        one.get("$defs", {}) if isinstance(one, Mapping) else {} for one in (inner, outer)
    )
    equal = {
        f"#/$defs/{name}": _references(schema)
        for name, schema in ours.items()
        if name in theirs and _is_written_same(schema, theirs[name])
    }
    while others := [name for name, below in equal.items() if not equal.keys() >= below]:
        for name in others:
            del equal[name]
    return frozenset(equal)


def _is_written_same(one: Any, other: Any) -> bool:
    """Equality of JSON: to Python `True` is 1, and so is an enum of the one that of the other."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(
            _is_written_same(value, other[key]) for key, value in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_written_same, one, other))
    return type(one) is type(other) and bool(one == other)


def _references(schema: JsonSchema) -> frozenset[str]:
    return frozenset(
        node[keyword]
        for node in subschemas(schema)
        for keyword in ("$ref", "$dynamicRef")
        if isinstance(node.get(keyword), str)
    )


def _bare(node: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords that speak of the value itself and not of its parts."""
    return {k: v for k, v in node.items() if k not in _TAKEN_APART and k not in _BEYOND}


def _may_be(kind: str, certain: tuple[Mapping[str, Any], ...]) -> bool:
    types = [node["type"] for node in certain if "type" in node]
    return all(kind == one or (isinstance(one, list) and kind in one) for one in types)


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
