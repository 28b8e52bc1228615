"""The canonical form of a schema: what jsonschema-rs makes of `not`, `oneOf` and intersections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema_rs.canonical import Satisfiability, UnsatisfiableReason

from spec.schemas.alternatives import SchemaValue
from spec.schemas.canonical_algebra import canonicalized, unsatisfiable

__all__ = ["canonical_form", "contradiction"]

_IN_PLACE = ("allOf", "anyOf", "oneOf")
_ALONE = ("not", "if", "then", "else")
_DEEPEST = 12


def canonical_form(
    schema: Mapping[str, Any], definitions: Mapping[str, SchemaValue]
) -> SchemaValue | None:
    """An equivalent schema that is easier to satisfy; None where nothing is known of it.

    It is `False` where the schema is proven to be unsatisfiable.
    """
    # Only where the plain ways failed: for a large schema this costs as much as all of them.
    whole = {**_inlined(schema, definitions, 0), "$defs": dict(definitions)}
    try:
        form = canonicalized(whole)
        if form.satisfiability() == Satisfiability.NO:
            return False
        written: Any = form.to_json_schema()
    except ValueError:
        return None
    return written if isinstance(written, (dict, bool)) else None


def contradiction(schema: SchemaValue) -> str:
    """Which keywords leave no value, in words; "" where that is not known."""
    if isinstance(schema, bool):
        return "" if schema else "it is `false`"
    try:
        reasons = unsatisfiable(schema)
    except ValueError:
        return ""
    if "" not in reasons:
        return ""
    # The outer ones follow from it: it names the keywords that a person has to change.
    deepest = max(reasons, key=lambda pointer: pointer.count("/"))
    match reasons[deepest]:
        case UnsatisfiableReason.Conflict(causes=causes):
            told = " and ".join(_cause_text(cause) for cause in causes)
            return f"{told} contradict each other"
        case UnsatisfiableReason.Empty(cause=cause):
            return f"{_cause_text(cause)} leaves no value"
    return f"#{deepest} is `false`"


def _cause_text(cause: Any) -> str:
    keywords = ", ".join(cause.keywords)
    return f"{keywords} at #{cause.pointer}" if keywords else f"#{cause.pointer}"


def _inlined(schema: Any, definitions: Mapping[str, SchemaValue], depth: int) -> Any:
    """The schema with the references to schemas of the same value resolved.

    The canonical form leaves references alone; below properties and items that is right.
    """
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return schema
    made = {key: child for key, child in schema.items() if key != "$defs"}
    for key in _IN_PLACE:
        if key in made:
            made[key] = [_inlined(one, definitions, depth + 1) for one in made[key]]
    for key in _ALONE:
        if key in made:
            made[key] = _inlined(made[key], definitions, depth + 1)
    name = str(made.get("$ref", "")).removeprefix("#/$defs/")
    if name in definitions:
        del made["$ref"]
        target = _inlined(definitions[name], definitions, depth + 1)
        return {**made, "allOf": [*made.get("allOf", ()), target]} if made else target
    return made
