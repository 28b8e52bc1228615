"""Finite automata of patterns: what several of them have in common, and a word of it.

Patterns of ECMA-262 without back-references are regular languages, and so are the formats. A string
that has to match two patterns, or a pattern and a format, within a window of lengths, is a path
through the product of their automata. It is searched lazily and within a bound; only some
characters are considered, of every class that the patterns tell apart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from re import _constants as sre  # type: ignore[attr-defined,unused-ignore]  # the parse tree has no public names
from typing import Any, TypeAlias

from spec.sampling.ecma import Tree, parsed
from spec.sampling.patterns import PLAIN_CHARACTERS, REPEATS, holds

__all__ = ["words_in_common"]

_MOST_STATES = 4_000
_MOST_PLACES = 3_000
_STEPS = 20_000
_WORDS = 12
_BEYOND = 24
"""How many characters more than the shortest word a word may have where nothing asks for them."""

State: TypeAlias = frozenset[int]
Place: TypeAlias = tuple[State, ...]


class _UnsupportedError(Exception):
    """The pattern is no regular language, or too large a one."""


@dataclass(slots=True)
class _Automaton:
    """A pattern as states with edges: by characters, or without one (`at` says where they lead).

    `is_barred` turns it around: what it accepts must not be.
    """

    is_barred: bool = False
    edges: list[list[tuple[Any, int]]] = field(default_factory=list)
    free: list[list[tuple[str, int]]] = field(default_factory=list)
    final: int = -1

    def state(self) -> int:
        if len(self.edges) >= _MOST_STATES:
            raise _UnsupportedError
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
        is_in = self.final in self.closed(states, begins=begins, ends=True)
        return is_in is not self.is_barred


def words_in_common(
    patterns: Sequence[str],
    barred: Sequence[str] = (),
    shortest: int = 0,
    longest: int | None = None,
    random: Random | None = None,
) -> Iterator[str]:
    """Words that match all of the patterns and none of the barred ones, within the lengths.

    Nothing is given where there is none, and for patterns that are no regular languages.
    """
    try:
        automata = [one for pattern in patterns for one in _of_pattern(pattern, barred=False)]
        automata += [one for pattern in barred for one in _of_pattern(pattern, barred=True)]
    except _UnsupportedError:
        return
    product = _Product(automata)
    if not product.explore():
        return
    for attempt in range(_WORDS):
        word = product.word(shortest, longest, random or Random(attempt))
        if word is None:
            return
        yield word


def _of_pattern(pattern: str, *, barred: bool) -> Iterator[_Automaton]:
    """The automaton of a pattern, and one for each lookahead that it begins with."""
    tree = parsed(pattern)
    if tree is None:
        raise _UnsupportedError
    begin = tree[:1] if tree and tree[0][0] is sre.AT and _place(tree[0][1]) == "begin" else []
    rest = list(tree[len(begin) :])
    while rest and rest[0][0] in (sre.ASSERT, sre.ASSERT_NOT) and rest[0][1][0] > 0:
        operator, argument = rest.pop(0)
        if not begin or barred:
            raise _UnsupportedError
        yield _made([*begin, *argument[1]], barred=operator is sre.ASSERT_NOT)
    yield _made([*begin, *rest], barred=barred)


def _made(tree: Tree, *, barred: bool) -> _Automaton:
    automaton = _Automaton(is_barred=barred)
    start = automaton.state()
    automaton.edges[start].append((None, start))
    automaton.final = _laid(automaton, tree, start)
    automaton.edges[automaton.final].append((None, automaton.final))
    return automaton


def _laid(automaton: _Automaton, tree: Tree, at: int) -> int:
    """Lay a tree from a state on; returns the state at its end."""
    for operator, argument in tree:
        at = _piece(automaton, operator, argument, at)
    return at


def _piece(automaton: _Automaton, operator: Any, argument: Any, at: int) -> int:
    members = _members(operator, argument)
    if members is not None:
        target = automaton.state()
        automaton.edges[at].append((members, target))
        return target
    if operator is sre.BRANCH:
        end = automaton.state()
        for branch in argument[1]:
            start = automaton.state()
            automaton.free[at].append(("", start))
            automaton.free[_laid(automaton, branch, start)].append(("", end))
        return end
    if operator is sre.SUBPATTERN:
        return _laid(automaton, argument[3], at)
    if operator in REPEATS:
        least, most, inner = argument
        return _repeated(automaton, (least, most), inner, at)
    if operator is sre.AT and (place := _place(argument)):
        target = automaton.state()
        automaton.free[at].append((place, target))
        return target
    raise _UnsupportedError


def _members(operator: Any, argument: Any) -> tuple[tuple[Any, Any], ...] | None:
    """The characters of one step, as the members of a set; None where it is no such step."""
    if operator is sre.LITERAL:
        return ((sre.LITERAL, argument),)
    if operator is sre.NOT_LITERAL:
        return ((sre.NEGATE, None), (sre.LITERAL, argument))
    if operator is sre.ANY:
        return ((sre.NEGATE, None), (sre.LITERAL, ord("\n")))
    return tuple(argument) if operator is sre.IN else None


def _repeated(automaton: _Automaton, counts: tuple[int, Any], tree: Tree, at: int) -> int:
    least, most = counts
    for _ in range(least):
        at = _laid(automaton, tree, at)
    if most is sre.MAXREPEAT:
        loop = automaton.state()
        automaton.free[at].append(("", loop))
        automaton.free[_laid(automaton, tree, loop)].append(("", loop))
        return loop
    end = automaton.state()
    for _ in range(most - least):
        automaton.free[at].append(("", end))
        at = _laid(automaton, tree, at)
    automaton.free[at].append(("", end))
    return end


def _place(argument: Any) -> str:
    if argument in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
        return "begin"
    return "end" if argument in (sre.AT_END, sre.AT_END_STRING) else ""


class _Product:
    """The product of automata, as far as it was explored."""

    def __init__(self, automata: Sequence[_Automaton]) -> None:
        self.automata = automata
        self.classes = _classes(automata)
        self.start: Place = tuple(one.closed(frozenset({0}), begins=True) for one in automata)
        self.steps: dict[Place, list[tuple[str, Place]]] = {}
        self.distance: dict[Place, int] = {}

    def explore(self) -> bool:
        """Find the places and how far each is from an end; whether the start leads to one."""
        pending = deque([self.start])
        before: dict[Place, list[Place]] = {self.start: []}
        while pending and len(self.steps) < _MOST_PLACES:
            place = pending.popleft()
            self.steps[place] = list(self._next(place))
            for _, target in self.steps[place]:
                if target not in before:
                    before[target] = []
                    pending.append(target)
                before[target].append(place)
        ends = deque(place for place in self.steps if self._is_end(place))
        self.distance = dict.fromkeys(ends, 0)
        while ends:
            place = ends.popleft()
            for earlier in before[place]:
                if earlier not in self.distance:
                    self.distance[earlier] = self.distance[place] + 1
                    ends.append(earlier)
        return self.start in self.distance

    def _next(self, place: Place) -> Iterator[tuple[str, Place]]:
        for characters, admitting in self.classes:
            target = tuple(
                one.closed(
                    frozenset(
                        to
                        for state in states
                        for members, to in one.edges[state]
                        if members is None or members in admitting
                    )
                )
                for one, states in zip(self.automata, place, strict=True)
            )
            if all(
                states or one.is_barred for one, states in zip(self.automata, target, strict=True)
            ):
                yield characters, target

    def _is_end(self, place: Place) -> bool:
        begins = place == self.start
        return all(
            one.accepts(states, begins=begins)
            for one, states in zip(self.automata, place, strict=True)
        )

    def word(self, shortest: int, longest: int | None, random: Random) -> str | None:
        """A word within the lengths; None where none was found."""
        nearest = self.distance[self.start]
        most = max(nearest, shortest) + _BEYOND if longest is None else longest
        wanted = min(most, max(shortest, nearest + random.randint(0, 6)))
        failed: set[tuple[Place, int]] = set()
        trail = [(self.start, "", iter(self._ordered(self.start, 0, wanted, random)))]
        for _ in range(_STEPS):
            if not trail:
                return None
            place, _character, options = trail[-1]
            made = len(trail) - 1
            if made >= shortest and self.distance.get(place) == 0:
                return "".join(character for _, character, _ in trail)
            for characters, target in options:
                left = self.distance.get(target)
                key = (target, made + 1)
                if left is None or made + 1 + left > most or key in failed:
                    continue
                ordered = iter(self._ordered(target, made + 1, wanted, random))
                trail.append((target, _picked(characters, random), ordered))
                break
            else:
                failed.add((place, made))
                trail.pop()
        return None

    def _ordered(
        self, place: Place, made: int, wanted: int, random: Random
    ) -> list[tuple[str, Place]]:
        """The steps from a place in the order to try them: straight to the end in good time."""
        steps = self.steps.get(place, [])
        shuffled = random.sample(steps, len(steps))
        if made + self.distance.get(place, 0) >= wanted:
            return sorted(shuffled, key=lambda step: self.distance.get(step[1], _MOST_PLACES))
        return sorted(shuffled, key=lambda step: not step[0][0].isalnum())


def _picked(characters: str, random: Random) -> str:
    plain = [one for one in characters if one.isascii() and one.isalnum()]
    return random.choice(plain or [one for one in characters if one.isprintable()] or characters)


def _classes(automata: Sequence[_Automaton]) -> list[tuple[str, frozenset[Any]]]:
    """Characters that all automata treat alike, with the sets that have them."""
    sets = {
        members
        for one in automata
        for edges in one.edges
        for members, _ in edges
        if members is not None
    }
    known = dict.fromkeys(PLAIN_CHARACTERS)
    known |= dict.fromkeys(character for members in sets for character in _named_by(members))
    grouped: dict[frozenset[Any], str] = {}
    for character in known:
        admitting = frozenset(members for members in sets if _has(members, character))
        grouped[admitting] = grouped.get(admitting, "") + character
    return [(characters, admitting) for admitting, characters in grouped.items()]


def _named_by(members: tuple[tuple[Any, Any], ...]) -> Iterator[str]:
    for operator, argument in members:
        codes = (
            (argument,) if operator is sre.LITERAL else argument if operator is sre.RANGE else ()
        )
        yield from (chr(code) for code in codes if not 0xD800 <= code < 0xE000)


def _has(members: tuple[tuple[Any, Any], ...], character: str) -> bool:
    is_negated = bool(members) and members[0][0] is sre.NEGATE
    return holds(members[1:] if is_negated else members, ord(character)) is not is_negated
