"""In which order the operations of a run are tried, whatever the order of the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.clauses.item_addresses import item_collection
from conformance.clauses.state_promises import state_promise
from conformance.run.making.providing import NESTED
from conformance.run.session.run_options import RunOptions
from conformance.run.shards import shard_of
from conformance.run.things.known_items import KnownItems
from conformance.run.things.thing_references import references
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["RunOrder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """The order for some options; `things` knows which operations create."""

    options: RunOptions
    things: KnownItems

    def selected(self, contract: Contract) -> tuple[Operation, ...]:
        """The operations of all shards, in the order of the contract."""
        return tuple(one for one in contract.operations if self.options.wants(one))

    def of_shard(self, selected: Sequence[Operation]) -> list[Operation]:
        """The operations of this run, those first that speak for their path."""
        return sorted(
            shard_of(self.things.contract, selected, *self.options.shard), key=self._leading
        )

    def sorted(self, operations: Sequence[Operation]) -> tuple[Operation, ...]:
        """The operations as they are tried."""
        ranks = dict[str, int]()
        for _ in range(NESTED):
            # What is named comes before what names it; a circle of names has no first.
            ranks = {one.id: self._rank(one, ranks) for one in operations}
        return tuple(sorted(operations, key=lambda one: (*self._turn(one), ranks[one.id])))

    def _rank(self, operation: Operation, ranks: Mapping[str, int]) -> int:
        """How many kinds of things have to be there before what an operation makes.

        Below 0 for what removes a thing that names so many: it comes before what is named.
        """
        things = self.things
        if operation.method == "DELETE":
            maker = things.resources.makers.get(item_collection(operation) or "")
            return -ranks.get(maker.id, 0) if maker is not None else 0
        if not self.options.allow_writes or not things.makes(operation):
            return 0
        own = things.resources.made_by(operation)
        makers = [
            things.resources.makers[one]
            for one in references(things.contract).named_by(operation)
            if one in things.resources.makers and one != own
        ]
        return max((ranks.get(one.id, 0) + 1 for one in makers), default=0)

    def _leading(self, operation: Operation) -> tuple[bool, bool]:
        """Which operation of a path speaks for its other methods: a read before what writes."""
        return operation.method != "GET", self.options.writes(operation)

    def _turn(self, operation: Operation) -> tuple[int, int]:
        """Create, list, read, change, remove, whatever the order of the document.

        What belongs to something comes after it is made, or listed where nothing makes it, and is
        removed before it.
        """
        depth = operation.path.count("{")
        writes = self.options.writes(operation)
        if operation.method == "GET":
            return int(not self._lists_parents(operation)), depth
        if not writes:
            return 2, 0
        if operation.method == "DELETE":
            return 4, -depth
        if self.options.allow_writes and self._adds(operation):
            return 0, depth
        return 3, 0

    def _adds(self, operation: Operation) -> bool:
        """Whether it makes what a list shows; no path need lead to it."""
        contract = self.things.contract
        adds = operation.method == "POST" and state_promise(contract, operation) is not None
        return adds or self.things.makes(operation)

    def _lists_parents(self, operation: Operation) -> bool:
        """Whether it alone shows to what something can be added."""
        resources = self.things.resources
        own = resources.listed_by(operation)
        if not self.options.allow_writes or own is None or own in resources.makers:
            return False
        within = f"{own}/{{}}/"
        return any(one.startswith(within) and "POST" in of for one, of in resources.by_path.items())
