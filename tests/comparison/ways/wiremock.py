"""WireMock: stubs that are written by hand, over HTTP or as files. It reads no contract."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import httpx2

from tests.comparison.processes import started
from tests.comparison.servers import MODULES
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
    is_slow,
    received,
    says_that_it_fails,
    statuses,
    times,
)

__all__ = ["MISSING", "WAYS"]

_JAR = next(MODULES.glob("wiremock/build/*.jar"), None)
_JAVA = shutil.which("java")
MISSING = _JAR is None or _JAVA is None
_TODOS = {"method": "GET", "urlPath": "/todos"}
_OTHER = {"method": "GET", "urlPath": "/other"}
_GOOD: dict[str, Any] = {"status": 200, "jsonBody": [{"id": "1", "title": "first"}]}
_REFUSED: dict[str, Any] = {"status": 401}
_LIMITED: dict[str, Any] = {"status": 429, "headers": {"Retry-After": "1"}}


def _states(*answers: dict[str, Any], request: Any = _TODOS) -> Sequence[dict[str, Any]]:
    """Stubs that answer one after the other, and then with the last for good."""
    names = ["Started", *(f"after {number}" for number in range(1, len(answers)))]
    following = [*names[1:], names[-1]]
    return [
        {
            "request": request,
            "scenarioName": "s",
            "requiredScenarioState": name,
            "newScenarioState": after,
            "response": answer,
        }
        for name, after, answer in zip(names, following, answers, strict=True)
    ]


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


def _play(client: httpx2.Client, *answers: dict[str, Any], request: Any = _TODOS) -> None:
    for state in _states(*answers, request=request):
        _stub(client, **state)


def _once(ground: Ground) -> bool:
    with _mock(ground) as client:
        _play(client, _REFUSED, _GOOD)
        return statuses(client, {}, {}) == [401, 200]


def _exactly(ground: Ground) -> bool:
    with _mock(ground) as client:
        _play(client, _REFUSED, _GOOD)
        return at_once(client, 16) == [200] * 15 + [401]


def _refresh(ground: Ground) -> bool:
    with _mock(ground) as client:
        token = {"method": "POST", "urlPath": "/token"}
        _stub(client, request=token, response={"status": 200, "jsonBody": "t"})
        _play(client, _REFUSED, _GOOD)
        return is_refreshed(client)


def _retry(ground: Ground) -> bool:
    with _mock(ground) as client:
        _play(client, _LIMITED, _LIMITED, _GOOD)
        return is_limited_twice(client)


def _file(ground: Ground) -> bool:
    ground.write("wiremock/mappings/states.json", {"mappings": _states(_REFUSED, _GOOD)})
    with _mock(ground) as client:
        return statuses(client, {}, {}) == [401, 200]


def _watched(ground: Ground) -> bool:
    """It reads its files again when it is told to."""
    ground.write("wiremock/mappings/states.json", {"request": _TODOS, "response": _GOOD})
    with _mock(ground) as client:
        before = statuses(client, {})
        ground.write("wiremock/mappings/states.json", {"request": _TODOS, "response": _REFUSED})
        client.post("/__admin/mappings/reset").raise_for_status()
        return [*before, *statuses(client, {})] == [200, 401]


def _key(ground: Ground) -> bool:
    with _mock(ground) as client:
        _stub(client, response=_GOOD, priority=10)
        mine = {**_TODOS, "headers": {"X-Mock-Key": {"equalTo": "k"}}}
        _play(client, _REFUSED, _GOOD, request=mine)
        return statuses(client, {}, KEY, KEY) == [200, 401, 200]


def _late(ground: Ground) -> bool:
    with _mock(ground) as client:
        _play(client, {**_GOOD, "fixedDelayMilliseconds": 400}, _GOOD)
        return is_late_once(client)


def _random(ground: Ground) -> bool:
    with _mock(ground) as client:
        delay = {"type": "uniform", "lower": 100, "upper": 400}
        _stub(client, response={**_GOOD, "delayDistribution": delay})
        found = times(client, 6)
        return min(found) >= 0.1 and max(found) - min(found) > 0.02


def _cut_before(ground: Ground) -> bool:
    with _mock(ground) as client:
        _stub(client, response={"fault": "EMPTY_RESPONSE"})
        return received(client) == (0, b"", False)


def _cut_head(ground: Ground) -> bool:
    """A good status, then what is no chunk, and the end."""
    with _mock(ground) as client:
        _stub(client, response={"fault": "MALFORMED_RESPONSE_CHUNK"})
        return received(client) == (200, b"", False)


def _cut(ground: Ground) -> bool:
    """A length that the body does not have: its faults know no number of bytes."""
    with _mock(ground) as client:
        _stub(client, response={"body": "[{}", "headers": {"Content-Length": "30"}})
        status, body, is_whole = received(client)
        return (status, len(body), is_whole) == (200, 3, False)


def _slow(ground: Ground) -> bool:
    with _mock(ground) as client:
        pace = {"numberOfChunks": 5, "totalDuration": 500}
        _stub(client, response={**_GOOD, "chunkedDribbleDelay": pace})
        return is_slow(client)


def _stream(ground: Ground) -> bool:
    """The events are a body that is written by hand."""
    error = "event: error\ndata: {}\n\n"
    media = {"Content-Type": "text/event-stream"}
    bodies = [{"status": 200, "headers": media, "body": one} for one in (STREAM, STREAM + error)]
    with _mock(ground) as client:
        _play(client, *bodies, request={"method": "GET", "urlPath": "/events"})
        return [client.get("/events").text for _ in range(2)] == [STREAM, STREAM + error]


def _listed(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, KEY)
        (entry,) = client.get("/__admin/requests").json()["requests"]
    return bool(entry["request"]["url"] == "/todos")


def _masked(ground: Ground) -> bool:
    with _mock(ground) as client:
        statuses(client, {"Authorization": f"Bearer {SECRET}"})
        listed = client.get("/__admin/requests")
    return len(listed.json()["requests"]) == 1 and SECRET not in listed.text


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
        _stub(client, request=_OTHER, response={"status": 200, "jsonBody": "mocked"})
        return "real" in client.get("/todos").text and client.get("/other").json() == "mocked"


def _streamed(ground: Ground) -> bool:
    with _mock(ground) as client:
        every = {"method": "GET", "urlPathPattern": "/.*"}
        _stub(client, request=every, response={"proxyBaseUrl": ground.upstream})
        return comes_apart(client)


def _failing(ground: Ground) -> bool:
    with _mock(ground) as client:
        _stub(client, response={"proxyBaseUrl": ground.upstream})
        return says_that_it_fails(ground, client)


def _record(ground: Ground) -> bool:
    with _mock(ground) as client:
        client.post("/__admin/recordings/start", json={"targetBaseUrl": ground.upstream})
        client.get("/todos")
        client.post("/__admin/recordings/stop")
        ground.stop_upstream()
        return "real" in client.get("/todos").text


def _redacted(ground: Ground) -> bool:
    with _mock(ground) as client:
        client.post("/__admin/recordings/start", json={"targetBaseUrl": ground.upstream})
        client.get("/todos")
        kept = client.post("/__admin/recordings/stop").text
    return "real" in kept and SECRET not in kept


WAYS: Ways = {
    "once": _once,
    "exactly": _exactly,
    "refresh": _refresh,
    "retry": _retry,
    "file": _file,
    "watched": _watched,
    "key": _key,
    "late": _late,
    "random": _random,
    "cut_before": _cut_before,
    "cut_head": _cut_head,
    "cut": _cut,
    "slow": _slow,
    "stream": _stream,
    "listed": _listed,
    "masked": _masked,
    "verified": _verified,
    "nearest": _nearest,
    "part": _part,
    "streamed": _streamed,
    "failing": _failing,
    "record": _record,
    "redacted": _redacted,
}
