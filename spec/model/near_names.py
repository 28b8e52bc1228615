"""What somebody may have meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches

__all__ = ["as_code", "did_you_mean"]

as_code: Callable[[str], str] = "`{}`".format
"""How lint quotes a name."""


def did_you_mean(
    name: str,
    known: Iterable[str],
    otherwise: str,
    *,
    most: int = 1,
    cutoff: float = 0.6,
    quoted: Callable[[str], str] = str,
) -> str:
    """The half of a message that names the nearest known names, or says `otherwise`.

    `cutoff` is how alike they have to be, from 0 to 1.
    """
    near = get_close_matches(name, [str(one) for one in known], n=most, cutoff=cutoff)
    return f"did you mean {' or '.join(map(quoted, near))}?" if near else otherwise
