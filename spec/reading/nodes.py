"""The tree that a YAML or JSON text becomes before it is plain data: every node knows its line.

Nodes are never changed. A change makes new nodes along one path and shares the rest, so that two
trees can be compared by looking only where they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from spec.model.errors import Place

__all__ = ["Node", "Scalar", "Tokens", "from_plain"]

Scalar: TypeAlias = str | int | float | bool | None
Tokens: TypeAlias = tuple[str | int, ...]
"""A path into a tree: keys of mappings and indexes of sequences."""


class Node:
    """A mapping, a sequence or a scalar, with the file and the line where it begins."""

    __slots__ = ("_plain", "file", "key_lines", "line", "value")

    value: dict[str, Node] | list[Node] | Scalar
    key_lines: dict[str, int]

    def __init__(
        self,
        value: dict[str, Node] | list[Node] | Scalar,
        file: str,
        line: int,
        key_lines: dict[str, int] | None = None,
    ) -> None:
        self.value, self.file, self.line = value, file, line
        self.key_lines = key_lines or {}

    @property
    def place(self) -> Place:
        """Where the node begins."""
        return Place(file=self.file, line=self.line)

    def plain(self) -> Any:
        """The node as plain JSON data, made once. Callers must not change it."""
        try:
            return self._plain
        except AttributeError:
            self._plain: Any = self._made_plain()
            return self._plain

    def _made_plain(self) -> Any:
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def here(self, value: dict[str, Node] | list[Node] | Scalar) -> Node:
        """A node with another value at the place of this one."""
        return Node(value, self.file, self.line)

    def text(self, key: str) -> str | None:
        """The text below a key; None where this is no mapping, or has no text there."""
        child = self.members().get(key)
        return child.value if child is not None and isinstance(child.value, str) else None

    def members(self) -> dict[str, Node]:
        """The mapping itself, or an empty one where this is none."""
        return self.value if isinstance(self.value, dict) else {}

    def elements(self) -> list[Node]:
        """The sequence itself, or an empty one where this is none."""
        return self.value if isinstance(self.value, list) else []

    def below(self) -> list[Node]:
        """The nodes one step down."""
        if isinstance(self.value, dict):
            return list(self.value.values())
        return self.value if isinstance(self.value, list) else []

    def child(self, token: str | int) -> Node | None:
        """The node one step down, or None."""
        if isinstance(self.value, dict):
            return self.value.get(str(token))
        if isinstance(self.value, list):
            # Pointers and JSONPaths name the items of a list by text and by number.
            index = int(token) if str(token).isdecimal() else -1
            return self.value[index] if 0 <= index < len(self.value) else None
        return None

    def find(self, tokens: list[str] | Tokens) -> Node | None:
        """The node at the end of a path, or None."""
        node: Node | None = self
        for token in tokens:
            if node is None:
                return None
            node = node.child(token)
        return node

    def place_of(self, tokens: list[str] | Tokens) -> Place:
        """The line of a path's last key, or of the nearest node above it that exists."""
        node, place = self, self.place
        for token in tokens:
            below = node.child(token)
            if below is None:
                break
            line = node.key_lines.get(str(token))
            place = below.place if line is None else Place(file=below.file, line=line)
            node = below
        return place

    def with_changed(self, tokens: Tokens, change: Callable[[Node], Node]) -> Node:
        """A tree in which the node at a path is what `change` makes of it."""
        if not tokens:
            return change(self)
        first, rest = tokens[0], tokens[1:]
        below = self.child(first)
        assert below is not None, f"no such path: {tokens}"
        return self.with_child(first, below.with_changed(rest, change))

    def with_child(self, token: str | int, child: Node, line: int | None = None) -> Node:
        """A copy of this mapping or sequence in which one child is another."""
        if isinstance(self.value, dict):
            lines = self.key_lines if line is None else {**self.key_lines, str(token): line}
            return Node({**self.value, str(token): child}, self.file, self.line, lines)
        assert isinstance(self.value, list)
        items = list(self.value)
        items[int(token)] = child
        return Node(items, self.file, self.line)

    def without(self, token: str | int) -> Node:
        """A copy of this mapping or sequence that lacks one child."""
        if isinstance(self.value, dict):
            rest = {key: child for key, child in self.value.items() if key != str(token)}
            return Node(rest, self.file, self.line, self.key_lines)
        assert isinstance(self.value, list)
        return Node(
            [child for i, child in enumerate(self.value) if i != token], self.file, self.line
        )

    def walk(self, tokens: Tokens = ()) -> Iterator[tuple[Tokens, Node]]:
        """Every node of the tree with its path, parents first."""
        stack: list[tuple[Tokens, Node]] = [(tokens, self)]
        while stack:
            path, node = stack.pop()
            yield path, node
            if isinstance(node.value, dict):
                stack.extend(((*path, key), child) for key, child in node.value.items())
            elif isinstance(node.value, list):
                stack.extend(((*path, i), child) for i, child in enumerate(node.value))


def from_plain(value: Any, file: str, line: int) -> Node:
    """A tree for data that no text stands behind; every node gets the one line."""
    if isinstance(value, dict):
        children = {str(key): from_plain(child, file, line) for key, child in value.items()}
        return Node(children, file, line)
    if isinstance(value, list):
        return Node([from_plain(child, file, line) for child in value], file, line)
    return Node(value, file, line)
