"""Is every string that one regular expression matches matched by another? If not: which is not?

Each pattern becomes an automaton; both are run side by side over all strings at once.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from conformance.diff.inclusion.regex_automaton import (
    LAST_CHARACTER,
    RegexAutomaton,
    UnsupportedPatternError,
    automaton,
    is_in,
)

__all__ = ["RegexInclusion", "compared"]

_MOST_PAIRS = 3_000
"""Pairs of state sets; the subset construction may need exponentially many."""
_PLAIN = tuple(map(ord, "a0A_-. b1xyzBXYZ"))
"""Letters that a witness has rather than others: they are read at a glance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegexInclusion:
    """`contained` is None where it is not known; `witness` is a string of the difference."""

    contained: bool | None
    witness: str | None = None


@lru_cache(maxsize=256)
def compared(inner: str, outer: str) -> RegexInclusion:
    """Whether `outer` matches every string that `inner` matches, anywhere in it unless anchored."""
    try:
        return _walk(automaton(inner), automaton(outer))
    except (UnsupportedPatternError, re.error, RecursionError, OverflowError):
        return RegexInclusion(contained=None)


def _letters(*automata: RegexAutomaton) -> list[int]:
    """One character for each class that no step tells apart, the plain ones first."""
    told = {ranges for made in automata for steps in made.steps for ranges, _ in steps}
    edges = {0} | {edge for ranges in told for low, high in ranges for edge in (low, high + 1)}
    # Between two edges no step tells characters apart, so that one of them stands for all.
    starts = sorted(edge for edge in edges if edge <= LAST_CHARACTER)
    bounds = [*starts[1:], LAST_CHARACTER + 1]
    chosen = [_plainest(low, high - 1) for low, high in zip(starts, bounds, strict=True)]
    plain = sorted((one for one in chosen if one is not None), key=_plainness)
    classes: dict[tuple[bool, ...], int] = {}
    for letter in plain:
        classes.setdefault(tuple(is_in(letter, ranges) for ranges in told), letter)
    return list(classes.values())


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


def _walk(inner: RegexAutomaton, outer: RegexAutomaton) -> RegexInclusion:
    """Breadth first, so that the witness is among the shortest."""
    letters = _letters(inner, outer)
    start = (
        inner.closure([inner.start], begins=True),
        outer.closure([outer.start], begins=True),
    )
    waiting = deque([(*start, "")])
    # The beginning is a pair of its own: `^` holds there, and at no later visit.
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
            raise UnsupportedPatternError
    return RegexInclusion(contained=True)


def _next(
    inner: RegexAutomaton,
    outer: RegexAutomaton,
    one: frozenset[int],
    other: frozenset[int],
    letters: list[int],
) -> Iterator[tuple[tuple[frozenset[int], frozenset[int]], int]]:
    for letter in letters:
        reached = inner.after(one, letter)
        # Where the inner pattern has failed for good, nothing can be a witness any more.
        if reached:
            yield (reached, outer.after(other, letter)), letter
