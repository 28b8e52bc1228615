"""The things of a deployment that a run knows: those that it made, and those that answers named.

A path with a parameter at its end is an item, the path before it the collection. What a POST to the
collection answers names the new item, in `Location` (RFC 9110 section 10.2.2), by the target of an
OpenAPI link, or by a property of the body; else the request itself may have named it. What a GET
answers names items that were there before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import NOTHING, Draft
from conformance.judgement.json_answers import read_json
from spec import Contract, Direction
from spec.contract.resource_paths import (
    canonical,
    collection_of,
    collections_in,
    id_property,
    link_objects,
)
from spec.model.contract_model import Operation
from spec.text.name_words import words_of

__all__ = ["Thing", "Things"]

MOST_SEEN = 20
"""Items of one list that are remembered."""
_LONGEST_IDS = 1000
"""Characters of all ids in a path. Servers need not read a target of more than 8,000 octets
(RFC 9110 section 4.1), and a character may take nine of them."""
_NAME = re.compile(r"\{([^{}/]+)\}")
_FROM_BODY = re.compile(r"\$response\.body#/([^/]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An item: its collection's canonical path, and the ids in its path, those of parents first."""

    collection: str
    ids: tuple[str, ...]

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids that lead to its collection."""
        return self.ids[:-1]

    @property
    def addressable(self) -> bool:
        """Whether every server reads a path with its ids: a tried edge may have made a long one."""
        return sum(map(len, self.ids)) <= _LONGEST_IDS

    def belongs_to(self, other: Thing) -> bool:
        """Whether it is the other one, or below it."""
        return (
            self.collection == other.collection
            or self.collection.startswith(f"{other.collection}/{{}}/")
        ) and self.ids[: len(other.ids)] == other.ids


class Things:
    """Remembers things by what operations answer, and puts them where requests want one.

    `made` are those of this run, each with the operation that made it; only they are changed.
    `makers` are the operations that make items, by the collection to which they add them.
    `lent` are those that a request is about to remove: no other one gets them. `gone` are removed;
    `lost` are made ones that were not found where they were to be removed.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.made = dict[Thing, str]()
        self.gone, self.lost, self.lent = (set[Thing]() for _ in range(3))
        self._seen = dict[Thing, None]()
        self._values = dict[Thing, Any]()
        self._items = dict[str, Operation]()
        for operation in contract.operations:
            if (collection := collection_of(operation.path)) is not None:
                self._items.setdefault(collection, operation)
        self.makers = {canonical(one.path): one for one in contract.operations if self.makes(one)}
        self._links = dict(_links(contract))

    def makes(self, operation: Operation) -> bool:
        """Whether an operation adds an item to a collection."""
        return operation.method == "POST" and canonical(operation.path) in self._items

    def can_be_made(self, operation: Operation) -> bool:
        """Whether the contract has an operation that makes what this one is about."""
        return (collection_of(operation.path) or canonical(operation.path)) in self.makers

    # ------------------------------------------------------------- what answers name

    def see(self, operation: Operation, request: Request, answer: Answer) -> None:
        """Remember what an answer names: a new thing, listed ones, or one that is gone."""
        own = _ids_in(operation, request.target)
        item = collection_of(operation.path)
        if own is None:
            return
        if item is not None:
            self._see_item(Thing(collection=item, ids=own), operation, request.method, answer)
        elif answer.success and request.method == operation.method:
            self._see_collection(operation, own, request, answer)

    def _see_item(self, thing: Thing, operation: Operation, method: str, answer: Answer) -> None:
        self.lent.discard(thing)
        if method == "DELETE" and (answer.success or answer.status == 410):
            self.gone.add(thing)
        elif method == "DELETE" and answer.status == 404 and self.is_there(thing):
            self.lost.add(thing)
        elif method == "PUT" and answer.status == 201:
            self._make(thing, operation)

    def _see_collection(
        self, operation: Operation, parents: tuple[str, ...], request: Request, answer: Answer
    ) -> None:
        collection = canonical(operation.path)
        linked = self._links.get(operation.id)
        item = self._items.get(linked[0] if linked else collection)
        if item is None:
            return
        if operation.method == "POST":
            self._see_new(operation, item, parents, request, answer)
        elif operation.method == "GET":
            for value in _listed(_json(answer.body))[:MOST_SEEN]:
                self._name(item, parents, value, _last_name(item))

    def _see_new(
        self,
        operation: Operation,
        item: Operation,
        parents: tuple[str, ...],
        request: Request,
        answer: Answer,
    ) -> None:
        located = _ids_in(item, answer.header("location") or "")
        collection = collection_of(item.path)
        if located is not None and collection is not None:
            self._make(Thing(collection=collection, ids=located), operation)
            return
        linked = self._links.get(operation.id)
        # A client may choose the name: an answer that says none leaves the request's.
        for one in (*_objects(_json(answer.body)), *_objects(_json(request.body))):
            name = linked[1] if linked and linked[1] in one else _last_name(item)
            if (thing := self._name(item, parents, one, name)) is not None:
                self._make(thing, operation)
                return

    def _name(
        self, item: Operation, parents: tuple[str, ...], value: Mapping[str, Any], name: str
    ) -> Thing | None:
        held = name if name in value else id_property(name, value)
        found = value.get(held) if held is not None else None
        collection = collection_of(item.path)
        if collection is None or isinstance(found, bool) or not isinstance(found, (str, int)):
            return None
        if len(parents) + 1 != canonical(item.path).count("{}") or found == "":
            return None
        thing = Thing(collection=collection, ids=(*parents, str(found)))
        self._seen[thing], self._values[thing] = None, found
        return thing

    def _make(self, thing: Thing, operation: Operation) -> None:
        self.made.setdefault(thing, operation.id)
        self.gone.discard(thing)

    # ------------------------------------------------------------- what requests want

    def standing(self) -> list[Thing]:
        """What this run created and did not remove yet; nested resources first."""
        return sorted(
            (one for one in self.made if self.is_there(one)),
            key=lambda one: one.collection.count("/"),
            reverse=True,
        )

    def is_there(self, thing: Thing) -> bool:
        """Whether neither it nor what it belongs to was seen to be gone."""
        return thing not in self.lost and not any(thing.belongs_to(one) for one in self.gone)

    def has(self, collection: str) -> bool:
        """Whether a thing of the collection that this run made is there."""
        return any(one.collection == collection and self.is_there(one) for one in self.made)

    def lend(self, operation: Operation, request: Request) -> str | None:
        """The target for a request that removes a thing; None where there is none to be removed.

        The thing that it names, or another one, that no other request is about to remove.
        """
        thing = self._own(operation, request.target)
        if thing is None:
            return request.target
        # The latest first: what stands longest is what others are asked for.
        others = self._made_in(thing.collection)[::-1]
        free = [one for one in (thing, *others) if one not in self.lent and self.is_there(one)]
        if not free:
            return None
        self.lent.add(free[0])
        return _exchanged(operation, request.target, thing, free[0])

    def is_about_own(self, operation: Operation) -> bool:
        """Whether a thing of this run is there for an operation's path, or its outermost part."""
        found = self._for(operation)
        return found is not None and found in self.made

    def is_own(self, operation: Operation, request: Request) -> bool:
        """Whether a request is about an item that this run made."""
        return self._own(operation, request.target) is not None

    def placed(self, operation: Operation, draft: Draft, *, body: bool) -> Draft | None:
        """The draft with known things in its path, and in its `body`; None where none is known.

        What writes is only ever given things that this run made.
        """
        found = self._for(operation)
        referring = self._referring(draft.body) if body else draft.body
        if found is None and referring is draft.body:
            return None
        changed = draft.but(body=referring)
        return changed if found is None else self.about(operation, changed, found)

    def about(self, operation: Operation, draft: Draft, thing: Thing) -> Draft:
        """The draft with the ids of a thing in its path."""
        names = _NAME.findall(operation.path)
        ids = {name: _segment(one) for name, one in zip(names, thing.ids, strict=False)}
        return draft.but(segments={**draft.segments, **ids})

    def path(self, thing: Thing) -> str:
        """The path of a thing, as a person would write it."""
        return _path(self._items[thing.collection], thing.ids)

    def renewed(self, operation: Operation, request: Request) -> str:
        """The target of a request, where the thing that it names is gone with another one."""
        thing = self._own(operation, request.target)
        if thing is None or self.is_there(thing):
            return request.target
        others = self._made_in(thing.collection)
        there = [one for one in others if self.is_there(one)]
        # Of the same parent, if there is one.
        alike = min(there, key=lambda one: one.parents != thing.parents, default=thing)
        return _exchanged(operation, request.target, thing, alike)

    def _own(self, operation: Operation, target: str) -> Thing | None:
        """The item that this run made and a target names; None where it names none."""
        ids, collection = _ids_in(operation, target), collection_of(operation.path)
        if ids is None or collection is None:
            return None
        thing = Thing(collection=collection, ids=ids)
        return thing if thing in self.made else None

    def _made_in(self, collection: str) -> list[Thing]:
        return [one for one in self.made if one.collection == collection and one.addressable]

    def _for(self, operation: Operation) -> Thing | None:
        """The thing that the longest part of the path stands for."""
        known: list[Thing] = [*self.made, *(self._seen if operation.safe else ())]
        for collection in reversed(collections_in(operation.path)):
            for thing in known:
                there = thing.collection == collection and self.is_there(thing)
                if there and thing.addressable and self._fits(operation, thing):
                    return thing
        return None

    def _fits(self, operation: Operation, thing: Thing) -> bool:
        """Whether the contract allows the ids in the path: an answer may name something else."""
        schemas = {one.name: one.value_schema for one in operation.inputs if one.location == "path"}
        for name, text in zip(_NAME.findall(operation.path), thing.ids, strict=False):
            schema = schemas.get(name)
            if schema is not None and not any(
                not self.contract.violations(schema, Direction.REQUEST, value)
                for value in _readings(text)
            ):
                return False
        return True

    def _referring(self, body: Any) -> Any:
        """The body with known ids where its properties are called after things: `petId`."""
        if not isinstance(body, dict) or body is NOTHING:
            return body
        changed = {
            name: value
            for name in body
            if (value := self._referred(name)) is not None and value != body[name]
        }
        return {**body, **changed} if changed else body

    def _referred(self, name: str) -> Any:
        words = words_of(name)
        for collection, item in self._items.items():
            wanted = words_of(_last_name(item))
            noun = words_of(collection.rpartition("/")[2].removesuffix("s"))
            if len(words) < 2 or words not in (wanted, [*noun, "id"]):
                continue
            known = [one for one in (*self.made, *self._seen) if one.collection == collection]
            for thing in known:
                if self.is_there(thing):
                    return self._values.get(thing, thing.ids[-1])
        return None


