"""Who is told of every answer: a callback, the metrics and the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, time
from typing import TypeAlias

from mock_server.model.header_lines import HeaderLine
from mock_server.model.journal import Journal
from mock_server.model.metrics import Metrics
from mock_server.model.request import Exchange
from mock_server.plan.selection import RoutedRequest

__all__ = ["Observers", "OnAnswer"]

OnAnswer: TypeAlias = Callable[[Exchange], None]
"""Called after each answer, in the event loop: what it does delays the next request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observers:
    """`on_answer` None is nobody; `journal` None is `--no-journal`."""

    metrics: Metrics
    journal: Journal | None = None
    on_answer: OnAnswer | None = None

    def tell(self, request: RoutedRequest, lines: Sequence[HeaderLine], body: bytes) -> None:
        """Tell of an answer that has been sent: its header lines and its body, as sent.

        What the mock says of itself is neither counted nor written into the journal.
        """
        milliseconds = (perf_counter() - request.started) * 1000
        operation = request.operation.id if request.is_routed else None
        if self.on_answer is not None:
            self.on_answer(_exchange(request, operation, milliseconds))
        if request.is_about_mock:
            return
        self.metrics.count(operation, request.status, milliseconds / 1000)
        if self.journal is not None:
            scenario = request.scenario
            self.journal.add(
                request,
                at=time() - milliseconds / 1000,
                ms=milliseconds,
                operation=operation,
                scenario=scenario.id if scenario else None,
                lines=(*lines,),
                answer=body,
            )


def _exchange(request: RoutedRequest, operation: str | None, milliseconds: float) -> Exchange:
    return Exchange(
        method=request.method,
        path=request.raw_path.decode("latin-1"),
        status=request.status,
        source=request.source,
        milliseconds=milliseconds,
        reason=str(request.refusal) if request.refusal else "",
        operation=operation,
    )
