"""`make bench-traffic`: what a recorded pass of the browser tests shows, beside an active run.

The tests of `tests/browser` run against the mock of the AI contract while Playwright records them;
`conformance judge` reads the archives, and `conformance run` asks the same mock itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from spec import AI_CONTRACT
from tests.command import launched

__all__ = ["main"]

_BIN = Path(sys.executable).parent
_WANTED = 60
"""Percent of the clauses that an active run sees which the recorded pass must show."""
_SEEN = ("held", "broken")


def main() -> int:
    """Print the shares; the status is 1 below the goal, or where somebody is accused wrongly."""
    with TemporaryDirectory() as folder:
        hars = _recorded(Path(folder))
        traffic = _reported(Path(folder, "traffic.json"), "judge", *hars, "--contract", AI_CONTRACT)
        active = _active(Path(folder))
    run, judged = _seen(active), _seen(traffic)
    shown = run & judged
    share = 100 * len(shown) / len(run)
    print(f"an active run sees {len(run)} of {len(active['clauses'])} clauses")
    print(f"the recorded pass shows {len(shown)} of them: {share:.0f}% (goal: {_WANTED}%)")
    for kind, count in Counter(_kind(active, one) for one in run - judged).most_common():
        print(f"  not shown: {count:4} {kind}")
    wrong = _broken(traffic) - _broken(active)
    print(*(f"accused by the traffic alone: {one}" for one in sorted(wrong)), sep="\n")
    return int(share < _WANTED or bool(wrong))


def _recorded(folder: Path) -> list[Path]:
    subprocess.run(
        [_BIN / "pytest", "-q", "tests/browser"],
        env={**os.environ, "RECORD_HAR": str(folder)},
        check=True,
    )
    return sorted(folder.glob("*.har"))


def _active(folder: Path) -> Any:
    with launched() as mock:
        options = ("--token", "t", "--allow-writes", "--max-billable", "1000")
        return _reported(folder / "run.json", "run", "--url", mock.url, *options)


def _reported(file: Path, *line: str | Path) -> Any:
    done = subprocess.run(
        [_BIN / "conformance", *line, "--quiet", "--report", f"json={file}"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if not file.exists():
        raise SystemExit(done.stdout)
    return json.loads(file.read_text("utf-8"))


def _seen(report: Any) -> set[str]:
    return {one["id"] for one in report["clauses"] if one["verdict"] in _SEEN}


def _broken(report: Any) -> set[str]:
    return {one["id"] for one in report["clauses"] if one["verdict"] == "broken"}


def _kind(report: Any, clause: str) -> str:
    return next(str(one["kind"]) for one in report["clauses"] if one["id"] == clause)


if __name__ == "__main__":
    sys.exit(main())
