"""Texts in which a regular expression shows what it asks for: some match it, some only nearly.

They are candidates and nothing more: whether one matches is for the validator to say. So it does no
harm that Python's parser, which reads most of ECMA-262, takes a few details for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from conformance.diff.inclusion.regex_automaton import sre, sre_parser

__all__ = ["pattern_texts"]

_REPEATED = 40
"""The most repetitions that are written out."""
_PLAIN = "a0A_-. b1xZ"
"""Letters that a text has rather than others: they are read at a glance."""
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")
"""Python writes `(?P<name>…)`; a lookbehind has no letter after `(?<`."""
_PROPERTY = re.compile(r"\\[pP]\{[^{}]*\}")
"""Unicode properties, which Python does not know; letters stand for them."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """How the free choices of a pattern are made: one text for each way."""

    branch: int
    often: bool
    assertions: bool


_WAYS = tuple(
    _Choice(branch, often, assertions)
    for branch, often, assertions in product(range(3), (False, True), (False, True))
)


@lru_cache(maxsize=512)
def pattern_texts(pattern: str) -> tuple[str, ...]:
    """Texts that the pattern is about, the most telling first; none where it cannot be read.

    A lookahead's own text is among them: it is what the pattern wants, or does not want, to see.
    """
    readable = _NAMED_GROUP.sub("(?P<", _PROPERTY.sub("[A-Za-z]", pattern))
    try:
        tree = sre_parser.parse(readable)
    except (re.error, RecursionError, OverflowError):
        return ()
    made = dict.fromkeys("".join(_written(tree, way)) for way in _WAYS)
    near = (near for text in made for near in (f"a{text}", f"{text}a", text[:-1], text.swapcase()))
    return tuple(dict.fromkeys([*made, *near]))


def _written(items: Iterable[Any], way: _Choice) -> Iterator[str]:
    for operator, argument in items:
        yield from _piece(operator, argument, way)


def _piece(operator: Any, argument: Any, way: _Choice) -> Iterator[str]:
    if operator is sre.LITERAL:
        yield chr(argument)
    elif operator in (sre.ANY, sre.NOT_LITERAL):
        yield "a" if argument != ord("a") else "b"
    elif operator is sre.IN:
        yield _member(argument)
    elif operator is sre.BRANCH:
        branches = argument[1]
        yield from _written(branches[min(way.branch, len(branches) - 1)], way)
    elif operator is sre.SUBPATTERN:
        yield from _written(argument[3], way)
    elif operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        least, most, inside = argument
        times = min(int(most), least + 1) if way.often else max(least, 0)
        yield "".join(_written(inside, way)) * min(times, _REPEATED)
    elif operator in (sre.ASSERT, sre.ASSERT_NOT) and way.assertions:
        yield from _written(argument[1], way)


def _member(members: Any) -> str:
    """A character of a class, a plain one where it has one."""
    written = [one for one in _PLAIN if _holds(members, one)]
    if written:
        return written[0]
    for operator, argument in members:
        if operator is sre.LITERAL:
            return chr(argument)
        if operator is sre.RANGE:
            return chr(argument[0])
    return "~"


def _holds(members: Any, letter: str) -> bool:
    negated = members[0][0] is sre.NEGATE
    found = any(_is_in(operator, argument, letter) for operator, argument in members)
    return found is not negated


def _is_in(operator: Any, argument: Any, letter: str) -> bool:
    if operator is sre.LITERAL:
        return bool(ord(letter) == argument)
    if operator is sre.RANGE:
        return bool(argument[0] <= ord(letter) <= argument[1])
    if operator is not sre.CATEGORY:
        return False
    return {
        sre.CATEGORY_DIGIT: letter.isdecimal(),
        sre.CATEGORY_NOT_DIGIT: not letter.isdecimal(),
        sre.CATEGORY_WORD: letter.isalnum() or letter == "_",
        sre.CATEGORY_NOT_WORD: not (letter.isalnum() or letter == "_"),
        sre.CATEGORY_SPACE: letter.isspace(),
        sre.CATEGORY_NOT_SPACE: not letter.isspace(),
    }.get(argument, False)
