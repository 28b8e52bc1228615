"""Sends the cases of one operation in waves, replays what deviates, and writes the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from conformance.cases.case import Case, Expect
from conformance.clauses.clause import Verdict
from conformance.clauses.ids import clause_id
from conformance.http.exchange import Answer, Trouble
from conformance.judgement import Judge, Observation
from conformance.run.evidence import Evidence, Ledger
from conformance.run.session import Session
from spec.model.contract_model import SAFE_METHODS

__all__ = ["Prober"]

WIDTH = 8
"""Requests at once. Waves keep a run the same from time to time: what follows waits for all."""
ENDLESS = "stream-endless"
PATIENCE = 2
"""Requests of one operation that may wait in vain: the next ones would as well."""


class Prober:
    """Probes one operation within its budget.

    `proven` tells that a good request was seen to succeed; `halted` that nothing more is to be
    sent: the budget is used up, or a write was accepted that nobody wanted.
    """

    def __init__(
        self, operation: str, session: Session, judge: Judge, ledger: Ledger, *, writing: bool
    ) -> None:
        self.operation, self.session, self.judge, self.ledger = operation, session, judge, ledger
        self.writing, self.proven, self.halted = writing, False, ""
        self._replayed = dict[tuple[str, str], bool]()
        self._timeouts = 0

    @property
    def spent(self) -> int:
        """The 2xx of unsafe methods so far."""
        return self.session.billable[self.operation]

    @property
    def left(self) -> int:
        """How many more successes the budget allows."""
        return max(0, self.session.options.max_billable - self.spent)

    def affordable(self, case: Case) -> bool:
        """Whether the case may be sent now: a success that it may bring must be within budget."""
        if self.halted:
            return False
        if case.request.method in SAFE_METHODS:
            return True
        if self._unpaid:
            return case.must_be_refused or case.expect is Expect.NO_METHOD
        return self.left > 0

    @property
    def _unpaid(self) -> bool:
        """Whether no success is wanted at all: only what must be refused is sent, one by one."""
        return self.writing or self.session.options.max_billable == 0

    async def probe(self, cases: Iterable[Case]) -> list[tuple[Case, Answer]]:
        """Send them, judge the answers in the order of the cases, and replay what deviates."""
        waiting, done = list(cases), list[tuple[Case, Answer]]()
        while waiting:
            wave = [case for case in waiting[: self._width()] if self.affordable(case)]
            waiting = waiting[self._width() :]
            answers = await asyncio.gather(*(self.send(case) for case in wave))
            for case, answer in zip(wave, answers, strict=True):
                await self.record(case, answer)
                done.append((case, answer))
            if self.halted:
                break
        return done

    def _width(self) -> int:
        return 1 if self._unpaid else max(1, min(WIDTH, self.left))

    def accepted(self, answer: Answer) -> bool:
        """Whether a good request was answered as one."""
        operation = self.judge.contract.operation(self.operation)
        return operation is not None and self.judge.accepts(operation, answer)

    async def send(self, case: Case) -> Answer:
        """The answer to a case."""
        answer = await self.session.send(self.operation, case.request, case.clauses)
        if answer.trouble is Trouble.TIMEOUT and answer.whole:
            # A stream without an end: the next one is only looked at.
            self.session.client.streams_end = False
        return answer

    def observe(self, case: Case, answer: Answer) -> list[Observation]:
        """What an answer shows, without writing it down."""
        return self.judge.judge(case, answer, proven=self.proven)

    async def record(self, case: Case, answer: Answer) -> list[Observation]:
        """Judge, replay once where something new deviates, and write it down."""
        observations = self.observe(case, answer)
        for observation in observations:
            if observation.verdict is not Verdict.BROKEN:
                self.ledger.note(observation, refusal=_refused(case, answer))
            else:
                repeatable = await self._repeats(case, answer, observation)
                self._accuse(case, answer, observation, repeatable)
        self._consequences(case, answer)
        return observations

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
        if not repeatable and observation.clause == case.clause and case.family != "steadiness":
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
        wrote = self._unpaid and answer.success
        if wrote or not self.affordable(case):
            return True
        again = await self.send(case)
        if again.trouble is Trouble.DROPPED and answer.trouble is not Trouble.DROPPED:
            # A kept connection that was closed meanwhile says nothing (RFC 9112 section 9.5).
            again = await self.send(case)
        codes = {one.code for one in self.observe(case, again)}
        return observation.code in codes

    def _consequences(self, case: Case, answer: Answer) -> None:
        if not answer.whole and not case.may_close:
            self._timeouts += 1
            if self._timeouts >= PATIENCE:
                self.halted = f"{PATIENCE} requests had no answer within the time limit"
        unsafe = case.request.method not in SAFE_METHODS
        if self._unpaid and unsafe and answer.success:
            self.halted = "a request was accepted that should have been refused"

    async def failing(self, case: Case) -> tuple[Answer, bool]:
        """Send a case that must be accepted; the answer, and whether it shows anything new."""
        answer = await self.send(case)
        observations = self.observe(case, answer)
        return answer, any(
            one.verdict is Verdict.BROKEN and (one.cause, one.clause) not in self._replayed
            for one in observations
        ) or not self.accepted(answer)


def _refused(case: Case, answer: Answer) -> bool:
    """Whether it was refused for what is wrong with it, and not by a status that is as good."""
    return case.must_be_refused and answer.status not in case.also
