"""Rows that a query names (`?id=eq.1`): only those of the run are written, and they are found."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.report.findings import Report
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

CONTRACT = """
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Row: {type: object, required: [id, title], properties: {id: {type: integer}, title: {type: string}}}
    New: {type: object, required: [title], properties: {title: {type: string, minLength: 1, maxLength: 60, example: Buy milk}}}
security: [{key: []}]
paths:
  /rows:
    get:
      parameters: [{name: id, in: query, schema: {type: string, pattern: '^eq\\.[0-9]+$'}}]
      responses:
        '200': &rows {description: ok, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Row'}}}}}
        '400': &no {description: no}
        '401': *no
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: array, minItems: 1, maxItems: 9, items: {$ref: '#/components/schemas/New'}}, example: [{title: Buy milk}, {title: Call mum}]}}}
      responses: {'201': *rows, '400': *no, '401': *no}
    patch:
      parameters: [&id {name: id, in: query, required: true, schema: {type: string, pattern: '^eq\\.[0-9]+$'}, example: eq.1}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/New'}}}}
      responses: {'200': *rows, '400': *no, '401': *no, '404': *no}
    delete:
      parameters: [*id]
      responses: {'204': {description: gone}, '400': *no, '401': *no, '404': *no}
"""  # noqa: E501  # a table of operations
KEY = "the-key-of-a-person"
OTHERS = {1: "of somebody", 2: "of somebody else"}


class Rows:
    """Rows of others, and what is added.

    A `lenient` one takes all rows for a filter that is missing, or that it does not understand.
    """

    def __init__(self, fault: str = "", *, lenient: bool = False, open_door: bool = False) -> None:
        self.fault, self.lenient, self.open_door = fault, lenient, open_door
        self.rows, self.last = dict(OTHERS), 100

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Strict about credentials and bodies, unless the door is open."""
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if not self.open_door and (scheme.lower() != "bearer" or token != KEY):
            return 401, None
        if asked.path != "/rows":
            return 404, None
        if asked.method in ("POST", "PATCH") and _media_type(asked) != "application/json":
            return 415, None
        named = parse_qs(asked.query, keep_blank_values=True).get("id", [])
        found = re.fullmatch(r"eq\.(\d{1,9})", named[-1]) if named else None
        if found is None and not self.lenient and (named or asked.method not in _UNNAMED):
            return 400, None
        chosen = [one for one in self.rows if found is None or one == int(found[1])]
        if asked.method == "GET":
            return 200, [self._shown(one) for one in chosen]
        if asked.method == "POST":
            return self._added(asked.json)
        if asked.method not in ("PATCH", "DELETE"):
            return 405, None
        if not chosen:
            return 404, None
        return self._removed(chosen) if asked.method == "DELETE" else self._changed(asked, chosen)

    def _shown(self, row: int) -> dict[str, Any]:
        return {"id": row, "title": self.rows[row]}

    def _added(self, sent: Any) -> tuple[int, Any]:
        if not isinstance(sent, list) or not 0 < len(sent) < 10 or not all(map(_is_new, sent)):
            return 400, None
        made = range(self.last, self.last + len(sent))
        self.last += len(sent)
        kept = 1 if self.fault == "keeps-one" else len(sent)
        self.rows |= {row: one["title"] for row, one in list(zip(made, sent, strict=True))[:kept]}
        return 201, [{"id": row, **one} for row, one in zip(made, sent, strict=True)]

    def _changed(self, asked: Asked, chosen: list[int]) -> tuple[int, Any]:
        if not _is_new(asked.json):
            return 400, None
        said = [{"id": one, **asked.json} for one in chosen]
        if self.fault != "keeps-titles":
            self.rows |= dict.fromkeys(chosen, asked.json["title"])
        return 200, said

    def _removed(self, chosen: list[int]) -> tuple[int, Any]:
        for one in chosen if self.fault != "keeps-rows" else ():
            del self.rows[one]
        return 204, None


_UNNAMED = ("GET", "POST")


def _media_type(asked: Asked) -> str:
    return asked.headers.get("content-type", "").partition(";")[0].lower()


def _is_new(value: Any) -> bool:
    title = value.get("title") if isinstance(value, dict) else None
    return isinstance(title, str) and 0 < len(title) <= 60


def ran(folder: Path, rows: Rows, **options: Any) -> Report:
    """A run on all of it."""
    families = frozenset({ClauseKind.STATE, ClauseKind.PARAMETERS, ClauseKind.EDGES})
    options = {"max_examples": 0, "allow_writes": True, "families": families} | options
    options = {"max_billable": 8} | options
    answering = Application(rows.answer, "GET, POST, PATCH, DELETE")
    return run(contract_of(folder, CONTRACT), answering, KEY, by_clock=True, **options)


def weighty(report: Report) -> list[str]:
    """The clauses of all places that are no note."""
    return [
        place.clause for one in report.findings if one.level.value != "note" for place in one.places
    ]


def test_what_is_right_is_accused_of_nothing_and_left_as_it_was(tmp_path: Path) -> None:
    """All rows of the run are removed, and what it writes is read back."""
    rows = Rows()
    report = ran(tmp_path, rows)
    verdicts = {one.id: one.verdict.value for one in report.clauses}
    state = ["POST /rows state.readable", "PATCH /rows state.changed", "DELETE /rows state.gone"]

    assert weighty(report) == []
    assert [verdicts[one] for one in state] == ["held", "held", "held"]
    assert rows.rows == OTHERS


@pytest.mark.parametrize("allow_writes", [True, False])
@pytest.mark.parametrize("open_door", [True, False])
def test_rows_of_others_stay_as_they_are(
    tmp_path: Path, allow_writes: bool, open_door: bool
) -> None:
    """Whatever a server makes of a filter: of all rows those of others are among them."""
    rows = Rows(lenient=True, open_door=open_door)
    families = frozenset({ClauseKind.PARAMETERS, ClauseKind.EDGES, ClauseKind.PROPERTIES})
    ran(tmp_path, rows, allow_writes=allow_writes, families=families, max_examples=1)

    assert {one: rows.rows.get(one) for one in OTHERS} == OTHERS


@pytest.mark.parametrize(
    ("fault", "clause"),
    [
        ("keeps-one", "POST /rows state.readable"),
        ("keeps-titles", "PATCH /rows state.changed"),
        ("keeps-rows", "DELETE /rows state.gone"),
    ],
)
def test_what_does_not_last_is_found(tmp_path: Path, fault: str, clause: str) -> None:
    """Of several rows all are stored, and what a query names is changed and removed."""
    families = frozenset({ClauseKind.STATE})

    assert weighty(ran(tmp_path, Rows(fault), families=families)) == [clause]


def test_nothing_is_written_without_a_row_of_the_run(tmp_path: Path) -> None:
    """Where nothing may be created, neither is anything changed or removed."""
    rows, before = Rows(), deepcopy(OTHERS)
    report = ran(tmp_path, rows, exclude=("POST /rows",))
    whys = {one.id: one.why for one in report.clauses}

    assert rows.rows == before
    assert "nothing of the run's own" in whys["PATCH /rows body.title.type"]
