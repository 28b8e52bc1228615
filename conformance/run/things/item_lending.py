"""Which thing a request gets: one that is there, that none else removes, and none needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.cases.never_issued import TEXT, never_issued
from conformance.clauses.bulk_removals import BulkRemoval
from conformance.clauses.collection_operations import last_name
from conformance.http.exchange import Request
from conformance.judgement.json_answers import read_json
from conformance.run.things.item_paths import exchanged, ids_in
from conformance.run.things.known_items import KnownItems
from conformance.run.things.named_things import Thing
from spec.model.contract_model import Operation

__all__ = ["lend_listed", "lent_target", "needed", "without_others"]


def lent_target(things: KnownItems, operation: Operation, request: Request) -> str | None:
    """The target of a request about a thing with which it can succeed; None where there is none."""
    # An undeclared DELETE may reach nothing; a thing is only taken for one that removes.
    if request.method == "DELETE" == operation.method:
        return _to_remove(things, operation, request)
    thing = things.innermost(operation, request.target)
    if thing is None or _is_ready(things, operation, thing):
        return request.target
    others = things.made_in(thing.collection)
    # What stands longest is what others are asked for.
    others = others[::-1] if things.used.uses_up(operation) else others
    ready = [one for one in others if _is_ready(things, operation, one)]
    # Of the same parent, if there is one.
    alike = min(ready, key=lambda one: one.parents != thing.parents, default=None)
    return None if alike is None else exchanged(operation, request.target, thing.ids, alike.ids)


def _is_ready(things: KnownItems, operation: Operation, thing: Thing) -> bool:
    """Whether an operation can succeed with a thing that is there, or is to be brought back."""
    if operation.id in things.used.undeleting:
        return thing in things.gone
    return things.is_there(thing) and not things.used.has_had(operation, thing)


def _to_remove(things: KnownItems, operation: Operation, request: Request) -> str | None:
    """The target for a request that removes a thing; None where there is none to be removed.

    The thing that it names, or another one, that no other request is about to remove.
    """
    thing = things.own(operation, request.target) or things.alias(operation, request.target)
    if thing is None:
        return request.target
    # The latest first: what stands longest is what others are asked for.
    others = [*things.made_in(thing.collection), *things.others.own_in(thing.collection)][::-1]
    used = things.lent | needed(things)
    free = [one for one in (thing, *others) if one not in used and things.is_there(one)]
    if not free:
        return None
    things.lent.add(free[0])
    return exchanged(operation, request.target, thing.ids, free[0].ids)


def lend_listed(
    things: KnownItems, operation: Operation, request: Request, bulk: BulkRemoval
) -> Request | None:
    """The request with things of this run in its list; None where there are not enough of them.

    What is listed wrongly stays, and so does what nobody can have.
    """
    parents = ids_in(operation, request.target) or ()
    new = dict[Any, Any]()
    for value in _plain(bulk.listed(read_json(request.body or b"").value)):
        named = Thing(collection=bulk.collection, ids=(*parents, str(value)))
        if value in new or not (named in things.made or _is_of_others(things, named, bulk, value)):
            continue
        used = things.lent | needed(things)
        own = [one for one in things.made_in(bulk.collection) if one.parents == parents]
        free = [one for one in (named, *own[::-1]) if one in own and one not in used]
        free = [one for one in free if things.is_there(one)]
        if not free:
            return None
        things.lent.add(free[0])
        new[value] = things.value(free[0])
    return _listing(request, bulk, new)


def without_others(
    things: KnownItems, operation: Operation, request: Request, bulk: BulkRemoval
) -> Request:
    """The request with ids that nobody has in the place of those that somebody may have."""
    parents = ids_in(operation, request.target) or ()
    item = things.resources.items[bulk.collection]
    own = next((one for one in item.parameters if one.name == last_name(item)), None)
    nobody = TEXT if own is None else never_issued(things.contract, own)
    listed = _plain(bulk.listed(read_json(request.body or b"").value))
    named = {one: Thing(collection=bulk.collection, ids=(*parents, str(one))) for one in listed}
    others = [one for one, thing in named.items() if _is_of_others(things, thing, bulk, one)]
    return _listing(request, bulk, dict.fromkeys(others, nobody))


def _is_of_others(things: KnownItems, thing: Thing, bulk: BulkRemoval, value: Any) -> bool:
    return thing not in things.made and (thing in things.seen or value in bulk.shown)


def _plain(values: list[Any]) -> list[Any]:
    return [one for one in values if isinstance(one, (str, int)) and not isinstance(one, bool)]


def _listing(request: Request, bulk: BulkRemoval, new: Mapping[Any, Any]) -> Request:
    """The request with new ids in its list, written as it is where that can be kept."""
    changed = {old: one for old, one in new.items() if old != one}
    text = request.body or b""
    if all(isinstance(one, str) and one and one.encode() in text for one in changed):
        for old, one in changed.items():
            text = text.replace(old.encode(), str(one).encode())
        return replace(request, body=text) if changed else request
    body = read_json(text).value
    ids = [
        changed.get(one, one) if isinstance(one, (str, int)) else one for one in bulk.listed(body)
    ]
    return replace(request, body=json.dumps(bulk.naming(body, ids)).encode())


def needed(things: KnownItems) -> set[Thing]:
    """What is not removed as long as there is another: what others name, or belong to."""
    below = [one for one in things.made if len(one.ids) > 1 and things.is_there(one)]
    parents = {one.ids[:number] for one in below for number in range(1, len(one.ids))}
    return things.needed | {one for one in things.made if one.ids in parents}
