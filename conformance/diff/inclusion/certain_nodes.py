"""What holds of every value that some schemas allow together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from conformance.diff.inclusion.applicable_schemas import followed, says_nothing
from conformance.diff.inclusion.subschemas import JsonSchema
from spec.schemas.keywords import EVERY_TYPE

__all__ = [
    "Nodes",
    "certain_nodes",
    "may_be",
    "property_of",
    "required_of",
    "texts_of",
    "types_of",
]

Nodes: TypeAlias = tuple[JsonSchema, ...]


def certain_nodes(root: JsonSchema, nodes: Nodes) -> Iterator[Mapping[str, Any]]:
    """Everything that holds of each value that some schemas allow together."""
    waiting, seen = list(nodes), set[int]()
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, bool) or id(node) in seen:
            continue
        seen.add(id(node))
        if not says_nothing(node):
            yield node
        target = followed(root, node)
        waiting.extend([] if target is None else [target])
        waiting.extend(node.get("allOf", ()))


def types_of(certain: Nodes) -> frozenset[str]:
    """The types that a value may have; an integer is a number as well."""
    left = EVERY_TYPE
    for node in certain:
        if isinstance(node, Mapping) and "type" in node:
            kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
            left &= {*kinds, "integer"} if "number" in kinds else frozenset(kinds)
    return left


def texts_of(certain: Nodes) -> set[str] | None:
    """The texts that a value may be; None where it may be something else."""
    listed = [
        node.get("enum", [node.get("const")])
        for node in certain
        if isinstance(node, Mapping) and ("enum" in node or "const" in node)
    ]
    if not any(all(isinstance(one, str) for one in members) for members in listed):
        return None
    return set.intersection(*({one for one in x if isinstance(one, str)} for x in listed))


def required_of(certain: Nodes) -> set[str]:
    """The properties that each value has."""
    return {
        name for node in certain if isinstance(node, Mapping) for name in node.get("required", ())
    }


def property_of(certain: Nodes, name: str) -> Nodes:
    """What they say of a property."""
    return tuple(
        node["properties"][name]
        for node in certain
        if isinstance(node, Mapping) and name in node.get("properties", ())
    )


def may_be(kind: str, certain: tuple[Mapping[str, Any], ...]) -> bool:
    """Whether a value may be of a type: `integer` is asked for by its own name."""
    types = [node["type"] for node in certain if "type" in node]
    return all(kind == one or (isinstance(one, list) and kind in one) for one in types)
