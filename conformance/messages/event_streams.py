"""Event streams (WHATWG HTML section 9.2), judged event by event."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Event", "StreamProblem", "events", "stream_problems"]

_FIELDS = ("data", "event", "id", "retry")
"""The fields of an event (WHATWG HTML section 9.2.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event; `data` is joined from its lines, and `fields` are its others as sent."""

    name: str
    data: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamProblem:
    """What is wrong: `framing`, `end` or `honest`, with a sentence."""

    aspect: str
    what: str


def events(text: str) -> Iterator[Event]:
    """The complete events of a stream; what no empty line ends is none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fields, data = dict[str, str](), list[str]()
    # What follows the last line end was cut off, or is empty: it ends no event.
    for line in lines[:-1]:
        if not line:
            # Without data it is no event (WHATWG HTML section 9.2.6).
            if data:
                name = fields.get("event") or "message"
                yield Event(name=name, data="\n".join(data), fields=fields)
            fields, data = {}, []
            continue
        key, _, value = line.partition(":")
        # One blank after the colon belongs to the format, a second one to the value.
        value = value.removeprefix(" ")
        if key == "data":
            data.append(value)
        elif key in _FIELDS:
            fields[key] = value


def stream_problems(body: bytes, *, by_event: bool = False) -> Iterator[StreamProblem]:
    """Everything that is wrong with a whole stream.

    `by_event` where a schema says of each event whether its data is JSON (OpenAPI 3.2,
    `itemSchema`); else all are as the first.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        yield StreamProblem(aspect="framing", what=f"byte {error.start} is not UTF-8")
        return
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        key = line.partition(":")[0]
        if line and key not in ("", *_FIELDS):
            what = f"line {number} is not `field: value`: {line[:60]!r}"
            yield StreamProblem(aspect="framing", what=what)
            return
    found = list(events(text))
    if not found:
        yield StreamProblem(aspect="framing", what="it contains no event")
    elif lines[-1] or (len(lines) > 1 and lines[-2]):
        what = "no empty line ends the last event"
        yield StreamProblem(aspect="end", what=what)
    yield from _contents(found, by_event=by_event)


def _contents(found: list[Event], *, by_event: bool) -> Iterator[StreamProblem]:
    values = [_json(event.data) for event in found]
    for number, (event, value) in enumerate(zip(found, values, strict=True), 1):
        if value is None and not by_event and (texts := _joined_objects(event)):
            what = f"event {number} holds {texts} JSON objects: no empty line stands between events"
            yield StreamProblem(aspect="framing", what=what)
            return
    if values and values[0] is not None and not by_event:
        for number, (event, value) in enumerate(zip(found, values, strict=True), 1):
            last = number == len(found)
            if value is None and not (last and _is_end_mark(event.data)):
                what = f"event {number} is not JSON, although the first one is: {event.data[:60]!r}"
                yield StreamProblem(aspect="framing", what=what)
                return
    for number, (event, value) in enumerate(zip(found, values, strict=True), 1):
        if event.name == "error" or (isinstance(value, dict) and value.get("error")):
            what = f"event {number} of {len(found)} is an error: {event.data[:80]!r}"
            yield StreamProblem(aspect="honest", what=what)
            return


def _is_end_mark(data: str) -> bool:
    """Whether it is `[DONE]` or its like, which end many streams of JSON (OpenAI's custom)."""
    return data.strip("[]").isupper()


def _joined_objects(event: Event) -> int:
    """How many JSON objects one event holds, each on a line of its own; 0 for other data."""
    lines = event.data.split("\n")
    if _is_end_mark(lines[-1]):
        lines.pop()
    whole = len(lines) > 1 and all(isinstance(_json(line), dict) for line in lines)
    return len(lines) if whole else 0


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
