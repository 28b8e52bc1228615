"""How a body of each media type is read as a value, and written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, TypeAlias

from spec.model.contract_model import MediaType, Schema
from spec.schemas.alternatives import SchemaValue
from spec.schemas.shapes import ANYTHING, Shape, shape_of
from spec.text import json_lines, media_types, tables, xml_text
from spec.text.charsets import codec_of
from spec.text.forms import FormCodec, form_codec, is_form
from spec.text.json_text import UnreadableError
from spec.text.json_values import StyleError, coerce
from spec.text.xml_reading import UnjudgedError, is_xml, read_xml

__all__ = ["BOUNDARY", "BodyCodec", "BodyKind", "body_codec", "body_kind"]

BOUNDARY = "boundary-7MA4YWxkTrZu0gW"
"""Divides the parts of what is written here; no value has it in it by chance."""


class BodyKind(Enum):
    """How a body says its value."""

    JSON = "JSON"
    LINES = "lines of JSON"
    FORM = "a form"
    PARTS = "a multipart body"
    XML = "XML"
    TABLE = "a table"
    TEXT = "text"
    EVENTS = "an event stream"

    @property
    def of_text(self) -> bool:
        """Whether its values are pieces of text, which only a schema tells from numbers."""
        return self in (self.FORM, self.PARTS, self.XML, self.TABLE, self.TEXT)


_Read: TypeAlias = Callable[[bytes, str], Any]
_Write: TypeAlias = Callable[[Any], tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyCodec:
    """Reads and writes bodies of one media type that is no JSON.

    `read` takes the bytes and the `Content-Type`. It raises StyleError where the body is not of its
    media type (multipart.UnclosedError where only its end is missing), and UnjudgedError for one
    that cannot be judged. Of lines it gives the list. `write` gives the `Content-Type` and the
    bytes; it raises StyleError for a value that the media type cannot express. What it writes may
    say less than the value: read it back to see. `of_items` says that a body is a list, and that
    what the contract says of it is said of each member: of lines, and of parts by `itemSchema`.
    """

    kind: BodyKind
    shape: Shape
    read: _Read
    write: _Write
    form: FormCodec | None = None
    of_items: bool = False


def body_kind(name: str, shape: Shape = ANYTHING) -> BodyKind | None:
    """How bodies of a media type say their value; None where they are bytes that say none."""
    kind = media_types.parse(name)
    if kind is None or kind.is_range:
        return None
    if kind.is_json:
        return BodyKind.JSON
    if kind.is_json_lines:
        return BodyKind.LINES
    if kind.is_event_stream:
        return BodyKind.EVENTS
    if is_form(name):
        return BodyKind.PARTS if kind.type == "multipart" else BodyKind.FORM
    # `format: binary` under XML: the author wants the bytes, not the document.
    if is_xml(kind):
        return None if shape.binary else BodyKind.XML
    if tables.delimiter_of(kind) is not None:
        return BodyKind.TABLE
    structured = not shape.is_primitive and not shape.is_anything
    return BodyKind.TEXT if kind.is_text and not shape.binary and not structured else None


def body_codec(
    media_type: MediaType,
    standalone: Callable[[Schema], SchemaValue],
    resolve: Callable[[Schema], Schema],
    sample: Callable[[Schema], Any],
) -> BodyCodec | None:
    """The codec of a media type; None for JSON, for event streams, and for what is only bytes.

    `standalone` makes a schema self-contained, `resolve` gives the schema that a `$ref` leads to,
    and `sample` a value for the header of a part.
    """
    if media_types.is_json(media_type.name):
        return None
    schema = media_type.schema
    shape = ANYTHING if schema is None else shape_of(standalone(schema))
    kind = body_kind(media_type.name, shape)
    name = media_types.concrete(media_type.name)
    if kind in (BodyKind.FORM, BodyKind.PARTS):
        form = form_codec(media_type, standalone, sample)
        write = partial(_form, form)
        of_items = kind is BodyKind.PARTS and media_type.item_schema is not None
        return BodyCodec(
            kind=kind, shape=shape, read=form.decode, write=write, form=form, of_items=of_items
        )
    made = _ways(kind, name, schema, shape, resolve)
    if kind is None or made is None:
        return None
    of_items = kind is BodyKind.LINES
    return BodyCodec(kind=kind, shape=shape, read=made[0], write=made[1], of_items=of_items)


def _ways(
    kind: BodyKind | None,
    name: str,
    schema: Schema | None,
    shape: Shape,
    resolve: Callable[[Schema], Schema],
) -> tuple[_Read, _Write] | None:
    if kind is BodyKind.LINES:
        return _read_lines, partial(_lines, name)
    if kind is BodyKind.XML:
        return (
            lambda raw, _sent: read_xml(raw, schema, shape, resolve),
            lambda value: (name, xml_text.write(value, schema, resolve).encode()),
        )
    if kind is BodyKind.TABLE:
        parsed = media_types.parse(name)
        delimiter = (tables.delimiter_of(parsed) if parsed else None) or ","
        return (
            lambda raw, sent: tables.read(_decoded_body(raw, sent), delimiter, shape),
            lambda value: _encoded(name, tables.write(value, delimiter)),
        )
    if kind is BodyKind.TEXT:
        return (
            lambda raw, sent: _of_text(_decoded_body(raw, sent), shape),
            lambda value: _encoded(name, _plain_text(value)),
        )
    return None


def _form(form: FormCodec, value: Any) -> tuple[str, bytes]:
    if not isinstance(value, (dict, list)):
        raise StyleError("only an object can be written as a form")
    return form.encode(value, BOUNDARY)


def _lines(name: str, value: Any) -> tuple[str, bytes]:
    if not isinstance(value, list):
        raise StyleError("only a list can be written as lines")
    return name, json_lines.write(value, name)


def _read_lines(raw: bytes, content_type: str) -> list[Any]:
    try:
        return json_lines.read(raw, content_type)
    except UnreadableError as error:
        raise StyleError(str(error)) from None


def _charset(content_type: str) -> str:
    parsed = media_types.parse(content_type)
    return (parsed.charset if parsed else None) or "utf-8"


def _decoded_body(raw: bytes, content_type: str) -> str:
    """The text of a body, without a byte order mark."""
    charset = _charset(content_type)
    codec = codec_of(charset)
    if codec is None:
        raise UnjudgedError(f"its charset {charset} is unknown")
    try:
        # A mark of the byte order is no part of the text (RFC 3629 section 6).
        return raw.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise StyleError(f"has a byte at {error.start} that is not {charset}") from None


def _encoded(name: str, text: str) -> tuple[str, bytes]:
    charset = _charset(name)
    try:
        return name, text.encode(codec_of(charset) or "utf-8")
    except UnicodeEncodeError:
        raise StyleError(f"cannot be written in {charset}") from None


def _plain_text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise StyleError("a list or an object is not plain text")
    return value if isinstance(value, str) else json.dumps(value)


def _of_text(text: str, shape: Shape) -> Any:
    """What text says; a line break at its end may be no part of it."""
    value = coerce(text, shape)
    # Editors and `echo` end a text with a line break.
    bare = text.removesuffix("\n").removesuffix("\r")
    if bare != text and not shape.admits(value) and shape.admits(coerce(bare, shape)):
        return coerce(bare, shape)
    return value
