"""The values that an answer's body says, whatever its media type, each with the schema for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.clauses.media_codecs import content_schema, item_media_type
from conformance.judgement.streams import Event, events
from spec import Contract, Direction
from spec.model.contract_model import MediaType
from spec.text.json_values import StyleError, loads

__all__ = ["Said", "said_by_events", "said_by_lines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One value, by which media type's schema it is judged, and which part of the body it is."""

    value: object
    media_type: MediaType
    part: str = ""


def said_by_lines(
    contract: Contract, media_type: MediaType, values: list[object]
) -> Iterator[Said]:
    """Each line by the schema of the items."""
    item = item_media_type(contract, media_type, Direction.RESPONSE)
    for number, value in enumerate(values, 1):
        yield Said(value=value, media_type=item, part=f"line {number}")


def said_by_events(contract: Contract, media_type: MediaType, text: str) -> Iterator[Said]:
    """Each event by `itemSchema`, or its data by the schema that is given for the stream's data.

    Without `itemSchema`, events with a name of their own (a heartbeat) count where there are no
    others, and what is no JSON (`[DONE]`) says no value.
    """
    item = item_media_type(contract, media_type, Direction.RESPONSE)
    if item.schema is None:
        return
    found = [(f"event {number}", event) for number, event in enumerate(events(text), 1)]
    if media_type.item_schema is not None:
        inner = replace(item, schema=content_schema(contract, item.schema))
        for part, event in found:
            yield Said(value=_fields(event), media_type=item, part=part)
            yield from _data(event, inner, part)
        return
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


def _data(event: Event, media_type: MediaType, part: str) -> Iterator[Said]:
    if media_type.schema is None:
        return
    try:
        yield Said(value=loads(event.data), media_type=media_type, part=part)
    except StyleError:
        return
