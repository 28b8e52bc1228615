"""Where JSON Schema 2020-12 keeps schemas inside schemas, and a way to rewrite them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from spec.schemas.keywords import DEFINITIONS, LISTED, NAMED, SINGLE, children

__all__ = ["JsonSchema", "rewritten", "subschemas"]

JsonSchema: TypeAlias = Mapping[str, Any] | bool


def rewritten(
    schema: JsonSchema, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> JsonSchema:
    """The schema with `change` applied to each of its subschemas and then to itself.

    Property names and the values of `enum`, `const` and `default` are not mistaken for schemas.
    """
    if isinstance(schema, bool):
        return schema
    made: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in SINGLE:
            made[keyword] = rewritten(value, change)
        elif keyword in LISTED:
            made[keyword] = [rewritten(child, change) for child in value]
        elif keyword in NAMED | DEFINITIONS:
            made[keyword] = {name: rewritten(child, change) for name, child in value.items()}
        else:
            made[keyword] = value
    return change(made)


def subschemas(schema: JsonSchema) -> Iterator[Mapping[str, Any]]:
    """The schema and all the schemas in it; a `false` or `true` is left out."""
    if isinstance(schema, bool):
        return
    yield schema
    for _, child in children(schema):
        yield from subschemas(child)
