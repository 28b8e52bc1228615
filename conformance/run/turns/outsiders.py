"""The request of a caller who is not let in: it costs nothing, and HTTP is asked by it."""

from __future__ import annotations

from conformance.cases.body_cases import missing_body_cases
from conformance.cases.credential_cases import asks_for_one
from conformance.cases.operation_under_test import Subject
from conformance.cases.scheme_cases import refused_case
from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Placed
from conformance.http.request_drafts import Draft
from conformance.report.codes.finding_code import FindingCode
from conformance.run.turns.turn import OperationTurn

__all__ = ["outsider", "refused_request", "without_bodies"]

_NO_BODY = "the answer to GET says in its body that it is an error, and HEAD has no body"
FAILS = (
    "without a good credential the server fails (5xx), whatever else is in the request; mend that, "
    "and run again"
)


async def outsider(turn: OperationTurn, subject: Subject) -> Draft | None:
    """The control with no credential, or with a wrong one where the server fails for want of one.

    What is laid on a request that fails of itself shows nothing. None where each of them fails:
    the clauses of HTTP then say so.
    """
    prober, anonymous = turn.prober, subject.anonymous()
    if not asks_for_one(subject):
        return anonymous
    seen = [one for one in prober.outsiders if one[0].but(credential=Placed()) == anonymous]
    if not seen:
        case = refused_case(subject, "missing", "no credential", Placed())
        if not prober.budget.affords(case):
            return anonymous
        seen = [(anonymous, (await prober.send(case)).status)]
    # A connection that was closed has told nothing.
    told = [one for one in seen if one[1]]
    refused = [draft for draft, status in told if 400 <= status < 500]
    let_in = [draft for draft, status in told if status < 400]
    for draft in (*refused, *let_in):
        return draft
    if not told:
        return anonymous
    prober.ledger.excuse(turn.operation.id, FAILS, [ClauseKind.WIRE, ClauseKind.METHODS])
    return None


def without_bodies(turn: OperationTurn, subject: Subject) -> None:
    """Take back what HEAD was accused of where GET says only in its body that nobody is let in."""
    ledger = turn.prober.ledger
    if ledger.accused(subject.id("security.missing"), FindingCode.ERROR_IN_SUCCESS):
        ledger.withdraw(subject.id("security.head"), FindingCode.ACCEPTED_CREDENTIAL, _NO_BODY)


async def refused_request(turn: OperationTurn, subject: Subject) -> Draft | None:
    """The request on which the oddities of HTTP are laid: it costs nothing where it is refused.

    That is an outsider's; where outsiders are let in, one without the body that it must have.
    """
    found, prober = await outsider(turn, subject), turn.prober
    let_in = not asks_for_one(subject) or any(
        draft == found and status < 400 for draft, status in prober.outsiders
    )
    bodiless = next(missing_body_cases(subject), None)
    if let_in and bodiless is not None and prober.ledger.seen_checked(bodiless.clause):
        return bodiless.draft
    return found
