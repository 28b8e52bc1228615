"""The values that an answer's body says, whatever its media type, each with the schema for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.messages.event_streams import Event, events
from spec import Contract, Direction
from spec.contract.media_codecs import content_schemas, item_media_type
from spec.model.contract_model import MediaType, Schema
from spec.text.json_values import StyleError, loads

__all__ = ["Said", "said_by_events", "said_by_items"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One value, by which media type's schema it is judged, and which part of the body it is."""

    value: object
    media_type: MediaType
    part: str = ""


def said_by_items(
    contract: Contract,
    media_type: MediaType,
    values: list[object],
    direction: Direction = Direction.RESPONSE,
    *,
    word: str = "line",
) -> Iterator[Said]:
    """Each line, or each part, by the schema of the items; `word` is what a report calls it."""
    item = item_media_type(contract, media_type, direction)
    for number, value in enumerate(values, 1):
        yield Said(value=value, media_type=item, part=f"{word} {number}")


def said_by_events(
    contract: Contract,
    media_type: MediaType,
    text: str,
    direction: Direction = Direction.RESPONSE,
) -> Iterator[Said]:
    """Each event by `itemSchema`, or its data by the schema that is given for the stream's data.

    Without `itemSchema`, events with a name of their own (a heartbeat) count where there are no
    others, and what is no JSON (`[DONE]`) says no value.
    """
    item = item_media_type(contract, media_type, direction)
    if item.schema is None:
        return
    found = [(f"event {number}", event) for number, event in enumerate(events(text), 1)]
    if media_type.item_schema is not None:
        for part, event in found:
            fields = _fields(event)
            yield Said(value=fields, media_type=item, part=part)

            def fits(branch: Schema, fields: object = fields) -> bool:
                return contract.validator(branch, direction).is_valid(fields)

            for inner in content_schemas(contract, item.schema, fits):
                yield _content(event, replace(item, schema=inner), part)
        return
    # `message` is the name of an event that has none (WHATWG HTML section 9.2.6).
    plain = [(part, event) for part, event in found if event.name == "message"]
    for part, event in plain or found:
        if event.name != "error":
            yield from _data(event, item, part)


def _fields(event: Event) -> dict[str, object]:
    """An event as OpenAPI 3.2 has it: its fields by name, and `retry` as a number."""
    fields: dict[str, object] = {**event.fields, "data": event.data}
    if str(fields.get("retry", "")).isdigit():
        fields["retry"] = int(event.fields["retry"])
    return fields


def _content(event: Event, media_type: MediaType, part: str) -> Said:
    """What the data of an event holds by its `contentSchema`; what is no JSON is a mere string."""
    try:
        return Said(value=loads(event.data), media_type=media_type, part=part)
    except StyleError:
        return Said(value=event.data, media_type=media_type, part=part)


def _data(event: Event, media_type: MediaType, part: str) -> Iterator[Said]:
    if media_type.schema is None:
        return
    try:
        yield Said(value=loads(event.data), media_type=media_type, part=part)
    except StyleError:
        return
