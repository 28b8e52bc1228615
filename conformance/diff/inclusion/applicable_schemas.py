"""Which subschemas of a self-contained JSON Schema speak of one place in a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from jsonschema_rs import FancyRegexOptions, RegexOptions, is_valid

from spec.model.pointers import unescape

__all__ = ["Beyond", "Node", "Position", "Step", "followed", "matches", "says_nothing"]

Node: TypeAlias = Mapping[str, Any] | bool


class Beyond(Enum):
    """The steps into a value that have no name or number of their own."""

    UNNAMED = "any property that nothing declares"
    REST = "any item after `prefixItems`"


Step: TypeAlias = str | int | Beyond

_UNNAMED = ("additionalProperties", "unevaluatedProperties")
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE = ("then", "else")


def matches(pattern: str, name: str) -> bool:
    """Whether a name matches an ECMA 262 pattern; a pattern that no engine takes matches none."""
    # The linear engine first; it refuses lookarounds, and the other one may run long.
    for options in (RegexOptions(), FancyRegexOptions(backtrack_limit=100_000)):
        try:
            return is_valid({"pattern": pattern}, name, pattern_options=options)
        except ValueError:
            continue
    return False


def followed(root: Node, node: Node) -> Node | None:
    """What a `$ref` of the node leads to; None where it has none that stays in `root`."""
    if isinstance(node, bool) or not isinstance(node.get("$ref"), str):
        return None
    target: Any = root
    for part in node["$ref"].removeprefix("#").split("/")[1:]:
        key = unescape(part)
        target = target[int(key)] if isinstance(target, list) else target[key]
    return target if isinstance(target, bool | Mapping) else None


def says_nothing(node: Mapping[str, Any]) -> bool:
    """Whether all that a node says stands where its `$ref` leads."""
    return node.keys() == {"$ref"}


@dataclass(frozen=True, slots=True)
class Position:
    """All the subschemas that apply, or may apply, at one place of a value.

    References and `allOf`, `anyOf`, `oneOf`, `then`, `else` and `dependentSchemas` are followed;
    `not` and `if` promise nothing and are not.
    """

    root: Node
    nodes: tuple[Mapping[str, Any], ...] = field(default=())

    @classmethod
    def of(cls, root: Node, nodes: Iterable[Node]) -> Position:
        """The position where the given subschemas apply."""
        seen: dict[int, Mapping[str, Any]] = {}
        waiting = list(nodes)
        while waiting:
            node = waiting.pop(0)
            # By identity: a cycle of references comes back to the same object.
            if isinstance(node, bool) or id(node) in seen:
                continue
            seen[id(node)] = node
            waiting.extend(_beside(root, node))
        # By what is said, and not by the references to it: many may lead to one schema.
        return cls(root, tuple(node for node in seen.values() if not says_nothing(node)))

    @property
    def key(self) -> frozenset[int]:
        """What makes two positions of one root the same."""
        return frozenset(map(id, self.nodes))

    def names(self) -> dict[str, None]:
        """The property names that are declared here, in order."""
        return {name: None for node in self.nodes for name in node.get("properties", {})}

    def patterns(self) -> dict[str, None]:
        """The patterns of `patternProperties` here."""
        return {name: None for node in self.nodes for name in node.get("patternProperties", {})}

    def declares(self, name: str) -> bool:
        """Whether a property is declared here by its name."""
        return any(name in node.get("properties", ()) for node in self.nodes)

    def names_any(self, name: str) -> bool:
        """Whether a property is declared here, by its name or by a pattern."""
        return self.declares(name) or any(matches(p, name) for p in self.patterns())

    def at(self, step: Step) -> Position:
        """The position one step into the value."""
        return Position.of(self.root, self.children(step))

    def reaches(self, path: Iterable[str | int]) -> Position:
        """The position at a path into the value."""
        here = self
        for step in path:
            here = here.at(step)
        return here

    def children(self, step: Step) -> tuple[Node, ...]:
        """The subschemas that speak of what is one step in, as they stand.

        A text is a property, a number an item.
        """
        return tuple(child for node in self.nodes for child in _children(node, step))

    def values(self, keyword: str) -> list[Any]:
        """What the subschemas here say under a keyword."""
        return [node[keyword] for node in self.nodes if keyword in node]

    def requires(self, name: str) -> bool:
        """Whether any subschema here requires the property."""
        return any(name in required for required in self.values("required"))


def _children(node: Mapping[str, Any], step: Step) -> Iterator[Node]:
    if isinstance(step, str):
        return _property(node, step)
    if step is Beyond.UNNAMED:
        return (node[keyword] for keyword in _UNNAMED if keyword in node)
    return _item(node, step if isinstance(step, int) else None)


def _beside(root: Node, node: Mapping[str, Any]) -> Iterator[Node]:
    target = followed(root, node)
    if target is not None:
        yield target
    for keyword in _IN_PLACE_LISTS:
        yield from node.get(keyword, ())
    for keyword in _IN_PLACE:
        if keyword in node:
            yield node[keyword]
    yield from node.get("dependentSchemas", {}).values()


def _property(node: Mapping[str, Any], name: str) -> Iterator[Node]:
    declared = node.get("properties", {})
    by_pattern = [s for p, s in node.get("patternProperties", {}).items() if matches(p, name)]
    if name in declared:
        yield declared[name]
    yield from by_pattern
    # JSON Schema 2020-12, 10.3.2.3: what is left for `additionalProperties`.
    if name not in declared and not by_pattern:
        yield from (node[keyword] for keyword in _UNNAMED if keyword in node)


def _item(node: Mapping[str, Any], index: int | None) -> Iterator[Node]:
    prefix = node.get("prefixItems", ())
    if index is not None and index < len(prefix):
        yield prefix[index]
    elif "items" in node:
        yield node["items"]
    elif "unevaluatedItems" in node:
        yield node["unevaluatedItems"]
    if "contains" in node:
        yield node["contains"]
