"""Schemas that contradict themselves, and values beside them that they do not allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema_rs.canonical import Cause, UnsatisfiableReason

from spec.contract.examples import Violations, is_format_alone
from spec.model.contract_model import Direction
from spec.model.errors import Fault, Place
from spec.model.pointers import join, split
from spec.sampling.minimum_depth import MinimumDepths
from spec.sampling.proposals import fits
from spec.schemas.alternatives import SchemaValue
from spec.schemas.keywords import ANNOTATIONS
from spec.schemas.translated import Standalone

__all__ = ["endless_faults", "unsatisfiable_faults", "value_faults"]

PlaceOf = Callable[[str], Place]

_PLAIN = ANNOTATIONS | {"type"}
"""Keywords that say nothing of a value but its type."""


def value_faults(
    pointer: str, schema: Mapping[str, Any], violations: Violations, place: PlaceOf
) -> Iterator[Fault]:
    """What is wrong with the examples and the default of a schema.

    A value must be allowed in one direction at least: `readOnly` properties are in examples.
    """
    listed = schema.get("examples")
    written = [
        *((("example",), schema["example"], "example") for _ in range("example" in schema)),
        *((("default",), schema["default"], "default") for _ in range("default" in schema)),
        *(
            (("examples", index), value, "example")
            for index, value in enumerate(listed if isinstance(listed, list) else ())
        ),
    ]
    for at, value, noun in written:
        if _is_plainly_right(schema, value):
            continue
        found = [violations(pointer, direction, value) for direction in Direction]
        least = min(found, key=len)
        for violation in least:
            yield Fault(
                code=f"faulty-{noun}",
                place=place(join(pointer, *at) + violation.pointer),
                pointer=join(pointer, *at),
                what=f"{violation.pointer or f'the {noun}'} {violation.message}",
                remedy=f"correct the {noun} or the schema",
                keyword=violation.keyword,
                harmless=is_format_alone(least),
                many=f"{noun}s break `format: {violation.format}`" if violation.format else "",
            )


def _is_plainly_right(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a schema with a `type` alone allows a value; most need no validator."""
    if not all(key in _PLAIN or key.startswith("x-") for key in schema):
        return False
    written = schema.get("type")
    if isinstance(written, str):
        return fits(value, [written])
    return written is None


def unsatisfiable_faults(
    standalone: Standalone, reasons: Mapping[str, UnsatisfiableReason], place: PlaceOf
) -> Iterator[Fault]:
    """The contradictions in a schema; what only holds something impossible is not the cause."""
    # What is written as `false` is meant.
    contradictions = {at: causes for at, reason in reasons.items() if (causes := _causes(reason))}
    for at, causes in contradictions.items():
        if any(other.startswith(f"{at}/") for other in contradictions):
            continue
        keywords = [keyword for cause in causes for keyword in cause.keywords]
        tokens: list[str | int] = [int(t) if t.isdecimal() else t for t in split(f"#{at}")]
        pointer = standalone.origin(tokens)
        yield Fault(
            code="unsatisfiable-schema",
            place=place(pointer),
            pointer=pointer,
            what="no value satisfies this schema: "
            + _contradiction(_at(standalone.schema, tokens), keywords),
            remedy="correct the one that is wrong",
        )


def endless_faults(
    definitions: Mapping[str, SchemaValue], origin: Callable[[str], str], place: PlaceOf
) -> Iterator[Fault]:
    """The definitions of which each value needs another one in it; `origin` is their pointer."""
    for name in MinimumDepths(definitions, is_proof=True).endless():
        pointer = origin(name)
        yield Fault(
            code="unsatisfiable-schema",
            place=place(pointer),
            pointer=pointer,
            what="no value satisfies this schema: it requires itself endlessly",
            remedy="make a property on the way optional or nullable, or let a list be empty",
        )


_BOUNDS = (
    *(("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")),
    *(("minProperties", "maxProperties"), ("minContains", "maxContains")),
)


def _at(schema: Any, tokens: list[str | int]) -> Mapping[str, Any]:
    for token in tokens:
        schema = schema[token]
    return schema if isinstance(schema, Mapping) else {}


def _contradiction(schema: Mapping[str, Any], keywords: list[str]) -> str:
    """What excludes each other in words; parts of `allOf` are not beside each other."""
    for least, most in _BOUNDS:
        if {least, most} <= schema.keys() and schema[least] > schema[most]:
            return f"`{least}` {schema[least]} is greater than `{most}` {schema[most]}"
    if "enum" in keywords and schema.get("enum") == []:
        return "its `enum` is empty"
    if "required" in keywords and schema.get("additionalProperties") is False:
        declared = schema.get("properties") or {}
        refused = [name for name in schema.get("required", ()) if name not in declared]
        if refused and "patternProperties" not in schema:
            return f"{refused[0]!r} is required, and `additionalProperties: false` refuses it"
    # What a part is made of says nothing of why it excludes another.
    names = [name for name in dict.fromkeys(keywords) if name not in ("$ref", "allOf", "oneOf")]
    if len(names) < 2:
        same = f"the values of `{names[0]}` in its parts" if names else "its parts"
        return f"{same} exclude each other"
    return f"{' and '.join(f'`{name}`' for name in names)} exclude each other"


def _causes(reason: UnsatisfiableReason) -> list[Cause]:
    if isinstance(reason, UnsatisfiableReason.Conflict):
        return reason.causes
    if isinstance(reason, UnsatisfiableReason.Empty):
        return [reason.cause]
    return []
