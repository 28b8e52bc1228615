"""Things that a request needs and the run does not have: made by what the contract has for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from conformance.cases.controls import candidates
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import least
from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.bulk_removals import bulk_removal, own_collection
from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.item_addresses import item_collection, item_collections
from conformance.http.request_drafts import NOTHING, Draft
from conformance.judgement.json_answers import read_json
from conformance.run.making.thing_answers import look_for_unnamed
from conformance.run.session.run_options import RunOptions
from conformance.run.session.session import Session
from conformance.run.things.fresh_ids import coined
from conformance.run.things.fresh_values import FreshValues
from conformance.run.things.item_placement import is_within_own, placed
from conformance.run.things.known_items import KnownItems
from conformance.run.things.thing_references import references
from spec import Contract
from spec.model.contract_model import Operation
from spec.text.secrets import is_secret_name

__all__ = [
    "gives_path",
    "makers_for",
    "most_provided",
    "provide",
    "provide_account",
    "provide_handed",
    "provide_named",
]

IN_FLIGHT = 8
"""Requests at once that may each be about to remove a thing of its own."""
RENAMED = 8
"""Things that an operation may lose by giving them other names; then its 404 proves nothing."""
NESTED = 3
"""Things that name things: so many levels of them are made."""
CANDIDATES = 2
"""So many good requests are tried to make a thing, each with new values where it is refused."""


def most_provided(operation: Operation, max_billable: int) -> int:
    """So many things at most are made for the requests of one operation that uses them up.

    Of a DELETE one for each success of the budget, and for the requests at once that must be
    refused; a change may give a thing a name under which no path leads to it.
    """
    if operation.method == "DELETE":
        return max_billable + IN_FLIGHT
    return RENAMED if operation.method in ("PUT", "PATCH") else 0


def makers_for(contract: Contract, options: RunOptions, operation: Operation) -> list[Operation]:
    """The operations that a run may ask to make what the path of another one names."""
    resources, own = collection_operations(contract), own_collection(contract, operation)
    about = dict.fromkeys([*resources.named_by(operation), *([own] if own else [])])
    found = [resources.makers[one] for one in about if one in resources.makers]
    return [one for one in found if one is not operation and _may(contract, options, one)]


def gives_path(given: Any) -> bool:
    """Whether the caller's example says what the path is to name."""
    return isinstance(given, Mapping) and "path" in given


async def provide(session: Session, operation: Operation, *, more: bool = False) -> None:
    """Make one more thing for the path of an operation, and what it belongs to where it has none.

    `more`: although one is there already. Nothing is made without leave to write, nor by an
    operation that was excluded.
    """
    contract, options, things = session.contract, session.options, session.things
    await look_for_unnamed(session)
    bulk, own = bulk_removal(contract, operation), own_collection(contract, operation)
    named = things.resources.named_by(operation)
    if things.used.uses_up(operation):
        own = named[-1]
    for collection in [*named, *([] if bulk is None else [bulk.collection])]:
        maker = things.resources.makers.get(collection)
        # A DELETE uses its thing up, so that one more is needed although one is there.
        needed = collection == own and (more or operation.method == "DELETE")
        # What creates at its own path needs nothing there but what it belongs to.
        if maker is None or maker is operation or (things.has(collection) and not needed):
            continue
        # Without what it belongs to, nothing below it can be made either.
        if not _may(contract, options, maker) or not await _make(session, maker):
            return


async def provide_named(
    session: Session, operation: Operation, draft: Draft, depth: int = NESTED
) -> None:
    """Make a thing of each collection that a request names beside its path, where none is there."""
    contract, options, things = session.contract, session.options, session.things
    if not depth:
        return
    named = references(contract).of(operation)
    by_name = [named.of_name(one.name) for one in operation.inputs if one.location != "path"]
    for collection in dict.fromkeys((*by_name, *named.named_in(draft.body))):
        maker = things.resources.makers.get(collection or "")
        if maker is None or maker is operation or things.has(collection or ""):
            continue
        if _may(contract, options, maker):
            # What it belongs to first.
            await provide(session, maker)
            await _make(session, maker, depth - 1)


