"""A sender's schema, closed to the properties that the sender's contract names.

Nearly every object schema is open, so by the letter a client may send any property at all, and
declaring a new one would break somebody. The comparison assumes instead that nobody sends what
their contract does not name: names that only the receiver declares are forbidden to the sender,
branch by branch. Names that neither side declares stay as `additionalProperties` has them, so a
change of that keyword itself still counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.diff.inclusion.applicable_schemas import (
    Beyond,
    Node,
    Position,
    Step,
    followed,
)
from conformance.diff.inclusion.subschemas import rewritten

__all__ = ["closed", "travelling"]

_DEEP = 20
"""Levels of one schema that are closed in place; what lies deeper is a definition of its own."""


def travelling(schema: Mapping[str, Any], mark: str) -> Mapping[str, Any]:
    """The schema without the properties under a mark: `readOnly` ones are not sent in requests."""

    def without(node: Mapping[str, Any]) -> Mapping[str, Any]:
        named = node.get("properties", {})
        hidden = [name for name, child in named.items() if _is_marked(schema, child, mark)]
        if not hidden:
            return node
        # `false`, and not left out: what is not declared may have any value.
        return {**node, "properties": {**named, **dict.fromkeys(hidden, False)}}

    made = rewritten(schema, without)
    assert isinstance(made, Mapping)
    return made


def _is_marked(root: Node, node: Node, mark: str) -> bool:
    # So many references of references: a cycle of them has no end.
    for _ in range(8):
        if isinstance(node, bool) or node.get(mark) is True:
            return not isinstance(node, bool)
        target = followed(root, node)
        if target is None:
            return False
        node = target
    return False


def closed(sender: Mapping[str, Any], receiver: Mapping[str, Any]) -> dict[str, Any]:
    """The sender's schema without the names that only the receiver declares.

    Both are self-contained JSON Schema 2020-12. Gives a schema with the same `$defs` and more.
    """
    work = _Closing(sender, receiver)
    schema = work.close(sender, (), Position.of(receiver, [receiver]))
    work.finish()
    if not work.forbids:
        # As it stands: the closed copy would allow the same, and cost a compilation.
        return dict(sender)
    assert isinstance(schema, dict)
    return {**schema, "$defs": {**sender.get("$defs", {}), **work.definitions}}


@dataclass
class _Closing:
    sender: Node
    receiver: Node
    definitions: dict[str, Any] = field(default_factory=dict)
    known: dict[tuple[Any, ...], str] = field(default_factory=dict)
    own: dict[int, Node] = field(default_factory=dict)
    waiting: list[tuple[str, Node, tuple[Node, ...], Position]] = field(default_factory=list)
    depth: int = 0
    forbids: bool = False

    def finish(self) -> None:
        """Close the definitions that were named meanwhile.

        One after the other, since schemas may refer to each other in a chain as long as the
        contract, which is longer than Python can call.
        """
        while self.waiting:
            name, target, beside, other = self.waiting.pop()
            self.definitions[name] = self.close(target, beside, other)

    def close(self, node: Node, beside: tuple[Node, ...], other: Position) -> Node:
        """The node, closed; `beside` are the subschemas that stand next to it in `allOf`."""
        if isinstance(node, bool):
            return node
        here = Position.of(self.sender, [node, *beside])
        out: dict[str, Any] = {k: v for k, v in node.items() if k not in ("$ref", "$defs")}
        out.update(self._children(node, here, other))
        conjuncts = list(self._conjuncts(node, beside, other))
        forbidden = self._forbidden(here, other)
        conjuncts += [{"properties": forbidden}] if forbidden else []
        if conjuncts:
            out["allOf"] = conjuncts
        return out

    def _forbidden(self, here: Position, other: Position) -> dict[str, bool]:
        # A name that is required is sent, whether it is described or not.
        extra = [n for n in other.names() if not here.names_any(n) and not here.requires(n)]
        self.forbids = self.forbids or bool(extra)
        return dict.fromkeys(extra, False)

    def _conjuncts(
        self, node: Mapping[str, Any], beside: tuple[Node, ...], other: Position
    ) -> Iterator[Node]:
        parts = dict(_parts(self.sender, node))
        for key, part in parts.items():
            siblings = (*beside, self._own(node), *(p for k, p in parts.items() if k != key))
            if key[0] == "$ref":
                yield self._definition(part, siblings, other)
            elif key[0] == "allOf":
                yield self.close(part, siblings, other)
        for keyword in ("anyOf", "oneOf"):
            if keyword in node:
                branches = node[keyword]
                near = (*beside, self._own(node), *(p for k, p in parts.items() if k[0] != keyword))
                apart = _exclude_each_other(self.sender, node, branches)
                # `anyOf` for `oneOf`: the closed branches may overlap where the open ones did not.
                yield {
                    "anyOf": [
                        self.close(b, near if apart else (*near, *_others(branches, b)), other)
                        for b in branches
                    ]
                }

    def _definition(self, target: Node, beside: tuple[Node, ...], other: Position) -> Node:
        """A reference to the closed target: the same question is asked once, so cycles end."""
        key = (id(target), Position.of(self.sender, beside).key, other.key)
        if key not in self.known:
            name = self.known[key] = f"closed-{len(self.known)}"
            self.waiting.append((name, target, beside, other))
        return {"$ref": f"#/$defs/{self.known[key]}"}

    def _children(
        self, node: Mapping[str, Any], here: Position, other: Position
    ) -> Iterator[tuple[str, Any]]:
        if "properties" in node:
            pairs = node["properties"].items()
            yield "properties", {n: self._child(c, n, here, other) for n, c in pairs}
        if "prefixItems" in node:
            items = enumerate(node["prefixItems"])
            yield "prefixItems", [self._child(c, i, here, other) for i, c in items]
        for keyword, step in (
            ("additionalProperties", Beyond.UNNAMED),
            ("items", Beyond.REST),
        ):
            if keyword in node:
                yield keyword, self._child(node[keyword], step, here, other)

    def _child(self, child: Node, step: Step, here: Position, other: Position) -> Node:
        beside = tuple(node for node in here.children(step) if node is not child)
        # A schema may be nested deeper than Python can call; a definition ends the recursion.
        if self.depth >= _DEEP:
            return self._definition(child, beside, other.at(step))
        self.depth += 1
        try:
            return self.close(child, beside, other.at(step))
        finally:
            self.depth -= 1

    def _own(self, node: Mapping[str, Any]) -> Node:
        """What a node declares by itself, without its applicators; always the same object.

        `True` where it declares nothing, so that all references to a schema ask the same of it.
        """
        keywords = ("properties", "patternProperties", "required")
        own = {k: node[k] for k in keywords if k in node}
        return self.own.setdefault(id(node), own or True)


def _others(branches: Iterable[Node], one: Node) -> tuple[Node, ...]:
    return tuple(branch for branch in branches if branch is not one)


def _exclude_each_other(root: Node, node: Mapping[str, Any], branches: Iterable[Node]) -> bool:
    """Whether a value says by a property which alternative it is meant for.

    Where none does, a value may mix the names of several: OLD allows it, and readers meet it.
    """
    if "discriminator" in node:
        return True
    constant: list[set[str]] = []
    for branch in branches:
        here = Position.of(root, [branch])
        constant.append({n for n in here.names() if _is_constant(here.at(n))})
    return bool(constant) and bool(set.intersection(*constant))


def _is_constant(position: Position) -> bool:
    return bool(position.values("const")) or any(position.values("enum"))


def _parts(root: Node, node: Mapping[str, Any]) -> Iterable[tuple[tuple[str, int], Node]]:
    target = followed(root, node)
    if target is not None:
        yield ("$ref", 0), target
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, part in enumerate(node.get(keyword, ())):
            yield (keyword, index), part
