"""The words that a name of a property, parameter or path is made of."""

from __future__ import annotations

import re

__all__ = ["words_of"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words_of(name: str) -> list[str]:
    """The words in lower case: `petId`, `pet_id` and `PET-ID` have the same."""
    return [word.lower() for word in _WORD.findall(name)]
