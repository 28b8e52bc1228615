"""A whole run: every operation, reads first, and the report that comes of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from conformance.clauses import derive
from conformance.clauses.clause import Verdict
from conformance.clauses.secret_names import secret_names
from conformance.http.redaction import Redactor
from conformance.http.secrets import Secrets
from conformance.http.target import Target
from conformance.http.transport import Client
from conformance.judgement import Judge
from conformance.judgement.canned import Canned
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import (
    ContractIdentity,
    Doubt,
    Finding,
    Level,
    Report,
    ReportVerdict,
)
from conformance.report.outcome import NOTHING_SUCCEEDED, breaks, too_little
from conformance.report.tally import Tally
from conformance.run.evidence import Ledger
from conformance.run.focus import focus
from conformance.run.grouping import findings
from conformance.run.operation_run import OperationRun
from conformance.run.prober import Prober
from conformance.run.removal import left_behind, remove
from conformance.run.run_options import RunOptions
from conformance.run.session import Session, TimeIsUpError
from conformance.run.shards import shard_of
from conformance.run.things import Things
from conformance.run.token_separation import Powers
from conformance.run.turn import Turn
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["Run"]

_LOG = logging.getLogger(__name__)

GRACE = 2.0
"""Seconds beyond --max-response-time before an answer is given up: late is not never."""


class Run:
    """One run. `execute` fills it; `report` can be asked for at any time, also when cut short."""

    def __init__(self, contract: Contract, target: Target, options: RunOptions) -> None:
        target = target.below(_base_of(contract))
        self.contract, self.target, self.options = contract, target, options
        secrets = Secrets(given=options.credentials.secrets, named=secret_names(contract))
        self.redactor = Redactor(target, secrets, options.headers)
        self.judge = Judge(contract, secrets.own, limit=options.max_response_time)
        self.things = Things(contract)
        wanted = [one for one in contract.operations if options.wants(one)]
        wanted = sorted(shard_of(wanted, *options.shard), key=self._leading)
        self._leaders = {one.path: one for one in reversed(wanted)}
        self.operations = tuple(sorted(wanted, key=self._turn))
        clauses = derive(contract, wanted)
        if options.clauses:
            clauses = tuple(one for one in clauses if one.id in options.clauses)
            self.only(one.operation for one in clauses)
        self.ledger = Ledger(clauses, focused=bool(options.clauses))
        self._canned = Canned(contract)
        self.session: Session | None = None
        self.interrupted = False
        self.current, self.finished = "", 0
        self.remarks, self.failures, self.left_out = list[str](), list[str](), list[str]()
        self._dead, self._powers, self._had_turn = 0, Powers(), set[str]()

    def only(self, operations: Iterable[str]) -> None:
        """Leave out all other operations, whose clauses are not selected."""
        wanted = set(operations)
        self.operations = tuple(one for one in self.operations if one.id in wanted)

    async def execute(self, on_progress: Callable[[Run], None] = lambda run: None) -> None:
        """Send everything. Ends early, with what there is, when time or connection runs out."""
        async with Client(self.target, timeout=self.options.max_response_time + GRACE) as client:
            self.session = Session(client, self.options, self.redactor, self.things)
            self.session.on_progress = lambda: on_progress(self)
            self.session.on_success = self._canned.see
            try:
                for operation in self.operations:
                    self.current = operation.id
                    on_progress(self)
                    await self._guarded(operation)
                    self.finished += 1
                    if self._unreachable() or self.session.stopped:
                        break
            except TimeIsUpError:
                self._out_of_time()
            except asyncio.CancelledError:
                self.interrupted = True
            if not self.session.stopped:
                await remove(self.session, self.contract, self.options)
        self._powers.conclude()
        self.current = ""

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

    async def _guarded(self, operation: Operation) -> None:
        """A defect of the kit at one operation must not lose what the others have shown."""
        try:
            await self._one(operation)
        except (TimeIsUpError, asyncio.CancelledError):
            raise
        except Exception as error:
            _LOG.exception("a defect at %s", operation.id)
            told = f"{type(error).__name__}: {error}"
            self.failures.append(f"{operation.id} could not be tested completely ({told})")

    async def _one(self, operation: Operation) -> None:
        assert self.session is not None
        writes = self.options.writes(operation) and not self.options.allow_writes
        prober = Prober(operation.id, self.session, self.judge, self.ledger, writing=writes)
        wanted = [one for one in self.ledger.clauses.values() if one.operation == operation.id]
        if self.options.clauses:
            prober.focus = focus(wanted)
        turn = Turn(
            contract=self.contract,
            operation=operation,
            options=replace(self.options, families=self.options.families or prober.focus.families),
            prober=prober,
            powers=self._powers,
            leads=self._leaders[operation.path] is operation,
        )
        run = OperationRun(turn)
        try:
            await run.run()
        finally:
            if run.had_turn:
                self._had_turn.add(operation.id)

    def _leading(self, operation: Operation) -> tuple[bool, bool]:
        """Which operation of a path speaks for its other methods: a read before what writes."""
        return operation.method != "GET", self.options.writes(operation)

    def _turn(self, operation: Operation) -> tuple[int, int]:
        """Create, list, read, change, remove, whatever the order of the document.

        What belongs to something comes after it is made, and is removed before it.
        """
        depth = operation.path.count("{")
        writes = self.options.writes(operation)
        if operation.method == "GET":
            return 1, depth
        if not writes:
            return 2, 0
        if operation.method == "DELETE":
            return 4, -depth
        if self.options.allow_writes and self.things.makes(operation):
            return 0, depth
        return 3, 0

    def _answered(self) -> bool:
        """Whether there was an answer, or nothing that could have been asked without leave."""
        session = self.session
        asked_nothing = session is not None and not session.requests and self.finished > 0
        return session is not None and (session.answered or asked_nothing)

    def _unreachable(self) -> bool:
        """Whether two operations have passed without any answer."""
        assert self.session is not None
        if self.session.answered:
            return False
        self._dead += 1
        return self._dead >= 2

    def report(self, fail_on: Level = Level.ERROR) -> Report:
        """What has been found so far; a finding at or above `fail_on` breaks the contract."""
        session = self.session
        answered = self._answered()
        alert = session.stopped if session else ""
        found = (
            *findings(self.ledger, self.redactor),
            *self._canned.findings(self.redactor.response),
        )
        found = found if answered else ()
        return Report(
            verdict=self.verdict(found, fail_on),
            target=self.target.url if self.target.app is None else "the application",
            contract=ContractIdentity(
                title=self.contract.title,
                version=self.contract.version,
                sha256=self.contract.sha256,
                file=self.contract.file,
            ),
            seed=self.options.seed,
            requests=session.requests if session else 0,
            billable=sum(session.billable.values()) if session else 0,
            seconds=session.elapsed if session else 0.0,
            findings=found,
            clauses=self.ledger.verdicts(),
            alert=alert,
            remarks=(*([alert] if alert else []), *self.remarks, *self._remarks(answered)),
            doubts=tuple(self.doubts()),
            exchanges=tuple(session.exchanges) if session else (),
        )

    def verdict(self, found: Sequence[Finding], fail_on: Level) -> ReportVerdict:
        """What a set of findings makes of the run, once some of them may have been waived."""
        if self.interrupted:
            return ReportVerdict.INTERRUPTED
        if not self._answered():
            # Where the kit itself failed, or nothing was selected, the address is not at fault.
            idle = self.failures or not self.operations
            return ReportVerdict.UNDECIDED if idle else ReportVerdict.UNREACHABLE
        if breaks(found, fail_on):
            return ReportVerdict.BREAKS
        return ReportVerdict.UNDECIDED if self.doubts() else ReportVerdict.CONFORMS

    def doubts(self) -> list[Doubt]:
        """Why nothing is decided; empty where it is."""
        if not self.operations:
            number, total = self.options.shard
            why = (
                f"shard {number} of {total} has no operation, because the contract has fewer "
                f"resources than shards"
            )
            selected = (
                "no operation was selected; check --include and --exclude"
                if self.contract.operations
                else "the contract has no operation; `conformance lint` tells what is wrong with it"
            )
            return [Doubt(text=why if total > 1 else selected, whole=True)]
        own = (*self.failures, *self.left_out, *self._without_credential())
        doubts = [Doubt(text=why) for why in own]
        if not self.ledger.succeeded:
            doubts.append(Doubt(text=NOTHING_SUCCEEDED, whole=True))
        doubts += [Doubt(text=why) for why in self._unseen_clauses()]
        observed = self.observed()
        if self.options.min_observed and observed < self.options.min_observed:
            doubts.append(too_little(observed, self.options.min_observed))
        return doubts

    def _unseen_clauses(self) -> list[str]:
        """The clauses that were asked for by name and that nothing has decided."""
        seen = (Verdict.HELD, Verdict.BROKEN)
        asked = self.ledger.verdicts() if self.options.clauses else ()
        return [f"{one.id}: {one.why}" for one in asked if one.verdict not in seen]

    def _without_credential(self) -> list[str]:
        reasons = [
            f"{operation}: its credential was accepted at first and then refused with 401; it has "
            "ended, so give one that is valid longer than the run, or --token-command"
            for operation in (self.session.ended if self.session else ())
        ]
        if self.session is not None and self.session.renewals.problem:
            reasons.append(self.session.renewals.problem)
        given = self.options.credentials
        without = [
            operation.id
            for operation in self.operations
            if operation.secured and not given.alternatives(self.contract, operation)
        ]
        if len(without) > 1:
            reasons.append(f"{len(without)} operations had no credential: {', '.join(without)}")
        return [*reasons, f"{without[0]} had no credential"] if len(without) == 1 else reasons

    def observed(self) -> float:
        """How many of the clauses have been seen held or broken, in percent."""
        clauses = list(self.ledger.verdicts())
        return 100 * Tally.of(clauses).observed if clauses else 0.0

    def _remarks(self, answered: bool) -> list[str]:
        if self.interrupted:
            requests = self.session.requests if self.session else 0
            return [
                f"interrupted after {requests} requests; the report shows the results until then"
            ]
        if not answered and (self.failures or not self.operations):
            return [doubt.remark for doubt in self.doubts()]
        if not answered:
            detail = self._first_trouble()
            return [
                f"{self.target.url} never answered{detail}; check the address, and that the "
                "deployment is running and reachable from here"
            ]
        remarks = [doubt.remark for doubt in self.doubts()]
        if self.session is not None:
            remarks += left_behind(self.session, self.contract, self.options)
        refused = [
            one
            for one in self.ledger.deviations
            if one.observation.code == FindingCode.REFUSED_CREDENTIAL
        ]
        if refused and not self.ledger.succeeded:
            remarks.append(
                "the token is accepted by no operation (401 everywhere): check that it belongs to "
                "this deployment and has not expired"
            )
        writes = [one.id for one in self.operations if self.options.writes(one)]
        if writes and not self.options.allow_writes:
            remarks.append(
                f"left out because they may change data (--allow-writes): {', '.join(writes)}"
            )
        if self.session is not None and self.session.limited:
            remarks.append(
                f"429 was received {self.session.limited} times; the run slowed down accordingly"
            )
        return remarks

    def _first_trouble(self) -> str:
        details = [one.answer.detail for one in self.ledger.deviations if one.answer.detail]
        return f" ({details[0]})" if details else ""


def _base_of(contract: Contract) -> str:
    """The path of the contract's server, where every operation has that one."""
    found = {one.base_paths[0] for one in contract.operations}
    return found.pop() if len(found) == 1 else ""
