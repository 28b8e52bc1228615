"""Regular expressions of ECMA-262 as a tree, read with Python's own parser.

The two languages differ little; what differs is translated. The tree is for *generating* strings.
Whether a string matches is judged with an ECMA engine, never with `re`.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

# The parser has no public name, and mypy knows it in some of its modes only.
from re import _parser as sre_parser  # type: ignore[attr-defined,unused-ignore]
from typing import Any, TypeAlias

from spec.schemas.compiled import compile_schema

__all__ = ["Tree", "parsed"]

Tree: TypeAlias = list[tuple[Any, Any]]
"""Operators of `re._constants`, each with its argument."""

_EVERYDAY = range(0x3400)
_BEYOND = range(0x3400, 0x20000, 16)
"""Beyond the everyday scripts one character of each block is enough to have something to write."""
_MOST_RANGES = 60
"""Ranges of a class that are kept: \\p{L} has hundreds, and a text needs few."""
_TRANSLATED = re.compile(
    r"\\(?:(?P<class>[pP]\{[^{}]*\})|u\{(?P<code>[0-9A-Fa-f]+)\}|c(?P<control>[A-Za-z])"
    r"|k<(?P<back>\w+)>|(?P<odd>[^0-9A-Za-z])|(?P<zero>0(?![0-9]))|.)|(?P<group>\(\?<(?![=!]))"
    r"|(?P<everything>\[\^\])|(?P<open>\[\^?)|(?P<close>\])|[&|~-]{2}",
    re.DOTALL,
)


@lru_cache(maxsize=512)
def parsed(pattern: str) -> Tree | None:
    """The tree of a pattern, None where it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(sre_parser.parse(_translated(pattern)))
    except (re.error, RecursionError, OverflowError):
        return None


def _translated(pattern: str) -> str:
    """An ECMA-262 pattern in Python's syntax, as far as the two differ."""
    inside = False

    def replaced(found: re.Match[str]) -> str:
        nonlocal inside
        text = found.group()
        if found["open"] and not inside:
            inside = True
            return text
        if found["close"] and inside:
            inside = False
            return text
        if found["open"] or (inside and found["group"]):
            return "\\" + text[0] + text[1:]
        return _replacement(found, inside)

    return _TRANSLATED.sub(replaced, pattern)


def _replacement(found: re.Match[str], inside: bool) -> str:
    text = found.group()
    if found["class"]:
        members = _unicode_class(found["class"])
        return members if inside or not members else f"[{members}]"
    if found["code"]:
        return re.escape(chr(min(int(found["code"], 16), 0x10FFFF)))
    if found["control"]:
        return re.escape(chr(ord(found["control"]) % 32))
    if found["back"]:
        return f"(?P={found['back']})"
    if found["zero"]:
        return r"\x00"
    if found["group"]:
        return "(?P<"
    if found["everything"] and not inside:
        return r"[\s\S]"
    if inside and len(text) == 2 and text[0] != "\\":
        return f"\\{text[0]}\\{text[1]}" if text != "--" else text
    return text


@lru_cache(maxsize=128)
def _unicode_class(name: str) -> str:
    """The members of `p{…}` or `P{…}` as ranges of a set, as the engine that judges has them."""
    try:
        is_member = compile_schema({"pattern": f"^\\{name}$"}).is_valid
    except ValueError:
        return ""
    codes = [code for code in (*_EVERYDAY, *_BEYOND) if not 0xD800 <= code < 0xE000]
    ranges: list[tuple[int, int]] = []
    for code in codes:
        if not is_member(chr(code)):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        elif len(ranges) == _MOST_RANGES:
            break
        else:
            ranges.append((code, code))
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
