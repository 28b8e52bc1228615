"""The clauses of a run by where they stand, and what was seen of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from conformance.clauses.clause import Clause
from conformance.run.places.evidence import Ledger
from conformance.run.places.scopes import Scope, scope_of

__all__ = ["Promises"]


class Promises:
    """What a ledger's clauses promise, looked up by operation, scope and pointer.

    A large contract has tens of thousands of clauses, and every group of places asks for some.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._of_operation = defaultdict[str, list[Clause]](list)
        self._below = defaultdict[Scope, list[Clause]](list)
        self._at_pointer = defaultdict[str, list[Clause]](list)
        for clause in ledger.clauses.values():
            self._of_operation[clause.operation].append(clause)
            self._at_pointer[clause.pointer].append(clause)
            scope = scope_of(clause)
            for length in range(len(scope) + 1):
                self._below[scope[:length]].append(clause)

    def of(self, operation: str) -> Sequence[Clause]:
        """All of an operation."""
        return self._of_operation[operation]

    def below(self, scope: Scope) -> Sequence[Clause]:
        """Those of all operations whose way begins with the scope."""
        return self._below[scope]

    def at(self, pointer: str) -> Sequence[Clause]:
        """Those of all operations that one place of the contract makes."""
        return self._at_pointer[pointer]

    def seen_checked(self, clause: Clause) -> bool:
        """Whether a fault of it was seen to be refused, with whatever status."""
        return self._ledger.seen_checked(clause.id)

    def seen_held(self, clause: Clause, *, refusal: bool) -> bool:
        """Whether an answer was seen to keep it; `refusal` is which kind of answer that is."""
        return self._ledger.seen_held(clause.id, refusal=refusal)
