"""The version that a change must name: a number in the body, as optimistic locking has it.

A change that names another version than the current one is refused (409): two clients do not lose
each other's update. After each change the number is another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.http.exchange import Answer, Request
from conformance.judgement.json_answers import read_json
from spec.text.name_words import words_of

__all__ = ["version_in", "with_version"]

_WORDS = frozenset({"version", "revision", "rev"})
"""How the names of such properties end."""


def version_in(answer: Answer) -> tuple[str, Any] | None:
    """The name and the value of the version that an answer shows, bare or in an envelope."""
    value = read_json(answer.body).value
    below = value.values() if isinstance(value, dict) else ()
    for one in (value, *(inner for inner in below if isinstance(inner, dict))):
        if isinstance(one, dict) and (found := next(_versions(one), None)) is not None:
            return found
    return None


def with_version(request: Request, good: Any, version: tuple[str, Any]) -> Request:
    """The request with the current version, where it names that of the `good` one."""
    name, now = version
    sent = read_json(request.body or b"").value
    if not isinstance(sent, dict) or not isinstance(good, dict) or name not in sent:
        return request
    # Another version than the good one is what the case tries.
    if sent[name] != good.get(name) or type(sent[name]) is not type(now) or sent[name] == now:
        return request
    return replace(request, body=json.dumps({**sent, name: now}).encode())


def _versions(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, one in value.items():
        plain = isinstance(one, (str, int)) and not isinstance(one, bool)
        if plain and words_of(name)[-1:] and words_of(name)[-1] in _WORDS:
            yield name, one
