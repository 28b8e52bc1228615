"""The body of an answer as JSON, with what is wrong with it, and what can be read all the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conformance.report.findings import Level
from spec.text import json_text
from spec.text.media_types import parse

__all__ = ["JsonAnswer", "is_unlabelled", "lenient_text", "read_json", "read_leniently"]

_SAYS_NOTHING = frozenset({"text/plain", "text/html", "application/octet-stream"})
"""What frameworks label a body with where the program gives no media type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonAnswer:
    """The value, or what is wrong with the text; `repeated` is a name that stands there twice.

    `level` is a warning where the text is JSON by the grammar and no receiver has to read it
    (RFC 8259 sections 6 and 9). Lone surrogates are let through: section 8.2 does not forbid them.
    """

    value: Any = None
    problem: str = ""
    level: Level = Level.ERROR
    repeated: str = ""


@lru_cache(maxsize=2)
def read_json(body: bytes) -> JsonAnswer:
    """Read a body with the strict reader; nobody may change the value.

    A request and its answer are remembered: a dozen questions are asked about each of them in turn.
    """
    repeated = list[str]()
    try:
        value = json_text.read(body, repeated.append, surrogates=True)
    except json_text.BeyondLimitsError as error:
        return JsonAnswer(problem=str(error), level=Level.WARNING)
    except json_text.UnreadableError as error:
        return JsonAnswer(problem=str(error))
    return JsonAnswer(value=value, repeated=repeated[0] if repeated else "")


def read_leniently(body: bytes) -> JsonAnswer:
    """The first document of a body in whatever Unicode it is: what a lenient client reads of it.

    What a text that is no JSON says beyond that nobody can know: then it has a problem still.
    """
    text = lenient_text(body)
    try:
        _, end = json_text.scan(text, 0)
    except (ValueError, StopIteration, RecursionError):
        return read_json(body)
    return read_json(text[:end].encode("utf-8", "surrogatepass"))


def lenient_text(body: bytes) -> str:
    """The text of a body in whatever Unicode it is, without what may stand before a document."""
    return body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff").lstrip()


def is_unlabelled(label: str | None) -> bool:
    """Whether there is no Content-Type, or one that says nothing: many clients parse it as JSON."""
    said = parse(label) if label else None
    return said is None or said.essence in _SAYS_NOTHING
