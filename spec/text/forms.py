"""Form bodies as JSON values and back: urlencoded and multipart (OpenAPI 4.8.14, 4.8.15).

A form is an object whose properties are fields. What is not described by an Encoding Object is
written as the specification's defaults have it: a list as a repeated field, an object as JSON.
A field whose name has brackets (`tags[]`) is another field, unless its style is `deepObject`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from spec.model.contract_model import MediaType, Schema
from spec.schemas.alternatives import SchemaValue
from spec.schemas.shapes import ANYTHING, Shape, shape_of
from spec.text import media_types, multipart
from spec.text.form_fields import field_part, field_value
from spec.text.json_values import StyleError, first_fit
from spec.text.multipart import Part
from spec.text.pairs import Pairs, join_form, split_query, unquote_query
from spec.text.part_headers import PartHeader, header_fault, part_header
from spec.text.style_writing import LIST_STYLE
from spec.text.styles import Absent, Codec

__all__ = ["FaultyPartsError", "FormCodec", "form_codec", "is_form"]

_URLENCODED = "application/x-www-form-urlencoded"
_MOST_FIELDS = 10_000


class FaultyPartsError(StyleError):
    """A form that can be read, with parts whose types or headers are not those of the contract.

    `value` is what it says, and `faults` are the sentences, without their subject.
    """

    def __init__(self, value: Any, faults: tuple[str, ...]) -> None:
        super().__init__(" and ".join(faults))
        self.value, self.faults = value, faults


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCodec:
    """How a form body of one media type travels. Make it with `form_codec`.

    `content_types` are the media types that the contract admits for a field, where it names any,
    and `headers` what it says of the headers of a part.
    """

    kind: str
    shape: Shape
    encoding: Mapping[str, Mapping[str, Any]]
    content_types: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, tuple[PartHeader, ...]]
    prefix_types: tuple[tuple[str, ...], ...] = ()
    """The media types that are admitted for the first parts, by their positions."""
    item_types: tuple[str, ...] = ()
    """Those of all other parts that have a position and no name."""

    @property
    def is_multipart(self) -> bool:
        """Whether bodies have parts; else they are urlencoded."""
        return self.kind != _URLENCODED

    def decode(self, body: bytes, content_type: str) -> Any:
        """The object that a whole body says. Raises StyleError where it is no form at all, and
        FaultyPartsError where only types or headers of parts are wrong.

        A field that does not read as what the schema asks for stays text, for validation to name.
        """
        if not self.is_multipart:
            return self._first_reading(partial(self._from_pairs, _pairs_of(body)))
        media_type = media_types.parse(content_type)
        boundary = dict(media_type.parameters).get("boundary") if media_type else None
        if not boundary:
            raise StyleError("is multipart without a boundary in its Content-Type")
        parts = multipart.parse(body, boundary, media_type.essence if media_type else self.kind)
        value = self._first_reading(partial(self._from_parts, parts))
        if faults := self._faults(parts):
            raise FaultyPartsError(value, faults)
        return value

    def encode(self, value: Mapping[str, Any] | list[Any], boundary: str) -> tuple[str, bytes]:
        """The `Content-Type` and the body that say an object, or the list of a multipart body.

        The boundary must not occur in the value. Raises StyleError where a field's style cannot
        express its value.
        """
        if self.is_multipart:
            if isinstance(value, Mapping):
                parts = [
                    one for name, item in value.items() for one in self._named_parts(name, item)
                ]
            else:
                parts = [
                    field_part(None, item, self.shape.element, self._types_at(index), ())
                    for index, item in enumerate(value)
                ]
            return f"{self.kind}; boundary={boundary}", multipart.compose(parts, boundary)
        if not isinstance(value, Mapping):
            raise StyleError("only an object can be written as a urlencoded form")
        pairs = [pair for name, item in value.items() for pair in self._pairs(name, item)]
        return _URLENCODED, join_form(pairs).encode()

    def _first_reading(self, read: Callable[[Shape], Any]) -> Any:
        return first_fit(self.shape, [partial(read, way) for way in self.shape.ways])

    def _from_pairs(self, pairs: Pairs, way: Shape) -> dict[str, Any]:
        found: dict[str, Any] = {}
        claimed: set[str] = set()
        for name, shape in way.properties.items():
            if not self._is_styled(name):
                continue
            field = self._field(name, shape)
            # Pairs that belong to a style are not read once more as fields of their own.
            claimed |= {one for one, _ in pairs if _claims(field, one)}
            value = field.decode(pairs)
            if value is not Absent.ABSENT:
                found[name] = value
        groups: dict[str, list[Part]] = {}
        for name, raw in pairs:
            if name not in claimed:
                part = Part(name=name, data=unquote_query(raw).encode())
                groups.setdefault(name, []).append(part)
        return found | {
            name: field_value(group, way.member(name), self._is_json(name))
            for name, group in groups.items()
        }

    def _from_parts(self, parts: Sequence[Part], way: Shape) -> Any:
        if way.kind == "array":
            return [field_value([part], way.element) for part in parts]
        groups: dict[str, list[Part]] = {}
        for name, part in _parts_by_name(parts, way):
            groups.setdefault(name, []).append(part)
        return {
            name: self._value_of(name, group, way.member(name)) for name, group in groups.items()
        }

    def _value_of(self, name: str, parts: Sequence[Part], shape: Shape) -> Any:
        """The value of a field's parts; a style may write a whole list as the text of one."""
        value = field_value(parts, shape)
        if not (self._is_styled(name) and shape.is_array) or shape.admits(value):
            return value
        try:
            listed = self._field(name, shape).decode(
                [(name, quote(one.text, safe=",| \t")) for one in parts]
            )
        except StyleError:
            return value
        return listed if shape.admits(listed) else value

    def _faults(self, parts: Sequence[Part]) -> tuple[str, ...]:
        """Where parts have another type, or lack a header, that is asked for."""
        return tuple(
            fault
            for index, (name, part) in enumerate(_parts_by_name(parts, self.shape))
            for fault in self._check(name, part, self._types_at(index))
        )

    def _check(self, name: str, part: Part, by_position: tuple[str, ...]) -> Iterable[str]:
        admitted, sent = self.content_types.get(name, by_position), part.content_type
        if admitted and sent and media_types.match(sent, admitted) is None:
            yield f"has the field {name!r} as {sent}, and the contract admits {', '.join(admitted)}"
        faults = [fault for one in self.headers.get(name, ()) if (fault := header_fault(one, part))]
        if faults:
            yield f"has the part {name!r} {' and '.join(faults)}"

    def _is_styled(self, name: str) -> bool:
        return bool(
            {"style", "explode", "allowReserved", LIST_STYLE} & self.encoding.get(name, {}).keys()
        )

    def _is_json(self, name: str) -> bool:
        return any(map(media_types.is_json, self.content_types.get(name, ())))

    def _field(self, name: str, shape: Shape) -> Codec:
        """How a field of a urlencoded form is written, and read where it has a style."""
        encoding = self.encoding.get(name, {})
        style = encoding.get(LIST_STYLE, encoding.get("style", "form"))
        structured = shape.element if shape.is_array else shape
        return Codec(
            name=name,
            location="query",
            style=style,
            explode=encoding.get("explode", style == "form"),
            allow_reserved=bool(encoding.get("allowReserved")),
            json=not self._is_styled(name)
            and (
                self._is_json(name)
                if name in self.content_types
                else structured.is_object and not structured.is_primitive
            ),
            shape=shape,
            siblings=frozenset(),
        )

    def _pairs(self, name: str, value: Any) -> Iterable[tuple[str, str]]:
        field = self._field(name, self.shape.properties.get(name, ANYTHING))
        if isinstance(value, list) and field.json:
            return [pair for item in value for pair in field.encode(item)]
        if isinstance(value, dict) and not self._is_styled(name):
            return self._field(name, _OBJECT).encode(value)
        return field.encode(value)

    def _types_at(self, index: int) -> tuple[str, ...]:
        """The media types that are admitted for a part by its position (OpenAPI 3.2)."""
        return self.prefix_types[index] if index < len(self.prefix_types) else self.item_types

    def _named_parts(self, name: str, value: Any) -> Iterable[Part]:
        shape = self.shape.member(name)
        admitted = self.content_types.get(name, ())
        headers = tuple(
            (one.codec.name, one.text) for one in self.headers.get(name, ()) if one.text
        )
        if isinstance(value, list) and not any(map(media_types.is_json, admitted)):
            return [field_part(name, item, shape.element, admitted, headers) for item in value]
        return [field_part(name, value, shape, admitted, headers)]


