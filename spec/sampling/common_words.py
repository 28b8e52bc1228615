"""Words that several patterns have in common, found by a search through their automata.

A string that has to match two patterns, or a pattern and a format, within a window of lengths, is a
path through the product of their automata. The product is built lazily and within a bound; of every
class of characters that the patterns tell apart only some characters are considered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random
from re import _constants as sre  # type: ignore[attr-defined,unused-ignore]  # the parse tree has no public names
from typing import Any, TypeAlias

from spec.sampling.automata import Automaton, IrregularPatternError, State, automata_of
from spec.sampling.patterns import PLAIN_CHARACTERS, holds

__all__ = ["words_in_common"]

_MOST_PLACES = 3_000
"""How many places of the product are explored; the rest of a larger one is not looked at."""
_MOST_STATES_LEFT = 1_500_000
"""How many automata and states are left by how many classes of characters, in all places."""
_SEARCH_STEPS = 20_000
_WORDS_TRIED = 12
_SEEDS = 256
"""So many words of a length are made at random: a search for one value asks thousands of times."""
_BEYOND = 24
"""How many characters more than the shortest word a word may have where nothing asks for them."""

Place: TypeAlias = tuple[State, ...]
"""One state of each automaton."""


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
    product = _explored(tuple(patterns), tuple(barred))
    if product is None:
        return
    for attempt in range(_WORDS_TRIED):
        word = product.word(
            shortest, longest, attempt if random is None else random.randrange(_SEEDS)
        )
        if word is None:
            return
        yield word


# A search for one value asks for the same patterns many times, and to explore costs the most.
@lru_cache(maxsize=8)
def _explored(patterns: tuple[str, ...], barred: tuple[str, ...]) -> _Product | None:
    """The product of the patterns; None where no word was found in it."""
    try:
        automata = [one for pattern in patterns for one in automata_of(pattern, barred=False)]
        automata += [one for pattern in barred for one in automata_of(pattern, barred=True)]
    except IrregularPatternError:
        return None
    product = _Product(automata)
    return product if product.explore() else None


class _Product:
    """The product of automata, as far as it was explored."""

    def __init__(self, automata: Sequence[Automaton]) -> None:
        self.automata = automata
        self.classes = _classes(automata)
        self.start: Place = tuple(one.closed(frozenset({0}), begins=True) for one in automata)
        self.steps: dict[Place, list[tuple[str, Place]]] = {}
        self.distance: dict[Place, int] = {}
        self._words: dict[tuple[int, int | None, int], str | None] = {}

    def explore(self) -> bool:
        """Find the places and how far each is from an end; whether the start leads to one."""
        pending = deque([self.start])
        before: dict[Place, list[Place]] = {self.start: []}
        left = 0
        while pending and len(self.steps) < _MOST_PLACES and left < _MOST_STATES_LEFT:
            place = pending.popleft()
            left += len(self.classes) * (len(place) + sum(map(len, place)))
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

    def word(self, shortest: int, longest: int | None, seed: int) -> str | None:
        """A word within the lengths; None where none was found."""
        asked = (shortest, longest, seed)
        if asked not in self._words:
            if len(self._words) >= _SEEDS:
                self._words.clear()
            self._words[asked] = self._word(shortest, longest, Random(seed))
        return self._words[asked]

    def _word(self, shortest: int, longest: int | None, random: Random) -> str | None:
        nearest = self.distance[self.start]
        most = max(nearest, shortest) + _BEYOND if longest is None else longest
        # Words of slightly different lengths, so that seeds give different ones.
        wanted = min(most, max(shortest, nearest + random.randint(0, 6)))
        failed: set[tuple[Place, int]] = set()
        trail = [(self.start, "", iter(self._ordered(self.start, 0, wanted, random)))]
        for _ in range(_SEARCH_STEPS):
            if not trail:
                return None
            place, _character, options = trail[-1]
            made = len(trail) - 1
            if made >= shortest and self.distance.get(place) == 0:
                return "".join(character for _, character, _ in trail)
            for characters, target in options:
                # A place from which no end is near enough is not entered: dead ends cost nothing.
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


def _classes(automata: Sequence[Automaton]) -> list[tuple[str, frozenset[Any]]]:
    """Characters that all automata treat alike, with the sets that have them."""
    sets = {
        members
        for one in automata
        for edges in one.edges
        for members, _ in edges
        if members is not None
    }
    known = dict.fromkeys(PLAIN_CHARACTERS)
    known |= dict.fromkeys(
        character for members in sets for character in _characters_named_by(members)
    )
    grouped: dict[frozenset[Any], str] = {}
    for character in known:
        admitting = frozenset(members for members in sets if _has_character(members, character))
        grouped[admitting] = grouped.get(admitting, "") + character
    return [(characters, admitting) for admitting, characters in grouped.items()]


def _characters_named_by(members: tuple[tuple[Any, Any], ...]) -> Iterator[str]:
    for operator, argument in members:
        codes = (
            (argument,) if operator is sre.LITERAL else argument if operator is sre.RANGE else ()
        )
        # JSON text cannot carry a lone surrogate (RFC 8259 section 8.2).
        yield from (chr(code) for code in codes if not 0xD800 <= code < 0xE000)


def _has_character(members: tuple[tuple[Any, Any], ...], character: str) -> bool:
    is_negated = bool(members) and members[0][0] is sre.NEGATE
    return holds(members[1:] if is_negated else members, ord(character)) is not is_negated
