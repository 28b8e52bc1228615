"""Sends the cases of one operation: about things that are there, with values that are new."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.bulk_removals import bulk_removal
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request
from conformance.http.methods import is_safe
from conformance.http.request_drafts import Draft
from conformance.judgement import Judge, Observation
from conformance.judgement.allow_header import NO_METHOD
from conformance.judgement.json_answers import read_json
from conformance.run.making.lost_items import LostItems
from conformance.run.making.removal import remove_one, removers_of
from conformance.run.making.spoilt_items import SpoiltItems
from conformance.run.making.taken_ids import free_id
from conformance.run.session.budget import Budget
from conformance.run.session.session import Session
from conformance.run.things.fresh_keys import with_new_keys
from conformance.run.things.fresh_values import FreshValues
from conformance.run.things.item_lending import (
    deleted,
    lend,
    lend_listed,
    renewed,
    unspent,
    without_others,
)
from conformance.run.things.named_things import created
from conformance.run.things.thing_versions import with_version
from spec.contract.resource_paths import canonical
from spec.model.contract_model import Operation

__all__ = ["NO_CASE", "CaseSender"]

NO_CASE = Case(
    operation="",
    clauses=("",),
    family=ClauseKind.CONTROL,
    label="",
    request=Request(method="GET", target="/"),
    expect=Expect.ANYTHING,
)
"""Stands for the good request as long as none is known."""
_NOTHING_FRESH: FreshValues | None = None  # a name, so that the attribute has its type
MOST_BEFORE = 30
"""Requests since the last good one that are remembered: what made the next good one fail."""
_OF_QUOTAS = frozenset({402, 403})
"""What may be said of a good request where there is no room for more."""
_ASKED = 2
"""So often the good request may be asked for, to learn whether a quota is used up."""


class CaseSender:
    """Sends the cases of one operation, and judges what comes back.

    `declared` is the operation in the contract, `least` the accepted request with the least in it.
    `proven` says that a good request was seen to succeed. `used_up` are the statuses by which a
    repetition of the good request is refused, `refused` those of good requests where none was ever
    accepted, and `failures` what the failures among these said. `control` is the good request, and
    `fresh` gives it other values where it cannot be sent twice: `taken` is what a request that must
    keep its values is answered. `exhausted` are the documented statuses of what the run has used
    up: a quota, or things. `last_good` is the last good request that was accepted, as it was sent,
    with its answer; `since_good` are those after it, with their statuses, and `before` those before
    the last one that was `sent`, which counts them.
    """

    def __init__(self, operation: Operation, session: Session, judge: Judge) -> None:
        self.operation, self.declared = operation.id, operation
        self.session, self.judge = session, judge
        self.budget, self.proven = Budget(operation, session), False
        self.used_up, self.taken, self.refused = (frozenset[int]() for _ in range(3))
        self.exhausted, self._asked = frozenset[int](), 0
        self.failures = frozenset[bytes]()
        self.control, self.fresh = NO_CASE, _NOTHING_FRESH
        self.least: Draft | None = None
        self.last_good: tuple[Request, Answer] | None = None
        self.since_good = deque[tuple[Request, int]](maxlen=MOST_BEFORE)
        self.before, self.sent = tuple[tuple[Request, int], ...](), 0
        self._accepted, self._provided = set[Request](), 0
        self._lost = LostItems(session, operation)
        self._spoilt = SpoiltItems(session.things, operation)

    def accepted(self, answer: Answer) -> bool:
        """Whether a good request was answered as one."""
        return self.judge.accepts(self.declared, answer)

    async def send(self, case: Case) -> Answer:
        """The answer to a case; about another item, where the one that it was about is lost."""
        request = await self.aimed(case)
        answer = await self.deliver(case, request)
        if await self._lost.replaced(self.control, request, answer):
            return await self.deliver(case, await self.aimed(case))
        self.exhausted |= {answer.status} if self._lost.none_left else frozenset()
        if await self._replaces_spoilt(case, request, answer) and case.expect is Expect.ACCEPTED:
            return await self.deliver(case, await self.aimed(case))
        return answer

    async def _replaces_spoilt(self, case: Case, request: Request, answer: Answer) -> bool:
        """Whether the item of a request takes no good one any more, and another stands for it."""
        accepted, status = self.accepted(answer), answer.status
        thing = self._spoilt.suspect(case, request, accepted=accepted, status=status)
        if thing is None or self.control is NO_CASE or not self.budget.lasts:
            return False
        good = await self.deliver(self.control, await self.aimed(self.control))
        if not self._spoilt.note(thing, good, accepted=self.accepted(good)):
            return False
        await self._lost.one_more()
        return self.session.things.has(thing.collection)

    async def aimed(self, case: Case) -> Request:
        """The request of a case as it is sent: with new values, about a thing that is there."""
        request = self._renewed(case)
        request = with_new_keys(self.judge.contract, self.declared, case, request)
        request = replace(request, target=await self._target(request))
        if self.control is not NO_CASE:
            request = await self._handed_now(self.declared, request)
        if request.method == "DELETE":
            request = await self._of_own(self.declared, request)
        await free_id(self.session, self.declared, request)
        return self._versioned(self.declared, request)

    def _versioned(self, operation: Operation, request: Request) -> Request:
        """The request with the version that its thing has now, as optimistic locking asks for."""
        version = self.session.things.version(operation, request.target)
        good = self.control.draft.body if self.control.draft is not None else None
        # The first good request is still being looked for: what it says is good.
        good = read_json(request.body or b"").value if good is None else good
        return request if version is None else with_version(request, good, version)

    async def deliver(self, case: Case, request: Request) -> Answer:
        """The answer to the request of a case, which `aimed` has made."""
        self.session.trying = case.label
        answer = await self.session.send(
            self.operation, request, case.clauses, authorized=case.authorized
        )
        self.before, self.sent = tuple(self.since_good), self.sent + 1
        if request.method == self.declared.method and answer.status in NO_METHOD:
            self.session.unserved.add(self.operation)
        if self.accepted(answer):
            # By the request of the case: new values and other ids make it no other base.
            self._accepted.add(case.request)
            self._note_stored(case, request, answer)
            if not is_safe(request.method):
                self.session.stored_texts.accept(self.declared, request)
            self.since_good.clear()
            if case.expect is Expect.ACCEPTED and answer.trouble is None:
                self.last_good = (request, answer)
                self._remember(case, request)
                self.session.on_success(self.operation, answer)
        else:
            self.since_good.append((request, answer.status))
            if await self._is_exhausted(case, answer):
                self.exhausted |= {answer.status}
        return answer

    def _note_stored(self, case: Case, request: Request, answer: Answer) -> None:
        """Remember a fault that was stored: answers may show it from now on."""
        if case.expect is not Expect.REFUSED or is_safe(request.method):
            return
        good = case.base or self.control.draft
        new = created(self.session.things.resources, self.declared, request, answer)
        own = self.session.things.innermost(self.declared, request.target)
        thing = new.thing if new is not None else own
        sent = read_json(request.body or b"").value
        keys = [] if thing is None else [thing.ids[-1]]
        # An id that no answer has named may be that of nothing.
        if thing is None or (new is not None and not new.sure):
            keys.append(canonical(self.declared.path))
        for key in keys:
            self.judge.stored.note(key, sent, good.body if good is not None else None)

    def _remember(self, case: Case, request: Request) -> None:
        """Keep what was accepted for other operations: its values, and what a credential opens."""
        operation = self.declared
        if case.draft is None:
            return
        if operation.safe:
            self.session.vouchers[case.draft.credential.secrets] = (operation.id, request)
        self.session.listed.accept(operation, read_json(request.body or b"").value)

    async def has_ended(self, case: Case, answer: Answer) -> bool:
        """Whether its credential, which this run has seen accepted, is accepted no more."""
        secrets = case.draft.credential.secrets if case.draft else ()
        if answer.status != 401 or not secrets:
            return False
        if self.session.dead.isdisjoint(secrets) and secrets in self.session.vouchers:
            again = await self.session.send(*self.session.vouchers[secrets], authorized=True)
            self.session.dead.update(secrets if again.status == 401 else ())
        return not self.session.dead.isdisjoint(secrets)

    async def _is_exhausted(self, case: Case, answer: Answer) -> bool:
        """Whether the good request, which was accepted before, is now refused as well.

        Of a refusal that the contract documents so, a quota is the cause, and no value.
        """
        status, operation = answer.status, self.declared
        if (
            not self.proven
            or self._asked >= _ASKED
            or case.expect not in (Expect.ACCEPTED, Expect.REFUSED)
            or status not in _OF_QUOTAS - self.exhausted
            or is_safe(case.request.method)
            or operation.response_for(status) is None
        ):
            return False
        self._asked += 1
        request = await self.aimed(self.control)
        again = await self.session.send(
            self.operation, request, self.control.clauses, authorized=self.control.authorized
        )
        return again.status == status

    async def _target(self, request: Request) -> str:
        """The target of a request about a thing that is there, and that it alone removes."""
        operation = self.declared
        # An undeclared DELETE may reach nothing; a thing is only taken for one that removes.
        removes = request.method == "DELETE" == operation.method
        spends = operation.id in self.session.things.spent
        undeletes = operation.id in self.session.things.undeleting
        find = lend if removes else unspent if spends else deleted if undeletes else renewed
        target = find(self.session.things, operation, request)
        if target is None and await self._lost.one_more(more=True):
            await self._delete_latest(request)
            target = find(self.session.things, operation, request)
        return request.target if target is None else target

    async def _delete_latest(self, request: Request) -> None:
        """Delete what was made last, where the operation is one that brings it back."""
        session, things = self.session, self.session.things
        thing = things.innermost(self.declared, request.target)
        if self.operation not in things.undeleting or thing is None:
            return
        remover = removers_of(session.contract, session.options).get(thing.collection)
        made = things.made_in(thing.collection)
        if remover is not None and made:
            await remove_one(session, remover, made[-1])

    async def _handed_now(self, operation: Operation, request: Request) -> Request:
        """The request with what answers have handed out last; one that is used up is renewed."""
        handed, good = self.session.handed, self.control.request
        body = self.control.draft.body if self.control.draft is not None else None
        names = handed.stands_in(operation, good, body)
        for name in names:
            source = handed.source(name, operation) if handed.spent(name) else None
            named = self.judge.contract.operation(source[0]) if source is not None else None
            if source is None or named is None or self.session.options.excludes(named):
                continue
            if self._provided < self.session.options.max_billable:
                self._provided += 1
                await self.session.send(*source, authorized=named.secured)
        return handed.current(operation, good, request) if names else request

    async def _of_own(self, operation: Operation, request: Request) -> Request:
        """The request of what removes by a list, with nothing of anybody else in it."""
        things, contract = self.session.things, self.judge.contract
        bulk = bulk_removal(contract, operation)
        if bulk is None or operation.id in self.session.options.examples:
            return request
        found = lend_listed(things, operation, request, bulk)
        if found is None and await self._lost.one_more(more=True):
            found = lend_listed(things, operation, request, bulk)
        return found or without_others(things, operation, request, bulk)

    def _renewed(self, case: Case) -> Request:
        """The request, with new values where the good one cannot be sent twice."""
        if self.fresh is None or case.draft is None or not self._can_be_new(case):
            return case.request
        return self.fresh.renewed(case.draft).request()

    def _can_be_new(self, case: Case) -> bool:
        """Whether new values can be put into it: not into bytes that say no value, nor a fault."""
        if self.fresh is None:
            return True
        draft = case.draft
        # Bytes that were broken on purpose stay as they are: new values would mend them.
        as_drafted = draft is not None and draft.raw is None and case.request == draft.request()
        return draft is not None and as_drafted and self.fresh.renews(draft)

    async def is_good(self, subject: Subject, draft: Draft) -> bool:
        """Whether a request was seen accepted in this run, unchanged; it is sent if need be."""
        if draft.request() in self._accepted:
            return True
        case = subject.case(
            "control",
            ClauseKind.EDGES,
            "a request whose parts were accepted separately",
            draft,
            expect=Expect.ACCEPTED,
        )
        return self.budget.affords(case) and self.accepted(await self.send(case))

    def observe(self, case: Case, answer: Answer) -> list[Observation]:
        """What an answer shows, without writing it down."""
        # A fault on a base that was never accepted may be refused for its base.
        grounded = case.base is None or case.base.request() in self._accepted
        return self.judge.judge(
            case,
            answer,
            proven=self.proven and grounded,
            used_up=(self.used_up if self._can_be_new(case) else self.taken) | self.exhausted,
            refused=self.refused,
            failures=self.failures,
            stored_before=self.stored_before(case, answer) is not None,
        )

    def stored_before(self, case: Case, answer: Answer) -> tuple[Operation, Request] | None:
        """The request that has stored a text of a good one, which is refused for that, perhaps."""
        if case.expect is not Expect.ACCEPTED or self.accepted(answer):
            return None
        if is_safe(case.request.method):
            return None
        good = self.control.draft.body if self.control.draft is not None else None
        return self.session.stored_texts.taken_by(case.request, good, answer)
