"""DELETE with a body that lists what it removes by their ids: `{userIds: [...]}`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conformance.clauses.collection_operations import collection_operations, last_name
from conformance.clauses.item_addresses import item_collection
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.value_paths import EACH
from spec import Contract
from spec.contract.resource_paths import canonical
from spec.model.contract_model import MediaType, Operation
from spec.text.media_types import is_json
from spec.text.name_words import singular, words_of

__all__ = ["BulkRemoval", "bulk_removal", "own_collection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRemoval:
    """The `collection` of what a DELETE removes, and the property that lists it by ids.

    `shown` are ids that the contract has as examples: somebody may have them.
    """

    collection: str
    name: str
    shown: tuple[Any, ...] = ()

    def listed(self, body: Any) -> list[Any]:
        """The ids in a body; none where it lists nothing."""
        found = body.get(self.name) if isinstance(body, dict) else None
        return found if isinstance(found, list) else []

    def naming(self, body: Any, ids: list[Any]) -> Any:
        """The body with other ids."""
        return {**(body if isinstance(body, dict) else {}), self.name: ids}


def bulk_removal(contract: Contract, operation: Operation) -> BulkRemoval | None:
    """What a DELETE of a collection removes by a list; None where its body lists no ids."""
    return _found(contract, operation.id) if operation.method == "DELETE" else None


def own_collection(contract: Contract, operation: Operation) -> str | None:
    """The collection of the items that an operation is about, by its path or by its list."""
    bulk = bulk_removal(contract, operation)
    if bulk is not None:
        return bulk.collection
    own = item_collection(operation)
    return None if own is None else collection_operations(contract).whose(own)


@lru_cache(maxsize=256)
def _found(contract: Contract, name: str) -> BulkRemoval | None:
    operation = contract.operation(name)
    return None if operation is None else _bulk_removal(contract, operation)


def _bulk_removal(contract: Contract, operation: Operation) -> BulkRemoval | None:
    collection = canonical(operation.path)
    item = collection_operations(contract).items.get(collection)
    media_type = next((one for one in operation.request_content if is_json(one.name)), None)
    if item is None or media_type is None:
        return None
    own = words_of(last_name(item))
    for node in nodes(contract, media_type.schema):
        # `keys` of `{objectKey}`, `ids` and `userIds` of `{userId}`.
        words = list(singular(str(node.steps[0]))) if len(node.steps) == 2 else []
        if words and node.steps[1] is EACH and own[-len(words) :] == words:
            name, shown = str(node.steps[0]), tuple(_shown(media_type, node))
            return BulkRemoval(collection=collection, name=name, shown=shown)
    return None


def _shown(media_type: MediaType, node: SchemaNode) -> Iterator[Any]:
    keywords, name = node.keywords, str(node.steps[0])
    yield from (keywords[one] for one in ("example", "default") if one in keywords)
    examples = keywords.get("examples")
    yield from examples if isinstance(examples, list) else ()
    for one in media_type.examples:
        listed = one.value.get(name) if isinstance(one.value, dict) else None
        yield from listed if isinstance(listed, list) else ()
