"""Selectors: how people name operations on a command line."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from spec.model.contract_model import Operation
from spec.model.near_names import did_you_mean

__all__ = ["nearest_operations", "selects"]


def selects(selector: str, operation: Operation) -> bool:
    """Whether a selector means the operation.

    `POST /api/x`, `/api/*`, `POST`, an operationId or a tag (`tag:NAME` is never anything else);
    `*` stands for anything.
    """
    names = (*_names(operation), *(f"tag:{tag}" for tag in operation.tags))
    return any(fnmatchcase(name, selector) for name in names)


def nearest_operations(selector: str, operations: Iterable[Operation]) -> str:
    """What a selector that means nothing may have meant, or what there is."""
    names = sorted({name for one in operations for name in _names(one)})
    known = f"it has {', '.join(names[:_FEW])}{', …' if len(names) > _FEW else ''}"
    return did_you_mean(selector, names, known, most=3, cutoff=0.5)


_FEW = 8


def _names(operation: Operation) -> list[str]:
    named = (operation.id, operation.path, operation.method, operation.operation_id or "")
    return [name for name in (*named, *operation.tags) if name]
