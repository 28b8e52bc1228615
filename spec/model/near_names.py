"""What somebody may have meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches

__all__ = ["as_code", "did_you_mean", "near_names"]

as_code: Callable[[str], str] = "`{}`".format
"""How lint quotes a name."""


def near_names(
    name: str,
    known: Iterable[str],
    *,
    most: int = 1,
    cutoff: float = 0.6,
    folded: Callable[[str], str] = str,
) -> list[str]:
    """The known names that are nearest to one, the nearest first; `most` of them at most.

    `cutoff` is how alike they have to be, from 0 to 1, as `folded` writes them: in small letters,
    for example.
    """
    by_letters = {folded(str(one)): str(one) for one in known}
    near = get_close_matches(folded(name), by_letters, n=most, cutoff=cutoff)
    return [by_letters[one] for one in near]


def did_you_mean(
    name: str,
    known: Iterable[str],
    otherwise: str,
    *,
    most: int = 1,
    cutoff: float = 0.6,
    quoted: Callable[[str], str] = str,
) -> str:
    """The half of a message that names the nearest known names, or says `otherwise`."""
    near = near_names(name, known, most=most, cutoff=cutoff)
    return f"did you mean {' or '.join(map(quoted, near))}?" if near else otherwise
