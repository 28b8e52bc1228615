"""What several requests show together once they were sent again: no judge of one answer sees it."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.cases.case import Case
from conformance.clauses.ids import local_part
from conformance.http.exchange import Answer, Request
from conformance.http.reported import ReportedResponse
from conformance.judgement import Observation
from conformance.judgement.observation import broken, held, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from conformance.run.exchanges.atomicity import compared
from conformance.run.exchanges.caller_texts import marks_in
from conformance.run.exchanges.concurrent_callers import mixed
from conformance.run.exchanges.kept_connection import kept_answers
from conformance.run.exchanges.other_paths import served_alike

__all__ = ["observed", "same_allow"]


def observed(
    code: FindingCode, case: Case, before: Sequence[Answer], answer: Answer
) -> Observation | None:
    """What the last answer says after those `before` it; None where it speaks for itself."""
    if code is FindingCode.MIXED_ANSWERS:
        return _mixed(case, answer)
    if code is FindingCode.CHANGED_BY_REFUSAL and before:
        return compared(case, before[0], answer)
    if code is FindingCode.PATH_SPELLING and before:
        return served_alike(case, before[0], answer)
    if code is FindingCode.KEPT_CONNECTION and local_part(case.clause).startswith("steady."):
        return kept_answers(case, (*before, answer))
    return None


def same_allow(clause: str, shown: ReportedResponse, answer: Answer) -> Observation:
    """Whether Allow still names the methods that did not match what the whole path was seen to do.

    One answer does not say which methods of the path are refused, or forgotten.
    """
    before = {value for name, value in shown.headers if name.lower() == "allow"}
    now = answer.header("allow")
    if now is None or now not in before:
        return held(clause)
    return broken(
        clause,
        FindingCode.FALSE_ALLOW,
        level=Level.WARNING,
        expected="another Allow",
        got=f"{answer.status} with Allow: {now}",
        cause=FindingCode.FALSE_ALLOW,
    )


def _mixed(case: Case, answer: Answer) -> Observation:
    own = marks_in(_text_of(case.request))
    told = marks_in(answer.body.decode("utf-8", "replace"))
    if not own or not (told or answer.success):
        return inconclusive(case.clause, f"{answer.status}, which repeats no caller's text")
    if told - own:
        return mixed(case, min(own), min(told - own))
    return held(case.clause)


def _text_of(request: Request) -> str:
    body = (request.body or b"").decode("utf-8", "replace")
    return " ".join([request.target, *(value for _, value in request.headers), body])
