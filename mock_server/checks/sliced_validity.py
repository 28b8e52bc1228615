"""Whether a large value is valid, asked in slices, so that other threads get their turn.

The validator holds the interpreter for as long as it looks at a value: 0.15 s for 10 MB. Where the
schema says of a long array no more than what its items are, the array is valid where each window of
it is. Everything else is asked at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from spec.schemas.keywords import ANNOTATIONS

__all__ = ["Array", "arrays", "sliced"]

WINDOW = 1000
"""Items that are looked at together: a few milliseconds."""
_ROOM = 2000
"""Members and items that may stand beside the arrays, since they are looked at each time."""
_SAYS_NOTHING = ANNOTATIONS | {"$schema", "$defs"}
"""What may stand in a schema and does not decide on a value where it stands."""
_OF_OBJECTS = _SAYS_NOTHING | {
    *("type", "properties", "required", "additionalProperties"),
    *("minProperties", "maxProperties", "propertyNames"),
}
_OF_ARRAYS = _SAYS_NOTHING | {"type", "items", "minItems", "maxItems"}
_DEEPEST = 8

_Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """An array whose items are judged one by one, and how many it may have."""

    path: _Path
    least: int
    most: float

    def windows(self, items: Sequence[Any]) -> Iterator[Sequence[Any]]:
        """Parts of the array that cover it, each of a length that is allowed."""
        size = max(WINDOW, self.least)
        for start in range(0, len(items), size):
            yield items[min(start, max(len(items) - size, 0)) : start + size]


def arrays(schema: Any, path: _Path = (), root: Any = None) -> Iterator[Array]:
    """The arrays of a standalone schema whose items alone decide on them, by their paths."""
    root = schema if root is None else root
    schema = _followed(schema, root)
    if not isinstance(schema, Mapping) or len(path) > _DEEPEST:
        return
    if "items" in schema and schema.keys() <= _OF_ARRAYS:
        yield Array(
            path=path,
            least=schema.get("minItems", 0),
            most=schema.get("maxItems", float("inf")),
        )
    elif schema.keys() <= _OF_OBJECTS:
        for name, below in schema.get("properties", {}).items():
            yield from arrays(below, (*path, name), root)


def _followed(schema: Any, root: Any) -> Any:
    for _ in range(_DEEPEST):
        if not isinstance(schema, Mapping) or schema.keys() - _SAYS_NOTHING != {"$ref"}:
            return schema
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        schema = root.get("$defs", {}).get(name)
    return None


def sliced(value: Any, known: Sequence[Array], is_valid: Callable[[Any], bool]) -> bool:
    """Whether a value is valid, with its long arrays window by window."""
    found = [
        (one, items)
        for one in known
        if isinstance(items := _at(value, one.path), list) and len(items) > WINDOW
    ]
    if any(len(items) > one.most for one, items in found):
        return False
    rest = value
    for one, items in found:
        rest = _with(rest, one.path, items[: max(one.least, 1)])
    if not found or not _is_small(rest):
        return is_valid(value)
    return all(
        is_valid(_with(rest, one.path, window))
        for one, items in found
        for window in one.windows(items)
    )


def _at(value: Any, path: _Path) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _with(value: Any, path: _Path, items: Sequence[Any]) -> Any:
    if not path:
        return items
    return {**value, path[0]: _with(value[path[0]], path[1:], items)}


def _is_small(value: Any) -> bool:
    room, waiting = _ROOM, [value]
    while waiting and room >= 0:
        one = waiting.pop()
        if isinstance(one, (dict, list)):
            room -= len(one)
            waiting += one.values() if isinstance(one, dict) else one
    return room >= 0
