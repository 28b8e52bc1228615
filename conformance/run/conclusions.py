"""What a run amounts to: its verdict, why nothing is decided, and what is said beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.clauses.clause import Verdict
from conformance.http.target import Target
from conformance.report.codes.finding_code import FindingCode
from conformance.report.command_outcome import NOTHING_SUCCEEDED, breaks, too_little
from conformance.report.findings import Doubt, Finding, Level, Listing, ReportVerdict
from conformance.report.tally import Tally
from conformance.run.making.removal import lasting, left_behind, unnamed
from conformance.run.making.restoring import Restoration
from conformance.run.places.evidence import Ledger
from conformance.run.same_answers import is_elsewhere
from conformance.run.session.run_options import RunOptions
from conformance.run.session.session import Session
from spec import Contract
from spec.model.contract_model import Operation
from spec.model.short_texts import plural

__all__ = ["Conclusions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """Drawn from what a run has, at any time: `finished` operations of `operations`.

    `failures` are defects of the kit, `left_out` what time or answers were missing for.
    """

    contract: Contract
    target: Target
    options: RunOptions
    operations: Sequence[Operation]
    ledger: Ledger
    session: Session | None
    finished: int
    interrupted: bool
    failures: Sequence[str]
    left_out: Sequence[str]
    restoration: Restoration | None = None

    @property
    def answered(self) -> bool:
        """Whether there was an answer, or nothing that was asked for want of leave or time."""
        session = self.session
        # Without leave, or without time, nothing may have been sent: no sign of a dead target.
        began = self.finished > 0 or bool(self.left_out)
        asked_nothing = session is not None and not session.requests and began
        return session is not None and (session.answered or asked_nothing)

    @property
    def elsewhere(self) -> bool:
        """Whether what answers at the URL is not the API: of that a run shows nothing."""
        if self.ledger.succeeded or self.session is None or self.target.app is not None:
            return False
        return is_elsewhere(self.session.heads, self.operations)

    def verdict(self, found: Sequence[Finding], fail_on: Level) -> ReportVerdict:
        """What a set of findings makes of the run, once some of them may have been waived."""
        if self.interrupted:
            return ReportVerdict.INTERRUPTED
        if not self.answered:
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
                "no operation was selected; check --include, --exclude, --clause and --shard"
                if self.contract.operations
                else "the contract has no operation; `conformance lint` reports its mistakes"
            )
            return [Doubt(text=why if total > 1 else selected, whole=True)]
        own = (*self.failures, *self.left_out, *self._ended_credentials())
        doubts = [*(Doubt(text=why) for why in own), *self._without_credential()]
        # Refusals alone prove nothing: everything may be refused for one reason.
        if not self.ledger.succeeded:
            doubts.append(NOTHING_SUCCEEDED)
        doubts += [Doubt(text=why) for why in self._unseen_clauses()]
        least = self.options.min_observed
        if least and (observed := self.observed()) < least:
            doubts.append(too_little(observed, least))
        return doubts

    def _unseen_clauses(self) -> list[str]:
        """The clauses that were asked for by name and that nothing has decided."""
        seen = (Verdict.HELD, Verdict.BROKEN)
        asked = self.ledger.verdicts() if self.options.clauses else ()
        return [f"{one.id}: {one.why}" for one in asked if one.verdict not in seen]

    def _ended_credentials(self) -> list[str]:
        if self.session is None:
            return []
        renewed = bool(self.options.credentials.renewable)
        reasons = [
            f"{operation}: its credential was accepted at first and then refused with 401; it has "
            "ended, so give one that is valid longer than the run"
            f"{': new ones were refused as well' if renewed else ', or --token-command'}"
            for operation in self.session.ended
        ]
        problem = self.session.renewals.problem
        return [*reasons, problem] if problem else reasons

    def _without_credential(self) -> Iterator[Doubt]:
        given = self.options.credentials
        without = [
            operation.id
            for operation in self.operations
            if operation.secured and not given.alternatives(self.contract, operation)
        ]
        if without:
            yield Doubt(text="no credential was given", operations=tuple(without))

    def observed(self) -> float:
        """How many of the clauses have been seen held or broken, in percent."""
        verdicts = map(self.ledger.verdict, self.ledger.clauses)
        return 100 * Tally.of_verdicts(verdicts).observed if self.ledger.clauses else 0.0

    def remarks(self) -> list[str]:
        """What a reader has to know of the run as a whole, one sentence each."""
        if self.interrupted:
            asked = plural(self.session.requests if self.session else 0, "request")
            return [f"interrupted after {asked}; the report shows the results until then"]
        if not self.answered and (self.failures or not self.operations):
            return [doubt.remark for doubt in self.doubts()]
        if not self.answered:
            detail = self._first_trouble()
            return [
                f"{self.target.url} never answered{detail}; check the address, and that the "
                "deployment is running and reachable from here"
            ]
        remarks = [doubt.remark for doubt in self.doubts()]
        if self.session is not None:
            remarks += left_behind(self.session)
            remarks += self.restoration.told() if self.restoration else ()
        remarks += self._credential_remarks()
        return [*remarks, *(one.remark for one in self.listings())]

    def listings(self) -> tuple[Listing, ...]:
        """What is said of operations by their names, each in the order of the run."""
        session = self.session
        if self.interrupted or not self.answered or session is None:
            return ()
        spared = {one.id: 0 for one in self.operations if self.options.lacks_leave(one)}
        stays = lasting(self.contract, self.options, self.operations)
        posts = (one for one in self.operations if self._may_create(one))
        told: dict[str, Mapping[str, int]] = {
            "left behind by this run, because no answer says which id it has": unnamed(
                session.things
            ),
            "not undone (--allow-writes)": _counted(stays, session.billable),
            "no answer came, so that what was made is not known": _counted(
                posts, session.unanswered
            ),
            "429 was received, and the run slowed down accordingly": session.limited,
            "left out because they may change data (--allow-writes)": spared,
        }
        return tuple(Listing(text=text, operations=of) for text, of in told.items() if of)

    def _may_create(self, operation: Operation) -> bool:
        allowed = self.options.allow_writes and self.options.writes(operation)
        return allowed and operation.method == "POST"

    def _credential_remarks(self) -> Iterator[str]:
        for one in self.session.rotations.values() if self.session is not None else ():
            if one.replaced:
                yield (
                    f"{one.by} has replaced the credential that was given: it is refused since, "
                    "and the run went on with the new one; get that from the deployment"
                )
        codes = {one.observation.code for one in self.ledger.deviations}
        # At one operation it may lack rights; at all of them the token is the cause.
        if FindingCode.REFUSED_CREDENTIAL in codes and not self.ledger.succeeded:
            yield (
                "the token is accepted by no operation (401 everywhere): check that it belongs to "
                "this deployment and has not expired"
            )
        if self._is_lenient_mock():
            yield (
                "the target is a mock-server that accepts every well-formed credential; start it "
                "with --auth token=T, and give the same with --token T"
            )

    def _is_lenient_mock(self) -> bool:
        """Whether credentials that were never issued are accepted as mocks accept them."""
        return any(
            one.observation.code == FindingCode.ACCEPTED_CREDENTIAL
            and one.answer.header("x-mock-source") is not None
            for one in self.ledger.deviations
        )

    def _first_trouble(self) -> str:
        details = [one.answer.detail for one in self.ledger.deviations if one.answer.detail]
        return f" ({details[0]})" if details else ""


def _counted(operations: Iterable[Operation], number: Mapping[str, int]) -> Mapping[str, int]:
    return {one.id: number[one.id] for one in operations if number[one.id]}
