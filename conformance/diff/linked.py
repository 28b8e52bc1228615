"""Schemas that refer to so many others that each pair of them is compared by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.diff.identity import Identity
from conformance.diff.subschemas import JsonSchema, rewritten

__all__ = ["Linked", "alone"]

MOST = 3_000
"""Operations times the schemas that they reach, up to which each operation is compared whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Finds the schemas that changed among all that two schemas refer to.

    A reference of OLD is paired with the one that stands in its place in NEW, whatever the two are
    called.
    """

    identity: Identity
    operations: int

    def is_too_large(self, old: Any) -> bool:
        """Whether comparing every operation with all that it reaches would cost too much.

        A count of what OLD says, so that the order of operations plays no part.
        """
        first = self.identity.references(0, old)
        reached = set(first)
        waiting = list(first)
        while waiting:
            for reference in self.identity.references_of(0, waiting.pop()):
                if reference not in reached:
                    reached.add(reference)
                    waiting.append(reference)
        return len(reached) * self.operations > MOST

    def changed(self, old: Any, new: Any) -> list[tuple[str, str]] | None:
        """The pairs of references whose own text differs; None where something has no partner."""
        if not self.identity.same_shape(old, new):
            return None
        first = self._pairs(self.identity.references(0, old), self.identity.references(1, new))
        waiting, seen, found = deque(first), set(first), list[tuple[str, str]]()
        while waiting:
            was, now = pair = waiting.popleft()
            if self.identity.same_reference(was, now):
                continue
            before = self.identity.references_of(0, was)
            after = self.identity.references_of(1, now)
            if len(before) != len(after):
                return None
            if not self.identity.same_target(was, now):
                found.append(pair)
            more = [one for one in self._pairs(before, after) if one not in seen]
            seen.update(more)
            waiting.extend(more)
        return found

    def _pairs(self, old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[str, str]]:
        return list(dict.fromkeys(zip(old, new, strict=True)))


def alone(standalone: Mapping[str, Any]) -> tuple[JsonSchema, tuple[str | int, ...]]:
    """The schema without what it refers to, which may be anything; and its path in `standalone`."""
    reference = str(standalone.get("$ref", ""))
    path: tuple[str | int, ...] = ()
    node: Any = {key: value for key, value in standalone.items() if key != "$defs"}
    if reference.startswith("#/$defs/") and reference.count("/") == 2:
        name = reference.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        path, node = ("$defs", name), standalone["$defs"][name]
    return rewritten(node, _cut), path


def _cut(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in node.items() if key != "$ref"}
