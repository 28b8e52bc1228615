"""`deepObject`: names with brackets, `filter[state]=open`.

OpenAPI defines one level. Deeper ones, and lists, are read as PHP, Rails and qs write them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

from spec.schemas.shapes import Shape
from spec.text.json_values import StyleError, coerce, first_fit, text_of

__all__ = ["bracket_keys", "flattened", "nested"]

Entry: TypeAlias = "tuple[tuple[str, ...], str]"
"""The keys in the brackets of one name, and its text."""

_DEEPEST = 32


def bracket_keys(name: str, root: str) -> tuple[str, ...] | None:
    """The keys in `root[a][b]`; () for the bare root and None for another name.

    Raises StyleError where they are nested deeper than anybody means.
    """
    if name == root:
        return ()
    if not name.startswith(f"{root}[") or not name.endswith("]"):
        return None
    keys = tuple(name[len(root) + 1 : -1].split("]["))
    if len(keys) > _DEEPEST:
        raise StyleError(f"is nested {len(keys)} deep, and {_DEEPEST} is the limit")
    return keys


def nested(entries: Sequence[Entry], shape: Shape) -> Any:
    """The value that bracketed names build: the shape decides between lists and objects."""
    return first_fit(shape, [partial(_nested, entries, way) for way in shape.ways])


def _nested(entries: Sequence[Entry], way: Shape) -> Any:
    here = [text for keys, text in entries if not keys]
    if here:
        if len(here) == 1 and way.kind != "array":
            return coerce(here[0], way)
        return [coerce(text, way.element) for text in here]
    groups: dict[str, list[Entry]] = {}
    for keys, text in entries:
        groups.setdefault(keys[0], []).append((keys[1:], text))
    # `a[0]` and `a[]` are items only where the schema has a list: an object may have the name `0`.
    if way.is_array and all(not key or key.isdecimal() for key in groups):
        return [
            item for key, group in groups.items() for item in _elements(key, group, way.element)
        ]
    return {key: nested(group, way.member(key)) for key, group in groups.items()}


def _elements(key: str, group: list[Entry], shape: Shape) -> list[Any]:
    if key:
        return [nested(group, shape)]
    return [nested([entry], shape) for entry in group]


def flattened(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The bracketed names of a value, each with its text; nothing for an empty list or object."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flattened(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from flattened(f"{name}[{index}]", item)
    else:
        yield (name, text_of(value))
