"""What succeeds once with a thing gets another one each time, and what is removed is made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.report.findings import Report
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

CONTRACT = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
security: [{key: []}]
paths:
  /runs:
    post:
      responses:
        '201': &run {description: ok, content: {application/json: {schema: {type: object, required: [id, state], properties: {id: {type: integer}, state: {type: string}}}}}}
        '401': &no {description: no}
  /runs/{id}:
    parameters: [&id {name: id, in: path, required: true, schema: {type: integer}}]
    delete: {responses: {'204': &ok {description: gone}, '401': *no, '404': *no}}
  /runs/{id}/cancel:
    parameters: [*id]
    post: {responses: {'200': *run, '401': *no, '404': *no, '409': *no}}
  /runs/{id}/marks/{color}:
    parameters: [*id, {name: color, in: path, required: true, schema: {type: string, enum: [red, blue]}}]
    put:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string}}}}}}
      responses: {'200': *ok, '201': *ok, '400': *no, '401': *no, '404': *no}
    delete: {responses: {'204': *ok, '401': *no, '404': *no}}
"""  # noqa: E501  # a table of operations
KEY = "the-key-of-a-person"


class Runs:
    """A run of somebody with a mark; `opened` is the operation that asks for no credential."""

    def __init__(self, opened: str = "") -> None:
        self.opened = opened
        self.runs = {1: "going"}
        self.marks = {(1, "red")}

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """A run is cancelled once; a mark is there or not."""
        _, kind, *ids = asked.path.split("/")
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        let_in = scheme.lower() == "bearer" and token == KEY
        if not let_in and f"{asked.method} {'/'.join(ids[1:2])}" != self.opened:
            return 401, None
        if (asked.method, kind, ids) == ("POST", "runs", []):
            self.runs[len(self.runs) + 1] = "going"
            return 201, self._shown(len(self.runs))
        run = int(ids[0]) if ids and ids[0].isdigit() else 0
        if self.runs.get(run, "gone") == "gone":
            return 404, None
        if (asked.method, ids[1:]) == ("DELETE", []):
            self.runs[run] = "gone"
            return 204, None
        if (asked.method, ids[1:]) == ("POST", ["cancel"]):
            going, self.runs[run] = self.runs[run] == "going", "cancelled"
            return (200, self._shown(run)) if going else (409, None)
        if ids[1:2] == ["marks"] and ids[2] in ("red", "blue"):
            return self._mark(asked, (run, ids[2]))
        return 404, None

    def _shown(self, run: int) -> dict[str, Any]:
        return {"id": run, "state": self.runs[run]}

    def _mark(self, asked: Asked, mark: tuple[int, str]) -> tuple[int, Any]:
        there = mark in self.marks
        if asked.method == "DELETE":
            self.marks.discard(mark)
            return (204 if there else 404), None
        text = asked.json.get("text") if isinstance(asked.json, dict) else None
        if asked.method != "PUT" or not isinstance(text, str):
            return (400 if asked.method == "PUT" else 405), None
        self.marks.add(mark)
        return (200 if there else 201), None


def ran(folder: Path, runs: Runs) -> Report:
    """A run that may write."""
    families = frozenset({ClauseKind.STEADINESS, ClauseKind.CREDENTIALS})
    answering = Application(runs.answer)
    options: dict[str, Any] = {"families": families, "max_examples": 0, "allow_writes": True}
    return run(contract_of(folder, CONTRACT), answering, KEY, by_clock=True, **options)


def weighty(report: Report) -> set[str]:
    """The clauses of all places that are no note."""
    return {
        place.clause for one in report.findings if one.level.value != "note" for place in one.places
    }


@pytest.mark.parametrize(
    ("opened", "operation"),
    [
        ("POST cancel", "POST /runs/{id}/cancel"),
        ("DELETE marks", "DELETE /runs/{id}/marks/{color}"),
    ],
)
def test_an_open_door_is_seen_behind_what_succeeds_once(
    tmp_path: Path, opened: str, operation: str
) -> None:
    """A bad credential is tried where a good one would succeed, and nothing of others is used."""
    runs = Runs(opened)
    found = weighty(ran(tmp_path, runs))

    assert f"{operation} security.missing" in found
    assert all(one.startswith(f"{operation} security.") for one in found)
    assert runs.runs[1] == "going"
    assert (1, "red") in runs.marks


