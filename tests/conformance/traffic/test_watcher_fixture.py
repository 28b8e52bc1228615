"""The fixture `conformance_watcher`: one ledger for the tests of a project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.gate.command import environment
from tests.conformance.traffic.recorded import CONTRACT

TESTS = """
import httpx

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'[{"name": "desk", "kind": "KIND"}]']

def test_lamps(conformance_watcher):
    transport = httpx.WSGITransport(app=conformance_watcher.watch(app))
    with httpx.Client(transport=transport) as client:
        assert client.get("http://api/lamps").status_code == 200
"""
CONFIGURATION = """[pytest]
conformance_contract = lamps.yaml
conformance_reports = json=r.json
"""


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "exit_code"), [("desk", 0), ("sofa", 1)])
def test_the_session_fails_where_the_contract_was_broken(
    tmp_path: Path, kind: str, exit_code: int
) -> None:
    """The report is written all the same."""
    contract = CONTRACT.replace("https://api.example/v1", "/")
    (tmp_path / "lamps.yaml").write_text(contract, "utf-8")
    (tmp_path / "pytest.ini").write_text(CONFIGURATION, "utf-8")
    (tmp_path / "test_lamps.py").write_text(TESTS.replace("KIND", kind), "utf-8")
    done = _pytest(tmp_path, found=kind == "desk")
    verdict = json.loads((tmp_path / "r.json").read_text("utf-8"))["verdict"]

    assert done.returncode == exit_code, done.stdout
    assert "1 passed" in done.stdout
    assert verdict == ("breaks" if exit_code else "conforms")


SHARED = """
import httpx, pytest

def app(environ, start_response):
    media = {"/v1/lamps": ("application/json", b'[{"name": "desk"}]')}
    kind, body = media.get(environ["PATH_INFO"], ("text/event-stream", b"data: 1\\n\\n"))
    start_response("200 OK", [("Content-Type", kind)])
    return [body]

@pytest.mark.parametrize("path", ["lamps", "events"])
def test_paths(conformance_watcher, path):
    transport = httpx.WSGITransport(app=conformance_watcher.watch(app))
    with httpx.Client(transport=transport) as client:
        assert client.get(f"http://api/v1/{path}").status_code == 200
"""


@pytest.mark.slow
def test_workers_of_xdist_write_one_report(tmp_path: Path) -> None:
    """Each has seen one operation; the report has both, and not only the last one's."""
    (tmp_path / "lamps.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "pytest.ini").write_text(CONFIGURATION, "utf-8")
    (tmp_path / "test_lamps.py").write_text(SHARED, "utf-8")
    done = _pytest(tmp_path, "-p", "xdist.plugin", "-n", "2")
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    held = {one["id"] for one in report["clauses"] if one["verdict"] == "held"}

    assert done.returncode == 0, done.stdout
    assert {"GET /lamps control", "GET /events control"} <= held
    assert report["requests"] == 2


def _pytest(folder: Path, *options: str, found: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the tests of a folder.

    `found` lets pytest find the plugin, and all others that are installed, which takes two seconds
    in each process; without it there is this plugin alone.
    """
    alone = [] if found else ["--disable-plugin-autoload", "-p", "conformance.plugin"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *alone, *options],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
