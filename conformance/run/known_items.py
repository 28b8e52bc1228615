"""The things of a deployment that a run knows: those that it made, and those that answers named.

A path with a parameter at its end is an item, the path before it the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from conformance.clauses.collection_operations import collection_operations, last_name
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import NOTHING, Draft
from conformance.run.item_paths import exchanged, ids_in, names_in, path_of, segments
from conformance.run.named_things import Named, Thing, created, listed, renamed, says
from conformance.run.request_sequences import (
    MOST_KEPT,
    RequestSequence,
    SequenceStep,
    id_filter,
    things_in,
)
from spec import Contract, Direction
from spec.contract.resource_paths import canonical, collection_of, collections_in
from spec.model.contract_model import Operation
from spec.text.name_words import words_of

__all__ = ["KnownItems"]


class KnownItems:
    """Remembers things by what operations answer, and puts them where requests want one.

    `made` are those of this run, each with the operation that made it; only they are changed.
    `lent` are those that a request is about to remove: no other one gets them. `gone` are removed;
    `lost` are made ones that were not found where they were to be removed. `coined` have ids that
    this run invented: what a PUT puts there is new.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract, self.resources = contract, collection_operations(contract)
        self.made = dict[Thing, str]()
        self.gone, self.lost, self.lent, self.coined = (set[Thing]() for _ in range(4))
        self._seen = dict[Thing, None]()
        self._values = dict[Thing, Any]()
        self._kept = set[str]()
        self._origins = dict[Thing, SequenceStep]()

    def makes(self, operation: Operation) -> bool:
        """Whether an operation adds an item to a collection."""
        return self.resources.made_by(operation) is not None

    def can_be_made(self, operation: Operation) -> bool:
        """Whether the contract has an operation that makes what this one is about."""
        own = collection_of(operation.path) or canonical(operation.path)
        return own in self.resources.makers

    # ------------------------------------------------------------- what answers name

    def see(self, operation: Operation, request: Request, answer: Answer) -> None:
        """Remember what an answer names: a new thing, listed ones, or one that is gone."""
        # By the path that was sent, not the one that was meant: cases change it.
        own, item = ids_in(operation, request.target), collection_of(operation.path)
        if own is not None and item is not None:
            thing = Thing(collection=item, ids=own)
            self._see_item(thing, operation, request.method, answer)
            if request.method == "PUT" and self.made.get(thing) == operation.id:
                self._remember_origin(thing, operation, request, answer)
            if thing in self.made and (new := renamed(operation, thing, request, answer)):
                self._see_renamed(thing, new, request)
        if (new := created(self.resources, operation, request, answer)) is not None:
            self._see_new(new, operation)
            self._remember_origin(new.thing, operation, request, answer)
        for one in listed(self.resources, operation, request, answer):
            self._note(one)

    def _see_item(self, thing: Thing, operation: Operation, method: str, answer: Answer) -> None:
        if method == "DELETE":
            self.lent.discard(thing)  # refused or not, it is free for the next one
        removed = answer.success and thing.collection not in self._kept
        if method == "DELETE" and (removed or answer.status == 410):
            self.gone.add(thing)
        elif method == "DELETE" and answer.status == 404 and self.is_there(thing):
            self.lost.add(thing)
        elif method == "PUT" and answer.success and (answer.status == 201 or thing in self.coined):
            self._make(thing, operation)

    def _see_new(self, new: Named, operation: Operation) -> None:
        # What a list had before this answer was not created by it: others may need it.
        if new.thing in self.made or new.thing not in self._seen:
            self._make(new.thing, operation)
        self._note(new)

    def _see_renamed(self, thing: Thing, new: Named, request: Request) -> None:
        """From now on it is found under its new id; what had that id before is nobody's to take.

        The request must have asked for it: another id in the answer alone may be another thing's.
        """
        if new.thing in self.made or (new.thing not in self._seen and says(request, new.value)):
            self.made.setdefault(new.thing, self.made[thing])
            self.gone.add(thing)
            self.gone.discard(new.thing)
            self._note(new)

    def _remember_origin(
        self, thing: Thing, operation: Operation, request: Request, answer: Answer
    ) -> None:
        kept = answer.success and len(request.body or b"") <= MOST_KEPT
        if thing in self.made and thing not in self._origins and kept:
            self._origins[thing] = SequenceStep(
                operation=operation,
                request=request,
                made=thing,
                # A PUT makes it under the id that it has in its path.
                id_filter=id_filter(answer, thing) if request.method == "POST" else "",
            )

    def origin(self, thing: Thing) -> SequenceStep | None:
        """The request that has made a thing, where this run has, and can make it again."""
        return self._origins.get(thing)

    def sequence(self, operation: Operation, request: Request) -> RequestSequence:
        """The requests that make what a request of an operation is about, the outermost first."""
        found = [self.origin(one) for one in things_in(operation, request.target)]
        steps = tuple(one for one in found if one is not None)
        return RequestSequence(steps=steps, operation=operation)

    def _note(self, named: Named) -> None:
        self._seen[named.thing], self._values[named.thing] = None, named.value

    def _make(self, thing: Thing, operation: Operation) -> None:
        self.made.setdefault(thing, operation.id)
        self.gone.discard(thing)

    def disbelieve(self, collection: str) -> None:
        """A DELETE of these was seen to do nothing: they are there, whatever it answered."""
        self._kept.add(collection)
        # Those that were removed before may be there too: they are removed again at the end.
        self.gone = {one for one in self.gone if one.collection != collection}

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
        # What a thing belongs to takes it along when it is removed.
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
        return exchanged(operation, request.target, thing.ids, free[0].ids)

    def is_about_own(self, operation: Operation) -> bool:
        """Whether a thing of this run is there for an operation's path, or its outermost part."""
        found = self._for(operation)
        return bool(self._named_alike(operation)) if found is None else found in self.made

    def is_below_own(self, operation: Operation, target: str) -> bool:
        """Whether a target is about an item that this run made, or about something of it."""
        ids = ids_in(operation, target) or ()
        whole = enumerate(collections_in(operation.path), start=1)
        things = [Thing(collection=one, ids=ids[:number]) for number, one in whole]
        return any(one in self.made or one in self.coined for one in things)

    def is_own(self, operation: Operation, request: Request) -> bool:
        """Whether a request is about an item that this run made."""
        return self._own(operation, request.target) is not None

    def placed(self, operation: Operation, draft: Draft, *, body: bool) -> Draft | None:
        """The draft with known things in its path, and in its `body`; None where none is known.

        What removes is only ever given things that this run made, and so is what changes them
        where the contract says how they are made.
        """
        found = self._for(operation)
        referring = self._referring(draft.body) if body else draft.body
        alike = self._named_alike(operation) if found is None else {}
        if found is None and referring is draft.body and not alike:
            return None
        changed = draft.but(body=referring, segments={**draft.segments, **alike})
        return changed if found is None else self.about(operation, changed, found)

    def about(self, operation: Operation, draft: Draft, thing: Thing) -> Draft:
        """The draft with the ids of a thing in its path."""
        return draft.but(segments={**draft.segments, **segments(operation, thing.ids)})

    def path(self, thing: Thing) -> str:
        """The path of a thing, as a person would write it."""
        return path_of(self.resources.items[thing.collection], thing.ids)

    def renewed(self, operation: Operation, request: Request) -> str:
        """The target of a request, where the thing that it names is gone with another one."""
        thing = self._own(operation, request.target)
        if thing is None or self.is_there(thing):
            return request.target
        others = self._made_in(thing.collection)
        there = [one for one in others if self.is_there(one)]
        # Of the same parent, if there is one.
        alike = min(there, key=lambda one: one.parents != thing.parents, default=thing)
        return exchanged(operation, request.target, thing.ids, alike.ids)

    def _own(self, operation: Operation, target: str) -> Thing | None:
        """The item that this run made and a target names; None where it names none."""
        ids, collection = ids_in(operation, target), collection_of(operation.path)
        if ids is None or collection is None:
            return None
        thing = Thing(collection=collection, ids=ids)
        return thing if thing in self.made else None

    def _made_in(self, collection: str) -> list[Thing]:
        return [one for one in self.made if one.collection == collection and one.addressable]

    def _for(self, operation: Operation) -> Thing | None:
        """The thing that the longest part of the path stands for."""
        others = operation.safe or self._may_be_changed(operation)
        known: list[Thing] = [*self.made, *(self._seen if others else ())]
        # The innermost first: it names all that it belongs to.
        for collection in reversed(collections_in(operation.path)):
            for thing in known:
                there = thing.collection == collection and self.is_there(thing)
                if there and thing.addressable and self._fits(operation, thing.ids):
                    return thing
        return None

    def _may_be_changed(self, operation: Operation) -> bool:
        """Whether what others have made is changed: where nothing can be made for it instead."""
        return operation.method in ("PUT", "PATCH") and not self.can_be_made(operation)

    def _fits(self, operation: Operation, ids: Sequence[str]) -> bool:
        """Whether the contract allows the ids in the path: an answer may name something else."""
        schemas = {one.name: one.value_schema for one in operation.inputs if one.location == "path"}
        for name, text in zip(names_in(operation), ids, strict=False):
            schema = schemas.get(name)
            if schema is not None and not any(
                not self.contract.violations(schema, Direction.REQUEST, value)
                for value in _readings(text)
            ):
                return False
        return True

    def _named_alike(self, operation: Operation) -> dict[str, str]:
        """Ids of this run's things for the path of what writes, by the names of its parameters.

        `/records/{tableName}` is about a table that `POST /tables` has made, though no path says
        so. Empty where one parameter of the path has no such thing.
        """
        names = names_in(operation)
        found = {} if operation.safe else {one: self._referred(one, self.made) for one in names}
        ids = tuple(str(one) for one in found.values() if one is not None)
        fits = len(ids) == len(names) and self._fits(operation, ids)
        return dict(segments(operation, ids)) if fits else {}

    def _referring(self, body: Any) -> Any:
        """The body with known ids where its properties are called after things: `petId`."""
        if not isinstance(body, dict) or body is NOTHING:
            return body
        changed = {
            name: value
            for name in body
            if (value := self._referred(name, (*self.made, *self._seen))) is not None
            and value != body[name]
        }
        return {**body, **changed} if changed else body

    def _referred(self, name: str, among: Iterable[Thing]) -> Any:
        words = words_of(name)
        for collection, item in self.resources.items.items():
            wanted = words_of(last_name(item))
            noun = words_of(collection.rpartition("/")[2].removesuffix("s"))
            # One word alone (`id`, `name`) is the thing's own, and no reference.
            if len(words) < 2 or words not in (wanted, [*noun, "id"]):
                continue
            for thing in among:
                if thing.collection == collection and self.is_there(thing):
                    return self._values.get(thing, thing.ids[-1])
        return None


def _readings(text: str) -> Iterator[Any]:
    yield text
    if re.fullmatch(r"-?\d{1,18}", text):
        yield int(text)
