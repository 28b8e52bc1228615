"""Which thing a request that removes one gets: no two get the same, and none that others need."""

from __future__ import annotations

from conformance.http.exchange import Request
from conformance.run.item_paths import exchanged
from conformance.run.known_items import KnownItems
from conformance.run.named_things import Thing
from spec.model.contract_model import Operation

__all__ = ["lend", "needed", "renewed"]


def lend(things: KnownItems, operation: Operation, request: Request) -> str | None:
    """The target for a request that removes a thing; None where there is none to be removed.

    The thing that it names, or another one, that no other request is about to remove.
    """
    thing = things.own(operation, request.target)
    if thing is None:
        return request.target
    # The latest first: what stands longest is what others are asked for.
    others = things.made_in(thing.collection)[::-1]
    used = things.lent | needed(things)
    free = [one for one in (thing, *others) if one not in used and things.is_there(one)]
    if not free:
        return None
    things.lent.add(free[0])
    return exchanged(operation, request.target, thing.ids, free[0].ids)


def renewed(things: KnownItems, operation: Operation, request: Request) -> str | None:
    """The target of a request, with another thing where the one that it names is gone.

    None where there is no other one.
    """
    thing = things.own(operation, request.target)
    if thing is None or things.is_there(thing):
        return request.target
    there = [one for one in things.made_in(thing.collection) if things.is_there(one)]
    # Of the same parent, if there is one.
    alike = min(there, key=lambda one: one.parents != thing.parents, default=None)
    return None if alike is None else exchanged(operation, request.target, thing.ids, alike.ids)


def needed(things: KnownItems) -> set[Thing]:
    """What is not removed as long as there is another: what others name, or belong to."""
    below = [one for one in things.made if len(one.ids) > 1 and things.is_there(one)]
    parents = {one.ids[:number] for one in below for number in range(1, len(one.ids))}
    return things.needed | {one for one in things.made if one.ids in parents}
