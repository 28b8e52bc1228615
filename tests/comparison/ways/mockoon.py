"""Mockoon: its own file, which its importer makes of the contract and a person goes on with."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from tests.comparison.processes import started
from tests.comparison.servers import NODE, node
from tests.comparison.ways.ground import (
    KEY,
    SECRET,
    STREAM,
    Ground,
    Ways,
    at_once,
    client_of,
    comes_apart,
    is_late_once,
    is_limited_twice,
    is_refreshed,
    keeps,
    says_that_it_fails,
    statuses,
    times,
)

__all__ = ["WAYS"]


@contextmanager
def _mock(ground: Ground, environment: dict[str, Any], *options: str) -> Iterator[httpx2.Client]:
    file = ground.write("environment.json", environment)
    command = node("mockoon-cli", "start", "--port", "{port}", "--admin-api-token", "t", *options)
    with started((*command, "--data", str(file)), ground.folder) as url, client_of(url) as client:
        client.headers["Authorization"] = "Bearer t"
        yield client


def _imported(ground: Ground) -> dict[str, Any]:
    file = ground.folder / "imported.json"
    command = node("mockoon-cli", "import", "--input", str(ground.document), "--output", str(file))
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    environment: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return environment


def _route(environment: dict[str, Any], endpoint: str = "todos") -> dict[str, Any]:
    """The route of a GET."""
    return next(
        one
        for one in environment["routes"]
        if (one["endpoint"], one["method"]) == (endpoint, "get")
    )


def _answers(route: dict[str, Any], *changes: dict[str, Any]) -> None:
    """Answers one after the other, each the good one with changes; then from the start."""
    good = next(one for one in route["responses"] if one["statusCode"] == 200)
    made = [{**good, "uuid": f"r{number}", **one} for number, one in enumerate(changes)]
    route.update(responses=made, responseMode="SEQUENTIAL")


def _sequence(ground: Ground, *changes: dict[str, Any]) -> dict[str, Any]:
    environment = _imported(ground)
    _answers(_route(environment), *changes)
    return environment


_REFUSED = {"statusCode": 401, "body": ""}
_LIMITED = {"statusCode": 429, "headers": [{"key": "Retry-After", "value": "1"}]}


def _once(ground: Ground) -> bool:
    with _mock(ground, _imported(ground)) as client:
        told = _sequence(ground, _REFUSED, {})
        client.put("/mockoon-admin/environment", json=told).raise_for_status()
        return statuses(client, {}, {}) == [401, 200]


def _exactly(ground: Ground) -> bool:
    """A sequence begins again, so that it has an answer for each of the requests."""
    with _mock(ground, _sequence(ground, _REFUSED, *[{}] * 15)) as client:
        return at_once(client, 16) == [200] * 15 + [401]


def _refresh(ground: Ground) -> bool:
    with _mock(ground, _sequence(ground, _REFUSED, {})) as client:
        return is_refreshed(client)


def _retry(ground: Ground) -> bool:
    with _mock(ground, _sequence(ground, _LIMITED, _LIMITED, {})) as client:
        return is_limited_twice(client)


def _file(ground: Ground) -> bool:
    with _mock(ground, _sequence(ground, _REFUSED, {})) as client:
        return statuses(client, {}, {}) == [401, 200]


def _watched(ground: Ground) -> bool:
    """It starts its server again with the changed file."""
    with _mock(ground, _imported(ground), "--watch", "--polling-interval", "200") as client:
        before = statuses(client, {})
        ground.write("environment.json", _sequence(ground, _REFUSED))
        limit, seen = time.monotonic() + 10, [200]
        while seen == [200] and time.monotonic() < limit:
            time.sleep(0.2)
            try:
                seen = statuses(client, {})
            except httpx2.TransportError:
                continue
        return [*before, *seen] == [200, 401]


def _key(ground: Ground) -> bool:
    environment = _imported(ground)
    route = _route(environment)
    route["responses"].sort(key=lambda one: -int(one["statusCode"]))
    refused, good = route["responses"]
    rule = {"target": "header", "modifier": "X-Mock-Key", "value": "k", "operator": "equals"}
    refused.update(rules=[{**rule, "invert": False}], default=False)
    good.update(default=True)
    with _mock(ground, environment) as client:
        # Its sequences have no rules, so the state of one client has no end.
        return statuses(client, {}, KEY) == [200, 401]


def _late(ground: Ground) -> bool:
    with _mock(ground, _sequence(ground, {"latency": 400}, {})) as client:
        return is_late_once(client)


def _random(ground: Ground) -> bool:
    """Between nothing and the latency."""
    environment = _sequence(ground, {"latency": 400})
    with _mock(ground, environment, "--enable-random-latency") as client:
        found = times(client, 6)
        return max(found) - min(found) > 0.02


def _stream(ground: Ground) -> bool:
    """The events are a body that is written by hand."""
    error = "event: error\ndata: {}\n\n"
    environment = _imported(ground)
    _answers(_route(environment, "events"), {"body": STREAM}, {"body": STREAM + error})
    with _mock(ground, environment) as client:
        return [client.get("/events").text for _ in range(2)] == [STREAM, STREAM + error]


def _listed(ground: Ground) -> bool:
    with _mock(ground, _imported(ground)) as client:
        statuses(client, KEY)
        (entry,) = client.get("/mockoon-admin/logs").json()
    return bool(entry["request"]["urlPath"] == "/todos")


def _masked(ground: Ground) -> bool:
    with _mock(ground, _imported(ground)) as client:
        statuses(client, {"Authorization": f"Bearer {SECRET}"})
        listed = client.get("/mockoon-admin/logs")
    return len(listed.json()) == 1 and SECRET not in listed.text


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
    route = {**_route(environment), "type": "crud", "method": ""}
    answer = {**route["responses"][0], "bodyType": "DATABUCKET", "databucketID": "todo"}
    bucket = {"uuid": "b", "id": "todo", "name": "todos", "documentation": "", "value": "[]"}
    environment.update(routes=[{**route, "responses": [answer]}], data=[bucket])
    with _mock(ground, environment) as client:
        return keeps(client)


def _inferred(ground: Ground) -> bool:
    with _mock(ground, _imported(ground)) as client:
        return keeps(client)


def _proxy(ground: Ground) -> dict[str, Any]:
    """What it has no route for goes to the deployment."""
    environment = _imported(ground)
    environment["routes"] = [one for one in environment["routes"] if one["endpoint"] == "other"]
    environment.update(proxyMode=True, proxyHost=ground.upstream)
    return environment


def _part(ground: Ground) -> bool:
    with _mock(ground, _proxy(ground)) as client:
        mocked = client.get("/other").status_code
        return "real" in client.get("/todos").text and mocked == 200


def _streamed(ground: Ground) -> bool:
    with _mock(ground, _proxy(ground)) as client:
        return comes_apart(client)


def _failing(ground: Ground) -> bool:
    with _mock(ground, _proxy(ground)) as client:
        return says_that_it_fails(ground, client)


WAYS: Ways = (
    {
        "once": _once,
        "exactly": _exactly,
        "refresh": _refresh,
        "retry": _retry,
        "file": _file,
        "watched": _watched,
        "key": _key,
        "late": _late,
        "random": _random,
        "stream": _stream,
        "listed": _listed,
        "masked": _masked,
        "live": _live,
        "state": _state,
        "inferred": _inferred,
        "part": _part,
        "streamed": _streamed,
        "failing": _failing,
    }
    if NODE.exists()
    else {}
)
