"""Text as JSON values and back, as strictly as JSON writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from spec.model.errors import SpecError
from spec.schemas.keywords import EVERY_TYPE
from spec.schemas.shapes import Shape
from spec.text import json_text
from spec.text.long_json import LONG, read_long_text

__all__ = ["StyleError", "coerce", "first_fit", "loads", "readings", "text_of"]

# `[0-9]` and not `\d`, which takes the digits of every script. Python converts 4300 at most.
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,3999})")
_EXACT = 2**53
"""From here on a float is no longer every whole number."""
_INFINITE = (float("inf"), float("-inf"))
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


class StyleError(SpecError):
    """Text that is not in the parameter's style, or a value that the style cannot express."""


def readings(text: str, types: frozenset[str]) -> list[Any]:
    """Everything that text can be among the types, the plainest first.

    Strict, as JSON writes them: `0x10`, ` 1`, `+1`, `01` and `١` are no numbers. A number such as
    `2.0` is an integer (JSON Schema Core section 4.2.1). Of every type, it is first of all text.
    """
    if types == EVERY_TYPE:
        return [text, *readings(text, EVERY_TYPE - {"string"})]
    found: list[Any] = []
    if "null" in types and (text == "null" or (not text and "string" not in types)):
        found.append(None)
    if "boolean" in types and text in ("true", "false"):
        found.append(text == "true")
    number = _number(text) if {"integer", "number"} & types else None
    if isinstance(number, int) or (number is not None and "number" in types):
        found.append(number)
    if "string" in types:
        found.append(text)
        # The empty text is a text first; null has no other form in which people write it.
        if not text and "null" in types:
            found.append(None)
    return found


def _number(text: str) -> int | float | None:
    """The number that text is, whole where its value is; None where it is none."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    if number in _INFINITE:
        return None
    # `1e400` is caught above; `1e300` would become an integer of 300 digits that nobody wrote.
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def coerce(text: str, shape: Shape) -> Any:
    """Read text as the plainest value that its schema admits; where it admits none, the plainest.

    A text of a type that the schema has not stays text, so that validation names it.
    """
    offered = _offered(text, shape)
    if len(offered) == 1:
        return offered[0]
    return next((one for one in offered if shape.admits(one)), offered[0])


def first_fit(shape: Shape, ways: Sequence[Callable[[], Any]]) -> Any:
    """The first of several readings that the schema admits, else the first that can be read.

    A single one is not judged. Raises StyleError where none of them can be read at all.
    """
    if len(ways) == 1:
        return ways[0]()
    read: list[Any] = []
    refused: StyleError | None = None
    for way in ways:
        try:
            value = way()
        except StyleError as error:
            refused = refused or error
            continue
        if shape.admits(value):
            return value
        read.append(value)
    if not read:
        raise refused or StyleError("cannot be read")
    return read[0]


def _offered(text: str, shape: Shape) -> list[Any]:
    found: list[Any] = []
    for way in shape.ways:
        for one in readings(text, way.types):
            # `1 == True` in Python, and as JSON they differ.
            if not any(type(one) is type(other) and one == other for other in found):
                found.append(one)
    return found or [text]


def text_of(value: Any) -> str:
    """A primitive as text. Raises StyleError for a list or an object."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        raise StyleError("a list or an object inside a list or an object has no text in this style")
    return json.dumps(value)


def loads(text: str) -> Any:
    """Read one JSON document. Raises StyleError where the strict reader refuses it."""
    try:
        return read_long_text(text) if len(text) > LONG else json_text.read_text(text)
    except json_text.UnreadableError as error:
        raise StyleError(str(error)) from None
