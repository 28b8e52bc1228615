"""Our mock, watched."""

from __future__ import annotations

import json
import threading

import httpx2

from tests.browser.chromium import chromium
from tests.comparison.ways.ground import KEY, SECRET, Ground, Ways, statuses
from tests.comparison.ways.our_mock import TODOS, mock

__all__ = ["WAYS"]


def _listed(ground: Ground) -> bool:
    with mock(ground) as client:
        statuses(client, KEY)
        (entry,) = client.get("/__mock/requests").json()
    return bool(entry["target"] == "/todos" and entry["headers"]["x-mock-key"] == "k")


def _masked(ground: Ground) -> bool:
    with mock(ground) as client:
        statuses(client, {"Authorization": f"Bearer {SECRET}"})
        listed = client.get("/__mock/requests")
    return len(listed.json()) == 1 and SECRET not in listed.text


def _live(ground: Ground) -> bool:
    with mock(ground) as client, client.stream("GET", "/__mock/requests/stream") as stream:
        lines = stream.iter_lines()
        next(lines)
        asking = threading.Thread(target=httpx2.get, args=(f"{client.base_url}/todos",))
        asking.start()
        found = next(line for line in lines if line.startswith("data:"))
        asking.join()
    return bool(json.loads(found[5:])["target"] == "/todos")


def _har(ground: Ground) -> bool:
    with mock(ground) as client:
        statuses(client, {})
        archive = client.get("/__mock/requests.har").json()
    return len(archive["log"]["entries"]) == 1


def _verified(ground: Ground) -> bool:
    with mock(ground) as client:
        statuses(client, KEY)
        match = {"properties": {"headers": {"properties": {"x-mock-key": {"const": "k"}}}}}
        expected = {"operation": TODOS, "match": match, "times": 1}
        told = client.post("/__mock/requests/verify", json=expected).json()
    return bool(told["ok"] and told["count"] == 1)


def _nearest(ground: Ground) -> bool:
    with mock(ground) as client:
        statuses(client, {})
        match = {"properties": {"headers": {"required": ["x-mock-key"]}}}
        told = client.post("/__mock/requests/verify", json={"match": match}).json()
    return not told["ok"] and "x-mock-key" in told["nearest"][0]["why"][0]


def _metrics(ground: Ground) -> bool:
    with mock(ground) as client:
        statuses(client, {})
        return "# TYPE" in client.get("/__mock/metrics").text


def _page(ground: Ground) -> bool:
    """What came is there, and a click forces an answer."""
    with mock(ground) as client, chromium() as browser:
        statuses(client, {})
        page = browser.new_page()
        page.goto(f"{client.base_url}/__mock/")
        page.locator("#journal summary", has_text="/todos").wait_for()
        page.locator("#operations summary", has_text=TODOS).first.click()
        page.get_by_role("button", name=f"Once: {TODOS} 401").click()
        page.locator("#scenarios li", has_text="1 left").wait_for()
        return statuses(client, {}, {}) == [401, 200]


WAYS: Ways = {
    "listed": _listed,
    "masked": _masked,
    "live": _live,
    "har": _har,
    "verified": _verified,
    "nearest": _nearest,
    "metrics": _metrics,
    "page": _page,
}
