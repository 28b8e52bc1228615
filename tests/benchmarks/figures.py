"""The figures of a run and their statistics: medians over rounds, and ratios within a round.

A machine does not go at the same speed for minutes, so two servers are compared only by what they
did in the same round.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One load on one server in one round.

    `rate` is in answers per second; `p50`, `p99` and `processor` (time per request) are in seconds;
    `processor` is None where the system does not tell it. `busy` is the generator's own share of a
    core.
    """

    title: str
    round: int
    connections: int
    rate: float
    p50: float
    p99: float
    processor: float | None
    busy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start of one server, until its first good answer.

    `seconds` have passed since the start of the process; for `processor` seconds it has worked,
    which says more where other programs want the machine as well.
    """

    title: str
    round: int
    seconds: float
    processor: float | None = None


Measure = Callable[[Sample], float | None]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` of them (0 to 1) do not exceed: the
    nearest-rank method.

    Raises:
        ValueError: there are no values.

    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def middle(values: Iterable[float | None]) -> float | None:
    """The median of what was measured; None if nothing was."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def measured(
    samples: Iterable[Sample], title: str, connections: int, measure: Measure
) -> float | None:
    """The median over the rounds."""
    return middle(
        measure(sample)
        for sample in samples
        if sample.title == title and sample.connections == connections
    )


def ratio(
    samples: Sequence[Sample], title: str, unit: str, connections: int, measure: Measure
) -> float | None:
    """The median over the rounds of `title`'s measure divided by `unit`'s in the same round."""

    def by_round(name: str) -> dict[int, float]:
        found = (s for s in samples if s.title == name and s.connections == connections)
        return {s.round: value for s in found if (value := measure(s)) is not None}

    ours, theirs = by_round(title), by_round(unit)
    return middle(ours[number] / theirs[number] for number in ours.keys() & theirs.keys())


def start_ratio(starts: Sequence[Start], title: str, unit: str) -> float | None:
    """The same for the first answer."""
    ours = {start.round: start.seconds for start in starts if start.title == title}
    theirs = {start.round: start.seconds for start in starts if start.title == unit}
    return middle(ours[number] / theirs[number] for number in ours.keys() & theirs.keys())
