"""Is every string that one regular expression matches matched by another? If not: which is not?

Patterns are ECMA-262's, without the `u` flag's properties, lookarounds and backreferences: what is
regular. Each becomes an automaton; both are run side by side over all strings at once.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeAlias

__all__ = ["RegexInclusion", "compared"]

# The parser and its tree have no public names, and no types.
sre: Any = import_module("re._constants")
sre_parser: Any = import_module("re._parser")
Ranges: TypeAlias = tuple[tuple[int, int], ...]

_LAST = 0x10FFFF
_MOST_STATES = 2_000
_MOST_PAIRS = 3_000
_DIGITS: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = (
    (9, 13), (32, 32), (160, 160), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
    (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
_LINE_ENDS: Ranges = ((10, 10), (13, 13), (0x2028, 0x2029))
_PLAIN = tuple(map(ord, "a0A_-. b1xyzBXYZ"))


class _UnsupportedError(ValueError):
    """The pattern is not regular, or larger than is worth the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegexInclusion:
    """`contained` is None where it is not known; `witness` is a string of the difference."""

    contained: bool | None
    witness: str | None = None


@lru_cache(maxsize=256)
def compared(inner: str, outer: str) -> RegexInclusion:
    """Whether `outer` matches every string that `inner` matches, anywhere in it unless anchored."""
    try:
        return _walk(_automaton(inner), _automaton(outer))
    except (_UnsupportedError, re.error, RecursionError, OverflowError):
        return RegexInclusion(contained=None)


@dataclass(slots=True)
class _Automaton:
    """States are numbers. A step reads a character, or is free, perhaps only at the text's edge."""

    steps: list[list[tuple[Ranges, int]]] = field(default_factory=list)
    _known: dict[tuple[frozenset[int], int], frozenset[int]] = field(default_factory=dict)
    free: list[list[tuple[str, int]]] = field(default_factory=list)
    start: int = 0
    accept: int = 0

    def state(self) -> int:
        if len(self.steps) >= _MOST_STATES:
            raise _UnsupportedError
        self.steps.append([])
        self.free.append([])
        return len(self.steps) - 1

    def closure(self, states: Iterable[int], *, begins: bool, ends: bool = False) -> frozenset[int]:
        """The states that are reached without reading; anchors hold at the edges of the text."""
        allowed = {""} | ({"begin"} if begins else set()) | ({"end"} if ends else set())
        seen, waiting = set(states), list(states)
        while waiting:
            for kind, target in self.free[waiting.pop()]:
                if kind in allowed and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)

    def after(self, states: frozenset[int], letter: int) -> frozenset[int]:
        key = (states, letter)
        if key not in self._known:
            self._known[key] = self._reached(states, letter)
        return self._known[key]

    def _reached(self, states: frozenset[int], letter: int) -> frozenset[int]:
        reached = {
            target
            for state in states
            for ranges, target in self.steps[state]
            if _is_in(letter, ranges)
        }
        return self.closure(reached, begins=False)

    def accepts(self, states: frozenset[int], *, begins: bool) -> bool:
        return self.accept in self.closure(states, begins=begins, ends=True)


@lru_cache(maxsize=256)
def _automaton(pattern: str) -> _Automaton:
    tree = sre_parser.parse(pattern)
    # `(?i)` and its like are no flags of ECMA 262 patterns.
    if tree.state.flags & ~sre.SRE_FLAG_UNICODE:
        raise _UnsupportedError
    made = _Automaton()
    made.start, made.accept = made.state(), made.state()
    # The pattern may stand anywhere: any text before it, any text after it.
    made.steps[made.start].append((((0, _LAST),), made.start))
    made.steps[made.accept].append((((0, _LAST),), made.accept))
    end = _sequence(made, list(tree), made.start, fresh=True)
    made.free[end].append(("", made.accept))
    return made


def _sequence(made: _Automaton, items: Iterable[Any], at: int, *, fresh: bool = False) -> int:
    # A state of its own, so that the steps of one branch or round are not those of another.
    if fresh:
        here = made.state()
        made.free[at].append(("", here))
        at = here
    for operator, argument in items:
        at = _piece(made, operator, argument, at)
    return at


def _piece(made: _Automaton, operator: Any, argument: Any, at: int) -> int:
    if operator in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
        target = made.state()
        made.steps[at].append((_characters(operator, argument), target))
        return target
    if operator is sre.AT:
        return _anchor(made, argument, at)
    if operator is sre.SUBPATTERN:
        _, adds, drops, inside = argument
        if adds or drops:
            raise _UnsupportedError
        return _sequence(made, inside, at)
    if operator is sre.BRANCH:
        target = made.state()
        for branch in argument[1]:
            end = _sequence(made, branch, at, fresh=True)
            made.free[end].append(("", target))
        return target
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return _repeat(made, argument, at)
    raise _UnsupportedError


def _anchor(made: _Automaton, kind: Any, at: int) -> int:
    names = {sre.AT_BEGINNING: "begin", sre.AT_END: "end"}
    if kind not in names:
        raise _UnsupportedError
    target = made.state()
    made.free[at].append((names[kind], target))
    return target


