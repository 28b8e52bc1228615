"""One operation, from its control to its last repetition."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.cases import credential_cases as credential_faults
from conformance.cases.credential_cases import credential_cases
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import (
    full_bodies,
)
from conformance.cases.protocol_cases import wire_cases
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Trouble
from conformance.run.exchanges.atomicity import unchanged
from conformance.run.exchanges.conditional import conditional
from conformance.run.exchanges.kept_connection import kept
from conformance.run.exchanges.other_paths import other_paths
from conformance.run.exchanges.repetition import after_bad
from conformance.run.exchanges.unexpected_body import unexpected_body
from conformance.run.exchanges.unrepeatable import unrepeatable
from conformance.run.generated.properties import invalid_property, valid_property
from conformance.run.sending.control_cases import control_case
from conformance.run.state.failed_preconditions import preconditions
from conformance.run.state.state import read_back
from conformance.run.things.item_placement import referring
from conformance.run.turns.acceptances import acceptances, acceptances_of, rest
from conformance.run.turns.control_search import accepted_control
from conformance.run.turns.faulty_requests import (
    further,
    grounded,
    inert,
    open_reading,
    refusals,
    without_control,
)
from conformance.run.turns.method_answers import forgotten_methods, try_methods
from conformance.run.turns.outsiders import refused_request, without_bodies
from conformance.run.turns.things_of_others import read_things_of_others
from conformance.run.turns.turn import RESERVED, SHARES, OperationTurn
from spec.model.contract_model import Operation
from spec.model.http_statuses import VALIDATION

__all__ = ["OperationRun"]

STATE = 3
"""Of 25 successes so many may go to what is written and read back."""
CONDITIONS = 3
"""Of 25 successes so many may go to changes under a condition."""


@dataclass(slots=True)
class OperationRun:
    """Runs the families of cases in an order that spends the budget on what proves most.

    `had_turn` says that every kind of case was tried, so that only more of the same is left.
    `accepted` is the operation with the good request that was accepted.
    """

    turn: OperationTurn
    had_turn: bool = False
    accepted: Subject | None = None

    async def run(self) -> None:
        """Probe everything that may be sent; what may not is excused."""
        turn = self.turn
        # Without leave nothing that could be taken for good is sent, not even as a control.
        if turn.prober.budget.writing:
            if where := open_reading(turn):
                turn.prober.ledger.excuse(
                    turn.operation.id,
                    f"{where} was answered without a credential, so nothing may be sent here in "
                    "the hope that a bad one is refused; allow it with --allow-writes",
                    [ClauseKind.CREDENTIALS],
                )
            else:
                await inert(turn)
            turn.excuse(_leave(turn.operation))
        elif (subject := await self._subject()) is None:
            turn.excuse(
                "no valid request could be generated from the contract; give one with --example"
            )
        elif why := self._why_none_succeeds(subject):
            turn.excuse(why)
            await (inert(turn) if turn.good.inert() else without_control(turn, subject))
        else:
            await self._with_control(subject)
        self.had_turn = True
        await turn.prober.settle()
        forgotten_methods(turn)
        turn.prober.budget.excuse(turn.prober.ledger)

    async def read_again(self) -> None:
        """Ask once more, where something that the answer may have was never in one.

        What other operations have done since may be in it; a refusal shows nothing.
        """
        prober = self.turn.prober
        unseen = prober.ledger.unseen(self.turn.operation.id, ClauseKind.RESPONSE)
        if self.accepted is None or not unseen:
            return
        case = control_case(self.accepted, label="the good request, after all other operations")
        if prober.budget.affords(case):
            answer = await prober.send(case)
            if prober.accepted(answer):
                await prober.record(case, answer)
                await prober.settle()

    async def _subject(self) -> Subject | None:
        good = self.turn.good
        await good.prepare()
        control = next(iter(good.drafts()), None)
        return None if control is None else self.turn.about(control)

    def _why_none_succeeds(self, subject: Subject) -> str:
        """Why no good request is sent; "" where one is."""
        turn, operation = self.turn, self.turn.operation
        if operation.secured and not subject.control.credential.schemes:
            return f"no credential was given for the operation; {_credential_hint(operation)}"
        if why := turn.good.spared():
            return why
        none = turn.prober.budget.is_none and not operation.safe
        return "--max-billable 0 allows no successful request; raise it" if none else ""

    async def _with_control(self, subject: Subject) -> None:
        found = await accepted_control(self.turn, subject)
        if found is not None:
            self.accepted = found
            await self._families(found)
            return
        why = "no request was found that the deployment accepts; give one with --example"
        self.turn.excuse(why)
        # A refusal may be answered where a success is not.
        session = self.turn.prober.session
        if session.answered or session.last.trouble is not Trouble.UNREACHABLE:
            await without_control(self.turn, subject)
            await self._generated_anyway(subject)

    async def _generated_anyway(self, subject: Subject) -> None:
        """Other valid requests, where only the values of the good ones may be to blame.

        A refusal of them proves nothing either, but the server must not fail at any.
        """
        turn = self.turn
        if turn.wants(ClauseKind.PROPERTIES) and turn.prober.refused <= VALIDATION:
            why = "refused, as all valid requests were"
            await valid_property(turn.prober, subject, undecided=why)

    async def _families(self, subject: Subject) -> None:
        """What was written first, while it is as it was sent; then faults, which cost nothing.

        Then what proves most of what must be accepted, and more of the same while the budget lasts.
        """
        turn = self.turn
        if turn.writes:
            # Before all else: whether it can be sent twice decides how every answer is read.
            turn.prober.used_up = await unrepeatable(turn.prober, subject)
            await self._state(subject)
        else:
            why = "the operation is said to be harmless, so nothing is written that could be read"
            turn.prober.ledger.excuse(turn.operation.id, why, [ClauseKind.STATE])
        steady = turn.wants(ClauseKind.STEADINESS) and not turn.prober.used_up
        if steady:
            await kept(turn.prober, subject)
        await self._credentials(subject, steady=steady)
        if turn.wants(ClauseKind.RESPONSE):
            await read_things_of_others(turn, subject)
        every = turn.wants(ClauseKind.EDGES) or turn.wants(ClauseKind.BODY)
        # An optional property may name a thing as well.
        full, things = full_bodies(subject) if every else [], turn.prober.session.things
        bodies = [referring(things, turn.operation, one) for one in full]
        # Faults are laid on what was accepted, so the bases come before them.
        subject = await grounded(turn, subject, bodies)
        # While there is budget: what no other good request has shown again is replayed.
        await turn.prober.settle()
        await refusals(turn, subject)
        others = await further(turn, subject) if turn.wants(ClauseKind.MEDIA_TYPES) else []
        await self._http(subject)
        await self._after_faults(subject, steady=steady)
        await acceptances(turn, subject, bodies)
        await acceptances_of(turn, others if turn.wants(ClauseKind.EDGES) else [])
        if turn.writes and turn.wants(ClauseKind.STATE):
            with turn.prober.budget.within(turn.share(STATE), reserving=turn.share(1)):
                await read_back(turn.prober, subject, again=True)
        await turn.prober.settle()
        # From here on only more of the same: an end of time leaves nothing untried.
        self.had_turn = True
        await rest(turn, subject, [other for other, _ in others], steady=steady)

    async def _state(self, subject: Subject) -> None:
        """What is written shows where it is read."""
        turn = self.turn
        if turn.wants(ClauseKind.STATE):
            with turn.prober.budget.within(turn.share(STATE)):
                await read_back(turn.prober, subject)
            with turn.prober.budget.within(turn.share(CONDITIONS)):
                await preconditions(turn.prober, subject)

    async def _credentials(self, subject: Subject, *, steady: bool) -> None:
        turn = self.turn
        secured = turn.wants(ClauseKind.CREDENTIALS) and subject.control.credential.schemes
        # Before bad credentials, which may lock a caller out.
        if secured and not turn.good.ends_caller():
            with turn.prober.budget.within(turn.share(SHARES[ClauseKind.CREDENTIALS])):
                await turn.separation.probe(turn.prober, subject)
        await turn.probe(ClauseKind.CREDENTIALS, credential_cases(subject))
        without_bodies(turn, subject)
        if secured:
            await turn.probe(ClauseKind.CREDENTIALS, credential_faults.beside_cases(subject))
        if steady and subject.control.credential.schemes:
            await after_bad(turn.prober, subject, "credentials")
        if secured and credential_faults.asks_for_one(subject):
            await turn.prober.probe([credential_faults.again(subject)])

    async def _http(self, subject: Subject) -> None:
        """Methods, framing, validators and paths: what HTTP says of any operation."""
        turn = self.turn
        if turn.leads:
            await try_methods(turn, subject)
        if turn.wants(ClauseKind.WIRE):
            await turn.probe(
                ClauseKind.WIRE, wire_cases(subject, await refused_request(turn, subject))
            )
            await conditional(turn.prober, subject)
            await unexpected_body(turn.prober, subject)
            if turn.leads:
                await other_paths(turn.prober, subject)

    async def _after_faults(self, subject: Subject, *, steady: bool) -> None:
        """Generated faults, and whether all the faults together have left a trace."""
        turn = self.turn
        if turn.wants(ClauseKind.PROPERTIES):
            share = turn.share(SHARES[ClauseKind.PROPERTIES])
            with turn.prober.budget.within(share, reserving=turn.share(RESERVED)):
                await invalid_property(turn.prober, subject)
        if steady:
            await after_bad(turn.prober, subject, "bodies")
            if turn.writes:
                await unchanged(turn.prober, subject)


def _leave(operation: Operation) -> str:
    """Why an operation that may write is left alone, and how to have it tried."""
    why = "the operation may change data; allow it with --allow-writes"
    reads = f", or, if it only reads data, with --harmless '{operation.id}'"
    return why + (reads if operation.method == "POST" else "")


def _credential_hint(operation: Operation) -> str:
    tag = f" or --token {operation.tags[0]}=…" if operation.tags else ""
    return f"set CONFORMANCE_TOKEN{tag}, or --credential SCHEME=VALUE"
