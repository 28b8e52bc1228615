"""The good request twice on one connection (RFC 9112 section 9.3)."""

from __future__ import annotations

from conformance.cases.case import Case
from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.http.exchange import Answer, Trouble
from conformance.http.methods import is_safe
from conformance.judgement import Observation
from conformance.judgement.observation import broken, held, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.run.control_cases import control_case
from conformance.run.prober import Prober
from conformance.run.request_sequences import RequestSequence

__all__ = ["kept", "kept_answers"]


async def kept(prober: Prober, subject: Subject) -> None:
    """The good request, a refused one and the good one again, on one connection.

    What is left over of one exchange shows in the next. Where it does, nothing else of the run is
    sent on a persistent connection, so that it is reported once.
    """
    case = control_case(subject, "steady.kept", "the good request twice on one connection")
    client = prober.session.client
    if not _can_be_sent(prober, case):
        return
    secured = bool(subject.control.credential.schemes)
    # What is left of a refusal would stand before the next answer.
    between = (subject.anonymous().request(),) if secured else ()
    requests = (case.request, *between, case.request)
    answers = await prober.session.send_kept(prober.operation, requests, case.clauses)
    if not answers[0].success:
        return
    for answer in answers:
        # Told apart: the length is wrong of itself, with one request as with two.
        if answer.trouble is Trouble.FALSE_LENGTH:
            client.keeps = False
            prober.write(case, answer, prober.observe(case, answer), lambda _: True)
            return
    found = kept_answers(case, answers)
    if answers[-1].success:
        await prober.confirm(prober.observe(case, answers[-1]))
    prober.varies = answers[-1].success and answers[0].body != answers[-1].body
    # What failed by chance does not fail again: a broken connection does.
    if found.verdict is Verdict.BROKEN and answers[-1].status >= 500 and _affords(prober, case):
        answers = await prober.session.send_kept(prober.operation, requests, case.clauses)
        again = kept_answers(case, answers)
        chance = not answers[0].success or again.verdict is not Verdict.BROKEN
        found = inconclusive(case.clause, "the server failed now and then") if chance else again
    client.keeps = client.keeps and found.verdict is not Verdict.BROKEN
    steps = RequestSequence(operation=subject.operation, kept=True)
    for request in requests[:-1]:
        steps = steps.then(subject.operation, request, refused=True)
    prober.write(case, answers[-1], [found], lambda _: True, steps=steps)


def _can_be_sent(prober: Prober, case: Case) -> bool:
    """Whether there are a connection and a budget for it; the ledger has the reason if not."""
    if prober.session.client.target.app is not None:
        why = (
            "the application is called without a socket, so there is no persistent connection; "
            "test it by its URL"
        )
        prober.ledger.excuse_clauses([case.clause], why)
        return False
    affords = _affords(prober, case)
    if not affords:
        prober.budget.skip(case)
    return affords and not prober.budget.halted


def _affords(prober: Prober, case: Case) -> bool:
    return is_safe(case.request.method) or prober.budget.left >= 2


def kept_answers(case: Case, answers: tuple[Answer, ...]) -> Observation:
    """What the answers on one connection show; the first and the last are to the good request."""
    first, second, last = answers[0], answers[1], answers[-1]
    if second.trouble is Trouble.UNSENDABLE:
        return inconclusive(case.clause, "the first response announced `Connection: close`")
    if not second.status:
        return _not_kept(case, f"no answer to the second request: {second.detail}")
    # A new status line over an old body: the bytes of the answer before.
    if second.status != first.status and second.body == first.body != b"":
        return _not_kept(case, f"{second.status} with the body of the previous response")
    # A server may hang up on a refused request; what it answers must be an answer.
    if last.status and not last.success:
        return _not_kept(case, f"{last.status} to the valid request")
    return held(case.clause)


def _not_kept(case: Case, got: str) -> Observation:
    return broken(
        case.clause,
        FindingCode.KEPT_CONNECTION,
        expected="every request on a persistent connection answered like a single one",
        got=got,
        cause=FindingCode.KEPT_CONNECTION,
    )
