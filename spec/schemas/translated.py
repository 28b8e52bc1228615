"""Schemas that are already plain JSON Schema 2020-12, and the references that they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from spec.model.pointers import join, split
from spec.schemas.dynamic_scopes import pointer_of
from spec.schemas.keywords import LISTED, NAMED, SINGLE, children

__all__ = [
    "DIALECT",
    "JsonSchema",
    "Standalone",
    "named_schema",
    "plain_name",
    "references",
    "without_references",
]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
JsonSchema: TypeAlias = dict[str, Any] | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standalone:
    """A schema that needs no document around it, and where each part of it comes from."""

    schema: dict[str, Any]
    origins: Mapping[str, str]
    """From a name in `$defs` ("" is the schema itself) to its pointer in the contract."""

    def origin(self, path: list[str | int]) -> str:
        """The contract's pointer for a path into `schema`."""
        if path[:1] == ["$defs"] and len(path) > 1:
            return join(self.origins[str(path[1])], *path[2:])
        return join(self.origins[""], *path)


_UNNAMEABLE = re.compile(r"[^A-Za-z0-9._-]+")


def plain_name(entry: str) -> str:
    """A name for a schema: the last part of its pointer."""
    tokens = split(pointer_of(entry))
    return _UNNAMEABLE.sub("_", tokens[-1] if tokens else "") or "schema"


def references(schema: Any) -> list[str]:
    """The targets of a translated schema, in their order. Values are not looked into."""
    found: list[str] = []
    stack = [schema]
    while stack:
        one = stack.pop()
        if not isinstance(one, dict):
            continue
        if isinstance(one.get("$ref"), str):
            found.append(one["$ref"])
        mapping = one.get("discriminator", {}).get("mapping", {})
        found.extend(mapping.values())
        stack.extend(reversed([child for _, child in children(one)]))
    return found


def named_schema(schema: JsonSchema, name: Callable[[str], str]) -> JsonSchema:
    """The translated schema with its references turned to `#/$defs/NAME`."""

    def renamed(one: dict[str, Any]) -> dict[str, Any]:
        if isinstance(one.get("$ref"), str):
            one["$ref"] = f"#/$defs/{name(one['$ref'])}"
        if "discriminator" in one:
            mapping = one["discriminator"]["mapping"]
            targets = {tag: f"#/$defs/{name(to)}" for tag, to in mapping.items()}
            one["discriminator"] = {**one["discriminator"], "mapping": targets}
        return one

    made: JsonSchema = _changed_throughout(schema, renamed)
    return made


def _changed_throughout(schema: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A copy of a schema in which each schema object is what `change` makes of its copy."""
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    for key, child in schema.items():
        if key in SINGLE:
            made[key] = _changed_throughout(child, change)
        elif key in LISTED and isinstance(child, list):
            made[key] = [_changed_throughout(one, change) for one in child]
        elif key in NAMED and isinstance(child, dict):
            made[key] = {name: _changed_throughout(one, change) for name, one in child.items()}
    return change(made)


def without_references(schema: JsonSchema) -> JsonSchema:
    """The schema with all that it refers to left open, so that it can be compiled alone."""
    made: JsonSchema = _changed_throughout(
        schema, lambda one: {key: child for key, child in one.items() if key != "$ref"}
    )
    return made
