"""One thing that a contract promises, and what has been seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from conformance.clauses.kinds import ClauseKind
from spec.model.errors import Place

__all__ = ["Clause", "KeptBy", "Verdict"]


class Verdict(Enum):
    """What a run has shown of a clause."""

    HELD = "held"
    BROKEN = "broken"
    UNOBSERVED = "unobserved"
    INCONCLUSIVE = "inconclusive"


class KeptBy(StrEnum):
    """By which kind of answer a clause was seen kept, whatever else was seen of it."""

    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    OTHER_REFUSAL = "another-refusal"
    """A refusal with another status than the right one: it shows that something is checked."""

    UNPROVEN_REFUSAL = "unproven-refusal"
    """A refusal with the right status, which may be about something else."""

    @classmethod
    def by(cls, *, refusal: bool) -> KeptBy:
        """By the kind of answer that was asked for."""
        return cls.REFUSAL if refusal else cls.ACCEPTANCE

    @property
    def is_refusal(self) -> bool:
        """Whether it shows that a fault is looked at, in whichever status that is said."""
        return self is not KeptBy.ACCEPTANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that the contract promises.

    `id` is stable and readable, and begins with `operation`; `kind` is the column it has in a
    matrix of operations by kinds; `promise` is one sentence; `why` says why it is unobserved or
    inconclusive, and how to see it; `unsent` is the value of a request that is missing for that.
    `pointer` leads to its words in the document, and `place` is the file and line of them. `cases`
    counts the observations that speak of it, and `kept_by` says which kinds of answers kept it.
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
    kept_by: frozenset[KeptBy] = frozenset()

    def seen_held(self, *, refusal: bool) -> bool:
        """Whether it held for a request that asked for the same: a refusal, or an acceptance."""
        return KeptBy.by(refusal=refusal) in self.kept_by

    def seen_answered(self, *, refusal: bool) -> bool:
        """Whether a request that asked for the same was answered as required, proven or not."""
        return self.seen_held(refusal=refusal) or (
            refusal and KeptBy.UNPROVEN_REFUSAL in self.kept_by
        )

    @property
    def seen_checked(self) -> bool:
        """Whether a fault of it was refused, with whichever status."""
        return any(one.is_refusal for one in self.kept_by)
