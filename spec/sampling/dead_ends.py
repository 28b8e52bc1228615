"""How a search gives up: on one way, or on all of them."""

from __future__ import annotations

__all__ = ["DeadEndError", "ExhaustedError", "Fuel"]


class DeadEndError(Exception):
    """No value comes of going on like this; another way may lead on."""


class ExhaustedError(Exception):
    """The search has gone on for too long."""


class Fuel:
    """Counts the steps of one search, so that it ends."""

    __slots__ = ("full", "left")

    def __init__(self, full: int) -> None:
        self.full = self.left = full

    def spend(self) -> None:
        """Take a step. Raises ExhaustedError where none is left."""
        self.left -= 1
        if self.left < 0:
            raise ExhaustedError

    @property
    def spent(self) -> int:
        """The steps that were taken."""
        return self.full - self.left

    def refill(self) -> None:
        """Begin another search."""
        self.left = self.full