def is_form(media_type: str) -> bool:
    """Whether bodies of this media type are forms, or other bodies of parts."""
    parsed = media_types.parse(media_type)
    return parsed is not None and (
        parsed.essence == _URLENCODED or (parsed.type == "multipart" and not parsed.is_range)
    )


def form_codec(
    media_type: MediaType,
    resolve: Callable[[Schema], SchemaValue],
    sample: Callable[[Schema], Any] = lambda _schema: None,
) -> FormCodec:
    """The codec of a form's media type.

    `resolve` makes its schemas self-contained; `sample` gives a value for a part's header.
    """
    encoding = media_type.encoding
    parsed = media_types.parse(media_type.name)
    return FormCodec(
        kind=parsed.essence if parsed else media_type.name,
        shape=_shape(media_type, resolve),
        encoding={name: one for name, one in encoding.items() if isinstance(one, Mapping)},
        content_types={
            name: _types(entry)
            for name, entry in encoding.items()
            if isinstance(entry, Mapping) and isinstance(entry.get("contentType"), str)
        },
        prefix_types=tuple(map(_types, media_type.prefix_encoding)),
        item_types=_types(media_type.item_encoding),
        headers={
            name: tuple(part_header(one, resolve, sample) for one in headers)
            for name, headers in media_type.part_headers.items()
        },
    )


