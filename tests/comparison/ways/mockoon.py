"""Mockoon: its own file, which its importer makes of the contract and a person goes on with."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from tests.comparison.processes import started
from tests.comparison.servers import NODE, node
from tests.comparison.ways.ground import KEY, Ground, Ways, client_of, statuses

__all__ = ["WAYS"]


@contextmanager
def _mock(ground: Ground, environment: dict[str, Any]) -> Iterator[httpx2.Client]:
    file = ground.write("environment.json", environment)
    command = node("mockoon-cli", "start", "--port", "{port}", "--admin-api-token", "t")
    with started((*command, "--data", str(file)), ground.folder) as url, client_of(url) as client:
        client.headers["Authorization"] = "Bearer t"
        yield client


def _imported(ground: Ground) -> dict[str, Any]:
    file = ground.folder / "imported.json"
    command = node("mockoon-cli", "import", "--input", str(ground.document), "--output", str(file))
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    environment: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return environment


def _todos(environment: dict[str, Any]) -> dict[str, Any]:
    """The route `GET /todos`."""
    return next(
        one for one in environment["routes"] if (one["endpoint"], one["method"]) == ("todos", "get")
    )


def _with_401_first(ground: Ground, **changed: Any) -> dict[str, Any]:
    """The imported file with the 401 before the 200."""
    environment = _imported(ground)
    route = _todos(environment)
    route["responses"].sort(key=lambda one: -int(one["statusCode"]))
    route.update(changed)
    return environment


def _once(ground: Ground) -> bool:
    with _mock(ground, _imported(ground)) as client:
        told = _with_401_first(ground, responseMode="SEQUENTIAL")
        client.put("/mockoon-admin/environment", json=told).raise_for_status()
        return statuses(client, {}, {}) == [401, 200]


def _file(ground: Ground) -> bool:
    with _mock(ground, _with_401_first(ground, responseMode="SEQUENTIAL")) as client:
        return statuses(client, {}, {}) == [401, 200]


def _key(ground: Ground) -> bool:
    environment = _with_401_first(ground)
    refused, good = _todos(environment)["responses"]
    rule = {"target": "header", "modifier": "X-Mock-Key", "value": "k", "operator": "equals"}
    refused.update(rules=[{**rule, "invert": False}], default=False)
    good.update(default=True)
    with _mock(ground, environment) as client:
        # Its sequences have no rules, so the state of one client has no end.
        return statuses(client, {}, KEY) == [200, 401]


def _listed(ground: Ground) -> bool:
    with _mock(ground, _imported(ground)) as client:
        statuses(client, KEY)
        (entry,) = client.get("/mockoon-admin/logs").json()
    return bool(entry["request"]["urlPath"] == "/todos")


def _live(ground: Ground) -> bool:
    with (
        _mock(ground, _imported(ground)) as client,
        client.stream("GET", "/mockoon-admin/events") as stream,
    ):
        asking = threading.Timer(0.5, httpx2.get, args=(f"{client.base_url}/todos",))
        asking.start()
        found = any("/todos" in line for line in stream.iter_lines() if line.startswith("data:"))
        asking.join()
    return found


def _state(ground: Ground) -> bool:
    environment = _imported(ground)
    route = {**_todos(environment), "type": "crud", "method": ""}
    answer = {**route["responses"][0], "bodyType": "DATABUCKET", "databucketID": "todo"}
    bucket = {"uuid": "b", "id": "todo", "name": "todos", "documentation": "", "value": "[]"}
    environment.update(routes=[{**route, "responses": [answer]}], data=[bucket])
    with _mock(ground, environment) as client:
        client.post("/todos", json={"title": "mine"})
        return "mine" in client.get("/todos").text


def _inferred(ground: Ground) -> bool:
    with _mock(ground, _imported(ground)) as client:
        client.post("/todos", json={"title": "mine"})
        return "mine" in client.get("/todos").text


def _part(ground: Ground) -> bool:
    environment = _imported(ground)
    environment["routes"] = [one for one in environment["routes"] if one["endpoint"] == "other"]
    environment.update(proxyMode=True, proxyHost=ground.upstream)
    with _mock(ground, environment) as client:
        mocked = client.get("/other").status_code
        return "real" in client.get("/todos").text and mocked == 200


WAYS: Ways = (
    {
        "once": _once,
        "file": _file,
        "key": _key,
        "listed": _listed,
        "live": _live,
        "state": _state,
        "inferred": _inferred,
        "part": _part,
    }
    if NODE.exists()
    else {}
)
