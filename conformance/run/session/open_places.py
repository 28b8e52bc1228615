"""Places of a request that have been seen not to be checked, or to be checked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from conformance.cases.case import Case
from conformance.clauses.ids import local_part
from conformance.clauses.kinds import ClauseKind

__all__ = ["OpenPlaces", "breadth_first", "place_of", "shows_all"]

_ALTERNATIVE = re.compile(r"\.(?:oneOf|anyOf|allOf)\[\d+\]")
"""The part of a clause's name that says which alternative it is."""
_BODY = re.compile(r"body(?:\([^)]*\))?")
_WITH_KEYWORDS = frozenset({ClauseKind.BODY, ClauseKind.PARAMETERS})
"""Families whose clauses end with a keyword: what is before it is the place."""
_OF_ALL = frozenset({"type", "oneOf", "anyOf"})
"""Where values of another type are accepted, the other keywords of the value are not checked."""
FEW = 2
"""Faults of one object that are sent one by one before anything is known of it."""
_OF_TEXT = frozenset({"minLength", "maxLength", "pattern", "format"})
"""Keywords of texts alone: a reader may skip them for what is no text, and only for that."""
_SIGNATURE = ("wrong", "forged", "unsigned", "altered")
_EVERYTHING = {
    "security.missing": "security",
    **{f"security.{aspect}": "security.signature" for aspect in _SIGNATURE},
}
"""What accepts a request without a credential does not look at credentials at all; and what accepts
a token that it never issued does not look at what makes it its own."""


def place_of(case: Case) -> str:
    """What a case tries, whichever keyword and alternative it breaks: `body.steps[].id`.

    That a property may be missing says nothing of its values: it is a place of its own.
    """
    # The alternatives of a value are one place: one validation decides them.
    local = _ALTERNATIVE.sub("", local_part(case.clause))
    place, _, keyword = local.rpartition(".")
    if case.family not in _WITH_KEYWORDS:
        return _EVERYTHING.get(local, local)
    if keyword != "required":
        return place
    above, _, name = place.rpartition(".")
    return f"{above}.?{name}"


def breadth_first(cases: Iterable[Case]) -> list[Case]:
    """One case of each clause, then a second one of each: what shows most comes first.

    Kinds of faults that other code lets in are apart: a null, or a fraction for an integer.
    """
    told = Counter[tuple[str, str]]()
    turns = list[tuple[int, Case]]()
    for case in cases:
        turns.append((told[case.clause, case.fault], case))
        told[case.clause, case.fault] += 1
    return [case for _, case in sorted(turns, key=lambda turn: turn[0])]


def shows_all(case: Case) -> bool:
    """Whether nothing at all is asked of the place of a fault where that is accepted.

    A word among the fields of a form is only read in another way.
    """
    as_json = case.draft is None or case.draft.codec is None
    of_all = _keyword(case) in _OF_ALL and as_json and not case.partly
    return of_all or place_of(case) in _EVERYTHING.values()


def _keyword(case: Case) -> str:
    return case.clause.rpartition(".")[2]


