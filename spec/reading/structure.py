"""Which mapping of a document is an object of OpenAPI, and which one holds names or plain data.

A `$ref` under `example` refers to nothing, and a property may well be called `default`.
"""

from __future__ import annotations

from collections.abc import Iterator

from spec.model.errors import Fault
from spec.model.near_names import near_names
from spec.model.pointers import join
from spec.reading.nodes import Node, Tokens

__all__ = ["NAMED_BY_THE_CONTRACT", "VALUES", "objects", "undeclared_names"]

VALUES = frozenset({"example", "default", "enum", "const", "value"})
"""Keys under which plain data stands."""
NAMED_BY_THE_CONTRACT = frozenset(
    {"properties", "patternProperties", "schemas", "$defs", "definitions", "responses", "examples"}
    | {"parameters", "requestBodies", "headers", "securitySchemes", "links", "callbacks", "paths"}
    | {"dependentSchemas", "content", "variables", "mapping", "encoding", "pathItems"}
)
"""Keys under which the names are the contract's own."""
_COMPOSED = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "patternProperties", "additionalProperties"}
)


def objects(root: Node) -> Iterator[tuple[Tokens, Node]]:
    """Every mapping that is an object of OpenAPI, with its path; a shared one comes once."""
    seen: set[int] = set()
    stack: list[tuple[Tokens, Node, bool]] = [((), root, False)]
    while stack:
        path, node, names = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node.value, list):
            stack.extend(((*path, i), child, False) for i, child in enumerate(node.value))
        elif isinstance(node.value, dict):
            if not names:
                yield path, node
            for key, child in node.value.items():
                if names or not _holds_values(key, child):
                    below = key in NAMED_BY_THE_CONTRACT and not names
                    stack.append(((*path, key), child, below))


def _holds_values(key: str, node: Node) -> bool:
    """Whether data stands under a key: an extension, an example, or JSON Schema's `examples`."""
    listed = key == "examples" and isinstance(node.value, list)
    return listed or key in VALUES or key.startswith("x-")


def undeclared_names(walked: list[tuple[Tokens, Node]]) -> Iterator[Fault]:
    """Names in `required` that no property has: `required: [is_public]` beside `isPublic`.

    Such a schema demands a property of which it says nothing. Composed schemas are passed over:
    there another part may declare the name. `walked` is what `objects` gave.
    """
    for path, node in walked:
        required, properties = node.child("required"), node.child("properties")
        if required is None or properties is None or not isinstance(required.value, list):
            continue
        composed = _COMPOSED & node.plain().keys() or (len(path) > 1 and path[-2] in _COMPOSED)
        if composed or not isinstance(properties.value, dict):
            continue
        for index, name in enumerate(required.value):
            if isinstance(name.value, str) and name.value not in properties.value:
                pointer = join("#", *path, "required", index)
                yield _undeclared(name, list(properties.value), pointer)


def _undeclared(name: Node, properties: list[str], pointer: str) -> Fault:
    written = str(name.value)
    near = near_names(written, properties, folded=lambda one: one.replace("_", "").lower())
    return Fault(
        code="undeclared-required-property",
        place=name.place,
        pointer=pointer,
        what=f"{written!r} is required, but no property has this name",
        remedy=f"did you mean {near[0]!r}?" if near else "declare it, or remove it from `required`",
        keyword="required",
    )
