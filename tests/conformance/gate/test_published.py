"""Fifty breaking changes of the published contract are found, and harmless ones are not accused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.diff import changes, findings
from conformance.report.findings import Finding, Level
from spec import AI_CONTRACT, Contract, load
from spec.model.pointers import split
from tests.yaml_files import read_yaml

CASES: dict[str, list[dict[str, Any]]] = read_yaml(
    Path(__file__).parent / "pairs" / "published.yaml"
)
DOCUMENT = read_yaml(AI_CONTRACT)


@pytest.fixture(scope="module")
def published() -> Contract:
    return load(AI_CONTRACT)


def compared(published: Contract, case: dict[str, Any], folder: Path) -> tuple[Finding, ...]:
    text = json.dumps(DOCUMENT)
    document = json.loads(text.replace(*case["rename"]) if "rename" in case else text)
    for pointer, value in case.get("set", {}).items():
        put(document, split(f"#{pointer}"), value)
    file = folder / "new.json"
    file.write_text(json.dumps(document), "utf-8")
    return findings(changes(published, load(file)))


def put(node: Any, path: list[str], value: Any) -> None:
    *above, last = path
    for token in above:
        node = node[int(token) if isinstance(node, list) else token]
    if isinstance(node, list):
        node[int(last) :] = [] if value == "-" else [value]
    elif value == "-":
        del node[last]
    else:
        node[last] = value


@pytest.mark.parametrize("case", CASES["breaking"], ids=lambda case: str(case["name"]))
def test_breaking(case: dict[str, Any], published: Contract, tmp_path: Path) -> None:
    """A breaking change is an error of its kind, and is shown."""
    found = compared(published, case, tmp_path)
    errors = [one for one in found if one.level is Level.ERROR]

    assert sorted({one.code for one in errors}) == sorted(case["breaks"])
    assert all(one.witness for one in errors)
    assert "undecided" not in {one.code for one in found}


@pytest.mark.parametrize("case", CASES["harmless"], ids=lambda case: str(case["name"]))
def test_harmless(case: dict[str, Any], published: Contract, tmp_path: Path) -> None:
    """A harmless change is no error, and is not left undecided."""
    found = compared(published, case, tmp_path)

    assert [(one.code, one.title) for one in found if one.level is Level.ERROR] == []
    assert "undecided" not in {one.code for one in found}


def in_openapi_31(value: Any) -> Any:
    """A schema of OpenAPI 3.0 as 3.1 writes it: `nullable` is a type."""
    if isinstance(value, list):
        return [in_openapi_31(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: in_openapi_31(child) for key, child in value.items()}
    if made.get("nullable") is True:
        made["type"] = [made["type"], "null"]
        del made["nullable"]
    return made


def test_another_version_of_openapi(published: Contract, tmp_path: Path) -> None:
    """The same promises, written in OpenAPI 3.1, are the same promises, both ways."""
    file = tmp_path / "new.json"
    file.write_text(json.dumps({**in_openapi_31(DOCUMENT), "openapi": "3.1.0"}), "utf-8")
    newer = load(file)

    assert findings(changes(published, newer)) == ()
    assert findings(changes(newer, published)) == ()


def test_there_are_enough() -> None:
    """As many as other tools were measured with."""
    assert len(CASES["breaking"]) >= 50
    assert len(CASES["harmless"]) >= 32
