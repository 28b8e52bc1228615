"""What a run was asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.clauses.kinds import ClauseKind
from conformance.clauses.session_ends import ends_session
from conformance.clauses.unrecallable import is_unrecallable
from conformance.http.credentials import Credentials
from spec.model.contract_model import Operation
from spec.model.selectors import selects

__all__ = ["RunOptions"]

FEW = 8
"""Successes of what writes to people, or replaces a credential: nothing takes these back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of `conformance run`; times are in seconds.

    `examples` are good requests by operation; `headers` go with every request; `harmless` are
    selectors of operations that leave nothing behind; `families` limits the kinds of clauses,
    `clauses` the clauses themselves. Of a `shard` (1, 4) only the first quarter is run. The report
    has everything that was sent only where it is to `keep_exchanges`: each is searched for secrets.
    """

    credentials: Credentials = field(default_factory=Credentials)
    examples: Mapping[str, Any] = field(default_factory=dict, compare=False)
    headers: tuple[tuple[str, str], ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    allow_writes: bool = False
    max_billable: int = 25
    max_examples: int = 20
    min_observed: float = 0.0
    time_budget: float = 0.0
    max_response_time: float = 10.0
    max_consistency_time: float = 10.0
    rate: float = 0.0
    seed: int = 1
    families: frozenset[ClauseKind] = frozenset()
    clauses: frozenset[str] = frozenset()
    shard: tuple[int, int] = (1, 1)
    keep_exchanges: bool = False

    def wants(self, operation: Operation) -> bool:
        """Whether the operation was selected."""
        if self.include and not any(selects(one, operation) for one in self.include):
            return False
        return not self.excludes(operation)

    def asks_about(self, operation: Operation) -> bool:
        """Whether one of the clauses that are asked for is of the operation."""
        own = f"{operation.id} "
        return not self.clauses or any(one.startswith(own) for one in self.clauses)

    def excludes(self, operation: Operation) -> bool:
        """Whether the operation was left out by name: it is not even used for another one."""
        return any(selects(one, operation) for one in self.exclude)

    def writes(self, operation: Operation) -> bool:
        """Whether the operation may leave something behind; marks and `--harmless` deny it."""
        # A GET that signs its caller out is safe by its method only.
        if operation.safe and not ends_session(operation):
            return False
        mark = operation.extensions.get("x-conformance")
        if isinstance(mark, Mapping) and mark.get("writes") is False:
            return False
        return not any(selects(one, operation) for one in self.harmless)

    def lacks_leave(self, operation: Operation) -> bool:
        """Whether nothing that it may accept is to be sent, for want of `--allow-writes`."""
        return self.writes(operation) and not self.allow_writes

    def most_successes(self, operation: Operation) -> int:
        """The budget of an operation: `max_billable`, or `FEW` where nothing is taken back."""
        few = self.writes(operation) and is_unrecallable(operation)
        return min(self.max_billable, FEW) if few else self.max_billable
