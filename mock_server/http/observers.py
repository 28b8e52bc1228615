"""What is called for every answer: a callback, the metrics and the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, time
from typing import TypeAlias

from mock_server.model.header_lines import HeaderLines
from mock_server.model.journal import Entry, Journal
from mock_server.model.metrics import Metrics
from mock_server.model.request import Exchange
from mock_server.plan.selection import RoutedRequest

__all__ = ["Observers", "OnAnswer"]

OnAnswer: TypeAlias = Callable[[Exchange], None]
"""Called after each answer, in the event loop: what it does delays the next request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observers:
    """Called for every answer. None disables `on_answer`; `journal` is None with --no-journal."""

    metrics: Metrics
    journal: Journal | None = None
    on_answer: OnAnswer | None = None

    def begin(self, request: RoutedRequest, lines: HeaderLines, body: bytes = b"") -> Entry | None:
        """Write the journal's entry of an answer that is about to leave; give it to `end` then.

        `body` is what is known of the answer's body. None is returned where there is no journal,
        and for what the mock says of itself, which is not for the journal.
        """
        return self._written(request, lines, body, perf_counter() - request.started)

    def end(self, request: RoutedRequest, entry: Entry | None, body: bytes | None = None) -> None:
        """Report an answer that was sent, or that is sent with no further wait.

        `body` is the answer's body where it was not known before. What the mock says of itself is
        not counted.
        """
        self._finish(request, entry, perf_counter() - request.started, body)

    def note(self, request: RoutedRequest, lines: HeaderLines, body: bytes) -> None:
        """What `begin` and `end` do, for a whole answer that leaves at once."""
        seconds = perf_counter() - request.started
        self._finish(request, self._written(request, lines, body, seconds), seconds)

    def _written(
        self, request: RoutedRequest, lines: HeaderLines, body: bytes, seconds: float
    ) -> Entry | None:
        if self.journal is None or request.is_about_mock:
            return None
        return self.journal.add(request, lines, body, at=time() - seconds, ms=seconds * 1000)

    def _finish(
        self,
        request: RoutedRequest,
        entry: Entry | None,
        seconds: float,
        body: bytes | None = None,
    ) -> None:
        if self.on_answer is not None:
            self.on_answer(_exchange(request, seconds * 1000))
        if request.is_about_mock:
            return
        self.metrics.count(request.operation_id, request.status, seconds)
        if self.journal is not None and entry is not None:
            self.journal.finish(entry, ms=seconds * 1000, answer=body)


def _exchange(request: RoutedRequest, milliseconds: float) -> Exchange:
    return Exchange(
        method=request.method,
        path=request.raw_path.decode("latin-1"),
        status=request.status,
        source=request.source,
        milliseconds=milliseconds,
        reason=str(request.refusal) if request.refusal else "",
        operation=request.operation_id,
    )
