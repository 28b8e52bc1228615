"""A GET with a body that nothing declares: RFC 9110 section 9.3.1 gives it no meaning."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases.case import Case, Expect, Layer
from conformance.cases.inert_cases import UNREADABLE
from conformance.cases.operation_under_test import Subject
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Trouble
from conformance.judgement.observation import Observation, broken, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level
from conformance.run.sending.prober import Prober
from conformance.run.things.request_sequences import RequestSequence

__all__ = ["unexpected_body"]

LOCAL = "http.body"


async def unexpected_body(prober: Prober, subject: Subject) -> None:
    """Send one, and the good request after it on the same connection.

    The body is no document: some servers take a GET with one for the write of its path.
    It may be refused or ignored. What is ignored must be read all the same, or the connection be
    closed: else it is taken for the beginning of the next request (RFC 9112 section 9.3).
    """
    operation = subject.operation
    if operation.method != "GET" or operation.request_body is not None or prober.budget.halted:
        return
    case = _case(subject)
    if not prober.focus.asks(case.clauses):
        return
    # An application has no connection that a body could be left over on.
    if prober.session.client.target.app is not None:
        await prober.probe([case])
        return
    requests = (case.request, subject.control.request())
    answers = await prober.session.send_kept(prober.operation, requests, case.clauses)
    await prober.record(case, answers[0])
    if answers[0].status and not prober.accepted(answers[1]) and not _closed(answers[1]):
        # A server may have closed an idle connection at that very moment: once more.
        again = await prober.session.send_kept(prober.operation, requests, case.clauses)
        spoils = not prober.accepted(again[1]) and not _closed(again[1])
        if not spoils and answers[1].status >= 500:
            why = "the server failed now and then"
            prober.ledger.note(inconclusive(case.clause, why))
            return
        steps = RequestSequence(operation=operation, kept=True)
        steps = steps.then(operation, case.request, refused=True)
        good = replace(case, request=subject.control.request())
        spoilt = [_spoilt(case, answers[1])]
        if not await prober.credential_ended(good, answers[1], spoilt):
            prober.write(good, answers[1], spoilt, lambda _: spoils, steps=steps)


def _case(subject: Subject) -> Case:
    draft = subject.control.but(raw=UNREADABLE, media_type="application/json")
    return subject.case(
        LOCAL,
        ClauseKind.STEADINESS,
        "a body that is not declared",
        draft,
        expect=Expect.ANYTHING,
        may_close=True,
        layer=Layer.HTTP,
    )


def _closed(answer: Answer) -> bool:
    """Whether the server hung up, as it may at any time, or said before that it would."""
    return answer.trouble in (Trouble.UNSENDABLE, Trouble.DROPPED)


def _spoilt(case: Case, answer: Answer) -> Observation:
    return broken(
        case.clause,
        FindingCode.KEPT_CONNECTION,
        level=Level.WARNING,
        expected="the good request answered as ever, after a GET with a body on its connection",
        got=f"{answer.status or answer.detail} to it",
        cause=f"{FindingCode.KEPT_CONNECTION}|body",
    )
