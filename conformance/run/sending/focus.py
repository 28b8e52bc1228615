"""`--clause`: which cases a clause needs, so that the others of its operation are not sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.clauses.clause import Clause
from conformance.clauses.ids import local_part
from conformance.clauses.kinds import ClauseKind
from spec.model.contract_model import Operation

__all__ = ["Focus", "focus", "judged_by"]

_OF_ANY_ANSWER = frozenset({ClauseKind.STATUS, ClauseKind.RESPONSE, ClauseKind.STREAMS})
"""Kinds that no case is made for: every answer of the operation is evidence."""
_OF_SEVERAL = frozenset(
    {"security.secrecy", "security.challenge", "steady.after-bad", "steady.unchanged"}
)
"""Clauses that are shown by answers to cases for other clauses."""
_VALUES = frozenset(
    {
        ClauseKind.CONTROL,
        ClauseKind.BODY,
        ClauseKind.EDGES,
        ClauseKind.SYNTAX,
        ClauseKind.MEDIA_TYPES,
        ClauseKind.PARAMETERS,
        ClauseKind.METHODS,
        ClauseKind.WIRE,
    }
)
"""Families whose cases may be made for a clause of each other's kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """The clauses that are asked for, and the families that may have cases for them.

    Both are empty where everything is asked for.
    """

    clauses: frozenset[str] = frozenset()
    families: frozenset[ClauseKind] = frozenset()

    def asks(self, clauses: Iterable[str]) -> bool:
        """Whether a case for these clauses is to be sent."""
        return not self.clauses or not self.clauses.isdisjoint(clauses)

    def wants(self, family: ClauseKind) -> bool:
        """Whether a kind of case may be needed."""
        return not self.families or family in self.families


_CONTROL = Focus(clauses=frozenset({""}), families=frozenset({ClauseKind.CONTROL}))
"""No clause of the operation is asked for, only whether it is there."""


def focus(wanted: Sequence[Clause]) -> Focus:
    """What the clauses of one operation need: their own cases, or all that is sent there.

    Without any it is one that the clause of another operation is judged by.
    """
    if not wanted:
        return _CONTROL
    # Any answer may show it: a part of the requests would be a part of the evidence.
    if any(_of_any(clause) for clause in wanted):
        return Focus()
    kinds = {clause.kind for clause in wanted}
    # A clause about values may need cases of a neighbouring family, a base for instance.
    families = kinds | (_VALUES if kinds & _VALUES else frozenset()) | {ClauseKind.CONTROL}
    return Focus(clauses=frozenset(clause.id for clause in wanted), families=frozenset(families))


def judged_by(clauses: Iterable[Clause], operations: Iterable[Operation]) -> frozenset[str]:
    """The operations that the clauses are judged by: their own, and all those that Allow is of."""
    wanted = list(clauses)
    own = {clause.operation for clause in wanted}
    listed = {clause.operation for clause in wanted if local_part(clause.id) == "methods.allow"}
    operations = list(operations)
    paths = {one.path for one in operations if one.id in listed}
    return frozenset(own | {one.id for one in operations if one.path in paths})


def _of_any(clause: Clause) -> bool:
    return clause.kind in _OF_ANY_ANSWER or local_part(clause.id) in _OF_SEVERAL
