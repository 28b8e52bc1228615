"""References that lead back to where they stand, and so describe nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from spec.model.errors import Fault, Place
from spec.model.pointers import join

__all__ = ["ReferenceCheck"]


@dataclass(slots=True, kw_only=True)
class ReferenceCheck:
    """Follows `$ref`s and the members of `allOf`, as long as they mean one value.

    `find` gives the value at a pointer or raises KeyError; `target` is the pointer that a
    reference means; `place` is the line of a pointer.
    """

    find: Callable[[str], Any]
    target: Callable[[str], str]
    place: Callable[[str], Place]
    _is_done: dict[str, bool] = field(default_factory=dict)

    def endless(self, pointers: Iterable[str]) -> Iterator[Fault]:
        """The references in these objects that lead back to themselves, each reported once."""
        for pointer in pointers:
            yield from self._endless(pointer)

    def _endless(self, start: str) -> Iterator[Fault]:
        # Depth first with a stack of its own; what is on the way and not left yet closes a cycle.
        waiting = [(start, False)]
        while waiting:
            pointer, is_left = waiting.pop()
            if is_left:
                self._is_done[pointer] = True
                continue
            if pointer in self._is_done:
                continue
            self._is_done[pointer] = False
            waiting.append((pointer, True))
            for target in self._same_value(pointer):
                if self._is_done.get(target) is False:
                    yield Fault(
                        code="unresolved-reference",
                        place=self.place(pointer),
                        pointer=pointer,
                        what=f"this $ref refers back to itself through {target}, so it describes "
                        f"no value",
                        remedy="remove it, or write the intended schema",
                    )
                elif target not in self._is_done:
                    waiting.append((target, False))

    def _same_value(self, pointer: str) -> Iterator[str]:
        """What holds for the value at a pointer as well: its `$ref`, and the members of `allOf`."""
        try:
            value = self.find(pointer)
        except KeyError:
            return
        if not isinstance(value, dict):
            return
        if isinstance(value.get("$ref"), str):
            yield self.target(value["$ref"])
        members = value.get("allOf")
        for index in range(len(members) if isinstance(members, list) else 0):
            yield join(pointer, "allOf", index)
