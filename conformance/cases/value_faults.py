"""Values that break one keyword of a schema by the smallest change; a receiver must refuse them.

The generators may propose valid values: a change is used only if the contract's validator refuses
the whole changed body.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import DROP
from spec.model.contract_model import Schema
from spec.model.errors import SpecError
from spec.model.pointers import join
from spec.schemas.string_formats import STRING_FORMATS

__all__ = ["ValueFault", "changes", "excluded_properties", "may_be_boolean", "overlaps"]

LONGEST = 100_000
"""A `maxLength` beyond it is not crossed: the request would be about size, not about length."""

OF_TYPE: Mapping[str, Any] = {
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
MALFORMED: Mapping[str, tuple[str, ...]] = {
    **{name: one.broken for name, one in STRING_FORMATS.items() if one.broken},
    **_NUMBERS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFault:
    """What to put in place of a good value, or at `key` in it, and the keyword that it breaks.

    `fault` is a kind of fault that is one cause, whichever keyword it breaks. `partly` says that
    some readers let it in and check the value all the same: a fraction, null, a number as text.
    """

    keyword: str
    label: str
    value: Any
    key: str | None = None
    fault: str = ""
    partly: bool = False


Maker = Callable[[SchemaNode, Any, Any], Iterator[ValueFault]]
"""Gives the changes of one keyword: of the node, the keyword's value and a good value there."""


def changes(node: SchemaNode, good: Any) -> Iterator[ValueFault]:
    """The changes that a node's keywords forbid, each keyword in its own way."""
    for keyword, value in node.keywords.items():
        if make := _MAKERS.get(keyword):
            yield from make(node, value, good)
    if not node.typed and ("oneOf" in node.keywords or "anyOf" in node.keywords):
        keyword = "oneOf" if "oneOf" in node.keywords else "anyOf"
        yield from _other_types(keyword, node)


def _other_types(keyword: str, node: SchemaNode) -> Iterator[ValueFault]:
    for name, value in OF_TYPE.items():
        kind = _kind(node, value)
        yield ValueFault(
            keyword=keyword,
            label=f"{_a(name)}: {_short(value)}",
            value=value,
            fault=kind,
            partly=kind in ("null", "boolean"),
        )


def overlaps(builder: ValidValueBuilder, node: SchemaNode, good: Any) -> Iterator[ValueFault]:
    """The properties of two alternatives at once, where a value may be of one alone."""
    for index, alternative in enumerate(node.keywords.get("oneOf") or ()):
        schema = Schema(pointer=join(node.pointer, "oneOf", index), value=alternative)
        try:
            other = builder.plain(schema)
        except SpecError:
            continue
        if isinstance(good, dict) and isinstance(other, dict) and not other.items() <= good.items():
            label = f"what alternative {index + 1} asks for as well"
            yield ValueFault(keyword="oneOf", label=label, value={**other, **good})


def excluded_properties(
    builder: ValidValueBuilder, node: SchemaNode, good: Any
) -> Iterator[ValueFault]:
    """Properties that the contract excludes, or excludes side by side, whatever their values."""
    excluded = node.keywords.get("not")
    if not isinstance(good, dict) or not isinstance(excluded, dict):
        return
    for one in (excluded, *(excluded.get("anyOf") or ()), *(excluded.get("oneOf") or ())):
        names = one.get("required") or () if isinstance(one, dict) else ()
        known = {**good, **_constants(one)} if names else good
        if all(name in known for name in names):
            continue
        lacking = {name: _plain(builder, node, name) for name in names if name not in known}
        label = f"what is excluded, by {', '.join(f'`{name}`' for name in names)}"
        yield ValueFault(keyword="not", label=label, value={**known, **lacking})


def _plain(builder: ValidValueBuilder, node: SchemaNode, name: str) -> Any:
    """A good value of a property, anything where the schema says nothing of it."""
    if name not in node.properties:
        return "x"
    schema = Schema(pointer=join(node.pointer, "properties", name), value=node.properties[name])
    try:
        return builder.plain(schema)
    except SpecError:
        return "x"


