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

__all__ = ["Tree", "parsed"]

Tree: TypeAlias = list[tuple[Any, Any]]
"""Operators of `re._constants`, each with its argument."""

_UNICODE_CLASSES = {
    "L": "A-Za-zÀ-ÖØ-öø-ÿЀ-ӿ一-鿿",
    "Lu": "A-ZÀ-ÖØ-Þ",
    "Ll": "a-zß-öø-ÿ",
    "N": "0-9",
    "Nd": "0-9",
    "P": "!-/:-@\\[-`{-~",
    "S": "$+<=>^`|~",
    "Z": " ",
    "Zs": " ",
    "M": "\u0300-\u036f",
    "C": "\x00-\x1f",
}
_LONG_NAMES = {
    "Letter": "L", "Alphabetic": "L", "Uppercase_Letter": "Lu", "Uppercase": "Lu",
    "Lowercase_Letter": "Ll", "Lowercase": "Ll", "Number": "N", "Decimal_Number": "Nd",
    "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Space_Separator": "Zs", "Mark": "M",
    "White_Space": "Z", "Other": "C",
}  # fmt: skip
_TRANSLATED = re.compile(
    r"\\(?:[pP]\{(?:[A-Za-z_]+=)?(?P<name>[A-Za-z_]+)\}|u\{(?P<code>[0-9A-Fa-f]+)\}|c(?P<control>[A-Za-z])"
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
    if found["name"]:
        members = _unicode_class(found["name"])
        negated = text.startswith("\\P")
        return members if inside and not negated else f"[{'^' if negated else ''}{members}]"
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


def _unicode_class(name: str) -> str:
    short = _LONG_NAMES.get(name, name)
    return _UNICODE_CLASSES.get(short) or _UNICODE_CLASSES.get(short[:1], _UNICODE_CLASSES["L"])
