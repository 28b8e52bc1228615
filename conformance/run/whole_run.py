"""A whole run: every operation, reads first, and the report that comes of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from conformance.clauses import derive
from conformance.clauses.clause import Clause, Verdict
from conformance.clauses.secret_names import contract_secrets
from conformance.http.credential_slots import header_secrets
from conformance.http.exchange import Request
from conformance.http.redaction import Redactor
from conformance.http.target import Target
from conformance.http.transport import Client
from conformance.judgement import Judge
from conformance.judgement.canned import Canned
from conformance.report.command_outcome import identity
from conformance.report.findings import Finding, Level, Report, ReportVerdict
from conformance.report.redacted import redacted
from conformance.run.conclusions import Conclusions
from conformance.run.exchanges.sizes import first_of_sizes
from conformance.run.making.bystanders import Bystanders
from conformance.run.making.doubtful_creations import found_doubtful
from conformance.run.making.removal import remove
from conformance.run.making.restoring import Restoration
from conformance.run.making.thing_answers import look_for_unnamed
from conformance.run.places.evidence import Ledger
from conformance.run.places.shown_places import findings
from conformance.run.run_order import RunOrder
from conformance.run.same_answers import is_elsewhere_so_far
from conformance.run.sending.focus import focus, judged_by
from conformance.run.sending.prober import Prober
from conformance.run.session.run_options import RunOptions
from conformance.run.session.session import Session
from conformance.run.session.time_budget import TimeBudget, TimeIsUpError
from conformance.run.things.known_items import KnownItems
from conformance.run.turns.operation_run import OperationRun
from conformance.run.turns.token_separation import TokenSeparation
from conformance.run.turns.turn import OperationTurn
from spec import Contract
from spec.model.contract_model import Operation
from spec.model.short_texts import plural

__all__ = ["Run"]

_LOG = logging.getLogger(__name__)

SILENT = "the deployment never answered"
ELSEWHERE = "every response was 404: the URL may be wrong"
GRACE = 2.0
"""Seconds beyond --max-response-time before an answer is given up: late is not never."""


class Run:
    """One run. `way_of_a_clause` fills it; `report` may be asked for at any time.

    `time` is what it may take, where it began before: with the reading of a large contract.
    """

    def __init__(
        self,
        contract: Contract,
        target: Target,
        options: RunOptions,
        time: TimeBudget | None = None,
    ) -> None:
        self.time = time or TimeBudget(options.time_budget)
        target = target.below(one.base_paths[0] for one in contract.operations)
        self.contract, self.target, self.options = contract, target, options
        known = (*options.credentials.secrets, *header_secrets(options.headers))
        secrets = contract_secrets(contract, known)
        self.redactor = Redactor(
            target, secrets, options.headers, variables=options.credentials.variables
        )
        self.judge = Judge(contract, secrets.own, limit=options.max_response_time)
        self.things = KnownItems(contract)
        order = RunOrder(options=options, things=self.things)
        selected = order.selected(contract)
        wanted = order.of_shard(selected)
        # Reversed: of several, the first of the order stays.
        self._leaders = {one.path: one for one in reversed(wanted)}
        # Sorted with those of other shards, so that each of them has the order of one run.
        self._every, own = order.sorted(selected), {one.id for one in wanted}
        self.operations = tuple(one for one in self._every if one.id in own)
        before = self.time.elapsed
        clauses = derive(contract, wanted)
        self._deriving = self.time.elapsed - before
        if options.clauses:
            clauses = tuple(one for one in clauses if one.id in options.clauses)
            self.only(judged_by(clauses, self.operations))
        self.ledger = Ledger(
            clauses,
            focused=bool(options.clauses),
            operations=[one.id for one in selected if options.asks_about(one)],
        )
        self._canned = Canned(contract)
        self.session: Session | None = None
        self.restoration: Restoration | None = None
        self.interrupted = False
        self.current, self.finished = "", 0
        self.remarks, self.failures, self.left_out = list[str](), list[str](), list[str]()
        self._separation = TokenSeparation(part=options.shard[1] > 1)
        self._dead, self._had_turn, self._silent_since = 0, set[str](), ""

    def keep_time(self, reports: int) -> None:
        """Keep time for so many reports: to write one takes about as long as deriving took."""
        self.time.keep(self._deriving * reports)

    def only(self, operations: Iterable[str]) -> None:
        """Leave out all other operations, whose clauses are not selected."""
        wanted = set(operations)
        self.operations = tuple(one for one in self.operations if one.id in wanted)

    @asynccontextmanager
    async def connected(self, on_progress: Callable[[Run], None]) -> AsyncIterator[None]:
        """A session with the target. It ends early, with what there is, when time runs out.

        What the run made is removed at its end, however it ends, unless it had to stop.
        """
        async with Client(self.target, timeout=self.options.max_response_time + GRACE) as client:
            self.session = Session(client, self.options, self.redactor, self.things, self.time)
            self.session.on_progress = lambda: on_progress(self)
            self.session.on_success = self._canned.see
            self.session.on_gone = self._end
            self.session.owes_largest = self._has_first_of_sizes()
            self.restoration = Restoration(self.session)
            self.session.before_write = self._looking(self.restoration, self.session)
            try:
                yield
            except TimeIsUpError:
                self._cut_short()
            except asyncio.CancelledError:
                self.interrupted = True
            # Where something was accepted without leave, not one request more is sent.
            self.session.time.close()
            if not self.session.stopped:
                await self._clean_up()
        self._separation.conclude()
        self.current = ""

    def _has_first_of_sizes(self) -> bool:
        """Whether the operation that gets the largest body of all shards is in this one."""
        if self.options.shard[1] == 1:
            return True
        first = first_of_sizes(self.contract, self.options, self._every)
        return first is None or first in self.operations

    def _looking(
        self, restoration: Restoration, session: Session
    ) -> Callable[[str, Request], Awaitable[None]]:
        """What is asked before a write: what it may change, and whose thing it may seem to make."""
        bystanders = Bystanders(session)

        async def look(name: str, request: Request) -> None:
            await restoration.look(name, request)
            await bystanders.look(name, request)

        return look

    async def _clean_up(self) -> None:
        assert self.session is not None
        assert self.restoration is not None
        try:
            await self.restoration.restore()
            await look_for_unnamed(self.session)
            await remove(self.session)
            self.remarks += await found_doubtful(self.session)
        except TimeIsUpError:
            self.session.cut_off = True

    def turns(self) -> Iterator[OperationTurn]:
        """The turn of each operation, as long as the target answers and nothing was stopped."""
        assert self.session is not None
        for operation in self.operations:
            self.current = operation.id
            self.session.on_progress()
            # Made when its turn comes: what the ones before have seen is known by then.
            yield self._turn(operation)
            self.finished += 1
            if self._unreachable() or self.session.stopped or self._is_elsewhere():
                return

    def _cut_short(self) -> None:
        if self._silent_since:
            self._gone()
        else:
            self._out_of_time()

    def _end(self, since: str) -> None:
        self._silent_since = self._silent_since or since
        raise TimeIsUpError

    def _gone(self) -> None:
        left = self.operations[self.finished :]
        why = f"nothing has answered since {self._silent_since}"
        for operation in left:
            self.ledger.excuse(operation.id, why)
        self.left_out.append(
            f"{why}: {len(left)} of {len(self.operations)} operations unfinished; "
            "see in its log why the deployment ended, and start it again"
        )

    def _out_of_time(self) -> None:
        left = self.operations[self.finished :]
        self.remarks.append(
            f"--time-budget {self.options.time_budget:g} s ended the run with "
            f"{len(left)} of {len(self.operations)} operations unfinished"
        )
        why = f"time ended: --time-budget {self.options.time_budget:g} s was over; raise it"
        for operation in left:
            self.ledger.excuse(operation.id, why)
            if operation.id not in self._had_turn:
                self.left_out.append(
                    f"{operation.id} was not tested: the time budget ended before it"
                )

    async def guarded(self, run: OperationRun) -> None:
        """The turn of an operation."""
        try:
            await self._guarded(run.turn.operation.id, run.run())
        finally:
            if run.had_turn:
                self._had_turn.add(run.turn.operation.id)

    async def _guarded(self, operation: str, work: Awaitable[None]) -> None:
        """A defect of the kit at one operation must not lose what the others have shown."""
        try:
            await work
        except (TimeIsUpError, asyncio.CancelledError):
            raise
        # Everything: a defect of the kit is reported as one (exit code 70), and no finding.
        except Exception as error:
            _LOG.exception("a defect at %s", operation)
            told = f"{type(error).__name__}: {error}"
            self.failures.append(f"{operation} could not be tested completely ({told})")

    async def read_again(self, done: Sequence[OperationRun]) -> None:
        """Read again what came before an operation that may have filled it."""
        assert self.session is not None
        if self.session.stopped or all(one.safe for one in self._every):
            return
        for run in done:
            if run.had_turn and run.turn.operation.safe:
                await self._guarded(run.turn.operation.id, run.read_again())

    def _turn(self, operation: Operation) -> OperationTurn:
        assert self.session is not None
        prober = Prober(operation, self.session, self.judge, self.ledger)
        if self.options.clauses:
            prober.focus = focus(self.ledger.of(operation.id))
        leads = self._leaders[operation.path] is operation
        return OperationTurn(prober=prober, separation=self._separation, leads=leads)

    def _unreachable(self) -> bool:
        """Whether two operations have passed without any answer."""
        assert self.session is not None
        if self.session.answered:
            return False
        self._dead += 1
        return self._dead >= 2

    def _is_elsewhere(self) -> bool:
        """Whether nothing was found at the first paths, so that the others are not asked for."""
        assert self.session is not None
        tried, left = self.operations[: self.finished], self.operations[self.finished :]
        if self.target.app is not None or not is_elsewhere_so_far(self.session.heads, tried, left):
            return False
        if left:
            untried = plural(len(left), "operation")
            self.remarks.append(f"{untried} not tried: nothing is at this URL")
        return True

    def report(self, fail_on: Level = Level.ERROR) -> Report:
        """What has been found so far; a finding at or above `fail_on` breaks the contract."""
        session = self.session
        conclusions = self._conclusions()
        alert = session.stopped if session else ""
        clauses = self.ledger.verdicts()
        found = findings(self.ledger, clauses, self.redactor)
        # One clause was asked for, and no comparison of whole answers.
        if not self.options.clauses:
            found += tuple(self._canned.findings(self.redactor))
        if not conclusions.answered:
            # Of a target that never answered everything would be a finding.
            found, clauses = (), tuple(_unbroken(one) for one in clauses)
        elif conclusions.elsewhere:
            unseen = Verdict.UNOBSERVED
            clauses = tuple(
                replace(one, verdict=unseen, why=ELSEWHERE, kept_by=frozenset()) for one in clauses
            )
            found = ()
        report = Report(
            verdict=conclusions.verdict(found, fail_on),
            target=self.target.url if self.target.app is None else "the application",
            contract=identity(self.contract),
            seed=self.options.seed,
            requests=session.requests if session else 0,
            billable=sum(session.billable.values()) if session else 0,
            seconds=session.elapsed if session else 0.0,
            findings=found,
            clauses=clauses,
            operations=self.ledger.operations,
            alert=alert,
            remarks=(*([alert] if alert else []), *self.remarks, *conclusions.remarks()),
            doubts=tuple(conclusions.doubts()),
            listings=conclusions.listings(),
            token_trials=tuple(self._separation.trials(self.redactor)),
            exchanges=tuple(session.exchanges) if session else (),
        )
        return redacted(report, self.redactor)

    def verdict(self, found: Sequence[Finding], fail_on: Level) -> ReportVerdict:
        """What a set of findings makes of the run, once some of them may have been waived."""
        return self._conclusions().verdict(found, fail_on)

    def _conclusions(self) -> Conclusions:
        return Conclusions(
            contract=self.contract,
            target=self.target,
            options=self.options,
            operations=self.operations,
            ledger=self.ledger,
            session=self.session,
            finished=self.finished,
            interrupted=self.interrupted,
            restoration=self.restoration,
            failures=self.failures,
            left_out=self.left_out,
        )


def _unbroken(clause: Clause) -> Clause:
    """The clause of a target that never answered: nothing of it was seen."""
    if clause.verdict is not Verdict.BROKEN:
        return clause
    return replace(clause, verdict=Verdict.UNOBSERVED, why=SILENT)
