"""What OpenAPI says in other words than JSON Schema 2020-12, one keyword at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spec.model.pointers import split
from spec.schemas.dynamic_scopes import pointer_of
from spec.schemas.ecma_patterns import engine_pattern
from spec.schemas.translated import JsonSchema

__all__ = [
    "EXCLUSIVE_BOUNDS",
    "KNOWN",
    "bound_by_format",
    "each_once",
    "list_names",
    "name_alternatives",
    "reference_of",
    "use_engine_patterns",
    "with_target",
]


KNOWN = "known"
"""Where a translated discriminator lists the names that it knows, and the mark of their rule."""


def name_alternatives(made: dict[str, Any]) -> None:
    """Add the names that a discriminator's alternatives have without a mapping: their own."""
    if "discriminator" not in made:
        return
    mapping = made["discriminator"]["mapping"]
    mapped = set(mapping.values())
    for keyword in ("oneOf", "anyOf"):
        for one in made.get(keyword, ()) if isinstance(made.get(keyword), list) else ():
            target = one.get("$ref") if isinstance(one, dict) else None
            if isinstance(target, str) and target not in mapped:
                name = pointer_of(target)
                # OpenAPI 3.1.1 section 4.8.25.4: without a mapping, the name of the component is
                # the value.
                mapping.setdefault(split(name)[-1] if "/" in name else name, target)


def list_names(made: dict[str, Any], names: Sequence[str] | None, *, refuses: bool) -> None:
    """Note the names that a discriminator knows; with `refuses`, no other text is one."""
    if not names:
        return
    said = made["discriminator"] = {**made["discriminator"], KNOWN: list(names)}
    if refuses:
        # No contract has a `$comment` left: it marks whose `enum` this is.
        listed = {"type": "string", "enum": list(names), "$comment": KNOWN}
        rule = {"properties": {said["propertyName"]: {"if": {"type": "string"}, "then": listed}}}
        made["allOf"] = [*made.get("allOf", ()), rule]


def each_once(members: list[JsonSchema]) -> list[JsonSchema]:
    """Members of `allOf` without repeated references: doubled at each level they cost 2^levels."""
    kept: dict[str | int, JsonSchema] = {}
    for index, one in enumerate(members):
        target = one["$ref"] if isinstance(one, dict) and one.keys() == {"$ref"} else None
        kept.setdefault(target if isinstance(target, str) else index, one)
    return list(kept.values())


_INTEGER_BITS = {"int32": 32, "int64": 64}
EXCLUSIVE_BOUNDS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
"""Bounds with the flag that OpenAPI 3.0 has for each, and JSON Schema 2020-12 has as a number."""


def bound_by_format(made: dict[str, Any]) -> None:
    """Turn `int32` and `int64` into bounds, which a validator enforces and a format is not."""
    bits = _INTEGER_BITS.get(str(made.get("format")))
    if bits is None:
        return
    # Two's complement: one more below zero than above.
    limit = 1 << (bits - 1)
    low, high = made.get("minimum", -limit), made.get("maximum", limit - 1)
    if isinstance(low, int | float) and isinstance(high, int | float):
        made["minimum"], made["maximum"] = max(low, -limit), min(high, limit - 1)


def with_target(value: Mapping[str, Any], target: str) -> dict[str, Any]:
    """A schema whose one `$ref` is resolved; a `$dynamicRef` beside one applies as well."""
    made = {key: child for key, child in value.items() if key != "$dynamicRef"}
    if "$ref" in value and isinstance(value.get("$dynamicRef"), str):
        written = made.get("allOf")
        also = {"$dynamicRef": value["$dynamicRef"]}
        made["allOf"] = [*(written if isinstance(written, list) else ()), also]
    return {**made, "$ref": target}


def reference_of(target: str) -> str:
    """A discriminator's target as a reference: it may be the name of a schema."""
    return target if "/" in target or "#" in target else f"#/components/schemas/{target}"


def use_engine_patterns(made: dict[str, Any]) -> None:
    r"""Patterns in the syntax of the engine, which takes `\<` for something else than ECMA-262."""
    if isinstance(made.get("pattern"), str):
        made["pattern"] = engine_pattern(made["pattern"])
    named = made.get("patternProperties")
    if isinstance(named, dict):
        made["patternProperties"] = {
            engine_pattern(pattern) if isinstance(pattern, str) else pattern: schema
            for pattern, schema in named.items()
        }
