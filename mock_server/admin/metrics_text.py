"""The counts of the mock in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from mock_server.model.journal import Journal
from mock_server.model.metrics import Metrics
from mock_server.model.scenarios import Scenarios

__all__ = ["metrics_text"]


class _Counts(Collector):
    """Reads the counts at the moment they are asked for, so that counting costs next to nothing."""

    def __init__(self, metrics: Metrics, scenarios: Scenarios, journal: Journal | None) -> None:
        self._metrics, self._scenarios, self._journal = metrics, scenarios, journal

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        labels = ["operation", "status"]
        answers = CounterMetricFamily("mock_answers", "Answers that were given.", labels=labels)
        seconds = CounterMetricFamily(
            "mock_answer_seconds", "Seconds that the answers took together.", labels=labels
        )
        for operation, status, number, took in self._metrics:
            answers.add_metric([operation or "", str(status)], number)
            seconds.add_metric([operation or "", str(status)], took)
        yield answers
        yield seconds
        waiting = len(self._scenarios.waiting)
        yield GaugeMetricFamily("mock_scenarios_waiting", "Scenarios that wait.", value=waiting)
        kept = len(self._journal.entries) if self._journal is not None else 0
        yield GaugeMetricFamily("mock_journal_entries", "Entries of the journal.", value=kept)


def metrics_text(metrics: Metrics, scenarios: Scenarios, journal: Journal | None) -> bytes:
    """What `GET /__mock/metrics` answers."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counts(metrics, scenarios, journal))
    return generate_latest(registry)
