"""Prism, Scalar and MSW, which have few ways of being steered, or do it inside a test's process."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from functools import cache

from tests.comparison.processes import started
from tests.comparison.servers import HERE, NODE, SERVERS, node
from tests.comparison.ways.ground import Ground, Ways, client_of

__all__ = ["MSW", "PRISM", "SCALAR"]


def _inferred(title: str) -> Callable[[Ground], bool]:
    """Whether what is created shows, with the contract alone."""
    server = next(one for one in SERVERS if one.title == title)

    def holds(ground: Ground) -> bool:
        command = server.command_for(ground.document)
        with started(command, ground.folder) as url, client_of(url) as client:
            client.post("/todos", json={"title": "mine"})
            return "mine" in client.get("/todos").text

    return holds


def _prism_part(ground: Ground) -> bool:
    """Its proxy mocks what the deployment answers with 501."""
    command = node("prism", "proxy", str(ground.document), ground.upstream, "--port", "{port}")
    with started(command, ground.folder) as url, client_of(url) as client:
        return "real" in client.get("/todos").text and client.get("/other").json() == "mocked"


def _scalar_state(ground: Ground) -> bool:
    """Handlers in JavaScript, in the document, have a store."""
    document = copy.deepcopy(json.loads(ground.document.read_text(encoding="utf-8")))
    todos = document["paths"]["/todos"]
    todos["post"]["x-handler"] = "return store.create('Todo', req.body)"
    todos["get"]["x-handler"] = "return store.list('Todo')"
    file = ground.write("handlers.json", document)
    command = node("scalar", "document", "mock", str(file), "--port", "{port}")
    with started(command, ground.folder) as url, client_of(url) as client:
        client.post("/todos", json={"title": "mine"})
        return "mine" in client.get("/todos").text


@cache
def _msw_rows(upstream: str) -> dict[str, bool]:
    script = str(HERE / "peers/msw_steering.mjs")
    ran = subprocess.run(
        [str(NODE), script, upstream], check=True, capture_output=True, text=True, timeout=60
    )
    rows: dict[str, bool] = json.loads(ran.stdout.splitlines()[-1])
    return rows


def _msw(row: str) -> Callable[[Ground], bool]:
    return lambda ground: _msw_rows(ground.upstream)[row]


PRISM: Ways = {"inferred": _inferred("Prism"), "part": _prism_part}
SCALAR: Ways = {"inferred": _inferred("Scalar"), "state": _scalar_state}
MSW: Ways = {
    "inferred": _inferred("MSW"),
    **{row: _msw(row) for row in ("once", "key", "cut", "slow", "part", "several")},
}
