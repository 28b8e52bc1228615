"""The fields of a form as JSON values and back, whatever the form's media type.

A field comes as one or more parts, a part as text, JSON or bytes. Which of them it is, its media
type says where it has one, and the schema where it has none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from spec.schemas.shapes import Shape
from spec.text import media_types
from spec.text.json_values import StyleError, coerce, first_fit, loads, text_of
from spec.text.multipart import Part

__all__ = ["field_part", "field_value"]


def field_value(parts: Sequence[Part], shape: Shape, as_json: bool = False) -> Any:
    """The value of a field that came once or more times, read in every way its schema offers."""
    readings = [one for way in shape.ways for one in _field_readings(parts, way, as_json)]
    return first_fit(shape, readings)


def _field_readings(parts: Sequence[Part], way: Shape, as_json: bool) -> list[Callable[[], Any]]:
    if way.kind == "array":
        each = partial(_each_part, parts, way.element, as_json)
        whole = _whole_list(parts)
        if whole is None:
            return [each]
        # A text such as `[1]` may also be the one element of a list of texts; as JSON it is none.
        said = as_json or media_types.is_json(parts[0].content_type)
        is_sure = said or not way.element.is_primitive
        return [partial(list, whole)] if is_sure else [each, partial(list, whole)]
    if len(parts) > 1:
        return [partial(_each_part, parts, way, as_json)]
    return [
        partial(_part_value, parts[0], way, json) for json in _json_readings(parts[0], way, as_json)
    ]


def _json_readings(part: Part, way: Shape, as_json: bool) -> tuple[bool, ...]:
    """Whether one part is read as JSON, or as it is, or first the one and then the other."""
    if media_types.is_json(part.content_type) or as_json:
        return (True, False) if "string" in way.types else (True,)
    # OpenAPI 3.1.1 section 4.8.15.1.1: without a media type, an object is JSON and a primitive
    # text.
    return (not way.is_primitive and part.filename is None,)


def _each_part(parts: Sequence[Part], shape: Shape, as_json: bool) -> list[Any]:
    return [field_value([part], shape, as_json) for part in parts]


def _whole_list(parts: Sequence[Part]) -> list[Any] | None:
    """The list that came as one part of JSON."""
    if len(parts) != 1 or parts[0].filename is not None:
        return None
    # The first character is looked at before: parsing each text field as JSON would be slow.
    if not parts[0].data.lstrip().startswith(b"["):
        return None
    read = _json_or_text(parts[0].text)
    return read if isinstance(read, list) else None


def _part_value(part: Part, way: Shape, as_json: bool) -> Any:
    if as_json:
        return _json_or_text(part.text)
    if part.filename is not None or way.binary:
        return part.octets
    return coerce(part.text, way)


def _json_or_text(text: str) -> Any:
    try:
        return loads(text)
    except StyleError:
        return text


def field_part(
    name: str | None,
    value: Any,
    shape: Shape,
    admitted: tuple[str, ...],
    headers: tuple[tuple[str, str], ...],
) -> Part:
    """The part that says a value; its media type is the first admitted one, or OpenAPI's default.

    The defaults are those of OpenAPI 3.1.1 section 4.8.15.1.1.
    """
    content_type = media_types.concrete(admitted[0]) if admitted else None
    if isinstance(value, (dict, list)):
        data = json.dumps(value, ensure_ascii=False).encode()
        content_type = content_type or "application/json"
        return Part(name=name, data=data, content_type=content_type, headers=headers)
    if isinstance(value, str) and shape.binary:
        return Part(
            name=name,
            data=_octets_of(value),
            filename=name,
            content_type=content_type or "application/octet-stream",
            headers=headers,
        )
    data = text_of(value).encode()
    return Part(name=name, data=data, content_type=content_type, headers=headers)


def _octets_of(value: str) -> bytes:
    """The bytes of a binary string: one for each character, as `Part.octets` reads them."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()
