"""Misspelt keys with a near name in OpenAPI, and keys that no reader uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spec.model.errors import Fault
from spec.model.near_names import near_names
from spec.model.pointers import join, split
from spec.reading.grammar import OBJECTS, child_nodes, referable
from spec.reading.nodes import Node, Tokens

__all__ = ["grammatical_objects", "nearest_key", "spelling_faults"]

_NEAR = 0.82
"""How alike a key and a known one are: `shema` is meant for `schema`, `id` for nothing."""
_DIALECTS = re.compile(
    r"https://json-schema\.org/draft/2020-12/schema#?\Z"
    r"|https://spec\.openapis\.org/oas/3\.[12]/dialect/(base|[0-9-]+)#?\Z"
)
_NOUN = re.compile(r"(?<=[a-z])(?=[A-Z])")


def grammatical_objects(root: Node) -> Iterator[tuple[Tokens, Node, str]]:
    """Every object that OpenAPI has fields for: path, node and the object's name, each once.

    What an object is in another file, or under a key of the author's own, the `$ref` says.
    """
    referring = referable(root)
    seen: set[tuple[int, str]] = set()
    waiting: list[tuple[Tokens, Node, str]] = [((), root, "OpenAPI")]
    while waiting:
        path, node, kind = waiting.pop()
        if (id(node), kind) in seen:
            continue
        seen.add((id(node), kind))
        if kind in OBJECTS and isinstance(node.value, dict):
            yield path, node, kind
            if kind in referring and (target := _referred(root, node)) is not None:
                waiting.append((*target, kind))
        waiting.extend(
            ((*path, key), child, below) for key, child, below in child_nodes(node, kind)
        )


def _referred(root: Node, node: Node) -> tuple[Tokens, Node] | None:
    """What the `$ref` of an object leads to, if it leads to something."""
    reference = node.text("$ref") or ""
    tokens = split(reference)
    found = root.find(tokens) if reference.startswith("#/") else None
    return None if found is None else (tuple(tokens), found)


def spelling_faults(path: Tokens, node: Node, kind: str) -> Iterator[Fault]:
    """The faults of the keys of one object."""
    fields = OBJECTS[kind]
    written = node.value if isinstance(node.value, dict) else {}
    for key, value in written.items():
        pointer = join("#", *path, key)
        if fields and "*" not in fields and key not in fields and not key.startswith("x-"):
            yield from _misspelt(node, key, pointer, kind)
        elif kind == "Schema" and key == "required" and not isinstance(value.value, list):
            yield Fault(
                code="malformed",
                place=node.place_of([key]),
                pointer=pointer,
                what="`required` in a schema is a list of the names of properties",
                remedy="list the name beside `properties`; until then no property is required here",
            )
        elif key in ("jsonSchemaDialect", "$schema") and kind in ("OpenAPI", "Schema"):
            yield from _foreign(node, key, pointer, value)


def nearest_key(node: Node, key: str, kind: str) -> str:
    """The key that an unknown one is meant for; "" where none is near, or the object has it."""
    # JSON Schema lets unknown keywords through (Core 6.5), prose such as `comment` among them.
    known = [one for one in OBJECTS[kind] if one == "$ref" or not one.startswith(("$", "x-"))]
    near = near_names(key, known, cutoff=_NEAR)
    return near[0] if near and node.child(near[0]) is None else ""


def _misspelt(node: Node, key: str, pointer: str, kind: str) -> Iterator[Fault]:
    near = nearest_key(node, key, kind)
    if near:
        yield Fault(
            code="misspelt-key",
            place=node.place_of([key]),
            pointer=pointer,
            what=f"the {_NOUN.sub(' ', kind)} Object of OpenAPI has no key {key!r}",
            remedy=f"did you mean {near!r}? Until then it is ignored",
        )


def _foreign(node: Node, key: str, pointer: str, value: Node) -> Iterator[Fault]:
    if isinstance(value.value, str) and not _DIALECTS.match(value.value):
        yield Fault(
            code="unsupported-dialect",
            place=node.place_of([key]),
            pointer=pointer,
            what=f"schemas in the dialect {value.value[:200]} are read as JSON Schema 2020-12",
            remedy="write them in that one, or leave the key out",
        )
