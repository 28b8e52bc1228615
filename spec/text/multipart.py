"""`multipart/form-data` (RFC 7578) and its kin (RFC 2046 section 5.1) as parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from spec.text.json_values import StyleError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

__all__ = ["Part", "UnclosedError", "compose", "parse"]

_FORM_DATA = "multipart/form-data"
_MOST_PARTS = 1000
_OWN_HEADERS = frozenset({b"content-disposition", b"content-type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part. A `filename` makes it a file; `content_type` is as sent, and often missing.

    Only a part of form-data must have a name. `headers` are all others, by lower-case names.
    """

    name: str | None
    data: bytes
    filename: str | None = None
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The data as UTF-8, and where it is none as Latin-1: a character for each octet."""
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return self.octets

    @property
    def octets(self) -> str:
        """The data with a character for each octet, so that lengths count octets."""
        return self.data.decode("latin-1")


class UnclosedError(StyleError):
    """A body without its closing boundary (RFC 2046 section 5.1.1); `closed` is one with it."""

    def __init__(self, kind: str, closed: bytes) -> None:
        super().__init__(f"is not {kind}: the closing boundary is missing")
        self.closed = closed


def parse(body: bytes, boundary: str, kind: str = _FORM_DATA) -> tuple[Part, ...]:
    """The parts of a whole body of a multipart type.

    Raises StyleError where it is malformed, and UnclosedError where only its end is missing.
    """
    body = _without_preamble(body, boundary)
    reader = _reading(body, boundary, kind)
    if reader.ended:
        return tuple(reader.parts)
    # Read once more with an end, so that a body that is cut is told from one that is no multipart.
    closed = body.removesuffix(b"\r\n") + f"\r\n--{boundary}--\r\n".encode("latin-1", "replace")
    unclosed = UnclosedError(kind, closed)
    try:
        found = _reading(closed, boundary, kind).parts
    except StyleError:
        found = []
    if not found:
        raise StyleError(str(unclosed))
    raise unclosed


def _without_preamble(body: bytes, boundary: str) -> bytes:
    """The body from its first boundary on: lines before it mean nothing (RFC 2046 section 5.1.1).

    Writers of e-mail put a sentence there for readers that know no multipart.
    """
    delimiter = b"--" + boundary.encode("latin-1", "replace")
    begin = 0 if body.startswith(delimiter) else body.find(b"\r\n" + delimiter) + 2
    return body[begin:] if begin > 1 else body


def _reading(body: bytes, boundary: str, kind: str) -> _PartsReader:
    reader = _PartsReader(named=kind == _FORM_DATA)
    try:
        parser = MultipartParser(boundary.encode("latin-1", "replace"), reader.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise StyleError(f"is not {kind}: {error}") from None
    return reader


def compose(parts: Iterable[Part], boundary: str) -> bytes:
    """The body that says these parts."""
    lines: list[bytes] = []
    for part in parts:
        lines.append(f"--{boundary}".encode())
        if part.name is not None:
            lines.append(_disposition(part.name, part.filename).encode())
        lines += [f"{name}: {value}".encode() for name, value in part.headers]
        if part.content_type:
            lines.append(f"Content-Type: {part.content_type}".encode())
        lines += [b"", part.data]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])


class _PartsReader:
    """What the parser tells, gathered: its events come piecemeal."""

    def __init__(self, *, named: bool) -> None:
        self._named = named
        self.parts: list[Part] = []
        self.ended = False
        self._headers: dict[bytes, bytes] = {}
        self._field, self._value, self._data = bytearray(), bytearray(), bytearray()

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self._data.extend(data[start:end]),
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers = {}
        self._data = bytearray()

    def _end_header(self) -> None:
        self._headers[bytes(self._field).lower()] = bytes(self._value)
        self._field, self._value = bytearray(), bytearray()

    def _end_part(self) -> None:
        if len(self.parts) >= _MOST_PARTS:
            raise FormParserError(f"more than {_MOST_PARTS} parts")
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"name")
        if name is None and self._named:
            raise FormParserError("a part has no name in its Content-Disposition")
        content_type = self._headers.get(b"content-type")
        filename = options.get(b"filename")
        self.parts.append(
            Part(
                name=None if name is None else _unescaped(name),
                data=bytes(self._data),
                filename=None if filename is None else _unescaped(filename),
                content_type=content_type.decode("latin-1") if content_type else None,
                headers=tuple(
                    (name.decode("latin-1"), value.decode("latin-1"))
                    for name, value in self._headers.items()
                    if name not in _OWN_HEADERS
                ),
            )
        )

    def _end(self) -> None:
        self.ended = True


def _disposition(name: str, filename: str | None) -> str:
    file = "" if filename is None else f'; filename="{_escaped(filename)}"'
    return f'Content-Disposition: form-data; name="{_escaped(name)}"{file}'


def _escaped(name: str) -> str:
    # As browsers do it: the HTML standard's multipart/form-data encoding algorithm.
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _unescaped(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%22", '"')
