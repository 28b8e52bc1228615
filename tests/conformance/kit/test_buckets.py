"""Buckets that their makers name, files that everybody may read, rows that a query selects."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.clauses.state_promises import also_called
from conformance.report.findings import Report
from conformance.run.things.thing_references import references
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

CONTRACT = """
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  parameters:
    bucket: {name: bucketName, in: path, required: true, schema: {type: string}, example: avatars}
    file: {name: name, in: path, required: true, schema: {type: string}, example: a.txt}
  schemas:
    File: {type: object, required: [text], properties: {text: {type: string, example: of the run}}}
    Title: {type: string, minLength: 1, maxLength: 20, example: first}
    Row: {type: object, required: [id, title], properties: {id: {type: integer}, title: {$ref: '#/components/schemas/Title'}}}
security: [{key: []}]
paths:
  /buckets:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: array
                items: {type: object, properties: {bucketName: {type: string}, open: {type: boolean}, copyOf: {type: object, properties: {bucketName: {type: string}}}}}
        '401': &no {description: no}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [bucketName]
              properties:
                bucketName: {type: string, pattern: '^[a-z0-9-]+$', maxLength: 50, example: avatars}
                isOpen: {type: boolean, default: true}
      responses: {'201': &ok {description: ok}, '400': *no, '401': *no, '409': *no}
  /buckets/{bucketName}:
    parameters: [{$ref: '#/components/parameters/bucket'}]
    delete: {responses: {'204': *ok, '401': *no, '404': *no}}
  /buckets/{bucketName}/files/{name}:
    parameters: [{$ref: '#/components/parameters/bucket'}, {$ref: '#/components/parameters/file'}]
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/File'}}}}
      responses: {'201': *ok, '400': *no, '401': *no, '404': *no}
    get: {responses: {'200': &file {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/File'}}}}, '404': *no}}
    delete: {responses: {'204': *ok, '401': *no, '404': *no}}
  /rows/{bucketName}:
    parameters: [{$ref: '#/components/parameters/bucket'}]
    get:
      parameters: [{name: id, in: query, schema: {type: integer}}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Row'}}}}}
        '400': *no
        '401': *no
        '404': *no
    patch:
      parameters: [{name: id, in: query, required: true, schema: {type: integer}, example: 2}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              minProperties: 1
              properties: {title: {$ref: '#/components/schemas/Title'}, drop: {type: array, items: {type: string, example: note}}}
      responses: {'200': *ok, '400': *no, '401': *no, '404': *no}
"""  # noqa: E501  # a table of operations
PUBLIC = CONTRACT.replace(
    "get: {responses: {'200': &file", "get: {security: [], responses: {'200': &file"
)
KEY = "the-key-of-a-person"
ROWS = [{"id": 1, "title": "one"}, {"id": 2, "title": "two"}]


class Store:
    """Somebody's bucket with one file; every bucket has two rows."""

    def __init__(self, *faults: str, public: bool = False) -> None:
        self.faults, self.public = set(faults), public
        self.buckets: dict[str, Any] = {
            "avatars": {
                "open": False,
                "files": {"a.txt": {"text": "of somebody"}},
                "rows": deepcopy(ROWS),
            }
        }
        self.before = deepcopy(self.buckets)

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Strict about credentials, types and names."""
        public = self.public and asked.method == "GET" and "/files/" in asked.path
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if not public and (scheme.lower() != "bearer" or token != KEY):
            return 401, None
        kind, _, rest = asked.path.strip("/").partition("/")
        name, _, below = rest.partition("/")
        if kind == "buckets" and not rest:
            return self._all(asked)
        if name not in self.buckets:
            return 404, None
        bucket = self.buckets[name]
        if kind == "rows" and not below:
            return self._rows(asked, bucket["rows"])
        if not below:
            if asked.method != "DELETE":
                return 405, None
            del self.buckets[name]
            return 204, None
        return self._file(asked, bucket, unquote(below.partition("/")[2]))

    def _all(self, asked: Asked) -> tuple[int, Any]:
        if asked.method == "GET":
            shown = self.buckets.items()
            return 200, [{"bucketName": name, "open": one["open"]} for name, one in shown]
        sent = asked.json
        if asked.method != "POST":
            return 405, None
        if not _is_json(asked):
            return 415, None
        name = sent.get("bucketName") if isinstance(sent, dict) else None
        right = isinstance(name, str) and re.fullmatch("[a-z0-9-]{1,50}", name)
        if not right or not isinstance(sent.get("isOpen", True), bool):
            return 400, None
        assert name is not None
        if name in self.buckets:
            return 409, None
        is_open = sent.get("isOpen", True) if "closes-none" not in self.faults else True
        self.buckets[name] = {"open": is_open, "files": {}, "rows": deepcopy(ROWS)}
        return 201, None

    def _file(self, asked: Asked, bucket: dict[str, Any], name: str) -> tuple[int, Any]:
        files = bucket["files"]
        if asked.method == "PUT":
            sent = asked.json
            if (
                not _is_json(asked)
                or not isinstance(sent, dict)
                or not isinstance(sent.get("text"), str)
            ):
                return (400 if _is_json(asked) else 415), None
            files.update({} if "stores-no-file" in self.faults else {name: {"text": sent["text"]}})
            return 201, None
        hidden = asked.method == "GET" and "hides" in self.faults
        if name not in files or hidden:
            return 404, None
        if asked.method == "DELETE" and "keeps-files" not in self.faults:
            del files[name]
        return (204, None) if asked.method == "DELETE" else (200, files[name])

    def _rows(self, asked: Asked, rows: list[dict[str, Any]]) -> tuple[int, Any]:
        found = re.fullmatch(r"id=(-?\d{1,30})", asked.query)
        if asked.query.startswith("id=") and found is None:
            return 400, None
        chosen = [one for one in rows if found is None or one["id"] == int(found[1])]
        if asked.method == "GET":
            return 200, chosen
        sent = asked.json
        if asked.method != "PATCH" or not _is_json(asked):
            return (405 if asked.method != "PATCH" else 415), None
        title = sent.get("title", "-") if isinstance(sent, dict) and sent else ""
        drop = sent.get("drop", []) if isinstance(sent, dict) else None
        right = isinstance(drop, list) and all(isinstance(one, str) for one in drop)
        if found is None or not right or not isinstance(title, str) or not 0 < len(title) <= 20:
            return 400, None
        if drop:
            return 404, None  # no row has a column of such a name
        for one in chosen if "title" in sent and "keeps-rows" not in self.faults else ():
            one["title"] = title
        return 200, None


def _is_json(asked: Asked) -> bool:
    said = asked.headers.get("content-type", "")
    return said.partition(";")[0].strip().lower() == "application/json"


def ran(folder: Path, store: Store, **options: Any) -> Report:
    """A run on all of it that may write."""
    contract = contract_of(folder, PUBLIC if store.public else CONTRACT)
    families = frozenset({ClauseKind.STATE, ClauseKind.BODY, ClauseKind.EDGES})
    options = {"max_examples": 0, "allow_writes": True, "families": families} | options
    return run(contract, Application(store.answer), KEY, by_clock=True, **options)


def weighty(report: Report) -> list[str]:
    """The clauses of all places that are no note."""
    return [
        place.clause for one in report.findings if one.level.value != "note" for place in one.places
    ]


@pytest.mark.parametrize("public", [False, True])
def test_what_is_right_is_accused_of_nothing(tmp_path: Path, public: bool) -> None:
    """Neither rows that a query does not select, nor names of columns that nobody has."""
    store = Store(public=public)
    report = ran(tmp_path, store)
    verdicts = {one.id: one.verdict.value for one in report.clauses}

    assert weighty(report) == []
    assert store.buckets == store.before
    assert verdicts["DELETE /buckets/{bucketName} state.gone"] == "held"
    assert verdicts["PATCH /rows/{bucketName} state.changed"] == "held"
    assert verdicts["DELETE /buckets/{bucketName}/files/{name} state.gone"] == "held"


@pytest.mark.parametrize(
    ("fault", "clause"),
    [
        ("closes-none", "POST /buckets state.readable"),
        ("stores-no-file", "PUT /buckets/{bucketName}/files/{name} state.changed"),
        ("keeps-files", "DELETE /buckets/{bucketName}/files/{name} state.gone"),
        ("keeps-rows", "PATCH /rows/{bucketName} state.changed"),
    ],
)
def test_what_does_not_last_is_found(tmp_path: Path, fault: str, clause: str) -> None:
    """A default that is stored in the place of what was sent; a 201 to what is not there."""
    families = frozenset({ClauseKind.STATE})

    assert weighty(ran(tmp_path, Store(fault), families=families)) == [clause]


def test_what_is_not_public_may_be_hidden(tmp_path: Path) -> None:
    """A GET without a credential shows no file of a closed bucket, which proves no loss."""
    assert weighty(ran(tmp_path, Store("hides", public=True))) == []


def test_what_everybody_may_read_is_read_without_a_credential(tmp_path: Path) -> None:
    """A file that was shown before it was deleted is shown after."""
    families = frozenset({ClauseKind.STATE})

    assert weighty(ran(tmp_path, Store("keeps-files", public=True), families=families)) == [
        "DELETE /buckets/{bucketName}/files/{name} state.gone"
    ]


@pytest.mark.parametrize(
    ("sent", "read", "called"),
    [
        (["isPublic"], ["public", "name"], {"public": "isPublic"}),
        (["table_name"], ["tableName"], {"tableName": "table_name"}),
        (["isPublic", "public"], ["public"], {}),
        (["isPublic"], ["public", "hasPublic"], {}),
        (["is"], ["name"], {}),
    ],
)
def test_what_is_called_otherwise_is_compared(
    sent: list[str], read: list[str], called: dict[str, str]
) -> None:
    """Where the words are the same, and no other property has them."""
    assert also_called(sent, read) == called


def test_a_maker_names_what_it_makes(tmp_path: Path) -> None:
    """`bucketName` of `POST /buckets` is a new name; below another property it is a reference."""
    contract = contract_of(tmp_path, CONTRACT)
    making, other = (
        contract.operation(one) for one in ("POST /buckets", "PATCH /rows/{bucketName}")
    )
    assert making is not None
    assert other is not None
    named = references(contract)

    assert not named.of(making).names_a_thing(("bucketName",))
    assert named.of(making).names_a_thing(("copyOf", "bucketName"))
    assert named.of(other).names_a_thing(("bucketName",))
    assert named.of(making).referring(
        [{"bucketName": "a", "copyOf": {"bucketName": "a"}}], lambda _: "b"
    ) == [{"bucketName": "a", "copyOf": {"bucketName": "b"}}]
