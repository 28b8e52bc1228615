"""Writes the ledger of one operation: what deviates is replayed once before it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from conformance.cases.case import Case, Expect
from conformance.clauses.clause import Verdict
from conformance.clauses.ids import clause_id
from conformance.clauses.kinds import OF_SEVERAL_REQUESTS
from conformance.clauses.session_ends import ends_session
from conformance.http.exchange import Answer
from conformance.http.methods import is_safe
from conformance.judgement import Judge, Observation
from conformance.judgement.hidden_errors import documented_error
from conformance.judgement.json_answers import read_json
from conformance.judgement.observation import broken, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.run.making.providing import IN_FLIGHT
from conformance.run.places.evidence import Evidence, Ledger
from conformance.run.sending.case_aimer import NO_CASE
from conformance.run.sending.case_sender import CaseSender
from conformance.run.sending.confirming import Confirmations, Repetition
from conformance.run.sending.poisoning import poison
from conformance.run.sending.taken_texts import TakenTexts
from conformance.run.sending.unconfirmed import Deviation
from conformance.run.session.session import Session
from conformance.run.things.request_sequences import RequestSequence
from spec.model.contract_model import Operation
from spec.model.http_statuses import VALIDATION

__all__ = ["EvidenceRecorder"]

PATIENCE = 2
"""Requests of one operation that may stay without an answer: the next ones would as well."""
MOST_TIMES = 25
"""So often at most a request is sent to show what shows now and then."""
ASKED_AGAIN = 2
"""How often a 401 has the good request sent again, to see whether the credential has ended."""


class EvidenceRecorder(CaseSender):
    """Writes down what cases have shown, and draws the consequences for what is sent next."""

    def __init__(
        self, operation: Operation, session: Session, judge: Judge, ledger: Ledger
    ) -> None:
        super().__init__(operation, session, judge)
        self.ledger = ledger
        self._confirmations, self._taken_texts = Confirmations(self), TakenTexts(self)
        self._appearances = dict[tuple[str, str], int]()
        self._timeouts = self._asked_again = 0
        self._followed = False

    async def record(self, case: Case, answer: Answer) -> list[Observation]:
        """Judge, replay once where something new deviates, and write it down."""
        await self._tell_taken(case, answer)
        observations = self.observe(case, answer)
        # Asked first: a 401 for an ended token would break every clause that follows.
        if await self.credential_ended(case, answer, observations):
            self.ledger.note(inconclusive(case.clause, self.budget.halted))
            return []
        await self.confirm(observations)
        for observation in observations:
            if observation.verdict is not Verdict.BROKEN:
                self.ledger.note(observation, refusal=_refused(case, answer))
            else:
                repeatable, steps = await self._shown(case, answer, observation)
                self._accuse(case, answer, observation, repeatable, steps)
        self._excuse(case, observations)
        self._consequences(case, answer)
        return observations

    def _excuse(self, case: Case, observations: Sequence[Observation]) -> None:
        """Say why the answer is silent on what was tried: something else was wrong with it."""
        spoken = {one.clause for one in observations}
        wrong = next((one for one in observations if one.verdict is Verdict.BROKEN), None)
        if wrong is not None:
            why = (
                f"its response shows something else first ({wrong.code}); mend that, and run again"
            )
            self.ledger.excuse_clauses(set(case.clauses) - spoken, why)

    async def _tell_taken(self, case: Case, answer: Answer) -> None:
        """Write down how a text is refused that another thing has, where that is what has shown."""
        found = await self._taken_texts.taken(case, answer)
        if found is None:
            return
        taken, refusal, other = found
        target = await self.aimed(taken)
        steps = self.session.things.origins.sequence(self.declared, target).and_then(other)
        await self.record_taken(taken, refusal, steps)
        self.session.stored_texts.accept(other.operation, other.request)
        self.session.stored_texts.note_taken(target, refusal)

    async def record_taken(self, case: Case, answer: Answer, steps: RequestSequence) -> None:
        """Judge the refusal of what is taken like any other answer; `steps` have taken it."""
        seen = self.observe(case, answer)
        wrong = any(one.verdict is Verdict.BROKEN for one in seen)
        again = self.observe(case, await self.send(case)) if wrong else ()
        shown = {(one.clause, one.code) for one in again}
        self.write(case, answer, seen, lambda one: (one.clause, one.code) in shown, steps=steps)

    async def confirm(self, observations: Sequence[Observation]) -> None:
        """Tell by another answer whether deviations that were seen once show again."""
        for deviation, shown in self._confirmations.waiting.told(observations):
            await self._settle(deviation, shown=shown)

    async def settle(self) -> None:
        """Replay what no other answer has spoken of, as far as the budget goes."""
        for deviation in self._confirmations.waiting.all():
            await self._settle(deviation, shown=False)

    async def _settle(self, deviation: Deviation, *, shown: bool) -> None:
        observation = deviation.observation
        if not shown:
            # Another request may be answered otherwise: the same one decides.
            repetition = await self._confirmations.replayed(deviation)
            shown = await self._told(deviation.case, repetition)
        self._confirmations.settle(observation, shown=shown)
        if not shown:
            self.ledger.withdraw(observation.clause, observation.code, "it did not show again")
            self._accuse(deviation.case, deviation.answer, observation, repeatable=False)

    async def _told(self, case: Case, repetition: Repetition) -> bool:
        """Whether it shows again; what the repetition shows beside that is written down first."""
        if (least := repetition.smaller) is not None:
            self._accuse(least.case, least.answer, least.observation, repeatable=True)
        if repetition.judged is not None:
            await self.record(case, repetition.judged)
        return repetition.shown

    async def credential_ended(
        self, case: Case, answer: Answer, observations: Sequence[Observation]
    ) -> bool:
        """Whether the credential that was good is no more: then 401 says nothing of the case."""
        asks = self.proven and case.authorized and answer.status == 401
        shows = any(one.verdict is Verdict.BROKEN for one in observations)
        if not asks or not shows or self.control is NO_CASE:
            return False
        # Requests that were on their way when it was told that it is no more.
        secrets = set(case.draft.credential.secrets) if case.draft else set()
        if secrets and secrets <= self.session.dead:
            return True
        if self._asked_again >= ASKED_AGAIN or await self._still_opens(case):
            return False
        # A few times are enough: else each 401 of a broken server would be asked again.
        self._asked_again += 1
        # The first good request after a refused one may be refused for that: the next one is not.
        for _ in range(2):
            if (await self.send(self.control)).status != 401:
                return False
        self.end_credential(case)
        return True

    async def _still_opens(self, case: Case) -> bool:
        """Whether a reading that needs the credential is answered with it: that costs nothing."""
        secrets = case.draft.credential.secrets if case.draft else ()
        if is_safe(case.request.method) or secrets not in self.session.vouchers:
            return False
        name, request = self.session.vouchers[secrets]
        if not self.ledger.seen_checked(clause_id(name, "security.missing")):
            return False
        return (await self.session.send(name, request, authorized=True)).success

    def end_credential(self, case: Case) -> None:
        """Send nothing more: the credential of the case was good, and is no more."""
        self.session.dead.update(case.draft.credential.secrets if case.draft else ())
        if ends_session(self.declared):
            self.budget.halted = (
                "it has ended its credential, as it must; a --token-command gives a new one"
            )
            self.ledger.excuse(self.operation, self.budget.halted)
            return
        self.budget.halted = (
            "the credential was accepted at first and then refused with 401: it has ended; "
            + (self.session.renewals.problem or "give one that is valid longer than the run")
        )
        self.session.ended.append(self.operation)
        self.ledger.excuse(self.operation, self.budget.halted)

    def write(
        self,
        case: Case,
        answer: Answer,
        observations: Sequence[Observation],
        repeats: Callable[[Observation], bool],
        *,
        steps: RequestSequence | None = None,
    ) -> None:
        """Write down what was judged elsewhere; `repeats` says what showed again.

        `steps` are the requests before it, where they are more than what has made its thing.
        """
        for observation in observations:
            if observation.verdict is Verdict.BROKEN:
                self._accuse(case, answer, observation, repeats(observation), steps)
            else:
                self.ledger.note(observation, refusal=_refused(case, answer))

    def _accuse(
        self,
        case: Case,
        answer: Answer,
        observation: Observation,
        repeatable: bool,
        steps: RequestSequence | None = None,
    ) -> None:
        if (
            not repeatable
            and observation.clause == case.clause
            and case.family not in OF_SEVERAL_REQUESTS
        ):
            # The same request went well: it is the server's steadiness that is in question.
            steady = clause_id(self.operation, "steady.repeated")
            observation = replace(observation, clause=steady)
        if steps is None and self._is_taken(case, answer):
            good = self.control.request
            steps = RequestSequence(operation=self.declared).then(self.declared, good)
        if steps is None:
            steps = self._before(case, answer, observation)
        steps = steps or RequestSequence()
        before = self.stored_before(case, answer)
        # A thing of its own that the request goes to has an id that no step before it gives.
        if before is not None and "{" not in before[0].path:
            steps = steps.then(*before)
        often = not repeatable or observation.clause == clause_id(self.operation, "steady.repeated")
        if often and not steps.steps and not steps.beside:
            steps = replace(steps, times=self._times(observation))
        self.ledger.accuse(
            Evidence(
                observation=observation,
                case=case,
                answer=answer,
                repeatable=repeatable,
                steps=steps,
            )
        )

    def _before(self, case: Case, answer: Answer, observation: Observation) -> RequestSequence:
        """What has made the thing that a request names, or that its answer shows."""
        origins = self.session.things.origins
        steps = origins.sequence(self.declared, case.request)
        if steps.steps or not observation.path or not self.declared.safe:
            return steps
        shown = read_json(answer.body).value
        return origins.holding(self.declared, shown, observation.path)

    def _is_taken(self, case: Case, answer: Answer) -> bool:
        """Whether it was refused because the good request, whose values it has, was sent before."""
        # A status of validation may be said of any fault as well.
        return answer.status in self.taken - VALIDATION and not self._can_be_new(case)

    def _times(self, observation: Observation) -> int:
        """So many good requests show again what shows now and then.

        That is what came between two of its appearances; requests at once have no order.
        """
        key = observation.code, observation.clause
        seen = self._appearances.get(key)
        self._appearances[key] = self.sent
        between = MOST_TIMES if seen is None else self.sent - seen + IN_FLIGHT
        return min(between, MOST_TIMES, max(2, self.session.options.max_billable))

    async def _shown(
        self, case: Case, answer: Answer, observation: Observation
    ) -> tuple[bool, RequestSequence | None]:
        """Whether it shows again, and the requests that it needs before it; None for no other."""
        before = self.before
        deviation = Deviation(case=case, answer=answer, observation=observation)
        repeats = await self._told(case, await self._confirmations.repeats(deviation))
        poisoned = case.code == FindingCode.POISONED and observation.clause == case.clause
        if poisoned or (not repeats and self._may_follow(case, before)):
            found = await poison(self, case, before, recovers=not repeats)
            if poisoned:
                return repeats or found.shown, found.steps
            return repeats, found.steps if found.shown else None
        return repeats, None

    def _may_follow(self, case: Case, before: Sequence[object]) -> bool:
        """Whether bad requests may have made a good one fail: asked once, for it may cost."""
        asks = case.expect is Expect.ACCEPTED and bool(before) and not self._followed
        self._followed = self._followed or asks
        return asks

    def _consequences(self, case: Case, answer: Answer) -> None:
        if not answer.whole and not case.may_close:
            self._timeouts += 1
            if self._timeouts >= PATIENCE:
                self.budget.halted = f"{PATIENCE} requests had no answer within the time limit"
        unsafe = not is_safe(case.request.method)
        # Whatever its body says: where nothing may be written, a 2xx is believed.
        if self.budget.is_none and unsafe and 200 <= answer.status < 300:
            self.budget.halted = "a request was accepted that should have been refused"
            # A refusal, where the contract has it so; what it has changed nobody knows.
            if documented_error(self.judge.contract, self.declared, answer):
                self.budget.halted = f"a refusal has the status of a success ({answer.status})"
            elif self.budget.writing:
                self._unwanted(case, answer)

    def _unwanted(self, case: Case, answer: Answer) -> None:
        """Nothing may be written in this run, and something was accepted: it stops here."""
        request = f"{case.request.method} {case.request.target.partition('?')[0]}"
        self.session.stopped = (
            f"Data may have been changed: {request} was answered with {answer.status}, although "
            f"it had to be refused ({case.label}). No further request was sent."
        )
        observation = broken(
            case.clause,
            FindingCode.ACCEPTED_WRITE,
            expected="a refusal of a request without any valid part",
            got=str(answer.status),
            cause=FindingCode.ACCEPTED_WRITE,
        )
        self._accuse(case, answer, observation, repeatable=True)

    async def failing(self, case: Case) -> tuple[Answer, bool]:
        """Send a case that must be accepted; the answer, and whether it speaks against the case.

        What else is wrong with the answer to a request that was accepted is no fault of a value.
        """
        answer = await self.send(case)
        await self._tell_taken(case, answer)
        broken = any(
            one.verdict is Verdict.BROKEN
            and one.clause in case.clauses
            and not self._confirmations.knows(one)
            for one in self.observe(case, answer)
        )
        return answer, broken or not self.accepted(answer)


def _refused(case: Case, answer: Answer) -> bool:
    """Whether it was refused for what is wrong with it, and not by a status that is as good."""
    return case.must_be_refused and answer.status not in case.also
