"""Faults in one request: where none of them is checked, one success shows all of them."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases.batches import without
from conformance.cases.case import Case
from conformance.cases.fault_groups import FaultGroup, fault_groups
from conformance.http.exchange import Answer
from conformance.run.sending.prober import Prober
from conformance.run.session.open_places import shows_all
from conformance.run.turns.suspicion import is_namesake, named_in

__all__ = ["each_alone", "faults_together"]

MOST_UNTOLD = 10
"""Refusals of several faults that name none of them: they are free, but they show nothing."""


async def faults_together(prober: Prober) -> None:
    """Try clauses of which no fault was sent yet, several at once.

    What a refusal names is checked, most probably, and is sent by itself, which is free then; the
    others go on without it. Of several of one name the first stays with them: where it is checked,
    the next one takes its place, and otherwise no success is paid for each alone.
    """
    waiting = _Waiting(prober)
    while (group := waiting.next()) is not None:
        case = group.case
        if len(group.cases) == 1 or not waiting.untold_left or not prober.budget.affords(case):
            prober.waiting.put_off(group.cases)
            continue
        answer = await prober.send(case)
        if not answer.success:
            await waiting.refused(group, answer)
            continue
        for one, shown in zip(group.cases, group.shown(), strict=True):
            await prober.accepted_beside(one, shown, answer)


class _Waiting:
    """The groups that are to be sent, and faults that are set aside: others stand for their name.

    `untold_left` counts the refusals that may still name none of their faults.
    """

    def __init__(self, prober: Prober) -> None:
        self._prober, self.untold_left = prober, MOST_UNTOLD
        self._groups = _likeliest(prober, prober.waiting.take_unshown())
        self._aside = list[Case]()

    def next(self) -> FaultGroup | None:
        """The next group; what is set aside comes last."""
        if not self._groups:
            self._groups, self._aside = self._grouped(self._aside), []
        return self._groups.pop(0) if self._groups else None

    async def refused(self, group: FaultGroup, answer: Answer) -> None:
        """Go on with less of a group."""
        named = named_in(answer, group.cases)
        # A name that all of them have tells nothing.
        named = named if len(named) < len(group.cases) else []
        self.untold_left -= not named
        left = without(group.cases, named)
        if len(named) > 1:
            self._aside += named[1:]
            self._groups[:0] = self._grouped([named[0], *left])
            return
        await self._prober.probe_alone(named)
        namesake = next((one for one in self._aside if named and is_namesake(one, named[0])), None)
        if namesake is not None:
            self._aside, left = without(self._aside, [namesake]), [*left, namesake]
        # By halves, where the refusal names none of them.
        middle = 0 if named else len(left) // 2
        smaller = [*self._grouped(left[:middle]), *self._grouped(left[middle:])]
        self._groups[:0] = [one for one in smaller if len(one.cases) > 1]
        # What is left by itself of others that were refused is checked, most probably.
        kept = 1 if self._groups or self._aside else 0
        with self._prober.budget.within(self._prober.budget.left, reserving=kept):
            alone = [one.cases[0] for one in smaller if len(one.cases) == 1]
            await self._prober.probe_alone(alone)

    def _grouped(self, cases: Sequence[Case]) -> list[FaultGroup]:
        return fault_groups(self._prober.judge.contract, cases)


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


def _likeliest(prober: Prober, cases: Sequence[Case]) -> list[FaultGroup]:
    """Groups of faults that will be accepted, as far as was seen, before those of others."""
    contract = prober.judge.contract
    # What is narrow first: after the others nothing more is expected of their places.
    cases = sorted(cases, key=shows_all)
    further = [case for case in cases if prober.waiting.places.expects_success(case)]
    others = [case for case in cases if not prober.waiting.places.expects_success(case)]
    return [*fault_groups(contract, further), *fault_groups(contract, others)]
