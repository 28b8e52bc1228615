"""The strict JSON reader (RFC 8259): what Python's own reader lets through is refused.

NaN, Infinity, text that is not UTF-8 and a byte order mark are `UnreadableError`. Numbers too large
for a double, integers of thousands of digits, lone surrogates and very deep nesting are JSON by the
grammar, but no receiver has to read them (RFC 8259 sections 6, 8.2 and 9): `BeyondLimitsError`.
Where a name is repeated in an object, the last value counts, as in every browser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any, TypeAlias

from spec.model.short_texts import shortened

__all__ = [
    "COMPACT",
    "DEEPEST",
    "TOO_MANY_DIGITS",
    "BeyondLimitsError",
    "UnreadableError",
    "check_limits",
    "decoded",
    "place",
    "read",
    "read_text",
    "refuse_lone_surrogates",
    "scan",
    "too_deep",
    "write",
]

DEEPEST = 500
"""Levels of arrays and objects (RFC 8259 section 9 lets a reader set a limit)."""

TOO_MANY_DIGITS = "has an integer of too many digits"
_BLANK = " \t\n\r"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


COMPACT = json.JSONEncoder(separators=(",", ":"))
"""Writes ASCII, so that no string can break it, and nothing that says nothing."""
OnRepeated: TypeAlias = Callable[[str], None]
_Scan: TypeAlias = Callable[[str, int], tuple[Any, int]]


class UnreadableError(ValueError):
    """A text that cannot be read; the message completes the sentence "the body …"."""


class BeyondLimitsError(UnreadableError):
    """The text is JSON by the grammar, and beyond what a receiver has to read."""


def read(raw: bytes, on_repeated: OnRepeated | None = None, *, surrogates: bool = False) -> Any:
    """Read the one JSON document in `raw`.

    Args:
        raw: a text in UTF-8.
        on_repeated: called with each name that stands twice in an object; None disables it.
        surrogates: whether lone surrogates are let through, as RFC 8259 section 8.2 does.

    Raises:
        UnreadableError: the text is no JSON, or beyond the limits (BeyondLimitsError).
    """
    return read_text(decoded(raw), on_repeated, surrogates=surrogates)


def decoded(raw: bytes) -> str:
    """The text of a document. Raises UnreadableError where it is not UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is {raw[error.start]:#04x}"
        raise UnreadableError(f"is not UTF-8: {where}") from None


def read_text(text: str, on_repeated: OnRepeated | None = None, *, surrogates: bool = False) -> Any:
    """Read the one JSON document in a decoded text; everything else is as in `read`."""
    scan_one = scan if on_repeated is None else _reporting(on_repeated)
    try:
        value, end = scan_one(text, 0)
        if end != len(text) and text[end:].strip(_BLANK):
            raise UnreadableError(f"is not JSON: there is more after its end, {place(text, end)}")
    except StopIteration as stopped:
        if stopped.value:
            raise UnreadableError(
                f"is not JSON: a value is missing, {place(text, stopped.value)}"
            ) from None
        return _read_indented(text, on_repeated, surrogates)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"is not JSON: {error}") from None
    except RecursionError:
        raise BeyondLimitsError(too_deep()) from None
    except UnreadableError:
        raise
    # Python converts no integer of more than 4,300 digits (CVE-2020-10735).
    except ValueError:
        raise BeyondLimitsError(TOO_MANY_DIGITS) from None
    check_limits(text, value, surrogates=surrogates)
    return value


def check_limits(text: str, value: Any, above: int = 0, *, surrogates: bool = False) -> None:
    """Raise BeyondLimitsError where a value that was read is too deep, or has lone surrogates.

    `text` is what it was read from, and `above` how many levels there are above it.
    """
    most = DEEPEST - above
    # Counting characters is quick, and most texts have too few even for that.
    if len(text) > most and text.count("[") + text.count("{") > most and _depth(value) > most:
        raise BeyondLimitsError(too_deep())
    # Only an escape can make one: the text itself was UTF-8.
    if not surrogates and "\\u" in text and _SURROGATE.search(text):
        refuse_lone_surrogates(value)


def write(value: Any) -> bytes:
    """One JSON value as bytes, in ASCII, so that no string can break it."""
    if type(value) is str:
        # What `json.dumps` calls, without making an encoder first.
        return encode_basestring_ascii(value).encode()
    return COMPACT.encode(value).encode()


def _read_indented(text: str, on_repeated: OnRepeated | None, surrogates: bool) -> Any:
    """Read a document with something other than JSON, or with blanks, at its begin."""
    bare = text.lstrip(_BLANK)
    if not bare:
        raise UnreadableError("is empty")
    if len(bare) < len(text):
        return read_text(bare, on_repeated, surrogates=surrogates)
    if text.startswith("\ufeff"):
        raise UnreadableError("begins with a byte order mark, which JSON must not (RFC 8259 8.1)")
    raise UnreadableError(f"is not JSON: no value begins with {text[:1]}, {place(text, 0)}")


def _reporting(on_repeated: OnRepeated) -> _Scan:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                on_repeated(name)
            found[name] = value
        return found

    return _scanner(json.JSONDecoder(object_pairs_hook=unique, **_STRICT))


def _scanner(decoder: json.JSONDecoder) -> _Scan:
    # Its public twin `raw_decode` hides the position at which a value is missing.
    scan: _Scan = decoder.scan_once  # type: ignore[attr-defined]  # typeshed leaves it out
    return scan


def place(text: str, at: int) -> str:
    """Where a position is, for people."""
    before = text[:at]
    return f"line {before.count(chr(10)) + 1} column {at - before.rfind(chr(10))}"


def too_deep() -> str:
    """The sentence about nesting; it completes "the body …"."""
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


def refuse_lone_surrogates(value: Any) -> None:
    """Raise BeyondLimitsError where a string in the value cannot be written as UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BeyondLimitsError("has a lone surrogate, which is not a character") from None


def _refuse_constant(constant: str) -> None:
    raise UnreadableError(f"is not JSON: {constant} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise BeyondLimitsError(f"has a number too large for a double: {shortened(text, 40)}")
    return number


_STRICT: dict[str, Any] = {"parse_constant": _refuse_constant, "parse_float": _finite}
scan = _scanner(json.JSONDecoder(**_STRICT))
"""Reads the value at a position of a text, and returns it with its end.

Raises StopIteration with the position where a value is missing, and what `read` raises.
"""
