"""The search for a request that the deployment accepts: what every judgement stands on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from conformance.cases.case import Case
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import least
from conformance.clauses.undeletions import may_undelete
from conformance.http.exchange import Answer
from conformance.http.request_drafts import NOTHING, Draft
from conformance.judgement.judging import said_by
from conformance.judgement.observation import inconclusive
from conformance.judgement.states import LOCKED
from conformance.messages.disallowed import refusal as refusal_of
from conformance.report.codes.finding_code import FindingCode
from conformance.run.exchanges.unrepeatable import REPEATED
from conformance.run.sending.control_cases import control_case
from conformance.run.session.session import retry_after
from conformance.run.things.fresh_values import FreshValues
from conformance.run.things.item_placement import is_about_own
from conformance.run.turns.further_types import note_declared
from conformance.run.turns.nearer_requests import Nearer
from conformance.run.turns.turn import OperationTurn
from spec.model.contract_model import Operation

__all__ = ["accepted_control"]

WAKING = 4
"""So often a deployment that is starting is asked again."""
LATEST = 5.0
"""Seconds that its `Retry-After` may ask for."""
_OF_ANOTHER = "what it is about is locked, or reserved; of another thing it is accepted"


class _Excuse(StrEnum):
    """Why the values of a refused candidate may be to blame, since another one is accepted."""

    LISTED = "the example names what the deployment does not know; what it has shown is accepted"
    TAKEN = "the example may have the name of what is there already; with new values it is accepted"
    SHRUNK = "without its optional parts it is accepted; each of them is tried by itself"
    DELETED = "what it is about had not been deleted; of what was, it is accepted"
    FAULTY = "the example breaks a `format`; with a value that keeps it, it is accepted"


class _Way(StrEnum):
    """How further candidates are found, each once."""

    RENEWED = "with new values"
    GROWN = "with optional parameters"
    SHRUNK = "without what is optional in the body"
    DELETED = "about what was deleted"


async def accepted_control(turn: OperationTurn, subject: Subject) -> Subject | None:
    """The first candidate that is accepted; the first refusal is the finding without one."""
    search = _Search(turn)
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


class _Search:
    """The candidates that are left, and what those before them were answered.

    `excuse` is why the values of the refused ones may be to blame, should the last one be accepted.
    """

    def __init__(self, turn: OperationTurn) -> None:
        self.turn, self.refusals = turn, list[tuple[Case, Answer]]()
        self.drafts = turn.good.drafts()
        self.others = turn.good.otherwise(self.drafts[0])
        self.excuse: _Excuse | None = None
        self.ways = set[_Way]()
        self._nearer: Nearer | None = None
        self._new, self._least = list[Draft](), list[Draft]()

    def __bool__(self) -> bool:
        return bool(self.drafts or self.others or self._least)

    @property
    def says_errors(self) -> bool:
        """Whether it was answered by a success that says in its body that it is an error."""
        return any(answer.refuses for _, answer in self.refusals)

    def next(self) -> Draft:
        """The next one. The example of the contract is asked for first, and listed values after."""
        if not (self.drafts or self.others):
            self.excuse = _Excuse.SHRUNK
            return self._least.pop(0)
        listed = not self.drafts or (bool(self.refusals) and bool(self.others))
        draft = self.others.pop(0) if listed else self.drafts.pop(0)
        self.excuse = _Excuse.LISTED if listed else _Excuse.TAKEN if draft in self._new else None
        if _Way.DELETED in self.ways:
            self.excuse = _Excuse.DELETED
        return draft

    def refused(self, trial: Subject, case: Case, answer: Answer, *, ended: bool) -> None:
        """Find further candidates by how one was refused, or leave some out.

        A credential that has `ended` says nothing of the request.
        """
        self.refusals += [] if ended else [(case, answer)]
        status, invalid = answer.status, answer.status in (400, 422) or answer.refuses
        # What an earlier run, or somebody else, has made has the name of the example.
        if (status == 409 or (invalid and not self)) and self._once(_Way.RENEWED):
            self._new = _with_new_values(trial)
            self.drafts[:0] = self._new
        if invalid and not self and self._once(_Way.GROWN):
            self.drafts += self.turn.good.with_more(trial.control)
        # In a body what is asked for may not be there, may exclude something else in it, or may be
        # what the deployment fails at.
        there = is_about_own(self.turn.prober.session.things, trial.operation)
        named = "{" not in trial.operation.path or there
        of_body = invalid or status in (409, 500) or (status in (403, 404) and named)
        if of_body and trial.operation.request_body is not None and self._once(_Way.SHRUNK):
            self._least += _least(trial)
        if (invalid or (status == 404 and there)) and not self:
            self._nearer = self._nearer or Nearer(self._refused_drafts())
            self.drafts += self._nearer.after(trial, answer)
        undeletes = status in REPEATED and there and may_undelete(trial.operation)
        if undeletes and not self and self._once(_Way.DELETED):
            self.turn.prober.session.things.used.undeleting.add(trial.operation.id)
            self.drafts.append(trial.control)
        if status == 406:
            self.drafts[:0] = _otherwise_accepting(self.turn, trial.control)
        if status in (403, 404) and not there:
            self.drafts = []  # the path leads nowhere; a listed value may still be what is missing
        # Another body changes nothing about a credential, a method or a dead server.
        secured = status == 401 and bool(trial.control.credential.schemes)
        if status in (0, 405) or secured or not answer.whole:
            self.drafts, self.others = self._with_another_credential(trial) if ended else [], []
            self._least = []

    def _once(self, way: _Way) -> bool:
        """Whether it is the first time that candidates are looked for in this way."""
        is_new = way not in self.ways
        self.ways.add(way)
        return is_new

    def _refused_drafts(self) -> Iterator[tuple[Draft, Answer]]:
        return ((case.draft, answer) for case, answer in self.refusals if case.draft is not None)

    def _with_another_credential(self, trial: Subject) -> list[Draft]:
        """The request with what else was given for it."""
        left = self.turn.prober.session.credentials
        given = left.alternatives(trial.contract, trial.operation)
        return [trial.control.but(credential=one) for one in given if one.schemes][:1]


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


def _least(trial: Subject) -> list[Draft]:
    """The good request with nothing optional in its body, and with new values besides."""
    draft = least(trial)
    return [] if draft is None else [draft, *_with_new_values(trial.but(control=draft))]


def _is_example(operation: Operation, draft: Draft | None) -> bool:
    """Whether the contract has the very body as an example."""
    given = [example.value for one in operation.request_content for example in one.examples]
    return draft is not None and draft.body in given


def _with_new_values(trial: Subject) -> list[Draft]:
    """The good request of a writer with new texts, one of which may be a name that is taken."""
    ways = () if trial.operation.safe else FreshValues.ways(trial)
    return [fresh.renewed(trial.control) for fresh in ways]


async def _refused_first(turn: OperationTurn, search: _Search, accepted: Case) -> None:
    """What was refused before: a fault, unless its values may be to blame."""
    # Which optional parameter is demanded is reported where each is left out.
    for case, refusal in [] if _Way.GROWN in search.ways else search.refusals:
        # What the contract shows must be accepted as it stands.
        shown = search.excuse is _Excuse.SHRUNK and _is_example(turn.operation, case.draft)
        # A failure is wrong, whatever the deployment knows.
        documented = turn.operation.response_for(refusal.status) is not None
        excuse = _Excuse.FAULTY if _is_faulty(turn, case, accepted) else search.excuse
        if excuse and documented and refusal.status < 500 and not shown:
            turn.prober.ledger.note(inconclusive(case.clause, excuse))
        else:
            await turn.prober.record(replace(case, code=FindingCode.REFUSED_VALID), refusal)


def _is_faulty(turn: OperationTurn, case: Case, accepted: Case) -> bool:
    """Whether the contract allows the accepted request, and not the refused one."""
    good = not refusal_of(turn.contract, accepted.request)
    return good and bool(refusal_of(turn.contract, case.request))


def _otherwise_accepting(turn: OperationTurn, draft: Draft) -> list[Draft]:
    """The draft that asks for a documented media type by its name, and one that asks for none.

    Only where it asked for any: what it asks for by name is not asked for again.
    """
    named = any(name.lower() == "accept" for name, _ in draft.headers)
    good = [one for one in turn.operation.responses if one.status[:1] in ("2", "d")]
    offers = [media_type.name for one in good for media_type in one.content]
    if named or not offers:
        return []
    return [draft.header("Accept", offers[0]), draft.without("Accept")]


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
