"""How the bytes of a request body become a value: by the media type, and by the schema's types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from mock_server.model.definitions import definition
from mock_server.model.request import MISSING
from spec import Contract, Direction, MediaType, Schema
from spec.reading.yaml_bodies import read_yaml_body
from spec.schemas.shapes import ANYTHING, Shape, shape_of
from spec.text import forms, json_lines, json_text, media_types, tables
from spec.text.charsets import codec_of
from spec.text.json_text import UnreadableError
from spec.text.json_values import StyleError, coerce, loads
from spec.text.long_json import LONG, read_long
from spec.text.media_types import MediaRange
from spec.text.xml_reading import UnjudgedError, is_xml, read_xml

__all__ = ["Reading", "is_unread", "medium_shape", "reading_of", "unread"]

_KEPT_TYPES = 256
"""Types under a range whose reader is kept: a client may name any number of them."""
_FIELDS = 10_000
"""A form of 10 MB may hold millions of fields; splitting them would hold up every other client."""

Reading: TypeAlias = Callable[[bytes, bytes], Any]
"""Gives the value of a body, from its bytes and its `Content-Type`."""


def reading_of(medium: MediaType, contract: Contract) -> Reading:
    """How bodies of a media type are read. It raises UnreadableError or StyleError for a body that
    is not of that type, and gives MISSING for what has no JSON value.
    """
    kind = media_types.parse(medium.name)
    if kind is None or kind.is_json:
        return _json
    if kind.is_json_lines:
        return _json_lines
    if forms.is_form(medium.name):
        return _form_reader(medium, contract, kind)
    if kind.is_range:
        return _by_type(medium, contract)
    shape = medium_shape(medium, contract)
    if (delimiter := tables.delimiter_of(kind)) is not None:
        return lambda raw, sent: tables.read(_text(raw, sent), delimiter, shape)
    if is_xml(kind) and not shape.binary:
        return partial(_xml, medium.schema, shape, contract)
    if kind.is_yaml and not shape.is_primitive:
        return _yaml
    if kind.is_text:
        return lambda raw, sent: _value_of_text(_text(raw, sent), shape)
    if kind.may_be_json and not shape.is_primitive:
        return _json_perhaps
    if shape.types == {"string"} and not shape.binary:
        return _text_or_octets
    return unread


def is_unread(medium: MediaType, contract: Contract) -> bool:
    """Whether nothing here reads bodies of a media type, although its schema asks for a structure.

    Asked of every body at the start, so that the type's name decides first, and no schema is built.
    """
    kind = media_types.parse(medium.name)
    if kind is None or medium.schema is None or _is_read(kind):
        return False
    written = contract.resolve(medium.schema).value
    return isinstance(written, Mapping) and written.get("type") in ("array", "object")


def _is_read(kind: MediaRange) -> bool:
    return (
        kind.is_json
        or kind.is_json_lines
        or kind.is_range
        or kind.is_text
        or kind.is_yaml
        or kind.may_be_json
        or is_xml(kind)
        or forms.is_form(kind.essence)
        or tables.delimiter_of(kind) is not None
    )


def medium_shape(medium: MediaType, contract: Contract) -> Shape:
    """What a value of a media type can be in a request; anything where it has no schema."""
    if medium.schema is None:
        return ANYTHING
    return shape_of(contract.standalone(definition(medium.schema, contract), Direction.REQUEST))


def _form_reader(medium: MediaType, contract: Contract, kind: MediaRange) -> Reading:
    decode = forms.form_codec(
        medium,
        lambda schema: contract.standalone(definition(schema, contract), Direction.REQUEST),
    ).decode
    if kind.subtype == "x-www-form-urlencoded":
        return lambda raw, sent: decode(_of_few_fields(raw), sent.decode("latin-1"))
    return lambda raw, sent: decode(raw, sent.decode("latin-1"))


def _of_few_fields(raw: bytes) -> bytes:
    """A urlencoded body that is quickly split. Raises UnreadableError where it is not."""
    if raw.count(b"&") >= _FIELDS:
        raise UnreadableError(f"has more than {_FIELDS} fields")
    return raw


def _json(raw: bytes, _content_type: bytes) -> Any:
    return read_long(raw) if len(raw) > LONG else json_text.read(raw)


def _json_lines(raw: bytes, content_type: bytes) -> list[Any]:
    return json_lines.read(
        raw, content_type.decode("latin-1"), lambda line: _json(line, content_type)
    )


def _xml(
    schema: Schema | None, shape: Shape, contract: Contract, raw: bytes, _content_type: bytes
) -> Any:
    """The value of a document, by the names of its schema; one that cannot be judged is taken."""
    if schema is None or shape.is_anything:
        return MISSING
    try:
        return read_xml(raw, definition(schema, contract), shape, contract.resolve)
    except UnjudgedError:
        return MISSING


def _yaml(raw: bytes, content_type: bytes) -> Any:
    try:
        return read_yaml_body(_text(raw, content_type))
    except UnjudgedError:
        return MISSING


def _json_perhaps(raw: bytes, content_type: bytes) -> Any:
    """Of a type that names no format: what is no JSON may be something else, and is taken."""
    try:
        return _json(raw, content_type)
    except UnreadableError:
        return MISSING


def _by_type(medium: MediaType, contract: Contract) -> Reading:
    """Bodies under a range are read as what they say that they are."""
    readers: dict[str, Reading] = {}

    def read(raw: bytes, content_type: bytes) -> Any:
        kind = media_types.parse(content_type.decode("latin-1"))
        if kind is None or kind.is_range:
            return MISSING
        if kind.essence in readers or len(readers) < _KEPT_TYPES:
            reader = readers.get(kind.essence) or reading_of(
                replace(medium, name=kind.essence), contract
            )
            # Kept by essence: parameters such as `charset` change what is read, not how.
            readers[kind.essence] = reader
            return reader(raw, content_type)
        return MISSING

    return read


def _value_of_text(text: str, shape: Shape) -> Any:
    """What plain text says: a primitive, or JSON where the schema has nothing that is simpler."""
    if shape.is_primitive:
        return coerce(text, shape)
    try:
        return loads(text)
    except StyleError:
        return MISSING


def _text(raw: bytes, content_type: bytes) -> str:
    kind = media_types.parse(content_type.decode("latin-1"))
    charset = (kind.charset if kind else None) or "utf-8"
    codec = codec_of(charset)
    if codec is None:
        raise UnreadableError(f"has the unknown charset {charset[:40]!r}")
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not {charset}: byte {error.start} cannot be read") from None


def _text_or_octets(raw: bytes, content_type: bytes) -> Any:
    """Of a type that may be text: OpenAPI 3.0 calls a file a string, with `format` or without."""
    try:
        return _text(raw, content_type)
    except UnreadableError:
        return MISSING


def unread(_raw: bytes, _content_type: bytes) -> Any:
    """Octets and whatever else has no JSON value: taken as they come."""
    return MISSING
