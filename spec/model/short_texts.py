"""Long texts and numbers in sentences."""

from __future__ import annotations

__all__ = ["plural", "shortened"]


def shortened(text: str, most: int) -> str:
    """The text in at most so many characters; `…` says that it goes on."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plural(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun if number == 1 else noun + 's'}"
