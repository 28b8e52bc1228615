"""The second table: what a mock lets be steered and watched, each row tried in each tool's way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2

from tests.comparison.servers import SERVERS
from tests.comparison.ways import mockoon, others, ours, wiremock
from tests.comparison.ways.ground import CONTRACT, Ground, Way, Ways
from tests.mock_server.upstreams import Handler, deployed

__all__ = ["ROWS", "steering_table"]

ROWS = {
    "once": "401 once, and then the answer, told while it runs",
    "file": "…told in a file",
    "key": "…for the requests of one client alone",
    "cut": "a connection that breaks half way through a body",
    "slow": "so many bytes a second",
    "listed": "the requests that came, as JSON",
    "live": "…live, as they come",
    "har": "…as HAR",
    "verified": "did the expected requests come?",
    "nearest": "…if not, which came nearest",
    "state": "what was created shows in later answers",
    "inferred": "…from the contract alone",
    "part": "implemented operations are forwarded, the rest is answered",
    "record": "real answers are kept and served again",
    "several": "several contracts at once",
    "metrics": "Prometheus metrics",
    "page": "a page that shows what came and forces answers",
}
_NO_WAY = " "


def steering_table() -> list[str]:
    """The table as Markdown. What no tool's documentation has a way for is an empty cell."""
    columns = dict(_columns())
    rows = [f"| | {' | '.join(columns)} |", f"|---|{':-:|' * len(columns)}"]
    for key, title in ROWS.items():
        marks = [_mark(ways.get(key)) for ways in columns.values()]
        rows.append(f"| {title} | {' | '.join(marks)} |")
    return rows


def _columns() -> Iterator[tuple[str, Ways]]:
    """The tools that are installed; the others are named."""
    every = {"Prism": others.PRISM, "Scalar": others.SCALAR, "MSW": others.MSW}
    every["Mockoon"] = mockoon.WAYS
    yield "this mock", ours.WAYS
    for server in SERVERS:
        if server.title in every and not server.missing:
            yield server.title, every[server.title]
    if wiremock.MISSING:
        print("WireMock is not measured: it needs tests/comparison/node_modules and java")
    else:
        yield "WireMock", wiremock.WAYS


def _mark(way: Way | None) -> str:
    if way is None:
        return _NO_WAY
    with _ground() as ground:
        try:
            return "✓" if way(ground) else "–"
        except (httpx2.HTTPError, ValueError, LookupError, TypeError, RuntimeError):
            return "–"


def _implemented(one: Handler) -> None:
    if one.path == "/todos":
        one.say_json(200, [{"id": 7, "title": "real"}])
    else:
        one.say_json(501, {"error": "not yet"})


@contextmanager
def _ground() -> Iterator[Ground]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        deployment = ExitStack()
        upstream = deployment.enter_context(deployed(_implemented))
        stack.callback(deployment.close)
        ground = Ground(
            folder=Path(folder),
            document=Path(folder) / "api.json",
            upstream=upstream.url,
            stop_upstream=deployment.close,
        )
        ground.write("api.json", CONTRACT)
        yield ground
