"""Values that say where a range begins and where it ends: in another order there is no range.

No keyword of JSON Schema says so, and servers refuse `start_date` after `end_date` all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec.text.name_words import words_of

__all__ = ["in_order"]

_ENDS = {
    "start": "end",
    "begin": "end",
    "from": "to",
    "since": "until",
    "after": "before",
    "min": "max",
    "minimum": "maximum",
    "lower": "upper",
    "gte": "lte",
    "gt": "lt",
}
"""How names say where a range begins, and where it ends."""


def in_order(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by their names, with those of a range exchanged where the first is the larger."""
    found = dict(values)
    for low, high in _ranges(found):
        first, last = found[low], found[high]
        if type(first) is type(last) and isinstance(first, (str, int, float)) and first > last:
            found[low], found[high] = last, first
    return found


def _ranges(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The names of the first and the last value of each range: `start_date` and `end_date`."""
    names = {tuple(words_of(name)): name for name in values}
    for words, name in names.items():
        for at, word in enumerate(words):
            other = (*words[:at], _ENDS.get(word, ""), *words[at + 1 :])
            if other in names:
                yield name, names[other]
