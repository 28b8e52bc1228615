"""Canned bodies with holes: bytes made at load, spliced with what a request says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import Any, TypeAlias

from mock_server.answers import echo
from mock_server.answers.echo import Facts
from mock_server.answers.holes import (
    Filler,
    Judge,
    fillers_of,
    replaced_at,
)
from spec.text.json_text import COMPACT
from spec.text.long_json import write_long

__all__ = ["Part", "Template", "compile_json", "compile_text"]

Part: TypeAlias = "bytes | Callable[[Facts], bytes]"


@dataclass(frozen=True, slots=True)
class Template:
    """A body in parts: bytes, and functions that make bytes of a request's facts."""

    parts: tuple[Part, ...]

    @property
    def fixed(self) -> bytes | None:
        """The whole body, where no request changes it."""
        first = self.parts[0] if self.parts else b""
        return first if len(self.parts) < 2 and isinstance(first, bytes) else None

    def fill(self, facts: Facts) -> bytes:
        """The body for one request."""
        return b"".join([p if type(p) is bytes else p(facts) for p in self.parts])  # type: ignore[operator]  # mypy does not narrow by type()


def compile_json(value: Any, judge: Judge, sample: Callable[[], Any] = dict) -> Template:
    """The template of a JSON document.

    `sample` makes a valid value of the same schema: the last resort for what is in a hole.

    Raises:
        spec.SpecError: it has more holes than can be checked.
    """
    fillers = {hole.path: filler for hole, filler in fillers_of(value, judge, sample)}
    if not fillers:
        return Template((_dumped(value),))
    salt = _salt(value)
    marks = {path: f"{salt}{number}-" for number, path in enumerate(fillers)}
    marked = value
    for path, mark in marks.items():
        marked = replaced_at(marked, path, mark)
    by_mark = {f'"{mark}"': fillers[path] for path, mark in marks.items()}
    pieces = re.split(f'("{salt}[0-9]+-")', _dumped(marked).decode())
    parts: list[Part] = [
        _as_json(by_mark[piece]) if piece in by_mark else piece.encode() for piece in pieces
    ]
    return Template(tuple(part for part in parts if part != b""))


def compile_text(
    value: str,
    judge: Judge,
    escape: Callable[[str], str] = lambda text: text,
    charset: str = "utf-8",
) -> Template:
    """The template of a body that is one text; `escape` keeps a value from breaking its format."""
    found = fillers_of(value, judge, str)
    if not found:
        return Template((value.encode(charset, "replace"),))
    ((hole, filler),) = found  # a text is one hole, however many expressions it has
    if not filler.is_free:
        return Template((_as_text(filler, escape, charset),))
    parts: list[Part] = []
    for literal, resolver in zip(hole.text.literals, (*hole.text.resolvers, None), strict=True):
        parts += [literal.encode(charset, "replace")] if literal else []
        parts += [_as_text(resolver, escape, charset)] if resolver else []
    return Template(tuple(parts))


def _as_text(resolver: echo.Resolver, escape: Callable[[str], str], charset: str) -> Part:
    return lambda facts: escape(echo.as_text(resolver(facts))).encode(charset, "replace")


def _as_json(filler: Filler) -> Part:
    def written(facts: Facts) -> bytes:
        return write_long(filler(facts), COMPACT).encode()

    if not filler.is_free:
        return written
    resolve = filler.resolve

    def part(facts: Facts) -> bytes:
        # A string is what most expressions give, and any string fits: it needs no further look.
        value = resolve(facts)
        if type(value) is str:
            return encode_basestring_ascii(value).encode()
        return written(facts)

    return part


def _salt(value: Any) -> str:
    """A string that stands nowhere in the value."""
    dumped, number = json.dumps(value), 0
    while f"hole-{number}-" in dumped:
        number += 1
    return f"hole-{number}-"


def _dumped(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # A lone surrogate has no form in UTF-8; in ASCII it is escaped (RFC 8259 section 8.2).
        return json.dumps(value, separators=(",", ":")).encode()
