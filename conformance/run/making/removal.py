"""Removes what a run created when it ends, and reports what could not be removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from conformance.clauses.bulk_removals import bulk_removal, own_collection
from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.item_addresses import item_collection
from conformance.judgement.states import LOCKED
from conformance.run.making.restoring import restorer
from conformance.run.making.unlocking import unlock
from conformance.run.session.run_options import RunOptions
from conformance.run.session.session import Session
from conformance.run.things.item_placement import about
from conformance.run.things.known_items import KnownItems
from conformance.run.things.named_things import Thing
from conformance.run.things.thing_versions import with_version
from spec import Contract
from spec.model.contract_model import Operation
from spec.model.short_texts import shortened

__all__ = ["lasting", "left_behind", "remove", "remove_one", "removers_of", "unnamed"]

LONGEST = 120
"""Characters of a path that a remark shows: a tried edge may have made a long one."""
DEAD = 3
"""So many requests in a row without an answer: the deployment is not there any more."""


async def remove(session: Session) -> None:
    """Send a DELETE for each thing that the run made and that is still there.

    The operation need not be selected (`--include`): a run cleans up after itself, unless it was
    excluded by name.

    Things below others come first, and last those that a request has not found. The time budget
    does not end it, `DEAD` requests in a row without an answer do. Where a removal failed, all
    that stands is removed once more: it may have been a matter of the moment.
    """
    if await _remove_standing(session):
        await _remove_standing(session)


async def _remove_standing(session: Session) -> bool:
    """Send a DELETE for each thing that may be there, and say whether one failed."""
    removers, unanswered, failed = _all_removers(session.contract, session.options), 0, False
    things = session.things
    for thing in (*things.standing(), *things.missed()):
        # Asked each time: what was removed before may have taken this one along.
        there = not things.is_removed(things.others.meant(thing))
        if thing.collection in removers and there and unanswered < DEAD:
            await remove_one(session, removers[thing.collection], thing)
            if session.last.status in LOCKED and await unlock(session, thing):
                await remove_one(session, removers[thing.collection], thing)
            unanswered = 0 if session.last.status else unanswered + 1
            failed = failed or session.last.status >= 500
    for path, thing in [*things.strays.items()] if session.options.allow_writes else ():
        if thing.collection in removers and unanswered < DEAD:
            await remove_one(session, removers[thing.collection], thing, path)
            unanswered = 0 if session.last.status else unanswered + 1
    return failed


def left_behind(session: Session) -> Iterator[str]:
    """A sentence for each collection with things of this run that are still there."""
    removers, things = _all_removers(session.contract, session.options), session.things
    # Made here and not found when it was to be removed: nobody knows where it is.
    lost = [one for one in things.missed() if one not in things.guessed]
    if session.stopped:
        yield from _untouched(things)
        return
    # What is not found may have been removed along with another thing.
    standing = ("left behind", things.standing(), "did not remove")
    for what, left, why in (standing, ("perhaps left behind", lost, "does not find")):
        for collection in dict.fromkeys(one.collection for one in left):
            shown = _some([_path(things, one) for one in left if one.collection == collection])
            because = _because(session, removers.get(collection), why)
            yield f"{what} by this run: {shown}; {because}"
    if things.strays:
        shown = _some([shortened(path, LONGEST) for path in things.strays])
        yield f"perhaps left behind by this run: {shown}; a change of what nobody has was accepted"


def _because(session: Session, remover: Operation | None, why: str) -> str:
    """Why things are still there."""
    if remover is None:
        return "no operation that the run may use removes them"
    if session.cut_off:
        return "the time ended before all were removed"
    return f"{remover.id} {why} them"


def unnamed(things: KnownItems) -> Counter[str]:
    """How often each operation has made something of which no answer says where it is."""
    # A guess that leads nowhere is what was made under another id.
    guessed = [one for one in things.missed() if one in things.guessed]
    return things.unnamed + Counter(things.made[one] for one in guessed)


def lasting(
    contract: Contract, options: RunOptions, operations: Iterable[Operation]
) -> Iterator[Operation]:
    """The operations whose effects stay: nothing removes what they make, or puts back the rest.

    Without leave to write nothing has any effect.
    """
    if not options.allow_writes:
        return
    resources, removers = collection_operations(contract), _all_removers(contract, options)
    for one in operations:
        made = resources.made_by(one) in removers
        own = one.method != "POST" and (own_collection(contract, one) or "") in resources.makers
        if options.writes(one) and not made and not own and restorer(contract, one) is None:
            yield one


def _untouched(things: KnownItems) -> Iterator[str]:
    """What stands since the run was stopped, before it could remove anything."""
    if left := [_path(things, one) for one in things.standing()]:
        yield f"left behind by this run: {_some(left)}; it was stopped before the end"


def _some(paths: Sequence[str]) -> str:
    """The first of some paths, and how many there are beside them."""
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{', '.join(paths[:3])}{more}"


def _path(things: KnownItems, thing: Thing) -> str:
    return shortened(things.path(thing), LONGEST)


def removers_of(contract: Contract, options: RunOptions) -> dict[str, Operation]:
    """The operations that a run may ask to remove an item, by the item's collection."""
    found = dict[str, Operation]()
    for operation in contract.operations:
        collection = item_collection(operation)
        if (
            collection is not None
            and operation.method == "DELETE"
            and not options.excludes(operation)
        ):
            found.setdefault(collection, operation)
    return found


def _all_removers(contract: Contract, options: RunOptions) -> dict[str, Operation]:
    """Those of `removers_of`, and of what removes an item by another name, or by a list of ids."""
    found = removers_of(contract, options)
    for collection, operation in [*found.items()]:
        found.setdefault(collection_operations(contract).whose(collection), operation)
    for operation in contract.operations:
        bulk = bulk_removal(contract, operation)
        if bulk is not None and not options.excludes(operation):
            found.setdefault(bulk.collection, operation)
    return found


async def remove_one(session: Session, remover: Operation, thing: Thing, path: str = "") -> None:
    """Send a DELETE for a thing that this run made; `path` is how it was written, "" as usual."""
    contract = session.contract
    for _ in range(2):
        draft = session.first_draft(remover)
        if draft is None:
            return
        # Sent outside of any budget: cleaning up is owed, however much was spent.
        named = session.things.others.called(thing, item_collection(remover) or "")
        bulk, draft = bulk_removal(contract, remover), about(remover, draft, named)
        if bulk is not None:
            draft = draft.but(body=bulk.naming(draft.body, [session.things.value(thing)]))
        request, secured = draft.request(), bool(draft.credential.schemes)
        _, mark, query = request.target.partition("?")
        request = replace(request, target=f"{path}{mark}{query}") if path else request
        version = session.things.version(remover, request.target)
        request = request if version is None else with_version(request, request, version)
        answer = await session.send(remover.id, request, authorized=secured)
        if answer.status != 401 or not secured:
            return
        # The run itself may have ended it: a key that was rotated. Another one may be given.
        session.dead.update(draft.credential.secrets)
