"""Which operations of a contract make, and which read, the items of its collections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from conformance.clauses.item_addresses import (
    collections_by_name,
    item_collection,
    item_collections,
    item_names,
)
from conformance.clauses.schema_nodes import SchemaNode, nodes
from conformance.clauses.value_paths import EACH
from spec import Contract
from spec.contract.resource_paths import (
    ID_IN_ANSWER,
    canonical,
    collection_of,
    id_property,
    link_objects,
)
from spec.model.contract_model import MediaType, Operation, Response
from spec.text.media_types import is_json
from spec.text.name_words import singular, words_of

__all__ = ["CollectionOperations", "collection_operations", "last_name"]

_SUCCESSES = frozenset({"200", "201", "202"})


class CollectionOperations:
    """The operations by the canonical path of the collection that they are about.

    `items` are operations on one item, whichever comes first, and `outer` stand in for them where
    items are listed and only lead to others: `/orgs` and `/orgs/{org}/users`. `readers` are those
    that read an item, and `makers` those that add one: a POST to the collection, else one whose
    answer links to the new item or is what GET of an item answers, else a PUT that creates what its
    path names. `by_path` has all operations of a canonical path by their methods; the GET of a
    collection lists it. `links` has, for an operation whose answer links to an item, the item's
    collection and the property of the answer that holds its id (OpenAPI Link Object). `also_under`
    are by collection the paths that name its items by another property, with that:
    `/flows/name/{name}`, or `/flows/{id}/run` where it is `/flows/{name}`.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.items, self.readers = dict[str, Operation](), dict[str, Operation]()
        self.by_path = dict[str, dict[str, Operation]]()
        for operation in contract.operations:
            there = self.by_path.setdefault(canonical(operation.path), {})
            there.setdefault(operation.method, operation)
            if (collection := item_collection(operation)) is not None:
                self.items.setdefault(collection, operation)
                if operation.method == "GET":
                    self.readers.setdefault(collection, operation)
        self._by_list = dict(self._lists_of_singulars())
        for listed, own in self._by_list.items():
            self.by_path[own] = self.by_path[listed]
        self.outer = dict[str, Operation]()
        for operation in contract.operations:
            self._note_outer(operation)
        self.also_under = dict[str, set[tuple[str, str]]]()
        for collection, operation in self.items.items():
            outer = collection.rpartition("/")[0]
            if outer in self.items and collection not in self.by_path:
                self.also_under.setdefault(outer, set()).add((collection, last_name(operation)))
        for operation in contract.operations:
            for collection, name in collections_by_name(operation):
                item = self.items.get(collection)
                # `{id}` and `{flowId}` are one.
                if item is not None and words_of(name)[-1:] != words_of(last_name(item))[-1:]:
                    self.also_under.setdefault(collection, set()).add((collection, name))
        # Before the makers: a link may be all that leads to a new item.
        self.links = dict(_links(contract))
        self.makers = dict[str, Operation]()
        self._made = dict[str, str]()
        self._shown, self._maps = dict[str, frozenset[str]](), dict[str, frozenset[str]]()
        creating = [one for one in contract.operations if one.method == "POST"]
        for operation in creating:
            self._note(operation, self._listing(operation))
        # A link may also lead to what was there before: it counts where no POST is the maker.
        for operation in creating:
            if operation.id in self.links and self.links[operation.id][0] not in self.makers:
                self._note(operation, self.links[operation.id][0])
        self._note_elsewhere(creating)
        self._note_below(creating)
        self._note_of_parts(creating)
        # Last: where a POST adds items, a PUT of one replaces it.
        for operation in contract.operations:
            if self.creates_at_its_path(operation):
                collection = collection_of(operation.path) or ""
                # What a POST of an item has made, if anything, only the run can tell.
                if operation.method == "PUT":
                    self._note(operation, collection)
                elif collection in self.items:
                    self.makers.setdefault(collection, operation)

    def _lists_of_singulars(self) -> Iterator[tuple[str, str]]:
        """The lists whose items lie under the singular of their name: `/jobs` and `/job/{id}`.

        Nothing else is at the singular, and no item at the plural.
        """
        plurals = dict[tuple[str, tuple[str, ...]], list[str]]()
        for path in self.by_path:
            above, _, noun = path.rpartition("/")
            plurals.setdefault((above, singular(noun)), []).append(path)
        for own in self.items:
            above, _, noun = own.rpartition("/")
            lists = plurals.get((above, tuple(words_of(noun))), [])
            if own not in self.by_path and len(lists) == 1 and lists[0] not in self.items:
                yield lists[0], own

    def _listing(self, operation: Operation) -> str:
        """The collection that is at the path of an operation."""
        path = canonical(operation.path)
        return self._by_list.get(path, path)

    def _note_outer(self, operation: Operation) -> None:
        """Note a GET of an item that is listed, and only leads to what the operation is about.

        No contract has that GET: it says how a path names the item.
        """
        parts = operation.path.split("/")
        for end in range(2, len(parts)):
            path = "/".join(parts[:end])
            collection = collection_of(path)
            # No item is what the root lists: it may have a path of its own, and a GET.
            listed = collection is not None and "GET" in self.by_path.get(collection, ())
            if collection is not None and listed and self.item_of(collection) is None:
                self.outer[collection] = replace(operation, path=path, method="GET")

    def named_by(self, operation: Operation) -> list[str]:
        """The collections whose items its path names, by whichever name; the outermost first."""
        return [self.whose(one) for one in item_collections(operation)]

    def whose(self, collection: str) -> str:
        """The collection whose items this one names too: `/flows` for `/flows/name`; or itself."""
        for own, others in self.also_under.items():
            if any(collection == one for one, _ in others):
                return own
        return collection

    def item_of(self, collection: str) -> Operation | None:
        """An operation whose path names an item of a collection; None without one."""
        return self.items.get(collection) or self.outer.get(collection)

    def _note(self, maker: Operation, collection: str) -> None:
        if collection in self.items and collection not in self.makers:
            self.makers[collection] = maker
            self._made.setdefault(maker.id, collection)

    def _note_elsewhere(self, creating: Iterable[Operation]) -> None:
        """Note what adds items that lie on another path: `/projects/{id}/exports` and `/jobs/{id}`.

        What it answers has the schema by which GET of one such item answers, and no other. What
        its own path names is not new: what is added to a cart may be answered with the cart.
        """
        shown = dict[str, list[str]]()
        for collection, reader in self.readers.items():
            for schema in _schemas(reader.responses) if collection not in self.makers else ():
                shown.setdefault(schema, []).append(collection)
        for operation in creating:
            schemas = [*_schemas(operation.responses)] if operation.id not in self._made else ()
            found = [one for schema in schemas for one in shown.get(schema, ())]
            if len(found) == 1 and _creates_in(operation, found[0]):
                self._note(operation, found[0])
                self._made.setdefault(operation.id, found[0])

    def _note_below(self, creating: Iterable[Operation]) -> None:
        """Note what adds several items at once below their collection: `POST /rows/bulk`.

        Its body lists what has no id yet, and its 201 lists what has one.
        """
        for operation in creating:
            outer, _, own = canonical(operation.path).rpartition("/")
            item, answer = self.items.get(outer), operation.response_of("201")
            if operation.id in self._made or item is None or answer is None or own == "{}":
                continue
            sent = self._names_in_list(operation.request_content, outer)
            held = id_property(last_name(item), self._names_in_list(answer.content, outer))
            if sent and held is not None and held not in sent:
                self._made[operation.id] = outer

    def _note_of_parts(self, creating: Iterable[Operation]) -> None:
        """Note what adds items whose id has parts: `/tables` and `/tables/{schema}/{name}`.

        Nothing is at the path between, and what is sent has a property for each part.
        """
        for collection, item in self.items.items():
            above = collection.removesuffix("/{}")
            while above.endswith("/{}") and above not in self.by_path:
                above = above.removesuffix("/{}")
            parts = item_names(item)[above.count("{}") :]
            for operation in creating if above != collection not in self.by_path else ():
                at_top = {
                    one.steps[0]
                    for media in operation.request_content
                    for one in nodes(self.contract, media.schema)
                    if len(one.steps) == 1
                }
                if canonical(operation.path) == above and at_top >= {*parts}:
                    self._note(operation, collection)

    def _names_in_list(self, content: Iterable[MediaType], collection: str) -> set[str]:
        """The properties of the items in a list, bare or called like their collection."""
        places = (one.steps for media in content for one in nodes(self.contract, media.schema))
        noun = singular(collection.rpartition("/")[2])
        return {
            str(steps[-1])
            for steps in places
            if steps[-2:-1] == (EACH,) and (steps[:-2] == () or singular(str(steps[0])) == noun)
            if len(steps) <= 3 and isinstance(steps[-1], str)
        }

    def made_by(self, operation: Operation) -> str | None:
        """The collection to which an operation adds an item; None where it adds none."""
        return self._made.get(operation.id)

    def new_name(self, operation: Operation, names: Iterable[str]) -> str:
        """The property, of these, that may be the id of what a POST creates; "" where none is."""
        item = self.items.get(self.made_by(operation) or "")
        if operation.method != "POST" or item is None:
            return ""
        return id_property(last_name(item), names) or ""

    def shown(self, item: Operation) -> frozenset[str]:
        """The properties that GET of an item may show; none where the contract has no such GET."""
        own = item_collection(item) or ""
        if own not in self._shown:
            places = self._places(self.readers.get(own))
            self._shown[own] = frozenset(str(one.steps[-1]) for one in places)
        return self._shown[own]

    def _places(self, reader: Operation | None) -> Iterator[SchemaNode]:
        response = reader.response_for(200) if reader is not None else None
        schemas = (one.schema for one in (response.content if response else ()))
        places = (one for schema in schemas for one in nodes(self.contract, schema))
        # An envelope holds the item one level below: `{data: {...}}`.
        yield from (one for one in places if 0 < len(one.steps) <= 2)

    def maps(self, item: Operation) -> frozenset[str]:
        """The properties that GET of an item shows as maps: their members have any names."""
        own = item_collection(item) or ""
        if own not in self._maps:
            self._maps[own] = frozenset(
                str(one.steps[-1])
                for one in self._places(self.readers.get(own))
                if isinstance(one.keywords.get("additionalProperties"), dict) and not one.properties
            )
        return self._maps[own]

    def creates_at_its_path(self, operation: Operation) -> bool:
        """Whether the caller chooses the id of what it creates.

        That is a PUT that documents 201, or one of what can be deleted and what no POST makes. It
        may be a POST that documents 201, of what can be deleted and no PUT makes.
        """
        own, there = collection_of(operation.path), self.by_path[canonical(operation.path)]
        if own is None:
            return False
        says = operation.response_of("201") is not None
        if operation.method == "POST":
            return says and "DELETE" in there and "PUT" not in there
        only = "DELETE" in there and "POST" not in self.by_path.get(own, {})
        return operation.method == "PUT" and (only or says)

    def listed_by(self, operation: Operation) -> str | None:
        """The collection whose items an operation lists; None where it lists none."""
        own = self._listing(operation)
        return own if operation.method == "GET" and self.item_of(own) is not None else None


