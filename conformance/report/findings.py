"""What the kit knows and reports: clauses, findings, and the report that holds both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from conformance.clauses.clause import Clause, Verdict
from conformance.http.reported import ReportedExchange, ReportedRequest, ReportedResponse
from conformance.report.codes.finding_code import FindingCode
from conformance.report.finding_places import FindingPlace
from conformance.report.level import Level
from conformance.report.token_trials import TokenTrial
from spec.model.errors import Place
from spec.model.short_texts import plural

__all__ = [
    "ContractIdentity",
    "Doubt",
    "Finding",
    "FindingPlace",
    "Level",
    "Listing",
    "Report",
    "ReportVerdict",
]


class ReportVerdict(Enum):
    """What a whole run has shown."""

    CONFORMS = "conforms"
    BREAKS = "breaks"
    UNDECIDED = "undecided"
    UNREACHABLE = "unreachable"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Places that are shown together, since one sentence is true of them all.

    The title names the cause and the scope; the first place is the one to look at. Everything that
    is evidence stands at the places, so that grouping them loses nothing.
    """

    code: FindingCode
    title: str
    places: tuple[FindingPlace, ...]
    remedy: str = ""

    @property
    def level(self) -> Level:
        """The worst level of the places that are not waived, or of all where all are."""
        open_ = [one.level for one in self.places if not one.waived]
        levels = open_ or [one.level for one in self.places]
        return max(levels, key=lambda level: level.rank)

    @property
    def gravity(self) -> int:
        """The rank of the worst level of all its places: what is waived changes no order."""
        return max(one.level.rank for one in self.places)

    @property
    def first(self) -> FindingPlace:
        """The place to look at: the first that is not waived."""
        return next((one for one in self.places if not one.waived), self.places[0])

    @property
    def fingerprint(self) -> str:
        """That of the first place, waived or not: a name that marking does not change."""
        # Not that of `first`: a waiver is found by it, and must not change it.
        return self.places[0].fingerprint

    @property
    def waived(self) -> bool:
        """Whether all its places are."""
        return all(one.waived for one in self.places)

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations of its places."""
        return tuple(dict.fromkeys(one.operation for one in self.places if one.operation))

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses of its places."""
        return tuple(dict.fromkeys(one.clause for one in self.places if one.clause))

    @property
    def expected(self) -> str:
        """What the first place expected."""
        return self.first.expected

    @property
    def got(self) -> str:
        """What came at the first place."""
        return self.first.got

    @property
    def request(self) -> ReportedRequest | None:
        """The request of the first place."""
        return self.first.request

    @property
    def response(self) -> ReportedResponse | None:
        """The answer of the first place."""
        return self.first.response

    @property
    def curl(self) -> str:
        """The command that shows the first place."""
        return self.first.curl

    @property
    def witness(self) -> Mapping[str, Any] | None:
        """What `diff` and `lint` bring forward instead of an exchange."""
        return self.first.witness

    @property
    def place(self) -> Place | None:
        """The line of the contract of the first place."""
        return self.first.place

    @property
    def pointer(self) -> str:
        """Where the first place is in the contract."""
        return self.first.pointer

    @property
    def occurrences(self) -> int:
        """How many exchanges show it, all places together."""
        return sum(one.occurrences for one in self.places)

    def at(self, change: Callable[[FindingPlace], FindingPlace]) -> Finding:
        """The finding with every place changed: marked as waived, or named otherwise."""
        return replace(self, places=tuple(change(one) for one in self.places))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractIdentity:
    """Which contract a report speaks of; `file` is as the caller gave it."""

    title: str
    version: str
    sha256: str
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a run decides nothing, and the operations that are the reason, where these are.

    A `whole` one is no doubt of a part: the others may answer it.
    """

    text: str
    whole: bool = False
    operations: tuple[str, ...] = ()

    @property
    def remark(self) -> str:
        """The sentence that stands among the remarks of a report."""
        listed = f": {', '.join(self.operations)}" if self.operations else ""
        return f"undecided: {self.text}{listed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is true of some operations, and how often it is; 0 where that is not counted."""

    text: str
    operations: Mapping[str, int]

    @property
    def remark(self) -> str:
        """The sentence that stands among the remarks of a report."""
        told = (
            f"{name} ({plural(number, 'time')})" if number else name
            for name, number in self.operations.items()
        )
        return f"{self.text}: {', '.join(told)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a run, a diff or a lint has to say.

    `alert` is what must be read first; it is among the remarks as well. `remarks` are sentences for
    people: what was left out on purpose (some of them are `listings`), why a run is undecided
    (`doubts`).
    `exchanges` is everything that was sent, in order; only HAR shows it. `rooms` are those whose
    rules were all applied (`lint`, `diff`): a rule of theirs without a finding is kept. `parts` are
    the reports of several contracts that this one joins. `operations` are those of the run, and of
    all its shards, in the order of the contract; `token_trials` are what a shard cannot conclude.
    """

    verdict: ReportVerdict
    target: str
    contract: ContractIdentity
    seed: int = 0
    requests: int = 0
    billable: int = 0
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    clauses: tuple[Clause, ...] = ()
    operations: tuple[str, ...] = ()
    alert: str = ""
    remarks: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    listings: tuple[Listing, ...] = ()
    token_trials: tuple[TokenTrial, ...] = ()
    exchanges: tuple[ReportedExchange, ...] = field(default=(), compare=False, repr=False)
    rooms: tuple[str, ...] = ()
    parts: tuple[Report, ...] = field(default=(), compare=False, repr=False)
    version: int = 2

    @property
    def interrupted(self) -> bool:
        """Whether somebody put an end to it."""
        return self.verdict is ReportVerdict.INTERRUPTED

    def clauses_by_operation(self) -> Mapping[str, Sequence[Clause]]:
        """The clauses of each operation, in the order in which the report has them."""
        found = defaultdict[str, list[Clause]](list)
        for clause in self.clauses:
            found[clause.operation].append(clause)
        return found

    def counts(self) -> Mapping[Verdict, int]:
        """How many clauses have each verdict."""
        seen = [clause.verdict for clause in self.clauses]
        return {verdict: seen.count(verdict) for verdict in Verdict}

    def worst(self) -> Level | None:
        """The highest level of what is not waived; None where there is nothing."""
        levels = (one.level for one in self.findings if not one.waived)
        return max(levels, key=lambda level: level.rank, default=None)
