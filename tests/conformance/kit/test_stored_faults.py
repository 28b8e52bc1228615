"""What a deployment has taken from the run, although it was wrong, and shows in later answers."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.http.target import Target
from conformance.judgement.stored_faults import StoredFaults
from conformance.report.findings import FindingPlace, Report
from conformance.report.formats.json_reader import parsed_report
from conformance.report.formats.json_report import as_json
from conformance.run.replaying.replay import Replay, Standing
from conformance.run.session.run_options import RunOptions
from spec import Contract
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

CONTRACT = """
components:
  schemas:
    Note:
      type: object
      required: [id, at, title]
      properties:
        id: {type: integer}
        at: {type: string, format: date-time}
        title: {type: string, maxLength: 8}
paths:
  /notes:
    get:
      responses:
        '200':
          description: all
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [title], properties: {title: {type: string, maxLength: 8}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        '400': {description: no}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        '404': {description: none}
"""  # noqa: E501  # a table of operations


class Notes:
    """Takes a title of any length; fails at what is no JSON until it is `mended`."""

    def __init__(self, at: str = "2026-01-02T03:04:05Z") -> None:
        self.at, self.kept, self.mended = at, dict[int, dict[str, Any]](), False

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """The list, one note, or a new one."""
        _, _, rest = asked.path.strip("/").partition("/")
        if asked.method == "GET":
            one = self.kept.get(int(rest)) if rest.isdecimal() else None
            return (200, one) if one else (404, None) if rest else (200, [*self.kept.values()])
        if asked.method != "POST" or rest or asked.path != "/notes":
            return 405, None
        if "json" not in asked.headers.get("content-type", ""):
            return 415, None
        if asked.json is None:
            return (415 if self.mended else 500), None
        title = asked.json.get("title") if isinstance(asked.json, dict) else None
        if not isinstance(title, str):
            return 400, None
        number = len(self.kept) + 1
        self.kept[number] = {"id": number, "at": self.at, "title": title}
        return 201, self.kept[number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run and what it was about."""

    contract: Contract
    notes: Notes
    report: Report

    @property
    def places(self) -> list[tuple[str, FindingPlace]]:
        """All places, each with its code."""
        return [(one.code.value, place) for one in self.report.findings for place in one.places]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One run that may write."""
    contract, notes = contract_of(tmp_path_factory.mktemp("notes"), CONTRACT), Notes("yesterday")
    more: dict[str, Any] = {"by_clock": True, "allow_writes": True, "max_examples": 0}
    report = run(contract, Application(notes), max_billable=12, **more)
    return Ran(contract=contract, notes=notes, report=report)


def test_what_shows_a_stored_fault_is_not_accused(ran: Ran) -> None:
    """A list shows what is stored: its own fault is another one, shown by a note that is made."""
    own = [one for _, one in ran.places if one.clause.startswith("GET /notes response.")]

    assert any(len(one["title"]) > 8 for one in ran.notes.kept.values())
    assert [(one.clause, len(one.steps)) for one in own] == [
        ("GET /notes response.200[].at.format", 1)
    ]
    accepted = {one.clause for code, one in ran.places if code == "accepted-invalid-body"}
    assert "POST /notes body.title.maxLength" in accepted


def test_a_failure_is_mended_whatever_the_status_is_now(ran: Ran) -> None:
    """415 is no word on a fault in JSON, and says that nothing fails any more."""
    again = parsed_report(as_json(ran.report), "r.json")
    failed = [
        (finding, place)
        for finding in again.findings
        for place in finding.places
        if place.clause == "POST /notes status.no-failure"
    ]
    ran.notes.mended = True
    replay = Replay(ran.contract, Target(app=Application(ran.notes)), RunOptions(allow_writes=True))

    assert [one.standing for one in asyncio.run(replay.execute(failed))] == [Standing.HELD]


class Careless(Notes):
    """Puts U+FFFD for bytes that are no UTF-8, keeps the last note alone, and shows no title."""

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """The same, but for that."""
        asked.body = asked.body.decode("utf-8", "replace").encode()
        if asked.method == "POST":
            self.kept.clear()
        status, value = super().__call__(asked)
        bare = [{**one, "title": None} for one in value] if isinstance(value, list) else value
        for one in bare if isinstance(bare, list) else ():
            del one["title"]
        return status, bare


def test_what_a_broken_body_says_is_not_taken_for_missing(tmp_path: Path) -> None:
    """It was accepted with a wrong byte in another property: that does not excuse later answers."""
    more: dict[str, Any] = {"by_clock": True, "allow_writes": True, "max_examples": 0}
    report = run(contract_of(tmp_path, CONTRACT), Application(Careless()), max_billable=12, **more)

    clauses = {place.clause for one in report.findings for place in one.places}
    assert clauses >= {"POST /notes body.syntax.utf-8", "GET /notes response.200[].title.required"}


UNNAMED = """
components:
  schemas:
    Note:
      type: object
      required: [title, meta]
      properties: {title: {type: string, maxLength: 8}, meta: {type: object}}
      example: {title: a, meta: {key: b}}
paths:
  /notes:
    get:
      responses:
        '200':
          description: all
          content:
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
      responses: {'201': {description: made}, '400': {description: no}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: one}, '404': {description: none}}}
"""


def test_what_is_stored_under_an_unknown_id_is_known_by_its_path(tmp_path: Path) -> None:
    """Where no answer names the id, a `key` in what was sent may be none."""
    notes = list[Any]()

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/notes":
            return 404, None
        if asked.method == "GET":
            return 200, notes
        note = asked.json if asked.method == "POST" else None
        if not isinstance(note, dict) or not isinstance(note.get("title"), str):
            return 400, None
        notes.append({"title": note["title"]})
        return 201, None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.BODY, ClauseKind.STEADINESS})
    contract = contract_of(tmp_path, UNNAMED)
    report = run(contract, Application(answer), by_clock=True, families=kinds, allow_writes=True)

    assert any(len(one["title"]) > 8 for one in notes)
    assert "response-schema" not in {one.code for one in report.findings}


@pytest.mark.parametrize(
    ("path", "explained"),
    [
        ((0, "title"), True),
        ((1, "title"), False),
        ((0, "at"), False),
        ((2, "title"), True),
        ((3, "tags", 0), True),
        ((4, "title"), True),
        ((), False),
    ],
)
def test_a_stored_fault_is_known_by_its_thing_and_its_value(
    path: tuple[str | int, ...], explained: bool
) -> None:
    """Of another thing, or at another place, the same value is the server's own."""
    stored = StoredFaults()
    stored.note("7", {"title": "long"}, {"title": "t"})
    stored.note("8", {}, {"title": "t"})
    stored.note("9", {"tags": ["A"]}, {"tags": ["a"]})
    text = '[{"id": 7, "title": "long", "at": "t"}, {"id": 1, "title": "long"}, {"id": "8"}]'
    shown = [*json.loads(text), {"id": 9, "tags": ["A"]}, {"meta": {"id": 7}, "title": "long"}]

    assert stored.explain("/notes", shown, path) is explained
