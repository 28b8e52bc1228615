"""Bodies that are sent piece by piece: server-sent events, and lines of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import Any

from mock_server.answers import templates
from mock_server.answers.holes import anything_fits
from mock_server.answers.templates import Template
from spec.text import json_lines
from spec.text.media_types import MediaRange
from spec.text.runtime_expressions import EXPRESSION

__all__ = ["Stream", "is_stream", "stream"]

_FIELDS = frozenset({"data", "event", "id", "retry"})
"""Those of an event (WHATWG HTML section 9.2.6)."""
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is sent piece by piece, with a pace."""

    pieces: tuple[Template, ...]


def is_stream(kind: MediaRange) -> bool:
    """Whether bodies of a media type are sent piece by piece."""
    return kind.is_event_stream or kind.is_json_lines


def stream(value: Any, kind: MediaRange, *, of_items: bool) -> Stream:
    """The pieces of a value; a text is taken apart, anything else is a list of items, or one.

    `of_items` says that the contract describes each item (OpenAPI 3.2, `itemSchema`).
    """
    if not kind.is_event_stream:
        return Stream(tuple(_lines(value, json_lines.lead(kind.essence))))
    made = _field_events if of_items and not isinstance(value, str) else _events
    return Stream(tuple(made(value)))


def _events(value: Any) -> list[Template]:
    """The events of a stream, each with the blank line that ends it (WHATWG HTML section 9.2)."""
    if not isinstance(value, str):
        return [_document("data: ", item, "\n\n") for item in _items(value)]
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    # A text is events already where a line has a field's name; else its paragraphs are the data.
    blocks = [block for block in re.split(r"\n{2,}", text.strip("\n")) if block]
    if blocks and not any(re.match(r"(data|event|id|retry)?:", block) for block in blocks):
        # Every line of data has the field's name, or a client would drop it (section 9.2.6).
        blocks = ["\n".join(f"data: {line}" for line in block.split("\n")) for block in blocks]
    return [
        templates.compile_text(f"{block}\n\n", anything_fits, _event_escape(block))
        for block in blocks
    ]


def _field_events(value: Any) -> list[Template]:
    return [_event(item) for item in _items(value)]


def _event(item: Any) -> Template:
    """An event as `itemSchema` has it: an object of its fields (OpenAPI 3.2, section 4.14).

    An item that is no such object is the data of its event.
    """
    if not isinstance(item, dict) or not item.keys() <= _FIELDS:
        return _document("data: ", item, "\n\n")
    block = "\n".join(
        f"{name}: {line}"
        for name, value in item.items()
        for line in (_LINE_END.split(value) if isinstance(value, str) else [json.dumps(value)])
    )
    return templates.compile_text(f"{block}\n\n", anything_fits, _event_escape(block))


def _lines(value: Any, lead: str) -> list[Template]:
    if not isinstance(value, str):
        return [_document(lead, item, "\n") for item in _items(value)]
    lines = [line for line in value.splitlines() if line.strip()]
    return [
        templates.compile_text(f"{lead}{line}\n", anything_fits, _json_escaped) for line in lines
    ]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _document(lead: str, value: Any, tail: str) -> Template:
    """A piece that is one JSON document; what it repeats of the request keeps its type."""
    body = templates.compile_json(value, anything_fits)
    return Template((lead.encode(), *body.parts, tail.encode()))


def _event_escape(block: str) -> Callable[[str], str]:
    """What keeps a value inside its event: JSON's escapes in JSON, and never a new line."""
    data = "\n".join(re.findall(r"^data: ?(.*)$", block, re.MULTILINE))
    try:
        json.loads(EXPRESSION.sub("", data))
    except ValueError:
        return _on_one_line
    return _json_escaped


def _json_escaped(text: str) -> str:
    return encode_basestring_ascii(text)[1:-1]


def _on_one_line(text: str) -> str:
    return " ".join(re.split(r"[\r\n]+", text))
