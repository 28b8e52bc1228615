"""Patterns that are written for another language than ECMA-262, or as in a program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec.model.pointers import join

__all__ = ["pattern_remarks"]

_LITERAL = re.compile(r"/(?P<inside>.+)/(?P<flags>[dgimsuvy]*)", re.DOTALL)
"""A pattern that is written as in a program of JavaScript, with slashes and flags."""
_ESCAPED = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]")
"""Where a slash does not end a literal: behind a backslash, and in a class."""
_CLASS = re.compile(r"(?<!\\)\[(?:\\.|[^\]\\])*\]")
"""A class of characters, in which most signs stand for themselves."""
_SPECIAL = re.compile(r"[\\^$*+?()\[\]{}|]")
"""Without any of these the text between two slashes is a path, and no pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Foreign:
    """What other languages have: how it looks, its name, and what to write instead."""

    form: re.Pattern[str]
    what: str
    remedy: str


def _foreign(form: str, what: str, remedy: str) -> _Foreign:
    return _Foreign(form=re.compile(form), what=what, remedy=remedy)


_POSIX = _foreign(r"\[\[:\^?\w+:\]", "`[:alpha:]` is of POSIX", "write the characters, `[a-zA-Z]`")
_FOREIGN = (
    _foreign(r"\(\?P[<=]", "`(?P<name>…)` is of Python", "write `(?<name>…)` and `\\k<name>`"),
    _foreign(r"\(\?'\w", "`(?'name'…)` is of .NET", "write `(?<name>…)`"),
    _foreign(
        r"\(\?(?:R|&\w+|P>\w+|[+-]?\d+)\)",
        "recursion is of other languages",
        "write out as many levels as are needed",
    ),
    _foreign(r"\(\?\(", "conditions are of other languages", "write alternatives: `ab|c`"),
    _foreign(r"\(\?#", "comments are of other languages", "move it into `$comment`"),
    _foreign(r"\(\?\|", "branch resets are of other languages", "write `(?:`"),
    _foreign(r"\(\*[A-Z]", "`(*VERB)` is of Perl", "remove it"),
    _foreign(
        r"\(\?\^?[a-zA-Z]*(?:-[a-zA-Z]+)?\)",
        "flags inside of a pattern are of other languages",
        "write both cases for `i`, such as `[aA]`, and `[\\s\\S]` for the `.` of `s`",
    ),
    _foreign(
        r"\(\?>|(?:[*+?]|(?<!\\[ux])\{\d+(?:,\d*)?\})\+",
        "atomic groups are of other languages",
        "remove them: write `(?:` for `(?>`, and `a+` for `a++`",
    ),
    _foreign(
        r"\\[AzZG]",
        "`\\A` and `\\Z` are of other languages",
        "write `^` and `$`",
    ),
    _foreign(
        r"\\Q", "`\\Q…\\E` is of other languages", "write `\\` before each sign that is special"
    ),
    _foreign(r"\\x\{", "`\\x{41}` is of other languages", "write `\\u0041`"),
    _foreign(r"\\[pP][A-Z]", "`\\pL` is of other languages", "write `\\p{L}`"),
    _foreign(
        r"\\[pP]\{\^?I[sn][A-Z]",
        "`\\p{IsGreek}` is of other languages",
        "write `\\p{Script=Greek}`",
    ),
    _foreign(r"\\g", "`\\g` is of other languages", "write `\\1`, or `\\k<name>`"),
    _foreign(
        r"\\(?:[aeChHiIKNRX]|c(?![A-Za-z]))",
        "`\\h`, `\\R` and the like are of other languages",
        "write out what they match, such as `[ \\t]` and `\\r?\\n`",
    ),
)
"""What regular expressions of other languages have, and those of ECMA 262 have not."""
_PLAIN_SIGN = re.compile(r"\\[^A-Za-z0-9]", re.DOTALL)
"""A sign that stands for itself: no form begins with it, or ends with it."""
_DOUBLED = re.compile(r"(?<!\\)\\\\[dDwWsSbB](?![\\])")
"""A backslash that was escaped twice: it asks for a backslash and a letter."""


def pattern_remarks(pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    """The remarks on the patterns of one schema: of its texts, and of its properties' names."""
    yield from _delimiters(pointer, schema)
    written = schema.get("pattern")
    if isinstance(written, str):
        yield from _foreign_pattern(join(pointer, "pattern"), written)
    named = schema.get("patternProperties")
    for name in named if isinstance(named, Mapping) else ():
        yield from _foreign_pattern(join(pointer, "patternProperties", name), name)


def _foreign_pattern(here: str, written: str) -> Iterator[Remark]:
    plain = _PLAIN_SIGN.sub("=", written)
    # A class of POSIX stands in brackets; there all other forms are plain characters.
    outside = _CLASS.sub("[]", plain)
    met = (one for one in _FOREIGN if one.form.search(outside))
    found = _POSIX if _POSIX.form.search(plain) else next(met, None)
    if found is not None:
        yield Remark(
            code=FindingCode.INVALID_PATTERN,
            pointer=here,
            what=f"the pattern is no regular expression of ECMA 262: {found.what}",
            remedy=found.remedy,
            explains=here,
        )
    elif doubled := _DOUBLED.search(written):
        yield Remark(
            code=FindingCode.PATTERN_DELIMITERS,
            pointer=here,
            what=f"`{doubled[0]}` asks for a backslash and the letter `{doubled[0][-1]}`",
            remedy=f"write `{doubled[0][1:]}`: only JSON and double quotes need a second backslash",
            level=Level.WARNING,
        )


def _delimiters(pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    """A pattern as a literal of JavaScript: `/^a+$/i`."""
    written = schema.get("pattern")
    found = _LITERAL.fullmatch(written) if isinstance(written, str) else None
    # An unescaped slash inside would end a literal: that is a pattern of a path, and meant.
    if found is None or "/" in _ESCAPED.sub("", found["inside"]):
        return
    inside, flags = found["inside"], found["flags"]
    if not _SPECIAL.search(inside):
        return
    # Nothing stands before the beginning or behind the end, and here a slash should.
    never = inside.startswith("^") or inside.endswith("$")
    remedy = f"write `{inside}`" if len(inside) <= 60 else "write it without them"
    if flags:
        remedy += f"; the flag{'s' if len(flags) > 1 else ''} `{flags}` cannot be written"
    yield Remark(
        code=FindingCode.PATTERN_DELIMITERS,
        pointer=join(pointer, "pattern"),
        what="the slashes around the pattern are part of it"
        + (", so no text matches" if never else ""),
        remedy=remedy,
        level=None if never else Level.WARNING,
    )
