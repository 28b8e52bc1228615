"""Good requests between the least and the fullest, for a deployment that refuses both.

It may demand an optional property and refuse the value of another one: then neither everything nor
nothing is accepted. A refusal is free, and many deployments name what they refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import full_bodies, least
from conformance.clauses.value_paths import DROP, expand, get, put
from conformance.http.exchange import KEPT_BYTES, Answer
from conformance.http.request_drafts import Draft

__all__ = ["one_by_one", "with_other_members", "with_what_is_named"]

MOST_PROPERTIES = 16
"""So many optional properties are tried one by one."""
MOST_MEMBERS = 12
"""So many other members of enumerations are tried in all."""
_WORD = re.compile(r"[\w$-]+")


def with_what_is_named(subject: Subject, draft: Draft, answer: Answer) -> Draft | None:
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


def one_by_one(subject: Subject, draft: Draft) -> Iterator[Draft]:
    """The draft with each optional property alone, and then the fullest without each."""
    optional = dict(list(_optional(subject).items())[:MOST_PROPERTIES])
    full = next(iter(full_bodies(subject.but(control=draft))), draft.body)
    for base, values in ((draft.body, optional), (full, dict.fromkeys(optional, DROP))):
        for name, value in values.items():
            body = put(base, (name,), value)
            if body != base and _good(subject, body):
                yield draft.but(body=body)


def with_other_members(subject: Subject, draft: Draft) -> Iterator[Draft]:
    """The draft without optional parts, with each other member of its enumerations in turn.

    A provider that is not set up is refused, and the next one is accepted.
    """
    base = least(subject.but(control=draft)) or draft
    others = (
        put(base.body, path, member)
        for node in subject.body_nodes()
        for path in expand(base.body, node.steps, tuple(node.properties))
        for member in node.keywords.get("enum") or ()
        if member != get(base.body, path)
    )
    good = (base.but(body=body) for body in others if _good(subject, body))
    yield from islice(good, MOST_MEMBERS)


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
