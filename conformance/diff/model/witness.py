"""The request or the answer that shows a claim, and what each of two contracts says of it.

A claim of a breaking change is only as good as its witness: the witness is written out as it would
travel, and judged from that text, by each contract for itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from conformance.http.exchange import Answer, Request
from spec.text.media_types import is_json

__all__ = ["Witness"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A request or an answer, and what each of two contracts says of it."""

    old: str
    new: str
    operation: str
    request: Request | None = None
    answer: Answer | None = None

    def as_mapping(self) -> dict[str, Any]:
        """The witness for a report: bodies are values where they are JSON, else text."""
        made: dict[str, Any] = {"operation": self.operation}
        if self.request is not None:
            made["request"] = _request_for_report(self.request)
        if self.answer is not None:
            made["response"] = _answer_for_report(self.answer)
        return {**made, "old": self.old, "new": self.new}


def _request_for_report(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.target,
        "headers": dict(request.headers),
        "body": _body_for_report(request.body, request.header("content-type")),
    }


def _answer_for_report(answer: Answer) -> dict[str, Any]:
    body = answer.body or None
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": _body_for_report(body, answer.header("content-type")),
    }


def _body_for_report(body: bytes | None, content_type: str | None) -> Any:
    if body is None:
        return None
    text = body.decode("utf-8", "backslashreplace")
    return json.loads(text) if is_json(content_type) else text
