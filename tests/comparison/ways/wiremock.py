"""WireMock: stubs that are written by hand, over HTTP or as files. It reads no contract."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx2

from tests.comparison.processes import started
from tests.comparison.servers import MODULES
from tests.comparison.ways.ground import (
    KEY,
    Ground,
    Ways,
    client_of,
    is_cut,
    is_slow,
    statuses,
)

__all__ = ["MISSING", "WAYS"]

_JAR = next(MODULES.glob("wiremock/build/*.jar"), None)
_JAVA = shutil.which("java")
MISSING = _JAR is None or _JAVA is None
_TODOS = {"method": "GET", "urlPath": "/todos"}
_GOOD = {"status": 200, "jsonBody": [{"id": 1, "title": "first"}]}
_STATES: tuple[dict[str, Any], ...] = (
    {"requiredScenarioState": "Started", "newScenarioState": "over", "response": {"status": 401}},
    {"requiredScenarioState": "over", "response": _GOOD},
)


@contextmanager
def _mock(ground: Ground) -> Iterator[httpx2.Client]:
    root = ground.folder / "wiremock"
    command = (str(_JAVA), "-jar", str(_JAR), "--port", "{port}", "--root-dir", str(root))
    with started(command, ground.folder) as url, client_of(url) as client:
        while True:  # its port is open a moment before it answers
            with suppress(httpx2.HTTPError):
                if client.get("/__admin/health").status_code == 200:
                    break
            time.sleep(0.05)
        yield client


def _stub(client: httpx2.Client, **mapping: Any) -> None:
    client.post("/__admin/mappings", json={"request": _TODOS, **mapping}).raise_for_status()


def _once(ground: Ground) -> bool:
    with _mock(ground) as client:
        for state in _STATES:
            _stub(client, scenarioName="s", **state)
        return statuses(client, {}, {}) == [401, 200]


def _file(ground: Ground) -> bool:
    mappings = [{"request": _TODOS, "scenarioName": "s", **state} for state in _STATES]
    ground.write("wiremock/mappings/states.json", {"mappings": mappings})
    with _mock(ground) as client:
        return statuses(client, {}, {}) == [401, 200]


def _key(ground: Ground) -> bool:
    with _mock(ground) as client:
        _stub(client, response=_GOOD, priority=10)
        mine = {**_TODOS, "headers": {"X-Mock-Key": {"equalTo": "k"}}}
        for state in _STATES:
            _stub(client, request=mine, scenarioName="s", **state)
        return statuses(client, {}, KEY, KEY) == [200, 401, 200]


def _cut(ground: Ground) -> bool:
    with _mock(ground) as client:
        _stub(client, response={"fault": "MALFORMED_RESPONSE_CHUNK"})
        return is_cut(client)


def _slow(ground: Ground) -> bool:
    with _mock(ground) as client:
        pace = {"numberOfChunks": 5, "totalDuration": 500}
        _stub(client, response={**_GOOD, "chunkedDribbleDelay": pace})
        return is_slow(client)


def _listed(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, KEY)
        (entry,) = client.get("/__admin/requests").json()["requests"]
    return bool(entry["request"]["url"] == "/todos")


def _verified(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, KEY)
        pattern = {**_TODOS, "headers": {"X-Mock-Key": {"equalTo": "k"}}}
        return bool(client.post("/__admin/requests/count", json=pattern).json()["count"] == 1)


def _nearest(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, {})
        pattern = {**_TODOS, "headers": {"X-Mock-Key": {"equalTo": "k"}}}
        told = client.post("/__admin/near-misses/request-pattern", json=pattern).json()
    # It tells how far each request is from the pattern, and both of them to compare.
    return bool(told["nearMisses"][0]["matchResult"]["distance"] > 0)


def _part(ground: Ground) -> bool:
    with _mock(ground) as client:
        _stub(client, response={"proxyBaseUrl": ground.upstream})
        other = {"method": "GET", "urlPath": "/other"}
        _stub(client, request=other, response={"status": 200, "jsonBody": "mocked"})
        return "real" in client.get("/todos").text and client.get("/other").json() == "mocked"


def _record(ground: Ground) -> bool:
    with _mock(ground) as client:
        client.post("/__admin/recordings/start", json={"targetBaseUrl": ground.upstream})
        client.get("/todos")
        client.post("/__admin/recordings/stop")
        ground.stop_upstream()
        return "real" in client.get("/todos").text


WAYS: Ways = {
    "once": _once,
    "file": _file,
    "key": _key,
    "cut": _cut,
    "slow": _slow,
    "listed": _listed,
    "verified": _verified,
    "nearest": _nearest,
    "part": _part,
    "record": _record,
}
