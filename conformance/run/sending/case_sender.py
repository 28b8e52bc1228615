"""Sends the cases of one operation, and judges what comes back."""

from __future__ import annotations

from collections import deque

from conformance.cases.case import Case, Expect
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request
from conformance.http.methods import is_safe
from conformance.http.request_drafts import Draft
from conformance.judgement import Judge, Observation
from conformance.judgement.allow_header import NO_METHOD
from conformance.judgement.json_answers import read_json, read_leniently
from conformance.run.making.spoilt_items import SpoiltItems
from conformance.run.sending.case_aimer import NO_CASE, CaseAimer
from conformance.run.session.budget import Budget
from conformance.run.session.session import Session
from conformance.run.things.named_things import Thing, created
from conformance.run.things.request_sequences import MOST_KEPT
from spec.contract.resource_paths import canonical
from spec.model.contract_model import Operation

__all__ = ["CaseSender"]

MOST_BEFORE = 30
"""Requests since the last good one that are remembered: what made the next good one fail."""
_OF_QUOTAS = frozenset({402, 403, 423})
"""What may be said of a good request where there is no room for more, or the thing is locked."""
_ASKED = 2
"""So often the good request may succeed that is sent to learn whether a quota is used up."""


class CaseSender(CaseAimer):
    """Sends the cases of one operation, and judges what comes back.

    `least` is the accepted request with the least in it. `proven` says that a good request was seen
    to succeed. `used_up` are the statuses by which a repetition of the good request is refused,
    `taken` those of a request that must keep its values, `refused` those of good requests where
    none was ever accepted, and `failures` what the failures among these said. `exhausted` are the
    documented statuses of what the run has used up: a quota, or things. `last_good` is the last
    good request that was accepted, as it was sent, with its answer; `since_good` are those after
    it, with their statuses, and `before` those before the last one that was `sent`, which counts
    them.
    """

    def __init__(self, operation: Operation, session: Session, judge: Judge) -> None:
        super().__init__(judge.contract, operation, session)
        self.operation, self.judge = operation.id, judge
        self.budget, self.proven = Budget(operation, session), False
        self.used_up, self.taken, self.refused = (frozenset[int]() for _ in range(3))
        self.exhausted, self._asked = frozenset[int](), 0
        self.failures = frozenset[bytes]()
        self.least: Draft | None = None
        self.last_good: tuple[Request, Answer] | None = None
        self.since_good = deque[tuple[Request, int]](maxlen=MOST_BEFORE)
        self.before, self.sent = tuple[tuple[Request, int], ...](), 0
        self._accepted = set[Request]()
        self._spoilt = SpoiltItems(session.things, operation)

    def accepted(self, answer: Answer) -> bool:
        """Whether a good request was answered as one."""
        return self.judge.accepts(self.declared, answer)

    async def send(self, case: Case) -> Answer:
        """The answer to a case; about another item, where the one that it was about is lost."""
        request = await self.aimed(case)
        answer = await self.deliver(case, request)
        lost = await self._lost.replaced(self.control, request, answer)
        if lost or self._is_locked(request):
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
        if not self._spoilt.note(thing, status, good, accepted=self.accepted(good)):
            return False
        await self._lost.one_more()
        return self.session.things.has(thing.collection)

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
        sent = read_leniently(request.body or b"")
        if request.body and sent.problem:
            return  # a body that is broken elsewhere may hold all that the good one does
        keys = [] if thing is None else [thing.ids[-1]]
        # An id that no answer has named may be that of nothing.
        if thing is None or (new is not None and not new.sure):
            keys.append(canonical(self.declared.path))
        for key in keys:
            self.judge.stored.note(key, sent.value, good.body if good is not None else None)

    def _remember(self, case: Case, request: Request) -> None:
        """Keep what was accepted for other operations: its values, and what a credential opens."""
        operation = self.declared
        if case.draft is None:
            return
        if operation.safe:
            self.session.vouchers[case.draft.credential.secrets] = (operation.id, request)
        # A body that is large for its own sake has no values that another one has not.
        if len(request.body or b"") <= MOST_KEPT:
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
        locked = await self.locked(self.control, status)
        if locked == set():
            # It was accepted as before, which costs a success.
            self._asked += 1
        return locked is None

    async def locked(self, good: Case, status: int) -> set[Thing] | None:
        """The items that may be locked: of a new one a good request is not refused so.

        What was accepted before has locked them, or what has made them. None where it is refused of
        any, so that it is for another reason; empty where it is accepted as before.
        """
        things, request = self.session.things, await self.aimed(good)
        if await self._status(good, request) != status:
            return set()
        thing = things.innermost(self.declared, request.target)
        alike = set(things.made_in(thing.collection)) - things.spoilt if thing else set()
        things.spoilt |= alike
        await self._lost.one_more()
        other = await self.aimed(good) if thing and things.has(thing.collection) else request
        if other != request and await self._status(good, other) != status:
            return alike
        things.spoilt -= alike
        return None

    async def _status(self, good: Case, request: Request) -> int:
        answer = await self.session.send(
            self.operation, request, good.clauses, authorized=good.authorized
        )
        return answer.status

    def _is_locked(self, request: Request) -> bool:
        """Whether the item of a request takes no good one any more, and another stands for it."""
        things = self.session.things
        thing = things.innermost(self.declared, request.target)
        return thing in things.spoilt and things.has(thing.collection)

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
        return self.session.stored_texts.taken_by(case.request, self._good_body, answer)
