"""The requests that go before a place: in its curl, and when it is replayed."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn

from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Credentials
from conformance.http.exchange import Answer
from conformance.http.target import Target, parse_target
from conformance.report.findings import FindingPlace, Report
from conformance.report.formats.json_reader import parsed_report
from conformance.report.formats.json_report import as_json
from conformance.run.replaying.replay import Replay, Standing
from conformance.run.session.run_options import RunOptions
from conformance.run.things.named_things import Thing
from conformance.run.things.request_sequences import id_filter
from spec import Contract
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.library import Library
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

FAMILIES = frozenset({ClauseKind.STATE, ClauseKind.BODY})


class Faulty(Library):
    """A library that takes a book without a title, if that is its fault."""

    def _patch_book(self, shelf: str, book: str, body: bytes) -> tuple[int, Any]:
        if "no title" in self.faults and body.replace(b" ", b"") == b'{"title":""}':
            return 200, self.books[shelf][book]
        return super()._patch_book(shelf, book, body)


@contextmanager
def served(application: Any) -> Iterator[str]:
    """The application on a free port; yields its URL."""
    config = uvicorn.Config(application, port=0, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        pass
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def replayed(contract: Contract, url: str, report: Report, **options: Any) -> dict[str, Standing]:
    """What a replay says of each place, by its clause; the report has gone through its file."""
    again = parsed_report(as_json(report), "r.json")
    pairs = [(finding, place) for finding in again.findings for place in finding.places]
    given = RunOptions(max_consistency_time=0, **{"allow_writes": True, **options})
    done = asyncio.run(Replay(contract, parse_target(url), given).execute(pairs))
    return {one.place.clause: one.standing for one in done}


def places(report: Report) -> dict[str, FindingPlace]:
    """The places of a report by their clause."""
    return {one.clause: one for finding in report.findings for one in finding.places}


FAULTS = {
    "lost": ("POST /shelves state.readable", "404"),
    "unchanged": ("PUT /shelves/{shelfId} state.changed", '"name": "fiction'),
    "kept": ("DELETE /shelves/{shelfId} state.gone", "200 OK"),
    "no title": ("PATCH /shelves/{shelfId}/books/{id} body.title.minLength", "200 OK"),
}


@pytest.mark.parametrize("style", [{}, {"ids": "uuid", "located": True}], ids=["body", "Location"])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_requests_before_a_place_go_with_it(
    tmp_path: Path, fault: str, style: dict[str, Any]
) -> None:
    """The curl makes what it is about and shows the place; a replay does, until it is mended.

    The run has removed what it made: a request about that shows nothing by itself. Nothing of a
    replay stays either.
    """
    library = Faulty(faults=frozenset({fault}), **style)
    contract = contract_of(tmp_path, library.contract)
    clause, shown = FAULTS[fault]
    with served(library) as url:
        include = (clause.rsplit(" ", 1)[0], "GET", "POST")
        report = run(
            contract, url, allow_writes=True, families=FAMILIES, include=include, max_billable=5,
            max_consistency_time=0,
        )  # fmt: skip
        place = places(report)[clause]
        pasted = subprocess.run(
            ["bash", "-c", place.curl], capture_output=True, text=True, timeout=60, check=True
        )
        broken = replayed(contract, url, report)
        barred = replayed(contract, url, report, allow_writes=False)
        library.faults = frozenset()
        library.shelves = {"1": library.shelves["1"]}
        held = replayed(contract, url, report)
        left = list(library.shelves)

    assert place.curl.startswith("NEW_ID=$(curl -s -i -X POST")
    assert place.steps[0].operation == "POST /shelves"
    assert shown in pasted.stdout
    assert broken[clause] is Standing.BROKEN
    assert barred[clause] is Standing.UNDECIDED
    assert held[clause] is Standing.HELD
    assert left == ["1"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"id": "a1", "n": 1}', "a1"),
        (b'{"n": 1,\n  "id" : 7\n}', "7"),
        (b'{"data": {"noteId": "x-9"}}', "x-9"),
        (b'{"other": {"id": "b2"}, "id": "a1"}', ""),
        (b'{"name": "a b"}', ""),
        (b'{"weight": 1, "id": 1}', "1"),
        (b"<id>a1</id>", ""),
    ],
)
def test_the_id_is_taken_out_of_the_answer_where_the_command_finds_it(
    body: bytes, found: str
) -> None:
    """By a command that was seen to find it in the answer; where none does, none is given."""
    wanted = found or ("a b" if b"a b" in body else "a1")
    answer = Answer(status=201, headers=(("Content-Type", "application/json"),), body=body)

    command = id_filter(answer, Thing(collection="/notes", ids=(wanted,)), "noteId")

    assert bool(command) is bool(found)
    assert "weight" not in command
    if command:
        got = subprocess.run(["bash", "-c", command], input=body, capture_output=True, check=True)
        assert got.stdout.decode().strip() == found


def test_a_location_names_the_id() -> None:
    """Its last segment, as curl shows it."""
    location = (("location", "https://a.example/v1/notes/a1"),)
    command = id_filter(
        Answer(status=201, headers=location), Thing(collection="/notes", ids=("a1",)), "id"
    )
    shown = b"HTTP/1.1 201 Created\r\nLocation: https://a.example/v1/notes/a1\r\n\r\n"
    got = subprocess.run(["bash", "-c", command], input=shown, capture_output=True, check=True)

    assert got.stdout == b"a1\n"


NAMED = """
paths:
  /tags:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [name],
          properties: {name: {type: string, pattern: '^[a-z0-9-]+$', example: red}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {type: object,
        properties: {name: {type: string}, size: {type: integer}, old: {type: boolean}}}}}},
        '400': {description: no}, '409': {description: taken}}
  /tags/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


