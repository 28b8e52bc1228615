"""What a comparison costs: next to nothing for what is equal, and no more than in proportion."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from conformance.diff import changes, findings
from conformance.diff.parts.media import paired
from conformance.report.findings import Level
from spec import Contract, MediaType, load
from tests.conformance.gate.large import large_contract, linked_contract


def written(folder: Path, name: str, contract: dict[str, Any]) -> Path:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(contract, indent=1), "utf-8")
    return file


def loaded(folder: Path, operations: int, changed: int = 0) -> Contract:
    contract = large_contract(operations, changed)
    return load(written(folder, f"{operations}-{changed}", contract))


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
        if ratios[-1] < 6:
            break

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


@pytest.mark.slow
def test_schemas_that_all_refer_to_each_other(tmp_path: Path) -> None:
    """Each edit is told once, with all the operations that it reaches, in time in proportion."""
    spent = {}
    for size in (8, 40):
        old, new = (
            load(written(tmp_path, f"{size}-{changed}", linked_contract(size, changed)))
            for changed in (0, 5)
        )
        begun = time.process_time()
        found = findings(changes(old, new))
        spent[size] = time.process_time() - begun

        broken = [one for one in found if one.level is Level.ERROR]
        assert len(broken) == 5
        assert all(one.code == "request-constraint-tightened" for one in broken)
        assert all(one.witness for one in broken)
        assert all(len(one.operations) == size for one in broken)
        assert {one.place.file for one in broken if one.place} == {new.file}
        assert not [one for one in found if one.code == "undecided"]

    # Few that all lead to each other cost no more than many.
    assert spent[8] < 2 * spent[40] < 40 * max(spent[8], 0.05)


@pytest.mark.slow
def test_a_chain_longer_than_the_algebra_can_call(tmp_path: Path) -> None:
    """It calls itself for each schema in another one, and two thousand end the process."""
    links = 2_500
    named: dict[str, Any] = {
        f"S{at}": {"type": "array", "items": {"$ref": f"#/components/schemas/S{at + 1}"}}
        for at in range(links)
    }
    contract = large_contract(1)
    contract["components"]["schemas"] |= {**named, f"S{links}": {"type": "string"}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
    contract["paths"]["/deep"] = {
        "post": {"requestBody": {"content": content}, "responses": {"204": {"description": "ok"}}}
    }
    new = json.loads(json.dumps(contract))
    new["components"]["schemas"]["S0"]["minItems"] = 2
    old, changed = (load(written(tmp_path, n, c)) for n, c in (("old", contract), ("new", new)))

    assert seconds(old, changed) < 10
    assert [one.code for one in findings(changes(old, changed))] == ["request-constraint-tightened"]


@pytest.mark.parametrize("levels", [20, 90])
def test_a_chain_longer_than_python_can_call(levels: int, tmp_path: Path) -> None:
    """Schemas that refer to the next one, or stand in each other, end in an answer."""

    def chain(last: dict[str, object]) -> dict[str, object]:
        named: dict[str, object] = {
            f"S{at}": {"properties": {"n": {"$ref": f"#/components/schemas/S{at + 1}"}}}
            for at in range(levels)
        }
        named[f"S{levels}"] = inner = dict(last)
        for _ in range(levels):
            inner = {"properties": {"a": inner}}
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
        deep = {"text/json": {"schema": inner}}
        body = {"content": {**content, **deep}}
        operation = {"requestBody": body, "responses": {"204": {"description": "ok"}}}
        return {
            "openapi": "3.0.3",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"post": operation}},
            "components": {"schemas": named},
        }

    old = load(written(tmp_path, "old", chain({"type": "string"})))
    new = load(written(tmp_path, "new", chain({"type": "string", "maxLength": 4})))

    assert {one.code for one in findings(changes(old, new))} <= {
        "request-constraint-tightened",
        "undecided",
    }


def test_many_media_types_are_paired_in_time_in_proportion() -> None:
    """Each is looked up by its name, and not compared with all of the other contract."""

    def typed(kind: str, number: int) -> tuple[MediaType, ...]:
        names = (f"application/{kind}{one}" for one in range(number))
        return tuple(
            MediaType(name=name, pointer=f"#/{name}", schema=None, examples=()) for name in names
        )

    def cost(number: int) -> float:
        pairs = typed("x", number), typed("y", number)
        begun = time.process_time()
        assert len(paired(*pairs).added) == number
        return time.process_time() - begun

    assert min(cost(800) / cost(200) for _ in range(3)) < 8
