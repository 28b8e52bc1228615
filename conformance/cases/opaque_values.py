"""Values whose form the contract describes, but not which of them exist (ids, names of models)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.clauses.schema_nodes import SchemaNode

__all__ = ["is_opaque"]


def is_opaque(nodes: Iterable[SchemaNode], value: Any) -> bool:
    """Whether a text in the value was made up: a cursor, the name of a model, a reference system.

    `nodes` are the places of its schema. A text that the contract gives is none, and a pattern
    says which texts there are.
    """
    given = list[Any]()
    for node in nodes:
        # In a value of several parts it says nothing of the other texts.
        if "pattern" in node.keywords and isinstance(value, str):
            return False
        for keyword in ("const", "default", "example"):
            given += [node.keywords[keyword]] if keyword in node.keywords else []
        for keyword in ("enum", "examples"):
            found = node.keywords.get(keyword)
            given += found if isinstance(found, list) else []
    return value not in given and any(text not in given for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)
