"""Actions that bring back what was deleted: `POST /orders/{id}/restore`."""

from __future__ import annotations

from spec.contract.resource_paths import collections_in
from spec.model.contract_model import Operation
from spec.text.name_words import words_of

__all__ = ["may_undelete"]

_ACTIONS = frozenset({"recover", "restore", "revive", "unarchive", "undelete", "undo"})


def may_undelete(operation: Operation) -> bool:
    """Whether an operation may act on an item that was deleted, by the last word of its path."""
    last = operation.path.rstrip("/").rpartition("/")[2]
    acts = operation.method == "POST" and bool(collections_in(operation.path))
    return acts and not _ACTIONS.isdisjoint(words_of(last))
