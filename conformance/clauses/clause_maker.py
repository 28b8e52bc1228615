"""Makes the clauses of one operation."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.clauses.clause import Clause
from conformance.clauses.ids import clause_id
from conformance.clauses.kinds import ClauseKind
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["ClauseMaker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseMaker:
    """Makes the clauses of one operation."""

    contract: Contract
    operation: Operation

    def __call__(
        self, local: str, kind: ClauseKind, pointer: str, promise: str, why: str = ""
    ) -> Clause:
        """A clause of the operation; `local` ends its id, `why` says why nothing can see it."""
        return Clause(
            id=clause_id(self.operation.id, local),
            operation=self.operation.id,
            kind=kind,
            pointer=pointer,
            promise=promise,
            place=self.contract.place(pointer),
            why=why,
        )
