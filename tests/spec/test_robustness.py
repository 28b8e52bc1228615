"""Whatever a contract says, it is read or refused in a sentence; nothing else ever comes out."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spec import AI_CONTRACT, AI_OVERLAY, SpecError, load
from spec.reading.document_text import read_file

JUNK: list[Any] = [
    None, True, 0, -1, 1.5, "", "x", "#/", "#/paths", "{", [], [None], {}, {"": 1}, {"$ref": "#"},
    {"$ref": "#/components/schemas/ChatRequest"}, {"$ref": 1}, {"type": 7}, [[]], "☃", "\ud7ff",
]  # fmt: skip


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path into a document."""
    found = [path]
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            found += places(value[key], (*path, key))
    return found


def replaced(value: Any, path: tuple[str | int, ...], junk: Any) -> Any:
    """A copy of a document with junk at a path."""
    changed = copy.deepcopy(value)
    node = changed
    for token in path[:-1]:
        node = node[token]
    node[path[-1]] = junk
    return changed


DOCUMENT = read_file(AI_CONTRACT).plain()
PLACES = [path for path in places(DOCUMENT) if path]


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(JUNK)), min_size=1, max_size=3))
def test_junk_anywhere_is_survived(
    tmp_path: Path, changes: list[tuple[tuple[str | int, ...], Any]]
) -> None:
    """A fault says where it is; what is left can be asked for."""
    document = DOCUMENT
    for path, junk in changes:
        try:
            document = replaced(document, path, junk)
        except (KeyError, IndexError, TypeError):
            continue
    file = tmp_path / "api.json"
    file.write_text(json.dumps(document))
    try:
        contract = load(file)
    except SpecError:
        return
    contract.check_schemas()

    assert all(fault.place.file.endswith("api.json") for fault in contract.faults)
    assert all(operation.id for operation in contract.operations)


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_an_overlay_of_junk_is_survived(tmp_path: Path, junk: Any) -> None:
    """An overlay's update is as untrusted as a contract."""
    overlay = tmp_path / "o.json"
    action = {"target": "$.paths.*.*.responses['401']", "update": {"x-mock-content": junk}}
    overlay.write_text(json.dumps({"overlay": "1.0.0", "actions": [action]}))

    assert len(load(AI_CONTRACT, overlay=overlay).operations) == 9


def test_the_packaged_contract_has_no_fault() -> None:
    """Neither has its overlay."""
    contract = load(AI_CONTRACT, overlay=AI_OVERLAY)
    contract.check_schemas()

    assert contract.faults == ()
