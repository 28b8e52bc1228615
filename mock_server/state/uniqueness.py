"""Names that two things of a collection cannot both have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.model.problems import Refused
from mock_server.state.outlines import request_shape
from mock_server.state.places import Asked, ThingPlace
from mock_server.state.refusals import conflict
from mock_server.state.things import Things

__all__ = ["refuse_double", "undo_double", "unique_name"]

_UNIQUE = ("email", "username", "login", "handle", "slug", "sku", "code", "key", "domain", "name")
"""Properties that services keep unique, the most telling first."""


def unique_name(asked: Asked) -> str | None:
    """The property that has to be unique; None where the contract documents no 409.

    OpenAPI cannot say which it is. Where a 409 is documented, it is taken to be the first of the
    body's required texts that services keep unique, unless clients choose the id itself.
    """
    operation, shape = asked.request.operation, request_shape(asked.request.operation)
    if operation.response_of("409") is None:
        return None
    # Then the 409 is about the id, which the store refuses to take twice.
    if asked.resource.id_name in shape.properties:
        return None
    for name in _UNIQUE:
        part = shape.properties.get(name)
        if part is not None and shape.requires(name) and part.types == {"string"}:
            return None if any("enum" in layer for layer in part.layers) else name
    return None


async def refuse_double(
    things: Things, asked: Asked, place: ThingPlace, document: Mapping[str, Any]
) -> None:
    """Refuse a name that another thing of the collection has. Raises Refused, StateLostError."""
    name = None if asked.resource.is_single else unique_name(asked)
    if name is not None and name in document:
        others = await things.all(asked)
        others.pop(place.id, None)
        if any(one.get(name) == document[name] for one in others.values()):
            raise _taken(asked, name, document)


async def undo_double(
    things: Things, asked: Asked, place: ThingPlace, document: Mapping[str, Any], version: int
) -> None:
    """Take back a new thing whose name another request was first to use meanwhile.

    A store changes one thing at a time, so that two may be written before either sees the other.
    Both then see the same order, by which one of them stays. Raises Refused, StateLostError.
    """
    name = unique_name(asked)
    if name is None or name not in document:
        return
    every = await things.all(asked)
    first = next((id_ for id_, one in every.items() if one.get(name) == document[name]), None)
    if first is not None and first != place.id:
        await things.remove(asked, place, version)
        raise _taken(asked, name, document)


def _taken(asked: Asked, name: str, document: Mapping[str, Any]) -> Refused:
    return conflict(asked, f"{name} {document[name]!r:.200} is already used")
