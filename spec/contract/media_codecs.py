"""What a contract's media types say: how their bodies are read, and by which schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from spec.contract.contract import Contract
from spec.model.contract_model import Direction, MediaType, Schema
from spec.model.pointers import join
from spec.schemas.shapes import ANYTHING, Shape, shape_of
from spec.text.body_codecs import BodyCodec, BodyKind, body_codec, body_kind
from spec.text.media_types import is_json

__all__ = [
    "content_schemas",
    "is_bytes",
    "item_media_type",
    "media_codec",
    "media_kind",
    "root_name",
]


def media_codec(
    contract: Contract, media_type: MediaType, direction: Direction
) -> BodyCodec | None:
    """How bodies of a media type are read and written; None for JSON, events, and mere bytes."""
    return body_codec(
        media_type,
        lambda schema: contract.standalone(schema, direction),
        contract.resolve,
        lambda schema: contract.sample(schema, direction),
    )


def media_kind(contract: Contract, media_type: MediaType, direction: Direction) -> BodyKind | None:
    """How bodies of a media type say their value; None where they are bytes that say none."""
    return body_kind(media_type.name, _shape(contract, media_type, direction))


def is_bytes(contract: Contract, media_type: MediaType, direction: Direction) -> bool:
    """Whether the schema asks for nothing but bytes, so that there is nothing to judge.

    Where the media type is not one of text, a mere string is a file (OpenAPI 3.0 section 4.7.14.2).
    """
    shape = _shape(contract, media_type, direction)
    is_file = shape.types == {"string"} and body_kind(media_type.name, shape) is None
    return shape.binary or shape.is_anything or is_file


def item_media_type(contract: Contract, media_type: MediaType, direction: Direction) -> MediaType:
    """The media type with the schema of each item, where its bodies are lines, parts or events.

    OpenAPI 3.2 names it `itemSchema`. Before, the one schema was written for the items, unless it
    is an array's; that of a stream, unless it is a text's, speaks of the events' data.
    """
    # The name alone says it: a large schema is not taken apart for what is one document.
    kind = body_kind(media_type.name)
    if kind not in (BodyKind.LINES, BodyKind.PARTS, BodyKind.EVENTS):
        return media_type
    if media_type.item_schema is not None:
        return replace(media_type, schema=media_type.item_schema)
    if media_type.schema is None or kind is BodyKind.PARTS:
        return media_type
    shape = _shape(contract, media_type, direction)
    if kind is BodyKind.EVENTS:
        # A stream's text as a whole has a type only: nothing can be judged by it.
        return replace(media_type, schema=None) if shape.is_primitive else media_type
    if shape.is_array and not shape.is_object and not shape.is_primitive:
        return replace(media_type, schema=_below(contract, media_type.schema, "items"))
    return media_type


def content_schemas(
    contract: Contract, item: Schema, fits: Callable[[Schema], bool] = lambda _branch: True
) -> Iterator[Schema]:
    """The schemas of the JSON in an event's data (OpenAPI 3.2: `data` with a `contentSchema`).

    `fits` says of an alternative of the item's schema whether the event is of it.
    """
    waiting, seen = [contract.resolve(item)], set[str]()
    while waiting:
        schema = waiting.pop(0)
        if schema.pointer in seen or not isinstance(schema.value, Mapping):
            continue
        seen.add(schema.pointer)
        data = _below(contract, schema, "properties", "data")
        content = _below(contract, data, "contentSchema") if data is not None else None
        if data is not None and content is not None and _holds_json(contract.resolve(data)):
            yield content
        for keyword in ("allOf", "anyOf", "oneOf"):
            listed = schema.value.get(keyword)
            for number in range(len(listed) if isinstance(listed, list) else 0):
                branch = contract.schema(join(schema.pointer, keyword, number))
                if keyword == "allOf" or fits(branch):
                    waiting.append(contract.resolve(branch))


def _holds_json(text: Schema) -> bool:
    said = text.value.get("contentMediaType") if isinstance(text.value, Mapping) else None
    return said is None or is_json(str(said))


def root_name(contract: Contract, schema: Schema) -> str:
    """The name that a schema gives to the root element of its documents; "" where it is free."""
    value: Any = contract.resolve(schema).value
    said = value.get("xml") if isinstance(value, Mapping) else None
    return str(said.get("name") or "") if isinstance(said, Mapping) else ""


def _below(contract: Contract, schema: Schema, *tokens: str) -> Schema | None:
    resolved = contract.resolve(schema)
    value: Any = resolved.value
    for token in tokens:
        value = value.get(token) if isinstance(value, Mapping) else None
    return contract.schema(join(resolved.pointer, *tokens)) if isinstance(value, Mapping) else None


def _shape(contract: Contract, media_type: MediaType, direction: Direction) -> Shape:
    schema = media_type.schema
    return ANYTHING if schema is None else shape_of(contract.standalone(schema, direction))
