"""The body of an answer as JSON, with what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conformance.report.findings import Level
from spec.text import json_text

__all__ = ["JsonAnswer", "read_json"]


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
