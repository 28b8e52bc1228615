"""The good request of a change with other values, so that the change can be told."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.cases.operation_under_test import Subject
from conformance.clauses.value_paths import put
from conformance.http.request_drafts import Draft
from conformance.run.fresh_values import FreshValues

__all__ = ["other_values"]


def other_values(subject: Subject) -> Iterator[Draft]:
    """The control with new texts; then with another boolean or number. Each is a valid request."""
    fresh = FreshValues.of(subject)
    if fresh is not None:
        yield fresh.renewed(subject.control)
    body, wire = subject.control.body, subject.wire
    for name, value in body.items() if wire is not None and isinstance(body, dict) else ():
        if isinstance(value, (bool, int)):
            other = put(body, (name,), not value if isinstance(value, bool) else value + 1)
            if wire is not None and wire.valid(subject.builder, other):
                yield subject.control.but(body=other)
                return
