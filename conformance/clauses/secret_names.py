"""Which properties the contract itself calls secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spec import Contract

__all__ = ["secret_names"]


def secret_names(contract: Contract) -> frozenset[str]:
    """The names of properties and parameters with `format: password`, or `writeOnly`.

    OpenAPI 3.0, "Data Types": `password` is "a hint to obscure input". A property that is written
    and never read has no business in a report either.
    """
    return frozenset(_names(contract.document))


def _names(document: Any) -> Iterator[str]:
    # Without calls: a contract may be nested deeper than the stack of Python is.
    stack = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            properties = node.get("properties")
            for name, schema in properties.items() if isinstance(properties, dict) else ():
                if _is_secret(schema):
                    yield str(name)
            if isinstance(node.get("in"), str) and _is_secret(node.get("schema")):
                yield str(node.get("name"))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _is_secret(schema: Any) -> bool:
    return isinstance(schema, dict) and (
        schema.get("format") == "password" or schema.get("writeOnly") is True
    )
