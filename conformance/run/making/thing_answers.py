"""What a deployment says of a thing: whether it is there, before a write and at the end."""

from __future__ import annotations

from conformance.http.exchange import Answer
from conformance.run.session.session import Session
from conformance.run.things.item_placement import about
from conformance.run.things.named_things import Thing
from spec.model.contract_model import Operation

__all__ = ["answer_about", "look_for_unnamed"]


async def answer_about(session: Session, reader: Operation, thing: Thing) -> Answer:
    """The answer to the reader's GET of a thing, or of the list that it is in.

    It is empty where no request of the reader is known.
    """
    draft = session.first_draft(reader)
    if draft is None:
        return Answer()
    request = about(reader, draft, thing).request()
    return await session.send(reader.id, request, authorized=reader.secured)


async def look_for_unnamed(session: Session) -> None:
    """Ask for the lists that may show what was made, and what no answer has named."""
    things = session.things
    for collection, parents in things.nameless.unasked():
        reader = things.resources.by_path.get(collection, {}).get("GET")
        if reader is not None and not session.options.excludes(reader):
            await answer_about(session, reader, Thing(collection=collection, ids=(*parents, "")))
