"""How a text may write a secret: letter by letter, in another encoding, and with gaps."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from html.entities import html5

from conformance.http.digit_codes import inner_codes

__all__ = [
    "LONG",
    "TextViews",
    "beginnings_of",
    "codes_in",
    "encoded",
    "ending",
    "gapped",
    "is_spread",
    "letter",
    "squeezed",
    "unescaped",
    "views_of",
    "without_escapes",
]

LONG = 12
"""Characters from which a secret is looked for with gaps: `testtoken` is no `test token`."""
_BEGINNING = 10
"""Characters of an encoding that are looked for first."""
_DEEPEST = 60
"""Parts of an encoding that may be cut off: Python's parser of patterns has a limit."""
_IGNORED = "\x00\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""What is in a text of UTF-16 that is read as UTF-8, and what no reader sees."""
_GAP = rf"(?:[\s{_IGNORED}]|\\+[nrt]|\\+x00|\\+u0000)*"
_ESCAPED_GAPS = re.compile(r"\\+[nrt]|\\+x00|\\+u0000")
_UNSEEN = dict.fromkeys(map(ord, _IGNORED))
_ESCAPED = re.compile(
    r"%(?:25)*u?(?:00)?([0-9a-f]{2})|\\+[ux](?:00)*([0-9a-f]{2})|\\+u\{0*([0-9a-f]{2})\}"
    r"|=([0-9a-f]{2})",
    re.IGNORECASE,
)
"""A character as URLs, JSON, JavaScript and mail escape it; `%2541` has been encoded twice."""
_OCTAL = re.compile(r"\\+([0-3][0-7]{2})")
_OF_UTF_8 = re.compile("[\x80-\xff]{2,}")
"""Octets of UTF-8 that were escaped one by one."""
_SEPARATOR = r"(?:0x|\\+x|[\s:,;\"'-])*"
"""What may stand between the octets of a secret in hexadecimal."""


def letter(one: str) -> str:
    """A pattern of a character as text, JSON, URLs, HTML, mail and Python's repr may write it."""
    octets = one.encode("utf-8", "surrogatepass")
    ways = [rf"\\*{re.escape(one)}"]
    ways.append("".join(rf"(?:%(?:25)*|\\+x|=){octet:02x}" for octet in octets))
    ways.append("".join(rf"\\+{octet:03o}" for octet in octets))
    if len(octets) > 1 and ord(one) < 256:
        ways.append(rf"\\+x{ord(one):02x}")
    ways.append(rf"(?:%(?:25)*|\\+)u(?:(?:0000)?{ord(one):04x}|\{{0*{ord(one):x}\}})")
    ways.append(rf"&(?:amp;)*\#(?:x0*{ord(one):x}|0*{ord(one)});")
    ways += [rf"&(?:amp;)*{name}" for name in _entities().get(one, ())]
    if "!" <= one <= "~":
        # The same in the width of an ideograph, as some input methods write it.
        ways.append(chr(ord(one) + 0xFEE0))
    return f"(?:{'|'.join(ways)})"


@cache
def _entities() -> dict[str, list[str]]:
    """The names that HTML has for a character, those with a semicolon."""
    found = dict[str, list[str]]()
    for name, text in html5.items():
        if name.endswith(";"):
            found.setdefault(text, []).append(name)
    return found


def unescaped(low: str) -> str:
    """A text in lower case without its escapes, for a cheap look before a pattern is tried."""
    plain = _OCTAL.sub(lambda found: chr(int(found[1], 8)), html.unescape(html.unescape(low)))
    plain = _ESCAPED.sub(lambda found: chr(int(next(filter(None, found.groups())), 16)), plain)
    plain = _OF_UTF_8.sub(_as_utf_8, plain)
    return plain.replace("\\", "").lower()


