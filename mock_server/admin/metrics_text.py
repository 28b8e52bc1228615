"""The counts of the mock in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

__all__ = ["metrics_text"]


Row: TypeAlias = tuple[str | None, int, int, float]


class _Counts(Collector):
    """Makes Prometheus' numbers of the counts."""

    def __init__(self, rows: Sequence[Row], waiting: int, kept: int) -> None:
        self._rows, self._waiting, self._kept = rows, waiting, kept

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        labels = ["operation", "status"]
        answers = CounterMetricFamily("mock_answers", "Answers that were given.", labels=labels)
        seconds = CounterMetricFamily(
            "mock_answer_seconds", "Seconds that the answers took together.", labels=labels
        )
        for operation, status, number, took in self._rows:
            answers.add_metric([operation or "", str(status)], number)
            seconds.add_metric([operation or "", str(status)], took)
        yield answers
        yield seconds
        yield GaugeMetricFamily("mock_scenarios_waiting", "Waiting scenarios.", value=self._waiting)
        yield GaugeMetricFamily("mock_journal_entries", "Entries of the journal.", value=self._kept)


def metrics_text(rows: Sequence[Row], waiting: int, kept: int) -> bytes:
    """What `GET /__mock/metrics` answers.

    Args:
        rows: operation, status, number of answers, and their seconds together.
        waiting: scenarios that wait.
        kept: entries of the journal.
    """
    # A registry for each request: the global one would have the metrics of the program that embeds
    # the mock.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counts(rows, waiting, kept))
    return generate_latest(registry)