def _readings(text: str) -> Iterator[Any]:
    yield text
    if re.fullmatch(r"-?\d{1,18}", text):
        yield int(text)


def _json(body: bytes | None) -> Any:
    return read_json(body).value if body else None


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The thing of an answer: the value itself, or what an envelope holds."""
    if isinstance(value, list):
        yield from (one for one in value[:1] if isinstance(one, dict))
    if isinstance(value, dict):
        below = [one for one in value.values() if isinstance(one, dict)]
        has_id = any(words_of(name)[-1:] == ["id"] for name in value)
        yield from (value, *below) if has_id or not below else (*below, value)


def _listed(value: Any) -> list[Mapping[str, Any]]:
    """The items of a list, bare or in an envelope."""
    lists = [value] if isinstance(value, list) else []
    if isinstance(value, dict):
        lists = [one for one in value.values() if isinstance(one, list)]
    return [one for one in (lists[0] if lists else ()) if isinstance(one, dict)]


def _last_name(item: Operation) -> str:
    return str(_NAME.findall(item.path)[-1])


def _segment(text: str) -> str:
    """A text as a segment of a path; a lone surrogate is a text too, for those that take it."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _path(operation: Operation, ids: Sequence[str]) -> str:
    path = operation.path.partition("?")[0]
    for name, value in zip(_NAME.findall(path), ids, strict=False):
        path = path.replace(f"{{{name}}}", _segment(value), 1)
    return path


