"""The canonical algebra of jsonschema-rs, for schemas that it can descend into.

It calls itself for each schema that lies in another one, across references: some thousand levels
end the process, whatever Python catches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
from jsonschema_rs import CanonicalSchema, ReferencingError
from jsonschema_rs.canonical import UnsatisfiableReason, find_unsatisfiable

from spec.schemas.keywords import DEFINITIONS, children

__all__ = ["canonicalized", "unsatisfiable"]

_DEEPEST = 1000
"""Levels that are descended into; it has room for some 3000."""


def canonicalized(schema: Mapping[str, Any]) -> CanonicalSchema:
    """The canonical form of a self-contained schema.

    Raises:
        ValueError: it has none that is known.
    """
    _refuse_deep(schema)
    try:
        return jsonschema_rs.canonicalize(dict(schema), validate_formats=True, offline=True)
    except ReferencingError as error:
        raise ValueError(str(error)) from None


def unsatisfiable(schema: Mapping[str, Any]) -> Mapping[str, UnsatisfiableReason]:
    """The pointers of the subschemas that no value satisfies, and why.

    Raises:
        ValueError: that is not known.
    """
    _refuse_deep(schema)
    try:
        return find_unsatisfiable(dict(schema), validate_formats=True, offline=True)
    except ReferencingError as error:
        raise ValueError(str(error)) from None


def _refuse_deep(schema: Mapping[str, Any]) -> None:
    definitions = schema.get("$defs")
    # What is not referred to was read within the limit of a document's depth.
    if isinstance(definitions, Mapping) and _depth(schema, definitions) > _DEEPEST:
        raise ValueError(f"schemas lie more than {_DEEPEST} levels deep in each other")


def _depth(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> int:
    """How many schemas lie in each other, references followed; a circle counts once."""
    depths: dict[int, int] = {}
    waiting: list[tuple[Any, list[Any] | None]] = [(schema, None)]
    while waiting:
        one, below = waiting.pop()
        if below is not None:
            depths[id(one)] = 1 + max((depths.get(id(each), 0) for each in below), default=0)
        elif isinstance(one, Mapping) and id(one) not in depths:
            depths[id(one)] = 0
            below = list(_below(one, definitions))
            waiting.append((one, below))
            waiting += [(each, None) for each in below]
    return depths[id(schema)]


def _below(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Any]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield definitions.get(reference.removeprefix("#/$defs/"))
    yield from (child for path, child in children(schema) if path[0] not in DEFINITIONS)