_OBJECT = shape_of({"type": "object"})


def _shape(media_type: MediaType, resolve: Callable[[Schema], SchemaValue]) -> Shape:
    """What a body is: its schema's, or a list of what `itemSchema` says (OpenAPI 3.2)."""
    if media_type.schema is not None:
        return shape_of(resolve(media_type.schema))
    if media_type.item_schema is None:
        return ANYTHING
    item = resolve(media_type.item_schema)
    definitions = item.get("$defs", {}) if isinstance(item, Mapping) else {}
    return shape_of({"type": "array", "items": item, "$defs": definitions})


def _types(encoding: Mapping[str, Any]) -> tuple[str, ...]:
    """The media types that an Encoding Object admits; nothing where it names none."""
    written = encoding.get("contentType")
    return tuple(one.strip() for one in written.split(",")) if isinstance(written, str) else ()


def _pairs_of(body: bytes) -> tuple[tuple[str, str], ...]:
    try:
        pairs = split_query(body.decode())
    except UnicodeDecodeError:
        raise StyleError("is not UTF-8") from None
    # Each field costs a reading: a body of a megabyte can have 300,000 of them.
    if len(pairs) > _MOST_FIELDS:
        raise StyleError(f"has more than {_MOST_FIELDS} fields")
    return pairs


def _parts_by_name(parts: Sequence[Part], way: Shape) -> Iterable[tuple[str, Part]]:
    """The parts by name; those that have none are taken for the properties that are left."""
    left = iter([name for name in way.properties if name not in {part.name for part in parts}])
    for index, part in enumerate(parts):
        yield part.name if part.name is not None else next(left, f"part {index + 1}"), part


def _claims(field: Codec, name: str) -> bool:
    if field.style == "deepObject":
        return name == field.name or name.startswith(f"{field.name}[")
    if field.explode and field.style == "form" and name in field.shape.properties:
        return True
    return name == field.name
