"""Query strings, urlencoded bodies and cookies as pairs, and percent-encoding.

Names are as they are meant, values as they are on the wire: a style has to divide a value before
its escapes are undone.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias
from urllib.parse import quote, unquote, unquote_plus, unquote_to_bytes

from spec.text.long_json import LONG

__all__ = [
    "BROKEN_ESCAPE",
    "Pairs",
    "is_well_formed",
    "join_cookies",
    "join_form",
    "join_query",
    "split_cookies",
    "split_query",
    "unquote_query",
]

Pairs: TypeAlias = Sequence[tuple[str, str]]

_COOKIE_NAME = "!#$&'*+^`|"
_QUERY_NAME = "!$'()*,/:?@"
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""A percent sign that begins no escape (RFC 3986 section 2.1)."""


def split_query(raw: str) -> tuple[tuple[str, str], ...]:
    """The pairs of a raw query string, or of a urlencoded body."""
    # `a` without a sign is an empty value, and `&&` has nothing in it (WHATWG URL section 5.1).
    parts = (part.partition("=") for part in raw.split("&") if part)
    return tuple((unquote_query(name), value) for name, _, value in parts)


def join_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The raw query string of encoded pairs; names keep what RFC 3986 lets them (`$top`)."""
    return "&".join(f"{quote(name, safe=_QUERY_NAME)}={raw}" for name, raw in pairs)


def join_form(pairs: Iterable[tuple[str, str]]) -> str:
    """The urlencoded body of encoded pairs, written as browsers do (WHATWG URL section 5.2)."""
    return "&".join(f"{quote(name, safe='')}={raw}" for name, raw in pairs)


def split_cookies(header: str) -> tuple[tuple[str, str], ...]:
    """The pairs of a `Cookie` header (RFC 6265 section 5.4)."""
    parts = (part.strip().partition("=") for part in header.split(";"))
    return tuple(
        (unquote(name.strip()), _bare(value.strip())) for name, equals, value in parts if equals
    )


def join_cookies(pairs: Iterable[tuple[str, str]]) -> str:
    """The `Cookie` header of encoded pairs."""
    return "; ".join(f"{quote(name, safe=_COOKIE_NAME)}={raw}" for name, raw in pairs)


def is_well_formed(raw: str) -> bool:
    """Whether every percent-escape is complete and together they are UTF-8 (RFC 3986 2.1)."""
    if "%" not in raw:
        return True
    if BROKEN_ESCAPE.search(raw):
        return False
    try:
        unquote(raw, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def unquote_query(raw: str) -> str:
    """Undo percent-encoding, and `+` for a blank as browsers write it."""
    # Most names and values need none, and this is done for every pair of every request.
    if "%" not in raw and "+" not in raw:
        return raw
    if len(raw) <= LONG:
        return unquote_plus(raw, errors="replace")
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    pieces = [decode(unquote_to_bytes(one.replace("+", " "))) for one in _pieces(raw)]
    return "".join((*pieces, decode(b"", final=True)))


def _pieces(raw: str) -> Iterator[str]:
    """A long text in pieces that cut no escape: no step takes all other threads' time."""
    at = 0
    while at < len(raw):
        end = at + LONG
        cut = raw.find("%", end - 2, end)
        end = end if cut < 0 else cut
        yield raw[at:end]
        at = end


def _bare(value: str) -> str:
    # RFC 6265 section 4.1.1 lets a value stand in quotes, which are no part of what is meant.
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
