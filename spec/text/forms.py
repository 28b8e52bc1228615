"""Form bodies as JSON values and back: urlencoded and multipart (OpenAPI 4.8.14, 4.8.15).

A form is an object whose properties are fields. What is not described by an Encoding Object is
written as the specification's defaults have it: a list as a repeated field, an object as JSON.
Read is more than is written: bracketed names (`tags[]`, `address[city]`) are understood as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spec.model.contract_model import MediaType, Schema
from spec.schemas.shapes import (
    ANYTHING,
    SchemaValue,
    Shape,
    shape_of,
)
from spec.text import media_types, multipart
from spec.text.brackets import bracket_keys, nested
from spec.text.json_values import (
    StyleError,
    coerce,
    collect,
    loads,
    text_of,
)
from spec.text.multipart import Part
from spec.text.pairs import join_query, split_query, unquote_query
from spec.text.styles import Absent, Codec

__all__ = ["FormCodec", "form_codec", "is_form"]

_URLENCODED = "application/x-www-form-urlencoded"
_MOST_FIELDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCodec:
    """How a form body of one media type travels. Make it with `form_codec`.

    `content_types` are the media types that the contract admits for a field, where it names any.
    """

    is_multipart: bool
    shape: Shape
    fields: Mapping[str, Codec]
    content_types: Mapping[str, tuple[str, ...]]

    def decode(self, body: bytes, content_type: str) -> Any:
        """The object that a whole body says. Raises StyleError where it is no form at all.

        A field that does not read as what the schema asks for stays text, for validation to name.
        """
        if not self.is_multipart:
            return self._from_pairs(body)
        media_type = media_types.parse(content_type)
        boundary = dict(media_type.parameters).get("boundary") if media_type else None
        if not boundary:
            raise StyleError("is multipart without a boundary in its Content-Type")
        return self._from_parts(multipart.parse(body, boundary))

    def encode(self, value: Mapping[str, Any], boundary: str) -> tuple[str, bytes]:
        """The `Content-Type` and the body that say an object.

        The boundary must not occur in the value. Raises StyleError where a field's style cannot
        express its value.
        """
        if self.is_multipart:
            parts = [part for name, item in value.items() for part in self._parts(name, item)]
            content_type = f"multipart/form-data; boundary={boundary}"
            return content_type, multipart.compose(parts, boundary)
        pairs = [pair for name, item in value.items() for pair in self._pairs(name, item)]
        return _URLENCODED, join_query(pairs).encode()

    def _from_pairs(self, body: bytes) -> dict[str, Any]:
        try:
            pairs = split_query(body.decode())
        except UnicodeDecodeError:
            raise StyleError("is not UTF-8") from None
        if len(pairs) > _MOST_FIELDS:
            raise StyleError(f"has more than {_MOST_FIELDS} fields")
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = _field(field, pairs)
            if value is not Absent.ABSENT:
                found[name] = value
        others: dict[str, list[str]] = {}
        for name, raw in pairs:
            if not any(_claims(field, name) for field in self.fields.values()):
                others.setdefault(name, []).append(unquote_query(raw))
        return found | {
            name: collect(texts, self.shape.member(name)) for name, texts in others.items()
        }

    def _from_parts(self, parts: Iterable[Part]) -> dict[str, Any]:
        groups: dict[str, list[Part]] = {}
        for part in parts:
            bare = part.name.removesuffix("[]")
            name = part.name if part.name in self.shape.properties else bare
            self._check_type(name, part)
            groups.setdefault(name, []).append(part)
        return {name: self._field_value(name, group) for name, group in groups.items()}

    def _check_type(self, name: str, part: Part) -> None:
        admitted = self.content_types.get(name)
        if not admitted or not part.content_type:
            return
        if media_types.match(part.content_type, admitted) is None:
            raise StyleError(
                f"has the field {name!r} as {part.content_type}, and the contract admits "
                f"{', '.join(admitted)}"
            )

    def _field_value(self, name: str, parts: list[Part]) -> Any:
        shape = self.shape.member(name)
        if shape.is_array and not _is_json_list(parts, shape):
            return [_part_value(part, shape.element) for part in parts]
        values = [_part_value(part, shape) for part in parts]
        return values[0] if len(values) == 1 else values

    def _pairs(self, name: str, value: Any) -> Iterable[tuple[str, str]]:
        field = self.fields.get(name) or _plain_codec(name, ANYTHING)
        if isinstance(value, list) and field.json:
            return [pair for item in value for pair in field.encode(item)]
        return field.encode(value)

    def _parts(self, name: str, value: Any) -> Iterable[Part]:
        shape = self.shape.member(name)
        admitted = self.content_types.get(name, ())
        if isinstance(value, list) and not any(map(media_types.is_json, admitted)):
            return [_part(name, item, shape.element, admitted) for item in value]
        return [_part(name, value, shape, admitted)]


def is_form(media_type: str) -> bool:
    """Whether bodies of this media type are forms."""
    parsed = media_types.parse(media_type)
    return parsed is not None and parsed.essence in (_URLENCODED, "multipart/form-data")


def form_codec(media_type: MediaType, resolve: Callable[[Schema], SchemaValue]) -> FormCodec:
    """The codec of a form's media type. `resolve` makes its schema self-contained."""
    shape = shape_of(resolve(media_type.schema)) if media_type.schema else ANYTHING
    encoding = media_type.encoding
    return FormCodec(
        is_multipart=media_type.name.startswith("multipart/"),
        shape=shape,
        fields={
            name: _field_codec(name, part, encoding.get(name, {}))
            for name, part in shape.properties.items()
        },
        content_types={
            name: tuple(written.strip() for written in entry["contentType"].split(","))
            for name, entry in encoding.items()
            if isinstance(entry.get("contentType"), str)
        },
    )


