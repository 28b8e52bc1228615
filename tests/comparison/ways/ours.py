"""Our mock: what it keeps, forwards and records, and all its other ways."""

from __future__ import annotations

import time

from tests.comparison.ways import our_journal, our_scenarios
from tests.comparison.ways.ground import (
    SECRET,
    Ground,
    Ways,
    comes_apart,
    keeps,
    says_that_it_fails,
)
from tests.comparison.ways.our_mock import mock

__all__ = ["WAYS"]


def _state(ground: Ground) -> bool:
    with mock(ground, "--stateful") as client:
        return keeps(client)


def _part(ground: Ground) -> bool:
    options = ("--upstream", ground.upstream, "--upstream-for", "/todos")
    with mock(ground, *options) as client:
        return "real" in client.get("/todos").text and client.get("/other").json() == "mocked"


def _streamed(ground: Ground) -> bool:
    with mock(ground, "--upstream", ground.upstream) as client:
        return comes_apart(client)


def _failing(ground: Ground) -> bool:
    with mock(ground, "--upstream", ground.upstream) as client:
        return says_that_it_fails(ground, client)


def _recorded(ground: Ground) -> str:
    """What is kept of the deployment's answer; the deployment is stopped."""
    kept = ground.folder / "kept.yaml"
    with mock(ground, "--upstream", ground.upstream, "--record", str(kept)) as client:
        client.get("/todos")
        limit = time.monotonic() + 5
        while not kept.exists() and time.monotonic() < limit:  # written after the answer has left
            time.sleep(0.01)
    ground.stop_upstream()
    return kept.read_text(encoding="utf-8")


def _record(ground: Ground) -> bool:
    _recorded(ground)
    with mock(ground, "--overlay", str(ground.folder / "kept.yaml")) as client:
        answer = client.get("/todos", headers={"Prefer": "example=recorded-1"})
    return "real" in answer.text


def _redacted(ground: Ground) -> bool:
    kept = _recorded(ground)
    return "real" in kept and SECRET not in kept


def _several(ground: Ground) -> bool:
    second = {"openapi": "3.0.3", "info": {"title": "Second", "version": "1"}}
    responses = {"200": {"description": "ok"}}
    file = ground.write(
        "second.json", {**second, "paths": {"/second": {"get": {"responses": responses}}}}
    )
    with mock(ground, str(file)) as client:
        return [client.get(path).status_code for path in ("/todos", "/second")] == [200, 200]


WAYS: Ways = {
    **our_scenarios.WAYS,
    **our_journal.WAYS,
    "state": _state,
    "inferred": _state,
    "part": _part,
    "streamed": _streamed,
    "failing": _failing,
    "record": _record,
    "redacted": _redacted,
    "several": _several,
}
