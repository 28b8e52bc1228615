"""The things of a deployment that a run knows: those that it made, and those that answers named.

A path with a parameter at its end is an item, the path before it the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.cases.draft_parameters import is_allowed, value_in, with_parameter
from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.schema_nodes import nodes
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
from conformance.run.thing_references import references
from conformance.run.thing_versions import version_in
from spec import Contract, Direction
from spec.contract.parameter_codecs import parameter_codec
from spec.contract.resource_paths import canonical, collection_of, collections_in
from spec.model.contract_model import Operation
from spec.text.styles import Absent

__all__ = ["KnownItems"]

_REFUSED = (403, 409, 423)
"""What a DELETE says of a thing that is used, reserved or locked."""


class KnownItems:
    """Remembers things by what operations answer, and puts them where requests want one.

    `made` are those of this run, each with the operation that made it; only they are changed.
    `lent` are those that a request is about to remove: no other one gets them. `gone` are removed;
    `lost` are made ones that were not found where they were to be removed. `coined` have ids that
    this run invented: what a PUT puts there is new. `needed` are made ones that others name, or
    that a DELETE has refused to remove: another one is removed instead.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract, self.resources = contract, collection_operations(contract)
        self.made = dict[Thing, str]()
        self.gone, self.lost, self.lent, self.coined = (set[Thing]() for _ in range(4))
        self.needed = set[Thing]()
        self._versions = dict[Thing, tuple[str, Any]]()
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
            self._see_version(thing, answer)
            self._see_item(thing, operation, request.method, answer)
            if request.method == "PUT" and self.made.get(thing) == operation.id:
                self._remember_origin(thing, operation, request, answer)
            if thing in self.made and (new := renamed(operation, thing, request, answer)):
                self._see_renamed(thing, new, operation, request)
        if (new := created(self.resources, operation, request, answer)) is not None:
            self._see_new(new, operation)
            self._see_version(new.thing, answer)
            self._remember_origin(new.thing, operation, request, answer)
        for one in listed(self.resources, operation, request, answer):
            self._note(one)
        if answer.success and request.body and not operation.safe:
            self.needed |= set(self._named_in(operation, request.body))

    def _see_version(self, thing: Thing, answer: Answer) -> None:
        found = version_in(answer) if answer.success and answer.body else None
        if found is not None:
            self._versions[thing] = found

    def version(self, operation: Operation, target: str) -> tuple[str, Any] | None:
        """The version of the thing that a target names, as an answer has shown it last."""
        ids, item = ids_in(operation, target), collection_of(operation.path)
        if ids is None or item is None or operation.method not in ("PUT", "PATCH"):
            return None
        return self._versions.get(Thing(collection=item, ids=ids))

    def _named_in(self, operation: Operation, body: bytes) -> Iterator[Thing]:
        """The things of this run that a body names, which may not be removed from now on."""
        for collection in references(self.contract).named_by(operation):
            for thing in self._made_in(collection):
                if thing.ids[-1].encode("utf-8", "surrogatepass") in body:
                    yield thing

    def _see_item(self, thing: Thing, operation: Operation, method: str, answer: Answer) -> None:
        if method == "DELETE":
            self.lent.discard(thing)  # refused or not, it is free for the next one
            self.needed |= {thing} if answer.status in _REFUSED else set()
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

    def _see_renamed(
        self, thing: Thing, new: Named, operation: Operation, request: Request
    ) -> None:
        """From now on it is found under its new id; what had that id before is nobody's to take.

        The request must have asked for it, as the contract lets it: an id in the answer may be
        another thing's, or what was sent as an unknown property.
        """
        own = new.thing in self.made
        said = says(request, new.value, _declared(self.contract, operation))
        asked = said if said is not None else own
        if asked and (own or new.thing not in self._seen) and self._fits(operation, new.thing.ids):
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
        # The latest first: it may name what was made before it.
        there = [one for one in self.made if self.is_there(one)][::-1]
        return sorted(there, key=lambda one: -one.collection.count("/"))

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
        used = self.lent | self._needed()
        free = [one for one in (thing, *others) if one not in used and self.is_there(one)]
        if not free:
            return None
        self.lent.add(free[0])
        return exchanged(operation, request.target, thing.ids, free[0].ids)

    def is_about_own(self, operation: Operation) -> bool:
        """Whether a thing of this run is there for an operation's path, or its outermost part."""
        found = self._for(operation)
        if found is None:
            return bool(self._named_alike(operation))
        return found in self.made and not (operation.method == "DELETE" and found in self._needed())

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
        """The draft with known things in its path, and in its `body` and its other parameters.

        None where none is known.

        What removes is only ever given things that this run made, and so is what changes them
        where the contract says how they are made.
        """
        found = self._for(operation)
        own, alike = operation.method == "DELETE", self._named_alike(operation)
        changed = draft if found is not None else draft.but(segments={**draft.segments, **alike})
        if body:
            named = changed.but(body=self.referring(draft.body, own=own))
            changed = self._parameters(operation, named, own=own)
        if found is None and not alike and changed.body is draft.body and changed == draft:
            return None
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
        if operation.method == "DELETE":
            needed = self._needed()
            known.sort(key=lambda one: one in needed)
        # The innermost first: it names all that it belongs to.
        for collection in reversed(collections_in(operation.path)):
            for thing in known:
                there = thing.collection == collection and self.is_there(thing)
                if there and thing.addressable and self._fits(operation, thing.ids):
                    return thing
        return None

    def _needed(self) -> set[Thing]:
        """What is not removed as long as there is another: what others name, or belong to."""
        below = [one for one in self.made if len(one.ids) > 1 and self.is_there(one)]
        parents = {one.ids[:number] for one in below for number in range(1, len(one.ids))}
        return self.needed | {one for one in self.made if one.ids in parents}

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
        named = (
            {} if operation.safe else {one: references(self.contract).of_name(one) for one in names}
        )
        found = {one: self._known_id(at, own=True) for one, at in named.items() if at}
        ids = tuple(str(one) for one in found.values() if one is not None)
        fits = len(ids) == len(names) and self._fits(operation, ids)
        return dict(segments(operation, ids)) if fits else {}

    def referring(self, body: Any, *, own: bool = False) -> Any:
        """The body with ids of known things where it names some: `petId`, `pet: {id}`, `petIds`.

        Only what this run has made is named where it is the run's `own` that must be.
        """
        if body is NOTHING:
            return body
        return references(self.contract).referring(body, lambda one: self._known_id(one, own=own))

    def _parameters(self, operation: Operation, draft: Draft, *, own: bool) -> Draft:
        """The draft with ids of known things in the parameters that it sends beside its path."""
        named = references(self.contract)
        for parameter in operation.inputs:
            collection = named.of_name(parameter.name)
            if collection is None or parameter.location == "path":
                continue
            way = parameter_codec(self.contract, operation, parameter)
            old, new = value_in(draft, parameter, way), self._known_id(collection, own=own)
            # What is not sent is not asked for; what the contract forbids names something else.
            fitting = str(new) if isinstance(old, str) else new
            sent = not isinstance(old, Absent) and new is not None
            if sent and is_allowed(self.contract, parameter, fitting):
                draft = with_parameter(draft, parameter, way, fitting)
        return draft

    def _known_id(self, collection: str, *, own: bool = False) -> Any:
        known = self.made if own else (*self.made, *self._seen)
        found = [one for one in known if one.collection == collection and self.is_there(one)]
        return self._values.get(found[0], found[0].ids[-1]) if found else None


def _declared(contract: Contract, operation: Operation) -> frozenset[str]:
    """The properties that a request of an operation may have, at any depth."""
    content = operation.request_body.content if operation.request_body else ()
    schemas = (one.schema for one in content if one.schema is not None)
    found = (node.steps[-1:] for schema in schemas for node in nodes(contract, schema))
    return frozenset(str(step) for steps in found for step in steps)


def _readings(text: str) -> Iterator[Any]:
    yield text
    if re.fullmatch(r"-?\d{1,18}", text):
        yield int(text)
