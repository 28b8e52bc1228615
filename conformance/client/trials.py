"""Which variations a client accepts: they run in batches, and a failing batch is bisected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import zip_longest

from conformance.client.variation import Variation

__all__ = ["Attempt", "Outcome", "TrialResult", "Trials"]


class TrialResult(Enum):
    """What became of a variation."""

    SURVIVED = "survived"
    BROKEN = "broken"
    INTERMITTENT = "intermittent"
    UNASKED = "unasked"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One run of the client's tests: whether they passed, what they said, what they called."""

    passed: bool
    said: str = ""
    asked: frozenset[str] = frozenset()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A variation, its result, and what the tests said where they failed."""

    variation: Variation
    result: TrialResult
    said: str = ""


@dataclass(slots=True)
class Trials:
    """Runs the client with variations until all are judged, or nothing is left to run with.

    `attempt` runs the client's tests while the given variations play, at most one an operation.
    `may_run` is asked before each run: False ends the trials.
    """

    attempt: Callable[[Sequence[Variation]], Attempt]
    may_run: Callable[[], bool] = lambda: True
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def judge(self, by_operation: Sequence[Sequence[Variation]]) -> tuple[Outcome, ...]:
        """The results of all variations, in their order. Those of different operations travel
        together; a failing batch is bisected.
        """
        every = [one for variations in by_operation for one in variations]
        self.outcomes = {
            one.clause: Outcome(variation=one, result=TrialResult.UNTRIED) for one in every
        }
        for batch in zip_longest(*by_operation):
            self._try([one for one in batch if one is not None])
        return tuple(self.outcomes[one.clause] for one in every)

    def _try(self, batch: Sequence[Variation]) -> None:
        done = self._run(batch)
        if done is None:
            return
        if done.passed:
            for one in batch:
                result = (
                    TrialResult.SURVIVED if one.operation in done.asked else TrialResult.UNASKED
                )
                self._note(one, result)
        elif len(batch) == 1:
            self._repeat(batch[0], done)
        else:
            middle = len(batch) // 2
            self._try(batch[:middle])
            self._try(batch[middle:])

    def _repeat(self, variation: Variation, first: Attempt) -> None:
        """Once more: tests that fail intermittently are no proof of anything."""
        again = self._run([variation])
        if again is None or not again.passed:
            self._note(variation, TrialResult.BROKEN, first.said)
        else:
            self._note(variation, TrialResult.INTERMITTENT, first.said)

    def _run(self, batch: Sequence[Variation]) -> Attempt | None:
        return self.attempt(batch) if self.may_run() else None

    def _note(self, variation: Variation, result: TrialResult, said: str = "") -> None:
        known = self.outcomes[variation.clause]
        self.outcomes[variation.clause] = replace(known, result=result, said=said)
