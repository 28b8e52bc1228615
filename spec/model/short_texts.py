"""Long texts in sentences."""

from __future__ import annotations

__all__ = ["shortened"]


def shortened(text: str, most: int) -> str:
    """The text in at most so many characters; `…` says that it goes on."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
