"""Items of this run that a fault has spoilt: it was stored, and good requests about them fail."""

from __future__ import annotations

from conformance.cases.case import Case, Expect
from conformance.http.exchange import Answer, Request
from conformance.http.methods import is_safe
from conformance.judgement.states import GONE
from conformance.run.things.known_items import KnownItems
from conformance.run.things.named_things import Thing
from spec.model.contract_model import Operation

__all__ = ["SpoiltItems"]

MOST_WELL = 3
"""So many items of one operation are looked after, and are well, until one is found spoilt."""
MOST_REFUSED = 3
"""So many refused good requests are asked about."""
_OF_OTHERS = (*GONE, 0, 401, 403, 429)
"""What is answered for another reason than what is stored."""


class SpoiltItems:
    """Says when to ask whether an item still takes the good request of an `operation`.

    Otherwise every later request about it would be refused: faults would seem to be checked, and
    good values to be refused. `_tried` are the items that have stored what had to be refused.
    """

    def __init__(self, things: KnownItems, operation: Operation) -> None:
        self.things, self.operation = things, operation
        self._tried, self._well, self._refused = set[Thing](), 0, 0

    def suspect(self, case: Case, request: Request, *, accepted: bool, status: int) -> Thing | None:
        """The item that is to be asked about after a request; None mostly."""
        thing = self.things.innermost(self.operation, request.target)
        if thing is None or is_safe(request.method) or request.method == "DELETE":
            return None
        if accepted and case.expect is Expect.REFUSED:
            self._tried.add(thing)
            return thing if self._well < MOST_WELL else None
        refused = not accepted and case.expect is Expect.ACCEPTED and status not in _OF_OTHERS
        if thing in self._tried and refused and self._refused < MOST_REFUSED:
            self._refused += 1
            return thing
        return None

    def note(self, thing: Thing, answer: Answer, *, accepted: bool) -> bool:
        """Remember what the answer to the good request shows: True where it is used no more."""
        if accepted or answer.status in _OF_OTHERS:
            self._well += accepted
            return False
        self._tried.discard(thing)
        self.things.spoilt.add(thing)
        return True
