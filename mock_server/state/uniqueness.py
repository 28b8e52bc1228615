"""Names that two things of a collection cannot both have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.state.outlines import request_shape
from mock_server.state.places import Asked

__all__ = ["is_taken", "unique_name"]

_UNIQUE = ("email", "username", "login", "handle", "slug", "sku", "code", "key", "domain", "name")
"""Properties that services keep unique, the most telling first."""


def unique_name(asked: Asked) -> str | None:
    """The property that has to be unique; None where the contract speaks of no conflict.

    OpenAPI cannot say which it is. Where a 409 is documented, it is taken to be the first of the
    body's required texts that services keep unique, unless clients choose the id itself.
    """
    operation, shape = asked.request.operation, request_shape(asked.request.operation)
    if not any(one.status == "409" for one in operation.responses):
        return None
    if asked.resource.id_name in shape.properties:
        return None
    for name in _UNIQUE:
        part = shape.properties.get(name)
        is_required = any(name in layer.get("required", ()) for layer in shape.layers)
        if part is not None and is_required and part.types == {"string"}:
            return None if any("enum" in layer for layer in part.layers) else name
    return None


def is_taken(name: str, document: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> bool:
    """Whether another thing has the same name."""
    return name in document and any(one.get(name) == document[name] for one in others)