def _as_utf_8(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode("utf-8", "replace")


def squeezed(low: str) -> str:
    """A text without spaces, line breaks and what no reader sees."""
    tight = "".join(low.split())
    if not tight.isascii() or "\x00" in tight:
        tight = tight.translate(_UNSEEN)
    return _ESCAPED_GAPS.sub("", tight) if "\\" in tight else tight


def ending(text: str) -> str:
    """The end of a text in lower case, without what is put where it was cut."""
    return text.lower().rstrip("…\"' ")


def gapped(text: str) -> str:
    """A pattern of a text with gaps between its letters: in lines, spaced, or in UTF-16."""
    return _GAP.join(map(letter, text))


def encoded(secret: str, views: TextViews) -> Iterator[re.Pattern[str]]:
    """Patterns of the secret as a whole, in the encodings that a text seems to have it in."""
    for code, beginning in _codes(secret):
        if beginning in views.codes:
            letters = ["[+-]" if c == "+" else "[/_]" if c == "/" else re.escape(c) for c in code]
            # An encoding may be cut into lines, as mail does (RFC 2045 section 6.8).
            lines = any(sign in views.low for sign in ("\n", "\\n", "\x00"))
            between = _GAP if lines or _plain(code.lower()) not in _plain(views.low) else ""
            yield _as_far(letters, between)
    for data in _octets_of(secret):
        if data[:_BEGINNING].hex() in views.octets:
            yield _as_far([f"{octet:02x}" for octet in data], _SEPARATOR)


def beginnings_of(secret: str) -> Iterator[str]:
    """How its encodings begin, in the views in which `encoded` and `codes_in` look for them."""
    yield from (beginning for _, beginning in _codes(secret))
    yield from (data[:_BEGINNING].hex() for data in _octets_of(secret))
    yield from _plain_codes(secret)


def _octets_of(secret: str) -> Iterator[bytes]:
    return (secret.encode(name, "surrogatepass") for name in ("utf-8", "utf-16-le", "utf-16-be"))


def codes_in(secret: str, low: str) -> bool:
    """Whether a text in lower case says the secret as a whole in one of its encodings."""
    tight = without_escapes(low)
    return any(code in tight for code in _plain_codes(secret))


@lru_cache(maxsize=8)
def without_escapes(low: str) -> str:
    """A text in lower case as `codes_in` looks at it."""
    return _plain(squeezed(low)).replace("\\", "")


@lru_cache(maxsize=4096)
def _plain_codes(secret: str) -> tuple[str, ...]:
    return tuple(without_escapes(code.lower()) for code, _ in _codes(secret))


def _as_far(units: list[str], between: str) -> re.Pattern[str]:
    """The beginning, and as much after it as is there: a text may be cut anywhere."""
    head, rest = units[:_BEGINNING], units[_BEGINNING:]
    size, below = -(-len(rest) // _DEEPEST) or 1, ""
    for at in reversed(range(0, len(rest), size)):
        below = f"(?:{between}{between.join(rest[at : at + size])}{below})?"
    return re.compile(f"{between.join(head)}{below}", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _codes(secret: str) -> tuple[tuple[str, str], ...]:
    """Its encodings, each with how it begins in `TextViews.codes`, for a cheap look."""
    data = secret.encode("utf-8", "surrogatepass")
    every = (",".join(map(str, data)), secret[::-1], *inner_codes(secret))
    return tuple((one, squeezed(_plain(one.lower()))[:_BEGINNING]) for one in every)


def _plain(code: str) -> str:
    """Base64 as it is, where it was written for URLs."""
    return code.replace("-", "+").replace("_", "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextViews:
    """A text in lower case, as each kind of spelling is looked for; all are made once.

    `lines` are the texts of its lines or events, where it has several.
    """

    low: str
    squeezed: str
    codes: str
    octets: str
    unescaped: str
    folded: str
    lines: tuple[str, ...]


@lru_cache(maxsize=4)
def views_of(text: str) -> TextViews:
    """The views of a text: every secret of a run is looked for in each of its texts."""
    low = text.lower()
    tight = squeezed(low)
    return TextViews(
        low=low,
        squeezed=tight,
        codes=_plain(tight),
        octets=_octets_in(tight),
        unescaped=unescaped(low) if any(sign in low for sign in "%\\&=") else "",
        folded="" if low.isascii() else unicodedata.normalize("NFKC", low),
        lines=_joined(low) if "\n" in low or low[:1] in ("{", "[") else (),
    )


def is_spread(low: str, views: TextViews) -> bool:
    """Whether a secret is spread over the lines, events or properties of a text."""
    # What stands in one of them as a whole is hidden there, and nothing else needs to be.
    return any(one.count(low) > views.low.count(low) for one in views.lines)


def _octets_in(tight: str) -> str:
    """A text without what may stand between octets in hexadecimal."""
    for between in (":", ",", ";", "-", '"', "'", "0x", "\\x"):
        tight = tight.replace(between, "")
    return tight


def _joined(low: str) -> tuple[str, ...]:
    """The texts of the lines one after another: of JSON their strings, and their bytes as well."""
    payloads = [line.strip().removeprefix("data:").strip() for line in low.splitlines()]
    if _is_document(low):
        payloads = [low]
    told = [pair for one in payloads for pair in _texts(one)]
    # Of several properties one has the text that goes on from event to event.
    names = dict.fromkeys(name for name, _ in told)
    every = ["".join(text for name, text in told if name == wanted) for wanted in names]
    joined = (*every, "".join(text for _, text in told), "".join(payloads))
    return tuple(one for one in dict.fromkeys(joined) if one not in low)


def _is_document(low: str) -> bool:
    """Whether it is one JSON value, in however many lines."""
    try:
        return low[:1] in ("{", "[") and json.loads(low) is not None
    except (ValueError, RecursionError):
        return False


def _texts(payload: str) -> Iterator[tuple[str, str]]:
    """The strings of a JSON value with their names; a line that is none is one itself."""
    try:
        waiting = [("", json.loads(payload))]
    except (ValueError, RecursionError):
        if not re.match(r"(?:event|id|retry)?:", payload):
            yield "", payload
        return
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, str):
            yield name, one
        elif isinstance(one, list):
            waiting += ((name, below) for below in reversed(one))
        elif isinstance(one, dict):
            waiting += reversed(one.items())
