"""Bodies that are sequences: lines of JSON and event streams, compared and judged item by item.

OpenAPI 3.2 says of their items by `itemSchema`. What earlier versions meant by `schema` is read as
the kit reads it (`spec.contract.media_codecs`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from conformance.judgement.body_values import Said, said_by_events, said_by_lines
from spec import Contract, Direction, MediaType, Schema
from spec.contract.media_codecs import content_schemas, item_media_type
from spec.schemas.shapes import shape_of
from spec.text import json_lines
from spec.text.body_codecs import BodyKind, body_kind
from spec.text.json_text import UnreadableError
from spec.text.json_values import StyleError

__all__ = ["Compared", "compared", "is_sequence", "said_in", "whole_body", "written"]


Side: TypeAlias = tuple[Contract, MediaType]
"""A media type as one of the two contracts has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two schemas of a body that speak of the same values.

    `part` says which, "" for the body or its items, and `body` makes a body of one such value.
    `holds_data` where they are events whose data is compared by itself.
    """

    old: Schema | None
    new: Schema | None
    part: str
    body: Callable[[Any], Any]
    holds_data: bool = False


def is_sequence(media_type: MediaType) -> bool:
    """Whether bodies of a media type are lines of JSON or events."""
    return body_kind(media_type.name) in (BodyKind.LINES, BodyKind.EVENTS)


def compared(old: Side, new: Side, direction: Direction) -> Iterator[Compared]:
    """What is to be compared of a media type that both contracts have.

    Its schema; the schema of its items; what the data of its events holds.
    """
    sides, (was, now) = (old, new), (old[1], new[1])
    if not is_sequence(was) or all(_is_of_lists(*side, direction) for side in sides):
        yield Compared(old=was.schema, new=now.schema, part="", body=_itself)
        if was.item_schema or now.item_schema:
            # Nothing here writes such a sequence: what differs is told, and not shown.
            yield Compared(old=was.item_schema, new=now.item_schema, part=" items", body=_itself)
        return
    sender = old if direction is Direction.REQUEST else new
    data = _data(sides, sender, direction)
    if _is_of_events(was) == _is_of_events(now):
        items = [item_media_type(*side, direction).schema for side in sides]
        yield Compared(
            old=items[0],
            new=items[1],
            part="",
            body=partial(_carried, sender[1]),
            holds_data=bool(data),
        )
    yield from data


def _data(sides: tuple[Side, Side], sender: Side, direction: Direction) -> list[Compared]:
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
        Compared(old=one, new=other, part=f" data {number}" if number > 1 else " data", body=body)
        for number, (one, other) in enumerate(zip(was, now, strict=True), 1)
    ]


def _of_data(contract: Contract, media_type: MediaType, direction: Direction) -> list[Schema]:
    item = item_media_type(contract, media_type, direction).schema
    if item is None:
        return []
    return list(content_schemas(contract, item)) if media_type.item_schema else [item]


def _is_of_events(media_type: MediaType) -> bool:
    return media_type.item_schema is not None and (body_kind(media_type.name) is BodyKind.EVENTS)


def _is_of_lists(contract: Contract, media_type: MediaType, direction: Direction) -> bool:
    """Whether one schema, of a list, speaks of all lines together."""
    if body_kind(media_type.name) is not BodyKind.LINES or media_type.item_schema is not None:
        return False
    if media_type.schema is None:
        return False
    shape = shape_of(contract.standalone(media_type.schema, direction))
    return shape.is_array and not shape.is_object and not shape.is_primitive


def _itself(value: Any) -> Any:
    return value


def _carried(media_type: MediaType, value: Any) -> Any:
    """A body with one item; the items of an event stream are the fields of its events."""
    if body_kind(media_type.name) is BodyKind.EVENTS and not (
        media_type.item_schema is not None and isinstance(value, dict)
    ):
        return [{"data": json.dumps(value, ensure_ascii=False)}]
    return [value]


def _with_data(
    contract: Contract, media_type: MediaType, direction: Direction, value: Any
) -> list[Any]:
    """A stream of one event, with this value as its data."""
    text = json.dumps(value, ensure_ascii=False)
    item = media_type.item_schema and contract.sample(media_type.item_schema, direction)
    return [{**item, "data": text} if isinstance(item, dict) else {"data": text}]


def whole_body(contract: Contract, media_type: MediaType, direction: Direction) -> Any:
    """The plainest body of a media type; a text where nothing is said of it.

    Raises spec.UnsatisfiableError where there is none.
    """
    if not is_sequence(media_type):
        schema = media_type.schema
        return "value" if schema is None else contract.sample(schema, direction)
    if _is_of_lists(contract, media_type, direction):
        assert media_type.schema is not None
        return contract.sample(media_type.schema, direction)
    schema = item_media_type(contract, media_type, direction).schema
    return _carried(media_type, "value" if schema is None else contract.sample(schema, direction))


def written(media_type: MediaType, body: Any) -> bytes:
    """The bytes of a sequence.

    Raises:
        StyleError: the body is no list of items.
    """
    if not isinstance(body, list):
        raise StyleError("only a list can be written as a sequence")
    if body_kind(media_type.name) is BodyKind.LINES:
        return json_lines.write(body, media_type.name)
    return "".join(map(_event, body)).encode("utf-8", "surrogatepass")


def _event(item: Any) -> str:
    fields = item if isinstance(item, dict) else {"data": json.dumps(item, ensure_ascii=False)}
    lines = (
        f"{name}: {line}\n"
        for name, value in fields.items()
        for line in (value if isinstance(value, str) else json.dumps(value)).split("\n")
    )
    return f"{''.join(lines)}\n"


def said_in(
    contract: Contract, media_type: MediaType, body: bytes, content_type: str, direction: Direction
) -> list[Said]:
    """The values of a sequence, each with the media type by whose schema it is judged.

    Raises:
        StyleError: the body is none of its media type.
    """
    try:
        if body_kind(media_type.name) is BodyKind.EVENTS:
            return list(said_by_events(contract, media_type, body.decode(), direction))
        values = json_lines.read(body, content_type)
    except (UnreadableError, UnicodeDecodeError) as error:
        raise StyleError(str(error)) from None
    if _is_of_lists(contract, media_type, direction):
        return [Said(value=values, media_type=media_type)]
    return list(said_by_lines(contract, media_type, values, direction))
