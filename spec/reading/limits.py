"""Limits of what is read, and the messages for texts beyond them."""

from __future__ import annotations

from spec.model.errors import ContractError, Place

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_KEY",
    "MAX_NODES",
    "finite",
    "too_deep",
    "too_long",
    "too_much",
]

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 200
MAX_KEY = 8000
"""Characters of a key: the pointers of all that stands below repeat it.

RFC 9110 section 4.1 asks nobody for a longer URI, and so for a longer path template.
"""
MAX_NODES = 2_000_000
"""How many nodes a text may have once its aliases are expanded."""


def too_much(place: Place, what: str) -> ContractError:
    """The error for a limit; `what` names it."""
    return ContractError(what, place=place, remedy="a file of this size or depth is not read")


def too_deep(place: Place) -> ContractError:
    """The error for a text that is nested too deeply."""
    return too_much(place, f"nesting is deeper than {MAX_DEPTH} levels")


def too_long(key: str, place: Place) -> ContractError:
    """The error for a key that is too long."""
    return too_much(place, f"a key has {len(key):,} characters, more than the limit of {MAX_KEY:,}")


def finite(text: str, place: Place) -> float:
    """The number that a text spells. Raises ContractError where it is beyond a double's range."""
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ContractError(f"the number {text} is too large", place=place, remedy="quote it")
    return number
