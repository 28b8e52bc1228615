"""Edges that travel together: where the whole is refused, the smallest edge that causes it."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases.case import Case, Unit
from conformance.cases.edges import batch
from conformance.cases.operation_under_test import Subject
from conformance.http.exchange import Answer
from conformance.http.request_drafts import Draft
from conformance.run.prober import Prober

__all__ = ["try_units"]


async def try_units(
    prober: Prober, subject: Subject, base: Draft, units: Sequence[Unit], family: str = "edges"
) -> list[Unit]:
    """Send the units together; where they are refused, find out which one it is.

    Returns the units that are refused. What was refused together and is accepted in parts is
    reported as a whole.
    """
    if not units:
        return []
    case = batch(subject, base, units, family)
    if not prober.affordable(case):
        return []
    answer, failed = await prober.failing(case)
    if not failed:
        await prober.record(case, answer)
        return []
    if len(units) == 1:
        await _smallest(prober, subject, base, case, answer)
        return list(units)
    middle = (len(units) + 1) // 2
    left = await try_units(prober, subject, base, units[:middle], family)
    right = await try_units(prober, subject, base, units[middle:], family)
    if not left and not right:
        again, failed = await prober.failing(case)
        await prober.record(case, again if failed else answer)
        return list(units) if failed else []
    return left + right


async def _smallest(
    prober: Prober, subject: Subject, base: Draft, case: Case, answer: Answer
) -> None:
    """Record the mildest form of a refused unit that is refused as well."""
    for milder in case.units[0].smaller:
        trial = batch(subject, base, [milder], case.family)
        if not prober.affordable(trial):
            break
        other, failed = await prober.failing(trial)
        if not failed:
            break
        case, answer = trial, other
    await prober.record(case, answer)
