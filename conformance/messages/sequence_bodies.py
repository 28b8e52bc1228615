"""Bodies that are sequences, lines of JSON and event streams: sampled, written, and read by item.

OpenAPI 3.2 says of their items by `itemSchema`. What earlier versions meant by `schema` is read as
the kit reads it (`spec.contract.media_codecs`).
"""

from __future__ import annotations

import json
from typing import Any

from conformance.messages.body_values import Said, said_by_events, said_by_items
from spec import Contract, Direction, MediaType
from spec.contract.media_codecs import item_media_type
from spec.schemas.shapes import shape_of
from spec.text import json_lines
from spec.text.body_codecs import BodyKind, body_kind
from spec.text.json_text import UnreadableError
from spec.text.json_values import StyleError

__all__ = ["carried", "is_of_lists", "is_sequence", "said_in", "whole_body", "written"]


def is_sequence(media_type: MediaType) -> bool:
    """Whether bodies of a media type are lines of JSON or events."""
    return body_kind(media_type.name) in (BodyKind.LINES, BodyKind.EVENTS)


def is_of_lists(contract: Contract, media_type: MediaType, direction: Direction) -> bool:
    """Whether one schema, of a list, speaks of all lines together."""
    if body_kind(media_type.name) is not BodyKind.LINES or media_type.item_schema is not None:
        return False
    if media_type.schema is None:
        return False
    shape = shape_of(contract.standalone(media_type.schema, direction))
    return shape.is_array and not shape.is_object and not shape.is_primitive


def whole_body(contract: Contract, media_type: MediaType, direction: Direction) -> Any:
    """The plainest body of a media type; a text where nothing is said of it.

    Raises spec.UnsatisfiableError where there is none.
    """
    if not is_sequence(media_type):
        schema = media_type.schema
        return "value" if schema is None else contract.sample(schema, direction)
    if is_of_lists(contract, media_type, direction):
        assert media_type.schema is not None
        return contract.sample(media_type.schema, direction)
    schema = item_media_type(contract, media_type, direction).schema
    return carried(media_type, "value" if schema is None else contract.sample(schema, direction))


def carried(media_type: MediaType, value: Any) -> Any:
    """A body with one item; the items of an event stream are the fields of its events."""
    if body_kind(media_type.name) is BodyKind.EVENTS and not (
        media_type.item_schema is not None and isinstance(value, dict)
    ):
        return [{"data": json.dumps(value, ensure_ascii=False)}]
    return [value]


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
    if is_of_lists(contract, media_type, direction):
        return [Said(value=values, media_type=media_type)]
    return list(said_by_items(contract, media_type, values, direction))
