"""The clauses of a run by where they stand, and what was seen of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from conformance.clauses.clause import Clause
from conformance.run.places.scopes import Scope, scope_of

__all__ = ["Promises"]


class Promises:
    """The clauses of a run, looked up by id, operation, scope and pointer.

    A large contract has tens of thousands of clauses, and every group of places asks for some.
    `operations` are those of all shards, in their order.
    """

    def __init__(self, clauses: Iterable[Clause], operations: Iterable[str] = ()) -> None:
        self.clauses = {clause.id: clause for clause in clauses}
        self._of_operation = defaultdict[str, list[Clause]](list)
        self._below = defaultdict[Scope, list[Clause]](list)
        self._at_pointer = defaultdict[str, list[Clause]](list)
        for clause in self.clauses.values():
            self._of_operation[clause.operation].append(clause)
            self._at_pointer[clause.pointer].append(clause)
            scope = scope_of(clause)
            for length in range(len(scope) + 1):
                self._below[scope[:length]].append(clause)
        self.operations = tuple(dict.fromkeys((*operations, *self._of_operation)))

    def of(self, operation: str) -> Sequence[Clause]:
        """All of an operation."""
        return self._of_operation[operation]

    def below(self, scope: Scope) -> Sequence[Clause]:
        """Those of all operations whose way begins with the scope."""
        return self._below[scope]

    def at(self, pointer: str) -> Sequence[Clause]:
        """Those of all operations that one place of the contract makes."""
        return self._at_pointer[pointer]
