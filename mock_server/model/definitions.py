"""Schemas by their definition: what many operations share is compiled and sampled once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spec import Contract, Direction, Schema

__all__ = ["Samples", "definition"]

_KEPT = 200
"""How many generated values are kept for the next operation that answers with them."""


def definition(schema: Schema, contract: Contract) -> Schema:
    """The schema that a bare `$ref` leads to; the schema itself where it says more than that."""
    if isinstance(schema.value, Mapping) and schema.value.keys() == {"$ref"}:
        return contract.resolve(schema, bare=True)
    return schema


class Samples:
    """The generated values of one contract, shared by its operations; they must not be changed."""

    __slots__ = ("_contract", "_left_out", "_made")

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._made: dict[tuple[str, int | None], Any] = {}
        self._left_out: dict[str, tuple[str, ...]] = {}

    def get(self, schema: Schema, seed: int | None) -> Any:
        """A valid value of a response. A seed of 0 is none: both give the plainest value.

        Raises:
            spec.UnsatisfiableError: there is none, or none was found.
        """
        schema = definition(schema, self._contract)
        key = (schema.pointer, seed or None)
        made = self._made.get(key, self)
        if made is self:
            made = self._contract.sample(schema, Direction.RESPONSE, seed or None)
            if len(self._made) >= _KEPT:
                self._made.clear()
                self._left_out.clear()
            self._made[key] = made
            left_out = self._contract.left_out(schema, Direction.RESPONSE)
            self._left_out.setdefault(schema.pointer, left_out)
        return made

    def left_out(self, schema: Schema) -> tuple[str, ...]:
        """The optional properties that its values lack, since none could be made."""
        return self._left_out.get(definition(schema, self._contract).pointer, ())
