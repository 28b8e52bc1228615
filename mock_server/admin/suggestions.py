"""What to write in place of an unknown name."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

__all__ = ["suggestion"]


def suggestion(name: str, known: Sequence[str]) -> str:
    """The second half of a message about an unknown name: the nearest known one, or all."""
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there is {', '.join(known)}"
