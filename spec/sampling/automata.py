"""Patterns as finite automata.

Patterns of ECMA-262 without back-references are regular languages, and so are the formats. A
lookahead at the start of a pattern becomes an automaton of its own, which must (or must not) accept
the same text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from re import _constants as sre  # type: ignore[attr-defined,unused-ignore]  # the parse tree has no public names
from typing import Any, TypeAlias

from spec.sampling.ecma import Tree, parsed
from spec.sampling.patterns import REPEATS

__all__ = ["Automaton", "IrregularPatternError", "State", "automata_of"]

_MOST_STATES = 4_000
"""A pattern such as `(a{1000}){1000}` would have a million states."""

State: TypeAlias = frozenset[int]
"""The states that an automaton can be in at once (it is nondeterministic)."""


class IrregularPatternError(Exception):
    """The pattern is no regular language, or too large a one."""


@dataclass(slots=True)
class Automaton:
    """A pattern as states with edges: by characters, or without one (`at` says where they lead).

    `is_barred` turns it around: what it accepts must not be.
    """

    is_barred: bool = False
    edges: list[list[tuple[Any, int]]] = field(default_factory=list)
    free: list[list[tuple[str, int]]] = field(default_factory=list)
    final: int = -1

    def state(self) -> int:
        """Add a state; its number. Raises IrregularPatternError where there are too many."""
        if len(self.edges) >= _MOST_STATES:
            raise IrregularPatternError
        self.edges.append([])
        self.free.append([])
        return len(self.edges) - 1

    def closed(self, states: State, *, begins: bool = False, ends: bool = False) -> State:
        """All states that are reached without a character."""
        found, pending = set(states), list(states)
        while pending:
            for at, target in self.free[pending.pop()]:
                passes = not at or (at == "begin" and begins) or (at == "end" and ends)
                if passes and target not in found:
                    found.add(target)
                    pending.append(target)
        return frozenset(found)

    def accepts(self, states: State, *, begins: bool) -> bool:
        """Whether the text may end in these states; `begins` where it is the empty text."""
        is_in = self.final in self.closed(states, begins=begins, ends=True)
        return is_in is not self.is_barred


def automata_of(pattern: str, *, barred: bool) -> Iterator[Automaton]:
    """The automaton of a pattern, and one for each lookahead that it begins with.

    Raises IrregularPatternError where the pattern has back-references, other lookarounds, or
    repetitions that would make it too large.
    """
    tree = parsed(pattern)
    if tree is None:
        raise IrregularPatternError
    begin = tree[:1] if tree and tree[0][0] is sre.AT and _anchor(tree[0][1]) == "begin" else []
    rest = list(tree[len(begin) :])
    while rest and rest[0][0] in (sre.ASSERT, sre.ASSERT_NOT) and rest[0][1][0] > 0:
        operator, argument = rest.pop(0)
        if not begin or barred:
            raise IrregularPatternError
        yield _automaton_of([*begin, *argument[1]], barred=operator is sre.ASSERT_NOT)
    yield _automaton_of([*begin, *rest], barred=barred)


def _automaton_of(tree: Tree, *, barred: bool) -> Automaton:
    automaton = Automaton(is_barred=barred)
    start = automaton.state()
    # JSON Schema patterns are not anchored (Validation section 6.3.3): anything may stand around.
    automaton.edges[start].append((None, start))
    automaton.final = _lay_tree(automaton, tree, start)
    automaton.edges[automaton.final].append((None, automaton.final))
    return automaton


def _lay_tree(automaton: Automaton, tree: Tree, at: int) -> int:
    """Lay a tree from a state on; returns the state at its end."""
    for operator, argument in tree:
        at = _lay_piece(automaton, operator, argument, at)
    return at


def _lay_piece(automaton: Automaton, operator: Any, argument: Any, at: int) -> int:
    members = _step_members(operator, argument)
    if members is not None:
        target = automaton.state()
        automaton.edges[at].append((members, target))
        return target
    if operator is sre.BRANCH:
        end = automaton.state()
        for branch in argument[1]:
            start = automaton.state()
            automaton.free[at].append(("", start))
            automaton.free[_lay_tree(automaton, branch, start)].append(("", end))
        return end
    if operator is sre.SUBPATTERN:
        return _lay_tree(automaton, argument[3], at)
    if operator in REPEATS:
        least, most, inner = argument
        return _lay_repetition(automaton, (least, most), inner, at)
    if operator is sre.AT and (place := _anchor(argument)):
        target = automaton.state()
        automaton.free[at].append((place, target))
        return target
    raise IrregularPatternError


def _step_members(operator: Any, argument: Any) -> tuple[tuple[Any, Any], ...] | None:
    """The characters of one step, as the members of a set; None where it is no such step."""
    if operator is sre.LITERAL:
        return ((sre.LITERAL, argument),)
    if operator is sre.NOT_LITERAL:
        return ((sre.NEGATE, None), (sre.LITERAL, argument))
    # ECMA-262's `.` leaves out three more line ends; no format tells them apart.
    if operator is sre.ANY:
        return ((sre.NEGATE, None), (sre.LITERAL, ord("\n")))
    return tuple(argument) if operator is sre.IN else None


def _lay_repetition(automaton: Automaton, counts: tuple[int, Any], tree: Tree, at: int) -> int:
    least, most = counts
    for _ in range(least):
        at = _lay_tree(automaton, tree, at)
    if most is sre.MAXREPEAT:
        loop = automaton.state()
        automaton.free[at].append(("", loop))
        automaton.free[_lay_tree(automaton, tree, loop)].append(("", loop))
        return loop
    # `a{2,4}` is `aa` and two more that may each be skipped: an edge leads from each to the end.
    end = automaton.state()
    for _ in range(most - least):
        automaton.free[at].append(("", end))
        at = _lay_tree(automaton, tree, at)
    automaton.free[at].append(("", end))
    return end


def _anchor(argument: Any) -> str:
    if argument in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
        return "begin"
    return "end" if argument in (sre.AT_END, sre.AT_END_STRING) else ""
