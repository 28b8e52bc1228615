"""A long JSON document, read and written in slices.

Python's own reader and writer keep the interpreter to themselves for as long as a document takes:
half a second for 10 MB, in which no other thread does anything. Here no step takes much longer
than a slice, so that a thread can read or write a long document while another one serves.
"""

from __future__ import annotations

import json.decoder
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from spec.text import json_text
from spec.text.json_text import BeyondLimitsError, UnreadableError

__all__ = ["LONG", "WINDOW", "is_large", "read_long", "read_long_text", "write_long"]

LONG = 64 * 1024
"""Bytes or characters from which a text is long: what is shorter takes a millisecond or two."""

WINDOW = 1000
"""Items or members that are looked at together: a few milliseconds."""
_ROOM = 4 * WINDOW
"""Values inside of a value that are looked at as a whole."""
_TEXT = 64 * 1024
"""Characters of a string that count as one value more."""
_SHORT, _LONG = 1024, 65536
"""Characters of the slices in which a value is looked for: most are short."""
_BLANKS = re.compile(r"[ \t\n\r]*")
_UNFINISHED = re.compile(r"\\(?:u[0-9A-Fa-f]{0,3})?\Z")
_HIGH_SURROGATE = re.compile(r"\\u[dD][89abAB][0-9A-Fa-f]{2}(?:\\(?:u[0-9A-Fa-f]{0,3})?)?\Z")
_LONGEST_ESCAPE = 12
_scanstring: Callable[..., tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]  # typeshed leaves it out
_CLOSING = {"[": "]", "{": "}"}


def read_long(raw: bytes, *, slices: tuple[int, int] = (_SHORT, _LONG)) -> Any:
    """Read the one JSON document in `raw`, as strictly as `json_text.read`.

    `slices` are the characters that are read at once, first and at most.

    Raises:
        UnreadableError: the text is no JSON, or beyond the limits (BeyondLimitsError).
    """
    return read_long_text(json_text.decoded(raw), slices=slices)


def read_long_text(text: str, *, slices: tuple[int, int] = (_SHORT, _LONG)) -> Any:
    """Read the one JSON document in a decoded text; everything else is as in `read_long`."""
    begin = _blanks(text, 0)
    if text[begin : begin + 1] not in _CLOSING:
        return json_text.read_text(text)
    reader = _SlicedReader(text, slices)
    try:
        value, end = reader.value(begin, 1)
    except UnreadableError:
        raise
    except ValueError:
        raise BeyondLimitsError(json_text.TOO_MANY_DIGITS) from None
    if _blanks(text, end) != len(text):
        raise UnreadableError(
            f"is not JSON: there is more after its end, {json_text.place(text, end)}"
        )
    return value


def _blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


_OF_A_NUMBER = ("", ".", "e", "E", "e+", "e-", "E+", "E-")
"""What may stand between the digits of a number and the end of a slice."""