def test_a_name_that_one_place_takes_is_free_for_the_next(tmp_path: Path) -> None:
    """Two places of one good request: what the first has made is removed before the second."""
    there = set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        name: Any = asked.json.get("name") if isinstance(asked.json, dict) else None
        if asked.method == "DELETE":
            known = asked.path[6:] in there
            there.discard(asked.path[6:])
            return (204 if known else 404), None
        good = isinstance(name, str) and re.fullmatch("[a-z0-9-]+", name)
        if not good or asked.method != "POST":
            return 400, None
        taken = name in there
        there.add(name)
        return (409, None) if taken else (201, {"name": name, "size": "big", "old": "yes"})

    contract, app = contract_of(tmp_path, NAMED), Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=True, max_examples=0)
    again = parsed_report(as_json(report), "r.json")
    assert there == set()
    wanted = {"POST /tags response.201.size.type", "POST /tags response.201.old.type"}
    pairs = [(one, at) for one in again.findings for at in one.places if at.clause in wanted]
    given = RunOptions(allow_writes=True)
    done = asyncio.run(Replay(contract, Target(app=app), given).execute(pairs))

    assert [one.standing for one in done] == [Standing.BROKEN, Standing.BROKEN]
    assert there == set()


TOKEN = "lamp-token-7f3a"

OPEN = """
components: {securitySchemes: {it: {type: http, scheme: bearer}}}
paths:
  /lamps:
    post:
      security: [{it: []}]
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [watts], properties: {watts: {type: integer}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema:
        {type: object, properties: {id: {type: integer}}}}}}, '400': {description: no},
        '401': {description: who}}
  /lamps/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    delete: {security: [{it: []}], responses: {'204': {description: gone},
      '401': {description: who}, '404': {description: none}}}
"""


def test_what_goes_before_an_expired_credential_has_a_good_one(tmp_path: Path) -> None:
    """Whoever gave no expired token has the place replayed with the one that the run made up."""
    there = set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method == "DELETE":
            known = asked.path[7:] in there
            there.discard(asked.path[7:])
            return (204 if known else 404), None
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, None
        good = isinstance(asked.json, dict) and isinstance(asked.json.get("watts"), int)
        if asked.method != "POST" or not good:
            return 405 if asked.method != "POST" else 400, None
        there.add(str(len(asked.body) + len(app.asked)))
        return 201, {"id": max(map(int, there))}

    contract, app = contract_of(tmp_path, OPEN), Application(answer)
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS})
    report = run(contract, app, TOKEN, by_clock=True, allow_writes=True, families=kinds)
    clause = "DELETE /lamps/{id} security.expired"
    again = parsed_report(as_json(report), "r.json")
    pairs = [(one, at) for one in again.findings for at in one.places if at.clause == clause]
    given = RunOptions(allow_writes=True, credentials=Credentials(token=TOKEN))
    done = asyncio.run(Replay(contract, Target(app=app), given).execute(pairs))

    assert [place.steps[0].operation for _, place in pairs] == ["POST /lamps"]
    assert [one.standing for one in done] == [Standing.BROKEN]


SPELLED = """
components: {securitySchemes: {it: {type: http, scheme: bearer}}}
paths:
  /lamps:
    post:
      x-conformance: {writes: false}
      security: [{it: []}]
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [watts], properties: {watts: {type: integer}}}}}}
      responses: {'201': {description: made}, '400': {description: no}, '401': {description: who}}
"""


def test_a_path_that_is_told_by_a_refusal_is_told_again(tmp_path: Path) -> None:
    """The refusal at the path itself goes with it: alone, one at another path says nothing."""
    served_at = {"/lamps", "/LAMPS"}

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path not in served_at:
            return 404, None
        if asked.method != "POST":
            return 405, None
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, None
        return (201 if isinstance(asked.json, dict) and "watts" in asked.json else 400), None

    contract, app = contract_of(tmp_path, SPELLED), Application(answer)
    report = parsed_report(as_json(run(contract, app, TOKEN)), "r.json")
    pairs = [(one, at) for one in report.findings for at in one.places]
    pairs = [(one, at) for one, at in pairs if one.code == "path-spelling"]
    given = RunOptions(credentials=Credentials(token=TOKEN))
    before = asyncio.run(Replay(contract, Target(app=app), given).execute(pairs))
    served_at.remove("/LAMPS")
    after = asyncio.run(Replay(contract, Target(app=app), given).execute(pairs))

    assert [one.standing for one in before] == [Standing.BROKEN]
    assert [one.standing for one in after] == [Standing.HELD]
    assert pairs[0][1].curl.count("curl ") == 2
