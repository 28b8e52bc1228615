"""Places of a request that have been seen not to be checked, or to be checked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from conformance.cases.case import Case
from conformance.clauses.ids import local_part

__all__ = ["OpenPlaces", "place_of"]

_ALTERNATIVE = re.compile(r"\.(?:oneOf|anyOf|allOf)\[\d+\]")
_WITH_KEYWORDS = frozenset({"body", "parameters"})
"""Families whose clauses end with a keyword: what stands before it is the place."""
_EVERYTHING = {"security.missing": "security"}
"""What lets anybody in does not look at a credential at all."""


def place_of(case: Case) -> str:
    """What a case tries, whichever keyword and alternative it breaks: `body.steps[].id`."""
    local = local_part(case.clause)
    if case.family in _WITH_KEYWORDS:
        return _ALTERNATIVE.sub("", local.rpartition(".")[0])
    return _EVERYTHING.get(local, local)


class OpenPlaces:
    """What was accepted with a fault in it, so that its other faults can wait."""

    def __init__(self) -> None:
        self._open, self._checked = set[str](), set[str]()

    def note(self, place: str, *, accepted: bool) -> None:
        """Remember how a fault at the place was answered."""
        (self._open if accepted else self._checked).add(place)

    def is_open(self, place: str) -> bool:
        """Whether the place, or what it stands in, was seen not to be checked."""
        return any(_within(place, known) for known in self._open)

    def may_join(self, place: str, others: Iterable[str]) -> bool:
        """Whether a fault here may be sent beside others at once.

        Of a place of which nothing is known one fault is enough: each may cost a success.
        """
        if place in self._checked:
            return True
        return not any(_within(place, one) or _within(one, place) for one in others)


def _within(place: str, above: str) -> bool:
    # Nothing follows from the whole body: an array in its place says nothing of its properties.
    if place == above:
        return True
    return above != "body" and place.startswith((f"{above}.", f"{above}["))
