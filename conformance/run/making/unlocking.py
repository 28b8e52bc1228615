"""A thing that an edge has locked, or made reserved: it is unlocked, so that it can be removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.clauses.schema_nodes import nodes
from conformance.http.request_drafts import Draft
from conformance.run.session.session import Session
from conformance.run.things.item_placement import about
from conformance.run.things.named_things import Thing
from spec import Direction
from spec.contract.resource_paths import canonical
from spec.model.contract_model import MediaType, Operation

__all__ = ["unlock"]


async def unlock(session: Session, thing: Thing) -> bool:
    """Change a thing so that none of its flags is set any more; False where that is not accepted.

    It is a thing of the run, and what locks it nobody knows but by its name.
    """
    resources = session.things.resources
    there = resources.by_path[canonical(resources.items[thing.collection].path)]
    for changer in (there[one] for one in ("PATCH", "PUT") if one in there):
        draft = None if session.options.excludes(changer) else _without_flags(session, changer)
        if draft is not None:
            request = about(changer, draft, thing).request()
            secured = bool(draft.credential.schemes)
            if (await session.send(changer.id, request, authorized=secured)).success:
                return True
    return False


def _without_flags(session: Session, changer: Operation) -> Draft | None:
    """The good request of a change, with the flags of its body as they are by default, or unset."""
    draft = session.good.get(changer.id) or session.first_draft(changer)
    if draft is None or not isinstance(draft.body, dict):
        return None
    for media_type in changer.request_content:
        flags = dict(_flags(session, media_type))
        body = {**draft.body, **flags}
        schema = media_type.schema
        wrong = schema is None or session.contract.violations(schema, Direction.REQUEST, body)
        if media_type.name == draft.media_type and flags and not wrong:
            return draft.but(body=body)
    return None


def _flags(session: Session, media_type: MediaType) -> Iterator[tuple[str, Any]]:
    for node in nodes(session.contract, media_type.schema):
        if len(node.steps) == 1 and node.types == ("boolean",):
            yield str(node.steps[0]), node.keywords.get("default", False)
