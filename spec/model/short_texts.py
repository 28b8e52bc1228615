"""Long texts and numbers in sentences."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["listed", "plural", "shortened"]


def shortened(text: str, most: int) -> str:
    """The text in at most so many characters; `…` says that it goes on."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plural(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun if number == 1 else noun + 's'}"


def listed(texts: Sequence[str], most: int, noun: str) -> str:
    """At most so many of the texts, with commas, and how many more there are."""
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f" …and {plural(more, f'more {noun}')}" if more > 0 else "")
