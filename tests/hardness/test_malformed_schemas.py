"""A keyword whose value is of the wrong form is served around: no traceback in any room."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.controls import candidates
from conformance.clauses import derive
from conformance.diff import changes, findings
from conformance.http.credentials import Credentials
from conformance.lint import lint
from mock_server import create_app
from spec import Contract, load
from spec.reading.grammar import OBJECTS
from spec.schemas.keywords import well_formed
from tests.conformance.kit.running import run
from tests.mock_server.asking import ask

JUNK = (True, "x", [7], {"x": 7})
KEYWORDS = sorted(OBJECTS["Schema"])


def contract_of(folder: Path, schemas: list[Any], version: str) -> Contract:
    """An operation for each schema, which stands in its parameter, request and response."""
    paths: dict[str, Any] = {}
    for number, schema in enumerate(schemas):
        properties = {"p": schema, "q": {"type": "string"}}
        media_type = {"schema": {"type": "object", "properties": properties}}
        content: dict[str, Any] = {"application/json": media_type}
        operation = {
            "parameters": [{"name": "q", "in": "query", "schema": schema}],
            "requestBody": {"required": True, "content": content},
            "responses": {"200": {"description": "d", "content": content}},
        }
        paths[f"/a{number}"] = {"post": operation}
    document = {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": paths}
    file = folder / "contract.json"
    file.write_text(json.dumps(document))
    return load(file)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.1.0"])
def test_every_keyword(tmp_path: Path, version: str) -> None:
    """Every keyword with kinds of value that it does not have."""
    schemas = [{"type": "object", key: junk} for key in KEYWORDS for junk in JUNK]
    contract = contract_of(tmp_path, schemas, version)
    plain = contract_of(tmp_path, [{"type": "object"}] * len(schemas), version)
    app = create_app(contract)

    assert list(derive(contract))
    assert lint(contract)
    assert findings(changes(contract, plain))
    for operation in contract.operations:
        assert list(candidates(contract, operation, Credentials()))
        answer = ask(app, "POST", operation.path, json_body={"q": "x"})
        assert answer.status < 500 or b"unserved" in answer.body, operation.path


def test_a_run(tmp_path: Path) -> None:
    """The kit judges what is left of such schemas."""
    schemas = [
        {"required": True},
        {"type": "String"},
        {"allOf": 7},
        {"enum": 7},
        {"minLength": "x"},
    ]
    contract = contract_of(tmp_path, schemas, "3.0.3")

    report = run(contract, create_app(contract), allow_writes=True, max_examples=0)

    assert report.findings == ()


def test_what_is_left() -> None:
    """The sound keywords stay, and counts are whole numbers."""
    written = {
        "type": ["string", "null"],
        "required": True,
        "enum": "x",
        "minLength": 2.0,
        "maxLength": -1,
        "minimum": float("inf"),
        "exclusiveMinimum": True,
        "pattern": 7,
        "properties": [],
        "x-own": 1,
    }

    assert well_formed(written) == {
        "type": ["string", "null"],
        "minLength": 2,
        "exclusiveMinimum": True,
        "x-own": 1,
    }
