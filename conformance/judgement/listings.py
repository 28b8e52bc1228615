"""An item in the list of its collection: whether it is there, and whether the list shows all.

A list may be bare or in an envelope, may have objects, names alone, or be a map by the ids. That
something is not in it proves nothing where more pages follow, or where a list shows a part only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.http.exchange import Answer
from spec.contract.resource_paths import id_property
from spec.model.contract_model import Operation, Parameter
from spec.text.name_words import words_of

__all__ = ["Sought", "found_in", "is_limit", "is_mark", "keywords_of", "narrowing", "partial"]

_DEPTH = 3
"""Levels of an envelope, `{result: {data: {items: [...]}}}`."""
_BESIDE = frozenset({"errors", "included", "includes", "links", "warnings"})
"""Names of lists that stand beside the one that was asked for (JSON:API 1.1 section 7.1)."""
_LIMITS = frozenset(
    {"count", "first", "limit", "max", "pagesize", "perpage", "size", "take", "top"}
)
"""Words of parameters that say how many items a list may have."""
_PAGING = _LIMITS | frozenset(
    {"after", "before", "continuation", "cursor", "last", "marker", "offset", "page", "skip"}
    | {"start"}
)
"""Words of parameters that choose a part of a list by its size or its place."""
_MARKS = frozenset({"bookmark", "continuation", "continue", "cursor", "marker"})
_OF_TOKENS = frozenset({"next", "page", "sync"})
"""Words of parameters that say where a list goes on, by a text of an earlier answer; the latter
beside `token`."""
_SHAPING = frozenset(
    {"expand", "fields", "format", "include", "lang", "language", "locale", "order", "orderby"}
    | {"pretty", "select", "sort", "sortby"}
)
"""Words of parameters that change how a list looks, and not what is in it."""
_SMALL = 10
"""Items that every page has room for, where no other limit is known."""
_SCOPES = frozenset(
    {"account", "assignee", "email", "member", "org", "organisation", "organization", "owner"}
    | {"recipient", "recipients", "team", "tenant", "to", "user", "workspace"}
)
"""Words of properties that say whose a thing is: a list may show the caller's own only."""
_UNSEEN = frozenset(
    {"archived", "deleted", "disabled", "draft", "hidden", "inactive", "pending", "private"}
    | {"queued", "review", "scheduled", "suspended", "unconfirmed", "unpublished", "unverified"}
)
"""States in which a thing need not be listed."""
_SEEN = frozenset(
    {"active", "approved", "confirmed", "enabled", "public", "published", "verified", "visible"}
)
"""Properties that are false for what need not be listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for: the item with the id for which the path `parameter` stands.

    Where no `id` is known, or only a guess, an item with the `texts` that were sent and that nobody
    else has.
    """

    parameter: str = "id"
    id: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    def is_it(self, key: str, member: Any) -> bool:
        """Whether a member of a list, or of a map under a `key`, is the one."""
        return self._has_texts(member) or (bool(self.id) and self._is_named(key, member))

    def _is_named(self, key: str, member: Any) -> bool:
        if key or isinstance(member, (str, int)):
            return self.id == (key or str(member))
        if not isinstance(member, dict):
            return False
        inner = [one for one in member.values() if isinstance(one, dict)]
        # `[{thing: {id: 1}}]` as well: what has one member only is an envelope.
        return self._has_id(member) or (len(member) == 1 and bool(inner) and self._has_id(inner[0]))

    def _has_id(self, member: Mapping[str, Any]) -> bool:
        names = [id_property(self.parameter, member), *self._alike(member)]
        found = [member.get(name) for name in names if name]
        return any(isinstance(one, (str, int)) and str(one) == self.id for one in found)

    def _alike(self, member: Mapping[str, Any]) -> Iterator[str]:
        """The properties whose names end like the parameter's: `templateType` for `{type}`.

        `ownerId` is no `{id}`.
        """
        own = words_of(self.parameter)
        if own[-1:] not in ([], ["id"]):
            yield from (name for name in member if words_of(name)[-len(own) :] == own)

    def _has_texts(self, member: Any) -> bool:
        if not isinstance(member, dict):
            return isinstance(member, str) and member in self.texts.values()
        inner = [member, *(one for one in member.values() if isinstance(one, dict))]
        return any(one.get(name) == text for one in inner for name, text in self.texts.items())


def found_in(value: Any, sought: Sought) -> Any:
    """The item in a list; None where it is not there."""
    return next((one for key, one in _entries(value) if sought.is_it(key, one)), None)