async def provide_account(session: Session, operation: Operation, draft: Draft) -> None:
    """Sign somebody up who can sign in: a body with a secret, as another operation takes it."""
    contract, options, body = session.contract, session.options, draft.body
    if not isinstance(body, dict):
        return
    known = len(body) < 2 or any(True for _ in session.listed.together(body))
    if known or operation.method != "POST" or not any(map(is_secret_name, body)):
        return
    things = session.things
    for maker in (one for one in contract.operations if things.makes(one)):
        first = next(candidates(contract, maker, session.credentials), None)
        sent = first.body if first is not None else None
        signs_up = isinstance(sent, dict) and body.keys() <= sent.keys()
        if maker.id != operation.id and signs_up and _may(contract, options, maker):
            await _make(session, maker)
            return


async def provide_handed(session: Session, operation: Operation) -> None:
    """Ask for what a body needs and another operation hands out: a token, the id of an upload."""
    contract, options = session.contract, session.options
    if not options.writes(operation):
        return
    for name, sources in session.handed.missing(operation):
        for source in sources:
            if not session.handed.has(name) and _may(contract, options, source):
                await _make(session, source)


async def _make(session: Session, maker: Operation, depth: int = NESTED) -> bool:
    first = next(candidates(session.contract, maker, session.credentials), None)
    if first is not None and session.options.examples.get(maker.id, NOTHING) is NOTHING:
        await provide_named(session, maker, first, depth)
    for draft in _drafts(session, maker):
        request = draft.request()
        secured = bool(draft.credential.schemes)
        answer = await session.send(maker.id, request, authorized=secured)
        if answer.success:
            session.listed.accept(maker, read_json(request.body or b"").value)
            await look_for_unnamed(session)
            return True
    return False


def _drafts(session: Session, maker: Operation) -> Iterator[Draft]:
    """What was accepted before, what the contract has, and the least of it, with new values."""
    contract, options = session.contract, session.options
    given = options.examples.get(maker.id, NOTHING)
    found = list(islice(candidates(contract, maker, session.credentials, given), CANDIDATES))
    if accepted := session.good.get(maker.id):
        found.insert(0, accepted)
    subjects = [
        Subject(
            contract=contract,
            operation=maker,
            credentials=options.credentials,
            control=placed(session.things, maker, draft, body=given is NOTHING) or draft,
            builder=ValidValueBuilder(contract=contract),
        )
        for draft in found
    ]
    # Optional parts of the one may exclude each other.
    less = [(one, least(one)) for one in subjects[:1] if given is NOTHING]
    smallest = [one.but(control=draft) for one, draft in less if draft is not None]
    # What was made with more of them may be locked, or reserved.
    own = item_collection(maker) or session.things.resources.made_by(maker)
    locked = any(one.collection == own for one in session.things.spoilt)
    subjects = [*smallest, *subjects] if locked else [*subjects, *smallest]
    for subject in subjects:
        # New values first: a name that an earlier run has left behind is taken.
        known = subject.control
        if _is_of_others(session.things, maker, known):
            continue
        for one in (*(fresh.renewed(known) for fresh in FreshValues.ways(subject)), known):
            if not session.things.resources.creates_at_its_path(maker):
                yield one
            elif (new := coined(session.things, maker, one)) is not None:
                yield new
            elif is_within_own(session.things, maker, one):
                # Of few ids none is new for ever: what was removed is put there once more.
                yield one


def _is_of_others(things: KnownItems, maker: Operation, draft: Draft) -> bool:
    """Whether a new thing would become part of one that the run could have made, and has not."""
    own = {item_collection(maker)} if things.resources.creates_at_its_path(maker) else set()
    parents = [one for one in item_collections(maker) if one not in own]
    makeable = any(one in things.resources.makers for one in parents)
    return makeable and not things.is_below_own(maker, draft.request().target)


def _may(contract: Contract, options: RunOptions, maker: Operation) -> bool:
    """Whether an operation may be asked to make something, and can be."""
    given = options.credentials
    has_credential = not maker.secured or bool(given.alternatives(contract, maker))
    has_leave = options.allow_writes and options.max_billable > 0
    return has_leave and has_credential and not options.excludes(maker)
