"""An object of OpenAPI in a document, as the checks of what people write by mistake see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spec.model.errors import Fault, Place
from spec.model.pointers import join
from spec.reading.nodes import Node, Tokens

__all__ = ["OpenApiObject", "children_of", "version_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenApiObject:
    """An object of OpenAPI in a document: what it is called, where it stands, the version."""

    kind: str
    path: Tokens
    node: Node
    version: tuple[int, int]
    document: Node

    @property
    def is_30(self) -> bool:
        """Whether the document is of OpenAPI 3.0, whose schemas are no JSON Schema."""
        return self.version == (3, 0)

    @property
    def version_text(self) -> str:
        """The version as messages name it: `3.1`."""
        return ".".join(map(str, self.version))

    def fault(
        self, code: str, what: str, remedy: str, *below: str | int, keyword: str = ""
    ) -> Fault:
        """A fault of the object, or of what stands at the path `below` it."""
        place: Place = self.node.place_of(below)
        pointer = join("#", *self.path, *below)
        return Fault(
            code=code, place=place, pointer=pointer, what=what, remedy=remedy, keyword=keyword
        )


def version_of(document: Node) -> tuple[int, int]:
    """The version of OpenAPI that a document names, without its patch number."""
    written = document.child("openapi")
    parts = str(written.value if written else "3.0").split(".")
    return 3, int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else 0


def children_of(node: Node | None) -> Iterator[tuple[str | int, Node]]:
    """The children of a mapping or sequence with their keys; none of a scalar, or without node."""
    if node is not None and isinstance(node.value, dict):
        yield from node.value.items()
    elif node is not None and isinstance(node.value, list):
        yield from enumerate(node.value)
