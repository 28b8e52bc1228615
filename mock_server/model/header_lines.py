"""Header lines as bytes, and that no value can break out of its line."""

from __future__ import annotations

import re
from typing import TypeAlias
from urllib.parse import quote

__all__ = [
    "STREAMED",
    "VARY",
    "HeaderLine",
    "HeaderLines",
    "content_type_line",
    "header_text",
    "length_line",
    "own_lines",
]

HeaderLine: TypeAlias = tuple[bytes, bytes]
HeaderLines: TypeAlias = tuple[HeaderLine, ...]

VARY = (b"vary", b"Accept, Origin, Prefer")
STREAMED = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))
"""What keeps proxies from storing a stream, or from holding it back until it is complete."""

_OF_A_BODY = frozenset({b"content-type", b"vary", b"x-mock-source"})
_UNFIT = re.compile("[^ -~]+")


def header_text(text: str) -> bytes:
    """A header value without what could end its line; other than ASCII is percent-encoded."""
    return _UNFIT.sub(lambda found: quote(found.group(), errors="replace"), text).strip().encode()


def content_type_line(label: str) -> HeaderLine:
    """The line that says what a body is."""
    return (b"content-type", header_text(label))


def length_line(body: bytes) -> HeaderLine:
    """The line that says how long a body is. It is the last of every head."""
    return (b"content-length", b"%d" % len(body))


def own_lines(lines: HeaderLines) -> HeaderLines:
    """The lines that stay true when another body takes the place of theirs."""
    return tuple(line for line in lines if line[0] not in _OF_A_BODY)
