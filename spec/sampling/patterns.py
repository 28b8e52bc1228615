"""Strings that match a regular expression, the plainest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from random import Random
from re import _constants as sre  # type: ignore[attr-defined,unused-ignore]  # the parse tree has no public names
from typing import Any

from spec.sampling.ecma import Tree, parsed

__all__ = ["PLAIN_CHARACTERS", "REPEATS", "holds", "strings_matching"]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "1234567890"
_PLAIN = _LETTERS + _LETTERS.upper() + _DIGITS + "_-. /:@#+=,;!?$%&*()'\"<>[]{}|\\^~`\t\n\r\f\v"
_BEYOND = "éßжλ中あ\U0001f600"
PLAIN_CHARACTERS = _PLAIN + _BEYOND
"""The characters that strings are made of where a pattern names no others."""
_LONGEST = 100_000
_VARIANTS = 40
_MOST_WORK = 3 * _LONGEST
"""Repeats that all attempts may make together: what takes longer is no pattern of a text."""


def strings_matching(
    pattern: str, random: Random | None, shortest: int, longest: int | None = None
) -> Iterator[str]:
    """Candidates for a pattern and a window of lengths, in characters.

    Without `random` the plainest come first; with it, every candidate is chosen by it. Lookaheads
    and backreferences are treated as well as generating allows, so a candidate must be judged.
    Nothing is given for what cannot be read as a regular expression.
    """
    tree = parsed(pattern)
    if tree is None:
        return
    left = _MOST_WORK
    # The first attempt is the plainest; the others have a seed of their own, the same in each run.
    for attempt in range(_VARIANTS):
        chooser = random or (Random(attempt) if attempt else None)
        found, work = _fitted(tree, chooser, shortest, longest)
        yield from found
        left -= work
        if left < 0:
            return


def _fitted(
    tree: Tree, random: Random | None, shortest: int, longest: int | None
) -> tuple[list[str], int]:
    """The candidates of one attempt, and how much was made for them."""
    maker = _Maker(random)
    try:
        text = maker.text(tree)
        if len(text) < shortest:
            maker = _Maker(random, extra=shortest - len(text))
            text = maker.text(tree)
    except _DeadEndError:
        return [], maker.made
    missing = shortest - len(text)
    if missing > 0:
        # A pattern that is not anchored may stand anywhere in the string.
        filler = _filler(missing, random)
        return [text + filler, filler + text], maker.made
    if longest is not None and len(text) > longest:
        return [], maker.made
    found = [text]
    for wanted in maker.lookaheads:
        found += _with_lookaheads(text, wanted, maker, longest)
    return found, maker.made


def _with_lookaheads(text: str, wanted: str, maker: _Maker, longest: int | None) -> Iterator[str]:
    """The text with what lookaheads ask for put in, before, after and over its beginning."""
    joined = "".join(dict.fromkeys(maker.lookaheads))
    for piece in (wanted, joined):
        yield piece + text[len(piece) :]
        for longer in (piece + text, text + piece):
            if longest is None or len(longer) <= longest:
                yield longer


def _filler(length: int, random: Random | None) -> str:
    if random is not None:
        return "".join(random.choices(_LETTERS + _DIGITS, k=min(length, _LONGEST)))
    return (_LETTERS * (min(length, _LONGEST) // len(_LETTERS) + 1))[:length]


class _DeadEndError(Exception):
    """Nothing comes of going on like this."""


class _Maker:
    """One walk through a pattern. `extra` is how many characters the repeats should add."""

    def __init__(self, random: Random | None, extra: int = 0) -> None:
        self.random = random
        self.extra = extra
        self.groups: dict[int, str] = {}
        self.lookaheads: list[str] = []
        self.made = 0

    def text(self, tree: Tree, nth: int = 0) -> str:
        made = ""
        for operator, argument in tree:
            if operator is sre.ASSERT and argument[0] < 0:
                # What must stand before is written, where it is not what was written last.
                before = self.text(argument[1])
                made += "" if made.endswith(before) else before
            else:
                made += self.piece(operator, argument, nth)
        return made

    def piece(self, operator: Any, argument: Any, nth: int) -> str:
        if operator is sre.LITERAL:
            return chr(argument)
        if operator is sre.NOT_LITERAL:
            return self.character([(sre.NEGATE, None), (sre.LITERAL, argument)], nth)
        if operator is sre.ANY:
            return self.character([(sre.NEGATE, None), (sre.LITERAL, ord("\n"))], nth)
        if operator is sre.IN:
            return self.character(argument, nth)
        if operator is sre.BRANCH:
            return self.text(self.choose(argument[1]), nth)
        if operator is sre.SUBPATTERN:
            made = self.text(argument[3], nth)
            if argument[0] is not None:
                self.groups[argument[0]] = made
            return made
        if operator in REPEATS:
            return self.repeated(*argument)
        return self.assertion(operator, argument, nth)

    def assertion(self, operator: Any, argument: Any, nth: int) -> str:
        if operator is sre.ASSERT:
            self.lookaheads.append(_Maker(self.random).text(_bare(argument[1])))
            return ""
        if operator is sre.GROUPREF:
            return self.groups.get(argument, "")
        if operator is sre.ATOMIC_GROUP:
            return self.text(argument, nth)
        if operator in (sre.AT, sre.ASSERT_NOT):
            return ""
        raise _DeadEndError

    def repeated(self, least: int, most: int, tree: Tree) -> str:
        count = least
        if self.random is not None and self.extra == 0:
            count += self.random.randint(0, min(most - least, 3 if least < 3 else 1))
        parts = [self.text(tree, nth) for nth in range(self.bounded(count))]
        unit = len(parts[0]) if parts else None
        while self.extra > 0 and len(parts) < most:
            one = self.text(tree, len(parts))
            if not one or (unit is None and len(one) > self.extra and least == 0 and parts):
                break
            # A sign alone is no number: what is left out may be what has no letter and no digit.
            if self.random is None and unit is None and not any(map(str.isalnum, one)):
                break
            parts.append(one)
            self.extra -= len(one)
            self.bounded(1)
        return "".join(parts)

    def bounded(self, count: int) -> int:
        self.made += count
        if self.made > _LONGEST:
            raise _DeadEndError
        return count

    def choose(self, branches: list[Tree]) -> Tree:
        return branches[0] if self.random is None else self.random.choice(branches)

    def character(self, members: list[tuple[Any, Any]], nth: int) -> str:
        """A character of a set: letters and digits before anything else, in turn."""
        options = _options(tuple(_frozen(members)))
        if not options:
            raise _DeadEndError
        if self.random is not None:
            # A set such as `[^a]` has control characters, which are valid and make an unreadable
            # example.
            printable = "".join(one for one in options[:64] if one.isprintable())
            return self.random.choice(printable or options)
        return options[nth % min(len(options), _run(options))]


def _run(options: str) -> int:
    """How many of the first options are of one kind, so that `[a-z0-9]{3}` is `abc`."""
    for kind in (_LETTERS, _LETTERS.upper(), _DIGITS):
        if options[0] in kind:
            return sum(1 for one in options if one in kind)
    return 1


def _bare(tree: Tree) -> Tree:
    """What a lookahead is about: without the `.*` it begins with."""
    return [
        (operator, argument)
        for operator, argument in tree
        if not (operator in REPEATS and argument[0] == 0)
    ]


def _frozen(members: list[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    for operator, argument in members:
        yield (operator, tuple(argument) if isinstance(argument, list) else argument)


@lru_cache(maxsize=1024)
def _options(members: tuple[tuple[Any, Any], ...]) -> str:
    negated = bool(members) and members[0][0] is sre.NEGATE
    rest = members[1:] if negated else members
    known = "".join(one for one in PLAIN_CHARACTERS if holds(rest, ord(one)) is not negated)
    if negated or any(map(str.isascii, known)):
        return known
    for operator, argument in rest:
        if operator is sre.LITERAL and not 0xD800 <= argument < 0xE000:
            known += chr(argument)
        elif operator is sre.RANGE:
            low, high = argument
            codes = range(low, min(high, low + 20) + 1)
            known += "".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000)
    return "".join(dict.fromkeys(known))


def holds(members: tuple[tuple[Any, Any], ...], code: int) -> bool:
    """Whether one of the members of a set, which is not negated, has a character."""
    for operator, argument in members:
        if operator is sre.LITERAL and code == argument:
            return True
        if operator is sre.RANGE and argument[0] <= code <= argument[1]:
            return True
        if operator is sre.CATEGORY and _in_category(argument, chr(code)):
            return True
    return False


def _in_category(category: Any, character: str) -> bool:
    pattern = _CATEGORIES.get(category)
    return pattern is not None and pattern.fullmatch(character) is not None


REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
"""The operators that repeat."""
_CATEGORIES = {
    sre.CATEGORY_DIGIT: re.compile(r"[0-9]"),
    sre.CATEGORY_NOT_DIGIT: re.compile(r"[^0-9]"),
    sre.CATEGORY_WORD: re.compile(r"[A-Za-z0-9_]"),
    sre.CATEGORY_NOT_WORD: re.compile(r"[^A-Za-z0-9_]"),
    sre.CATEGORY_SPACE: re.compile(r"\s"),
    sre.CATEGORY_NOT_SPACE: re.compile(r"\S"),
}
