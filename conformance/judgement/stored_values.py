"""Values that were sent against those that are read back, one place at a time.

A server may write a value in its own way: another case, trimmed, with a prefix, masked, with more
digits, a list in another order or with more in it, an object with defaults. None of that is a loss.
What is a loss is another value that nothing explains.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.state_promises import is_shown
from conformance.clauses.value_paths import Path, Step, generalised
from spec.text.secrets import is_secret_name

__all__ = [
    "StoredOutcome",
    "Write",
    "agrees",
    "item_in",
    "same_value",
    "stored_outcomes",
    "value_at",
]

_ABSENT: Final = object()
_MASKS = ("***", "•••", "xxxx", "…")
"""Marks of a value that is hidden, or shown in part."""
_MOST_PAIRS = 10_000
"""Members of two lists that are compared with each other."""
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
"""A text that says a number; 15 digits are what a double keeps (IEEE 754)."""


class StoredOutcome(Enum):
    """What became of a value that was sent."""

    KEPT = "read back as it was sent"
    LOST = "another value is read back"
    OVERRULED = "another value is read back, and the answer to the request announced it"
    OPEN = "cannot be compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What was sent, what the answer said, and what was there `before`; None where it is new.

    `names` are the properties to compare, with what the contract says of them; `inner` says it of
    the places below them, by their steps. `listing`: what is read is an item of a list, which may
    show less than the thing has. `called` are the names of an answer for what is sent otherwise.
    `plainly`: what was there before was seen as it had been sent, so that it is no mask.
    """

    names: Mapping[str, SchemaNode]
    sent: Mapping[str, Any]
    answered: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    inner: Mapping[tuple[Step, ...], SchemaNode] = field(default_factory=dict)
    listing: bool = False
    called: Mapping[str, str] = field(default_factory=dict)
    plainly: bool = False

    def item(self, value: Any) -> Mapping[str, Any]:
        """The item of an answer, with what it calls otherwise under the names that are sent."""
        found = item_in(value, {*self.names, *self.called})
        other = {self.called[name]: one for name, one in found.items() if name in self.called}
        return {**other, **found}

    def node(self, path: Path) -> SchemaNode | None:
        """What the contract says of a place; None where it names none, as in a map."""
        return self.names.get(str(path[0])) if len(path) == 1 else self.inner.get(generalised(path))

    def compares(self, path: Path) -> bool:
        """Whether a member of an object comes back as it is: ids and credentials need not."""
        name, node = str(path[-1]), self.node(path)
        return name != "id" and not is_secret_name(name) and (node is None or is_shown(node))

    def chooses(self, path: Path) -> bool:
        """Whether another value may be right: a state of the server's, a date in another form."""
        node = self.node(path)
        return node is not None and not {"enum", "const", "format"}.isdisjoint(node.keywords)


def stored_outcomes(write: Write, read: Mapping[str, Any]) -> dict[Path, StoredOutcome]:
    """What became of each value that was sent: plain ones, those inside objects, and lists."""
    return {
        path: _outcome(write, path, read)
        for name in write.names
        if name in write.sent
        for path in _leaves(write, (name,), write.sent[name])
    }


def value_at(value: Any, path: Path) -> Any:
    """The value at a path of names; None where nothing is there."""
    found = _at(value, path)
    return None if found is _ABSENT else found


def same_value(sent: Any, read: Any, write: Write | None = None, path: Path = ()) -> bool | None:
    """Whether two values say the same, each in its own way; None where that is undecided.

    With a `write`, the contract's word on the place is asked: what may be another is undecided.
    """
    if read is _ABSENT:
        return None
    if isinstance(sent, list):
        return _same_list(sent, read, write, path)
    if isinstance(sent, dict):
        return _same_object(sent, read, write, path)
    same = _same_plain(sent, read)
    return None if same is False and write is not None and write.chooses(path) else same


