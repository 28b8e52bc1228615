"""Text as JSON values and back, as strictly as JSON writes them."""

from __future__ import annotations

import json
import re
from typing import Any

from spec.model.errors import SpecError
from spec.schemas.shapes import EVERY_TYPE, Shape

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
    """Read one JSON document as RFC 8259 has it. Raises StyleError, also for NaN and 1e400."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise StyleError("has a lone surrogate, which no UTF-8 text can have") from None
    except (ValueError, RecursionError) as error:
        raise StyleError(f"is not JSON: {error}") from None
    return value


def _finite(text: str) -> float:
    number = float(text)
    if number in _INFINITE:
        raise ValueError(f"{text} is too large for a number")
    return number


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
