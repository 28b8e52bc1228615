"""The clauses of a report, counted: by operation and kind, and by the reason they were not seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from conformance.clauses.clause import Clause, Verdict
from conformance.report.findings import Report

__all__ = ["ClauseMatrix", "Tally", "Unseen", "clause_matrix", "unseen"]

_Key = TypeVar("_Key")
_UNSEEN = (Verdict.INCONCLUSIVE, Verdict.UNOBSERVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many clauses have each verdict."""

    held: int = 0
    broken: int = 0
    inconclusive: int = 0
    unobserved: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.held + self.broken + self.inconclusive + self.unobserved

    @property
    def observed(self) -> float:
        """The share that was decided, from 0 to 1; 1 where there is nothing to see."""
        return (self.held + self.broken) / self.total if self.total else 1.0

    @property
    def worst(self) -> Verdict:
        """What a glance should show: a break first, then what is in doubt."""
        if self.broken:
            return Verdict.BROKEN
        if self.inconclusive:
            return Verdict.INCONCLUSIVE
        return Verdict.UNOBSERVED if self.unobserved else Verdict.HELD

    @classmethod
    def of(cls, clauses: Iterable[Clause]) -> Tally:
        """The tally of some clauses."""
        return cls.of_verdicts(clause.verdict for clause in clauses)

    @classmethod
    def of_verdicts(cls, verdicts: Iterable[Verdict]) -> Tally:
        """The tally of clauses with these verdicts."""
        return cls(**Counter(one.value for one in verdicts))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseMatrix:
    """A matrix of operations by kinds, both in the order in which the report names them."""

    operations: tuple[str, ...]
    kinds: tuple[str, ...]
    cells: Mapping[tuple[str, str], Tally]
    by_operation: Mapping[str, Tally]
    by_kind: Mapping[str, Tally]
    whole: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Clauses that were not decided for one reason; `why` says how to see them."""

    why: str
    clauses: tuple[Clause, ...]

    def by_operation(self) -> dict[str, list[str]]:
        """The names of the clauses within their operations."""
        found = dict[str, list[str]]()
        for one in self.clauses:
            name = one.id.removeprefix(f"{one.operation} ")
            found.setdefault(one.operation, []).append(name)
        return found


def clause_matrix(report: Report) -> ClauseMatrix:
    """Count a report's clauses."""
    cells = defaultdict[tuple[str, str], list[Clause]](list)
    kinds = defaultdict[str, list[Clause]](list)
    for clause in report.clauses:
        cells[clause.operation, clause.kind].append(clause)
        kinds[clause.kind].append(clause)
    operations = report.clauses_by_operation()
    return ClauseMatrix(
        operations=tuple(operations),
        kinds=tuple(kinds),
        cells=_tallies(cells),
        by_operation=_tallies(operations),
        by_kind=_tallies(kinds),
        whole=Tally.of(report.clauses),
    )


def _tallies(groups: Mapping[_Key, Iterable[Clause]]) -> dict[_Key, Tally]:
    return {key: Tally.of(clauses) for key, clauses in groups.items()}


def unseen(report: Report) -> tuple[Unseen, ...]:
    """What was not decided, grouped by its reason, the most frequent reason first."""
    groups: dict[str, list[Clause]] = {}
    for clause in report.clauses:
        if clause.verdict in _UNSEEN:
            groups.setdefault(clause.why or "no request tested it", []).append(clause)
    found = [Unseen(why=why, clauses=tuple(clauses)) for why, clauses in groups.items()]
    return tuple(sorted(found, key=lambda one: (-len(one.clauses), one.why)))
