"""Schemas of values that travel as text, where a number is accepted by whoever reads a string."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.diff.inclusion.algebra import contains
from conformance.diff.inclusion.subschemas import rewritten
from spec.schemas.compiled import compile_schema
from spec.text.json_values import readings

__all__ = ["as_text", "not_taken_as_text"]

_ANY_TEXT = ("string", "integer", "number", "boolean")
"""Types whose values can all be written as a text."""
_NARROWING = ("minLength", "maxLength", "pattern", "format", "contentEncoding", "enum", "const")
"""Keywords by which a string is no longer any text."""


def as_text(receiver: Mapping[str, Any]) -> Mapping[str, Any]:
    """The receiver's schema with the values that its own reading would turn into strings."""
    made = rewritten(receiver, _widened)
    assert isinstance(made, Mapping)
    return made


def not_taken_as_text(sender: Mapping[str, Any], receiver: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sender's schema without the values whose text the receiver takes for a string.

    Where any string will do, so will any number's text; `null` and `true` are strings as well. A
    text may be a list of one.
    """
    if any(contains(any_text, receiver) for any_text in (_TEXT, _LIST_OF_ONE)):
        return _without(sender, {"type": [*_ANY_TEXT[1:], "null"]})
    takes = compile_schema(receiver).is_valid
    taken = [value for value, text in _NAMED.items() if takes(text) or takes([text])]
    return _without(sender, {"enum": taken}) if taken else sender


_TEXT: Mapping[str, Any] = {"type": "string"}
_LIST_OF_ONE: Mapping[str, Any] = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 1}
_NAMED: Mapping[bool | None, str] = {None: "null", True: "true", False: "false"}


def _without(schema: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**schema, "allOf": [*schema.get("allOf", ()), {"not": values}]}


def _widened(node: Mapping[str, Any]) -> Mapping[str, Any]:
    if "enum" in node or "const" in node:
        return _with_members(node)
    types = node.get("type")
    listed = [types] if isinstance(types, str) else list(types or ())
    if "string" not in listed or any(keyword in node for keyword in _NARROWING):
        return node
    return {**node, "type": sorted({*listed, *_ANY_TEXT})}


def _with_members(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """`"1"` in an enum of strings is also what the integer 1 is written as."""
    members = list(node["enum"]) if "enum" in node else [node["const"]]
    other = frozenset(_ANY_TEXT) - {"string"}
    more = [value for m in members if isinstance(m, str) for value in readings(m, other)]
    if not more:
        return node
    rest = {k: v for k, v in node.items() if k not in ("type", "enum", "const")}
    return {**rest, "enum": [*members, *more]}