class OpenPlaces:
    """What was accepted with a fault in it, so that its other faults can wait."""

    def __init__(self) -> None:
        self._open, self._unlooked, self._checked = set[str](), set[str](), set[str]()
        self._replaced = set[str]()
        self._of_any_type = set[str]()
        self._tallies = defaultdict[Hashable, _Tally](_Tally)
        self._members = defaultdict[Hashable, _Tally](_Tally)

    def note(self, case: Case, *, accepted: bool) -> None:
        """Remember how a fault was answered: what is open is its place, and checked its clause."""
        for group in (*_holders(case), *_kind(case)):
            self._tallies[group].note(case.slot, accepted=accepted)
        # However much is wrong inside of a member, it is one member that is not looked at.
        for holder in _holders(case):
            self._members[holder].note(case.slot[: len(holder) + 1], accepted=accepted)
        if not accepted:
            self._checked.add(case.clause)
            return
        place = place_of(case)
        # What takes a list for the object of a body may read a text in another way.
        if _BODY.fullmatch(place) and place not in self._replaced:
            self._replaced.add(place)
            return
        self._open.add(place)
        if _keyword(case) in _OF_ALL:
            self._of_any_type.add(place)
        if shows_all(case):
            self._unlooked.add(place)

    def is_open(self, case: Case) -> bool:
        """Whether the place of a fault, or what it stands in, was seen not to be checked."""
        place = place_of(case)
        return any(_within(place, known) for known in self._open)

    def is_unlooked(self, case: Case) -> bool:
        """Whether nothing is asked of what the fault stands in, or of its kind, as far as seen."""
        place = place_of(case)
        # What takes a number for a text may ask for the length of a text all the same.
        own = place if _keyword(case) in _OF_TEXT else ""
        if any(_within(place, known) for known in self._unlooked - {own}):
            return True
        # Others of its kind may be refused: a null is let in where a value may be left out.
        if any(len(self._tallies[one].accepted) >= FEW for one in _kind(case)):
            return True
        return self._nearest(case).is_open and case.clause not in self._checked

    def expects_success(self, case: Case) -> bool:
        """Whether a fault will be accepted, by what was seen of its place and of its neighbours."""
        return self.is_open(case) or self.is_unlooked(case)

    def is_shown(self, case: Case) -> bool:
        """Whether what a fault stands in was accepted with another type, and others inside of it.

        They have one cause, of which it would show nothing new.
        """
        place = place_of(case)
        inside = any(place != one and _within(place, one) for one in self._of_any_type)
        return inside and self._nearest(case).is_open

    def is_checked(self, case: Case) -> bool:
        """Whether a fault will be refused: others of its clause were, and most of its kind."""
        if case.clause not in self._checked or self.is_open(case):
            return False
        return all(self._tallies[one].is_checked for one in _kind(case))

    def _nearest(self, case: Case) -> _Tally:
        """Of the objects around a fault the innermost of which something is known."""
        tallies = (self._members[one] for one in _holders(case))
        return next((one for one in tallies if one.tells), _Tally())

    def may_join(self, case: Case, others: Iterable[Case]) -> bool:
        """Whether a fault may be sent beside others at once.

        Of a place one fault is enough, each may cost a success; unless its clause was seen checked.
        """
        if case.clause in self._checked:
            return True
        others = list(others)
        place, places = place_of(case), map(place_of, others)
        if any(_within(place, one) or _within(one, place) for one in places):
            return False
        beside = Counter(group for one in others for group in (*_holders(one), *_kind(one)))
        groups = (*_holders(case), *_kind(case))
        return all(beside[one] < self._tallies[one].room for one in groups)


@dataclass(slots=True)
class _Tally:
    """How faults of one group were answered, by their slots."""

    accepted: set[Hashable] = field(default_factory=set)
    refused: set[Hashable] = field(default_factory=set)

    def note(self, slot: Hashable, *, accepted: bool) -> None:
        (self.accepted if accepted else self.refused).add(slot)

    @property
    def tells(self) -> bool:
        return len(self.accepted | self.refused) >= FEW

    @property
    def is_open(self) -> bool:
        """Whether the next one will be accepted as well, most probably."""
        return len(self.accepted) >= FEW and len(self.accepted) > len(self.refused)

    @property
    def is_checked(self) -> bool:
        """Whether the next one will be refused as well, most probably."""
        return self.tells and len(self.refused) > len(self.accepted)

    @property
    def room(self) -> int:
        """How many may be sent at once: few until some were refused."""
        return max(1, FEW + FEW * len(self.refused) - len(self.accepted))


def _holders(case: Case) -> Iterator[tuple[str | int, ...]]:
    """The objects and lists that a fault stands in, the innermost first."""
    return (case.slot[:end] for end in range(len(case.slot) - 1, 0, -1))


def _kind(case: Case) -> Iterator[Hashable]:
    """The kind of fault that it is, where that is one cause."""
    yield from [case.fault] if case.fault else []


def _within(place: str, above: str) -> bool:
    # Nothing follows from the whole body: an array in its place says nothing of its properties.
    if place == above:
        return True
    return not _BODY.fullmatch(above) and place.startswith((f"{above}.", f"{above}["))
