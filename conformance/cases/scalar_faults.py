"""Faults of one value by itself: another type, no member, beyond a bound, of another form."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.cases.value_fault import Maker, ValueFault, in_brief, with_article
from conformance.clauses.schema_nodes import SchemaNode
from spec.schemas.string_formats import STRING_FORMATS

__all__ = ["MALFORMED", "SCALAR_MAKERS", "other_types"]

_LONGEST = 100_000
"""A `maxLength` beyond it is not crossed: the request would be about size, not about length."""

_OF_TYPE: Mapping[str, Any] = {
    "string": "text",
    "number": 1.5,
    "integer": 7,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}
# The next number above each (OpenAPI 3.0.4, Data Types).
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "int32": ("2147483648",),
    "int64": ("9223372036854775808",),
}
_UNUSUAL = (" ", "  ", "\t", "-", "a", "A", "0", "!", "é", "a b", "\n", "%")
MALFORMED: Mapping[str, tuple[str, ...]] = {
    **{name: one.broken for name, one in STRING_FORMATS.items() if one.broken},
    **_NUMBERS,
}


def _type(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    """What a reader that converts values takes for a good one, before what none would take."""
    yield from (
        ValueFault(
            keyword="type",
            label=label,
            value=other,
            fault=_kind(node, other),
            # A text takes whatever there is: who writes a number into it does not look at it.
            partly="string" not in node.types and not isinstance(good, dict),
        )
        for label, other in _convertible(node, good)
    )
    yield from other_types("type", node)


def other_types(keyword: str, node: SchemaNode) -> Iterator[ValueFault]:
    """A value of each type, which breaks a keyword that says of which types a value may be."""
    for name, value in _OF_TYPE.items():
        kind = _kind(node, value)
        yield ValueFault(
            keyword=keyword,
            label=f"{with_article(name)}: {in_brief(value)}",
            value=value,
            fault=kind,
            partly=kind in ("null", "boolean"),
        )


def _kind(node: SchemaNode, other: Any) -> str:
    """The kind of a fault that readers let in which refuse other types: lists of texts, say."""
    if other is None:
        return "null"
    # Python's `bool` is an `int`.
    if other is True and {"number", "integer"} & set(node.types):
        return "boolean"
    if other == 1.5 and "integer" in node.types:
        return "fraction"
    return "list" if other and isinstance(other, list) and "string" in node.types else ""


def _convertible(node: SchemaNode, good: Any) -> Iterator[tuple[str, Any]]:
    if "string" not in node.types and isinstance(good, (bool, int, float)):
        text = str(good).lower() if isinstance(good, bool) else str(good)
        yield f"the same as text: {text!r}", text
    if "integer" in node.types:
        yield "a fraction: 1.5", 1.5
    if "array" in node.types and isinstance(good, list) and good:
        yield "its first item instead of the array", good[0]
    if "object" in node.types and isinstance(good, dict):
        yield "an array with the object in it", [good]
        # Written as JSON twice, as happens to whole bodies; a tolerant reader reads it twice.
        if not node.steps and "string" not in node.types:
            yield "the object as JSON in a text", json.dumps(good)
    if "boolean" in node.types:
        yield "0 for false", 0
        yield "1 for true", 1
    if "string" in node.types and isinstance(good, str):
        yield "a number: 7", 7
        # JavaScript makes the text itself of it: a name that must be known is known still.
        yield "an array with the text in it", [good]


def _enum(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    # What is recased, trimmed or matched at its beginning takes one of these for the member.
    members = [member for member in value if isinstance(member, str)]
    for member in members[:3]:
        for other in (member.upper(), member.title(), f" {member}", f"{member}x", member[:-1]):
            if other not in value:
                yield ValueFault(keyword="enum", label=f"near a member: {other!r}", value=other)
    yield ValueFault(keyword="enum", label="no member: 'other-value'", value="other-value")
    numbers = [m for m in value if isinstance(m, (int, float)) and not isinstance(m, bool)]
    if numbers:
        yield ValueFault(keyword="enum", label="no member", value=max(numbers) + 1)


def _const(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    other: Any = f"{value}x" if isinstance(value, str) else "other-value"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        other = value + 1
    yield ValueFault(keyword="const", label=f"not the constant: {in_brief(other)}", value=other)


def _bound(keyword: str, direction: int) -> Maker:
    def make(node: SchemaNode, bound: Any, good: Any) -> Iterator[ValueFault]:
        if isinstance(bound, bool) or not isinstance(bound, (int, float)):
            return
        steps: list[float] = [direction, direction * 1000] if "integer" in node.types else []
        steps += [direction * 0.001, direction * 100] if "number" in node.types else []
        closed = node.keywords.get(f"exclusive{keyword.title()}") is True
        if keyword.startswith("exclusive") or closed:
            steps = [0, *steps]
        for step in steps:
            value = bound + step
            if isinstance(bound, float) and bound.is_integer() and isinstance(step, int):
                value = int(value)
            yield ValueFault(keyword=keyword, label=f"{value} for {keyword} {bound}", value=value)

    return make


def _multiple(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(value, (int, float)) and value:
        off = value + 1 if isinstance(value, int) and value > 1 else value * 1.5
        yield ValueFault(keyword="multipleOf", label=f"{off} for multipleOf {value}", value=off)


def _min_length(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(value, int) and 0 < value <= _LONGEST:
        text = (good if isinstance(good, str) else "") or "a"
        short = (text * value)[: value - 1]
        yield ValueFault(keyword="minLength", label=f"{value - 1} characters", value=short)
        if value > 1:
            # One character each, and two units of UTF-16: what counts units takes them.
            wide = "😀" * (value - 1)
            yield ValueFault(keyword="minLength", label=f"{value - 1} emoji", value=wide)


def _max_length(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(value, int) and value < _LONGEST:
        text = good if isinstance(good, str) and good else "a"
        long = (text * (value // len(text) + 2))[: value + 1]
        yield ValueFault(keyword="maxLength", label=f"{value + 1} characters", value=long)


def _pattern(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    least, most = node.keywords.get("minLength", 0), node.keywords.get("maxLength", math.inf)
    texts = [text * max(1, math.ceil(least / len(text))) for text in _UNUSUAL]
    texts.insert(0, "")
    if isinstance(good, str):
        # A line break first: `$` matches before it in Python, Ruby and PHP.
        texts += (f"{good}\n", f" {good}", good.upper(), good[:-1], f"{good}!")
    for text in texts:
        # One fault at a time: a text of another length shows nothing of the pattern.
        if least <= len(text) <= most:
            label = f"does not match: {in_brief(text)}"
            yield ValueFault(keyword="pattern", label=label, value=text)


def _format(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    for text in MALFORMED.get(str(value), ()):
        wanted: Any = int(text) if str(value).startswith("int") else text
        yield ValueFault(keyword="format", label=f"no {value}: {text!r}", value=wanted)


SCALAR_MAKERS: Mapping[str, Maker] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _bound("minimum", -1),
    "maximum": _bound("maximum", 1),
    "exclusiveMinimum": _bound("exclusiveMinimum", -1),
    "exclusiveMaximum": _bound("exclusiveMaximum", 1),
    "multipleOf": _multiple,
    "minLength": _min_length,
    "maxLength": _max_length,
    "pattern": _pattern,
    "format": _format,
}
