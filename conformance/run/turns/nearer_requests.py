"""Good requests between the least and the fullest, for a deployment that refuses both.

It may demand an optional property and refuse the value of another one: then neither everything nor
nothing is accepted. A refusal is free, and many deployments name what they refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import Any

from conformance.cases.body_edits import has
from conformance.cases.draft_parameters import is_allowed, value_in, with_parameter
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import full_bodies, least, without
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.value_paths import Path, Step, expand, get, put
from conformance.http.exchange import KEPT_BYTES, Answer
from conformance.http.request_drafts import Draft
from spec.contract.parameter_codecs import parameter_codec
from spec.text.styles import Absent, StyleError

__all__ = ["Nearer"]

MOST_NAMED = 8
"""So often a request is changed by what its refusal names."""
MOST_PROPERTIES = 16
"""So many optional properties are added one by one, and so many left out."""
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
    named = {steps: value for steps, value in optional.items() if steps[-1] in words}
    missing = [steps for steps in named if next(_lacking(body, steps), None)]
    for steps in missing:
        body = _added(body, steps, named[steps])
    for steps in () if missing else named:
        body = without(body, list(expand(body, steps)))
    return draft.but(body=body) if body != draft.body and _good(subject, body) else None


def _one_by_one(subject: Subject, draft: Draft) -> Iterator[Draft]:
    """The draft with each optional property alone, and then the fullest without each."""
    optional = _optional(subject)
    full = next(iter(full_bodies(subject.but(control=draft))), draft.body)
    added = (_added(draft.body, steps, value) for steps, value in optional.items())
    left_out = (without(full, list(expand(full, steps))) for steps in optional)
    for base, bodies in ((draft.body, added), (full, left_out)):
        changed = (one for one in bodies if one != base and _good(subject, one))
        yield from (draft.but(body=one) for one in islice(changed, MOST_PROPERTIES))


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


def _optional(subject: Subject) -> dict[tuple[Step, ...], Any]:
    """The optional properties, those of the whole body first, with values of the fullest one."""
    full = next(iter(full_bodies(subject)), None)
    ordered = sorted(subject.body_nodes(), key=lambda one: len(one.steps))
    found = dict[tuple[Step, ...], Any]()
    for node in ordered:
        for path in islice(expand(full, node.steps), 1):
            if node.required is False:
                found.setdefault(node.steps, get(full, path))
    return found


def _added(body: Any, steps: Sequence[Step], value: Any) -> Any:
    """The body with a property in every object that may have it and has none."""
    for path in _lacking(body, steps):
        body = put(body, path, value)
    return body


def _lacking(body: Any, steps: Sequence[Step]) -> Iterator[Path]:
    """Where an object of the body could have the property that the steps lead to, and has none."""
    name = str(steps[-1])
    for above in expand(body, steps[:-1]):
        if isinstance(get(body, above), dict) and not has(body, (*above, name)):
            yield (*above, name)


def _good(subject: Subject, body: Any) -> bool:
    return subject.wire is not None and subject.wire.valid(subject.builder, body)
