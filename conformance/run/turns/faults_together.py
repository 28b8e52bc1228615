"""Faults in one request: where none of them is checked, one success shows all of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from conformance.cases.batches import without
from conformance.cases.case import Case
from conformance.cases.fault_groups import FaultGroup, fault_group
from conformance.http.exchange import Answer
from conformance.run.sending.prober import Prober
from conformance.run.sending.suspicion import is_namesake, named_in, names_of
from conformance.run.session.open_places import shows_all

__all__ = ["each_alone", "faults_together"]

MOST_UNTOLD = 10
"""Refusals of several faults that name none of them: they are free, but they show nothing."""


async def faults_together(prober: Prober, *, everything: bool = False) -> None:
    """Try clauses of which no fault was sent yet, as many at once as fit in one request.

    Those that would only show once more that nothing is looked at wait, unless `everything`.
    """
    pending = _likeliest(prober, prober.waiting.take_unshown())
    await _Together(prober=prober, pending=pending, everything=everything).show()


@dataclass(slots=True, kw_only=True)
class _Together:
    """Faults that are still to be shown, the likeliest first.

    A refusal is free and a success is not, so a group is as large as its slots allow, and what is
    refused leaves it for another fault before anything is paid for. `narrowed` is the part of a
    refused group that is asked next. `aside` are faults of one name, of which the first stays with
    the others: where it is checked, the next one takes its place. `untold` counts the refusals
    that name none of their faults.
    """

    prober: Prober
    pending: list[Case]
    everything: bool
    narrowed: list[Case] = field(default_factory=list)
    aside: list[Case] = field(default_factory=list)
    untold: int = 0

    async def show(self) -> None:
        """Send groups until each fault was accepted, was refused, or has to wait."""
        self._put_off_shown()
        while self.narrowed or self.pending or self.aside:
            if not (self.narrowed or self.pending):
                self.pending, self.aside = self.aside, []
            group = fault_group(self.prober.judge.contract, self.narrowed or self.pending)
            with self._sparing(bool(self.narrowed)):
                affordable = self.prober.budget.affords(group.case)
            self.pending = without([*self.narrowed, *self.pending], group.cases)
            self.narrowed = []
            if len(group.cases) == 1 or not affordable:
                self.prober.waiting.put_off(group.cases)
                continue
            answer = await self.prober.send(group.case)
            if not answer.success:
                await self._refused(group, answer)
                continue
            for one, shown in zip(group.cases, group.shown(), strict=True):
                await self.prober.accepted_beside(one, shown, answer)
            self._put_off_shown()

    def _put_off_shown(self) -> None:
        """Have those wait that would show nothing new."""
        if self.everything:
            return
        waiting, left = self.prober.waiting, [*self.pending, *self.aside]
        shown = [case for case in left if waiting.places.is_shown(case)]
        waiting.put_off(shown)
        self.pending, self.aside = without(self.pending, shown), without(self.aside, shown)

    async def _refused(self, group: FaultGroup, answer: Answer) -> None:
        """Go on without what the refusal names, most probably; or with a part of the group."""
        named = named_in(answer, group.cases, self.prober.waiting.idle_words)
        # A name that all of them have tells nothing.
        if not named or len(named) == len(group.cases):
            # That one of them makes the server fail shows something: it is looked for.
            self.untold += answer.status < 500
            await self._untold(group.cases)
            return
        self.pending = [*without(group.cases, named), *self.pending]
        if len(named) > 1:
            self.aside += named[1:]
            self.pending = [named[0], *self.pending]
            return
        if await self.prober.probe_alone(named):
            self.prober.waiting.idle_words |= names_of(named[0])
        namesake = next((one for one in self.aside if is_namesake(one, named[0])), None)
        if namesake is not None:
            self.aside = without(self.aside, [namesake])
            self.pending = [namesake, *self.pending]

    async def _untold(self, cases: Sequence[Case]) -> None:
        """Ask next for what is refused most probably, which is free; the others wait together."""
        others = self._unlikely(cases)
        if self.untold >= MOST_UNTOLD:
            self.pending = [*cases, *self.pending]
            self._give_up(others or cases)
            return
        part = others if 0 < len(others) < len(cases) else cases[: len(cases) // 2]
        self.pending = [*without(cases, part), *self.pending]
        if len(part) > 1:
            self.narrowed = list(part)
            return
        with self._sparing(bool(self.pending or self.aside)):
            if await self.prober.probe_alone(part):
                return
        # What stands in one property is checked by the same code.
        alike = [one for one in self.pending if one.slot[:2] == part[0].slot[:2]]
        self.pending, self.aside = without(self.pending, alike), [*self.aside, *alike]

    def _give_up(self, refused: Sequence[Case]) -> None:
        """Have these wait, and all others that are not expected to be accepted."""
        left = without([*self.pending, *self.aside], refused)
        unlikely = self._unlikely(left)
        self.prober.waiting.put_off([*refused, *unlikely])
        self.pending, self.aside = without(left, unlikely), []

    def _unlikely(self, cases: Sequence[Case]) -> list[Case]:
        return [case for case in cases if not self.prober.waiting.places.expects_success(case)]

    def _sparing(self, spares: bool) -> AbstractContextManager[None]:
        """Keep a success for the others, where there are any."""
        budget = self.prober.budget
        return budget.within(budget.left, reserving=1 if spares else 0)


async def each_alone(prober: Prober) -> None:
    """Send by itself what was accepted beside other faults: that request shows it, and is shorter.

    Where it is refused, the acceptance was the work of the others.
    """
    waiting, prober.beside = prober.beside, []
    for case in waiting:
        if not prober.budget.affords(case):
            return
        answer = await prober.send(case)
        if not answer.success:
            why = "accepted beside other faults, and refused by itself"
            prober.ledger.withdraw(case.clause, case.code, why)
        await prober.record(case, answer)


def _likeliest(prober: Prober, cases: Sequence[Case]) -> list[Case]:
    """Faults that will be accepted, as far as was seen, before others."""
    # What is narrow first: after the others nothing more is expected of their places.
    cases = sorted(cases, key=shows_all)
    return sorted(cases, key=lambda case: not prober.waiting.places.expects_success(case))
