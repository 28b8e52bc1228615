"""The way of a clause through the kit, from the contract to the report."""

from __future__ import annotations

from conformance.report.findings import Level, Report
from conformance.run.whole_run import Run

__all__ = ["way_of_a_clause"]


async def way_of_a_clause(run: Run, fail_on: Level) -> Report:
    """Try every clause of the run's contract, and report what was seen of it.

        contract → clauses → cases → answers → observations → evidence → places → report

    | step | where |
    |---|---|
    | a promise becomes a clause | `derive`, in clauses/; `run.ledger` holds them, unobserved |
    | operations, reads first | `Run.execute` |
    | the good request, then one fault each | `OperationRun.run`, which asks cases/ |
    | sent, within the budget | `Prober.probe`, `Session.send`, http/transport.py |
    | what the answer proves | `Prober.record` asks `Judge.judge`, in judgement/ |
    | sent again where it deviates | `Prober.record`; then `Ledger.note` or `Ledger.accuse` |
    | evidence becomes places and findings | `findings`, in run/grouping.py |
    | verdicts of the clauses, and the whole | `Ledger.verdicts`, `Run.verdict` |
    | written | report/formats/ |

    A run that is cut short is reported with what it has seen. `fail_on` is the mildest level of a
    finding that breaks the contract. `conformance run` takes the same two steps, and puts between
    them what it can say of a deployment that answers nothing.
    """
    await run.execute()
    return run.report(fail_on)
