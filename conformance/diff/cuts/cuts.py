"""Cut schemas: where a value goes on to a part, and what stands for the part.

A part is one constant that stands for all the values of a pair of schemas, which is compared by
itself. Different parts are different constants, so that alternatives stay apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from spec.model.pointers import unescape

__all__ = [
    "PART",
    "PREFIX",
    "Cut",
    "Names",
    "PartPosition",
    "Path",
    "Step",
    "alias",
    "is_part",
    "target",
]

Names: TypeAlias = tuple[str, str]
"""The names of a pair in the `$defs` of OLD and of NEW; "" where one side has none."""
Path: TypeAlias = tuple[str | int, ...]

PART = "part of a schema"
"""The only key of the constant that stands for a part; its value is the part's number."""
PREFIX = "part-of-a-schema-"
"""How the definitions of parts begin: no component of a contract is likely to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step into a value: a property, an item, or None for another schema of the same value.

    `path` leads to the subschema in the sender's standalone schema.
    """

    value: str | int | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPosition:
    """Where a part is in a value of the sender."""

    part: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The two cut schemas, their names, and the parts that the sender's values hold."""

    names: Names
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    edges: tuple[PartPosition, ...]


def alias(node: Any) -> str:
    """The name in `$defs` that a subschema means and says nothing else; "" where it says more."""
    if not isinstance(node, Mapping):
        return ""
    if set(node) == {"allOf"} and len(node["allOf"]) == 1:
        return alias(node["allOf"][0])
    return target(node) if set(node) == {"$ref"} else ""


def is_part(name: str) -> bool:
    """Whether a definition of a cut schema stands for a part."""
    return name.startswith(PREFIX)


def target(node: Mapping[str, Any]) -> str:
    """The definition that a subschema refers to; "" where it refers to none."""
    reference = node.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
        return ""
    return unescape(reference.removeprefix("#/$defs/"))
