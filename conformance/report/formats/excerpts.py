"""The lines of a contract around a place, as they stand in its file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from spec.model.errors import Place
from spec.reading.regular_files import bytes_of

__all__ = ["Excerpt", "excerpt"]

_AROUND = 3
"""Lines of the contract before and after the line of a place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Some lines of a file; `first` is the number of the first, `marked` that of the place."""

    file: str
    first: int
    marked: int
    lines: tuple[str, ...]


def excerpt(place: Place | None) -> Excerpt | None:
    """Up to seven lines around a place; None where its file cannot be read here."""
    lines = _lines(place.file) if place else ()
    if place is None or not 1 <= place.line <= len(lines):
        return None
    first = max(1, place.line - _AROUND)
    return Excerpt(
        file=place.file,
        first=first,
        marked=place.line,
        lines=tuple(lines[first - 1 : place.line + _AROUND]),
    )


@lru_cache(maxsize=64)
def _lines(file: str) -> tuple[str, ...]:
    try:
        return tuple(bytes_of(Path(file)).decode("utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()
