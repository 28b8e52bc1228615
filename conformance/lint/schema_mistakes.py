"""Mistakes in one schema that do not change how the mock and the kit behave."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.lint.closed_parts import closed_part_remarks
from conformance.lint.discriminators import discriminator_remarks
from conformance.lint.enum_members import enum_remarks
from conformance.lint.keyword_types import keyword_remarks, types_of
from conformance.lint.remark import Remark
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from spec import Contract
from spec.model.pointers import join

__all__ = ["schema_remarks"]

_LITERAL = re.compile(r"/(?P<inside>.+)/(?P<flags>[dgimsuvy]*)", re.DOTALL)
"""A pattern that is written as in a program of JavaScript, with slashes and flags."""
_ESCAPED = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]")
"""Where a slash does not end a literal: behind a backslash, and in a class."""
_CLASS = re.compile(r"(?<!\\)\[(?:\\.|[^\]\\])*\]")
"""A class of characters, in which most signs stand for themselves."""
_SPECIAL = re.compile(r"[\\^$*+?()\[\]{}|]")
"""Without any of these the text between two slashes is a path, and no pattern."""


def schema_remarks(contract: Contract, pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    """The remarks on one schema, not on those below it."""
    if "$ref" in schema and contract.openapi.startswith("3.0"):
        return
    yield from enum_remarks(pointer, schema)
    yield from keyword_remarks(pointer, schema)
    yield from _nullable(contract, pointer, schema)
    yield from _items(contract, pointer, schema)
    yield from _delimiters(pointer, schema)
    yield from _foreign_pattern(pointer, schema)
    yield from _required(contract, pointer, schema)
    yield from _both_ways(pointer, schema)
    yield from discriminator_remarks(contract, pointer, schema)
    yield from closed_part_remarks(contract, pointer, schema)


def _nullable(contract: Contract, pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    is_30 = contract.openapi.startswith("3.0")
    if is_30 and schema.get("nullable") is True and "type" not in schema:
        yield Remark(
            code=FindingCode.NULLABLE_WITHOUT_TYPE,
            pointer=join(pointer, "nullable"),
            what="`nullable` has no effect without a `type` beside it",
            remedy="write the type beside it (OpenAPI 3.0.3, Schema Object), or remove it",
        )


def _items(contract: Contract, pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    is_30 = contract.openapi.startswith("3.0")
    if is_30 and "array" in types_of(schema) and "items" not in schema:
        yield Remark(
            code=FindingCode.INVALID_OPENAPI,
            pointer=join(pointer, "type"),
            what="`type: array` has no `items`, which OpenAPI 3.0 requires",
            remedy="write the schema of the items; `items: {}` allows any",
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


_FOREIGN = (
    (re.compile(r"\(\?P[<=>]"), "`(?P<name>…)` is of Python", "write `(?<name>…)`"),
    (
        re.compile(r"\(\?[aiLmsux]+\)"),
        "flags inside of a pattern are of other languages",
        "write both cases, such as `[aA]`",
    ),
    (re.compile(r"\[\[:\w+:\]"), "`[:alpha:]` is of POSIX", "write the characters, `[a-zA-Z]`"),
    (
        re.compile(r"(?<!\\)\\[AzZ](?![\w{])|(?<!\\)\\[AzZ]\Z"),
        "`\\A` and `\\Z` are of other languages",
        "write `^` and `$`",
    ),
    (
        # Behind whole escapes and classes: `\p{L}+` and `[*+]` have nothing of the kind.
        re.compile(
            r"\A(?:\\.|\[(?:\\.|[^\]\\])*\]|[^\\\[])*?"
            r"(?:\(\?>|(?:[*+?]|\{\d+(?:,\d*)?\})\+)",
            re.DOTALL,
        ),
        "atomic groups are of other languages",
        "remove them",
    ),
)
"""What regular expressions of other languages have, and those of ECMA 262 have not."""
_DOUBLED = re.compile(r"(?<!\\)\\\\[dDwWsSbB](?![\\])")
"""A backslash that was escaped twice: it asks for a backslash and a letter."""


def _foreign_pattern(pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    written = schema.get("pattern")
    if not isinstance(written, str):
        return
    here = join(pointer, "pattern")
    bare = _CLASS.sub("[]", written)
    for form, what, remedy in _FOREIGN:
        # A class of POSIX stands in brackets; there all other forms are plain characters.
        if form.search(written if "[:" in form.pattern else bare):
            yield Remark(
                code=FindingCode.INVALID_PATTERN,
                pointer=here,
                what=f"the pattern is no regular expression of ECMA 262: {what}",
                remedy=remedy,
                explains=here,
            )
            return
    if found := _DOUBLED.search(written):
        yield Remark(
            code=FindingCode.PATTERN_DELIMITERS,
            pointer=here,
            what=f"`{found[0]}` asks for a backslash and the letter `{found[0][-1]}`",
            remedy=f"write `{found[0][1:]}`: only JSON and double quotes need a second backslash",
            level=Level.WARNING,
        )


def _required(contract: Contract, pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    is_30 = contract.openapi.startswith("3.0")
    if schema.get("required") == []:
        yield Remark(
            code=FindingCode.KEYWORD_WITHOUT_EFFECT,
            pointer=join(pointer, "required"),
            what="`required` names no property",
            remedy="remove it, or list the names",
            # JSON Schema of OpenAPI 3.0 has `minItems: 1` there.
            level=Level.ERROR if is_30 else None,
        )


def _both_ways(pointer: str, schema: Mapping[str, Any]) -> Iterator[Remark]:
    if schema.get("readOnly") is True and schema.get("writeOnly") is True:
        yield Remark(
            code=FindingCode.SCHEMA_SLIP,
            pointer=join(pointer, "writeOnly"),
            what="`readOnly` and `writeOnly` together leave no message that has the value",
            remedy="remove one of them (OpenAPI, Schema Object)",
        )
