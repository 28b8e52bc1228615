"""Edits of a draft's body: a value set or taken out, with what it needs around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.clauses.value_paths import DROP, Path, get, put
from conformance.http.request_drafts import Draft

__all__ = ["dropper", "has", "setter"]


def has(value: Any, path: Path) -> bool:
    """Whether there is anything at the path; a name leads nowhere in a list."""
    try:
        get(value, path)
    except (LookupError, TypeError):
        return False
    return True


def setter(full: Any, path: Path, value: Any) -> Callable[[Draft], Draft]:
    """Sets a value; what it needs above it is taken from `full`, which has it."""

    def apply(draft: Draft) -> Draft:
        body = _of_the_same_kind(draft.body, full)
        for depth in range(1, len(path)):
            above = get(full, path[:depth])
            if not has(body, path[:depth]) or type(get(body, path[:depth])) is not type(above):
                body = put(body, path[:depth], above)
        return draft.but(body=put(body, path, value))

    return apply


def dropper(full: Any, path: Path) -> Callable[[Draft], Draft]:
    """Takes a value out; what stands above it is taken from `full` where it is missing."""

    def apply(draft: Draft) -> Draft:
        body = _of_the_same_kind(draft.body, full)
        for depth in range(1, len(path)):
            if not has(body, path[:depth]):
                body = put(body, path[:depth], get(full, path[:depth]))
        return draft.but(body=put(body, path, DROP) if has(body, path) else body)

    return apply


def _of_the_same_kind(body: Any, full: Any) -> Any:
    """The body, or `full` where one is a list and the other is none: two alternatives of a schema.

    A path into the one leads nowhere in the other.
    """
    return body if isinstance(body, list) is isinstance(full, list) else full
