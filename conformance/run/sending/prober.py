"""Sends the cases of one operation in waves, the most telling first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from conformance.cases.case import Case, Expect, Unit
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import KEPT_BYTES, Answer, Request
from conformance.http.methods import is_safe
from conformance.http.request_drafts import Draft
from conformance.judgement import Judge
from conformance.judgement.observation import held
from conformance.run.making.providing import IN_FLIGHT
from conformance.run.places.evidence import Ledger
from conformance.run.sending.focus import Focus
from conformance.run.sending.poisoning import poison
from conformance.run.sending.recorder import EvidenceRecorder
from conformance.run.session.open_places import OpenPlaces, breadth_first
from conformance.run.session.session import Session
from spec.model.contract_model import Operation

__all__ = ["Prober"]

WIDTH = IN_FLIGHT
"""Requests at once. Waves keep a run the same from time to time: what follows waits for all."""


class Prober(EvidenceRecorder):
    """Probes one operation within its budget.

    `focus` says which cases are wanted at all. `after_bad` is the good request that is sent where
    the next one is refused, after bad ones. `convicted` are units that were refused alone,
    and `suspected` those that were refused among others and not told apart.
    `unfinished` are values on their base that were not sent, or that fail together: they are sent,
    and told apart, with more of the budget. `exclusive` says that good values were seen refused
    only beside each other, and `excluding` are the places of two such values. `varies` says that
    the good request was answered differently when it was sent again. `methods` are the answers to
    undeclared methods, cut short. `outsiders` are the requests without a good credential, with the
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
        self.outsiders = list[tuple[Draft, int]]()
        self.beside = list[Case]()
        self._places, self._waiting = OpenPlaces(), list[Case]()
        self._tried, self._paid = set[tuple[str, str]](), set[str]()

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
        waiting = breadth_first(case for case in cases if self.focus.asks(case.clauses))
        accepted = True
        while waiting and not self.budget.halted:
            wave, waiting = self._wave(waiting, patient=True)
            accepted = await self._sent(wave) and accepted
        self._waiting += waiting
        return accepted

    async def seen(self, case: Case, answer: Answer, again: Answer) -> None:
        """Record a case that was sent twice for something else: it is sent no more for itself."""
        self._confirmations.compare(case, self.observe(case, answer), self.observe(case, again))
        await self._answered(case, answer)

    async def probe_unseen(self, *, everything: bool = True) -> None:
        """Send of what has waited one case for each clause that nothing has tried yet.

        That a clause was kept by what it allows does not show what becomes of what it forbids.
        What stands where nothing is looked at comes last, and not at all unless `everything`.
        """
        first = dict[tuple[str, str], Case]()
        for case in self._waiting:
            if not everything and self._places.is_unlooked(case):
                continue
            if not self.ledger.shown(case.clause, refusal=case.must_be_refused):
                # What had to be no failure, and was answered with something else, is paid once.
                if case.must_be_refused or case.clause not in self._paid:
                    first.setdefault((case.clause, ""), case)
            # That a text was refused says nothing of a null, or of a fraction for an integer.
            elif self._may_differ(case):
                first.setdefault((case.clause, case.fault), case)
        # What must be refused is worth a success more than what only must not fail.
        chosen = sorted(first.values(), key=lambda one: not one.must_be_refused)
        self._take(_among(chosen))
        # The others wait on: they are not lost when this one is chosen, nor come before it when
        # there is no budget for it yet.
        others, self._waiting = self._waiting, []
        await self._impatiently(chosen, everything=everything)
        self._waiting += others

    def _take(self, wanted: Callable[[Case], bool]) -> list[Case]:
        """Take those that are wanted out of what has waited."""
        taken, left = list[Case](), list[Case]()
        for case in self._waiting:
            (taken if wanted(case) else left).append(case)
        self._waiting = left
        return taken

    def _may_differ(self, case: Case) -> bool:
        """Whether it is another kind of fault than those that its clause was seen to refuse."""
        new = bool(case.fault) and (case.clause, case.fault) not in self._tried
        return new and not self.ledger.doubted(case.clause)

    def take_unshown(self) -> list[Case]:
        """Take of what has waited the first fault of each clause of which none was tried yet.

        They are faults that may travel beside others. Where a clause has refused one, that is the
        first of another kind that is let in elsewhere.
        """
        first = dict[tuple[str, str], Case]()
        for case in self._waiting:
            if not (case.must_be_refused and case.slot):
                continue
            if not self.ledger.shown(case.clause, refusal=True):
                first.setdefault((case.clause, ""), case)
            elif self._may_differ(case) and self.expects_success(case):
                first.setdefault((case.clause, case.fault), case)
        return self._take(_among(first.values()))

    def put_off(self, cases: Iterable[Case]) -> None:
        """Have cases wait, before those that wait already."""
        self._waiting = [*cases, *self._waiting]

    def expects_success(self, case: Case) -> bool:
        """Whether a fault will be accepted, by what was seen of its place and of its neighbours."""
        return self._places.is_open(case) or self._places.is_unlooked(case)

    async def accepted_beside(self, case: Case, shown: Case, answer: Answer) -> None:
        """Write down a fault that was accepted beside others, as it was `shown`."""
        await self.record(shown, answer)
        self._tried.add((case.clause, case.fault))
        self._paid.add(case.clause)
        self._places.note(case, accepted=True)
        self.beside.append(case)

    async def probe_alone(self, cases: Sequence[Case]) -> None:
        """Send faults by themselves, in waves, whatever is known of their places."""
        await self._impatiently(list(cases))

    async def probe_unspent(self, family: ClauseKind | None = None) -> None:
        """Send the faults, of one family, that have waited for their share alone.

        That is as far as the budget goes. A refusal is free; the further faults of a place that is
        not checked wait on.
        """
        of_family = self._take(lambda case: case.must_be_refused and family in (None, case.family))
        await self.probe(of_family)

    async def probe_refused(self) -> None:
        """Send what has waited of clauses that were seen checked: a share does not end it.

        It is free, as far as was seen; a few that are accepted all the same end it.
        """
        free = self._take(self._places.is_checked)
        while free and not self.budget.halted:
            wave, free = self._wave(free, patient=True, refused=True)
            with self.budget.counting_surprises():
                await self._sent(wave)
        self._waiting += free

    async def probe_waiting(self) -> None:
        """Send what has waited because its place is not checked, or its share was used up."""
        waiting, self._waiting = breadth_first(self._waiting), []
        await self._impatiently(waiting)
        for case in self._waiting:
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

    async def _impatiently(self, waiting: list[Case], *, everything: bool = True) -> None:
        """Send what has waited, open places included; what is not looked at comes last, or waits.

        That nothing is looked at shows in between: it is asked before each wave.
        """
        while waiting and not self.budget.halted:
            unlooked = [case for case in waiting if self._places.is_unlooked(case)]
            looked = [case for case in waiting if not self._places.is_unlooked(case)]
            if not everything:
                self._waiting += unlooked
            wave, waiting = self._wave([*looked, *(unlooked if everything else ())], patient=False)
            await self._sent(wave)
        self._waiting += waiting

    async def _sent(self, wave: Sequence[Case]) -> bool:
        answers = await asyncio.gather(*(self.send(case) for case in wave))
        for case, answer in zip(wave, answers, strict=True):
            await self._answered(case, answer)
        return all(self.accepted(answer) for answer in answers)

    async def _answered(self, case: Case, answer: Answer) -> None:
        """Record the answer, and remember what it means for what is sent next."""
        await self.record(case, answer)
        self._tried.add((case.clause, case.fault))
        if answer.success and not is_safe(case.request.method):
            self._paid.add(case.clause)
        if case.expect is Expect.UNAUTHORIZED and case.draft is not None:
            self.outsiders.append((case.draft, answer.status))
        if case.family is ClauseKind.METHODS:
            kept = replace(answer, body=answer.body[:KEPT_BYTES])
            self.methods[case.request.method] = (case, kept)
        if _costs_by_mistake(case) and answer.status:
            self._places.note(case, accepted=answer.success)

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
                self._waiting.append(case)
                continue
            if _costs_by_mistake(case):
                # Its place was seen unchecked: what it would show again may cost a success.
                if patient and self.expects_success(case):
                    self._waiting.append(case)
                    continue
                # Of one place, one fault at a time: all of a wave may be accepted at once.
                if not self._places.may_join(case, trying):
                    left.append(case)
                    continue
                trying.append(case)
            wave.append(case)
        return wave, left

    def _width(self, *, refused: bool) -> int:
        successes = self.budget.left_for_refused if refused else self.budget.left
        return 1 if self.budget.is_none else max(1, min(WIDTH, successes))


def _among(cases: Iterable[Case]) -> Callable[[Case], bool]:
    """Whether a case is one of these, and not only equal to one."""
    known = set(map(id, cases))
    return lambda case: id(case) in known


def _costs_by_mistake(case: Case) -> bool:
    """Whether a success would be a deviation, and may cost."""
    unwanted = case.must_be_refused or case.expect is Expect.NO_METHOD
    return unwanted and not is_safe(case.request.method)