def test_what_succeeds_once_is_accused_of_nothing(tmp_path: Path) -> None:
    """That a run is over is no finding, however often it was asked."""
    runs = Runs()

    assert weighty(ran(tmp_path, runs)) == set()
    assert set(runs.runs.values()) == {"going", "gone"}


NOTES = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
security: [{key: []}]
paths:
  /notes:
    post:
      responses:
        '201': &note {description: ok, content: {application/json: {schema: {type: object, required: [id, text], properties: {id: {type: integer}, text: {type: string}}}}}}
        '401': &no {description: no}
  /notes/{id}:
    parameters: [&id {name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': *note, '401': *no, '404': *no}}
    delete: {responses: {'204': *no, '401': *no, '404': *no}}
  /notes/{id}/restore:
    parameters: [*id]
    post: {responses: {'200': *note, '401': *no, '404': *no, '409': *no}}
"""  # noqa: E501  # a table of operations
RESTORE = "POST /notes/{id}/restore"


class Notes:
    """Notes that are kept when they are deleted, unless a server is `strict`; its faults.

    `opened`: a restoring needs no credential. `wordless`: its answer lacks a property. `always`:
    what is there can be restored as well.
    """

    def __init__(self, **faults: bool) -> None:
        self.faults, self.there = faults, {1: True}

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """One request."""
        key = asked.path.removeprefix("/notes").strip("/").removesuffix("/restore")
        restores, note = asked.path.endswith("/restore"), int(key) if key.isdigit() else 0
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        let_in = scheme.lower() == "bearer" and token == KEY
        if not let_in and not (restores and self.faults.get("opened")):
            return 401, None
        if asked.method == "POST" and not key:
            note = max(self.there) + 1
            self.there[note] = True
            return 201, {"id": note, "text": "new"}
        if note not in self.there or asked.method not in ("POST", "GET", "DELETE"):
            return (404, None) if asked.method in ("POST", "GET", "DELETE") else (405, None)
        if asked.method == "POST" and restores:
            if self.there[note] and not self.faults.get("always"):
                return 409, None
            self.there[note] = True
            return 200, {"id": note} if self.faults.get("wordless") else {"id": note, "text": "old"}
        if restores or asked.method == "POST":
            return 405, None
        if not self.there[note]:
            return 404, None
        if asked.method == "DELETE":
            self.there[note] = False
            if self.faults.get("strict"):
                del self.there[note]
            return 204, None
        return 200, {"id": note, "text": "new"}


@pytest.mark.parametrize(
    ("fault", "verdict", "shown"),
    [
        ("", "held", set[str]()),
        ("always", "held", set[str]()),
        ("strict", "inconclusive", set[str]()),
        ("wordless", "held", {"response.200.text.required"}),
        ("opened", "held", {"missing"}),
    ],
)
def test_what_was_deleted_is_brought_back(
    tmp_path: Path, fault: str, verdict: str, shown: set[str]
) -> None:
    """A thing is made and deleted for each restoring, and deleted once more at the end."""
    notes = Notes(**{fault: True})
    families = frozenset({ClauseKind.STEADINESS, ClauseKind.CREDENTIALS, ClauseKind.EDGES})

    report = run(
        contract_of(tmp_path, NOTES), Application(notes.answer), KEY, by_clock=True,
        allow_writes=True, families=families, max_examples=0,
    )  # fmt: skip

    found = {one.id: one.verdict.value for one in report.clauses}
    places = {one.rpartition(" ")[2].removeprefix("security.") for one in weighty(report)}
    assert found[f"{RESTORE} control"] == verdict
    assert places >= shown if shown else not places
    assert {one for one, there in notes.there.items() if there} == {1}
    assert not [one for one in report.remarks if "left behind" in one]
