"""Parameters whose text is read as something else: `style`, `explode` and their like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.diff.matched import Matched
from conformance.exchange import Request
from conformance.witness import Witness, read_parameter, refusal, request_of, schema_of
from spec import Direction, Parameter, SpecError, UnsatisfiableError
from spec.sampling import sample
from spec.schemas import compile_schema
from spec.styles import Absent
from spec.text import StyleError

__all__ = ["style_witness"]

_TELLING: tuple[dict[str, Any], ...] = (
    {},
    {"type": "array", "minItems": 2},
    {"type": "object", "minProperties": 2},
    {"type": "object", "minProperties": 1},
)
_RESERVED = ("a/b?c", "a:b", "a,b", "a=b")


def style_witness(matched: Matched, old: Parameter, new: Parameter) -> Witness | None:
    """A request that OLD allows and that NEW refuses or reads as another value."""
    for value in _values(matched, old):
        try:
            request = request_of(matched.old, matched.plain().with_value(old, value))
        except SpecError:
            continue
        if refusal(matched.old, request):
            continue
        reading = _reading(matched, new, request)
        if reading != value:
            return Witness(
                operation=matched.id,
                request=request,
                old=f"allows it and reads {_said(value)}",
                new=refusal(matched.new, request) or f"reads {_said(reading)}",
            )
    return None


def _reading(matched: Matched, new: Parameter, request: Request) -> Any:
    try:
        return read_parameter(matched.new, matched.after, new, request)
    except StyleError as error:
        return str(error)


def _said(value: Any) -> str:
    return "nothing" if value is Absent.ABSENT else json.dumps(value, ensure_ascii=False)


def _values(matched: Matched, parameter: Parameter) -> Iterator[Any]:
    schema = schema_of(parameter)
    whole = matched.old.standalone(schema, Direction.REQUEST) if schema else {}
    for more in _TELLING:
        telling = {**whole, "allOf": [*whole.get("allOf", ()), more]}
        try:
            yield sample(telling, is_valid=compile_schema(telling).is_valid)
        except UnsatisfiableError:
            continue
    yield from _RESERVED
