"""Bodies that are sequences, lines of JSON and event streams, compared item by item."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from conformance.messages.sequence_bodies import carried, is_of_lists, is_sequence
from spec import Contract, Direction, MediaType, Schema
from spec.contract.media_codecs import content_schemas, item_media_type
from spec.text.body_codecs import BodyKind, body_kind

__all__ = ["SchemaPair", "compared"]

Side: TypeAlias = tuple[Contract, MediaType]
"""A media type as one of the two contracts has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaPair:
    """Two schemas of a body that speak of the same values.

    `part` says which, "" for the body or its items, and `body` makes a body of one such value.
    `holds_data` where they are events whose data is compared by itself.
    """

    old: Schema | None
    new: Schema | None
    part: str
    body: Callable[[Any], Any]
    holds_data: bool = False


def compared(old: Side, new: Side, direction: Direction) -> Iterator[SchemaPair]:
    """What is to be compared of a media type that both contracts have.

    Its schema; the schema of its items; what the data of its events holds.
    """
    sides, (was, now) = (old, new), (old[1], new[1])
    if all(_is_any_bytes(*side) for side in sides):
        return
    if not is_sequence(was) or all(is_of_lists(*side, direction) for side in sides):
        yield SchemaPair(old=was.schema, new=now.schema, part="", body=_itself)
        if was.item_schema or now.item_schema:
            # The kit cannot write such a sequence, so the difference is reported without a witness.
            yield SchemaPair(old=was.item_schema, new=now.item_schema, part=" items", body=_itself)
        return
    sender = old if direction is Direction.REQUEST else new
    data = _data(sides, sender, direction)
    if _is_of_events(was) == _is_of_events(now):
        items = [item_media_type(*side, direction).schema for side in sides]
        yield SchemaPair(
            old=items[0],
            new=items[1],
            part="",
            body=partial(carried, sender[1]),
            holds_data=bool(data),
        )
    yield from data


def _data(sides: tuple[Side, Side], sender: Side, direction: Direction) -> list[SchemaPair]:
    """The JSON in the data of events, as either version of OpenAPI says it.

    Where they say it of different numbers of alternatives, their schemas as a whole tell.
    """
    if not any(_is_of_events(media_type) for _, media_type in sides):
        return []
    was, now = (_of_data(*side, direction) for side in sides)
    body = partial(_with_data, *sender, direction)
    if len(was) != len(now):
        return []
    return [
        SchemaPair(old=one, new=other, part=f" data {number}" if number > 1 else " data", body=body)
        for number, (one, other) in enumerate(zip(was, now, strict=True), 1)
    ]


def _of_data(contract: Contract, media_type: MediaType, direction: Direction) -> list[Schema]:
    item = item_media_type(contract, media_type, direction).schema
    if item is None:
        return []
    return list(content_schemas(contract, item)) if media_type.item_schema else [item]


_BINARY = frozenset({"type", "format", "contentMediaType", "title", "description", "example"})
"""Keywords that a schema of bytes may have: none of them says what the bytes are."""


def _is_any_bytes(contract: Contract, media_type: MediaType) -> bool:
    """Whether a body is bytes of which nothing is said: no schema in 3.1, a binary text in 3.0.

    OpenAPI 3.1.1, section 4.4.3: the two spellings of one promise.
    """
    if body_kind(media_type.name) is not None:
        return False
    schema = contract.resolve(media_type.schema).value if media_type.schema else True
    if isinstance(schema, bool):
        return schema
    is_binary = schema.get("format") == "binary" or "type" not in schema
    return is_binary and schema.keys() <= _BINARY


def _is_of_events(media_type: MediaType) -> bool:
    return media_type.item_schema is not None and (body_kind(media_type.name) is BodyKind.EVENTS)


def _itself(value: Any) -> Any:
    return value


def _with_data(
    contract: Contract, media_type: MediaType, direction: Direction, value: Any
) -> list[Any]:
    """A stream of one event, with this value as its data."""
    text = json.dumps(value, ensure_ascii=False)
    item = media_type.item_schema and contract.sample(media_type.item_schema, direction)
    return [{**item, "data": text} if isinstance(item, dict) else {"data": text}]
