"""Which keywords of JSON Schema 2020-12 and of OpenAPI's dialects hold subschemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["DEFINITIONS", "LISTED", "NAMED", "SINGLE", "SINGLE_SINCE_31", "children"]

SINGLE_SINCE_31 = frozenset({"unevaluatedItems", "unevaluatedProperties", "contentSchema"})
"""Keywords whose value is a schema in OpenAPI 3.1, and unknown in 3.0."""
SINGLE = SINGLE_SINCE_31 | {
    *("not", "if", "then", "else", "contains", "propertyNames"),
    *("additionalProperties", "items"),
}
"""Keywords whose value is one schema."""
LISTED = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
"""Keywords whose value is a list of schemas."""
NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})
"""Keywords whose value maps names to schemas."""
DEFINITIONS = frozenset({"$defs", "definitions"})
"""The same for schemas that apply only where a `$ref` names them."""


def children(schema: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The subschemas directly below a schema, each with its path; malformed ones are left out."""
    for keyword, value in schema.items():
        if keyword in SINGLE and isinstance(value, (Mapping, bool)):
            yield (keyword,), value
        elif keyword in LISTED and isinstance(value, list):
            for index, child in enumerate(value):
                yield (keyword, index), child
        elif keyword in NAMED | DEFINITIONS and isinstance(value, Mapping):
            for name, child in value.items():
                yield (keyword, name), child
