"""Places of a request that have been seen not to be checked, or to be checked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from conformance.cases.case import Case
from conformance.clauses.ids import local_part
from conformance.clauses.kinds import ClauseKind

__all__ = ["OpenPlaces", "breadth_first", "place_of"]

_ALTERNATIVE = re.compile(r"\.(?:oneOf|anyOf|allOf)\[\d+\]")
"""The part of a clause's name that says which alternative it is."""
_BODY = re.compile(r"body(?:\([^)]*\))?")
_WITH_KEYWORDS = frozenset({ClauseKind.BODY, ClauseKind.PARAMETERS})
"""Families whose clauses end with a keyword: what is before it is the place."""
_OF_ALL = frozenset({"type", "oneOf", "anyOf"})
"""Where values of another type are accepted, the other keywords of the value are not checked."""
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


class OpenPlaces:
    """What was accepted with a fault in it, so that its other faults can wait."""

    def __init__(self) -> None:
        self._open, self._unlooked, self._checked = set[str](), set[str](), set[str]()

    def note(self, case: Case, *, accepted: bool) -> None:
        """Remember how a fault was answered: what is open is its place, and checked its clause."""
        if not accepted:
            self._checked.add(case.clause)
            return
        place, keyword = place_of(case), case.clause.rpartition(".")[2]
        self._open.add(place)
        # Where a number is taken for a text, its length is not looked at either; a word among the
        # fields of a form is only read in another way.
        as_json = case.draft is None or case.draft.codec is None
        if (keyword in _OF_ALL and as_json and not case.partly) or place in _EVERYTHING.values():
            self._unlooked.add(place)

    def is_open(self, case: Case) -> bool:
        """Whether the place of a fault, or what it stands in, was seen not to be checked."""
        place = place_of(case)
        return any(_within(place, known) for known in self._open)

    def is_unlooked(self, case: Case) -> bool:
        """Whether nothing at all is asked of what the fault stands in."""
        place = place_of(case)
        return any(_within(place, known) for known in self._unlooked)

    def may_join(self, case: Case, others: Iterable[Case]) -> bool:
        """Whether a fault may be sent beside others at once.

        Of a place one fault is enough, each may cost a success; unless its clause was seen checked.
        """
        if case.clause in self._checked:
            return True
        place, places = place_of(case), map(place_of, others)
        return not any(_within(place, one) or _within(one, place) for one in places)


def _within(place: str, above: str) -> bool:
    # Nothing follows from the whole body: an array in its place says nothing of its properties.
    if place == above:
        return True
    return not _BODY.fullmatch(above) and place.startswith((f"{above}.", f"{above}["))
