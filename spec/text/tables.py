"""Tables as text: CSV (RFC 4180) and TSV (IANA text/tab-separated-values), read by their schema.

A list of objects is a table with a header line; a list of lists is one without.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from spec.schemas.shapes import Shape
from spec.text.json_values import StyleError, coerce, first_fit
from spec.text.media_types import MediaRange

__all__ = ["delimiter_of", "quoted", "read", "write"]

_MOST_COLUMNS = 10_000
_DELIMITERS = {
    "application/csv": ",",
    "text/comma-separated-values": ",",
    "text/csv": ",",
    "text/tab-separated-values": "\t",
    "text/tsv": "\t",
}


def delimiter_of(kind: MediaRange) -> str | None:
    """What divides the cells of a table of this media type; None where it is no table."""
    return _DELIMITERS.get(kind.essence)


def read(text: str, delimiter: str, shape: Shape) -> Any:
    """The value that a table says. Raises StyleError where it is not well formed."""
    return first_fit(shape, [partial(_table_value, text, delimiter, way) for way in shape.ways])


def write(value: Any, delimiter: str) -> str:
    """The table that says a value. Raises StyleError where no table can."""
    rows = list(_rows(value))
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def quoted(text: str) -> str:
    """Text for a cell, in quotes where it needs them (RFC 4180 section 2)."""
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",\t\r\n') else text


def _table_value(text: str, delimiter: str, way: Shape) -> Any:
    if way.kind != "array":
        return text
    # Row by row: all rows at once would be made, and let go of, without a turn for other threads.
    rows = _cells(text, delimiter)
    if not way.element.is_object:
        if way.element.is_array:
            return [[coerce(cell, way.element.element) for cell in row] for row in rows]
        return [coerce(row[0] if row else "", way.element) for row in rows]
    names = next(rows, [])
    return [dict(_members(names, row, way.element)) for row in rows]


def _cells(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows; a blank line, often the last, is none."""
    try:
        for row in csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=True):
            if row:
                yield row
    except csv.Error as error:
        raise StyleError(f"is not a table: {error}") from None


def _lines(text: str, delimiter: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if line.count(delimiter) > _MOST_COLUMNS:
            raise StyleError(f"is a table with more than {_MOST_COLUMNS} columns")
        yield line


def _members(names: Sequence[str], row: Sequence[str], shape: Shape) -> Iterator[tuple[str, Any]]:
    """The properties of one row; an empty cell that its schema does not admit is none."""
    for number, cell in enumerate(row):
        name = names[number] if number < len(names) else f"column {number + 1}"
        member = shape.member(name)
        value = coerce(cell, member)
        if cell or member.admits(value):
            yield name, value


def _rows(value: Any) -> Iterator[Sequence[Any]]:
    items = value if isinstance(value, list) else [value]
    if any(isinstance(item, Mapping) for item in items):
        if not all(isinstance(item, Mapping) for item in items):
            raise StyleError("all rows of a table must have the same kind")
        # All rows have a say: objects with optional properties lack some of them.
        names = list(dict.fromkeys(name for item in items for name in item))
        yield names
        yield from ([_cell(item.get(name)) for name in names] for item in items)
    else:
        for item in items:
            yield [_cell(one) for one in item] if isinstance(item, list) else [_cell(item)]


def _cell(value: Any) -> str:
    if isinstance(value, (list, dict)):
        raise StyleError("a list or an object inside a row has no text in a table")
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
