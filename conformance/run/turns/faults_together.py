"""Faults in one request: where none of them is checked, one success shows all of them."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases.case import Case
from conformance.cases.fault_groups import FaultGroup, fault_groups
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
    untold, aside = 0, list[Case]()
    pending = _likeliest(prober, prober.take_unshown())
    while pending or aside:
        if not pending:
            pending, aside = fault_groups(prober.judge.contract, aside), []
        group, pending = pending[0], pending[1:]
        case = group.case
        if len(group.cases) == 1 or untold == MOST_UNTOLD or not prober.budget.affords(case):
            prober.put_off(group.cases)
            continue
        answer = await prober.send(case)
        if answer.success:
            for one, shown in zip(group.cases, group.shown(), strict=True):
                await prober.accepted_beside(one, shown, answer)
            continue
        named = named_in(answer, group.cases)
        # A name that all of them have tells nothing.
        named = named if len(named) < len(group.cases) else []
        untold += not named
        left = _but(group.cases, named)
        if len(named) > 1:
            aside += named[1:]
            pending = [*fault_groups(prober.judge.contract, [named[0], *left]), *pending]
            continue
        await prober.probe_alone(named)
        namesake = next((one for one in aside if named and is_namesake(one, named[0])), None)
        if namesake is not None:
            aside, left = _but(aside, [namesake]), [*left, namesake]
        smaller = _smaller(prober, left, whole=bool(named))
        pending = [*(one for one in smaller if len(one.cases) > 1), *pending]
        # What is left by itself of others that were refused is checked, most probably.
        with prober.budget.within(prober.budget.left, reserving=1 if pending or aside else 0):
            await prober.probe_alone([one.cases[0] for one in smaller if len(one.cases) == 1])


def _but(cases: Sequence[Case], others: Sequence[Case]) -> list[Case]:
    return [one for one in cases if not any(one is other for other in others)]


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
    further = [case for case in cases if prober.expects_success(case)]
    others = [case for case in cases if not prober.expects_success(case)]
    return [*fault_groups(contract, further), *fault_groups(contract, others)]


def _smaller(prober: Prober, cases: Sequence[Case], *, whole: bool) -> list[FaultGroup]:
    """Groups of what is left of a refused one; by halves, where the refusal names none of them."""
    middle = 0 if whole else len(cases) // 2
    halves = (cases[:middle], cases[middle:])
    return [group for half in halves for group in fault_groups(prober.judge.contract, half)]
