"""JSON as RFC 8259 has it, read from bytes: what Python's reader lets through is refused.

NaN, Infinity, numbers too large for a double, integers of thousands of digits, text that is not
UTF-8, a byte order mark, lone surrogates and nesting that no one means are `UnreadableError`. Of a
name that is repeated in an object the last one counts, as in every browser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any

__all__ = ["DEEPEST", "UnreadableError", "read", "write"]

DEEPEST = 500
"""Levels of arrays and objects (RFC 8259 section 9 lets a reader set a limit)."""

_BLANK = " \t\n\r"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class UnreadableError(ValueError):
    """A body that cannot be read; the text completes the sentence "the body …"."""


def read(raw: bytes) -> Any:
    """The one JSON document in a body. Raises UnreadableError."""
    try:
        text = raw.decode()
        value, end = _scan(text, 0)
        if end != len(text) and text[end:].strip(_BLANK):
            raise UnreadableError(f"is not JSON: there is more after its end, {_place(text, end)}")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8: byte {error.start} cannot be read") from None
    except StopIteration as stopped:
        if stopped.value:
            raise UnreadableError(
                f"is not JSON: a value is missing, {_place(text, stopped.value)}"
            ) from None
        return _read_indented(raw)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"is not JSON: {error}") from None
    except RecursionError:
        raise UnreadableError(_too_deep()) from None
    except UnreadableError:
        raise
    except ValueError:
        raise UnreadableError("has an integer of too many digits") from None
    if text.count("[") + text.count("{") > DEEPEST and _depth(value) > DEEPEST:
        raise UnreadableError(_too_deep())
    if "\\u" in text and _SURROGATE.search(text):
        _refuse_lone_surrogates(value)
    return value


def write(value: Any) -> bytes:
    """One JSON value as bytes, in ASCII, so that no string can break it."""
    if type(value) is str:
        return encode_basestring_ascii(value).encode()
    return json.dumps(value, separators=(",", ":")).encode()


def _read_indented(raw: bytes) -> Any:
    """Read a document with something other than JSON, or with blanks, at its begin."""
    bare = raw.lstrip(_BLANK.encode())
    if not bare:
        raise UnreadableError("is empty")
    if len(bare) < len(raw):
        return read(bare)
    text = raw.decode()
    if text.startswith("\ufeff"):
        raise UnreadableError("begins with a byte order mark, which JSON must not (RFC 8259 8.1)")
    raise UnreadableError(f"is not JSON: {text[:1]!r} begins no value, {_place(text, 0)}")


def _place(text: str, at: int) -> str:
    before = text[:at]
    return f"line {before.count(chr(10)) + 1} column {at - before.rfind(chr(10))}"


def _too_deep() -> str:
    return f"is nested more than {DEEPEST} levels deep"


def _depth(value: Any) -> int:
    level, depth = [value] if isinstance(value, (dict, list)) else [], 0
    while level:
        depth += 1
        level = [
            inner
            for one in level
            for inner in (one.values() if type(one) is dict else one)
            if type(inner) is dict or type(inner) is list
        ]
    return depth


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise UnreadableError("has a lone surrogate, which is no character") from None


def _refuse_constant(constant: str) -> None:
    raise UnreadableError(f"is not JSON: {constant} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        shown = text if len(text) < 40 else f"{text[:40]}…"
        raise UnreadableError(f"has a number too large for a double: {shown}")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_scan: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once  # type: ignore[attr-defined]  # typeshed leaves it out
