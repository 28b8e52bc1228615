"""What the admin API of a mock works on, whatever contract the mock serves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mock_server.admin.questions import Peers
from mock_server.model.journal import Journal
from mock_server.model.metrics import Metrics
from mock_server.model.waiting_scenarios import ScenarioStore

__all__ = ["Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What of a mock can be steered and watched.

    `journal` is None where none is kept. `peers` are the other processes that share the mock, None
    where there is one alone.
    """

    scenarios: ScenarioStore
    journal: Journal | None
    metrics: Metrics
    reset: Callable[[str | None], Awaitable[None]]
    peers: Peers | None = None
