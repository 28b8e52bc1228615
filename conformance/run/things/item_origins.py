"""The requests that have made the things of a run: sent again, they make others like them."""

from __future__ import annotations

from typing import Any

from conformance.clauses.collection_operations import last_name
from conformance.clauses.value_paths import Path
from conformance.http.exchange import Answer, Request
from conformance.judgement.stored_faults import ids_along
from conformance.run.things.named_things import Thing
from conformance.run.things.request_sequences import (
    MOST_KEPT,
    RequestSequence,
    SequenceStep,
    id_filter,
    things_in,
)
from spec.model.contract_model import Operation

__all__ = ["ItemOrigins"]


class ItemOrigins:
    """Remembers for each thing the first request that has made it."""

    def __init__(self) -> None:
        self._steps = dict[Thing, SequenceStep]()

    def remember(
        self, thing: Thing, item: Operation, operation: Operation, request: Request, answer: Answer
    ) -> None:
        """Keep a request that was accepted, unless it is too large; `item` has the thing's path."""
        kept = answer.success and len(request.body or b"") <= MOST_KEPT
        if thing not in self._steps and kept:
            self._steps[thing] = SequenceStep(
                operation=operation,
                request=request,
                made=thing,
                # A PUT makes it under the id that it has in its path.
                id_filter=id_filter(answer, thing, last_name(item))
                if request.method == "POST"
                else "",
            )

    def of(self, thing: Thing) -> SequenceStep | None:
        """The request that has made a thing, where this run has, and can make it again."""
        return self._steps.get(thing)

    def sequence(self, operation: Operation, request: Request) -> RequestSequence:
        """The requests that make what a request of an operation is about, the outermost first."""
        found = [self.of(one) for one in things_in(operation, request.target)]
        steps = tuple(one for one in found if one is not None)
        return RequestSequence(steps=steps, operation=operation)

    def holding(self, operation: Operation, value: Any, path: Path) -> RequestSequence:
        """The requests that make what a list shows at a path, where this run has made it."""
        known = {one.ids[-1]: one for one in reversed(self._steps)}
        found = next((known[one] for one in ids_along(value, path) if one in known), None)
        above = [one for one in self._steps if found is not None and found.belongs_to(one)]
        things = sorted({*above, *([found] if found else ())}, key=lambda one: len(one.ids))
        return RequestSequence(steps=tuple(self._steps[one] for one in things), operation=operation)
