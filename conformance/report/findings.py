"""What the kit knows and reports: clauses, findings, and the report that holds both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from conformance.clauses.clause import Clause, Verdict
from conformance.http.reported import Exchange, ReportedRequest, ReportedResponse
from spec.model.errors import Place

__all__ = ["ContractIdentity", "Finding", "Level", "Report", "ReportVerdict"]


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


class ReportVerdict(Enum):
    """What a whole run has shown."""

    CONFORMS = "conforms"
    BREAKS = "breaks"
    UNDECIDED = "undecided"
    UNREACHABLE = "unreachable"


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
