"""Parameters whose text is read as something else: `style`, `explode` and their like."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from conformance.diff.inclusion.subschemas import rewritten
from conformance.diff.model.matched import Matched
from conformance.diff.model.witness import Witness
from conformance.http.exchange import Request
from conformance.messages.disallowed import read_body, read_parameter, refusal
from conformance.messages.request_values import RequestValues
from conformance.messages.writing import request_of
from spec import Direction, MediaType, Parameter, Schema, SpecError, UnsatisfiableError
from spec.sampling import sample
from spec.schemas.compiled import compile_schema
from spec.text.json_values import StyleError
from spec.text.styles import Absent

__all__ = ["form_witness", "style_witness"]

_TELLING: tuple[dict[str, Any], ...] = (
    {},
    {"type": "array", "minItems": 2},
    {"type": "object", "minProperties": 2},
    {"type": "object", "minProperties": 1},
)
"""Demands on a value beside those of its schema: of one item or none, all styles write the same."""
_RESERVED = ("a/b?c", "a:b", "a,b", "a=b")
"""Texts of reserved characters (RFC 3986, section 2.2), which `allowReserved` is about."""


def style_witness(matched: Matched, old: Parameter, new: Parameter) -> Witness | None:
    """A request that OLD allows and that NEW refuses or reads as another value."""

    def reading(request: Request) -> Any:
        return read_parameter(matched.new, matched.after, new, request)

    values = (*_values(matched, old.value_schema), *_RESERVED)
    calls = (partial(_with_value, matched, old, value) for value in values)
    return _misread(matched, zip(values, calls, strict=True), reading)


def form_witness(matched: Matched, old: MediaType, new: MediaType) -> Witness | None:
    """The same for a form whose fields are encoded otherwise."""

    def reading(request: Request) -> Any:
        return read_body(matched.new, new, request)

    values = tuple(_values(matched, old.schema))
    calls = (partial(_with_body, matched, old, value) for value in values)
    return _misread(matched, zip(values, calls, strict=True), reading)


def _with_value(matched: Matched, parameter: Parameter, value: Any) -> RequestValues:
    return matched.plain().with_value(parameter, value)


def _with_body(matched: Matched, media_type: MediaType, value: Any) -> RequestValues:
    return matched.plain().with_body(media_type, value)


def _misread(
    matched: Matched,
    calls: Iterable[tuple[Any, Callable[[], RequestValues]]],
    reading: Callable[[Request], Any],
) -> Witness | None:
    for value, call in calls:
        try:
            request = request_of(matched.old, call())
        except SpecError:
            continue
        if refusal(matched.old, request):
            continue
        read = _tried(reading, request)
        if read != value:
            return Witness(
                operation=matched.id,
                request=request,
                old=f"allows it and reads {_value_in_words(value)}",
                new=refusal(matched.new, request) or f"reads {_value_in_words(read)}",
            )
    return None


def _tried(reading: Callable[[Request], Any], request: Request) -> Any:
    try:
        return reading(request)
    except StyleError as error:
        # A text that cannot be read is another reading too, and the sentence says which.
        return str(error)


def _value_in_words(value: Any) -> str:
    return "nothing" if value is Absent.ABSENT else json.dumps(value, ensure_ascii=False)


def _values(matched: Matched, schema: Schema | None) -> Iterator[Any]:
    """Values in which a style shows: lists and objects of more than one."""
    whole = matched.old.standalone(schema, Direction.REQUEST) if schema else {}
    longer = rewritten(whole, _with_two_items)
    assert isinstance(longer, Mapping)
    for telling in (*({**whole, "allOf": [*whole.get("allOf", ()), m]} for m in _TELLING), longer):
        try:
            yield sample(telling, is_valid=compile_schema(telling).is_valid)
        except UnsatisfiableError:
            continue


def _with_two_items(node: Mapping[str, Any]) -> Mapping[str, Any]:
    if node.get("type") != "array":
        return node
    return {**node, "minItems": max(2, node.get("minItems", 0))}
