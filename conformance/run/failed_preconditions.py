"""`If-Match` with a tag that no version has (RFC 9110 section 13.1.1): nothing may be changed."""

from __future__ import annotations

from conformance.cases.operation_under_test import Subject
from conformance.clauses.derive import IF_MATCH
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer
from conformance.http.request_drafts import Draft
from conformance.judgement import Observation
from conformance.judgement.observation import broken, held, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level
from conformance.run.conditional import NEVER
from conformance.run.other_values import other_values
from conformance.run.prober import Prober

__all__ = ["stale_tag"]


async def stale_tag(prober: Prober, subject: Subject) -> None:
    """Send a change with a stale tag, and once more where it is made all the same."""
    clause = subject.id(IF_MATCH)
    if clause not in prober.ledger.clauses or not prober.focus.asks([clause]):
        return
    draft = _change(prober, subject)
    if isinstance(draft, str):
        prober.ledger.excuse_clauses([clause], draft)
        return
    case = subject.case(
        IF_MATCH, ClauseKind.STATE, "If-Match with a stale tag", draft.header("If-Match", NEVER)
    )
    if not prober.budget.affords(case):
        prober.budget.skip(case)
        return
    answer = await prober.send(case)
    found = _judged(clause, answer)
    repeats = True
    if found.code and prober.budget.affords(case):
        repeats = _judged(clause, await prober.send(case)).code == found.code
    prober.write(case, answer, [found], lambda _: repeats)


def _change(prober: Prober, subject: Subject) -> Draft | str:
    """A request that would change something, or why there is none.

    What is there already may be answered with success, whatever the tag (section 13.1.1).
    """
    if subject.operation.method == "DELETE":
        own = prober.session.things.is_own(subject.operation, subject.control.request())
        return subject.control if own else "the run has created nothing that it could delete"
    other = next(other_values(subject), None)
    return other or "no other value than that of the good request could be sent"


def _judged(clause: str, answer: Answer) -> Observation:
    # Right even where the contract does not document it: RFC 9110 asks for it.
    if answer.status == 412:
        return held(clause)
    if not answer.success:
        return inconclusive(clause, f"a stale If-Match was answered with {answer.status}")
    return broken(
        clause,
        FindingCode.IGNORED_PRECONDITION,
        expected=f"412 to If-Match: {NEVER}",
        got=str(answer.status),
        level=Level.WARNING,
        cause=FindingCode.IGNORED_PRECONDITION,
    )
