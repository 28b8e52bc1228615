"""Items of this run that are spoilt: what was stored makes good requests about them fail."""

from __future__ import annotations

from collections import Counter

from conformance.cases.case import Case, Expect
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request
from conformance.http.methods import is_safe
from conformance.judgement.states import GONE
from conformance.run.things.known_items import KnownItems
from conformance.run.things.named_things import Thing
from spec.model.contract_model import Operation

__all__ = ["SpoiltItems"]

MOST_WELL = 3
"""So many items of one operation are looked after, and are well, after answers of one status."""
_OF_VALUES = frozenset({ClauseKind.EDGES, ClauseKind.PROPERTIES, ClauseKind.STEADINESS})
"""Families of good requests that are refused for a value, if at all, and not for their form."""
_OF_OTHERS = (*GONE, 0, 401, 403, 429)
"""What is answered for another reason than what is stored."""


class SpoiltItems:
    """Says when to ask whether an item still takes the good request of an `operation`.

    Otherwise every later request about it would be refused: faults would seem to be checked, and
    good values to be refused. A value that was refused may have been stored all the same.
    `_well` counts the items that took it, by the status that made them suspect.
    """

    def __init__(self, things: KnownItems, operation: Operation) -> None:
        self.things, self.operation = things, operation
        self._well = Counter[int]()

    def suspect(self, case: Case, request: Request, *, accepted: bool, status: int) -> Thing | None:
        """The item that is to be asked about after a request; None mostly."""
        thing = self.things.innermost(self.operation, request.target)
        if thing is None or is_safe(request.method) or request.method == "DELETE":
            return None
        if accepted:
            odd = case.expect is Expect.REFUSED
        else:
            good = case.expect is Expect.ACCEPTED and case.family in _OF_VALUES
            odd = good and status not in _OF_OTHERS
        known = thing in self.things.spoilt or self._well[status] >= MOST_WELL
        return thing if odd and not known else None

    def note(self, thing: Thing, status: int, answer: Answer, *, accepted: bool) -> bool:
        """Remember what the answer to the good request shows: True where it is used no more."""
        if accepted or answer.status in _OF_OTHERS:
            self._well[status] += accepted
            return False
        self.things.spoilt.add(thing)
        return True
