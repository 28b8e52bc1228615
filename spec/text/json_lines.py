"""Sequences of JSON documents: lines (ndjson, jsonl), and those of RFC 7464 (json-seq)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from spec.text import json_text
from spec.text.json_text import UnreadableError
from spec.text.long_json import LONG

__all__ = ["lead", "read", "write"]

_RECORD = "\x1e"


def lead(content_type: str) -> str:
    """What is before each document: RFC 7464 section 2 has a mark of its own."""
    return _RECORD if "json-seq" in content_type.lower() else ""


def read(
    raw: bytes, content_type: str, read_one: Callable[[bytes], Any] = json_text.read
) -> list[Any]:
    """The documents of a body; blank lines are none.

    Raises:
        UnreadableError: one of them is no JSON text; the message names it by its number.
    """
    marked = bool(lead(content_type))
    pieces = _pieces(raw, _RECORD.encode() if marked else b"\n")
    values = []
    # What is before the first mark is no document, and has no number.
    for number, piece in enumerate(pieces, 0 if marked else 1):
        text = piece.strip(b" \t\r\n")
        if not text:
            continue
        try:
            values.append(read_one(text))
        except UnreadableError as error:
            raise UnreadableError(f"has a line {number} that {error}") from None
    return values


def _pieces(raw: bytes, mark: bytes) -> Iterator[bytes]:
    """What stands between the marks; a long body is not divided at once, which would take long."""
    at = 0
    while at < len(raw):
        found = raw.find(mark, at + LONG)
        end = found if found >= 0 else len(raw)
        yield from raw[at:end].split(mark)
        at = end + 1


def write(values: Iterable[Any], content_type: str) -> bytes:
    """The bytes of a body with these documents."""
    mark = lead(content_type)
    text = "".join(f"{mark}{json.dumps(one, ensure_ascii=False)}\n" for one in values)
    return text.encode("utf-8", "surrogatepass")
