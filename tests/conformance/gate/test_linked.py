"""Schemas that refer to many others are compared part by part, with the same verdicts."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from conformance.diff import changes, findings
from conformance.diff.cuts import linked
from conformance.report.findings import Finding, Level
from spec import load
from tests.conformance.gate.edits import edited, shop_edits

pytestmark = pytest.mark.slow

SHOP, EDITS = shop_edits()


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


LIBRARY: dict[str, Any] = {
    "Book": {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": {"type": "string"},
            "author": reference("Person"),
            "lent": {
                "type": "array",
                "minItems": 1,
                "items": reference("Loan"),
            },
            "places": {"additionalProperties": reference("Shelf")},
            "medium": {
                "oneOf": [
                    reference("Paper"),
                    reference("File"),
                ]
            },
            "state": reference("State"),
        },
    },
    "Person": {
        "allOf": [
            reference("Named"),
            {"properties": {"books": {"items": reference("Book")}}},
        ]
    },
    "Named": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
    "Loan": {
        "type": "object",
        "required": ["by", "days"],
        "properties": {"by": reference("Person"), "days": {"type": "integer"}},
    },
    "Shelf": {"type": "object", "properties": {"floor": {"type": "integer"}}},
    "Paper": {
        "type": "object",
        "required": ["pages"],
        "properties": {"pages": {"type": "integer"}},
    },
    "File": {"type": "object", "required": ["bytes"], "properties": {"bytes": {"type": "integer"}}},
    "State": {"type": "string", "enum": ["in", "out"]},
}


def library(schemas: dict[str, Any]) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": reference("Book")}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Library", "version": "1"},
        "paths": {
            "/books": {
                "post": {
                    "requestBody": {"required": True, **content},
                    "responses": {"200": {"description": "Kept", **content}},
                }
            }
        },
        "components": {"schemas": schemas},
    }


def compared(folder: Path, old: dict[str, Any], new: dict[str, Any]) -> tuple[Finding, ...]:
    (folder / "old.json").write_text(json.dumps(old), "utf-8")
    (folder / "new.json").write_text(json.dumps(new), "utf-8")
    return findings(changes(load(folder / "old.json"), load(folder / "new.json")))


def told(found: tuple[Finding, ...]) -> list[tuple[Any, ...]]:
    return sorted(
        (one.level.value, one.code, one.title, str(one.place), one.clauses) for one in found
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_verdicts_are_those_of_whole_schemas(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Levels, codes, words, lines and clauses do not depend on how schemas are compared."""
    new = edited(SHOP, random.Random(seed).sample(EDITS, 10))
    monkeypatch.setattr(linked, "MOST", 10**9)
    whole = compared(tmp_path, SHOP, new)
    monkeypatch.setattr(linked, "MOST", -1)

    assert told(compared(tmp_path, SHOP, new)) == told(whole)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            {"Shelf": {"type": "object", "properties": {"floor": {"type": "string"}}}},
            "`places.key.floor` in the body of POST /books no longer takes",
        ),
        (
            {"Named": {**LIBRARY["Named"], "required": ["name", "born"]}},
            "`author.born` in the body of POST /books must now be sent",
        ),
        (
            {"Loan": {**LIBRARY["Loan"], "required": ["by"]}},
            "`lent[].days` in POST /books 200 may now be missing",
        ),
        (
            {
                "File": {
                    **LIBRARY["File"],
                    "properties": {"bytes": {"type": "integer", "maximum": 9}},
                }
            },
            "`medium` in the body of POST /books now takes only what fits one of the alternatives",
        ),
        (
            {"State": {"type": "string", "enum": ["in", "out", "lost"]}},
            "`state` in POST /books 200 may now be `lost`; clients know only in, out",
        ),
        (
            {
                "Book": {
                    **LIBRARY["Book"],
                    "properties": {
                        **LIBRARY["Book"]["properties"],
                        "author": reference("Loan"),
                    },
                }
            },
            "`author.by` in the body of POST /books must now be sent",
        ),
    ],
    ids=["map", "all of", "list", "one of", "leaf", "another reference"],
)
def test_what_breaks_deep_below_is_shown(
    edit: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The witness is a whole body that holds the part, and the words name the way to it."""
    monkeypatch.setattr(linked, "MOST", -1)
    found = compared(tmp_path, library(LIBRARY), library({**LIBRARY, **edit}))
    broken = [one for one in found if one.level is Level.ERROR]

    assert any(one.title.startswith(said) for one in broken)
    assert all(one.witness for one in broken)
    assert not [one for one in found if one.code == "undecided"]


def test_other_names_are_no_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a schema is called, and whether it is written in place, is nothing to a client."""
    monkeypatch.setattr(linked, "MOST", -1)
    text = json.dumps(LIBRARY).replace("schemas/Loan", "schemas/Lending")
    renamed = json.loads(text)
    renamed["Lending"] = renamed.pop("Loan")
    renamed["Book"]["properties"]["places"] = {"additionalProperties": renamed.pop("Shelf")}

    assert compared(tmp_path, library(LIBRARY), library(renamed)) == ()


def test_a_new_property_of_what_others_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NEW puts a schema into a value that OLD has, changed, in another operation only."""
    monkeypatch.setattr(linked, "MOST", -1)
    old, new = (
        library({**LIBRARY, "Fault": {"type": "string"}}),
        library(
            {
                **LIBRARY,
                "Fault": {"type": "string", "enum": ["none"]},
                "Shelf": {
                    "type": "object",
                    "properties": {"floor": {"type": "integer"}, "fault": reference("Fault")},
                },
            }
        ),
    )
    for one in (old, new):
        content = {"content": {"application/json": {"schema": reference("Fault")}}}
        one["paths"] = {
            "/": {"get": {"responses": {"200": {"description": "Fault", **content}}}},
            **one["paths"],
        }

    assert {one.code for one in compared(tmp_path, old, new)} == {
        "property-declared",
        "response-narrowed",
    }
