"""The turn of one operation in a run: what is asked of it, and its shares of the budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from conformance.cases.batches import pack
from conformance.cases.case import Case, Unit
from conformance.cases.operation_under_test import Subject
from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.kinds import ClauseKind
from conformance.http.credential_slots import header_secrets
from conformance.http.request_drafts import Draft
from conformance.run.sending.prober import Prober
from conformance.run.session.run_options import RunOptions
from conformance.run.things.item_placement import is_within_own
from conformance.run.turns.bisection import try_units
from conformance.run.turns.faults_together import faults_together
from conformance.run.turns.good_requests import GoodRequests
from conformance.run.turns.token_separation import TokenSeparation
from conformance.run.turns.undeclared_methods import undeclared_methods
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["RESERVED", "SHARES", "WHOLE", "OperationTurn"]

SHARES: Final[Mapping[ClauseKind, int]] = {
    ClauseKind.CREDENTIALS: 3,
    ClauseKind.PARAMETERS: 3,
    ClauseKind.BODY: 8,
    ClauseKind.SYNTAX: 3,
    ClauseKind.MEDIA_TYPES: 2,
    ClauseKind.PROPERTIES: 2,
    ClauseKind.WIRE: 3,
    ClauseKind.EDGES: 9,
}
"""Of 25 successes so many may go to a kind of case at first; what is left over is passed on."""
RESERVED = 10
"""Of 25 successes so many are kept for what must be accepted, while faults are tried."""
LATER: Final[Mapping[ClauseKind, int]] = {
    ClauseKind.PARAMETERS: 2,
    ClauseKind.BODY: 2,
    ClauseKind.SYNTAX: 1,
}
"""Of 25 successes so many are kept for the kinds of faults that come after a kind."""
LEAST: Final[Mapping[ClauseKind, int]] = {ClauseKind.BODY: 3}
"""Of them so many are for a kind even where others have spent much; one for each other kind."""
TOGETHER = 5
"""Of those for bodies so many go to several faults at once: each success shows many clauses."""
WHOLE = 25
"""The parts of a budget: shares are counted in successes of the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationTurn:
    """One operation and who probes it; `leads` says that it speaks for its path's other methods.

    `separation` are the tokens of the whole run, and what they open.
    """

    prober: Prober
    separation: TokenSeparation
    leads: bool

    @property
    def operation(self) -> Operation:
        """The operation in the contract."""
        return self.prober.declared

    @property
    def contract(self) -> Contract:
        """The contract that is judged by."""
        return self.prober.judge.contract

    @property
    def options(self) -> RunOptions:
        """Those of the run."""
        return self.prober.session.options

    @property
    def writes(self) -> bool:
        """Whether the operation may leave something behind."""
        return not self.operation.safe and self.options.writes(self.operation)

    @property
    def good(self) -> GoodRequests:
        """What may be sent as a good request, by all that was seen so far."""
        return GoodRequests(operation=self.operation, session=self.prober.session)

    def wants(self, family: ClauseKind) -> bool:
        """Whether a kind of clause is asked for."""
        return self.prober.focus.wants(family)

    def share(self, parts: int) -> int:
        """So many of 25 parts of the budget, in successes; at least one."""
        # Rounded up: a share of a small budget is one success, and not none.
        return -(-self.prober.budget.most * parts // WHOLE)

    def excuse(self, why: str) -> None:
        """Say why the operation's clauses were not seen."""
        self.prober.ledger.excuse(self.operation.id, why)

    def about(self, control: Draft, *, inert: bool = False) -> Subject:
        """The operation with its good request."""
        return Subject(
            contract=self.contract,
            operation=self.operation,
            credentials=self.options.credentials,
            control=control,
            builder=ValidValueBuilder(contract=self.contract),
            allow_writes=self.options.allow_writes,
            inert=inert,
            leads=self.leads,
            alone=is_within_own(self.prober.session.things, self.operation, control),
            vouched=bool(header_secrets(self.options.headers)),
            undeclared_methods=undeclared_methods(self.contract, self.operation, self.options),
        )

    async def probe(self, family: ClauseKind, cases: Iterable[Case]) -> None:
        """Probe cases of a family within its share, if the family was asked for."""
        if not self.wants(family):
            return
        share = self.share(SHARES.get(family, WHOLE))
        # Faults that are accepted must not use up what good values need.
        reserving = self.share(RESERVED + LATER.get(family, 0))
        least = self.share(LEAST.get(family, 1))
        with self.prober.budget.within(share, reserving=reserving, least=least):
            if family is ClauseKind.BODY:
                await self._bodies(cases)
            else:
                await self.prober.probe(cases)
                # What a kind leaves of its share goes to the faults of others, many at once.
                await faults_together(self.prober)
            await self.prober.probe_unseen(everything=False)
            await self.prober.probe_refused()

    async def _bodies(self, cases: Iterable[Case]) -> None:
        """Faults one by one, and then, where many were accepted, several at once."""
        with self.prober.budget.within(self.share(WHOLE), reserving=self.share(TOGETHER), least=1):
            await self.prober.probe(cases)
        await faults_together(self.prober)
        # What is left of the share goes to the others, one by one.
        await self.prober.probe_unspent(ClauseKind.BODY)

    def asked(self, units: Iterable[Unit]) -> list[Unit]:
        """Those of clauses that are asked for (`--clause`)."""
        return [unit for unit in units if self.prober.focus.asks([unit.clause])]

    async def units(self, subject: Subject, units: list[Unit], family: ClauseKind) -> None:
        """Try units on the good request, as many at once as do not conflict."""
        for group in pack(self.asked(units)):
            await try_units(self.prober, subject, subject.control, group, family)
