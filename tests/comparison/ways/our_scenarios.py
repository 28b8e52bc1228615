"""Our mock, put into states."""

from __future__ import annotations

import time
from typing import Any

import httpx2

from tests.comparison.ways.ground import (
    KEY,
    STREAM,
    Ground,
    Ways,
    at_once,
    is_late_once,
    is_limited_twice,
    is_refreshed,
    is_slow,
    received,
    statuses,
    times,
)
from tests.comparison.ways.our_mock import TODOS, mock

__all__ = ["WAYS"]


def _play(client: httpx2.Client, *answers: Any, operation: str = TODOS, **more: Any) -> Any:
    scenario = {"operation": operation, "answers": answers, **more}
    return client.post("/__mock/scenarios", json=scenario).raise_for_status().json()


def _once(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"status": 401})
        return statuses(client, {}, {}) == [401, 200]


def _exactly(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"status": 401})
        return at_once(client, 16) == [200] * 15 + [401]


def _refresh(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"status": 401})
        return is_refreshed(client)


def _retry(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"status": 429, "headers": {"Retry-After": "1"}, "times": 2})
        return is_limited_twice(client)


def _file(ground: Ground) -> bool:
    scenarios = ground.write("states.json", [{"operation": TODOS, "answers": [{"status": 401}]}])
    with mock(ground, "--scenarios", str(scenarios)) as client:
        return statuses(client, {}, {}) == [401, 200]


def _watched(ground: Ground) -> bool:
    scenarios = ground.write("states.json", [])
    with mock(ground, "--scenarios", str(scenarios)) as client:
        before = statuses(client, {})
        repeated = {"operation": TODOS, "answers": [{"status": 401}], "repeat": True}
        ground.write("states.json", [repeated])
        limit = time.monotonic() + 5
        while statuses(client, {}) == [200] and time.monotonic() < limit:
            time.sleep(0.1)
        return [*before, *statuses(client, {})] == [200, 401]


def _judged(ground: Ground) -> bool:
    with mock(ground) as client:
        told = _play(client, {"status": 418})["undocumented"]
        return bool(told) and client.get("/todos").headers["x-mock-source"] == "undocumented"


def _key(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"status": 401}, key="k")
        return statuses(client, {}, KEY, KEY) == [200, 401, 200]


def _late(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"delay": 0.4})
        return is_late_once(client)


def _random(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"delay": {"min": 0.1, "max": 0.4}}, repeat=True)
        found = times(client, 6)
        return min(found) >= 0.1 and max(found) - min(found) > 0.02


def _cut_before(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"cut": "before"})
        return received(client) == (0, b"", False)


def _cut_head(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"cut": "headers"})
        return received(client) == (200, b"", False)


def _cut(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"cut": {"after": 3}})
        status, body, is_whole = received(client)
        return (status, len(body), is_whole) == (200, 3, False)


def _slow(ground: Ground) -> bool:
    with mock(ground) as client:
        _play(client, {"pace": 60})
        return is_slow(client)


def _stream(ground: Ground) -> bool:
    error = "event: error\ndata: {}\n\n"
    with mock(ground) as client:
        _play(client, {"events": 2}, {"events": 2, "body": error}, operation="GET /events")
        return [client.get("/events").text for _ in range(2)] == [STREAM, STREAM + error]


def _processes(ground: Ground) -> bool:
    with mock(ground, "--workers", "2") as client:
        _play(client, {"status": 401})
        # A connection goes to one of the processes; which one, the system decides.
        played = at_once(client, 16)
        entries = client.get("/__mock/requests").json()
        return played == [200] * 15 + [401] and len(entries) == 16


WAYS: Ways = {
    "once": _once,
    "exactly": _exactly,
    "refresh": _refresh,
    "retry": _retry,
    "file": _file,
    "watched": _watched,
    "judged": _judged,
    "key": _key,
    "late": _late,
    "random": _random,
    "cut_before": _cut_before,
    "cut_head": _cut_head,
    "cut": _cut,
    "slow": _slow,
    "stream": _stream,
    "processes": _processes,
}
