"""Ids that a change asks for and that another thing of this run has."""

from __future__ import annotations

from conformance.clauses.collection_operations import last_name
from conformance.http.exchange import Request
from conformance.judgement.json_answers import read_json
from conformance.run.making.removal import remove_one, removers_of
from conformance.run.session.session import Session
from conformance.run.things.item_lending import needed
from spec.model.contract_model import Operation

__all__ = ["free_id"]


async def free_id(session: Session, operation: Operation, request: Request) -> None:
    """Remove the thing that has the new id that a request asks for: it would be refused for that.

    Only what this run has made, and what nothing else of it needs.
    """
    things, options = session.things, session.options
    thing = things.own(operation, request.target)
    if thing is None or operation.method not in ("PUT", "PATCH"):
        return
    sent = read_json(request.body or b"").value
    asked = sent.get(last_name(operation)) if isinstance(sent, dict) else None
    if asked is None or str(asked) == thing.ids[-1]:
        return
    contract = things.contract
    remover = removers_of(contract, options).get(thing.collection)
    others = things.made_in(thing.collection)
    for one in [other for other in others if other.ids == (*thing.parents, str(asked))]:
        if remover is not None and things.is_there(one) and one not in needed(things):
            await remove_one(session, remover, one)