def _leaves(write: Write, path: Path, sent: Any) -> Iterator[Path]:
    """The places that are compared: of an object its members, a list as a whole."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            if write.compares((*path, name)):
                yield from _leaves(write, (*path, name), value)
    elif sent is not None and sent not in ("", []):
        yield path


def _at(value: Any, path: Path) -> Any:
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            # Null or nothing, where there should be an object, is no detail that was left out.
            return None if value is None or (value == {} and step != path[0]) else _ABSENT
        value = value[step]
    return value


def _outcome(write: Write, path: Path, item: Mapping[str, Any]) -> StoredOutcome:
    sent, read, answered = (_at(one, path) for one in (write.sent, item, write.answered))
    if read is _ABSENT:
        # Many leave out what is empty, and details in general: only what was announced is missed.
        missed = sent and not write.listing and same_value(sent, answered)
        return StoredOutcome.LOST if missed else StoredOutcome.OPEN
    if write.before is not None:
        return _changed(write, sent, read, answered, before=_at(write.before, path))
    same = same_value(sent, read, write, path)
    if same is not False:
        return StoredOutcome.KEPT if same else StoredOutcome.OPEN
    if _words(read) == _words(answered):
        return StoredOutcome.OVERRULED
    return StoredOutcome.OPEN if _is_cut(sent, read) else StoredOutcome.LOST


def _changed(write: Write, sent: Any, read: Any, answered: Any, *, before: Any) -> StoredOutcome:
    """Of a change: what is there is neither lost nor kept where it was there before."""
    if same_value(sent, read):
        return StoredOutcome.OPEN if same_value(sent, before) else StoredOutcome.KEPT
    plain = write.plainly and isinstance(sent, str) and isinstance(read, str)
    if read != before or (same_value(sent, read) is None and not plain):
        return StoredOutcome.OPEN
    return StoredOutcome.OVERRULED if _words(read) == _words(answered) else StoredOutcome.LOST


def _same_list(sent: list[Any], read: Any, write: Write | None, path: Path) -> bool | None:
    """By what is in it: its order, what stands twice and what a server adds are no loss."""
    if read is None or read == []:
        return not sent
    if not isinstance(read, list) or len(sent) * len(read) > _MOST_PAIRS:
        return None
    found = [_best(same_value(one, other, write, (*path, 0)) for other in read) for one in sent]
    if False in found:
        return False
    return None if None in found or len(read) > len(sent) else True


def _best(found: Iterable[bool | None]) -> bool | None:
    every = set(found)
    return True if True in every else None if None in every else False


def _same_object(sent: dict[str, Any], read: Any, write: Write | None, path: Path) -> bool | None:
    """By the members of both; an id may stand in the place of what it names."""
    if not isinstance(read, dict):
        return None
    both = [name for name in sent if name in read and name != "id" and not is_secret_name(name)]
    found = {same_value(sent[name], read[name], write, (*path, name)) for name in both}
    return False if False in found else True if True in found else None


def _same_plain(sent: Any, read: Any) -> bool | None:
    if isinstance(read, (dict, list)):
        return None  # a name may come back as the thing that it names
    if sent is None or read is None:
        return sent is read
    if isinstance(sent, bool) or isinstance(read, bool):
        return _words(sent) == _words(read) or (read in (0, 1) and bool(read) is sent)
    if isinstance(sent, (int, float)):
        return _same_number(sent, read)
    if isinstance(read, str) and any(mark in read for mark in _MASKS):
        return None
    if _DECIMAL.fullmatch(sent) and _same_number(float(sent), read):
        return True  # `9.9` may be stored with two digits
    own, other = _words(sent), _words(read)
    # A prefix or suffix of the server; one or two letters stand in any text.
    return own == other or (len(own) > 2 and own in other)


def _same_number(sent: float, read: Any) -> bool:
    try:
        number = float(read)
    except (TypeError, ValueError, OverflowError):
        return False
    # Decimals may be stored with two digits.
    return math.isclose(sent, number, rel_tol=1e-9, abs_tol=0.005 if sent % 1 else 0.0)


def _words(value: Any) -> str:
    """A text without what may be normalised: case, spaces, punctuation, composed characters."""
    text = unicodedata.normalize("NFKC", str(value)).casefold()
    return "".join(one for one in text if one.isalnum())


def _is_cut(sent: Any, read: Any) -> bool:
    """Whether the end of a text was cut off."""
    shorter = _words(read)
    return isinstance(sent, str) and bool(shorter) and _words(sent).startswith(shorter)


def item_in(value: Any, names: Collection[str]) -> Mapping[str, Any]:
    """The item of an answer, bare or in an envelope: what has most of the properties."""
    # One level below at most: deeper objects are other things.
    found = [value, *value.values()] if isinstance(value, dict) else value
    items = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return max(items, key=lambda one: len(one.keys() & set(names)), default={})


def agrees(first: Any, second: Any, after: Any) -> bool:
    """Whether a third reading is like the first, but for what also differs in the second."""
    if isinstance(first, dict) and isinstance(second, dict):
        return (
            isinstance(after, dict)
            and first.keys() == after.keys()
            and all(agrees(first[name], second.get(name, _ABSENT), after[name]) for name in first)
        )
    return type(first) is type(after) if first != second else bool(first == after)
