"""Our mock, steered and watched."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from tests.comparison.processes import started
from tests.comparison.servers import OURS
from tests.comparison.ways.ground import (
    KEY,
    Ground,
    Ways,
    client_of,
    is_cut,
    is_slow,
    statuses,
)

__all__ = ["WAYS"]

TODOS = "GET /todos"


@contextmanager
def _mock(ground: Ground, *options: str) -> Iterator[httpx2.Client]:
    command = (OURS, str(ground.document), "--quiet", "--port", "{port}", *options)
    with started(command, ground.folder) as url, client_of(url) as client:
        yield client


def _play(client: httpx2.Client, *answers: Any, **more: Any) -> None:
    scenario = {"operation": TODOS, "answers": answers, **more}
    client.post("/__mock/scenarios", json=scenario).raise_for_status()


def _once(ground: Ground) -> bool:
    with _mock(ground) as client:
        _play(client, {"status": 401})
        return statuses(client, {}, {}) == [401, 200]


def _file(ground: Ground) -> bool:
    scenarios = ground.write("states.json", [{"operation": TODOS, "answers": [{"status": 401}]}])
    with _mock(ground, "--scenarios", str(scenarios)) as client:
        return statuses(client, {}, {}) == [401, 200]


def _key(ground: Ground) -> bool:
    with _mock(ground) as client:
        _play(client, {"status": 401}, key="k")
        return statuses(client, {}, KEY, KEY) == [200, 401, 200]


def _cut(ground: Ground) -> bool:
    with _mock(ground) as client:
        _play(client, {"cut": {"after": 3}})
        return is_cut(client)


def _slow(ground: Ground) -> bool:
    with _mock(ground) as client:
        _play(client, {"pace": 60})
        return is_slow(client)


def _listed(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, KEY)
        (entry,) = client.get("/__mock/requests").json()
    return bool(entry["target"] == "/todos" and entry["headers"]["x-mock-key"] == "k")


def _live(ground: Ground) -> bool:
    with _mock(ground) as client, client.stream("GET", "/__mock/requests/stream") as stream:
        lines = stream.iter_lines()
        next(lines)
        asking = threading.Thread(target=httpx2.get, args=(f"{client.base_url}/todos",))
        asking.start()
        found = next(line for line in lines if line.startswith("data:"))
        asking.join()
    return bool(json.loads(found[5:])["target"] == "/todos")


def _har(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, {})
        archive = client.get("/__mock/requests.har").json()
    return len(archive["log"]["entries"]) == 1


def _verified(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, KEY)
        match = {"properties": {"headers": {"properties": {"x-mock-key": {"const": "k"}}}}}
        expected = {"operation": TODOS, "match": match, "times": 1}
        told = client.post("/__mock/requests/verify", json=expected).json()
    return bool(told["ok"] and told["count"] == 1)


def _nearest(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, {})
        match = {"properties": {"headers": {"required": ["x-mock-key"]}}}
        told = client.post("/__mock/requests/verify", json={"match": match}).json()
    return not told["ok"] and "x-mock-key" in told["nearest"][0]["why"][0]


def _state(ground: Ground) -> bool:
    with _mock(ground, "--stateful") as client:
        client.post("/todos", json={"title": "mine"})
        return "mine" in client.get("/todos").text


def _part(ground: Ground) -> bool:
    options = ("--upstream", ground.upstream, "--upstream-for", "/todos")
    with _mock(ground, *options) as client:
        return "real" in client.get("/todos").text and client.get("/other").json() == "mocked"


def _record(ground: Ground) -> bool:
    kept = ground.folder / "kept.yaml"
    with _mock(ground, "--upstream", ground.upstream, "--record", str(kept)) as client:
        client.get("/todos")
        while not kept.exists():  # it is written after the answer has left
            time.sleep(0.01)
    ground.stop_upstream()
    with _mock(ground, "--overlay", str(kept)) as client:
        answer = client.get("/todos", headers={"Prefer": "example=recorded-1"})
    return "real" in answer.text


def _several(ground: Ground) -> bool:
    second = {"openapi": "3.0.3", "info": {"title": "Second", "version": "1"}}
    responses = {"200": {"description": "ok"}}
    file = ground.write(
        "second.json", {**second, "paths": {"/second": {"get": {"responses": responses}}}}
    )
    with _mock(ground, str(file)) as client:
        return [client.get(path).status_code for path in ("/todos", "/second")] == [200, 200]


def _metrics(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, {})
        return "# TYPE" in client.get("/__mock/metrics").text


def _page(ground: Ground) -> bool:
    with _mock(ground) as client:
        answer = client.get("/__mock/")
    return answer.headers["content-type"].startswith("text/html") and 'id="journal"' in answer.text


WAYS: Ways = {
    "once": _once,
    "file": _file,
    "key": _key,
    "cut": _cut,
    "slow": _slow,
    "listed": _listed,
    "live": _live,
    "har": _har,
    "verified": _verified,
    "nearest": _nearest,
    "state": _state,
    "inferred": _state,
    "part": _part,
    "record": _record,
    "several": _several,
    "metrics": _metrics,
    "page": _page,
}
