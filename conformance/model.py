"""What the kit knows and reports: clauses, findings, and the report that holds both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from spec.errors import Place

__all__ = [
    "Clause",
    "ContractIdentity",
    "Exchange",
    "Finding",
    "Level",
    "Report",
    "ReportVerdict",
    "ReportedRequest",
    "ReportedResponse",
    "Verdict",
]


class Level(Enum):
    """How much a finding weighs: see the table of judgement in ARCHITECTURE."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for a note, 2 for an error: the worst has the highest."""
        return list(Level).index(self)

    def at_least(self, other: Level) -> bool:
        """Whether `--fail-on OTHER` counts this level."""
        return self.rank >= other.rank


class Verdict(Enum):
    """What a run has shown of a clause."""

    HELD = "held"
    BROKEN = "broken"
    UNOBSERVED = "unobserved"
    INCONCLUSIVE = "inconclusive"


class ReportVerdict(Enum):
    """What a whole run has shown."""

    CONFORMS = "conforms"
    BREAKS = "breaks"
    UNDECIDED = "undecided"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that the contract promises.

    `id` is stable and readable, and begins with `operation`; `kind` is the column it has in a
    matrix of operations by kinds; `promise` is one sentence; `why` says why it is unobserved or
    inconclusive, and how to see it.
    """

    id: str
    operation: str
    kind: str
    pointer: str
    promise: str = ""
    place: Place | None = None
    verdict: Verdict = Verdict.UNOBSERVED
    cases: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRequest:
    """A request as a report shows it: secrets are `$TOKEN`, a long body is cut and says so."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedResponse:
    """An answer as a report shows it, with the same care."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request with its answer, for HAR. `started` is in seconds since 1970, `seconds` long."""

    request: ReportedRequest
    response: ReportedResponse | None
    started: float
    seconds: float
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause, with every place that shows it.

    `occurrences` counts the exchanges (or places) that show it; `place` and `pointer` lead to the
    line of the contract; `witness` is what `diff` and `lint` bring forward instead of an exchange.
    """

    code: str
    level: Level
    title: str
    fingerprint: str
    operations: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    expected: str = ""
    got: str = ""
    request: ReportedRequest | None = None
    response: ReportedResponse | None = None
    curl: str = ""
    occurrences: int = 1
    witness: Mapping[str, Any] | None = field(default=None, compare=False)
    place: Place | None = None
    pointer: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractIdentity:
    """Which contract a report speaks of; `file` is as the caller gave it."""

    title: str
    version: str
    sha256: str
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a run, a diff or a lint has to say.

    `remarks` are sentences for people: what was left out on purpose, why a run is undecided.
    `exchanges` is everything that was sent, in order; only HAR shows it.
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
    remarks: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = field(default=(), compare=False, repr=False)
    interrupted: bool = False
    version: int = 1

    def counts(self) -> Mapping[Verdict, int]:
        """How many clauses have each verdict."""
        seen = [clause.verdict for clause in self.clauses]
        return {verdict: seen.count(verdict) for verdict in Verdict}

    def worst(self) -> Level | None:
        """The highest level among the findings; None where there are none."""
        return max((f.level for f in self.findings), key=lambda level: level.rank, default=None)
