"""What need only be answered: where it is accepted all at once, one success shows all of it."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.cases.case import Case
from conformance.cases.fault_groups import oddity_groups
from conformance.run.sending.prober import Prober
from conformance.run.session.open_places import breadth_first

__all__ = ["oddities_together"]


async def oddities_together(prober: Prober, cases: Iterable[Case]) -> None:
    """Send them in as few requests as they fit in; what is refused so is sent one by one."""
    asked = breadth_first(case for case in cases if prober.focus.asks(case.clauses))
    # Where a success costs nothing, each is shown by its own request.
    if prober.declared.safe:
        await prober.probe(asked)
        return
    for group in oddity_groups(asked):
        if len(group.cases) > 1 and prober.budget.affords(group.case):
            answer = await prober.send(group.case)
            if prober.accepted(answer):
                for shown in group.shown():
                    await prober.record(shown, answer)
                continue
        await prober.probe(group.cases)
