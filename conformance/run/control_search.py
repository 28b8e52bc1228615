"""The search for a request that the deployment accepts: what every judgement stands on."""

from __future__ import annotations

from dataclasses import replace

from conformance.cases.case import Case
from conformance.cases.operation_under_test import Subject
from conformance.http.exchange import Answer
from conformance.http.request_drafts import NOTHING, Draft
from conformance.judgement.observation import inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.run.control_cases import control_case
from conformance.run.further_types import note_declared
from conformance.run.turn import OperationTurn

__all__ = ["accepted_control"]


async def accepted_control(turn: OperationTurn, subject: Subject) -> Subject | None:
    """The first candidate that is accepted; the first refusal is the finding without one."""
    refusals, drafts = list[tuple[Case, Answer]](), turn.good.drafts()
    others, made_up = turn.good.otherwise(drafts[0]), turn.good.given is NOTHING
    grown = False
    while drafts or others:
        # Only after a refusal: the example of the contract is asked for first.
        listed = not drafts or (bool(refusals) and bool(others))
        draft = others.pop(0) if listed else drafts.pop(0)
        trial = subject.but(control=draft)
        case = control_case(trial, made_up=made_up)
        if not turn.prober.budget.affords(case):
            break
        answer = await turn.prober.send(case)
        if turn.prober.accepted(answer) and answer.whole:
            await _proven(turn, trial, case, answer)
            # Which optional parameter is demanded is told where each is left out.
            await _refused_first(turn, [] if grown else refusals, listed=listed)
            return trial.but(accepted=True)
        if turn.prober.has_ended(case, answer):
            turn.prober.end_credential(case)
            return None
        refusals.append((case, answer))
        if not (drafts or others or grown) and answer.status in (400, 422):
            grown = True
            drafts += turn.good.with_more(draft)
        if answer.status == 406 and (named := _naming(turn, draft)) is not None:
            drafts.insert(0, named)
        # Another body changes nothing about a credential, a method or a dead server.
        if answer.status in (0, 401, 405) or not answer.whole:
            break
        if answer.status in (403, 404):
            drafts = []  # the path leads nowhere; a listed value may still be what is missing
    if refusals:
        # What refuses a good request refuses a faulty one for the same reason, perhaps.
        turn.prober.refused = frozenset(answer.status for _, answer in refusals)
        await turn.prober.record(*_worst(*refusals[0]))
    return None


async def _proven(turn: OperationTurn, trial: Subject, case: Case, answer: Answer) -> None:
    turn.prober.proven, turn.prober.control = True, case
    if answer.trouble is None:
        turn.prober.ledger.succeeded.add(turn.operation.id)
    await turn.prober.record(case, answer)
    note_declared(turn.prober, trial)


async def _refused_first(
    turn: OperationTurn, refusals: list[tuple[Case, Answer]], *, listed: bool
) -> None:
    """What was refused before: a fault, unless a value that a list has was all it lacked."""
    for case, refusal in refusals:
        if listed and turn.operation.response_for(refusal.status) is not None:
            why = "the example names what the deployment does not list; a listed one is accepted"
            turn.prober.ledger.note(inconclusive(case.clause, why))
        else:
            await turn.prober.record(replace(case, code=FindingCode.REFUSED_VALID), refusal)


def _naming(turn: OperationTurn, draft: Draft) -> Draft | None:
    """The draft that asks for a documented media type by its name, where it asked for any."""
    named = any(name.lower() == "accept" for name, _ in draft.headers)
    good = [one for one in turn.operation.responses if one.status[:1] in ("2", "d")]
    offers = [media_type.name for one in good for media_type in one.content]
    return draft.header("Accept", offers[0]) if offers and not named else None


def _worst(case: Case, answer: Answer) -> tuple[Case, Answer]:
    """The finding for a refused valid request: a 401 is about its credential."""
    if answer.status == 401 and case.draft is not None and case.draft.credential.schemes:
        return replace(case, code=FindingCode.REFUSED_CREDENTIAL), answer
    return case, answer
