"""What a comparison costs: next to nothing for what is equal, and no more than in proportion."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from conformance.diff import changes, findings
from spec import Contract, load
from tests.conformance.gate.large import large_contract


def loaded(folder: Path, operations: int, changed: int = 0) -> Contract:
    file = folder / f"{operations}-{changed}.json"
    file.write_text(json.dumps(large_contract(operations, changed), indent=1), "utf-8")
    return load(file)


def seconds(old: Contract, new: Contract) -> float:
    """Processor time of one comparison: what else the machine does is not counted."""
    begun = time.process_time()
    tuple(changes(old, new))
    return time.process_time() - begun


@pytest.mark.slow
def test_linear(tmp_path: Path) -> None:
    """Four times the operations, with as many changes, cost at most about four times as much."""
    pairs = {n: (loaded(tmp_path, n), loaded(tmp_path, n, 5)) for n in (60, 240)}
    ratios = []
    for _ in range(3):
        small, large = (seconds(*pair) for pair in pairs.values())
        ratios.append(large / small)

    assert min(ratios) < 6


def test_equal_parts_cost_next_to_nothing(tmp_path: Path) -> None:
    """Comparing a contract with itself is far cheaper than reading it."""
    begun = time.process_time()
    old, new = loaded(tmp_path, 150), loaded(tmp_path, 150)
    reading = time.process_time() - begun

    assert seconds(old, new) < reading


def test_every_change_is_found(tmp_path: Path) -> None:
    """Ten changes among many operations are ten causes, each in request and response."""
    found = findings(changes(loaded(tmp_path, 100), loaded(tmp_path, 100, 10)))

    assert [one.code for one in found] == (
        ["request-constraint-tightened"] * 10 + ["response-narrowed"] * 10
    )
