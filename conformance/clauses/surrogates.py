"""Lone surrogates: JSON can write them, no validator takes them."""

from __future__ import annotations

from typing import Any

from spec import Contract, Direction
from spec.model.contract_model import Schema, Violation

__all__ = ["violations"]


def violations(
    contract: Contract, schema: Schema, direction: Direction, value: Any
) -> tuple[Violation, ...]:
    """What a value violates; a lone surrogate counts as the one character that it stands for."""
    try:
        return contract.violations(schema, direction, value)
    except UnicodeEncodeError:
        return contract.violations(schema, direction, _replaced(value))


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_replaced(item) for item in value]
    if isinstance(value, dict):
        return {_replaced(key): _replaced(item) for key, item in value.items()}
    return value
