"""Every Schema Object of a document, with its pointer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from spec import Contract, Direction, Schema
from spec.model.pointers import join
from spec.schemas.keywords import children

__all__ = ["schema_nodes", "schemas_in_use"]


def schemas_in_use(contract: Contract) -> Iterator[tuple[Schema, Direction]]:
    """The schemas that operations send and answer with, each with its direction."""
    for operation in contract.operations:
        for parameter in operation.inputs:
            if parameter.value_schema:
                yield parameter.value_schema, Direction.REQUEST
        for media_type in operation.request_body.content if operation.request_body else ():
            if media_type.schema:
                yield media_type.schema, Direction.REQUEST
        for response in operation.responses:
            for media_type in response.content:
                if media_type.schema:
                    yield media_type.schema, Direction.RESPONSE
            for header in response.headers:
                if header.value_schema:
                    yield header.value_schema, Direction.RESPONSE


def schema_nodes(contract: Contract) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every schema, nested ones and unused components included, each once."""
    waiting: deque[tuple[str, Any]] = deque(
        (schema.pointer, schema.value) for schema, _ in schemas_in_use(contract)
    )
    components = contract.document.get("components")
    named = components.get("schemas") if isinstance(components, Mapping) else None
    for name, value in (named if isinstance(named, Mapping) else {}).items():
        waiting.append((join("#", "components", "schemas", name), value))
    seen: set[int] = set()
    while waiting:
        pointer, node = waiting.popleft()
        if not isinstance(node, Mapping) or id(node) in seen:
            continue
        seen.add(id(node))
        yield pointer, node
        waiting.extend((join(pointer, *path), child) for path, child in children(node))
