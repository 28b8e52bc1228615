"""Reduces a witness to a smaller value that shows the same difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["reduced"]

MOST = 400
"""How many smaller values are tried."""


def reduced(value: Any, shows: Callable[[Any], bool], most: int = MOST) -> Any:
    """The value with every property and item taken out that it does without.

    `shows` is true of the value, and stays true of what is given back.
    """
    tried = 0
    found = True
    while found and tried < most:
        found = False
        for smaller in _smaller(value):
            tried += 1
            if tried > most:
                break
            if shows(smaller):
                value, found = smaller, True
                break
    return value


def _smaller(value: Any) -> Iterator[Any]:
    """The value with one part left out, the outermost parts first."""
    if isinstance(value, Mapping):
        for name in value:
            yield {key: child for key, child in value.items() if key != name}
        for name, child in value.items():
            yield from ({**value, name: less} for less in _smaller(child))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield [child for at, child in enumerate(value) if at != index]
        for index, child in enumerate(value):
            for less in _smaller(child):
                yield [less if at == index else one for at, one in enumerate(value)]
