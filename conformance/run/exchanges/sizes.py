"""How large a body may be: each size is sent once, and no more than needed."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.cases.case import Case
from conformance.cases.controls import candidates
from conformance.cases.operation_under_test import Subject
from conformance.cases.size_cases import size_cases, takes_sizes
from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.clause import Verdict
from conformance.http.exchange import Answer
from conformance.http.request_drafts import NOTHING
from conformance.run.sending.prober import Prober
from conformance.run.session.run_options import RunOptions
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["first_of_sizes", "sizes"]


async def sizes(prober: Prober, subject: Subject) -> None:
    """Until one is accepted. The largest goes to one operation of a run: limits are a server's."""
    session = prober.session
    for case in size_cases(subject, largest=session.owes_largest):
        if not prober.focus.asks(case.clauses):
            return
        if not prober.budget.affords(case):
            prober.budget.skip(case)
            return
        # Noted before it is sent: a server that dies of it need not get it again.
        session.owes_largest = False
        answer = await prober.send(case)
        await _recorded(prober, case, answer)
        if prober.accepted(answer):
            return


def first_of_sizes(
    contract: Contract, options: RunOptions, operations: Iterable[Operation]
) -> Operation | None:
    """The first operation that may get the largest body, if its good request is accepted."""
    return next((one for one in operations if _may_get_it(contract, options, one)), None)


def _may_get_it(contract: Contract, options: RunOptions, operation: Operation) -> bool:
    if options.lacks_leave(operation) or not options.asks_about(operation):
        return False
    credentials, given = options.credentials, options.examples.get(operation.id, NOTHING)
    draft = next(candidates(contract, operation, credentials, given), None)
    if draft is None or (operation.secured and not draft.credential.schemes):
        return False
    return takes_sizes(
        Subject(
            contract=contract,
            operation=operation,
            credentials=credentials,
            control=draft,
            builder=ValidValueBuilder(contract=contract),
        )
    )


async def _recorded(prober: Prober, case: Case, answer: Answer) -> None:
    """Write down what it shows; what deviates is sent once more, and no more than once.

    What is wrong beside its own clause is no matter of sizes, and other requests have shown it.
    """
    found = prober.observe(case, answer)
    own = [one for one in found if one.clause in case.clauses]
    codes = {one.code for one in own if one.verdict is Verdict.BROKEN}
    shown = set(codes)
    if codes and prober.budget.affords(case):
        shown &= {one.code for one in prober.observe(case, await prober.send(case))}
    prober.write(case, answer, found, lambda one: one.code in shown or one.code not in codes)
