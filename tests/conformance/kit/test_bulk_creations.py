"""POST of a list below a collection: what it makes is read back, and removed at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.bulk_creations import bulk_creation
from conformance.clauses.collection_operations import collection_operations
from conformance.clauses.kinds import ClauseKind
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import codes, contract_of, run, verdicts

ROWS = """
components: {schemas: {Row: {type: object, properties: {id: {type: string}, text: {type: string}}}}}
paths:
  /rows/bulk:
    post:
      requestBody: {required: true, content: {application/json: {schema: SENT}}}
      responses: {'201': {description: made, content: {application/json: {schema:
        {type: array, items: {$ref: '#/components/schemas/Row'}}}}}, '400': {description: no}}
  /rows/{rowId}:
    parameters: [{name: rowId, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: it, content: {application/json: {schema:
      {$ref: '#/components/schemas/Row'}}}}, '404': &none {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': *none}}
"""
NEW = "{type: object, required: [text], properties: {text: {type: string, minLength: 1}}}"
BULK = "POST /rows/bulk"


@pytest.mark.parametrize(
    ("sent", "makes"),
    [
        (f"{{type: array, items: {NEW}}}", True),
        (f"{{type: object, properties: {{rows: {{type: array, items: {NEW}}}}}}}", True),
        # What has its id already is there; a list of another name is a part of one thing.
        ("{type: array, items: {$ref: '#/components/schemas/Row'}}", False),
        (f"{{type: object, properties: {{tags: {{type: array, items: {NEW}}}}}}}", False),
        (NEW, False),
    ],
)
def test_a_list_of_what_has_no_id_yet_is_made(tmp_path: Path, sent: str, makes: bool) -> None:
    """It adds to the collection above, although its own path has another name."""
    contract = contract_of(tmp_path, ROWS.replace("SENT", sent))
    operation = contract.operation(BULK)
    assert operation is not None

    assert (collection_operations(contract).made_by(operation) == "/rows") is makes
    assert (bulk_creation(contract, BULK) is not None) is makes


@pytest.mark.parametrize("whole", [True, False])
def test_all_of_a_list_is_stored_and_removed(tmp_path: Path, whole: bool) -> None:
    """One that stores the first alone answers with all of them."""
    rows, made = dict[str, Any](), list[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        key, sent = asked.path.removeprefix("/rows/"), asked.json
        if asked.path == "/rows/bulk" and asked.method == "POST":
            if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
                return 400, None
            new = [{"id": f"r{len(made) + at}", **one} for at, one in enumerate(sent)]
            made.extend(one["id"] for one in new)
            rows.update({one["id"]: one for one in (new if whole else new[:1])})
            return 201, new
        if key not in rows:
            return 404, None
        return (204, rows.pop(key) and None) if asked.method == "DELETE" else (200, rows[key])

    schema = f"{{type: array, minItems: 1, items: {NEW}}}"
    report = run(
        contract_of(tmp_path, ROWS.replace("SENT", schema)), Application(answer), by_clock=True,
        allow_writes=True, families=frozenset({ClauseKind.STATE}), include=(BULK,),
    )  # fmt: skip

    assert codes(report) == ([] if whole else ["lost-creation"])
    assert verdicts(report)["state.readable"] == ("held" if whole else "broken")
    assert len(made) > 1
    assert rows == {}
