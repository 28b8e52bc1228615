"""Print which mock does what, measured: `python -m tests.comparison`.

Every server gets the same document: the contract with its overlay laid over it, so that each has
the same examples to answer with.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

from spec import AI_CONTRACT, AI_OVERLAY, load
from tests.comparison.probes import PROBES, TOKEN, Probe
from tests.comparison.servers import SERVERS, Server

START_LIMIT = 60.0
ANSWER_LIMIT = 5.0


def main() -> int:
    """Start each server, send each probe, print the table as Markdown."""
    present = [server for server in SERVERS if not server.missing]
    for server in SERVERS:
        if server.missing:
            print(f"{server.title} is not installed: make tests/comparison/node_modules")
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "api.json"
        contract = load(AI_CONTRACT, overlay=AI_OVERLAY)
        document.write_text(json.dumps(contract.document), encoding="utf-8")
        columns = {server.title: results(server, document) for server in present}
    print("\n".join(table(columns)))
    return 0


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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        server.command_for(document, port),
        cwd=document.parent,
        env={**os.environ, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    """Until the port is open. Raises RuntimeError where it never is."""
    limit = time.monotonic() + START_LIMIT
    while time.monotonic() < limit and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start")


def table(columns: dict[str, list[bool]]) -> list[str]:
    """The results as a Markdown table."""
    rows = [f"| | {' | '.join(columns)} |", f"|---|{':-:|' * len(columns)}"]
    for index, probe in enumerate(PROBES):
        marks = ["✓" if column[index] else "–" for column in columns.values()]
        rows.append(f"| {probe.title} | {' | '.join(marks)} |")
    return rows


if __name__ == "__main__":
    sys.exit(main())
