"""How much a finding weighs."""

from __future__ import annotations

from enum import Enum

__all__ = ["Level"]


class Level(Enum):
    """How much a finding weighs: see the table of judgement in ARCHITECTURE."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for a note, 2 for an error: the worst has the highest."""
        return list(Level).index(self)

    def at_least(self, other: Level) -> bool:
        """Whether `--fail-on OTHER` counts this level."""
        return self.rank >= other.rank