def _entries(value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The members of lists, and those of maps with their keys; what belongs to them is no entry."""
    if isinstance(value, list):
        yield from (("", one) for one in value)
    elif isinstance(value, dict) and depth < _DEPTH:
        yield from ((key, one) for key, one in value.items() if isinstance(one, dict))
        for key, below in value.items():
            if key.lower() not in _BESIDE:
                yield from _entries(below, depth + 1)


def partial(operation: Operation, answer: Answer, value: Any) -> str:
    """Why a list may not show everything; "" where it does."""
    number = _length(value)
    if number is None:
        return "the answer has no list"
    if 'rel="next"' in (answer.header("link") or "").replace("'", '"').replace("=next", '="next"'):
        return "another page follows (Link)"
    said = dict(_said(value))
    totals = [said["total"]] if "total" in said else []
    counted = answer.header("x-total-count") or answer.header("x-total") or ""
    totals += [int(counted)] if counted.strip().isdigit() else []
    if "more" in said or any(one > number for one in totals):
        return "another page follows"
    if number in totals:
        return ""
    limit = next((_limit_of(one) for one in operation.parameters if is_limit(one)), None)
    paged = limit is not None or any(_has_word(one, _PAGING) for one in operation.parameters)
    if paged and number >= (limit or _SMALL):
        return f"the list has {number} items, and another page may follow"
    # A limit that nobody tells is a round number.
    if number >= _SMALL and (number % 5 == 0 or number % 8 == 0):
        return f"the list has {number} items, which may be as many as it ever shows"
    return ""


def _length(value: Any) -> int | None:
    """The items of the list in an answer, the longest of its envelope."""
    if isinstance(value, list):
        return len(value)
    lists = [below for _, below in _envelope(value) if isinstance(below, list)]
    if lists:
        return max(map(len, lists))
    maps = [value, *(below for _, below in _envelope(value))]
    uniform = [len(one) for one in maps if _is_map(one)]
    return max(uniform, default=0 if value == {} else None)


def _is_map(value: Any) -> bool:
    """Whether an object holds things by their ids: all of its members have the same names."""
    members = list(value.values()) if isinstance(value, dict) else []
    return bool(members) and all(
        isinstance(one, dict) and one.keys() == members[0].keys() for one in members
    )


def _envelope(value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, below in value.items() if isinstance(value, dict) and depth < _DEPTH else ():
        if name.lower() not in _BESIDE - {"links"}:
            yield name, below
            yield from _envelope(below, depth + 1)


_MORE: Final = frozenset({"next", "cursor", "continuation", "truncated", "more"})


def _said(value: Any) -> Iterator[tuple[str, int]]:
    """What an envelope says of further pages, and of the number of all items."""
    for name, below in _envelope(value):
        words = set(words_of(name))
        pages = "page" in words or "pages" in words
        number = isinstance(below, int) and not isinstance(below, bool)
        if words & _MORE and not words & {"prev", "previous"} and below not in (None, "", False, 0):
            yield "more", 1
        elif "total" in words and pages and number:
            if below > 1:
                yield "more", 1
        elif number and ("total" in words or words == {"count"}):
            yield "total", below


def _has_word(parameter: Parameter, words: frozenset[str]) -> bool:
    own = words_of(parameter.name)
    return parameter.location == "query" and not words.isdisjoint((*own, "".join(own)))


def is_limit(parameter: Parameter) -> bool:
    """Whether a parameter of the query says how many items a list may have."""
    return _has_word(parameter, _LIMITS)


def is_mark(parameter: Parameter) -> bool:
    """Whether a parameter of the query takes what an earlier answer has handed out: a cursor."""
    token = "token" in words_of(parameter.name)
    return _has_word(parameter, _MARKS) or (token and _has_word(parameter, _OF_TOKENS))


def keywords_of(parameter: Parameter) -> Mapping[str, Any]:
    """The keywords of a parameter's schema, as they are written; none where it has no schema."""
    schema = parameter.value_schema
    value = schema.value if schema is not None else None
    return value if isinstance(value, Mapping) else {}


def _limit_of(parameter: Parameter) -> int | None:
    found = keywords_of(parameter).get("default")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def narrowing(operation: Operation, sent: Any, answered: Any) -> str:
    """Why what was created need not stand in a list, even one without an end; "" without a reason.

    A draft, or what is meant for somebody else; a list that is filtered if it is asked for no more.
    """
    for one in operation.parameters:
        if one.location == "query" and not _has_word(one, _PAGING | _SHAPING) and _filters(one):
            return f"{operation.id} may leave it out by its parameter {one.name}"
    for name, value in (*_properties(sent), *_properties(answered)):
        words = set(words_of(name))
        unseen = isinstance(value, str) and not _UNSEEN.isdisjoint(words_of(value))
        off = (value is False and words & _SEEN) or (value is True and words & _UNSEEN)
        if unseen or off:
            return f"what has {name}: {value!r} need not be listed"
    for name, _ in _properties(sent):
        if set(words_of(name)) & _SCOPES:
            return f"{operation.id} may list what is the caller's own, and {name} another's"
    return ""


def _filters(parameter: Parameter) -> bool:
    """Whether a filter may be in force although it is not sent: by a default, or a plain switch."""
    keywords = keywords_of(parameter)
    return "default" in keywords or keywords.get("type") == "boolean"


def _properties(value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, below in value.items() if isinstance(value, dict) and depth < _DEPTH else ():
        yield name, below
        yield from _properties(below, depth + 1)
