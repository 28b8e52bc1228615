"""Discriminators: a property whose value names the schema of the object (OpenAPI 4.8.25).

JSON Schema does not look at them, so a valid value may carry a name that no mapping has. A
receiver may refuse it, so it is not used as a valid request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.clauses.schema_nodes import SchemaNode
from conformance.clauses.value_paths import Path, expand, get, put
from spec import Contract, Direction
from spec.model.contract_model import Schema
from spec.model.pointers import join

__all__ = ["with_discriminators"]


def with_discriminators(contract: Contract, nodes: Iterable[SchemaNode], value: Any) -> Any:
    """The value with a name of the schema that it is of, in every discriminator.

    `nodes` are the places of its schema. What names its schema already stays as it is.
    """
    for node in nodes:
        found = node.keywords.get("discriminator")
        if isinstance(found, Mapping) and isinstance(found.get("propertyName"), str):
            for path in list(expand(value, node.steps)):
                value = _with_tag(contract, node, found, value, path)
    return value


def _with_tag(
    contract: Contract, node: SchemaNode, discriminator: Mapping[str, Any], value: Any, path: Path
) -> Any:
    tag, here = discriminator["propertyName"], get(value, path)
    if not isinstance(here, dict) or not isinstance(here.get(tag), str):
        return value
    for keyword in ("oneOf", "anyOf"):
        for index, below in enumerate(node.keywords.get(keyword) or ()):
            schema = Schema(pointer=join(node.pointer, keyword, index), value=below)
            names = _names(contract.resolve(schema).pointer, discriminator.get("mapping") or {})
            # The value's own name first: one that fits already is not exchanged.
            for name in (here[tag], *names):
                named = put(here, (tag,), name)
                fits = not contract.violations(schema, Direction.REQUEST, named)
                if name in names and fits:
                    return put(value, path, named)
    return value


def _names(pointer: str, mapping: Mapping[str, Any]) -> list[str]:
    """The names of one alternative: those of the mapping first, then the schema's own."""
    own = pointer.rpartition("/")[2]
    mapped = [name for name, to in mapping.items() if str(to).rpartition("/")[2] == own]
    return [*mapped, own]
