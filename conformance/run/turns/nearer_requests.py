"""Good requests between the least and the fullest, for a deployment that refuses both.

It may demand an optional property and refuse the value of another one: then neither everything nor
nothing is accepted. A refusal is free, and many deployments name what they refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any

from conformance.cases.draft_parameters import is_allowed, value_in, with_parameter
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import full_bodies, least
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.value_paths import DROP, expand, get, put
from conformance.http.exchange import KEPT_BYTES, Answer
from conformance.http.request_drafts import Draft
from spec.contract.parameter_codecs import parameter_codec
from spec.text.styles import Absent, StyleError

__all__ = ["Nearer"]

MOST_NAMED = 8
"""So often a request is changed by what its refusal names."""
MOST_PROPERTIES = 16
"""So many optional properties are tried one by one."""
MOST_MEMBERS = 12
"""So many other members of enumerations are tried in all."""
_WORD = re.compile(r"[\w$-]+")


class Nearer:
    """The candidates by what the refusals of one operation's requests name, and then part by part.

    `_refusals` are those from which it can still start; `_latest` is what was asked for last.
    """

    def __init__(self, refusals: Iterable[tuple[Draft, Answer]]) -> None:
        self._refusals = list(refusals)
        self._first = self._refusals[0][0] if self._refusals else None
        self._latest: Draft | None = None
        self._steps = 0

    def after(self, subject: Subject, answer: Answer) -> list[Draft]:
        """What to try after the answer that refused the subject's control; nothing at the end.

        What the refusals ask for by name comes first, each in turn. Then comes each optional part
        by itself, and last the other members of what is one of a list.
        """
        self._latest = self._next(subject, answer) if self._steps < MOST_NAMED else None
        self._steps += 1
        if self._latest is not None:
            return [self._latest]
        first, self._first = self._first, None
        if first is None:
            return []
        return [*_one_by_one(subject, first), *_with_other_members(subject, first)]

    def _next(self, subject: Subject, answer: Answer) -> Draft | None:
        found = None
        # It goes on from what was asked for last, and not from the latest candidate.
        if self._latest is subject.control:
            found = _with_what_is_named(subject, subject.control, answer)
        while found is None and self._refusals:
            found = _with_what_is_named(subject, *self._refusals.pop(0))
        return found


def _with_what_is_named(subject: Subject, draft: Draft, answer: Answer) -> Draft | None:
    """The refused draft with the optional properties that the refusal names, or without them.

    Only the order of trials follows from the wording, and no verdict. None where it names none.
    """
    words = frozenset(_WORD.findall(answer.body[:KEPT_BYTES].decode("utf-8", "replace")))
    optional, body = _optional(subject), draft.body
    named = {name: value for name, value in optional.items() if name in words}
    missing = [name for name in named if name not in body] if isinstance(body, dict) else []
    for name in missing or named:
        body = put(body, (name,), named[name] if missing else DROP)
    return draft.but(body=body) if body != draft.body and _good(subject, body) else None


def _one_by_one(subject: Subject, draft: Draft) -> Iterator[Draft]:
    """The draft with each optional property alone, and then the fullest without each."""
    optional = dict(list(_optional(subject).items())[:MOST_PROPERTIES])
    full = next(iter(full_bodies(subject.but(control=draft))), draft.body)
    for base, values in ((draft.body, optional), (full, dict.fromkeys(optional, DROP))):
        for name, value in values.items():
            body = put(base, (name,), value)
            if body != base and _good(subject, body):
                yield draft.but(body=body)


def _with_other_members(subject: Subject, draft: Draft) -> Iterator[Draft]:
    """The draft without optional parts, with each other member of its enumerations in turn.

    A provider that is not set up is refused, and the next one is accepted.
    """
    base = least(subject.but(control=draft)) or draft
    good = (one for one in _other_members(subject.body_nodes(), base.body) if _good(subject, one))
    bodies = (base.but(body=body) for body in good)
    yield from islice(chain(_with_other_parameters(subject, base), bodies), MOST_MEMBERS)


def _with_other_parameters(subject: Subject, draft: Draft) -> Iterator[Draft]:
    contract = subject.contract
    for parameter in subject.operation.inputs:
        way = parameter_codec(contract, subject.operation, parameter)
        value, schema = value_in(draft, parameter, way), parameter.value_schema
        if isinstance(value, Absent) or schema is None:
            continue
        for other in _other_members(nodes(contract, schema), value):
            if is_allowed(contract, parameter, other):
                with suppress(StyleError):
                    yield with_parameter(draft, parameter, way, other)


def _other_members(places: Iterable[SchemaNode], value: Any) -> Iterator[Any]:
    """The value with each other member of each enumeration in it, one at a time."""
    for node in places:
        for path in expand(value, node.steps, tuple(node.properties)):
            for member in node.keywords.get("enum") or ():
                if member != get(value, path):
                    yield put(value, path, member)


def _optional(subject: Subject) -> dict[str, Any]:
    """The optional properties of the whole body, with their values in the fullest one."""
    root = next(iter(subject.body_nodes()), None)
    full = next(iter(full_bodies(subject)), None)
    if root is None or not isinstance(full, dict):
        return {}
    required = root.keywords.get("required") or ()
    return {name: value for name, value in full.items() if name not in required}


def _good(subject: Subject, body: Any) -> bool:
    return subject.wire is not None and subject.wire.valid(subject.builder, body)
