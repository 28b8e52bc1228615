"""New values for the texts of a request that cannot be sent twice: a name that is taken."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.cases.operation_under_test import Subject
from conformance.clauses.collection_operations import collection_operations, last_name
from conformance.clauses.meaningful_names import is_any_name, may_tell_apart
from conformance.clauses.value_paths import Path, generalised, get, put
from conformance.http.request_drafts import NOTHING, Draft, dumps
from conformance.run.things.text_forms import letters, of_same_form
from conformance.run.things.thing_references import references

__all__ = ["FreshValues", "is_marked", "like", "takes_any", "texts"]

MOST_ALONE = 4
"""So many texts are renewed each by itself where all together are refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshValues:
    """Gives the places at `paths` a new value wherever a request has that of the good one there.

    A fault that stands in such a place is left as it is. The values are new in every run too: a
    deployment remembers what an earlier one has made.
    """

    subject: Subject
    paths: tuple[Path, ...]

    @classmethod
    def of(cls, subject: Subject) -> FreshValues | None:
        """For the places that are marked as unique, or else for all texts; None without any.

        Texts with a meaning are among them only where no others are: a pattern, or a URL.
        """
        able = [path for path in texts(subject.control.body) if _renewed(subject, path)]
        plain = [
            one for one in able if takes_any(subject, one) or is_marked(subject, one, "unique")
        ]
        every = plain or [one for one in able if _tells_apart(subject, one)]
        marked = [path for path in every if is_marked(subject, path, "unique")]
        return cls(subject=subject, paths=tuple(marked or every)) if every else None

    @classmethod
    def ways(cls, subject: Subject) -> Iterator[FreshValues]:
        """New values for what may have any, then for texts with a meaning as well.

        What is unique may be a pattern that stands beside a description, or the id of what is made.
        """
        first = cls.of(subject)
        if first is None:
            return
        yield first
        able = [path for path in texts(subject.control.body) if _renewed(subject, path)]
        others = [path for path in able if path not in first.paths]
        more = [one for one in others if _tells_apart(subject, one) or _is_own_id(subject, one)]
        if more and not is_marked(subject, first.paths[0], "unique"):
            yield cls(subject=subject, paths=(*first.paths, *more))

    @classmethod
    def alone(cls, subject: Subject) -> Iterator[FreshValues]:
        """New values for each text at the top by itself: another one may have to be known.

        A new thing has a name that nobody has, and belongs to something that is there.
        """
        first = cls.of(subject)
        paths = first.paths if first is not None and len(first.paths) > 1 else ()
        for path in [one for one in paths if len(one) == 1][:MOST_ALONE]:
            yield cls(subject=subject, paths=(path,))

    @classmethod
    def marked(cls, subject: Subject) -> FreshValues | None:
        """For the places that `x-conformance: {unique: true}` marks; None without any."""
        found = cls.of(subject)
        named = found is not None and is_marked(subject, found.paths[0], "unique")
        return found if named else None

    def renewed(self, draft: Draft) -> Draft:
        """The draft with new values."""
        if draft.raw is not None:
            return draft.but(raw=self._in_bytes(draft.raw))
        body = draft.body
        for path in self._places(draft):
            new = _renewed(self.subject, path)
            body = body if new is None else _put_alike(body, path, new)
        return draft if body is draft.body else draft.but(body=body)

    def renews(self, draft: Draft) -> bool:
        """Whether a place of the draft gets a new value."""
        if draft.raw is not None:
            return any(one.search(draft.raw) for one in map(self._written, self.paths))
        return next(self._places(draft), None) is not None

    def _in_bytes(self, raw: bytes) -> bytes:
        """Bytes that say no value, with new texts where those of the good request are written."""
        for path in self.paths:
            new = _renewed(self.subject, path)
            if new is not None:
                raw = dumps(new).join(self._written(path).split(raw))
        return raw

    def _written(self, path: Path) -> re.Pattern[bytes]:
        """The good text as JSON has it, where it is not the name of a member."""
        return re.compile(re.escape(dumps(get(self.subject.control.body, path))) + rb"(?!\s*:)")

    def _places(self, draft: Draft) -> Iterator[Path]:
        """The places with the value of the good request: another is a fault, and must arrive."""
        if draft.body is not NOTHING:
            good = self.subject.control.body
            yield from (one for one in self.paths if _at(draft.body, one) == _at(good, one))


