"""Edges that travel together: where the whole is refused, the smallest edge that causes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.cases.batches import batch
from conformance.cases.case import Case, Unit
from conformance.cases.operation_under_test import Subject
from conformance.http.exchange import Answer
from conformance.http.request_drafts import Draft
from conformance.run.prober import Prober

__all__ = ["try_units"]


async def try_units(
    prober: Prober, subject: Subject, base: Draft, units: Sequence[Unit], family: str = "edges"
) -> list[Unit]:
    """Send the units together on an accepted base; where they are refused, find out which it is.

    Returns the units that are refused, or that may be: where the budget ends before they are told
    apart, the finding says "one of", and their clauses stay inconclusive.
    """
    trial = _Trial(prober=prober, subject=subject, base=base, family=family)
    return await trial.whole(list(units)) if units else []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    prober: Prober
    subject: Subject
    base: Draft
    family: str

    async def whole(self, units: list[Unit]) -> list[Unit]:
        case = batch(self.subject, self.base, units, self.family)
        if not self.prober.affordable(case):
            self.prober.skip(case)
            return []
        answer, failed = await self.prober.failing(case)
        if failed:
            return await self._narrowed(units, case, answer)
        await self.prober.record(case, answer)
        return []

    async def _narrowed(self, units: list[Unit], case: Case, answer: Answer) -> list[Unit]:
        """The culprits among units that fail together."""
        if len(units) == 1:
            await self._smallest(case, answer)
            return units
        middle = (len(units) + 1) // 2
        halves = [await self._half(units[:middle]), await self._half(units[middle:])]
        culprits = list[Unit]()
        for half, tried, failed, other in halves:
            if failed and other is not None:
                culprits += await self._narrowed(half, tried, other)
        unseen = [unit for half, _, _, other in halves if other is None for unit in half]
        if culprits:
            self._skip(unseen)
            return culprits
        # The halves are accepted by themselves, or the budget ended before both were seen.
        await self._one_of(unseen or units, case, answer, finished=not unseen)
        return unseen or units

    async def _half(self, units: list[Unit]) -> tuple[list[Unit], Case, bool, Answer | None]:
        case = batch(self.subject, self.base, units, self.family)
        if not self.prober.affordable(case):
            return units, case, False, None
        answer, failed = await self.prober.failing(case)
        if not failed:
            await self.prober.record(case, answer)
        return units, case, failed, answer

    def _skip(self, units: Sequence[Unit]) -> None:
        if units:
            self.prober.skip(batch(self.subject, self.base, units, self.family))

    async def _one_of(
        self, units: list[Unit], case: Case, answer: Answer, *, finished: bool
    ) -> None:
        """Record what was not told apart; a whole whose parts are accepted must fail again."""
        if finished and self.prober.affordable(case):
            answer, failed = await self.prober.failing(case)
            if not failed:
                await self.prober.record(case, answer)
                return
        how = "at once, each accepted by itself" if finished else "that were not told apart"
        suspects = replace(
            case,
            clauses=tuple(dict.fromkeys(unit.clause for unit in units)),
            units=tuple(units),
            label=f"one of {len(units)} good values {how}" if len(units) > 1 else units[0].label,
        )
        await self.prober.record(suspects, answer)

    async def _smallest(self, case: Case, answer: Answer) -> None:
        """Record the mildest form of a refused unit that is refused as well."""
        for milder in case.units[0].smaller:
            trial = batch(self.subject, self.base, [milder], case.family)
            if not self.prober.affordable(trial):
                break
            other, failed = await self.prober.failing(trial)
            if not failed:
                break
            case, answer = trial, other
        await self.prober.record(case, answer)
