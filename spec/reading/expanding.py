"""What a reference names, put where the reference stands: for places that OpenAPI gives none."""

from __future__ import annotations

from dataclasses import dataclass

from spec.model.errors import ContractError, Fault
from spec.reading.document_text import check_size
from spec.reading.nodes import Node

__all__ = ["Substitution", "put_in_place"]

_HOPS = 32
_CYCLES = 100
"""How many substitutions that contain themselves are undone; a contract with more is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """A node that is a reference, the node that is meant, and the fault that tells it."""

    node: Node
    meant: Node
    fault: Fault


def put_in_place(root: Node, name: str, substitutions: list[Substitution]) -> list[Fault]:
    """Make every substitution below a root; one that would contain itself is a fault instead.

    Nodes are changed, which only the reader of a document may do, before anybody else has them.

    Raises:
        ContractError: the document becomes too large or too deep by it.
    """
    if not substitutions:
        return []
    faults = {id(one.node): one.fault for one in substitutions}
    meant = {id(one.node): one.meant for one in substitutions}
    for one in substitutions:
        _substitute(one, meant)
    for _ in range(_CYCLES):
        cycle = _cycle(root)
        if not cycle:
            check_size(root, name)
            return list(faults.values())
        node = next(node for node in cycle if id(node) in meant)
        # Taken back for good: a node that is nothing can be part of no further cycle.
        node.value = {}
        faults[id(node)] = _endless(faults[id(node)])
    raise ContractError(
        "its references contain each other too many times",
        place=root.place,
        remedy="write out the part in places where OpenAPI allows no $ref",
    )


def _substitute(one: Substitution, meant: dict[int, Node]) -> None:
    target = one.meant
    # A reference may name a place that is a misplaced reference itself.
    for _ in range(_HOPS):
        target = meant.get(id(target), target)
    own, value = one.node.value, target.value
    if isinstance(own, dict) and isinstance(value, dict):
        # What is beside the reference is meant as well, and nearer.
        beside = {key: child for key, child in own.items() if key != "$ref"}
        one.node.key_lines = {**target.key_lines, **one.node.key_lines}
        one.node.value = {**value, **beside}
        return
    one.node.value, one.node.key_lines = value, target.key_lines


def _endless(fault: Fault) -> Fault:
    return Fault(
        code="unresolved-reference",
        place=fault.place,
        pointer=fault.pointer,
        what="the target of this $ref contains the $ref itself",
        remedy="write the intended part in its place",
    )


def _cycle(root: Node) -> list[Node]:
    """The nodes of one cycle; none where every path ends."""
    path: list[Node] = []
    on_path: set[int] = set()
    done: set[int] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, left = stack.pop()
        if left:
            path.pop()
            on_path.discard(id(node))
            done.add(id(node))
        elif id(node) in on_path:
            return path[next(i for i, one in enumerate(path) if one is node) :]
        elif id(node) not in done:
            path.append(node)
            on_path.add(id(node))
            stack.append((node, True))
            stack.extend((child, False) for child in node.below())
    return []
