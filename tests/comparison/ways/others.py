"""Prism, Scalar and MSW, which have few ways of being steered, or do it inside a test's process."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2

from tests.comparison.processes import started
from tests.comparison.servers import HERE, NODE, SERVERS, node
from tests.comparison.ways.ground import (
    Ground,
    Ways,
    client_of,
    comes_apart,
    keeps,
    says_that_it_fails,
)

__all__ = ["MSW", "PRISM", "SCALAR"]


def _inferred(title: str) -> Callable[[Ground], bool]:
    """Whether what is created shows, with the contract alone."""
    server = next(one for one in SERVERS if one.title == title)

    def holds(ground: Ground) -> bool:
        command = server.command_for(ground.document)
        with started(command, ground.folder) as url, client_of(url) as client:
            return keeps(client)

    return holds


@contextmanager
def _prism_proxy(ground: Ground) -> Iterator[httpx2.Client]:
    """Its proxy mocks what the deployment answers with 501."""
    command = node("prism", "proxy", str(ground.document), ground.upstream, "--port", "{port}")
    with started(command, ground.folder) as url, client_of(url) as client:
        yield client


def _prism_part(ground: Ground) -> bool:
    with _prism_proxy(ground) as client:
        return "real" in client.get("/todos").text and client.get("/other").json() == "mocked"


def _prism_streamed(ground: Ground) -> bool:
    with _prism_proxy(ground) as client:
        return comes_apart(client)


def _prism_failing(ground: Ground) -> bool:
    with _prism_proxy(ground) as client:
        return says_that_it_fails(ground, client)


def _scalar_state(ground: Ground) -> bool:
    """Handlers in JavaScript, in the document, have a store."""
    document = copy.deepcopy(json.loads(ground.document.read_text(encoding="utf-8")))
    every, one = document["paths"]["/todos"], document["paths"]["/todos/{id}"]
    every["post"]["x-handler"] = "return store.create('Todo', req.body)"
    every["get"]["x-handler"] = "return store.list('Todo')"
    one["get"]["x-handler"] = "return store.get('Todo', req.params.id)"
    one["patch"]["x-handler"] = "return store.update('Todo', req.params.id, req.body)"
    one["delete"]["x-handler"] = "return store.delete('Todo', req.params.id)"
    file = ground.write("handlers.json", document)
    command = node("scalar", "document", "mock", str(file), "--port", "{port}")
    with started(command, ground.folder) as url, client_of(url) as client:
        return keeps(client)


_MSW_ROWS: dict[str, bool] = {}


def _msw(row: str) -> Callable[[Ground], bool]:
    """One run of a test's process tries them all."""

    def holds(ground: Ground) -> bool:
        if not _MSW_ROWS:
            command = [str(NODE), str(HERE / "peers/msw_steering.mjs"), ground.upstream]
            ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
            _MSW_ROWS.update(json.loads(ran.stdout.splitlines()[-1]))
        return _MSW_ROWS[row]

    return holds


_IN_A_TEST = (
    "once",
    "exactly",
    "refresh",
    "retry",
    "key",
    "late",
    "random",
    "cut_before",
    "cut_head",
    "cut",
    "slow",
    "stream",
    "listed",
    "masked",
    "live",
    "state",
    "part",
    "streamed",
    "record",
    "redacted",
    "several",
)
PRISM: Ways = {
    "inferred": _inferred("Prism"),
    "part": _prism_part,
    "streamed": _prism_streamed,
    "failing": _prism_failing,
}
SCALAR: Ways = {"inferred": _inferred("Scalar"), "state": _scalar_state}
MSW: Ways = {"inferred": _inferred("MSW"), **{row: _msw(row) for row in _IN_A_TEST}}
