"""Schemas of two documents that say the same, whatever their definitions are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.diff.inclusion.applicable_schemas import followed
from conformance.diff.inclusion.subschemas import JsonSchema
from spec.schemas.keywords import ANNOTATIONS, LISTED, NAMED, SINGLE

__all__ = ["SameSchemas"]

_UNSAID = ANNOTATIONS | {"discriminator", "$schema", "$defs"}
"""Keywords that refuse no value, or are looked at where a reference leads."""


class SameSchemas:
    """Compares by what is written; `inner` and `outer` are where references lead."""

    def __init__(self, inner: JsonSchema, outer: JsonSchema) -> None:
        self._inner, self._outer = inner, outer
        self._known: set[tuple[str, str]] = set()

    def holds(self, node: Any, outer: Any) -> bool:
        """Whether two say the same, whatever the definitions are called that they refer to."""
        assumed: set[tuple[str, str]] = set()
        same = self._is_alike(node, outer, assumed)
        if same:
            self._known |= assumed
        return same

    def _is_alike(self, one: Any, other: Any, assumed: set[tuple[str, str]]) -> bool:
        if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
            return one is other
        ours, theirs = (side.keys() - _UNSAID for side in (one, other))
        return (
            ours == theirs
            and "$dynamicRef" not in ours
            and all(self._say_alike(key, one[key], other[key], assumed) for key in ours)
        )

    def _say_alike(self, key: str, one: Any, other: Any, assumed: set[tuple[str, str]]) -> bool:
        """The same for what stands under a keyword; references are alike if their targets are."""
        if key == "$ref":
            return self._lead_alike(one, other, assumed)
        if key in SINGLE:
            return self._is_alike(one, other, assumed)
        if key in LISTED:
            return len(one) == len(other) and all(
                self._is_alike(mine, theirs, assumed)
                for mine, theirs in zip(one, other, strict=True)
            )
        if key in NAMED:
            return bool(one.keys() == other.keys()) and all(
                self._is_alike(one[name], other[name], assumed) for name in one
            )
        return _is_equal(one, other)

    def _lead_alike(self, one: str, other: str, assumed: set[tuple[str, str]]) -> bool:
        if (one, other) in self._known | assumed:
            return True
        # A question inside its own answer is assumed: the targets may refer to themselves.
        assumed.add((one, other))
        ours, theirs = followed(self._inner, {"$ref": one}), followed(self._outer, {"$ref": other})
        return ours is not None and self._is_alike(ours, theirs, assumed)


def _is_equal(one: Any, other: Any) -> bool:
    """Equality of JSON: to Python `True` is 1, and so an enum of the one is that of the other."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(
            _is_equal(value, other[key]) for key, value in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_equal, one, other))
    return type(one) is type(other) and bool(one == other)
