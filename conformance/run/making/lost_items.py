"""Items of this run that are found no more: an earlier request has renamed or removed them."""

from __future__ import annotations

from collections import Counter

from conformance.cases.case import Case
from conformance.cases.controls import candidates
from conformance.http.exchange import Answer, Request
from conformance.judgement.states import GONE
from conformance.run.making.providing import RENAMED, most_provided, provide
from conformance.run.session.session import Session
from conformance.run.things.item_placement import about
from conformance.run.things.named_things import Thing
from spec.contract.resource_paths import collections_in
from spec.model.contract_model import Operation

__all__ = ["LostItems"]

MOST_ASKED = 40
"""So often a GET is sent for one operation to see whether an item is there."""
MOST_PAID = 2
"""So often the good request is sent instead, where no GET reads the item, or it fails."""


class LostItems:
    """Tells a refusal of a request from the answer that its item is not there any more.

    A value that the server has changed on its way into the id, or an item that took this one with
    it, leaves no answer that says so: every request after it would be answered 404. `none_left`
    says that one is not there, and that no more are made; `made` counts what was made for the
    operation.
    """

    def __init__(self, session: Session, operation: Operation) -> None:
        self.session, self.operation = session, operation
        self._asked, self.made, self.none_left = Counter[str](), 0, False
        self.most = max(RENAMED, most_provided(operation, session.options.max_billable))

    async def replaced(self, control: Case, request: Request, answer: Answer) -> bool:
        """Whether the item of a request is there no more, and another one stands for it now."""
        things, removes = self.session.things, self.operation.method == "DELETE"
        thing = things.innermost(self.operation, request.target)
        if thing is None or answer.status not in GONE:
            return False
        # What a DELETE does not find is given up by that already.
        if things.is_there(thing) or (removes and thing in things.lost):
            if self.none_left or not await self._is_lost(control, thing):
                return False
            if self.made >= self.most:
                self.none_left = True
                return False
            things.lose(thing)
            await self.one_more()
        elif removes:
            return False  # it was removed before, as it was to be
        # Else requests at once have all been about it: one of them has asked.
        return things.has(thing.collection)

    async def one_more(self, *, more: bool = False) -> bool:
        """Make one more item, or what it belongs to; False where the operation has had enough.

        `more`: although one is there already.
        """
        if self.made >= self.most:
            return False
        self.made += 1
        await provide(self.session, self.operation, more=more)
        return True

    async def _is_lost(self, control: Case, thing: Thing) -> bool:
        """Whether GET of it says so or, where that fails, the good request about it."""
        reader = self._reader(thing)
        read = next(candidates(self.session.contract, reader, self.session.credentials), None)
        ways = [(self.operation, control.draft)]
        if reader is not self.operation and not self.session.options.excludes(reader):
            ways.insert(0, (reader, read))
        for operation, draft in ways:
            most = MOST_ASKED if operation.safe else MOST_PAID
            if draft is None or self._asked[operation.id] >= most:
                continue
            self._asked[operation.id] += 1
            secured = bool(draft.credential.schemes)
            again = about(operation, draft, thing).request()
            answer = await self.session.send(
                operation.id, again, control.clauses, authorized=secured
            )
            if answer.status < 500:
                return answer.status in GONE
        return False

    def _reader(self, thing: Thing) -> Operation:
        """What reads the item, or a part of it; the operation itself where nothing does."""
        of_it = self.session.things.resources.readers.get(thing.collection)
        if of_it is not None:
            return of_it
        parts = (
            one
            for one in self.session.contract.operations
            if one.method == "GET" and collections_in(one.path)[-1:] == (thing.collection,)
        )
        return next(parts, self.operation)
