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
        # Until nothing changes: definitions refer to each other in any order.
        changed = True
        while changed:
            changed = False
            for name, schema in self.definitions.items():
                depth = _depth(schema, depths)
                if depth < depths[name]:
                    depths[name], changed = depth, True
        return depths

    def of(self, schema: SchemaValue) -> float:
        """The depth of a schema that stands beside the definitions."""
        return _depth(schema, self.by_name)


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
