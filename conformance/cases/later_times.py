"""Times that are still to come, in the place of those of a good request.

The end of a silence or of a subscription must lie ahead, and no keyword says so. The day is always
the same, so that a request can be sent again, and before 2038, when a time of 32 bits ends.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conformance.cases.operation_under_test import Subject
from conformance.clauses.value_paths import Path, expand, get, put
from conformance.http.request_drafts import Draft

__all__ = ["is_later", "with_later_times"]

_FIRST: Final = datetime(2037, 1, 15, 9, 30, tzinfo=UTC)
_WRITTEN: Final = {"date": "%Y-%m-%d", "date-time": "%Y-%m-%dT%H:%M:%SZ"}
"""How a time is written, by the `format` of its schema (RFC 3339 section 5.6)."""


def with_later_times(subject: Subject) -> list[Draft]:
    """The good request with later times in its body: each a day after, or before, the last one.

    Of a range the end lies behind the beginning then, whichever is declared first. None where it
    has no time.
    """
    body, wire, found = subject.control.body, subject.wire, dict[Path, str]()
    for node in subject.body_nodes():
        written = _WRITTEN.get(str(node.keywords.get("format")), "")
        for path in expand(body, node.steps, tuple(node.properties)) if written else ():
            found |= {path: written} if isinstance(get(body, path), str) else {}
    drafts = list[Draft]()
    for paths in ([*found], [*found][::-1])[: len(found)]:
        later = body
        for days, path in enumerate(paths):
            later = put(later, path, (_FIRST + timedelta(days=days)).strftime(found[path]))
        if wire is not None and wire.valid(subject.builder, later) and later != body:
            drafts.append(subject.control.but(body=later))
    return drafts


def is_later(value: Any) -> bool:
    """Whether a value is such a time."""
    return isinstance(value, str) and value.startswith(f"{_FIRST.year}-01-")
