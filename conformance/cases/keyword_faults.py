"""Values that break one keyword of a schema by the smallest change; a receiver must refuse them.

The generators may propose valid values: a change is used only if the contract's validator refuses
the whole changed body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.cases.holder_faults import HOLDER_MAKERS
from conformance.cases.scalar_faults import SCALAR_MAKERS, other_types
from conformance.cases.valid_values import ValidValueBuilder
from conformance.cases.value_fault import Maker, ValueFault, in_brief
from conformance.clauses.schema_nodes import SchemaNode
from spec.model.contract_model import Schema
from spec.model.errors import SpecError
from spec.model.pointers import join

__all__ = ["changes", "excluded_properties", "may_be_boolean", "overlaps"]


def changes(node: SchemaNode, good: Any) -> Iterator[ValueFault]:
    """The changes that a node's keywords forbid, each keyword in its own way."""
    for keyword, value in node.keywords.items():
        if make := _MAKERS.get(keyword):
            yield from make(node, value, good)
    if not node.typed and ("oneOf" in node.keywords or "anyOf" in node.keywords):
        keyword = "oneOf" if "oneOf" in node.keywords else "anyOf"
        yield from other_types(keyword, node)


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
        yield ValueFault(keyword="not", label=f"what is excluded: {in_brief(one)}", value=one)
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


_MAKERS: Mapping[str, Maker] = {
    **SCALAR_MAKERS,
    **HOLDER_MAKERS,
    "propertyNames": _names,
    "not": _not,
    "if": _if,
}
