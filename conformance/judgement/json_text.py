"""JSON as RFC 8259 has it, read more strictly than Python's own reader does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["JsonText", "read_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonText:
    """The value, or what is wrong with the text; `repeated` names a key that is there twice."""

    value: Any = None
    problem: str = ""
    repeated: str = ""


def read_json(body: bytes) -> JsonText:
    """Read one JSON document in UTF-8 without a byte order mark, NaN or Infinity."""
    if body.startswith(b"\xef\xbb\xbf"):
        return JsonText(problem="begins with a byte order mark (RFC 8259 section 8.1)")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return JsonText(problem=f"is not UTF-8: byte {error.start} is {body[error.start]:#04x}")
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                repeated.append(key)
            found[key] = value
        return found

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        if not text.strip():
            return JsonText(problem="is empty")
        return JsonText(problem=f"is not JSON: {error.msg} at character {error.pos}")
    except (ValueError, RecursionError) as error:
        return JsonText(problem=f"is not JSON: {error}")
    return JsonText(value=value, repeated=repeated[0] if repeated else "")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
