"""Patterns of ECMA-262 in the syntax of the engine that judges them, where the two differ.

The engine reads nearly all patterns as they are. What it refuses is translated: named groups and
references to them, what ECMA-262 annex B lets through as plain characters, and counts so large
that it cannot compile them. What is left is either no regular expression or beyond the engine.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

__all__ = ["LONGEST", "TOO_LONG", "engine_pattern", "length_bounds", "lengths_joined"]

_TOKEN = re.compile(
    r"\\[pPu]\{[^}]*\}|\\k<(?P<back>[^>]*)>|\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\(?P<number>[1-9][0-9]*)|\\c(?P<control>[A-Za-z])|\\0(?![0-9])|\\.|\(\?<(?P<name>[\w$]+)>|(?P<group>\((?!\?))"
    r"|(?P<nothing>\[\])|(?P<everything>\[\^\])|\[\^?|\]|\{(?:[0-9]+(?:,[0-9]*)?\})?|.",
    re.DOTALL,
)
_SHORTHAND = re.compile(r"\\[dDwWsSpP]")
_COUNTED = re.compile(
    r"\^(?P<set>\.|\\[dDwWsS]|\[\^?(?:[^\\\]]|\\.)+\])\{(?P<least>[0-9]+),(?P<most>[0-9]*)\}\$"
)
LONGEST = 10_000
"""Characters of a pattern: to judge one text by a longer one can take the engine seconds."""
TOO_LONG = "(?too long)"
"""What is given to the engine instead: it refuses it, so that it is told and cut out there."""
_MOST_GROUPS = 1000
"""Groups that the engine may remember: it asks for memory by the square of their number."""


@lru_cache(maxsize=4096)
def engine_pattern(pattern: str) -> str:
    """The pattern as the engine has to be given it."""
    if len(pattern) > LONGEST:
        return TOO_LONG
    tokens = _tokens(pattern)
    groups = [one["name"] for one, in_set in tokens if not in_set and _opens_group(one)]
    numbers = {name: number for number, name in enumerate(groups, 1) if name}
    kept = _kept([one for one, in_set in tokens if not in_set], numbers, len(groups))
    opened = 0
    made: list[str] = []
    for at, (one, in_set) in enumerate(tokens):
        if in_set:
            after = tokens[at + 1][0].group() if at + 1 < len(tokens) else "]"
            made.append(_in_set(one, (made[-1], after)))
            continue
        opened += _opens_group(one)
        if _opens_group(one):
            made.append("(" if opened in kept else "(?:")
        else:
            made.append(_outside(one, numbers, kept, opened))
    return "".join(made)


def _tokens(pattern: str) -> list[tuple[re.Match[str], bool]]:
    """The tokens, each with whether it is a member of a set; the brackets of a set are none."""
    found: list[tuple[re.Match[str], bool]] = []
    inside = False
    for one in _TOKEN.finditer(pattern):
        text = one.group()
        if inside and text == "]":
            inside = False
        found.append((one, inside))
        if not inside and text in ("[", "[^"):
            inside = True
    return found


def _opens_group(token: re.Match[str]) -> bool:
    return bool(token["name"] or token["group"])


def _kept(tokens: list[re.Match[str]], numbers: dict[str, int], count: int) -> dict[int, int]:
    """The numbers of the groups that the engine remembers, by those that they are written with."""
    if count <= _MOST_GROUPS:
        return {number: number for number in range(1, count + 1)}
    referred = {numbers.get(one["back"], 0) for one in tokens if one["back"] is not None}
    referred |= {int(one["number"]) for one in tokens if one["number"]}
    known = sorted(number for number in referred if 0 < number <= count)
    return {old: new for new, old in enumerate(known, start=1)}


def _outside(
    token: re.Match[str], numbers: dict[str, int], kept: dict[int, int], opened: int
) -> str:
    text = token.group()
    if token["number"]:
        number = int(token["number"])
        return text if kept.get(number, number) == number else f"(?:\\{kept[number]})"
    if token["back"] is not None:
        number = numbers.get(token["back"], 0)
        # A reference to a group that has not been entered matches nothing at all.
        return f"(?:\\{kept[number]})" if 0 < number <= opened else "(?:)" if number else text
    if token["nothing"]:
        return r"[^\s\S]"
    if token["everything"]:
        return r"[\s\S]"
    if text in ("{", "}"):
        return f"\\{text}"
    return _character(token)


def _in_set(token: re.Match[str], beside: tuple[str, str]) -> str:
    """A member of a set. Beside a class of characters a `-` is one, for it begins no range."""
    text, (before, after) = token.group(), beside
    if text == "-" and (_SHORTHAND.match(before) or _SHORTHAND.match(after)):
        return r"\-"
    if text == r"\b":
        return r"\x08"
    if len(text) > 1 and not text.startswith("\\"):
        return "".join(re.escape(one) for one in text)
    return re.escape(text) if text in ("[", "&", "~") else _character(token)


def _character(token: re.Match[str]) -> str:
    text = token.group()
    if token["control"]:
        return f"\\x{ord(token['control']) % 32:02x}"
    if token["high"]:
        pair = (int(token["high"], 16) - 0xD800) * 0x400 + int(token["low"], 16) - 0xDC00
        return f"\\u{{{pair + 0x10000:X}}}"
    if text in (r"\<", r"\>"):
        # To the engine these are the beginning and the end of a word.
        return text[1]
    return r"\x00" if text == r"\0" else text


def length_bounds(pattern: str) -> tuple[str, int, int | None] | None:
    """A pattern that counts one kind of character, as one without the count, and the bounds."""
    found = _COUNTED.fullmatch(pattern)
    if found is None:
        return None
    most = int(found["most"]) if found["most"] else None
    return f"^{found['set']}*$", int(found["least"]), most


def lengths_joined(schema: dict[str, Any], least: int, most: int | None) -> dict[str, Any]:
    """The schema with bounds of its length beside those that it has."""
    made = dict(schema)
    made["minLength"] = max(least, made.get("minLength", 0))
    if most is not None:
        made["maxLength"] = min(most, made.get("maxLength", most))
    return made
