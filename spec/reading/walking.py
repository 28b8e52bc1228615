"""Walks a document that may be malformed anywhere: malformed parts are reported and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from spec.model.errors import Fault, Place
from spec.model.pointers import join, split

__all__ = ["Located", "Walker", "extensions"]

Located: TypeAlias = tuple[Any, str]
"""A value with its pointer in the document."""


def extensions(value: Mapping[str, Any]) -> dict[str, Any]:
    """The `x-` keys of an object."""
    return {key: child for key, child in value.items() if key.startswith("x-")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """Steps through one document.

    `find` gives the value at a pointer or raises KeyError; `report` takes each fault.
    """

    document: Mapping[str, Any]
    find: Callable[[str], Any]
    report: Callable[[Fault], None]
    place: Callable[[str], Place]

    def fault(
        self, code: str, pointer: str, what: str, remedy: str = "", keyword: str = ""
    ) -> None:
        """Report a defect at a pointer."""
        self.report(
            Fault(
                code=code,
                place=self.place(pointer),
                pointer=pointer,
                what=what,
                remedy=remedy,
                keyword=keyword,
            )
        )

    def mapping(self, value: Any, pointer: str) -> dict[str, Any]:
        """The value if it is a mapping; anything else but nothing is a fault."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.fault("malformed", pointer, "this must be a mapping", _as_mapping(value, pointer))
        return {}

    def items(self, value: Any, pointer: str) -> list[Any]:
        """The value if it is a list; anything else but nothing is a fault."""
        if isinstance(value, list):
            return value
        if value is not None:
            self.fault("malformed", pointer, "this must be a list", "write its items with `-`")
        return []

    def resolved(self, value: Any, pointer: str) -> Located:
        """What a chain of `$ref`s leads to (None if nowhere), and the pointer of that."""
        seen: set[str] = set()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            target = value["$ref"]
            if target in seen:
                return None, pointer  # a fault that `ReferenceCheck` tells
            seen.add(target)
            try:
                value, pointer = self.find(target), join("#", *split(target))
            except KeyError:
                return None, pointer
        return value, pointer

    def objects(
        self, parent: Mapping[str, Any], key: str, pointer: str
    ) -> Iterator[tuple[str, dict[str, Any], str]]:
        """The named members under a key, their references followed."""
        here = join(pointer, key)
        for name, value in self.mapping(parent.get(key), here).items():
            found, at = self.resolved(value, join(here, name))
            if found is not None:
                yield name, self.mapping(found, at), at


def _as_mapping(value: Any, pointer: str) -> str:
    """How to write a mapping instead of a value."""
    *_, above, name = ["", *split(pointer)]
    if name == "examples":
        return "give each a name: `one: {value: …}`"
    if isinstance(value, list):
        return "remove the `-` before its keys"
    if isinstance(value, str) and above in _WRITTEN:
        return _WRITTEN[above].format(value)
    return "correct its indentation"


_WRITTEN = {"security": "write `- {}: []`", "servers": "write `- url: {}`"}
"""Items that are mappings, where people write the one text that counts."""
