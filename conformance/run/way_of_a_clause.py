"""The way of a clause through the kit, from the contract to the report."""

from __future__ import annotations

from collections.abc import Callable

from conformance.run.turns.operation_run import OperationRun
from conformance.run.whole_run import Run

__all__ = ["way_of_a_clause"]


async def way_of_a_clause(run: Run, on_progress: Callable[[Run], None] = lambda run: None) -> None:
    """Try every clause of the run's contract; `run.report` tells what was seen of it.

        contract → clauses → cases → answers → observations → evidence → places → report

    | step | where |
    |---|---|
    | a promise becomes a clause | `derive`, in clauses/; `run.ledger` holds them, unobserved |
    | operations: create, list, read, change, remove | `RunOrder`, `Run.turns` |
    | the good request, what it wrote, one fault each, edges | `OperationRun.run`, in this order |
    | what was empty before the others is read again | `Run.read_again` |
    | sent in waves, within the budget | `Prober.probe`, `CaseSender.send`, `Session.send` |
    | what the answer proves | `CaseSender.observe` asks `Judge.judge`, in judgement/ |
    | sent again on a deviation, written down | `EvidenceRecorder.record`: `note` or `accuse` |
    | evidence becomes places, and places findings | `places_of`, `grouped`, `findings` |
    | verdicts of the clauses, and the whole | `Ledger.verdicts`, `Conclusions.verdict` |
    | written | report/formats/ |

    A run that is cut short is reported with what it has seen. `on_progress` is called whenever
    something has happened.
    """
    async with run.connected(on_progress):
        done = list[OperationRun]()
        for turn in run.turns():
            done.append(OperationRun(turn))
            await run.guarded(done[-1])
        await run.read_again(done)
