"""Many edits at once: each breaking one is shown, no harmless one is accused."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.diff import changes, findings
from conformance.report.findings import Finding, Level
from spec import load
from tests.conformance.gate.edits import Edit, edited, shop_edits

pytestmark = pytest.mark.slow

SHOP, EDITS = shop_edits()
OPERATIONS = {
    operation["operationId"]: f"{method.upper()} {path}"
    for path, item in SHOP["paths"].items()
    for method, operation in item.items()
}


def compared(folder: Path, edits: list[Edit]) -> tuple[Finding, ...]:
    (folder / "old.json").write_text(json.dumps(SHOP), "utf-8")
    (folder / "new.json").write_text(json.dumps(edited(SHOP, edits)), "utf-8")
    return findings(changes(load(folder / "old.json"), load(folder / "new.json")))


def shown(found: tuple[Finding, ...], told: str, operation: str) -> bool:
    """Whether an error with a witness has the code, the words and the operation."""
    code, _, words = told.partition(" ")
    return any(
        one.code == code
        and one.level is Level.ERROR
        and one.witness is not None
        and words.strip() in one.title
        and (not operation or OPERATIONS[operation] in one.operations)
        for one in found
    )


def untrue(found: tuple[Finding, ...], edits: list[Edit]) -> Iterator[str]:
    for edit in edits:
        for told, operation in edit.breaks.items():
            if not shown(found, told, operation):
                yield f"{edit.name}: {told} is not shown for {operation}"
        for one in found if edit.quiet else ():
            if one.level is not Level.NOTE and edit.quiet in one.title:
                yield f"{edit.name}: accused of {one.title}"
    yield from (one.title for one in found if one.code == "undecided")


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_one_edit_is_one_finding(edit: Edit, tmp_path: Path) -> None:
    """A breaking edit is as many errors as it has codes, and a harmless one is none."""
    found = compared(tmp_path, [edit])
    codes = {told.partition(" ")[0] for told in edit.breaks}
    errors = [one for one in found if one.level is Level.ERROR]

    assert not list(untrue(found, [edit]))
    assert [one for one in found if one.level is Level.WARNING] == []
    assert len(errors) == len(codes)


@pytest.mark.parametrize("seed", range(30))
def test_some_edits_at_once(seed: int, tmp_path: Path) -> None:
    """From 3 to 10 edits of any kind do not hide each other."""
    drawn = random.Random(seed)
    chosen = drawn.sample(EDITS, drawn.randint(3, 10))
    found = compared(tmp_path, chosen)
    breaking = sum(len({told.partition(" ")[0] for told in one.breaks}) for one in chosen)

    assert not list(untrue(found, chosen))
    assert sum(one.level is Level.ERROR for one in found) == breaking


def test_all_edits_at_once(tmp_path: Path) -> None:
    """Sixty edits in one contract, and each is told."""
    kept = [edit for edit in EDITS if edit.name != "no deletion"]

    assert not list(untrue(compared(tmp_path, kept), kept))
