"""What is counted of the answers since the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Metrics"]


@dataclass(slots=True)
class Metrics:
    """Answers and the seconds that they took, by operation (None: no operation) and status."""

    _counts: dict[tuple[str | None, int], list[float]] = field(default_factory=dict)

    def count(self, operation: str | None, status: int, seconds: float) -> None:
        """Count one answer."""
        row = self._counts.get((operation, status))
        if row is None:
            row = self._counts[(operation, status)] = [0, 0.0]
        row[0] += 1
        row[1] += seconds

    def __iter__(self) -> Iterator[tuple[str | None, int, int, float]]:
        """Operation, status, number of answers, and their seconds together."""
        for (operation, status), (number, seconds) in list(self._counts.items()):
            yield operation, status, int(number), seconds
