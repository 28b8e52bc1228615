"""Text as JSON values and back, as strictly as JSON writes them."""

from __future__ import annotations

import json
import re
from typing import Any

from spec.model.errors import SpecError
from spec.schemas.shapes import EVERY_TYPE, Shape
from spec.text import json_text

__all__ = ["StyleError", "coerce", "collect", "loads", "text_of"]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,3999})")
_INFINITE = (float("inf"), float("-inf"))
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


class StyleError(SpecError):
    """Text that is not in the parameter's style, or a value that the style cannot express."""


def coerce(text: str, types: frozenset[str] = EVERY_TYPE) -> Any:
    """Read text as the plainest of the types that it can be; as it is, where it is none of them.

    Strict, as JSON writes them: `1e3`, `0x10`, ` 1`, `+1`, `01` and `١` are no integers.
    """
    if types == EVERY_TYPE:
        return text
    if "null" in types and (text == "null" or (not text and "string" not in types)):
        return None
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        number = float(text)
        return text if number in _INFINITE else number
    return text


def collect(texts: list[str], shape: Shape) -> Any:
    """The value of a name that was given one or more times, each with a decoded text."""
    if len(texts) > 1 or (shape.is_array and not shape.is_primitive):
        return [coerce(text, shape.element.types) for text in texts]
    return coerce(texts[0], shape.types)


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
        return json_text.read_text(text)
    except json_text.UnreadableError as error:
        raise StyleError(str(error)) from None
