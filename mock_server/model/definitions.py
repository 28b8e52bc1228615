"""Schemas by their definition: what many operations share is compiled and sampled once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spec import Contract, Direction, Schema

__all__ = ["Samples", "definition"]


def definition(schema: Schema, contract: Contract) -> Schema:
    """The schema that a bare `$ref` leads to; the schema itself where it says more than that."""
    while isinstance(schema.value, Mapping) and schema.value.keys() == {"$ref"}:
        target = contract.resolve(schema)
        if target.pointer == schema.pointer:
            break
        schema = target
    return schema


class Samples:
    """The generated values of one contract; each is made once and must not be changed."""

    __slots__ = ("_contract", "_made")

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._made: dict[tuple[str, int | None], Any] = {}

    def get(self, schema: Schema, seed: int | None) -> Any:
        """A valid value of a response. A seed of 0 is none: both give the plainest value.

        Raises:
            spec.UnsatisfiableError: there is none, or none was found.
        """
        schema = definition(schema, self._contract)
        key = (schema.pointer, seed or None)
        if key not in self._made:
            self._made[key] = self._contract.sample(schema, Direction.RESPONSE, seed or None)
        return self._made[key]
