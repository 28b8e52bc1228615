"""How long a run waits until a write shows where it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.run.session.time_budget import TimeBudget

__all__ = ["Patience"]

PAUSES = (0.3, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each further reading: what is replicated shows a moment later."""
BRIEF = 1.3
"""Seconds that are waited in any case."""
VAIN = 3
"""So many writes of a run are waited for to the end in vain: then the deployment is not slow."""


@dataclass(slots=True)
class Patience:
    """Of a whole run. `longest` is in seconds, `lag` the longest that a write has taken to show.

    `time` is what the run may take.
    """

    longest: float
    time: TimeBudget = field(default_factory=TimeBudget)
    lag: float = 0.0
    in_vain: int = 0

    def pauses(self, *, briefly: bool = False) -> Iterator[float]:
        """The seconds to wait before each further reading, until a write has had time enough."""
        # Where a write has shown late, the next one may as well.
        known = self.in_vain >= VAIN and self.lag <= BRIEF
        left = min(self.longest, BRIEF) if briefly or known else self.longest
        further = 0
        while left > 0.001:
            pause = min(PAUSES[min(further, len(PAUSES) - 1)], left)
            further, left = further + 1, left - pause
            yield pause

    def shown(self, waited: float) -> None:
        """Remember that a write has shown after so many seconds."""
        self.lag = max(self.lag, waited)
