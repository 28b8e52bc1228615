"""The second table: what a mock lets be steered and watched, each row tried in each tool's way."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2

from tests.comparison.servers import SERVERS
from tests.comparison.ways import mockoon, others, ours, wiremock
from tests.comparison.ways.ground import CONTRACT, SECRET, Ground, Way, Ways
from tests.mock_server.upstreams import Handler, deployed

__all__ = ["ROWS", "steering_table"]

ROWS = {
    "once": "401 once, and then the answer, told while it runs",
    "exactly": "…exactly once, when sixteen ask at the same time",
    "refresh": "401, a refresh at another path, 200",
    "retry": "429 with `Retry-After` twice, and then the answer",
    "key": "…for the requests of one client alone",
    "file": "told in a file",
    "watched": "…that is read again when it has changed",
    "judged": "an answer that the contract does not document is told as one",
    "late": "an answer that is late",
    "random": "…by a random time",
    "cut_before": "a connection that is cut before the answer",
    "cut_head": "…after its head",
    "cut": "…after three bytes of its body",
    "slow": "so many bytes a second",
    "stream": "a stream that ends early, or in an error event",
    "listed": "the requests that came, as JSON",
    "masked": "…without the credentials in them",
    "live": "…live, as they come",
    "har": "…as HAR",
    "verified": "did the expected requests come?",
    "nearest": "…if not, which came nearest",
    "state": "what is created, changed and deleted shows in later answers",
    "inferred": "…from the contract alone",
    "part": "implemented operations are forwarded, the rest is answered",
    "streamed": "…a stream of theirs comes through event by event",
    "failing": "…a deployment that does not answer is a 502 or 504 that says so",
    "record": "real answers are kept and served again",
    "redacted": "…without the secrets in them",
    "several": "several contracts on one port",
    "processes": "several processes are one mock: one sequence, one list of requests",
    "metrics": "Prometheus metrics",
    "page": "a page that shows what came and forces answers",
}
_NO_WAY = " "


def steering_table(wanted: Sequence[str] = ()) -> list[str]:
    """The table as Markdown. What no tool's documentation has a way for is an empty cell.

    Args:
        wanted: keys of the rows to measure; all of them where it is empty.
    """
    columns = dict(_columns())
    rows = [f"| | {' | '.join(columns)} |", f"|---|{':-:|' * len(columns)}"]
    for key, title in ROWS.items():
        if wanted and key not in wanted:
            continue
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
        one.say_json(200, [{"id": "7", "title": "real", "api_key": SECRET}])
    elif one.path == "/events":
        one.send_response(200)
        one.send_header("content-type", "text/event-stream")
        one.send_header("connection", "close")
        one.end_headers()
        for number in (1, 2):
            one.wfile.write(f"data: {number}\n\n".encode())
            time.sleep(0.4)
        one.close_connection = True
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
