"""Numbers that are nobody's id: what a request creates under one replaces nothing."""

from __future__ import annotations

import secrets
from typing import Any

from conformance.cases.operation_under_test import Subject
from conformance.clauses.collection_operations import collection_operations

__all__ = ["is_number", "under_unused_id", "unused_number"]

_LEAST = 1_500_000_000
"""Within 32 bits, and far above what a sequence has reached."""


def unused_number() -> int:
    """One that is another one in every run."""
    return _LEAST + secrets.randbelow(500_000_000)


def is_number(value: Any) -> bool:
    """Whether a value may be the number of a thing; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def under_unused_id(subject: Subject, body: Any, number: int) -> Any:
    """The body of a create with a number that is nobody's, where it says one of its own.

    That of the good request stays, and so does what the contract allows no other number for.
    """
    good, wire = subject.control.body, subject.wire
    if wire is None or not isinstance(body, dict):
        return body
    name = collection_operations(subject.contract).new_name(subject.operation, body)
    if not name or not is_number(body[name]):
        return body
    if isinstance(good, dict) and good.get(name) == body[name]:
        return body
    named = {**body, name: number}
    same = wire.valid(subject.builder, named) is wire.valid(subject.builder, body)
    return named if same else body
