"""Other spellings of the path: a server that serves them has more addresses than its contract."""

from __future__ import annotations

from conformance.cases.case import Case
from conformance.cases.operation_under_test import Subject
from conformance.cases.path_cases import path_cases, reference_case
from conformance.http.exchange import Answer
from conformance.judgement.observation import Observation, broken
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level
from conformance.run.sending.prober import Prober
from conformance.run.things.request_sequences import RequestSequence

__all__ = ["other_paths", "served_alike"]

_OF_ROUTERS = frozenset({404, 405, 501})
"""What a router says itself: the same answer at two paths is no sign of one operation."""


async def other_paths(prober: Prober, subject: Subject) -> None:
    """Try them; where only refusals may be caused, the operation's own refusal tells it."""
    cases = [case for case in path_cases(subject) if prober.focus.asks(case.clauses)]
    reference = reference_case(subject) if cases else None
    if reference is None:
        await prober.probe(cases)
        return
    if not prober.budget.affords(reference):
        return
    # Without leave a success is not asked for: the operation is known by its own refusal.
    own = await prober.send(reference)
    if not 400 <= own.status < 500 or own.status in _OF_ROUTERS:
        return
    for case in cases:
        if prober.budget.halted:
            return
        answer = await prober.send(case)
        await prober.record(case, answer)
        # The same words, and not only the same status, are those of one operation.
        if found := served_alike(case, own, answer):
            steps = RequestSequence().then(subject.operation, reference.request, refused=True)
            prober.write(case, answer, [found], lambda _: True, steps=steps)


def served_alike(case: Case, own: Answer, answer: Answer) -> Observation | None:
    """What another spelling shows that is answered as the path itself is; None where it is not."""
    if _substance(answer) != _substance(own):
        return None
    return broken(
        case.clause,
        FindingCode.PATH_SPELLING,
        level=Level.NOTE,
        expected="404, or a redirection to the path",
        got=f"{answer.status}, the operation's own refusal of the body",
        cause=FindingCode.PATH_SPELLING,
    )


def _substance(answer: Answer) -> tuple[int, bytes, str | None]:
    return answer.status, answer.body, answer.header("content-type")
