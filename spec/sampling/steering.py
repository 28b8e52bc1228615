"""`x-mock-value` and `x-mock-length`: what an overlay says of generated values.

They stand beside the keywords of a schema and promise nothing. `x-mock-value` is a constant, a list
to choose from, or a string with runtime expressions, which is filled when a request is answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from spec.sampling.proposals import fits
from spec.schemas.shapes import Shape

__all__ = ["LENGTH", "VALUE", "choices", "expressed", "is_expression", "lengths"]

LENGTH, VALUE = "x-mock-length", "x-mock-value"
_EXPRESSION = re.compile(r"\{\$[^{}]+\}")


def choices(layers: Sequence[Mapping[str, Any]], types: Sequence[str]) -> list[Any]:
    """The values that are asked for and of these types; what an expression will give is none."""
    for layer in layers:
        if VALUE in layer and not is_expression(layer[VALUE]):
            return [one for one in choices_of(layer[VALUE], types) if fits(one, types)]
    return []


def choices_of(value: Any, types: Sequence[str]) -> list[Any]:
    """A list is to choose from, unless only the list itself is of the types."""
    if not isinstance(value, list):
        return [value]
    if fits(value, types) and not any(fits(one, types) for one in value):
        return [value]
    return value


def lengths(layers: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    """The least and the most items that are asked for; None where they are not."""
    for layer in layers:
        wished = layer.get(LENGTH)
        if isinstance(wished, Mapping):
            least, most = wished.get("min", 0), wished.get("max", wished.get("min", 0))
        else:
            least = most = wished
        if type(least) is int and type(most) is int and 0 <= least <= most:
            return least, most
    return None


def is_expression(value: Any) -> bool:
    """Whether a value is made of the request that is answered."""
    return isinstance(value, str) and _EXPRESSION.search(value) is not None


def expressed(value: Any, shape: Shape) -> Any:
    """The value with the expressions put in that are asked for; itself where there are none."""
    for layer in shape.layers:
        if is_expression(layer.get(VALUE)):
            return layer[VALUE]
    if isinstance(value, list):
        items = [expressed(item, shape.element) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        made = {name: expressed(item, shape.member(name)) for name, item in value.items()}
        return made if any(made[name] is not value[name] for name in made) else value
    return value
