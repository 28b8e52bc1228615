"""How deep the shallowest value of a schema is: the way out of recursion."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from spec.schemas.alternatives import SchemaValue

__all__ = ["MinimumDepths"]


class MinimumDepths:
    """The least nesting of a value, by schema. Infinite where every value holds another one."""

    def __init__(self, definitions: Mapping[str, SchemaValue]) -> None:
        self.definitions = definitions

    @cached_property
    def by_name(self) -> dict[str, float]:
        """The depths of the definitions, as the least fixed point."""
        # From above: a definition that needs itself stays infinite, all others come down to theirs.
        depths = dict.fromkeys(self.definitions, math.inf)
        users = _users(self.definitions)
        # A definition is looked at again only where one that it refers to came down: a chain of
        # thousands is read twice, in whatever order it stands.
        pending = dict.fromkeys(self.definitions)
        while pending:
            name, _ = pending.popitem()
            depth = _depth(self.definitions[name], depths)
            if depth < depths[name]:
                depths[name] = depth
                pending |= dict.fromkeys(users.get(name, ()))
        return depths

    def of(self, schema: SchemaValue) -> float:
        """The depth of a schema that stands beside the definitions."""
        return _depth(schema, self.by_name)


def _users(definitions: Mapping[str, SchemaValue]) -> dict[str, list[str]]:
    """The definitions that refer to each one."""
    users: dict[str, list[str]] = {}
    for name, schema in definitions.items():
        for target in _targets(schema):
            users.setdefault(target, []).append(name)
    return users


def _targets(schema: Any) -> set[str]:
    """The definitions that a schema refers to, wherever in it."""
    found, pending = set(), [schema]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            if isinstance(one.get("$ref"), str):
                found.add(one["$ref"].removeprefix("#/$defs/"))
            pending += one.values()
        elif isinstance(one, list):
            pending += one
    return found


def _depth(schema: SchemaValue, known: Mapping[str, float]) -> float:
    if not isinstance(schema, dict):
        return 0.0 if schema else math.inf
    parts = [_own(schema, known)]
    if "$ref" in schema:
        parts.append(known.get(schema["$ref"].removeprefix("#/$defs/"), 0.0))
    parts += [_depth(part, known) for part in schema.get("allOf", ())]
    for key in ("oneOf", "anyOf"):
        if key in schema:
            parts.append(min((_depth(part, known) for part in schema[key]), default=math.inf))
    return max(parts)


def _own(schema: Mapping[str, Any], known: Mapping[str, float]) -> float:
    if "const" in schema or "enum" in schema:
        return 0.0
    written = schema.get("type", ["object" if "required" in schema else "array"])
    types = [written] if isinstance(written, str) else written
    return min((_of_type(name, schema, known) for name in types), default=math.inf)


def _of_type(name: str, schema: Mapping[str, Any], known: Mapping[str, float]) -> float:
    least = schema.get("minItems", 0)
    if name == "array" and least > 0:
        items = list(schema.get("prefixItems", ()))[: int(least)]
        if least > len(items):
            items.append(schema.get("items", True))
        return 1 + max(_depth(item, known) for item in items)
    if name == "object" and schema.get("required"):
        properties = schema.get("properties", {})
        return 1 + max(_depth(properties.get(one, True), known) for one in schema["required"])
    return 0.0
