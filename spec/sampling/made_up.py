"""Schemas that are made up on the way, each of them once: judges are kept by identity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spec.schemas.shapes import SchemaValue

__all__ = ["MadeUp"]


class MadeUp:
    """Remembers what was made of which schemas, and keeps both alive, so that an id stays one's."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def once(self, why: str, schema: Any, make: Callable[[Any], Any]) -> Any:
        """What `make` gives for a schema; the same object every time."""
        key = (why, id(schema))
        if key not in self._made:
            self._made[key] = (schema, make(schema))
        return self._made[key][1]

    def joined(self, parts: Sequence[SchemaValue]) -> SchemaValue:
        """One schema for all that is said of one place."""
        if len(parts) == 1:
            return parts[0]
        key = ("joined", *map(id, parts))
        if key not in self._made:
            self._made[key] = (parts, {"allOf": list(parts)} if parts else True)
        joined: SchemaValue = self._made[key][1]
        return joined

    def negated(self, schema: SchemaValue) -> SchemaValue:
        """The schema of all other values."""
        negated: SchemaValue = self.once("not", schema, lambda one: {"not": one})
        return negated
