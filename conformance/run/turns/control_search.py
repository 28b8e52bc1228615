"""The search for a request that the deployment accepts: what every judgement stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases.case import Case
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.http.exchange import Answer
from conformance.http.request_drafts import NOTHING, Draft
from conformance.judgement.judging import said_by
from conformance.judgement.observation import inconclusive
from conformance.judgement.states import LOCKED
from conformance.messages.disallowed import refusal as refusal_of
from conformance.report.codes.finding_code import FindingCode
from conformance.run.sending.control_cases import control_case
from conformance.run.session.session import retry_after
from conformance.run.things.item_placement import is_about_own
from conformance.run.turns.control_candidates import Candidates, Excuse, SearchWay
from conformance.run.turns.further_types import note_declared
from conformance.run.turns.turn import OperationTurn
from spec.model.contract_model import Operation

__all__ = ["accepted_control"]

WAKING = 4
"""So often a deployment that is starting is asked again."""
LATEST = 5.0
"""Seconds that its `Retry-After` may ask for."""
_OF_ANOTHER = "what it is about is locked, or reserved; of another thing it is accepted"


async def accepted_control(turn: OperationTurn, subject: Subject) -> Subject | None:
    """The first candidate that is accepted; the first refusal is the finding without one."""
    search = Candidates(turn)
    while search:
        trial = subject.but(control=search.next())
        case = control_case(trial, made_up=turn.good.given is NOTHING)
        if not turn.prober.budget.affords(case):
            break
        answer = await _patiently(turn, case)
        if await _is_locked(turn, case, answer):
            turn.prober.ledger.note(inconclusive(case.clause, _OF_ANOTHER))
            answer = await _patiently(turn, case)
        if turn.prober.accepted(answer) and answer.whole:
            if search.says_errors and answer.streams:
                break
            await _proven(turn, trial, case, answer)
            await _refused_first(turn, search, case)
            return trial.but(accepted=True)
        ended = await turn.prober.has_ended(case, answer)
        search.refused(trial, case, answer, ended=ended)
        if ended and not search:
            turn.prober.end_credential(case)
            return None
    if search.says_errors:
        # It answers so whatever is asked: the fault is in its answers, and not in the requests.
        turn.prober.session.believed.add(turn.operation.id)
        return await accepted_control(turn, subject)
    turn.prober.session.things.used.undeleting.discard(turn.operation.id)
    if search.refusals:
        # What refuses a good request refuses a faulty one for the same reason, perhaps.
        answers = [answer for _, answer in search.refusals]
        turn.prober.refused = frozenset(answer.status for answer in answers)
        turn.prober.failures = frozenset(said_by(one) for one in answers if one.status >= 500)
        await turn.prober.record(*_worst(turn, search.refusals))
    return None


async def _is_locked(turn: OperationTurn, case: Case, answer: Answer) -> bool:
    """Whether the same is accepted of another thing: how this one was made may have locked it."""
    status, operation = answer.status, turn.operation
    own = is_about_own(turn.prober.session.things, operation)
    documented = operation.response_for(status) is not None
    if operation.safe or not (own and documented and status in LOCKED):
        return False
    return bool(await turn.prober.locked(case, status))


async def _patiently(turn: OperationTurn, case: Case) -> Answer:
    """The answer to a control; a 503 that says when to come again is obeyed (RFC 9110, 15.6.4)."""
    answer = first = await turn.prober.send(case)
    for _ in range(WAKING):
        if answer.status != 503 or "retry-after" not in {n.lower() for n, _ in answer.headers}:
            break
        pause = retry_after(answer)
        if pause > LATEST:
            break
        await turn.prober.session.time.pause(pause)
        answer = await turn.prober.send(case)
    if turn.prober.accepted(answer) and answer is not first:
        # It was seen, and did not repeat.
        turn.prober.write(case, first, turn.prober.observe(case, first), lambda _: False)
    return answer


async def _proven(turn: OperationTurn, trial: Subject, case: Case, answer: Answer) -> None:
    turn.prober.proven, turn.prober.control = True, case
    turn.prober.session.good[turn.operation.id] = trial.control
    if answer.trouble is None:
        turn.prober.ledger.succeeded.add(turn.operation.id)
    await turn.prober.record(case, answer)
    note_declared(turn.prober, trial)


def _is_example(operation: Operation, draft: Draft | None) -> bool:
    """Whether the contract has the very body as an example."""
    given = [example.value for one in operation.request_content for example in one.examples]
    return draft is not None and draft.body in given


async def _refused_first(turn: OperationTurn, search: Candidates, accepted: Case) -> None:
    """What was refused before: a fault, unless its values may be to blame."""
    # Which optional parameter is demanded is reported where each is left out.
    refusals = [] if SearchWay.GROWN in search.ways else search.refusals
    good = bool(refusals) and not refusal_of(turn.contract, accepted.request)
    for case, refusal in refusals:
        # What the contract shows must be accepted as it stands.
        shown = search.excuse is Excuse.SHRUNK and _is_example(turn.operation, case.draft)
        # A failure is wrong, whatever the deployment knows.
        documented = turn.operation.response_for(refusal.status) is not None
        faulty = good and bool(refusal_of(turn.contract, case.request))
        excuse = Excuse.FAULTY if faulty else search.excuse
        if excuse and documented and refusal.status < 500 and not shown:
            turn.prober.ledger.note(inconclusive(case.clause, excuse))
        else:
            await turn.prober.record(replace(case, code=FindingCode.REFUSED_VALID), refusal)


def _worst(turn: OperationTurn, refusals: Sequence[tuple[Case, Answer]]) -> tuple[Case, Answer]:
    """The finding for a refused valid request: the first that is no fault of a made-up text.

    An example that breaks a `format` comes last. A 401 is about its credential.
    """
    case, answer = min(
        refusals,
        key=lambda one: (bool(refusal_of(turn.contract, one[0].request)), _may_be_unknown(*one)),
    )
    if answer.status == 401 and case.draft is not None and case.draft.credential.schemes:
        return replace(case, code=FindingCode.REFUSED_CREDENTIAL), answer
    return case, answer


def _may_be_unknown(case: Case, answer: Answer) -> bool:
    return case.strength is not Strength.NAMED and 400 <= answer.status < 500
