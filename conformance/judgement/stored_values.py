"""Values that were sent against those that are read back, one property at a time.

A server may write a value in its own way: another case, trimmed, with a prefix, masked, with more
digits. None of that is a loss. What is a loss is another value that nothing explains.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from conformance.clauses.schema_nodes import SchemaNode

__all__ = ["StoredOutcome", "Write", "agrees", "item_in", "stored_outcomes"]

_ABSENT: Final = object()
_MASKS = ("***", "•••", "xxxx", "…")
"""Marks of a value that is hidden, or shown in part."""


_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


class StoredOutcome(Enum):
    """What became of a value that was sent."""

    KEPT = "read back as it was sent"
    LOST = "another value is read back"
    OVERRULED = "another value is read back, and the answer to the request announced it"
    OPEN = "cannot be compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What was sent, what the answer said, and what was there `before`; None where it is new.

    `names` are the properties to compare, with what the contract says of them.
    """

    names: Mapping[str, SchemaNode]
    sent: Mapping[str, Any]
    answered: Mapping[str, Any]
    before: Mapping[str, Any] | None = None


def stored_outcomes(write: Write, read: Mapping[str, Any]) -> dict[str, StoredOutcome]:
    """What became of each property that was sent with a plain value."""
    return {
        name: _fate(write, name, read.get(name, _ABSENT))
        for name in write.names
        if isinstance(write.sent.get(name), (str, int, float)) and write.sent[name] != ""
    }


def _fate(write: Write, name: str, read: Any) -> StoredOutcome:
    sent, answered = write.sent[name], write.answered.get(name, _ABSENT)
    if read is _ABSENT:
        # Many leave out what is empty, and details in general: only what was announced is missed.
        return StoredOutcome.LOST if sent and _same(sent, answered) else StoredOutcome.OPEN
    same = _same(sent, read)
    if write.before is not None:
        return _changed(sent, read, answered, before=write.before.get(name, _ABSENT))
    if same is not False:
        return StoredOutcome.KEPT if same else StoredOutcome.OPEN
    if _words(read) == _words(answered):
        return StoredOutcome.OVERRULED
    # A state may be the server's to choose, and a date has many spellings.
    chosen = {"enum", "const", "format"} & write.names[name].keywords.keys()
    return StoredOutcome.OPEN if chosen or _is_cut(sent, read) else StoredOutcome.LOST


def _changed(sent: Any, read: Any, answered: Any, *, before: Any) -> StoredOutcome:
    """Of a change: what is there is neither lost nor kept where it was there before."""
    if _same(sent, read):
        return StoredOutcome.OPEN if _same(sent, before) else StoredOutcome.KEPT
    if read != before or _same(sent, read) is None:
        return StoredOutcome.OPEN
    return StoredOutcome.OVERRULED if _words(read) == _words(answered) else StoredOutcome.LOST


def _same(sent: Any, read: Any) -> bool | None:
    """Whether two values say the same; None where that cannot be told."""
    if isinstance(read, (dict, list)) or read is _ABSENT:
        return None  # a name may come back as the thing that it names
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


def item_in(value: Any, names: Mapping[str, SchemaNode]) -> Mapping[str, Any]:
    """The item of an answer, bare or in an envelope: what has most of the properties."""
    # One level below at most: deeper objects are other things.
    found = [value, *value.values()] if isinstance(value, dict) else value
    items = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return max(items, key=lambda one: len(one.keys() & names.keys()), default={})


def agrees(first: Any, second: Any, after: Any) -> bool:
    """Whether a third reading is like the first, but for what also differs in the second."""
    if isinstance(first, dict) and isinstance(second, dict):
        return (
            isinstance(after, dict)
            and first.keys() == after.keys()
            and all(agrees(first[name], second.get(name, _ABSENT), after[name]) for name in first)
        )
    return type(first) is type(after) if first != second else bool(first == after)
