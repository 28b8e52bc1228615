"""Known things in the place of those that a request names: in its path, its body, its parameters.

What removes is only ever given things that this run made, and so is what changes them where the
contract says how they are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.cases.draft_parameters import is_allowed, value_in, with_parameter
from conformance.clauses.bulk_removals import bulk_removal
from conformance.clauses.collection_operations import last_name
from conformance.clauses.item_addresses import (
    collections_by_name,
    item_collection,
    item_collections,
)
from conformance.http.request_drafts import NOTHING, Draft
from conformance.run.things.item_lending import needed
from conformance.run.things.item_paths import fits, names_in, segments, selecting
from conformance.run.things.known_items import KnownItems
from conformance.run.things.named_things import Thing
from conformance.run.things.request_sequences import things_in
from conformance.run.things.thing_references import references
from spec.contract.parameter_codecs import parameter_codec
from spec.contract.resource_paths import canonical
from spec.model.contract_model import Operation
from spec.text.styles import Absent

__all__ = ["about", "is_about_own", "is_within_own", "placed", "referring"]


def about(operation: Operation, draft: Draft, thing: Thing) -> Draft:
    """The draft with the ids of a thing in its path, and in its query."""
    placed = draft.but(segments={**draft.segments, **segments(operation, thing.ids)})
    return placed.but(query=selecting(operation, draft.query, thing.ids))


def is_about_own(things: KnownItems, operation: Operation) -> bool:
    """Whether a thing of this run is there for an operation's path, or its outermost part."""
    found = _for(things, operation)
    if found is None:
        return bool(_named_alike(things, operation))
    if operation.safe and found.collection in things.unkept:
        return True
    own = things.others.meant(found) in things.made
    return own and not (operation.method == "DELETE" and found in needed(things))


def is_within_own(things: KnownItems, operation: Operation, draft: Draft) -> bool:
    """Whether what a request is about is part of a thing of this run, as a row of its table is."""
    above = list(things_in(operation, draft.request().target))[:-1]
    alike = _named_alike(things, operation)
    named = bool(alike) and all(draft.segments.get(name) == one for name, one in alike.items())
    return named or any(one in things.made for one in above)


def placed(things: KnownItems, operation: Operation, draft: Draft, *, body: bool) -> Draft | None:
    """The draft with known things in its path, and in its `body` and its other parameters.

    None where none is known.
    """
    found = _for(things, operation)
    own, alike = operation.method == "DELETE", _named_alike(things, operation)
    bulk = bulk_removal(things.contract, operation)
    changed = draft if found is not None else draft.but(segments={**draft.segments, **alike})
    if body:
        named = changed.but(body=referring(things, operation, draft.body, own=own))
        changed = _parameters(things, operation, named, own=own)
    if body and found is not None and bulk is not None and found.collection == bulk.collection:
        changed = changed.but(body=bulk.naming(changed.body, [things.value(found)]))
    if body and found is not None and operation.method in ("PUT", "PATCH"):
        changed = changed.but(body=_own_name(operation, changed.body, found))
    if found is None and not alike and changed.body is draft.body and changed == draft:
        return None
    return changed if found is None else about(operation, changed, found)


def referring(things: KnownItems, operation: Operation, body: Any, *, own: bool = False) -> Any:
    """The body with ids of known things where it names some: `petId`, `pet: {id}`, `petIds`.

    Only what this run has made is named where it is the run's `own` that must be.
    """
    if body is NOTHING:
        return body
    named = references(things.contract).of(operation)
    return named.referring(body, lambda one: things.known_id(one, own=own))


def _own_name(operation: Operation, body: Any, thing: Thing) -> Any:
    """The body with the id of the thing where it names it: a change under another one renames.

    It may stand in an envelope, as JSON:API has it: `{data: {id, type, attributes}}`.
    """
    if thing.collection != item_collection(operation) or not isinstance(body, dict):
        return body
    if len(body) == 1 and isinstance(inner := next(iter(body.values())), dict):
        return {next(iter(body)): _named(operation, inner, thing, "id")}
    return _named(operation, body, thing)


def _named(operation: Operation, body: Mapping[str, Any], thing: Thing, *names: str) -> Any:
    found = (one for one in (last_name(operation), *names) if isinstance(body.get(one), str))
    name = next(found, None)
    return body if name is None else {**body, name: thing.ids[-1]}


def _for(things: KnownItems, operation: Operation) -> Thing | None:
    """The thing that the longest part of the path stands for."""
    others = operation.safe or _may_change_others(things, operation)
    known: list[Thing] = [*things.made, *(things.seen if others else ())]
    # By another name too, what others have made is read and not changed.
    known += things.others.names(own=not operation.safe)
    if operation.safe:
        # Where what is made is not there, a list shows what is.
        known.sort(key=lambda one: one in things.made and one.collection in things.unkept)
    if operation.method == "DELETE":
        used = needed(things)
        known.sort(key=lambda one: one in used)
    also = things.resources.also_under
    if any(one in also.get(one[0], ()) for one in collections_by_name(operation)):
        known.sort(key=lambda one: one not in things.others)
    # The innermost first: it names all that it belongs to.
    bulk = bulk_removal(things.contract, operation)
    listed = [] if bulk is None else [bulk.collection]
    for collection in [*listed, *reversed(item_collections(operation))]:
        for thing in known:
            there = thing.collection == collection and things.is_there(thing)
            if there and thing.addressable and fits(things.contract, operation, thing.ids):
                return thing
    return None


def _may_change_others(things: KnownItems, operation: Operation) -> bool:
    """What others have made is changed, or added to, only where nothing can be made instead."""
    if _named_alike(things, operation):
        return False
    if operation.method == "POST":
        resources, inside = things.resources, item_collections(operation)
        adds = things.makes(operation) or "GET" in resources.by_path[canonical(operation.path)]
        return adds and bool(inside) and inside[-1] not in resources.makers
    return operation.method in ("PUT", "PATCH") and not things.can_be_made(operation)


def _named_alike(things: KnownItems, operation: Operation) -> dict[str, str]:
    """Ids of this run's things for the path of what writes, by the names of its parameters.

    `/records/{tableName}` is about a table that `POST /tables` has made, though no path says so.
    Empty where one parameter of the path has no such thing.
    """
    names, named = names_in(operation), references(things.contract)
    at = {} if operation.safe else {one: named.of_name(one) for one in names}
    found = {name: things.known_id(one, own=True) for name, one in at.items() if one}
    ids = tuple(str(one) for one in found.values() if one is not None)
    whole = len(ids) == len(names) and fits(things.contract, operation, ids)
    return dict(segments(operation, ids)) if whole else {}


def _parameters(things: KnownItems, operation: Operation, draft: Draft, *, own: bool) -> Draft:
    """The draft with ids of known things in the parameters that it sends beside its path."""
    contract, named = things.contract, references(things.contract)
    for parameter in operation.inputs:
        collection = named.of_name(parameter.name)
        if collection is None or parameter.location == "path":
            continue
        way = parameter_codec(contract, operation, parameter)
        old, new = value_in(draft, parameter, way), things.known_id(collection, own=own)
        # What is not sent is not asked for; what the contract forbids names something else.
        fitting = str(new) if isinstance(old, str) else new
        sent = not isinstance(old, Absent) and new is not None
        if sent and is_allowed(contract, parameter, fitting):
            draft = with_parameter(draft, parameter, way, fitting)
    return draft
