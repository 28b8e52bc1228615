"""A large value with only the beginning of its long lists and objects.

The engine makes an error for each of a million items before it hands out the first one: ten
seconds, and more than a gigabyte. What an item fails it fails in a shorter list as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

__all__ = ["Shortened"]

LONG = 10_000
"""Items or members of what is long."""
KEPT = 1_000
DEEPEST = 50
"""Levels that are looked through."""
_HOLDERS = (list, dict)


class Shortened:
    """`value` is the shorter one; `leads_within` says which places are in it what they were."""

    def __init__(self, value: Any) -> None:
        self._cut = set[tuple[str | int, ...]]()
        self.value = self._without_ends(value, ())

    def __bool__(self) -> bool:
        """Whether anything was long."""
        return bool(self._cut)

    def leads_within(self, path: Sequence[str | int]) -> bool:
        """Whether a place is below a long list or object: its length has no part in it."""
        return any(tuple(path[:length]) in self._cut for length in range(len(path)))

    def _without_ends(self, value: Any, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, _HOLDERS) or not value or len(path) > DEEPEST:
            return value
        long = len(value) > LONG
        if long:
            self._cut.add(path)
        most = KEPT if long else None
        if isinstance(value, list):
            items = enumerate(islice(value, most))
            return [
                self._without_ends(one, (*path, at)) if isinstance(one, _HOLDERS) else one
                for at, one in items
            ]
        return {
            name: self._without_ends(one, (*path, name)) if isinstance(one, _HOLDERS) else one
            for name, one in islice(value.items(), most)
        }
