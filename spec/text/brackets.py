"""`deepObject`: names with brackets, `filter[state]=open`.

OpenAPI defines one level. Deeper ones, and lists, are read as PHP, Rails and qs write them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from spec.schemas.shapes import Shape
from spec.text.json_values import StyleError, collect, text_of

__all__ = ["bracket_keys", "flattened", "nested"]

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


def nested(entries: Sequence[tuple[tuple[str, ...], str]], shape: Shape) -> Any:
    """The value that bracketed names build: the shape decides between lists and objects."""
    here = [text for keys, text in entries if not keys]
    if here:
        return collect(here, shape)
    groups: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for keys, text in entries:
        groups.setdefault(keys[0], []).append((keys[1:], text))
    if shape.is_array and all(not key or key.isdecimal() for key in groups):
        return [
            item for key, group in groups.items() for item in _elements(key, group, shape.element)
        ]
    return {key: nested(group, shape.member(key)) for key, group in groups.items()}


def _elements(key: str, group: list[tuple[tuple[str, ...], str]], shape: Shape) -> list[Any]:
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
