"""The words that a name of a property, parameter or path is made of."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["singular", "words_of"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words_of(name: str) -> list[str]:
    """The words in lower case: `petId`, `pet_id` and `PET-ID` have the same."""
    return list(_words_of(name))


# Every answer is asked what it names, and the names are those of the contract.
@lru_cache(maxsize=4096)
def _words_of(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


def singular(segment: str) -> tuple[str, ...]:
    """The words for one of what a segment of a path lists: `order-lines` are of an order line."""
    *before, last = words_of(segment) or [""]
    if last.endswith("ies") and len(last) > 4:
        last = f"{last[:-3]}y"
    elif last.endswith(("sses", "shes", "ches", "xes")):
        last = last[:-2]
    elif last.endswith("s") and not last.endswith("ss"):
        last = last[:-1]
    return (*before, last) if last else ()
