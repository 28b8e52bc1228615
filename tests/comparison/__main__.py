"""Print which mock does what, measured: `python -m tests.comparison`.

Every server gets the same document: the contract with its overlay laid over it, so that each has
the same examples to answer with. The second table is written into docs/comparison.md where every
tool was there to be measured.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from spec import AI_CONTRACT, AI_OVERLAY, load
from tests.comparison.probes import PROBES, TOKEN, Probe
from tests.comparison.processes import started
from tests.comparison.servers import SERVERS, Server
from tests.comparison.steering import steering_table

ANSWER_LIMIT = 5.0
PAGE = Path(__file__).parents[2] / "docs/comparison.md"


def main() -> int:
    """Start each server, send each probe, print the two tables as Markdown."""
    present = [server for server in SERVERS if not server.missing]
    for server in SERVERS:
        if server.missing:
            print(f"{server.title} is not installed: make tests/comparison/node_modules")
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "api.json"
        contract = load(AI_CONTRACT, overlay=AI_OVERLAY)
        document.write_text(json.dumps(contract.document), encoding="utf-8")
        columns = {server.title: results(server, document) for server in present}
    steered = steering_table()
    print("\n".join([*table(columns), "", *steered]))
    if steered[0].count("|") == len(SERVERS) + 3:  # the titles' column, WireMock, and an edge more
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), steered), encoding="utf-8")
        print(f"\nThe second table is in {PAGE.name}")
    return 0


def with_table(page: str, rows: list[str]) -> str:
    """The page with these rows in place of its table, which is the only one."""
    lines = page.splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith("|")]
    return "\n".join([*lines[: places[0]], *rows, *lines[places[-1] + 1 :], ""])


def results(server: Server, document: Path) -> list[bool]:
    """What came of each probe, in their order. A server that a probe silenced is started anew."""
    found: list[bool] = []
    while len(found) < len(PROBES):
        with running(server, document) as url:
            while len(found) < len(PROBES) and (not found or alive(url)):
                found.append(granted(PROBES[len(found)], url))
    return found


def alive(url: str) -> bool:
    """Whether a server answers an ordinary request."""
    with httpx2.Client(base_url=url, timeout=ANSWER_LIMIT, trust_env=False) as client:
        try:
            return client.get("/api/ai/models", headers=TOKEN).status_code == 200
        except httpx2.HTTPError:
            return False


def granted(probe: Probe, url: str) -> bool:
    """Whether a wish was granted; no answer, or one that cannot be read, is a no."""
    with httpx2.Client(base_url=url, timeout=ANSWER_LIMIT, trust_env=False) as client:
        try:
            return probe.holds(client)
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, IndexError):
            return False


@contextmanager
def running(server: Server, document: Path) -> Iterator[str]:
    """The server on a free port, ended afterwards with all that it started."""
    with started(server.command_for(document), document.parent) as url:
        yield url


def table(columns: dict[str, list[bool]]) -> list[str]:
    """The results as a Markdown table."""
    rows = [f"| | {' | '.join(columns)} |", f"|---|{':-:|' * len(columns)}"]
    for index, probe in enumerate(PROBES):
        marks = ["✓" if column[index] else "–" for column in columns.values()]
        rows.append(f"| {probe.title} | {' | '.join(marks)} |")
    return rows


if __name__ == "__main__":
    sys.exit(main())
