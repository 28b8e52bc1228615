"""What `conformance diff` costs: `python -m tests.benchmarks.comparison`.

Two large contracts against each other: 2,000 operations each with schemas of its own, in 10 s of
processor time; and 450 operations whose schemas all refer to each other, 2.5 MB of them, in 60 s
and 500 MB. The exit status is 1 where a bound is passed.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from tests.conformance.gate.large import large_contract, linked_contract

__all__ = ["main"]

_PAIRS: Mapping[str, tuple[float, float]] = {"2,000 operations": (10, 2000), "linked": (60, 500)}
"""The most processor seconds, and MB."""


def _contracts(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if name == "linked":
        return linked_contract(450), linked_contract(450, changes=20)
    return large_contract(2000), large_contract(2000, changes=50)


def _written(folder: Path, name: str) -> tuple[Path, Path]:
    paths = folder / "old.json", folder / "new.json"
    for path, contract in zip(paths, _contracts(name), strict=True):
        path.write_text(json.dumps(contract, indent=1), "utf-8")
    return paths


@click.command()
def main() -> None:
    """Compare each pair in a process of its own, and print what it cost."""
    failed = False
    for name, (seconds, megabytes) in _PAIRS.items():
        with tempfile.TemporaryDirectory() as folder:
            old, new = _written(Path(folder), name)
            report = Path(folder) / "report.json"
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [sys.executable, "-m", "conformance", "diff", str(old), str(new)]
            subprocess.run(
                [*command, "--report", f"json={report}"], stdout=subprocess.DEVNULL, check=False
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            size = new.stat().st_size / 1e6
            found = Counter(one["code"] for one in json.loads(report.read_text())["findings"])
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        # The peak of all children so far: the pairs are in the order of their size.
        peak = after.ru_maxrss / 1024
        failed = failed or spent > seconds or peak > megabytes
        print(
            f"{name}: 2 × {size:.1f} MB, {spent:.1f} s of {seconds:g}, {peak:.0f} MB, {dict(found)}"
        )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