def _repeat(made: _Automaton, argument: Any, at: int) -> int:
    least, most, inside = argument
    # Counts are written out, which the limit of states bounds.
    for _ in range(least):
        at = _sequence(made, inside, at, fresh=True)
    if most is sre.MAXREPEAT:
        loop = made.state()
        made.free[at].append(("", loop))
        end = _sequence(made, inside, loop, fresh=True)
        made.free[end].append(("", loop))
        return loop
    target = made.state()
    made.free[at].append(("", target))
    for _ in range(most - least):
        at = _sequence(made, inside, at, fresh=True)
        made.free[at].append(("", target))
    return target


def _characters(operator: Any, argument: Any) -> Ranges:
    if operator is sre.LITERAL:
        return ((argument, argument),)
    if operator is sre.NOT_LITERAL:
        return _others([(argument, argument)])
    if operator is sre.ANY:
        return _others(_LINE_ENDS)
    ranges = [one for item in argument for one in _class_item(*item)]
    return _others(ranges) if argument[0][0] is sre.NEGATE else tuple(sorted(ranges))


def _class_item(operator: Any, argument: Any) -> Ranges:
    if operator is sre.NEGATE:
        return ()
    if operator is sre.LITERAL:
        return ((argument, argument),)
    if operator is sre.RANGE:
        return (argument,)
    known = {
        sre.CATEGORY_DIGIT: _DIGITS,
        sre.CATEGORY_WORD: _WORD,
        sre.CATEGORY_SPACE: _SPACE,
        sre.CATEGORY_NOT_DIGIT: _others(_DIGITS),
        sre.CATEGORY_NOT_WORD: _others(_WORD),
        sre.CATEGORY_NOT_SPACE: _others(_SPACE),
    }
    if argument not in known:
        raise _UnsupportedError
    return known[argument]


def _others(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Every character outside of the ranges."""
    found, low = [], 0
    for first, last in sorted(ranges):
        if first > low:
            found.append((low, first - 1))
        low = max(low, last + 1)
    if low <= _LAST:
        found.append((low, _LAST))
    return tuple(found)


def _letters(*automata: _Automaton) -> list[int]:
    """One character for each class that no step tells apart, the plain ones first."""
    told = {ranges for made in automata for steps in made.steps for ranges, _ in steps}
    edges = {0} | {edge for ranges in told for low, high in ranges for edge in (low, high + 1)}
    # Between two edges no step tells characters apart, so that one of them stands for all.
    starts = sorted(edge for edge in edges if edge <= _LAST)
    bounds = [*starts[1:], _LAST + 1]
    chosen = [_plainest(low, high - 1) for low, high in zip(starts, bounds, strict=True)]
    plain = sorted((one for one in chosen if one is not None), key=_plainness)
    classes: dict[tuple[bool, ...], int] = {}
    for letter in plain:
        classes.setdefault(tuple(_is_in(letter, ranges) for ranges in told), letter)
    return list(classes.values())


def _is_in(letter: int, ranges: Ranges) -> bool:
    return any(low <= letter <= high for low, high in ranges)


def _plainest(low: int, high: int) -> int | None:
    """A character of the range that JSON can carry; surrogates alone are none."""
    for letter in _PLAIN:
        if low <= letter <= high:
            return letter
    # Python's strings hold lone surrogates, and UTF-8 does not.
    if low >= 0xD800 and high <= 0xDFFF:
        return None
    visible = max(low, 33) if low <= 126 and high >= 33 else low
    return high if 0xD800 <= visible <= 0xDFFF else visible


def _plainness(letter: int) -> tuple[int, int]:
    return (_PLAIN.index(letter) if letter in _PLAIN else len(_PLAIN), letter)


def _walk(inner: _Automaton, outer: _Automaton) -> RegexInclusion:
    """Breadth first, so that the witness is among the shortest."""
    letters = _letters(inner, outer)
    start = (
        inner.closure([inner.start], begins=True),
        outer.closure([outer.start], begins=True),
    )
    waiting = deque([(*start, "")])
    seen = {(start, True)}
    while waiting:
        one, other, text = waiting.popleft()
        begins = not text
        if inner.accepts(one, begins=begins) and not outer.accepts(other, begins=begins):
            return RegexInclusion(contained=False, witness=text)
        for pair, letter in _next(inner, outer, one, other, letters):
            if (pair, False) not in seen:
                seen.add((pair, False))
                waiting.append((*pair, text + chr(letter)))
        # Subset construction may grow exponentially.
        if len(seen) > _MOST_PAIRS:
            raise _UnsupportedError
    return RegexInclusion(contained=True)


def _next(
    inner: _Automaton,
    outer: _Automaton,
    one: frozenset[int],
    other: frozenset[int],
    letters: list[int],
) -> Iterator[tuple[tuple[frozenset[int], frozenset[int]], int]]:
    for letter in letters:
        reached = inner.after(one, letter)
        # Where the inner pattern has failed for good, nothing can be a witness any more.
        if reached:
            yield (reached, outer.after(other, letter)), letter
