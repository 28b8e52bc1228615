"""New texts of the form of another one, for patterns that take no mark: `SKU-4711`, `a_b`."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator

__all__ = ["letters", "of_same_form"]

_HEX = str.maketrans(string.hexdigits[:16], string.ascii_lowercase[:16])
_FEW = 6
"""So many new digits are nobody else's."""


def letters(token: str) -> str:
    """A hexadecimal token as small letters alone."""
    return token.translate(_HEX)


def of_same_form(old: str) -> Iterator[str]:
    """New texts with a letter for each letter and a digit for each digit: digits alone first."""
    if sum(map(str.isdigit, old)) >= _FEW:
        yield "".join(_alike(one, string.digits) for one in old)
    hexadecimal = all(one in string.hexdigits for one in old if one.isalpha())
    small = string.hexdigits[10:16] if hexadecimal else string.ascii_lowercase
    yield "".join(_alike(one, string.digits, small, small.upper()) for one in old)


def _alike(old: str, *classes: str) -> str:
    """Another character of the class that one is of; the same one where it is of none."""
    return next((secrets.choice(one) for one in classes if old in one), old)
