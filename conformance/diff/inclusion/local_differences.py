"""Whether two schemas say something else of one place of a value, whatever they say below it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.diff.inclusion.applicable_schemas import Position
from conformance.diff.inclusion.subschemas import JsonSchema
from spec.schemas.keywords import ANNOTATIONS, DEFINITIONS, NAMED

__all__ = ["LocalDifferences"]

_UNSAID = ANNOTATIONS | DEFINITIONS | {"discriminator", "$schema", "$ref"}
_FOLLOWED = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "additionalProperties", "items"}
    | {"prefixItems", "unevaluatedProperties", "unevaluatedItems", "contains"}
    | {"allOf", "anyOf", "oneOf", "then", "else"}
)
"""Keywords whose schemas are positions of their own, or the nodes of this one."""


class LocalDifferences:
    """Where two schemas differ in more than what they say of the parts of a value."""

    def __init__(self, inner: JsonSchema, outer: JsonSchema) -> None:
        self._wholes = tuple(Position.of(one, [one]) for one in (inner, outer))

    def at(self, path: tuple[str | int, ...]) -> bool:
        """Whether they differ so at a path into the value."""
        ours, theirs = (_said(whole.reaches(path)) for whole in self._wholes)
        return ours != theirs


def _said(position: Position) -> frozenset[str]:
    return frozenset(json.dumps(_own(node), sort_keys=True, default=str) for node in position.nodes)


def _own(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        keyword: _outline(keyword, value) if keyword in _FOLLOWED else value
        for keyword, value in node.items()
        if keyword not in _UNSAID
    }


def _outline(keyword: str, value: Any) -> Any:
    """The names or the number of the schemas below a keyword; `true` and `false` themselves."""
    if isinstance(value, list):
        return len(value)
    if isinstance(value, bool):
        return value
    return sorted(value) if keyword in NAMED else "schema"
