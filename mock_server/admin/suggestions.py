"""What to write in place of an unknown name."""

from __future__ import annotations

from collections.abc import Sequence

from spec.model.near_names import did_you_mean

__all__ = ["suggestion"]


def suggestion(name: str, known: Sequence[str]) -> str:
    """The second half of a message about an unknown name: the nearest known one, or all."""
    return did_you_mean(name, known, f"there is {', '.join(known)}", quoted=repr)
