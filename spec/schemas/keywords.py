"""What kinds of keywords JSON Schema 2020-12 and OpenAPI's dialects have.

Which hold subschemas, which count, which say nothing of a value. The one list of each: a copy
would lack what the next version adds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = [
    "ANNOTATIONS",
    "CHOICES",
    "COUNTS",
    "DEFINITIONS",
    "EVERY_TYPE",
    "IN_PLACE",
    "LISTED",
    "NAMED",
    "SINGLE",
    "SINGLE_SINCE_31",
    "children",
    "well_formed",
]

COUNTS = frozenset({"minLength", "maxLength", "minItems", "maxItems"}) | {
    *("minContains", "maxContains", "minProperties", "maxProperties")
}
"""Keywords whose value is a count: a whole number that is not negative."""
ANNOTATIONS = frozenset(
    {"title", "description", "example", "examples", "default", "deprecated", "xml"}
    | {"externalDocs", "readOnly", "writeOnly", "$comment"}
)
"""Keywords that no value can violate (Validation section 9, OpenAPI's Schema Object)."""
EVERY_TYPE = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
"""The names of JSON Schema's types (Core section 4.2.1)."""
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


CHOICES = ("anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")
"""Keywords that ask other schemas of the same value, which need not hold."""
IN_PLACE = frozenset({"allOf", *CHOICES})
"""Keywords that ask other schemas of the same value (Core section 10.2)."""


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


_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_FORMS: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("pattern", "format", "$ref"), str),
    **dict.fromkeys(("required", "enum", "examples", *LISTED), list),
    **dict.fromkeys(("dependentRequired", "discriminator", "xml", *NAMED), dict),
    **dict.fromkeys(SINGLE, (dict, bool)),
}


def well_formed(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema without the keywords whose value is of the wrong form, such as `required: true`.

    They are reported as faults, and the rest is served. Counts that are written `2.0` become whole
    numbers.
    """
    # One wrong keyword makes the validator refuse the whole schema, and with it every operation.
    return {key: _count(key, value) for key, value in schema.items() if _is_formed(key, value)}


def _is_formed(key: str, value: Any) -> bool:
    if key == "type":
        names = value if isinstance(value, list) else [value]
        return bool(names) and all(isinstance(one, str) and one in EVERY_TYPE for one in names)
    if key in COUNTS:
        return _is_number(value) and value >= 0 and value == int(value)
    if key in _BOUNDS:
        is_flag = isinstance(value, bool) and key.startswith("exclusive")
        return is_flag or (_is_number(value) and (key != "multipleOf" or value > 0))
    if key == "required":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if key == "dependentRequired":
        return isinstance(value, dict) and all(isinstance(one, list) for one in value.values())
    form = _FORMS.get(key)
    return form is None or isinstance(value, form)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value)


def _count(key: str, value: Any) -> Any:
    return int(value) if key in COUNTS else value