def may_be_boolean(node: SchemaNode, change: ValueFault) -> bool:
    """Whether it is 0 or 1 for a boolean: in text, of which no standard gives the spelling."""
    return "boolean" in node.types and change.value in (0, 1)


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
    yield from _other_types("type", node)


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


def _required(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    for name in value if isinstance(value, list) else ():
        label = f"`{name}` is missing"
        yield ValueFault(keyword=f"required:{name}", label=label, value=DROP, key=name)


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
    yield ValueFault(keyword="const", label=f"not the constant: {_short(other)}", value=other)


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
    if isinstance(value, int) and 0 < value <= LONGEST:
        text = (good if isinstance(good, str) else "") or "a"
        short = (text * value)[: value - 1]
        yield ValueFault(keyword="minLength", label=f"{value - 1} characters", value=short)
        if value > 1:
            # One character each, and two units of UTF-16: what counts units takes them.
            wide = "😀" * (value - 1)
            yield ValueFault(keyword="minLength", label=f"{value - 1} emoji", value=wide)


def _max_length(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(value, int) and value < LONGEST:
        text = good if isinstance(good, str) and good else "a"
        long = (text * (value // len(text) + 2))[: value + 1]
        yield ValueFault(keyword="maxLength", label=f"{value + 1} characters", value=long)


def _pattern(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    least = node.keywords.get("minLength", 0)
    for text in ("", " ", "  ", "\t", "-", "a", "A", "0", "!", "é", "a b", "\n", "%"):
        # Long enough for `minLength`: one fault at a time.
        text = text * max(1, math.ceil(least / len(text))) if text else text
        yield ValueFault(keyword="pattern", label=f"does not match: {text!r}", value=text)
    if isinstance(good, str):
        # A line break first: `$` matches before it in Python, Ruby and PHP.
        for text in (f"{good}\n", f" {good}", good.upper(), good[:-1], f"{good}!"):
            yield ValueFault(keyword="pattern", label=f"does not match: {_short(text)}", value=text)


def _format(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    for text in MALFORMED.get(str(value), ()):
        wanted: Any = int(text) if str(value).startswith("int") else text
        yield ValueFault(keyword="format", label=f"no {value}: {text!r}", value=wanted)


def _min_items(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(good, list) and isinstance(value, int) and value > 0:
        yield ValueFault(keyword="minItems", label=f"{value - 1} items", value=good[: value - 1])


def _max_items(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(good, list) and good and isinstance(value, int) and value < 10_000:
        # Copies where they are allowed: another member might be a fault of its own.
        differ = node.keywords.get("uniqueItems") is True
        turns = ((n % len(good), n // len(good) if differ else 0) for n in range(value + 1))
        more = [_other(good[index], turn) for index, turn in turns]
        yield ValueFault(keyword="maxItems", label=f"{value + 1} items", value=more)


def _other(item: Any, turn: int) -> Any:
    """The item, and in later turns another one of its kind: items may have to differ."""
    if isinstance(item, bool) or not turn:
        return item
    if isinstance(item, str):
        return f"{item}{turn}"
    return item + turn if isinstance(item, (int, float)) else item


def _unique(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if value is True and isinstance(good, list) and good:
        yield ValueFault(keyword="uniqueItems", label="an item twice", value=[good[0], good[0]])


def _min_properties(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(good, dict) and isinstance(value, int) and value > 0:
        fewer = dict(list(good.items())[: value - 1])
        yield ValueFault(keyword="minProperties", label=f"{len(fewer)} properties", value=fewer)


def _max_properties(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    if isinstance(good, dict) and isinstance(value, int):
        extra = {f"extra{n}": 1 for n in range(value + 1 - len(good))}
        yield ValueFault(
            keyword="maxProperties", label=f"{value + 1} properties", value={**good, **extra}
        )


def _closed(keyword: str) -> Maker:
    def make(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
        if value is False and isinstance(good, dict):
            label = "a property that is not allowed"
            yield ValueFault(keyword=keyword, label=label, value="x", key="unknownProperty")

    return make


def _full(keyword: str) -> Maker:
    def make(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
        named = len(node.keywords.get("prefixItems") or ())
        if value is False and isinstance(good, list) and good and len(good) >= named:
            yield ValueFault(keyword=keyword, label="an item too many", value=[*good, good[-1]])

    return make


def _names(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    """A name of another form, beside the good ones, with a value of theirs."""
    if not isinstance(value, dict) or not isinstance(good, dict):
        return
    form = SchemaNode(name="", steps=(), pointer="", keywords={"type": "string", **value})
    held = next(iter(good.values()), "x")
    for change in changes(form, next(iter(good), None)):
        if isinstance(change.value, str) and change.value not in good:
            other = {**good, change.value: held}
            yield ValueFault(keyword="propertyNames", label=f"a name: {change.label}", value=other)


def _not(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    """What the contract excludes: the members, the constant, or properties side by side."""
    excluded = value if isinstance(value, dict) else {}
    for one in _members(excluded):
        yield ValueFault(keyword="not", label=f"what is excluded: {_short(one)}", value=one)
    if isinstance(good, dict) and (constants := _constants(excluded)):
        names = ", ".join(f"`{name}`" for name in constants)
        both = {**good, **constants}
        yield ValueFault(keyword="not", label=f"what is excluded, by {names}", value=both)


def _if(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    """A condition that is met, without what it asks for; and the same of one that is not met."""
    if not isinstance(value, dict) or not isinstance(good, dict):
        return
    met = {**good, **_constants(value)}
    yield from _without_consequence(node.keywords.get("then"), met)
    for name, other in _other_members(node, value):
        yield from _without_consequence(node.keywords.get("else"), {**good, name: other})


def _without_consequence(asked: Any, base: dict[str, Any]) -> Iterator[ValueFault]:
    if not isinstance(asked, dict):
        return
    for name in asked.get("required") or ():
        rest = {key: value for key, value in base.items() if key != name}
        label = f"`{name}` is missing where it is required"
        yield ValueFault(keyword="if", label=label, value=rest)
    for name, schema in (asked.get("properties") or {}).items():
        if isinstance(schema, dict):
            below = SchemaNode(name="", steps=(), pointer="", keywords=schema)
            for change in changes(below, base.get(name)):
                if change.key is None:
                    label = f"`{name}`: {change.label}"
                    changed = {**base, name: change.value}
                    yield ValueFault(keyword="if", label=label, value=changed)


def _members(schema: Any) -> list[Any]:
    """The values that a schema lists, of an enum or a constant."""
    if not isinstance(schema, dict):
        return []
    return [schema["const"]] if "const" in schema else list(schema.get("enum") or ())


def _constants(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A value of each property of which the schema lists some."""
    listed = {name: _members(below) for name, below in (schema.get("properties") or {}).items()}
    return {name: members[0] for name, members in listed.items() if members}


def _other_members(node: SchemaNode, condition: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """For each property that the condition lists values of, one that the schema allows beside."""
    for name, below in (condition.get("properties") or {}).items():
        own = node.properties.get(name)
        allowed = [True, False] if own == {"type": "boolean"} else _members(own)
        others = [one for one in allowed if one not in _members(below)]
        if _members(below) and others:
            yield name, others[0]


def _dependent(node: SchemaNode, value: Any, good: Any) -> Iterator[ValueFault]:
    for name, needed in (value or {}).items():
        for need in needed if isinstance(good, dict) and name in good else ():
            label = f"`{name}` without `{need}`"
            yield ValueFault(keyword="dependentRequired", label=label, value=DROP, key=need)


_MAKERS: Mapping[str, Maker] = {
    "type": _type,
    "required": _required,
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
    "minItems": _min_items,
    "maxItems": _max_items,
    "uniqueItems": _unique,
    "minProperties": _min_properties,
    "maxProperties": _max_properties,
    "additionalProperties": _closed("additionalProperties"),
    "unevaluatedProperties": _closed("unevaluatedProperties"),
    "items": _full("items"),
    "unevaluatedItems": _full("unevaluatedItems"),
    "propertyNames": _names,
    "not": _not,
    "if": _if,
    "dependentRequired": _dependent,
}


def _a(name: str) -> str:
    if name == "null":
        return "null"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
