"""The canonical algebra of jsonschema-rs, for schemas that it can descend into.

It calls itself for each schema that lies in another one, across references: some thousand levels
end the process, whatever Python catches. What holds at once costs it the square of its number, or
the cube, in time and memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from jsonschema_rs import CanonicalSchema, ReferencingError
from jsonschema_rs.canonical import UnsatisfiableReason, find_unsatisfiable

from spec.schemas.keywords import DEFINITIONS, children

__all__ = ["canonicalized", "unsatisfiable"]

_DEEPEST = 1000
"""Levels that are descended into; it has room for some 3000."""
_MOST_TOGETHER = 300
"""Schemas that hold at once, by `allOf` and references. Published contracts have dozens."""


def canonicalized(schema: Mapping[str, Any]) -> CanonicalSchema:
    """The canonical form of a self-contained schema.

    Raises:
        ValueError: it has none that is known.
    """
    _refuse_vast(schema)
    try:
        return jsonschema_rs.canonicalize(dict(schema), validate_formats=True, offline=True)
    except ReferencingError as error:
        raise ValueError(str(error)) from None


def unsatisfiable(schema: Mapping[str, Any]) -> Mapping[str, UnsatisfiableReason]:
    """The pointers of the subschemas that no value satisfies, and why.

    Raises:
        ValueError: that is not known.
    """
    _refuse_vast(schema)
    try:
        return find_unsatisfiable(dict(schema), validate_formats=True, offline=True)
    except ReferencingError as error:
        raise ValueError(str(error)) from None


def _refuse_vast(schema: Mapping[str, Any]) -> None:
    definitions = schema.get("$defs")
    extent = _extent(schema, definitions if isinstance(definitions, Mapping) else {})
    if extent.depth > _DEEPEST:
        raise ValueError(f"schemas lie more than {_DEEPEST} levels deep in each other")
    if extent.together > _MOST_TOGETHER:
        raise ValueError(f"more than {_MOST_TOGETHER} schemas hold at once")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """How many schemas lie in each other, references followed; and the most that hold at once."""

    depth: int
    together: int


def _extent(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> _Extent:
    """The extent of a schema; a circle counts once."""
    depths: dict[int, int] = {}
    together: dict[int, int] = {}
    waiting: list[tuple[Any, list[tuple[bool, Any]] | None]] = [(schema, None)]
    while waiting:
        one, below = waiting.pop()
        if below is not None:
            depths[id(one)] = 1 + max((depths.get(id(each), 0) for _, each in below), default=0)
            together[id(one)] = 1 + sum(together.get(id(each), 0) for holds, each in below if holds)
        elif isinstance(one, Mapping) and id(one) not in depths:
            depths[id(one)] = 0
            below = list(_below(one, definitions))
            waiting.append((one, below))
            waiting += [(each, None) for _, each in below]
    return _Extent(depth=depths[id(schema)], together=max(together.values()))


def _below(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[tuple[bool, Any]]:
    """The schemas in a schema, each with whether it holds wherever the schema does."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield True, definitions.get(reference.removeprefix("#/$defs/"))
    for path, child in children(schema):
        if path[0] not in DEFINITIONS:
            yield path[0] == "allOf", child
