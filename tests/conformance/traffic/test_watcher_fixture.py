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
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    verdict = json.loads((tmp_path / "r.json").read_text("utf-8"))["verdict"]

    assert done.returncode == exit_code, done.stdout
    assert "1 passed" in done.stdout
    assert verdict == ("breaks" if exit_code else "conforms")
