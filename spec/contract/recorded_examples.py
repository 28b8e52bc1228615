"""Answers of a deployment as examples of its contract, for an overlay.

One is kept for each shape (operation, status, media type, and which properties it has), redacted,
and judged by the contract. What breaks the contract is put aside with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from spec.contract.contract import Contract
from spec.model.contract_model import Direction, MediaType, Operation, Response
from spec.model.json_paths import json_path
from spec.model.pointers import split
from spec.text import json_text
from spec.text.media_types import is_json, match
from spec.text.runtime_expressions import EXPRESSION
from spec.text.secrets import masked

__all__ = ["RecordedExamples", "Recording", "value_outline"]

_MOST = 1000
_DEEPEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One whole answer of a deployment."""

    contract: Contract
    operation: Operation
    status: int
    content_type: str
    body: bytes = field(repr=False)


@dataclass(slots=True)
class RecordedExamples:
    """The examples that recordings make. `aside` are those that none can be made of, and why."""

    aside: list[dict[str, Any]] = field(default_factory=list)
    _examples: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    _kept: set[tuple[Any, ...]] = field(default_factory=set)
    _refused: set[tuple[Any, ...]] = field(default_factory=set)

    def take(self, one: Recording) -> bool:
        """Whether the answer is the first of its shape to become an example, or to be put aside."""
        value = _recorded_value(one)
        key = (one.operation.id, one.status, one.content_type, value_outline(value))
        if key in self._kept or len(self._kept) + len(self._refused) >= _MOST:
            return False
        shown = masked(value)
        media_type, why = _judged(one, shown)
        if media_type is not None:
            self._kept.add(key)
            self._add(media_type, shown)
            return True
        if key in self._refused:
            return False
        # What breaks the contract says nothing of the next answer of its shape.
        self._refused.add(key)
        self._put_aside(one, shown, why)
        return True

    def _add(self, media_type: MediaType, value: Any) -> None:
        # By the pointer, since a JSONPath finds nothing where the contract has a `$ref` before it.
        examples = self._examples.setdefault(tuple(split(media_type.pointer)), {})
        number = len(examples) + 1
        examples[f"recorded-{number}"] = {"summary": "Recorded", "value": value}

    def _put_aside(self, one: Recording, value: Any, why: str) -> None:
        common = {"operation": one.operation.id, "status": one.status, "why": why}
        self.aside.append({**common, "content-type": one.content_type, "value": value})

    def actions(self) -> Iterator[dict[str, Any]]:
        """The actions of an overlay that lay the examples over the contract."""
        for tokens, examples in self._examples.items():
            yield {"target": json_path(tokens), "update": {"examples": examples}}


def _recorded_value(one: Recording) -> Any:
    if is_json(one.content_type):
        try:
            return json_text.read(one.body)
        except json_text.UnreadableError:
            pass
    return one.body.decode("utf-8", "replace")


def _judged(one: Recording, value: Any) -> tuple[MediaType | None, str]:
    """Where an answer belongs, or why it belongs nowhere."""
    response = one.operation.response_for(one.status)
    if response is None:
        return None, f"the status {one.status} is not documented"
    if not one.body:
        return None, "it has no body to record"
    media_type = _media_type(response, one.content_type)
    if media_type is None:
        sent = one.content_type or "no content type"
        return None, f"{sent} is not documented for {response.status}"
    if not _is_text(one):
        return None, "it is not text, so it cannot be an example"
    if echo := EXPRESSION.search(json.dumps(value, ensure_ascii=False)):
        return None, f"an example with {echo[0]} would show what the next request has there"
    if media_type.schema is not None:
        found = one.contract.violations(media_type.schema, Direction.RESPONSE, value)
        if found:
            return None, "; ".join(f"{v.pointer} {v.message}".strip() for v in found[:5])
    return media_type, ""


def _media_type(response: Response, content_type: str) -> MediaType | None:
    names = [media_type.name for media_type in response.content]
    name = match(content_type, names) if content_type else None
    return next((each for each in response.content if each.name == name), None)


def _is_text(one: Recording) -> bool:
    try:
        one.body.decode()
    except UnicodeDecodeError:
        return False
    return True


def value_outline(value: Any, depth: int = 0) -> Any:
    """What answers of one shape have in common: their properties and the types of their values."""
    if depth < _DEEPEST and isinstance(value, Mapping):
        return tuple(sorted((name, value_outline(one, depth + 1)) for name, one in value.items()))
    if depth < _DEEPEST and isinstance(value, list):
        return ("list", *sorted({repr(value_outline(one, depth + 1)) for one in value[:50]}))
    return type(value).__name__
