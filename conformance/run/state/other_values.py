"""The good request of a change with other values, so that the change can be seen."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import islice
from typing import Any

from conformance.cases.operation_under_test import Subject
from conformance.clauses.value_paths import Path, generalised, get, put
from conformance.http.request_drafts import Draft
from conformance.run.things.fresh_values import FreshValues, texts

__all__ = ["other_values"]

_STEPS = (7, 3, 2, 1, -1)
"""From a number to another one: the next may be what the thing was created with."""


def other_values(subject: Subject) -> Iterator[Draft]:
    """The control with other values everywhere, then with new texts, then with one other value.

    Each is a valid request; what the deployment refuses costs nothing.
    """
    fresh, control = FreshValues.of(subject), subject.control
    renewed = control if fresh is None else fresh.renewed(control)
    every = renewed
    for path in _plain(control.body):
        every = _otherwise(subject, every, path) or every
    yield from _longer(subject, every)
    # Numbers may mean something that no schema says: a version, or what is in stock.
    if every.body != control.body:
        yield every
    if renewed.body not in (control.body, every.body):
        yield renewed
    single = (_otherwise(subject, control, path) for path in _plain(control.body))
    yield from islice((one for one in single if one and one.body != every.body), 1)
    yield from islice(_of_enums(subject), 1)
    sent = control.request().body or b""
    if control.media_type == "application/octet-stream":
        # Any bytes are as good as any other: this type says nothing of them.
        yield control.but(raw=sent + secrets.token_hex(4).encode())


def _longer(subject: Subject, other: Draft) -> Iterator[Draft]:
    """Lists with more items, which a deployment may lose that stores the first alone."""
    wire, body = subject.wire, _joined(subject.control.body, other.body)
    if body != other.body and wire is not None and wire.valid(subject.builder, body):
        yield other.but(body=body)


def _joined(own: Any, other: Any) -> Any:
    """The other value, with the items of both in each of its lists that differs."""
    if isinstance(own, list) and isinstance(other, list):
        return other if own == other else [*own, *other]
    if isinstance(own, dict) and isinstance(other, dict):
        return {name: _joined(own.get(name), one) for name, one in other.items()}
    return other


def _of_enums(subject: Subject) -> Iterator[Draft]:
    """The control with another member of one enum: last, since a state may lead to few others."""
    control, wire = subject.control, subject.wire
    for path in texts(control.body):
        nodes = (one for one in subject.body_nodes() if one.steps == generalised(path))
        for member in next((one.keywords["enum"] for one in nodes if "enum" in one.keywords), ()):
            body = put(control.body, path, member)
            if wire is not None and body != control.body and wire.valid(subject.builder, body):
                yield control.but(body=body)


def _otherwise(subject: Subject, draft: Draft, path: Path) -> Draft | None:
    """The draft with the other boolean, or another number, at a place; None where none fits."""
    wire, value = subject.wire, get(draft.body, path)
    others = (not value,) if isinstance(value, bool) else tuple(value + step for step in _STEPS)
    bodies = (put(draft.body, path, other) for other in others)
    found = (one for one in bodies if wire is not None and wire.valid(subject.builder, one))
    return next((draft.but(body=body) for body in found), None)


def _plain(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of the booleans and whole numbers in a value."""
    if isinstance(value, (bool, int)):
        yield path
    if isinstance(value, dict):
        below: Iterator[tuple[str | int, Any]] = iter(value.items())
    else:
        below = enumerate(value) if isinstance(value, list) else iter(())
    for step, one in below:
        yield from _plain(one, (*path, step))
