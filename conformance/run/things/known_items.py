"""The things of a deployment that a run knows: those that it made, and those that answers named.

A path with a parameter at its end is an item, the path before it the collection.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from conformance.cases.never_issued import is_of_nobody
from conformance.clauses.bulk_removals import bulk_removal
from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.item_addresses import item_collection, item_collections
from conformance.clauses.schema_nodes import nodes
from conformance.http.exchange import Answer, Request
from conformance.http.methods import CHANGING
from conformance.judgement.json_answers import read_json
from conformance.judgement.states import GONE, LOCKED
from conformance.run.things.item_origins import ItemOrigins
from conformance.run.things.item_paths import fits, ids_in, path_of, writes_plainly
from conformance.run.things.named_things import (
    MOST_SEEN,
    Named,
    Thing,
    asked_anew,
    created,
    created_together,
    listed,
    parents_in,
    renamed,
    says,
)
from conformance.run.things.other_names import OtherNames
from conformance.run.things.thing_references import references
from conformance.run.things.thing_versions import version_in
from conformance.run.things.unnamed_creations import UnnamedCreations
from conformance.run.things.used_things import UsedThings
from spec import Contract
from spec.contract.resource_paths import canonical
from spec.model.contract_model import Operation

__all__ = ["KnownItems"]

MOST_DOUBTFUL = 10
"""So many failed requests of one operation are remembered: their bodies may be large."""


class KnownItems:
    """Remembers things by what operations answer.

    `made` are those of this run, each with the operation that made it; only they are changed.
    `guessed` may have another id; `unnamed` counts by operation what was made under no known id.
    `seen` are all that answers have named; `origins` are the requests that have made some.
    `lent` are those that a request is about to remove: no other one gets them. `gone` are removed;
    `lost` are made ones that a request about them did not find; `spoilt` take no good request.
    `coined` have ids that this run invented: what a PUT puts there is new. `needed` are made ones
    that others name, or that a DELETE has refused to remove: another one is removed instead.
    `used` are those with which an operation succeeds once only, `others` what they are called
    beside their ids. `doubtful` are by operation the latest requests that failed, or were not
    answered, and may have made one. `unkept` are collections in which GET does not find what was
    made. `nameless` are made ones of which no answer says the id; in those that are
    `called_as_sent` it is what the request has called them. `strays` are by path, as it was sent,
    what a change has perhaps made: it named what nobody has, or an own thing in another spelling.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract, self.resources = contract, collection_operations(contract)
        self.made = dict[Thing, str]()
        self.gone, self.lost, self.lent, self.coined = (set[Thing]() for _ in range(4))
        self.needed, self.guessed, self.spoilt = (set[Thing]() for _ in range(3))
        self.unnamed, self.nameless = Counter[str](), UnnamedCreations(contract)
        self.used = UsedThings()
        self.doubtful = dict[str, deque[tuple[Request, int]]]()
        self._versions = dict[Thing, tuple[str, Any]]()
        self.seen = dict[Thing, None]()
        self.others = OtherNames(self.resources, self.made)
        self.origins = ItemOrigins()
        self._values = dict[Thing, Any]()
        self._kept, self.unkept, self.called_as_sent = set[str](), set[str](), set[str]()
        self._asked = dict[Thing, Named]()
        self.strays = dict[str, Thing]()

    def makes(self, operation: Operation) -> bool:
        """Whether an operation adds an item to a collection."""
        return self.resources.made_by(operation) is not None

    def value(self, thing: Thing) -> Any:
        """The id of a thing, as JSON has it."""
        return self._values.get(thing, thing.ids[-1])

    def can_be_made(self, operation: Operation) -> bool:
        """Whether the contract has an operation that makes what this one is about."""
        own = item_collection(operation) or canonical(operation.path)
        return self.resources.whose(own) in self.resources.makers

    # ------------------------------------------------------------- what answers name

    def see(self, operation: Operation, request: Request, answer: Answer) -> None:
        """Remember what an answer names: a new thing, listed ones, or one that is gone."""
        self._see_own(operation, request, answer)
        named = self.innermost(operation, request.target)
        if named is not None:
            self._see_used(named, operation, request, answer)
        self._see_created(operation, request, answer)
        shown = listed(self.resources, operation, request, answer)
        for one, member in islice(shown, None if self.nameless else MOST_SEEN):
            self._see_member(one, member)
            self._note(one)
            self.others.see(one.thing, request, answer, self.seen, new=False)
        self._see_listed(operation, request, answer)
        if answer.success and request.body and not operation.safe:
            self.needed |= set(self._named_in(operation, request.body))

    def _see_own(self, operation: Operation, request: Request, answer: Answer) -> None:
        """The answer to a request about an item."""
        # By the path that was sent, not the one that was meant: cases change it.
        own, item = ids_in(operation, request.target), item_collection(operation)
        if own is None or item is None:
            return
        thing = self.others.meant(Thing(collection=item, ids=own))
        self._see_version(thing, answer)
        self._see_stray(thing, operation, request, answer)
        self._see_item(thing, operation, request, answer)
        if request.method == "PUT" and self.made.get(thing) == operation.id:
            self.origins.remember(thing, operation, operation, request, answer)

    def _see_stray(
        self, thing: Thing, operation: Operation, request: Request, answer: Answer
    ) -> None:
        path, own = request.target.partition("?")[0], thing in self.made
        respelt = own and not writes_plainly(operation, path)
        if request.method == "DELETE" and (answer.success or answer.status in GONE):
            self.strays.pop(path, None)
            if respelt and answer.success and self.stands(thing):
                # What was removed may be another one.
                self.strays[f"{operation.base_paths[0]}{path_of(operation, thing.ids)}"] = thing
        elif request.method in ("PUT", "PATCH") and answer.success:
            nobodys = not own and is_of_nobody(thing.ids[-1])
            self.strays |= {path: thing} if respelt or nobodys else {}

    def _see_used(
        self, thing: Thing, operation: Operation, request: Request, answer: Answer
    ) -> None:
        """What a request did with a thing of this run: it was used up, brought back or renamed."""
        if answer.success and request.method == operation.method:
            self.used.see(operation, thing)
            self.gone -= {thing} if operation.id in self.used.undeleting else set()
        if other := renamed(operation, thing, request, answer):
            self._see_renamed(thing, other, operation, request)
        elif other := asked_anew(operation, thing, request, answer):
            # The answer has the old name: that of the path, or nothing was renamed.
            self._asked |= {thing: other} if self._is_free(operation, other.thing) else {}

    def _see_created(self, operation: Operation, request: Request, answer: Answer) -> None:
        """What a request has made, or may have made."""
        new = self._new(operation, request, answer)
        for one in new:
            self._see_new(one, operation)
            self._see_version(one.thing, answer)
            self.others.see(one.thing, request, answer, self.seen, new=len(new) == 1)
            if one.thing in self.made:
                whose = self.resources.items[one.thing.collection]
                self.origins.remember(one.thing, whose, operation, request, answer)
        if request.method != "POST":
            return
        made = answer.success and not _says_nothing_new(operation, answer)
        if made and not new and self.makes(operation):
            self.unnamed[operation.id] += 1
        if made and not any(one.sure for one in new):
            self._see_unnamed(operation, request)
        if (not answer.status or answer.status >= 500) and self.makes(operation):
            latest = self.doubtful.setdefault(operation.id, deque(maxlen=MOST_DOUBTFUL))
            latest.append((request, answer.status))

    def _see_unnamed(self, operation: Operation, request: Request) -> None:
        collection = self.resources.made_by(operation) or ""
        parents = parents_in(self.resources.items.get(collection), operation, request.target)
        if parents is not None:
            self.nameless.add(collection, parents, request)

    def _see_member(self, named: Named, member: Any) -> None:
        """A list shows what this run has made, where no answer has said its id."""
        thing = named.thing
        if thing in self.made or thing in self.seen:
            return
        maker = self.resources.makers.get(thing.collection)
        texts = self.nameless.shown_by(thing.collection, thing.parents, member)
        # Under what a list calls its id no path need lead to it, and under its name one does.
        if maker is None or not texts or thing.collection in self.called_as_sent:
            return
        self._make(thing, maker)
        guesses = {Thing(collection=thing.collection, ids=(*thing.parents, one)) for one in texts}
        wrong = guesses & self.guessed
        for one in wrong:
            del self.made[one]
        self.guessed -= wrong
        self.unkept.discard(thing.collection)
        if not wrong and self.unnamed[maker.id]:
            self.unnamed[maker.id] -= 1

    def _new(self, operation: Operation, request: Request, answer: Answer) -> list[Named]:
        """What an answer names as new, as far as it is surely no thing of others."""
        found = created_together(self.resources, operation, request, answer)
        if not found and (single := created(self.resources, operation, request, answer)):
            found = [single]
        return list(filter(self._fits, found))

    def _see_version(self, thing: Thing, answer: Answer) -> None:
        found = version_in(answer) if answer.success and answer.body else None
        if found is not None:
            self._versions[thing] = found

    def version(self, operation: Operation, target: str) -> tuple[str, Any] | None:
        """The version of the thing that a target names, as an answer has shown it last."""
        ids, item = ids_in(operation, target), item_collection(operation)
        if ids is None or item is None or operation.method not in CHANGING:
            return None
        return self._versions.get(Thing(collection=item, ids=ids))

    def _named_in(self, operation: Operation, body: bytes) -> Iterator[Thing]:
        """The things of this run that a body names, which may not be removed from now on."""
        for collection in references(self.contract).named_by(operation):
            for thing in self.made_in(collection):
                if thing.ids[-1].encode("utf-8", "surrogatepass") in body:
                    yield thing

    def _see_item(
        self, thing: Thing, operation: Operation, request: Request, answer: Answer
    ) -> None:
        method = request.method
        if method == "GET" and thing in self.made and answer.success:
            self.unkept.discard(thing.collection)
            shown = thing in self.guessed and thing.ids[-1].encode() in answer.body
            self.called_as_sent |= {thing.collection} if shown else set()
        elif method == "GET" and answer.status in GONE and thing in self.made:
            self.unkept |= {thing.collection} if self.is_there(thing) else set()
        if method == "DELETE":
            self.lent.discard(thing)  # refused or not, it is free for the next one
            self.needed |= {thing} if answer.status in LOCKED else set()
        removed = answer.success and thing.collection not in self._kept
        if method == "DELETE" and (removed or answer.status == 410):
            self.gone.add(thing)
        elif method == "DELETE" == operation.method and answer.status == 404 and self.stands(thing):
            # Another spelling (`%37` for `7`) may be what was not found.
            if writes_plainly(operation, request.target):
                self.lose(thing)
        elif answer.success and self._has_made(thing, operation, request, answer):
            self._make(thing, operation)

    def _has_made(
        self, thing: Thing, operation: Operation, request: Request, answer: Answer
    ) -> bool:
        """Whether a request at its path has made a thing: nobody else can have one of that id.

        A PUT may also say so. The 201 of a POST may be of something else, added to what is there.
        """
        creates = self.resources.creates_at_its_path
        if request.method == "POST" == operation.method:
            return thing in self.coined and creates(operation)
        if request.method != "PUT":
            return False
        within = any(thing.belongs_to(one) for one in self.made if one != thing)
        return answer.status == 201 or thing in self.coined or (within and creates(operation))

    def _see_listed(self, operation: Operation, request: Request, answer: Answer) -> None:
        """What a DELETE has removed by a list of ids."""
        bulk, parents = bulk_removal(self.contract, operation), ids_in(operation, request.target)
        if bulk is None or parents is None or request.method != "DELETE":
            return
        for one in bulk.listed(read_json(request.body or b"").value):
            thing = Thing(collection=bulk.collection, ids=(*parents, str(one)))
            self.lent.discard(thing)
            if answer.success and thing in self.made and bulk.collection not in self._kept:
                self.gone.add(thing)

    def _fits(self, new: Named) -> bool:
        """Whether its path may have the id: what none can have is another value, so named."""
        item = self.resources.item_of(new.thing.collection)
        return new.sure or (item is not None and fits(self.contract, item, new.thing.ids))

    def _see_new(self, new: Named, operation: Operation) -> None:
        # What a list had before this answer was not created by it: others may need it.
        if new.thing in self.made or new.thing not in self.seen:
            self._make(new.thing, operation)
            self.guessed |= set() if new.sure else {new.thing}
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
        if asked and self._is_free(operation, new.thing):
            self._move(thing, new)

    def _is_free(self, operation: Operation, new: Thing) -> bool:
        """Whether a thing of this run can have an id: no other one does, and a path may."""
        free = new in self.made or new not in self.seen
        return free and fits(self.contract, operation, new.ids)

    def _move(self, thing: Thing, new: Named) -> None:
        """From now on a thing is found under another id, and so is all that belongs to it."""
        for one in [one for one in self.made if one.belongs_to(thing)]:
            if one != thing and one in self.gone:
                continue
            moved = replace(one, ids=(*new.thing.ids, *one.ids[len(thing.ids) :]))
            self.made.setdefault(moved, self.made[one])
            self._values[moved] = self.value(one)
            # Requests at once may have missed it already, or had looked for it too early.
            self.gone.discard(moved)
            self.lost -= {one, moved}
        self.gone.add(thing)
        self._note(new)

    def lose(self, thing: Thing) -> None:
        """A thing is found no more: it may have the new name that a change has asked for."""
        self.lost.add(thing)
        if (new := self._asked.pop(thing, None)) is not None:
            self._move(thing, new)

    def _note(self, named: Named) -> None:
        self.seen[named.thing], self._values[named.thing] = None, named.value

    def _make(self, thing: Thing, operation: Operation) -> None:
        self.made.setdefault(thing, operation.id)
        self.gone.discard(thing)
        self.lost.discard(thing)

    def disbelieve(self, collection: str) -> None:
        """A DELETE of these was seen to do nothing: they are there, whatever it answered."""
        self._kept.add(collection)
        # Those that were removed before may be there too: they are removed again at the end.
        self.gone = {one for one in self.gone if one.collection != collection}

    # ------------------------------------------------------------- what requests want

    def standing(self) -> list[Thing]:
        """What this run created and did not remove yet; nested resources first."""
        # The latest first: it may name what was made before it.
        there = [one for one in self.made if self.stands(one)][::-1]
        return sorted(there, key=lambda one: -one.collection.count("/"))

    def missed(self) -> list[Thing]:
        """What this run created and a request about it did not find; nested resources first.

        It may be there all the same: that request may have said where to look, and wrongly.
        """
        lost = [one for one in self.made if one in self.lost and not self.is_removed(one)]
        return sorted(lost, key=lambda one: -one.collection.count("/"))

    def is_there(self, thing: Thing) -> bool:
        """Whether it stands, and good requests about it are accepted."""
        return self.others.meant(thing) not in self.spoilt and self.stands(thing)

    def stands(self, thing: Thing) -> bool:
        """Whether neither it nor what it belongs to was seen to be gone."""
        thing = self.others.meant(thing)
        return thing not in self.lost and not self.is_removed(thing)

    def is_removed(self, thing: Thing) -> bool:
        """Whether it was seen to be removed, or what it belongs to was, which takes it along."""
        return any(thing.belongs_to(one) for one in self.gone)

    def has(self, collection: str) -> bool:
        """Whether a thing of the collection that this run made is there."""
        return any(one.collection == collection and self.is_there(one) for one in self.made)

    def is_below_own(self, operation: Operation, target: str) -> bool:
        """Whether a target is about an item that this run made, or about something of it."""
        return any(one in self.made or one in self.coined for one in _things_in(operation, target))

    def is_own(self, operation: Operation, request: Request) -> bool:
        """Whether a request is about an item that this run made."""
        return self.own(operation, request.target) is not None

    def named(self, operation: Operation, request: Request) -> Thing | None:
        """The item that this run made and a request names, in its path or first in its list."""
        bulk, parents = bulk_removal(self.contract, operation), ids_in(operation, request.target)
        if bulk is None or parents is None:
            return self.own(operation, request.target)
        listed = map(str, bulk.listed(read_json(request.body or b"").value))
        things = (Thing(collection=bulk.collection, ids=(*parents, one)) for one in listed)
        return next((one for one in things if one in self.made), None)

    def path(self, thing: Thing) -> str:
        """The path of a thing, as a person would write it."""
        return path_of(self.resources.items[thing.collection], thing.ids)

    def own(self, operation: Operation, target: str) -> Thing | None:
        """The item that this run made and a target names; None where it names none."""
        return self.innermost(operation, target) if item_collection(operation) else None

    def innermost(self, operation: Operation, target: str) -> Thing | None:
        """The item that this run made and that the last id of a target names, as `own` or above.

        `/tables/{name}/schema` is about a table.
        """
        last = _last_in(operation, target)
        return last if last in self.made else None

    def alias(self, operation: Operation, target: str) -> Thing | None:
        """The item that this run made under another name, where a target has that: by its name."""
        last = _last_in(operation, target)
        return last if last is not None and self.others.has_own(last) else None

    def made_in(self, collection: str) -> list[Thing]:
        """The things of this run in a collection to which a path leads."""
        return [one for one in self.made if one.collection == collection and one.addressable]

    def known_id(self, collection: str, *, own: bool) -> Any:
        """The id of a thing of a collection, as JSON has it; of this run's `own`, or of any."""
        known = self.made if own else (*self.made, *self.seen)
        found = [one for one in known if one.collection == collection and self.is_there(one)]
        return self.value(found[0]) if found else None


def _says_nothing_new(operation: Operation, answer: Answer) -> bool:
    """Whether an answer says that nothing was made: 204, beside the 201 of what is (a queue)."""
    named = operation.response_of("201") and operation.response_of("204")
    return answer.status == 204 and named is not None


def _declared(contract: Contract, operation: Operation) -> frozenset[str]:
    """The properties that a request of an operation may have, at any depth."""
    found = (
        node.steps[-1:] for one in operation.request_content for node in nodes(contract, one.schema)
    )
    return frozenset(str(step) for steps in found for step in steps)


def _last_in(operation: Operation, target: str) -> Thing | None:
    """What the last id of a target names."""
    found = _things_in(operation, target)
    return found[-1] if found else None


def _things_in(operation: Operation, target: str) -> list[Thing]:
    """What the ids of a target name, the outermost first."""
    collections = item_collections(operation)
    ids = ids_in(operation, target) if collections else ()
    return [
        # `/v{version}/things/{id}`: what stands in the middle of a segment belongs to the id.
        Thing(collection=one, ids=ids[: one.count("{}") + 1])
        for one in collections
        if ids
    ]
