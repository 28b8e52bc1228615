"""What is sent for a case: the request of the case about things that are there, with new values."""

from __future__ import annotations

from typing import Any

from conformance.cases.case import Case, Expect
from conformance.clauses.bulk_removals import bulk_removal
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Request
from conformance.run.making.lost_items import LostItems
from conformance.run.making.removal import remove_one, removers_of
from conformance.run.making.taken_ids import free_id
from conformance.run.session.session import Session
from conformance.run.things.fresh_ids import unused_target
from conformance.run.things.fresh_keys import with_new_keys
from conformance.run.things.fresh_values import FreshValues
from conformance.run.things.item_lending import lend_listed, lent_target, without_others
from conformance.run.things.thing_versions import with_version
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["NO_CASE", "CaseAimer"]

NO_CASE = Case(
    operation="",
    clauses=("",),
    family=ClauseKind.CONTROL,
    label="",
    request=Request(method="GET", target="/"),
    expect=Expect.ANYTHING,
)
"""Stands for the good request as long as none is known."""


class CaseAimer:
    """Makes the requests of one operation as they are sent.

    `declared` is the operation in the contract, `control` the good request, and `fresh` gives it
    other values where it cannot be sent twice.
    """

    def __init__(self, contract: Contract, operation: Operation, session: Session) -> None:
        self.contract, self.declared, self.session = contract, operation, session
        self.control = NO_CASE
        self.fresh: FreshValues | None = None
        self._lost = LostItems(session, operation)
        self._provided = 0

    async def aimed(self, case: Case) -> Request:
        """The request of a case as it is sent: with new values, about a thing that is there."""
        request = self._renewed(case)
        request = with_new_keys(self.contract, self.declared, case, request)
        request = request.to(await self._target(request))
        if self.control is not NO_CASE:
            request = await self._handed_now(request)
        if request.method == "DELETE":
            request = await self._of_own(request)
        await free_id(self.session, self.declared, request)
        return self._versioned(request)

    @property
    def _good_body(self) -> Any:
        return self.control.draft.body if self.control.draft is not None else None

    def _renewed(self, case: Case) -> Request:
        """The request, with new values where the good one cannot be sent twice."""
        if self.fresh is None or case.draft is None or not self._can_be_new(case):
            return case.request
        return self.fresh.renewed(case.draft).request()

    def _can_be_new(self, case: Case) -> bool:
        """Whether new values can be put into it: not in the place of a fault."""
        if self.fresh is None:
            return True
        draft = case.draft
        return draft is not None and case.request == draft.request() and self.fresh.renews(draft)

    async def _target(self, request: Request) -> str:
        """The target of a request about a thing that is there, and that it alone removes.

        What is made at its path has an id that nobody has.
        """
        things, draft = self.session.things, self.control.draft
        if draft is not None:
            request = request.to(unused_target(things, self.declared, draft, request.target))
        target = lent_target(things, self.declared, request)
        if target is None and await self._lost.one_more(more=True):
            await self._delete_latest(request)
            target = lent_target(things, self.declared, request)
        return request.target if target is None else target

    async def _delete_latest(self, request: Request) -> None:
        """Delete what was made last, where the operation is one that brings it back."""
        session, things = self.session, self.session.things
        thing = things.innermost(self.declared, request.target)
        if thing is None or self.declared.id not in things.used.undeleting:
            return
        remover = removers_of(session.contract, session.options).get(thing.collection)
        made = things.made_in(thing.collection)
        if remover is not None and made:
            await remove_one(session, remover, made[-1])

    async def _handed_now(self, request: Request) -> Request:
        """The request with what answers have handed out last; one that is used up is renewed."""
        handed, good = self.session.handed, self.control.request
        names = handed.stands_in(self.declared, good, self._good_body)
        for name in names:
            source = handed.source(name, self.declared) if handed.spent(name) else None
            named = self.contract.operation(source[0]) if source is not None else None
            if source is None or named is None or self.session.options.excludes(named):
                continue
            if self._provided < self.session.options.max_billable:
                self._provided += 1
                await self.session.send(*source, authorized=named.secured)
        return handed.current(self.declared, good, request) if names else request

    async def _of_own(self, request: Request) -> Request:
        """The request of what removes by a list, with nothing of anybody else in it."""
        things, operation = self.session.things, self.declared
        bulk = bulk_removal(self.contract, operation)
        if bulk is None or operation.id in self.session.options.examples:
            return request
        found = lend_listed(things, operation, request, bulk)
        if found is None and await self._lost.one_more(more=True):
            found = lend_listed(things, operation, request, bulk)
        return found or without_others(things, operation, request, bulk)

    def _versioned(self, request: Request) -> Request:
        """The request with the version that its thing has now, as optimistic locking asks for."""
        version = self.session.things.version(self.declared, request.target)
        # The first good request is still being looked for: what it says is good.
        good = request if self.control is NO_CASE else self.control.request
        return request if version is None else with_version(request, good, version)
