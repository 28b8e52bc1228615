"""Workers that cannot work end the mock, instead of being started for ever."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from mock_server.http.workers import supervise

def work(number, parent):
    raise RuntimeError(f"worker {number} has no work")

print(supervise(2, work, first=1, prepare=None))
"""


def test_workers_that_die_one_after_the_other_end_it() -> None:
    """It gives up after a few, with their tracebacks, and nobody is left running."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stdout) == (0, "None\n")
    assert "RuntimeError: worker 1 has no work" in ended.stderr
    assert ended.stderr.count("RuntimeError") <= 10
