"""Ids that nobody has yet, for what is created under a path that its caller chooses."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from conformance.cases.draft_parameters import is_allowed, with_parameter
from conformance.cases.unused_ids import unused_number
from conformance.http.request_drafts import Draft
from conformance.run.things.item_paths import exchanged, ids_in, names_in
from conformance.run.things.known_items import KnownItems
from conformance.run.things.named_things import Thing
from conformance.run.things.text_forms import letters, of_same_form
from spec.contract.parameter_codecs import parameter_codec
from spec.contract.resource_paths import collection_of
from spec.model.contract_model import Operation

__all__ = ["coined", "new_values"]


def coined(things: KnownItems, operation: Operation, draft: Draft) -> Draft | None:
    """The draft with a new id at the end of its path, which `things` then knows as this run's.

    None where the contract allows no id that surely is nobody's: a member of an enum, say.
    """
    named, contract = names_in(operation), things.contract
    own = [one for one in operation.parameters if one.location == "path" and one.name in named[-1:]]
    collection = collection_of(operation.path)
    if not own or collection is None:
        return None
    for value in (*new_values(), *of_same_form(unquote(draft.segments.get(own[0].name, "")))):
        if is_allowed(contract, own[0], value):
            way = parameter_codec(contract, operation, own[0])
            new = with_parameter(draft, own[0], way, value)
            ids = ids_in(operation, new.request().target)
            if ids is None:
                return None
            # Noted before it is sent: whatever a PUT of it answers, what is there then is ours.
            things.coined.add(Thing(collection=collection, ids=ids))
            return new
    return None


def unused_target(things: KnownItems, operation: Operation, draft: Draft, target: str) -> str:
    """The target with a new id, where a POST has made what it names: it can be made once only."""
    thing = things.own(operation, target) if operation.method == "POST" else None
    if thing is None or thing not in things.coined:
        return target
    new = coined(things, operation, draft)
    ids = None if new is None else ids_in(operation, new.request().target)
    return target if ids is None else exchanged(operation, target, thing.ids, ids)


def new_values() -> Iterator[Any]:
    """Texts and numbers that are another one in every run, the most readable first."""
    token = secrets.token_hex(6)
    yield f"conformance-{token}"
    yield f"c{token}"
    yield token
    yield letters(token)
    yield str(uuid.uuid4())
    yield f"{token}@example.com"
    yield unused_number()
