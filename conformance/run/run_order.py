"""In which order the operations of a run are tried, whatever the order of the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.run.known_items import KnownItems
from conformance.run.run_options import RunOptions
from conformance.run.shards import shard_of
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["RunOrder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """The order for some options; `things` knows which operations create."""

    options: RunOptions
    things: KnownItems

    def selected(self, contract: Contract) -> list[Operation]:
        """The operations of this run and shard, those first that speak for their path."""
        wanted = [one for one in contract.operations if self.options.wants(one)]
        return sorted(shard_of(wanted, *self.options.shard), key=self._leading)

    def sorted(self, operations: Sequence[Operation]) -> tuple[Operation, ...]:
        """The operations as they are tried."""
        return tuple(sorted(operations, key=self._turn))

    def _leading(self, operation: Operation) -> tuple[bool, bool]:
        """Which operation of a path speaks for its other methods: a read before what writes."""
        return operation.method != "GET", self.options.writes(operation)

    def _turn(self, operation: Operation) -> tuple[int, int]:
        """Create, list, read, change, remove, whatever the order of the document.

        What belongs to something comes after it is made, and is removed before it.
        """
        depth = operation.path.count("{")
        writes = self.options.writes(operation)
        if operation.method == "GET":
            return 1, depth
        if not writes:
            return 2, 0
        if operation.method == "DELETE":
            return 4, -depth
        if self.options.allow_writes and self.things.makes(operation):
            return 0, depth
        return 3, 0
