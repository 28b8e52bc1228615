"""The version that a change must name, in the body or the query, as optimistic locking has it.

A change that names another version than the current one is refused (409): two clients do not lose
each other's update. After each change the version is another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote_plus

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


def with_version(request: Request, good: Request, version: tuple[str, Any]) -> Request:
    """The request with the current version, where it names that of the `good` one."""
    return _in_query(_in_body(request, good, version), good, version)


def _in_body(request: Request, good: Request, version: tuple[str, Any]) -> Request:
    name, now = version
    sent, own = (read_json(one.body or b"").value for one in (request, good))
    if not isinstance(sent, dict) or not isinstance(own, dict) or name not in sent:
        return request
    # Another version than the good one is what the case tries.
    if sent[name] != own.get(name) or type(sent[name]) is not type(now) or sent[name] == now:
        return request
    return replace(request, body=json.dumps({**sent, name: now}).encode())


def _in_query(request: Request, good: Request, version: tuple[str, Any]) -> Request:
    """`?rev=1-a` as CouchDB has it, whose answers call it `_rev`."""
    own = good.target.partition("?")[2].split("&")
    path, mark, query = request.target.partition("?")
    pairs = [_current(pair, version) if pair in own else pair for pair in query.split("&")]
    return replace(request, target=f"{path}{mark}{'&'.join(pairs)}")


def _current(pair: str, version: tuple[str, Any]) -> str:
    """A pair of a query, with the version where it is called like that."""
    name, is_given, _ = pair.partition("=")
    same = words_of(unquote_plus(name)) == words_of(version[0])
    return f"{name}={quote(str(version[1]), safe='')}" if is_given and same else pair


def _versions(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, one in value.items():
        plain = isinstance(one, (str, int)) and not isinstance(one, bool)
        if plain and words_of(name)[-1:] and words_of(name)[-1] in _WORDS:
            yield name, one
