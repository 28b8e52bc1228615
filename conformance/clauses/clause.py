"""One thing that a contract promises, and what has been seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conformance.clauses.kinds import ClauseKind
from spec.model.errors import Place

__all__ = ["Clause", "Verdict"]


class Verdict(Enum):
    """What a run has shown of a clause."""

    HELD = "held"
    BROKEN = "broken"
    UNOBSERVED = "unobserved"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that the contract promises.

    `id` is stable and readable, and begins with `operation`; `kind` is the column it has in a
    matrix of operations by kinds; `promise` is one sentence; `why` says why it is unobserved or
    inconclusive, and how to see it; `unsent` is the value of a request that is missing for that.
    `pointer` leads to its words in the document, and `place` is the file and line of them. `cases`
    counts the observations that speak of it.
    """

    id: str
    operation: str
    kind: ClauseKind
    pointer: str
    promise: str = ""
    place: Place | None = None
    verdict: Verdict = Verdict.UNOBSERVED
    cases: int = 0
    why: str = ""
    unsent: str = ""
