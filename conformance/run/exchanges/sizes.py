"""How large a body may be: each size is sent once, and no more than needed."""

from __future__ import annotations

from conformance.cases.case import Case
from conformance.cases.operation_under_test import Subject
from conformance.cases.size_cases import LARGEST, size_cases
from conformance.clauses.clause import Verdict
from conformance.http.exchange import Answer
from conformance.run.sending.prober import Prober

__all__ = ["sizes"]


async def sizes(prober: Prober, subject: Subject) -> None:
    """Until one is accepted. The largest goes to one operation of a run: limits are a server's."""
    session = prober.session
    for case in size_cases(subject, largest=session.largest < LARGEST):
        if not prober.focus.asks(case.clauses):
            return
        if not prober.budget.affords(case):
            prober.budget.skip(case)
            return
        # Noted before it is sent: a server that dies of it need not get it again.
        session.largest = max(session.largest, len(case.request.body or b""))
        answer = await prober.send(case)
        await _recorded(prober, case, answer)
        if prober.accepted(answer):
            return


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
