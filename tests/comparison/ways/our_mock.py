"""Our mock as a process, on the ground of the comparison."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from tests.comparison.processes import started
from tests.comparison.servers import OURS
from tests.comparison.ways.ground import Ground, client_of

__all__ = ["TODOS", "mock"]

TODOS = "GET /todos"


@contextmanager
def mock(ground: Ground, *options: str) -> Iterator[httpx2.Client]:
    """A client of the mock, which is started with these options."""
    command = (OURS, str(ground.document), "--quiet", "--port", "{port}", *options)
    with started(command, ground.folder) as url, client_of(url) as client:
        yield client
