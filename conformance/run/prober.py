"""Sends the cases of one operation in waves, replays what deviates, and writes the ledger."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from conformance.cases.case import Case, Expect, Unit
from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.clauses.ids import clause_id
from conformance.clauses.kinds import OF_SEVERAL_REQUESTS, ClauseKind
from conformance.http.exchange import Answer, Request, Trouble
from conformance.http.methods import is_safe
from conformance.http.request_drafts import Draft
from conformance.judgement import Judge, Observation
from conformance.judgement.observation import broken, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.run.evidence import Evidence, Ledger
from conformance.run.focus import EVERYTHING
from conformance.run.fresh_values import FreshValues
from conformance.run.open_places import OpenPlaces, breadth_first
from conformance.run.providing import IN_FLIGHT, most_provided, provide
from conformance.run.session import Session

__all__ = ["Prober"]

WIDTH = IN_FLIGHT
"""Requests at once. Waves keep a run the same from time to time: what follows waits for all."""
ENDLESS = FindingCode.STREAM_ENDLESS
PATIENCE = 2
"""Requests of one operation that may wait in vain: the next ones would as well."""
PAID_REPLAYS = {True: 1, False: 3}
"""Deviations of one operation that are replayed where the replay is a success, and may cost: what
should have been refused, and the rest."""
REPEATED = frozenset({404, 409, 410, 412})
"""What may be said of a thing that is gone, or of a name that is taken."""
ASKED_AGAIN = 2
"""How often a 401 has the good request sent again, to see whether the credential has ended."""


_NO_CASE = Case(
    operation="",
    clauses=("",),
    family=ClauseKind.CONTROL,
    label="",
    request=Request(method="GET", target="/"),
    expect=Expect.ANYTHING,
)
"""Stands for the good request as long as none is known."""
_NOTHING_FRESH: FreshValues | None = None


class Prober:
    """Probes one operation within its budget.

    `proven` tells that a good request was seen to succeed; `halted` that nothing more is to be
    sent: the budget is used up, or a write was accepted that had to be refused. `used_up` are the
    statuses by which a repetition of the good request is refused, `refused` those of good requests
    where none was ever accepted. `control` is the good request, and `fresh` gives it other values
    where it cannot be sent twice: `taken` is what a request that must keep its values is answered.
    `focus` tells which cases are wanted at all. `unfinished` are values on their base that fail
    together: which of them it is can be found out with more of the budget.
    """

    def __init__(
        self, operation: str, session: Session, judge: Judge, ledger: Ledger, *, writing: bool
    ) -> None:
        self.operation, self.session, self.judge, self.ledger = operation, session, judge, ledger
        self.writing, self.proven, self.halted = writing, False, ""
        self.used_up, self.taken, self.refused = (frozenset[int]() for _ in range(3))
        self.control, self.fresh = _NO_CASE, _NOTHING_FRESH
        self._ceiling = session.options.max_billable
        self._places, self._waiting = OpenPlaces(), list[Case]()
        self.focus = EVERYTHING
        self._skipped, self._accepted = set[str](), set[Request]()
        self._unrefused = set[str]()
        self._replayed = dict[tuple[str, str], bool]()
        self.unfinished = list[tuple[Draft, list[Unit], ClauseKind]]()
        self._timeouts = self._asked_again = self._provided = 0
        self._paid_replays = Counter[bool]()

    # ------------------------------------------------------------- the budget

    @property
    def spent(self) -> int:
        """The 2xx of unsafe methods so far."""
        return self.session.billable[self.operation]

    @property
    def left(self) -> int:
        """How many more successes may be caused now, by the budget or by a share of it."""
        return max(0, self._ceiling - self.spent)

    @contextmanager
    def within(self, share: int, *, reserving: int = 0) -> Iterator[None]:
        """Cause at most so many successes more, and leave `reserving` of the budget for later."""
        before = self._ceiling
        self._ceiling = min(before, self.spent + share, max(0, before - reserving))
        try:
            yield
        finally:
            self._ceiling = before

    def affordable(self, case: Case) -> bool:
        """Whether the case may be sent now: a success that it may bring must be within budget."""
        if self.halted:
            return False
        if is_safe(case.request.method):
            return True
        if self._unpaid:
            return case.must_be_refused or case.expect is Expect.NO_METHOD
        return self.left > 0

    def skip(self, case: Case) -> None:
        """Remember that the budget did not reach to a case: its clauses say so."""
        self.skip_clauses(case.clauses)
        if case.must_be_refused:
            self._unrefused.update(case.clauses)

    def skip_clauses(self, clauses: Iterable[str]) -> None:
        """Remember that the budget did not reach to these clauses."""
        self._skipped.update(clauses)

    def ends_early(self, base: Draft, units: list[Unit], family: ClauseKind) -> None:
        """Remember values that fail together, and that were not told apart within a share."""
        self.unfinished.append((base, units, family))

    def excuse(self) -> None:
        """Say of the clauses that were not reached why, and how to see them."""
        if self.halted or not self._skipped:
            return
        why = f"budget: --max-billable {self.session.options.max_billable} was used up; raise it"
        self.ledger.excuse_clauses(self._skipped, why)
        self.ledger.leave_open(self._unrefused, why)

    @property
    def _unpaid(self) -> bool:
        """Whether no success is wanted at all: only what must be refused is sent, one by one."""
        return self.writing or self.session.options.max_billable == 0

    # ------------------------------------------------------------- sending

    async def probe(self, cases: Iterable[Case]) -> bool:
        """Send them, judge the answers in the order of the cases, and replay what deviates.

        A fault that is accepted costs a success, and shows that its place is not checked: the other
        faults of the place wait until `probe_waiting`. Returns whether all that was sent was
        accepted; an answer may be large, and none is kept.
        """
        waiting = breadth_first(case for case in cases if self.focus.asks(case.clauses))
        accepted = True
        while waiting and not self.halted:
            wave, waiting = self._wave(waiting, patient=True)
            accepted = await self._sent(wave) and accepted
        return accepted

    async def probe_unseen(self, *, unlooked: bool = True) -> None:
        """Send of what has waited one case for each clause that nothing has tried yet.

        That a clause was kept by what it allows does not show what becomes of what it forbids.
        What stands where nothing is looked at comes last, and not at all unless `unlooked`.
        """
        first = dict[str, Case]()
        for case in self._waiting:
            if not unlooked and self._places.is_unlooked(case):
                continue
            if not self.ledger.shown(case.clause, refusal=case.must_be_refused):
                first.setdefault(case.clause, case)
        chosen = sorted(first.values(), key=self._places.is_unlooked)
        self._waiting = [case for case in self._waiting if first.get(case.clause) is not case]
        await self._impatiently(chosen)

    async def probe_waiting(self) -> None:
        """Send what has waited because its place is not checked, or its share was used up."""
        waiting, self._waiting = breadth_first(self._waiting), []
        await self._impatiently(waiting)
        for case in self._waiting:
            self.skip(case)

    async def _impatiently(self, waiting: list[Case]) -> None:
        while waiting and not self.halted:
            wave, waiting = self._wave(waiting, patient=False)
            await self._sent(wave)

    async def _sent(self, wave: Sequence[Case]) -> bool:
        answers = await asyncio.gather(*(self.send(case) for case in wave))
        for case, answer in zip(wave, answers, strict=True):
            await self.record(case, answer)
            if _costs_by_mistake(case) and answer.status:
                self._places.note(case, accepted=answer.success)
        return all(self.accepted(answer) for answer in answers)

    def _wave(self, cases: list[Case], *, patient: bool) -> tuple[list[Case], list[Case]]:
        """What is sent next at once, and what is left then; the rest waits for the end."""
        wave, left, width = list[Case](), list[Case](), self._width()
        trying = list[Case]()
        for number, case in enumerate(cases):
            if len(wave) == width:
                return wave, [*left, *cases[number:]]
            if not self.affordable(case):
                self._waiting.append(case)
                continue
            if _costs_by_mistake(case):
                if patient and self._places.is_open(case):
                    self._waiting.append(case)
                    continue
                if not self._places.may_join(case, trying):
                    left.append(case)
                    continue
                trying.append(case)
            wave.append(case)
        return wave, left

    def _width(self) -> int:
        return 1 if self._unpaid else max(1, min(WIDTH, self.left))

    def accepted(self, answer: Answer) -> bool:
        """Whether a good request was answered as one."""
        operation = self.judge.contract.operation(self.operation)
        return operation is not None and self.judge.accepts(operation, answer)

    async def send(self, case: Case) -> Answer:
        """The answer to a case."""
        return await self.deliver(case, await self.aimed(case))

    async def aimed(self, case: Case) -> Request:
        """The request of a case as it is sent: with new values, about a thing that is there."""
        request = self._renewed(case)
        return replace(request, target=await self._target(request))

    async def deliver(self, case: Case, request: Request) -> Answer:
        """The answer to the request of a case, which `aimed` has made."""
        self.session.trying = case.label
        answer = await self.session.send(
            self.operation, request, case.clauses, authorized=case.authorized
        )
        if answer.trouble is Trouble.TIMEOUT and answer.whole:
            # A stream without an end: the next one is only looked at.
            self.session.client.streams_end = False
        if self.accepted(answer):
            self._accepted.add(case.request)
            if case.expect is Expect.ACCEPTED and answer.trouble is None:
                self.session.on_success(self.operation, answer)
        return answer

    async def _target(self, request: Request) -> str:
        """The target of a request about a thing that is there, and that it alone removes."""
        things, operation = self.session.things, self.judge.contract.operation(self.operation)
        assert operation is not None, self.operation
        if request.method != "DELETE" or operation.method != "DELETE":
            return things.renewed(operation, request)
        target = things.lend(operation, request)
        if target is None and self._provided < most_provided(self.session.options.max_billable):
            self._provided += 1
            await provide(self.session, self.judge.contract, operation)
            target = things.lend(operation, request)
        return request.target if target is None else target

    def _renewed(self, case: Case) -> Request:
        """The request, with new values where the good one cannot be sent twice."""
        if self.fresh is None or case.draft is None or not self._can_be_new(case):
            return case.request
        return self.fresh.renewed(case.draft).request()

    def _can_be_new(self, case: Case) -> bool:
        """Whether new values can be put into it; bytes that say no value stay as they are."""
        if self.fresh is None:
            return True
        draft = case.draft
        return draft is not None and draft.raw is None and case.request == draft.request()

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
        return self.affordable(case) and self.accepted(await self.send(case))

    def observe(self, case: Case, answer: Answer) -> list[Observation]:
        """What an answer shows, without writing it down."""
        grounded = case.base is None or case.base.request() in self._accepted
        return self.judge.judge(
            case,
            answer,
            proven=self.proven and grounded,
            used_up=self.used_up if self._can_be_new(case) else self.taken,
            refused=self.refused,
        )

    async def record(self, case: Case, answer: Answer) -> list[Observation]:
        """Judge, replay once where something new deviates, and write it down."""
        observations = self.observe(case, answer)
        if await self._credential_ended(case, answer, observations):
            self.ledger.note(inconclusive(case.clause, self.halted))
            return []
        for observation in observations:
            if observation.verdict is not Verdict.BROKEN:
                self.ledger.note(observation, refusal=_refused(case, answer))
            else:
                repeatable = await self._repeats(case, answer, observation)
                self._accuse(case, answer, observation, repeatable)
        self._consequences(case, answer)
        return observations

    async def _credential_ended(
        self, case: Case, answer: Answer, observations: Sequence[Observation]
    ) -> bool:
        """Whether the credential that was good is no more: then 401 says nothing of the case."""
        asks = self.proven and case.authorized and answer.status == 401
        shows = any(one.verdict is Verdict.BROKEN for one in observations)
        if not asks or not shows or self.control is _NO_CASE or self._asked_again >= ASKED_AGAIN:
            return False
        self._asked_again += 1
        again = await self.send(self.control)
        if again.status != 401:
            return False
        self.end_credential(case)
        return True

    def has_ended(self, case: Case, answer: Answer) -> bool:
        """Whether it was refused with a credential that is known to have ended in this run."""
        secrets = case.draft.credential.secrets if case.draft else ()
        return answer.status == 401 and not self.session.dead.isdisjoint(secrets)

    def end_credential(self, case: Case) -> None:
        """Send nothing more: the credential of the case was good, and is no more."""
        self.session.dead.update(case.draft.credential.secrets if case.draft else ())
        self.halted = (
            "the credential was accepted at first and then refused with 401: it has expired; "
            + (self.session.renewals.problem or "give one that is valid longer than the run")
        )
        self.session.ended.append(self.operation)
        self.ledger.excuse(self.operation, self.halted)

    def write(
        self,
        case: Case,
        answer: Answer,
        observations: Sequence[Observation],
        repeats: Callable[[Observation], bool],
    ) -> None:
        """Write down what was judged elsewhere; `repeats` tells what showed again."""
        for observation in observations:
            if observation.verdict is Verdict.BROKEN:
                self._accuse(case, answer, observation, repeats(observation))
            else:
                self.ledger.note(observation, refusal=_refused(case, answer))

    def _accuse(
        self, case: Case, answer: Answer, observation: Observation, repeatable: bool
    ) -> None:
        if (
            not repeatable
            and observation.clause == case.clause
            and case.family not in OF_SEVERAL_REQUESTS
        ):
            # The same request went well: it is the server's steadiness that is in question.
            steady = clause_id(self.operation, "steady.repeated")
            observation = replace(observation, clause=steady)
        self.ledger.accuse(
            Evidence(observation=observation, case=case, answer=answer, repeatable=repeatable)
        )

    async def _repeats(self, case: Case, answer: Answer, observation: Observation) -> bool:
        """Whether the deviation shows again; each cause at each clause is replayed once."""
        key = observation.cause, observation.clause
        if key not in self._replayed:
            self._replayed[key] = await self._replay(case, answer, observation)
        return self._replayed[key]

    async def _replay(self, case: Case, answer: Answer, observation: Observation) -> bool:
        if observation.code == ENDLESS or answer.trouble is Trouble.TIMEOUT:
            return True
        if answer.success and not is_safe(case.request.method):
            kind = case.must_be_refused
            self._paid_replays[kind] += 1
            if self._unpaid or self._paid_replays[kind] > PAID_REPLAYS[kind]:
                return True
        if not self.affordable(case):
            return True
        again = await self.send(case)
        if _used_up(case, answer, again):
            return True
        codes = {one.code for one in self.observe(case, again)}
        return observation.code in codes

    def _consequences(self, case: Case, answer: Answer) -> None:
        if not answer.whole and not case.may_close:
            self._timeouts += 1
            if self._timeouts >= PATIENCE:
                self.halted = f"{PATIENCE} requests had no answer within the time limit"
        unsafe = not is_safe(case.request.method)
        if self._unpaid and unsafe and answer.success:
            self.halted = "a request was accepted that should have been refused"
            if self.writing:
                self._unwanted(case, answer)

    def _unwanted(self, case: Case, answer: Answer) -> None:
        """Nothing may be written in this run, and something was accepted: it stops here."""
        request = f"{case.request.method} {case.request.target.partition('?')[0]}"
        self.session.stopped = (
            f"Data may have been changed: {request} was answered with {answer.status}, although "
            f"it had to be refused ({case.label}). No further request was sent."
        )
        observation = broken(
            case.clause,
            FindingCode.ACCEPTED_WRITE,
            expected="a refusal of a request without any valid part",
            got=str(answer.status),
            cause=FindingCode.ACCEPTED_WRITE,
        )
        self._accuse(case, answer, observation, repeatable=True)

    async def failing(self, case: Case) -> tuple[Answer, bool]:
        """Send a case that must be accepted; the answer, and whether it speaks against the case.

        What else is wrong with the answer to a request that was accepted is no fault of a value.
        """
        answer = await self.send(case)
        broken = any(
            one.verdict is Verdict.BROKEN
            and one.clause in case.clauses
            and (one.cause, one.clause) not in self._replayed
            for one in self.observe(case, answer)
        )
        return answer, broken or not self.accepted(answer)


def _costs_by_mistake(case: Case) -> bool:
    """Whether a success would be a deviation, and may cost."""
    unwanted = case.must_be_refused or case.expect is Expect.NO_METHOD
    return unwanted and not is_safe(case.request.method)


def _used_up(case: Case, answer: Answer, again: Answer) -> bool:
    """Whether the first success left nothing to repeat: a thing is gone, a name is taken."""
    done = answer.success and not is_safe(case.request.method)
    return done and case.expect is Expect.ACCEPTED and again.status in REPEATED


def _refused(case: Case, answer: Answer) -> bool:
    """Whether it was refused for what is wrong with it, and not by a status that is as good."""
    return case.must_be_refused and answer.status not in case.also
