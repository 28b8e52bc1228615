"""Sends the cases of one operation in waves, the most telling first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

from conformance.cases.batches import without
from conformance.cases.case import Case, Expect, Unit
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import KEPT_BYTES, Answer, Request
from conformance.http.request_drafts import Draft
from conformance.judgement import Judge
from conformance.judgement.observation import held
from conformance.run.making.providing import IN_FLIGHT
from conformance.run.places.evidence import Ledger
from conformance.run.sending.focus import Focus
from conformance.run.sending.poisoning import poison
from conformance.run.sending.recorder import EvidenceRecorder
from conformance.run.sending.waiting_cases import WaitingCases, costs_by_mistake
from conformance.run.session.open_places import breadth_first
from conformance.run.session.session import Session
from spec.model.contract_model import Operation

__all__ = ["Prober"]

WIDTH = IN_FLIGHT
"""Requests at once. Waves keep a run the same from time to time: what follows waits for all."""
AT_A_TIME = 50
"""Cases that are made before the end of the time, or an interruption, is noticed."""


class Prober(EvidenceRecorder):
    """Probes one operation within its budget.

    `focus` says which cases are wanted at all. `after_bad` is the good request that is sent where
    the next one is refused, after bad ones. `convicted` are units that were refused alone,
    and `suspected` those that were refused among others and not told apart.
    `unfinished` are values on their base that were not sent, or that fail together: they are sent,
    and told apart, with more of the budget. `exclusive` says that good values were seen refused
    only beside each other, and `excluding` are the places of two such values. `varies` says that
    the good request was answered differently when it was sent again. `methods` are the answers to
    undeclared methods, cut short. `room` is the size of a text that was accepted where a longer one
    was refused as too large (413). `outsiders` are the requests without a good credential, with the
    statuses that they were answered. `beside` are the faults that were accepted beside others, and
    not yet by themselves.
    """

    def __init__(
        self, operation: Operation, session: Session, judge: Judge, ledger: Ledger
    ) -> None:
        super().__init__(operation, session, judge, ledger)
        self.focus = Focus(families=session.options.families)
        self.unfinished = list[tuple[Draft, list[Unit], ClauseKind]]()
        self.exclusive = self.varies = False
        self.excluding = list[tuple[tuple[str | int, ...], tuple[str | int, ...]]]()
        self.after_bad: Case | None = None
        self.convicted, self.suspected = list[Unit](), list[Unit]()
        self.methods = dict[str, tuple[Case, Answer]]()
        self.room: int | None = None
        self.outsiders = list[tuple[Draft, int]]()
        self.beside = list[Case]()
        self.waiting = WaitingCases(ledger)

    def ends_early(self, base: Draft, units: list[Unit], family: ClauseKind) -> None:
        """Remember values that were not sent, or not told apart, within a share."""
        self.unfinished.append((base, units, family))

    async def probe(self, cases: Iterable[Case]) -> bool:
        """Send them, judge the answers in the order of the cases, and replay what deviates.

        A fault that is accepted costs a success, and shows that its place is not checked: the other
        faults of the place wait until `probe_waiting`. Returns whether all that was sent was
        accepted; an answer may be large, and none is kept.
        """
        # One case of each clause before a second of any: the budget may end anywhere.
        waiting = breadth_first(await self._asked_for(cases))
        accepted = True
        while waiting and not self.budget.halted:
            wave, waiting = self._wave(waiting, patient=True)
            accepted = await self._sent(wave) and accepted
        self.waiting.add(waiting)
        return accepted

    async def _asked_for(self, cases: Iterable[Case]) -> list[Case]:
        """The cases that are wanted; of a large schema so many that the run may end meanwhile."""
        found = list[Case]()
        for number, case in enumerate(cases, 1):
            if number % AT_A_TIME == 0:
                self.session.time.check()
                await asyncio.sleep(0)
            if self.focus.asks(case.clauses):
                found.append(case)
        return found

    async def seen(self, case: Case, answer: Answer, again: Answer) -> None:
        """Record a case that was sent twice for something else: it is sent no more for itself."""
        self._confirmations.compare(case, self.observe(case, answer), self.observe(case, again))
        await self._answered(case, answer)

    async def probe_unseen(self, *, everything: bool = True) -> None:
        """Send of what has waited one case for each clause that nothing has tried yet.

        That a clause was kept by what it allows does not show what becomes of what it forbids.
        What stands where nothing is looked at comes last, and not at all unless `everything`.
        """
        chosen = self.waiting.take_unseen(everything=everything)
        # The others wait on: they are not lost when this one is chosen, nor come before it when
        # there is no budget for it yet.
        others = self.waiting.take_all()
        await self._impatiently(chosen, everything=everything)
        self.waiting.add(others)

    async def accepted_beside(self, case: Case, shown: Case, answer: Answer) -> None:
        """Write down a fault that was accepted beside others, as it was `shown`."""
        await self.record(shown, answer)
        self.waiting.note(case, answer)
        self.beside.append(case)

    async def probe_alone(self, cases: Sequence[Case]) -> bool:
        """Send faults by themselves, in waves, whatever is known of their places.

        Returns whether all that was sent was accepted.
        """
        return await self._impatiently(list(cases))

    async def probe_unspent(self, family: ClauseKind | None = None) -> None:
        """Send the faults, of one family, that have waited for their share alone.

        That is as far as the budget goes. A refusal is free; the further faults of a place that is
        not checked wait on.
        """
        await self.probe(self.waiting.take_faults(family))

    async def probe_refused(self) -> None:
        """Send what has waited of clauses that were seen checked: a share does not end it.

        It is free, as far as was seen; a few that are accepted all the same end it.
        """
        free = self.waiting.take_checked()
        while free and not self.budget.halted:
            wave, free = self._wave(free, patient=True, refused=True)
            with self.budget.counting_surprises():
                await self._sent(wave)
        self.waiting.add(free)

    async def probe_waiting(self) -> None:
        """Send what has waited because its place is not checked, or its share was used up."""
        await self._impatiently(breadth_first(self.waiting.take_all()))
        for case in self.waiting.take_all():
            self.budget.skip(case)

    async def deliver(self, case: Case, request: Request) -> Answer:
        """The answer to a case; the first good request after bad ones says that it still is one."""
        answer = await super().deliver(case, request)
        waiting = self.after_bad
        if waiting is None or case.expect is not Expect.ACCEPTED:
            return answer
        self.after_bad = None
        if self.accepted(answer):
            self.ledger.note(held(waiting.clause))
            return answer
        before = self.before
        again = await super().deliver(case, request)
        if self.accepted(again):
            # The first answer was the work of what came before: it shows no more.
            first = replace(waiting, request=request, draft=None)
            found = await poison(self, waiting, before, recovers=True)
            seen = self.observe(first, answer)
            self.write(first, answer, seen, lambda _: found.shown, steps=found.steps)
            return again
        # Refused for what it tries, or because nothing is accepted any more. Of several edges some
        # will be accepted, which shows it at no cost; before a single one is blamed, it is asked.
        if len(case.units) > 1:
            self.after_bad = waiting
        else:
            await self.probe([waiting])
        return answer

    async def _impatiently(self, waiting: list[Case], *, everything: bool = True) -> bool:
        """Send what has waited, open places included; what is not looked at comes last, or waits.

        That nothing is looked at shows in between: it is asked before each wave.
        """
        accepted = True
        while waiting and not self.budget.halted:
            unlooked = list(filter(self.waiting.places.is_unlooked, waiting))
            looked = without(waiting, unlooked)
            if not everything:
                self.waiting.add(unlooked)
            wave, waiting = self._wave([*looked, *(unlooked if everything else ())], patient=False)
            accepted = await self._sent(wave) and accepted
        self.waiting.add(waiting)
        return accepted

    async def _sent(self, wave: Sequence[Case]) -> bool:
        answers = await asyncio.gather(*(self.send(case) for case in wave))
        for case, answer in zip(wave, answers, strict=True):
            await self._answered(case, answer)
        return all(self.accepted(answer) for answer in answers)

    async def _answered(self, case: Case, answer: Answer) -> None:
        """Record the answer, and remember what it means for what is sent next."""
        await self.record(case, answer)
        self.waiting.note(case, answer)
        if case.expect is Expect.UNAUTHORIZED and case.draft is not None:
            self.outsiders.append((case.draft, answer.status))
        if case.family is ClauseKind.METHODS:
            kept = replace(answer, body=answer.body[:KEPT_BYTES])
            self.methods[case.request.method] = (case, kept)

    def _wave(
        self, cases: list[Case], *, patient: bool, refused: bool = False
    ) -> tuple[list[Case], list[Case]]:
        """What is sent next at once, and what is left then; the rest waits for the end.

        `refused` says that all of them will be refused, as far as was seen.
        """
        wave, left, width = list[Case](), list[Case](), self._width(refused=refused)
        trying = list[Case]()
        for number, case in enumerate(cases):
            if len(wave) == width:
                return wave, [*left, *cases[number:]]
            if not self.budget.affords(case, refused=refused):
                self.waiting.add([case])
                continue
            if costs_by_mistake(case):
                # Its place was seen unchecked: what it would show again may cost a success.
                if patient and self.waiting.places.expects_success(case):
                    self.waiting.add([case])
                    continue
                # Of one place, one fault at a time: all of a wave may be accepted at once.
                if not self.waiting.places.may_join(case, trying):
                    left.append(case)
                    continue
                trying.append(case)
            wave.append(case)
        return wave, left

    def _width(self, *, refused: bool) -> int:
        successes = self.budget.left_for_refused if refused else self.budget.left
        return 1 if self.budget.is_none else max(1, min(WIDTH, successes))
