"""An automaton of a regular expression of ECMA-262.

Without the `u` flag's properties, lookarounds and backreferences: what is regular.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeAlias

__all__ = [
    "LAST_CHARACTER",
    "Ranges",
    "RegexAutomaton",
    "UnsupportedPatternError",
    "automaton",
    "is_in",
    "sre",
    "sre_parser",
]

# The parser and its tree have no public names, and no types.
sre: Any = import_module("re._constants")
sre_parser: Any = import_module("re._parser")
Ranges: TypeAlias = tuple[tuple[int, int], ...]

LAST_CHARACTER = 0x10FFFF
_MOST_STATES = 2_000
"""States of one automaton: `a{5000}` alone would have more."""
# The classes of ECMA-262 without the `u` flag: ASCII digits and letters, Unicode spaces. Python's
# own are wider, or narrower with re.ASCII.
_DIGITS: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = (
    (9, 13), (32, 32), (160, 160), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
    (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
_LINE_ENDS: Ranges = ((10, 10), (13, 13), (0x2028, 0x2029))
"""What `.` does not match (ECMA-262, LineTerminator); in Python that is `\\n` alone."""


class UnsupportedPatternError(ValueError):
    """The pattern is not regular, or larger than is worth the time."""


@dataclass(slots=True)
class RegexAutomaton:
    """States are numbers. A step reads a character, or is free, perhaps only at the text's edge."""

    steps: list[list[tuple[Ranges, int]]] = field(default_factory=list)
    _known: dict[tuple[frozenset[int], int], frozenset[int]] = field(default_factory=dict)
    free: list[list[tuple[str, int]]] = field(default_factory=list)
    start: int = 0
    accept: int = 0

    def state(self) -> int:
        """A new state, without steps.

        Raises:
            UnsupportedPatternError: there are too many.
        """
        if len(self.steps) >= _MOST_STATES:
            raise UnsupportedPatternError
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
        """The states that are reached by reading one character, given as its code point."""
        key = (states, letter)
        if key not in self._known:
            self._known[key] = self._reached(states, letter)
        return self._known[key]

    def _reached(self, states: frozenset[int], letter: int) -> frozenset[int]:
        reached = {
            target
            for state in states
            for ranges, target in self.steps[state]
            if is_in(letter, ranges)
        }
        return self.closure(reached, begins=False)

    def accepts(self, states: frozenset[int], *, begins: bool) -> bool:
        """Whether the text may end in these states; `begins` says that nothing was read."""
        return self.accept in self.closure(states, begins=begins, ends=True)


@lru_cache(maxsize=256)
def automaton(pattern: str) -> RegexAutomaton:
    """The automaton of a pattern, which may match anywhere in a text unless it is anchored.

    Raises:
        UnsupportedPatternError: the pattern is not regular, or needs too many states.
        re.error: Python cannot parse it.
    """
    tree = sre_parser.parse(pattern)
    # `(?i)` and its like are no flags of ECMA 262 patterns.
    if tree.state.flags & ~sre.SRE_FLAG_UNICODE:
        raise UnsupportedPatternError
    made = RegexAutomaton()
    made.start, made.accept = made.state(), made.state()
    # The pattern may stand anywhere: any text before it, any text after it.
    made.steps[made.start].append((((0, LAST_CHARACTER),), made.start))
    made.steps[made.accept].append((((0, LAST_CHARACTER),), made.accept))
    end = _sequence(made, list(tree), made.start, fresh=True)
    made.free[end].append(("", made.accept))
    return made


def _sequence(made: RegexAutomaton, items: Iterable[Any], at: int, *, fresh: bool = False) -> int:
    # A state of its own, so that the steps of one branch or round are not those of another.
    if fresh:
        here = made.state()
        made.free[at].append(("", here))
        at = here
    for operator, argument in items:
        at = _piece(made, operator, argument, at)
    return at


def _piece(made: RegexAutomaton, operator: Any, argument: Any, at: int) -> int:
    if operator in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
        target = made.state()
        made.steps[at].append((_characters(operator, argument), target))
        return target
    if operator is sre.AT:
        return _anchor(made, argument, at)
    if operator is sre.SUBPATTERN:
        _, adds, drops, inside = argument
        # `(?i:…)` changes how the letters inside are read.
        if adds or drops:
            raise UnsupportedPatternError
        return _sequence(made, inside, at)
    if operator is sre.BRANCH:
        target = made.state()
        for branch in argument[1]:
            end = _sequence(made, branch, at, fresh=True)
            made.free[end].append(("", target))
        return target
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return _repeat(made, argument, at)
    raise UnsupportedPatternError


def _anchor(made: RegexAutomaton, kind: Any, at: int) -> int:
    names = {sre.AT_BEGINNING: "begin", sre.AT_END: "end"}
    # A word boundary is regular too, but needs states for the character before it.
    if kind not in names:
        raise UnsupportedPatternError
    target = made.state()
    made.free[at].append((names[kind], target))
    return target


def _repeat(made: RegexAutomaton, argument: Any, at: int) -> int:
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
        raise UnsupportedPatternError
    return known[argument]


def _others(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Every character outside of the ranges."""
    found, low = [], 0
    for first, last in sorted(ranges):
        if first > low:
            found.append((low, first - 1))
        low = max(low, last + 1)
    if low <= LAST_CHARACTER:
        found.append((low, LAST_CHARACTER))
    return tuple(found)


def is_in(letter: int, ranges: Ranges) -> bool:
    """Whether a code point is in one of the ranges, whose ends belong to them."""
    return any(low <= letter <= high for low, high in ranges)
