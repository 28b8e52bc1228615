"""The statistics."""

import pytest

from tests.benchmarks.figures import (
    Sample,
    Start,
    measured,
    percentile,
    ratio,
    start_ratio,
)


def sample(title: str, number: int, rate: float, processor: float | None = 0.001) -> Sample:
    return Sample(
        title=title,
        round=number,
        connections=16,
        rate=rate,
        p50=0.001,
        p99=0.002,
        processor=processor,
        busy=0.1,
    )


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.01, 1), (0.5, 50), (0.99, 99), (1.0, 100)]
)
def test_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    """It is always one of the values, in whatever order they came."""
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_percentile_of_nothing_is_refused() -> None:
    """A load without an answer has no latency, not a latency of 0."""
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_ratio_is_taken_within_each_round() -> None:
    """A round at half speed changes no ratio, and a round of one server alone does not count."""
    samples = [
        sample("a", 0, 300),
        sample("b", 0, 100),
        sample("a", 1, 150),
        sample("b", 1, 50),
        sample("a", 2, 20),
        sample("b", 2, 10),
        sample("a", 3, 9000),
    ]

    assert ratio(samples, "a", "b", 16, lambda one: one.rate) == 3


def test_what_was_not_measured_has_no_figure() -> None:
    """Neither an absent server nor an absent measure becomes a number."""
    samples = [sample("a", 0, 300, processor=None), sample("b", 0, 100)]

    assert ratio(samples, "a", "absent", 16, lambda one: one.rate) is None
    assert ratio(samples, "a", "b", 16, lambda one: one.processor) is None
    assert measured(samples, "a", 64, lambda one: one.rate) is None


def test_start_ratio_is_taken_within_each_round() -> None:
    """The same holds for starts."""
    seconds = {
        ("a", 0): 1.0,
        ("b", 0): 2.0,
        ("a", 1): 6.0,
        ("b", 1): 10.0,
        ("a", 2): 3,
        ("b", 2): 6,
    }
    starts = [Start(title=t, round=number, seconds=s) for (t, number), s in seconds.items()]

    assert start_ratio(starts, "a", "b") == 0.5
