"""The plain `schemathesis run` command, with every check, has nothing to say against the mock.

But for one misreading of its own: ST108 validates each event of a `text/event-stream` against the
schema of the whole stream, which is a string, so it accuses every correct stream.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from spec import AI_CONTRACT
from tests.command import launched

pytestmark = pytest.mark.slow

MISREAD = [("ST108", "POST /api/ai/chat/completion")]


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    """All checks, all phases, and on after a failure, so that the one misreading hides nothing."""
    report = tmp_path / "report.json"
    with launched("--auth", "token=t") as mock:
        subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                *("run", AI_CONTRACT, "--url", mock.url, "--header", "Authorization: Bearer t"),
                *("--checks", "all", "--max-examples", "5", "--continue-on-failure"),
                *("--report", "json", "--report-json-path", report),
            ],
            cwd=tmp_path,
            check=False,
            capture_output=True,
            timeout=240,
        )
    run = json.loads(report.read_text())
    found = [(one["code"], name) for one in run["failures"] for name in one["operations"]]

    assert (run["complete"], run["errors"], run["operations"]["tested"]) == (True, [], 9)
    assert run["test_cases"]["generated"] > 400
    assert found == MISREAD