class _SlicedReader:
    """Reads values at positions of one text, and tells where each of them ends."""

    __slots__ = ("slices", "text")

    def __init__(self, text: str, slices: tuple[int, int]) -> None:
        self.text, self.slices = text, slices

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        """The value at a position; one frame for each level keeps deep documents readable."""
        found = self._short(at, depth)
        if found is not None:
            return found
        opening = self.text[at : at + 1]
        if opening == '"':
            return self._string(at)
        if opening not in _CLOSING:
            return self._whole(at)
        if depth > json_text.DEEPEST:
            raise BeyondLimitsError(json_text.too_deep())
        made: Any = [] if opening == "[" else {}
        at = _blanks(self.text, at + 1)
        closing = _CLOSING[opening]
        while made or self.text[at : at + 1] != closing:
            batch = self._batch(opening, at, depth)
            if batch is not None:
                made.extend(batch[0]) if opening == "[" else made.update(batch[0])
                at = batch[1]
                continue
            if opening == "[":
                one, at = self.value(at, depth + 1)
                made.append(one)
            else:
                name, at = self._name(at)
                made[name], at = self.value(at, depth + 1)
            at = _blanks(self.text, at)
            if self.text[at : at + 1] == closing:
                break
            at = self._after(",", at)
        return made, at + 1

    def _short(self, at: int, depth: int) -> tuple[Any, int] | None:
        """The value at a position, where a slice holds all of it."""
        for size in self.slices:
            piece = self.text[at : at + size]
            try:
                value, used = json_text.scan(piece, 0)
            except (StopIteration, json.JSONDecodeError):
                continue
            except RecursionError:
                raise BeyondLimitsError(json_text.too_deep()) from None
            # Of the values that reach the end of a slice a number alone may go on behind it, and
            # what is left of `1e+16` in a slice may be `1e`.
            ended = piece[used:] not in _OF_A_NUMBER
            if ended or at + len(piece) == len(self.text) or piece[used - 1] in '"]}el':
                json_text.check_limits(piece[:used], value, depth - 1)
                return value, at + used
        return None

    def _batch(self, opening: str, at: int, depth: int) -> tuple[Any, int] | None:
        """As many members or items as a slice holds, up to a comma behind one of them."""
        piece = self.text[at : at + self.slices[1]]
        ends = (piece.rfind("},") + 1, piece.rfind("],") + 1, piece.rfind(","))
        for end in sorted({one for one in ends if one > 0}, reverse=True):
            part = f"{opening}{piece[:end]}{_CLOSING[opening]}"
            try:
                value, used = json_text.scan(part, 0)
            except (StopIteration, json.JSONDecodeError, RecursionError):
                continue
            if used == len(part):
                json_text.check_limits(part, value, depth - 1)
                return value, _blanks(self.text, at + end + 1)
        return None

    def _name(self, at: int) -> tuple[str, int]:
        if self.text[at : at + 1] != '"':
            raise self._error("Expecting property name enclosed in double quotes", at)
        name, at = self._string(at)
        return name, self._after(":", _blanks(self.text, at))

    def _after(self, mark: str, at: int) -> int:
        if self.text[at : at + 1] != mark:
            raise self._error(f"Expecting '{mark}' delimiter", at)
        return _blanks(self.text, at + 1)

    def _string(self, at: int) -> tuple[str, int]:
        """A string, which is cut where no escape goes across the cut."""
        parts: list[str] = []
        begin, at = at, at + 1
        while True:
            piece = self.text[at : at + self.slices[1]]
            is_last = at + len(piece) == len(self.text)
            try:
                part, used = _scanstring(piece, 0, True)
                parts.append(part)
                break
            except json.JSONDecodeError as error:
                if is_last:
                    raise self._error(
                        error.msg, begin if error.pos < 0 else at + error.pos
                    ) from None
            end = self._safe_end(piece)
            try:
                part, _ = _scanstring(f'{piece[:end]}"', 0, True)
            except json.JSONDecodeError as error:
                raise self._error(error.msg, at + error.pos) from None
            parts.append(part)
            at += end
        text = "".join(parts)
        json_text.refuse_lone_surrogates(text)
        return text, at + used

    def _safe_end(self, piece: str) -> int:
        tail = len(piece) - _LONGEST_ESCAPE
        for pattern in (_HIGH_SURROGATE, _UNFINISHED):
            found = pattern.search(piece, tail)
            if found and _is_escape(piece, found.start()):
                return found.start()
        return len(piece)

    def _whole(self, at: int) -> tuple[Any, int]:
        """A number of many digits, or what is no value at all."""
        try:
            return json_text.scan(self.text, at)
        except StopIteration as stopped:
            raise self._error("Expecting value", stopped.value) from None

    def _error(self, message: str, at: int) -> UnreadableError:
        return UnreadableError(f"is not JSON: {message}: {json_text.place(self.text, at)}")


def _is_escape(piece: str, at: int) -> bool:
    """Whether a backslash begins an escape, and is not the second of two."""
    before = piece[:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 0


def is_large(value: Any) -> bool:
    """Whether an array or object has more in it than is looked at within a few milliseconds."""
    if not isinstance(value, (dict, list)):
        return False
    room, waiting = _ROOM, [value]
    while waiting and room >= 0:
        one = waiting.pop()
        if isinstance(one, (dict, list)):
            room -= len(one)
            if room >= 0:
                waiting += one.values() if isinstance(one, dict) else one
        elif isinstance(one, str):
            room -= len(one) // _TEXT
    return room < 0


def write_long(value: Any, encoder: json.JSONEncoder) -> str:
    """What `encoder.encode` writes of a value, where it has no `indent`; a large one in slices."""
    return encoder.encode(value) if not is_large(value) else "".join(_written(value, encoder))


def _written(value: Any, encoder: json.JSONEncoder) -> Iterator[str]:
    if not is_large(value):
        yield encoder.encode(value)
        return
    opening = "[" if isinstance(value, list) else "{"
    between = opening
    for window in _windows(value):
        if not is_large(window):
            yield between + encoder.encode(window)[1:-1]
            between = encoder.item_separator
            continue
        for one in window:
            yield between
            if isinstance(window, dict):
                yield encoder.encode(one) + encoder.key_separator
            yield from _written(window[one] if isinstance(window, dict) else one, encoder)
            between = encoder.item_separator
    yield _CLOSING[opening]


def _windows(value: Any) -> Iterator[Any]:
    """The members or items of an object or array, so many at a time, as objects or arrays."""
    if isinstance(value, list):
        for start in range(0, len(value), WINDOW):
            yield value[start : start + WINDOW]
        return
    members = iter(value.items())
    while window := dict(islice(members, WINDOW)):
        yield window
