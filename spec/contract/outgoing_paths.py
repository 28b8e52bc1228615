"""Webhooks and callbacks as paths, so that the reader of operations reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from spec.model.contract_model import Operation
from spec.model.pointers import join, split
from spec.reading.nodes import Node

__all__ = ["outgoing_paths"]


def outgoing_paths(root: Node, operations: Mapping[Operation, str]) -> Node:
    """A Paths Object of every webhook and of the operations' callbacks.

    Nodes and lines are the document's own. `operations` has the path by which each is known.
    """
    items = dict(_webhooks(root))
    for operation, path in operations.items():
        items.update(_callbacks(root, operation, path))
    lines = {name: node.line for name, node in items.items()}
    return Node(items, root.file, root.line, lines)


def _webhooks(root: Node) -> Iterator[tuple[str, Node]]:
    for name, item in _members(root.child("webhooks")):
        yield f"/webhooks/{_segment(name)}", item


def _callbacks(root: Node, operation: Operation, path: str) -> Iterator[tuple[str, Node]]:
    holder = root.find(split(join(operation.pointer, "callbacks")))
    for name, callback in _members(holder):
        for number, (_, item) in enumerate(_members(_followed(root, callback))):
            # A callback may have several expressions, which make no path; the second one gets a
            # number.
            more = f"/{number}" if number else ""
            owner = f"{operation.method.lower()}{_segment(path, keep='/')}"
            yield f"/callbacks/{_segment(name)}/{owner}{more}", item


def _members(node: Node | None) -> Iterator[tuple[str, Node]]:
    for name, child in node.value.items() if node and isinstance(node.value, dict) else ():
        if not name.startswith("x-"):
            yield name, child


def _followed(root: Node, node: Node) -> Node:
    """What a chain of references ends in; where it goes round or nowhere, an empty callback."""
    for _ in range(16):
        reference = node.child("$ref")
        if reference is None or not isinstance(reference.value, str):
            return node
        found = root.find(split(reference.value)) if reference.value.startswith("#/") else None
        if found is None:
            break
        node = found
    return Node({}, node.file, node.line)


def _segment(name: str, keep: str = "") -> str:
    """A name without what would be read as a template or another segment."""
    return "".join(letter for letter in name if letter.isalnum() or letter in f"-_.{keep}")
