"""The violations of a value that is too large to be explained as a whole.

The validator copies the faulty part of a value for each fault, and finds all of them before it
tells the first: a list of a million faults costs gigabytes. So a large value is explained in parts
of a bounded size, until there are enough violations.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeAlias

from mock_server.model.problems import MOST_TOLD
from spec import Violation
from spec.model.pointers import escape, from_tokens, split

__all__ = ["explained"]

_ROOM = 1000
"""Members and items of a value that is explained as a whole, and of a part of a larger one."""
_WINDOW = 250
"""Members or items of one array or object that are looked at together."""
_TEXT = 4096
"""Characters of a string that are looked at, where its value is explained in parts."""
_SEEN_IN_PART = frozenset({"type", "additionalProperties", "unevaluatedProperties", "falseSchema"})
"""Keywords that an array or object fails although members or items of it are left out."""

_Explain: TypeAlias = Callable[[Any], Sequence[Violation]]
_Path: TypeAlias = "tuple[str | int, ...]"


@dataclass(slots=True, kw_only=True)
class _PartialValue:
    """A part of a value that keeps the shape of the whole.

    The arrays on the way to it have one item each. `shifts` say how far the items of an array, by
    its depth, have moved; `cut` are the pointers, in the part, of what is incomplete.
    """

    value: Any = None
    shifts: dict[int, int] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)

    def found(self, violation: Violation) -> Violation | None:
        """The violation at its place in the whole; None where the cutting may have made it."""
        if violation.keyword not in _SEEN_IN_PART and not self.cut.isdisjoint(
            {violation.pointer, violation.pointer.rpartition("/")[0]}
        ):
            return None
        tokens = split(violation.pointer)
        for depth, shift in self.shifts.items():
            if depth < len(tokens):
                tokens[depth] = str(int(tokens[depth]) + shift)
        return replace(violation, pointer=from_tokens(tokens))


def explained(
    value: Any, explain: _Explain, as_a_whole: Callable[[Any], Iterable[Violation]] | None = None
) -> tuple[Violation, ...]:
    """The violations of an invalid value: at most one more than the number that is reported.

    `as_a_whole` tells what no part shows: how many items there are, or that two are equal.
    """
    if _is_small(value):
        return tuple(explain(value))[: MOST_TOLD + 1]
    whole = islice(as_a_whole(value) if as_a_whole else (), MOST_TOLD + 1)
    found = {(one.pointer, one.message): one for one in whole}
    for part in _parts(value):
        for violation in explain(part.value):
            one = part.found(violation)
            if one is not None:
                found.setdefault((one.pointer, one.message), one)
        # One more than is shown, so that the refusal can say that there are more.
        if len(found) > MOST_TOLD:
            break
    # Where no part fails by itself, few keywords fail: the length of a list, say.
    return tuple(found.values())[: MOST_TOLD + 1] or tuple(explain(value))


def _is_small(value: Any) -> bool:
    room, waiting = _ROOM, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            room -= len(one) // _TEXT
        elif isinstance(one, (dict, list)):
            room -= len(one)
            if room >= 0:
                waiting += one.values() if isinstance(one, dict) else one
        if room < 0:
            return False
    return True


def _parts(value: Any) -> Iterator[_PartialValue]:
    """The beginning of everything, then each window of each long array and object."""
    first = _PartialValue()
    first.value = _cut(first, value, "", _ROOM)
    yield first
    for path, long in _long(value):
        for start, window in _windows(long):
            part = _PartialValue(
                shifts={len(path): start} if start and isinstance(window, list) else {}
            )
            part.value = _along(part, value, path, window)
            yield part


def _long(value: Any) -> Iterator[tuple[_Path, Any]]:
    waiting = deque[tuple[_Path, Any]]([((), value)] if isinstance(value, (dict, list)) else [])
    while waiting:
        path, one = waiting.popleft()
        if len(one) > _WINDOW:
            yield path, one
        members = one.items() if isinstance(one, dict) else enumerate(one)
        waiting += [((*path, key), v) for key, v in members if isinstance(v, (dict, list)) and v]


def _windows(long: Any) -> Iterator[tuple[int, Any]]:
    if isinstance(long, list):
        for start in range(0, len(long), _WINDOW):
            yield start, long[start : start + _WINDOW]
        return
    members = iter(long.items())
    while window := dict(islice(members, _WINDOW)):
        yield 0, window


def _along(
    part: _PartialValue, value: Any, path: _Path, window: Any, at: str = "", depth: int = 0
) -> Any:
    """The value with its other members cut, down to the window, of which all is there."""
    if not path:
        made = _cut(part, window, at, _ROOM)
        part.cut.add(at)
        return made
    first, rest = path[0], path[1:]
    if isinstance(value, list):
        part.cut.add(at)
        part.shifts[depth] = int(first)
        return [_along(part, value[int(first)], rest, window, f"{at}/0", depth + 1)]
    made = _cut(part, {**value, first: None}, at, _ROOM)
    below = f"{at}/{escape(str(first))}"
    made[first] = _along(part, value[first], rest, window, below, depth + 1)
    return made


def _cut(part: _PartialValue, value: Any, at: str, room: int) -> Any:
    """A copy of about `room` members and items; what is incomplete is noted."""
    if isinstance(value, str) and len(value) > _TEXT:
        part.cut.add(at)
        return value[:_TEXT]
    if not isinstance(value, (dict, list)) or not value:
        return value
    kept = max(min(room, _WINDOW), 0)
    if len(value) > kept:
        part.cut.add(at)
    below = (room - kept) // min(len(value), kept or 1)
    if isinstance(value, list):
        return [_cut(part, one, f"{at}/{i}", below) for i, one in enumerate(value[:kept])]
    return {
        key: _cut(part, one, f"{at}/{escape(key)}", below)
        for key, one in islice(value.items(), kept)
    }