def _exchanged(operation: Operation, target: str, old: Thing, new: Thing) -> str:
    """The target with another thing of the same collection."""
    return target.replace(_path(operation, old.ids), _path(operation, new.ids), 1)


@lru_cache(maxsize=4096)
def _pattern(path: str) -> re.Pattern[str]:
    pieces = _NAME.split(path.partition("?")[0].rstrip("/"))
    fixed, names = pieces[::2], pieces[1::2]
    text = re.escape(fixed[0])
    for _, below in zip(names, fixed[1:], strict=True):
        text += f"([^/]+){re.escape(below)}"
    return re.compile(f"{text}/?")


def _ids_in(operation: Operation, target: str) -> tuple[str, ...] | None:
    """The ids in a path, or a URL, that an operation's template fits; None where it does not."""
    try:
        path = urlsplit(target).path
    except ValueError:
        return None
    for base in operation.base_paths:
        if path.startswith(base) and (
            found := _pattern(operation.path).fullmatch(path[len(base) :])
        ):
            return tuple(unquote(one) for one in found.groups())
    return None


def _links(contract: Contract) -> Iterator[tuple[str, tuple[str, str]]]:
    """For each operation whose answer links to an item: its collection, and the id's property."""
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
            found = _FROM_BODY.fullmatch(str(wanted.get(_last_name(item))))
            collection = collection_of(item.path)
            if found and collection is not None:
                yield operation.id, (collection, found[1])