@lru_cache(maxsize=4)
def collection_operations(contract: Contract) -> CollectionOperations:
    """Those of a contract, found once: every operation asks for the same."""
    return CollectionOperations(contract)


def last_name(item: Operation) -> str:
    """The parameter that stands for the id of an item."""
    return item_names(item)[-1]


def _schemas(responses: Iterable[Response]) -> Iterator[str]:
    """The named schemas of the JSON of some responses, where they are successes."""
    content = (one.content for one in responses if one.status in _SUCCESSES)
    for media_type in chain.from_iterable(content):
        value = media_type.schema.value if media_type.schema is not None else None
        named = value.get("$ref") if isinstance(value, dict) else None
        if isinstance(named, str) and is_json(media_type.name):
            yield named


def _creates_in(operation: Operation, collection: str) -> bool:
    """Whether a POST that answers with an item of a collection has made it there.

    It says where (`Location`), begins what lasts (202), or is called like the collection. A login
    that answers with the user has made nobody.
    """
    if collection in item_collections(operation):
        return False
    new = [one for one in operation.responses if one.status in ("201", "202")]
    located = any(header.name.lower() == "location" for one in new for header in one.headers)
    alike = canonical(operation.path).rpartition("/")[2] == collection.rpartition("/")[2]
    return bool(new) and (located or alike or any(one.status == "202" for one in new))


def _links(contract: Contract) -> Iterator[tuple[str, tuple[str, str]]]:
    targets = {
        one.operation_id: one
        for one in contract.operations
        if one.operation_id and collection_of(one.path) is not None
    }
    for operation in contract.operations:
        for link in link_objects(contract, operation.responses):
            item = targets.get(str(link.get("operationId")))
            wanted = link.get("parameters")
            if item is None or not isinstance(wanted, dict):
                continue
            found = ID_IN_ANSWER.fullmatch(str(wanted.get(last_name(item))))
            collection = collection_of(item.path)
            if found and collection is not None:
                yield operation.id, (collection, found[1])
