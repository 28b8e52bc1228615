"""POST with a body that lists what it creates: `[{...}, {...}]`, or `{labels: [{...}]}`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.schema_nodes import nodes
from conformance.clauses.value_paths import EACH, Step
from spec import Contract
from spec.contract.resource_paths import canonical
from spec.model.contract_model import Operation
from spec.text.media_types import is_json
from spec.text.name_words import singular

__all__ = ["BulkCreation", "bulk_creation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkCreation:
    """The property of the body that lists new items; "" where the body itself is the list."""

    name: str

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps from a body to each item."""
        return (self.name, EACH) if self.name else (EACH,)

    def sent(self, body: Any) -> list[Any]:
        """The items in a body."""
        found = body.get(self.name) if self.name and isinstance(body, dict) else body
        return found if isinstance(found, list) else []

    def made(self, body: Any, answered: Any) -> list[dict[str, Any]]:
        """The items in an answer; none where it has not as many as the body has."""
        lists = [answered] if isinstance(answered, list) else []
        if isinstance(answered, dict):
            lists = [one for one in answered.values() if isinstance(one, list)]
        found = lists[0] if len(lists) == 1 else []
        alike = len(found) == len(self.sent(body)) and all(isinstance(one, dict) for one in found)
        return found if alike else []

    def last(self, body: Any, answered: Any) -> dict[str, Any]:
        """The last item in an answer, which stands for all of them; empty without any."""
        return next(reversed(self.made(body, answered)), {})


@lru_cache(maxsize=256)
def bulk_creation(contract: Contract, name: str) -> BulkCreation | None:
    """How an operation of that name lists what it creates; None where it creates one item."""
    operation = contract.operation(name)
    if operation is None or not _adds_to_its_path(contract, operation):
        return None
    made = collection_operations(contract).made_by(operation)
    noun = singular((made or canonical(operation.path)).rpartition("/")[2])
    for steps in _of_objects(contract, operation):
        if steps == (EACH,):
            return BulkCreation(name="")
        # A list of another name is part of the one thing that is created: the lines of an order.
        if len(steps) == 2 and steps[1] is EACH and singular(str(steps[0])) == noun:
            return BulkCreation(name=str(steps[0]))
    return None


def _adds_to_its_path(contract: Contract, operation: Operation) -> bool:
    """Whether it adds to the collection of its path, or to the one right above (`/rows/bulk`).

    Without items a list of it has to show that. A POST of a list may be a search as well: 201 says
    that it is none.
    """
    resources, own = collection_operations(contract), canonical(operation.path)
    made, listed = resources.made_by(operation), "GET" in resources.by_path[own]
    creates = operation.method == "POST" and operation.response_of("201") is not None
    below = own.rpartition("/")[0]
    return made in (own, below) or (made is None and listed and creates)


def _of_objects(contract: Contract, operation: Operation) -> list[tuple[Step, ...]]:
    """The places of a JSON body that are objects."""
    media_type = next((one for one in operation.request_content if is_json(one.name)), None)
    if media_type is None:
        return []
    return [one.steps for one in nodes(contract, media_type.schema) if "object" in one.types]
