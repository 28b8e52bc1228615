"""A JSON text whose long strings are cut while it is read: a parser holds each string whole."""

from __future__ import annotations

import re
from typing import Protocol

__all__ = ["CUT", "ShortStrings"]

CUT = "…"
"""The end of a string that was cut."""
_OPEN = re.compile(
    rb"(?:(?<!\\)(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3})?)"
    rb"|([\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2}))\Z"
)
"""An escape or a character of UTF-8 that the next piece completes."""
_TO_QUOTE = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_TAIL = 4096
"""Bytes at the end of what was read in which an escape or a character may be cut off."""


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""


class ShortStrings:
    """A reader of a JSON text whose strings are at most `longest` bytes and one piece more.

    What is left out is replaced by CUT. The text is not parsed: only where strings begin and end is
    followed, by counting quotes, which costs little for a piece of 64 KB.
    """

    def __init__(self, file: _Readable, longest: int) -> None:
        self._file, self._longest = file, longest
        self._open = b""
        self._inside = self._cutting = False
        self._length = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end alone."""
        while piece := self._file.read(size):
            if passed := self._passed(self._open + piece):
                return passed
        rest, self._open = self._open, b""
        return rest

    def _passed(self, data: bytes) -> bytes:
        # A cut in the middle of an escape or a character would make the text invalid.
        found = _OPEN.search(data, max(len(data) - _TAIL, 0))
        end = found.start(found.lastindex or 0) if found else len(data)
        data, self._open = data[:end], data[end:]
        quotes = data.replace(rb"\\", b"").replace(rb"\"", b"").count(b'"')
        if self._inside and not quotes:
            self._length += len(data)
            self._cutting = self._cutting or self._length > self._longest
            return b"" if self._cutting else data
        if self._cutting:
            until = _TO_QUOTE.match(data)
            data = CUT.encode() + data[until.end() if until else 0 :]
            self._cutting = False
        if quotes % 2:
            self._inside = not self._inside
        self._length = len(data) - data.rfind(b'"') - 1
        return data
