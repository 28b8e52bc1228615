"""Which schemas a contract has, which its operations use, and which marks stand anywhere in it."""

from __future__ import annotations

from collections.abc import Iterator

from spec.model.contract_model import (
    Direction,
    MediaType,
    Operation,
    Schema,
)
from spec.model.pointers import join
from spec.reading.nodes import Node, Tokens
from spec.sampling.proposals import LENGTH, VALUE

__all__ = ["keys_present", "schemas_in", "schemas_of"]


def schemas_in(walked: list[tuple[Tokens, Node]]) -> Iterator[tuple[str, Direction]]:
    """The schemas that messages are made of, and all components, for both directions."""
    for path, node in walked:
        pointers = [join("#", *path, key) for key in ("schema", "itemSchema") if node.child(key)]
        if path[:2] == ("components", "schemas") and len(path) == 3:
            pointers.append(join("#", *path))
        for pointer in pointers:
            yield from ((pointer, direction) for direction in Direction)


_MARKS = frozenset({"readOnly", "writeOnly", "discriminator", VALUE, LENGTH})


def keys_present(root: Node) -> frozenset[str]:
    """Which keys that cost work for every value stand anywhere in the document."""
    found: set[str] = set()
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node.value, dict):
            found |= _MARKS & node.value.keys()
            if id(node) not in seen:
                seen.add(id(node))
                stack.extend(node.value.values())
        elif isinstance(node.value, list):
            stack.extend(node.value)
    return frozenset(found)


def schemas_of(operation: Operation) -> list[tuple[Schema, Direction]]:
    """The schemas of what an operation takes and gives, each with its direction."""
    into: list[Schema | None] = [parameter.value_schema for parameter in operation.inputs]
    into += [one for media in operation.request_content for one in _schemas_of_media(media)]
    out: list[Schema | None] = []
    for response in operation.responses:
        media_types = (*response.content, *response.mock_content)
        out += [one for media in media_types for one in _schemas_of_media(media)]
        out += [header.schema for header in response.headers]
    pairs = [(one, Direction.REQUEST) for one in into] + [(one, Direction.RESPONSE) for one in out]
    return [(schema, direction) for schema, direction in pairs if schema is not None]


def _schemas_of_media(media: MediaType) -> tuple[Schema | None, Schema | None]:
    return media.schema, media.item_schema