def _put_alike(body: Any, path: Path, new: str) -> Any:
    """The body with a new text at a place, and with the same item wherever its list has it again.

    An item that stands twice may be the fault: it has to arrive as one.
    """
    changed = put(body, path, new)
    for depth in (depth for depth, step in enumerate(path) if isinstance(step, int)):
        items, item = get(body, path[:depth]), get(changed, path[: depth + 1])
        for at, one in enumerate(items):
            if at != path[depth] and one == items[path[depth]]:
                changed = put(changed, (*path[:depth], at), item)
    return changed


def texts(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of the texts in a value."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from texts(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from texts(below, (*path, index))


def is_marked(subject: Subject, path: Path, mark: str) -> bool:
    """Whether `x-conformance` marks the property at the path: `unique`, or `plain`."""
    wanted = generalised(path)
    for node in subject.body_nodes():
        given = node.keywords.get("x-conformance")
        # Of alternatives it is enough that one of them is marked.
        if node.steps == wanted and isinstance(given, dict) and given.get(mark) is True:
            return True
    return False


def takes_any(subject: Subject, path: Path) -> bool:
    """Whether a text at the path may be any text that the schema allows.

    SQL, a URL or a schedule means something that no schema says: neither a mark of a caller nor a
    new value takes its place. `x-conformance: {plain: true}` says so of any other property. What
    names another thing by its id names that one only.
    """
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    if references(subject.contract).of(subject.operation).names_a_thing(path):
        return False
    return is_any_name(name) and not is_marked(subject, path, "plain")


def _tells_apart(subject: Subject, path: Path) -> bool:
    name = path[-1] if path and isinstance(path[-1], str) else ""
    return may_tell_apart(name) and not is_marked(subject, path, "plain")


def _is_own_id(subject: Subject, path: Path) -> bool:
    """Whether it may be the id of what is made: a property called like that in the item's path."""
    resources = collection_operations(subject.contract)
    made = resources.items.get(resources.made_by(subject.operation) or "")
    return made is not None and path == (last_name(made),)


def _renewed(subject: Subject, path: Path) -> str | None:
    """An unused text that the contract allows there; None if it allows none.

    Members of an enum, constants and texts with a meaning have no other value of the same kind.
    """
    body, wire = subject.control.body, subject.wire
    old, token = get(body, path), secrets.token_hex(4)
    if wire is None or any(_fixed(node.keywords) for node in _nodes(subject, path)):
        return None
    for new in like(old, token):
        if new != old and wire.valid(subject.builder, put(body, path, new)):
            return new
    return None


def like(old: str, token: str) -> Iterator[str]:
    """Texts with the token in them, from the most like the old one to what any pattern may take."""
    name, at, domain = old.rpartition("@")
    if at:
        # Readers of addresses know the ends of domains, and take most letters before the `@`.
        yield f"{name}-{token}@{domain}"
    ends = (token, token.upper(), str(int(token, 16)), letters(token), letters(token).upper())
    for end in ends:
        yield from (f"{old}-{end}", f"{old}_{end}", f"{old}{end}", f"{old[:8]}{end}", end)
    yield f"{token}@example.com"
    yield from of_same_form(old)


def _nodes(subject: Subject, path: Path) -> Iterator[Any]:
    wanted = generalised(path)
    yield from (node for node in subject.body_nodes() if node.steps == wanted)


def _fixed(keywords: Any) -> bool:
    return "enum" in keywords or "const" in keywords


def _at(value: Any, path: Path) -> Any:
    try:
        return get(value, path)
    except (LookupError, TypeError):
        return NOTHING