def _field_codec(name: str, shape: Shape, encoding: Mapping[str, Any]) -> Codec:
    styled = {"style", "explode", "allowReserved"} & encoding.keys()
    structured = shape.element if shape.is_array else shape
    content_type = encoding.get("contentType")
    style = encoding.get("style", "form")
    return Codec(
        name=name,
        location="query",
        style=style,
        explode=encoding.get("explode", style == "form"),
        allow_reserved=bool(encoding.get("allowReserved")),
        json=not styled
        and (
            media_types.is_json(content_type)
            if isinstance(content_type, str)
            else structured.is_object and not structured.is_primitive
        ),
        shape=shape,
        siblings=frozenset(),
    )


def _plain_codec(name: str, shape: Shape) -> Codec:
    return _field_codec(name, shape, {})


def _field(field: Codec, pairs: Iterable[tuple[str, str]]) -> Any:
    pairs = tuple(pairs)
    bracketed = [
        (keys, unquote_query(raw))
        for name, raw in pairs
        if (keys := bracket_keys(name, field.name))
    ]
    if bracketed:
        return nested(bracketed, field.shape)
    if not field.json:
        return field.decode(pairs)
    values = [_lenient(unquote_query(raw)) for name, raw in pairs if name == field.name]
    if not values:
        return Absent.ABSENT
    alone = values[0] if len(values) == 1 else values
    if field.shape.is_array and not isinstance(alone, list):
        return values
    return alone


def _claims(field: Codec, name: str) -> bool:
    if (
        field.explode
        and field.style == "form"
        and not field.json
        and name in field.shape.properties
    ):
        return True
    return name == field.name or name.startswith(f"{field.name}[")


def _lenient(text: str) -> Any:
    try:
        return loads(text)
    except StyleError:
        return text


def _is_json_list(parts: list[Part], shape: Shape) -> bool:
    """Whether the whole list came as one part of JSON."""
    if len(parts) != 1 or parts[0].filename is not None:
        return False
    as_json = media_types.is_json(parts[0].content_type) or not shape.element.is_primitive
    return as_json and isinstance(_lenient(parts[0].text), list)


def _part_value(part: Part, shape: Shape) -> Any:
    if media_types.is_json(part.content_type):
        return _lenient(part.text)
    if part.filename is not None or shape.binary:
        return part.octets
    if not shape.is_primitive:
        return _lenient(part.text)
    return coerce(part.text, shape.types)


def _part(name: str, value: Any, shape: Shape, admitted: tuple[str, ...]) -> Part:
    content_type = media_types.concrete(admitted[0]) if admitted else None
    if isinstance(value, (dict, list)):
        data = json.dumps(value, ensure_ascii=False).encode()
        return Part(name=name, data=data, content_type=content_type or "application/json")
    if isinstance(value, str) and shape.binary:
        content_type = content_type or "application/octet-stream"
        return Part(name=name, data=_bytes(value), filename=name, content_type=content_type)
    return Part(name=name, data=text_of(value).encode(), content_type=content_type)


def _bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()
