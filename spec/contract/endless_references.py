"""Schemas that are asked of the same value: in a circle, or too deep in each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from spec.model.errors import ContractError, Fault, Place
from spec.model.pointers import join
from spec.reading.limits import MAX_DEPTH
from spec.schemas.keywords import CHOICES, IN_PLACE, children

__all__ = ["ReferenceCheck"]

_REFERENCES = ("$ref", "$dynamicRef")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """From an object at `above`, by a keyword, to what is asked of the same value."""

    above: str
    keyword: str
    pointer: str
    value: Any


@dataclass(slots=True, kw_only=True)
class ReferenceCheck:
    """Follows references and the keywords that apply schemas to the same value.

    `find` gives the value at a pointer or raises KeyError; `target` is the pointer that a
    reference means; `place` is the line of a pointer.
    """

    find: Callable[[str], Any]
    target: Callable[[str], str]
    place: Callable[[str], Place]
    _depths: dict[int, int | None] = field(default_factory=dict)
    """How many schemas are asked one after the other, by the identity of the first; None while
    that is being counted."""

    def endless(self, pointers: Iterable[str]) -> Iterator[Fault]:
        """The references in these objects that lead back to themselves, each reported once.

        Raises:
            ContractError: too many schemas lie in each other.
        """
        for pointer in pointers:
            yield from self._endless(
                _Step(above=pointer, keyword="", pointer=pointer, value=self.find(pointer))
            )

    def _endless(self, start: _Step) -> Iterator[Fault]:
        # Depth first with a stack of its own; what is on the way and not left yet closes a cycle.
        waiting: list[tuple[_Step, list[_Step] | None]] = [(start, None)]
        way: list[_Step] = []
        while waiting:
            step, below = waiting.pop()
            if below is not None:
                way.pop()
                self._leave(step, below)
            elif not isinstance(step.value, dict):
                continue
            elif id(step.value) not in self._depths:
                self._depths[id(step.value)] = None
                way.append(step)
                below = list(self._below(step))
                waiting.append((step, below))
                waiting += [(one, None) for one in below]
            elif self._depths[id(step.value)] is None:
                begin = next(i for i, one in enumerate(way) if one.value is step.value)
                yield self._fault(step, {one.keyword for one in (*way[begin + 1 :], step)})

    def _below(self, step: _Step) -> Iterator[_Step]:
        """What is asked of the same value as well."""
        for keyword in _REFERENCES:
            if isinstance(step.value.get(keyword), str):
                target = self.target(step.value[keyword])
                try:
                    found = self.find(target)
                except KeyError:
                    continue
                yield _Step(above=step.pointer, keyword=keyword, pointer=target, value=found)
        for path, child in children(step.value):
            if path[0] in IN_PLACE:
                pointer = join(step.pointer, *path)
                yield _Step(above=step.pointer, keyword=str(path[0]), pointer=pointer, value=child)

    def _leave(self, step: _Step, below: list[_Step]) -> None:
        depths = (self._depths.get(id(one.value)) or 0 for one in below)
        depth = self._depths[id(step.value)] = 1 + max(depths, default=0)
        if depth > MAX_DEPTH:
            raise ContractError(
                f"{step.pointer}: more than {MAX_DEPTH} schemas are asked of one value in a row "
                "from here on, each by the one before (`$ref`, `allOf`, `anyOf`, `not`, …)",
                place=self.place(step.pointer),
                remedy="write what they mean together in one schema",
            )

    def _fault(self, step: _Step, keywords: set[str]) -> Fault:
        if keywords.isdisjoint(CHOICES):
            return Fault(
                code="unresolved-reference",
                place=self.place(step.above),
                pointer=step.above,
                what=f"this $ref refers back to itself through {step.pointer}, so it leads to "
                "nothing",
                remedy="remove it, or write what is meant in its place",
            )
        named = ", ".join(f"`{one}`" for one in sorted(keywords))
        return Fault(
            code="endless-schema",
            place=self.place(step.above),
            pointer=step.above,
            what=f"this refers back to itself through {step.pointer} for the same value (by "
            f"{named}): whether a value is valid depends on itself",
            remedy="let only one side refer to the other",
            harmless=True,
        )
