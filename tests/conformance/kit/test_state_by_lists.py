"""What was written is looked for in a list, where no GET reads the item itself."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.http.target import Target
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Report
from conformance.report.formats.json_reader import parsed_report
from conformance.report.formats.json_report import as_json
from conformance.run.replaying.replay import Replay, Standing
from conformance.run.session.run_options import RunOptions
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run, verdicts
from tests.conformance.kit.test_sequences import places, replayed, served

pytestmark = pytest.mark.slow

CONTRACT = """
paths:
  /tasks:
    get:
      parameters: [PARAMETERS]
      responses: {'200': {description: all, content: {application/json: {schema: LISTED}}}}
    post:
      requestBody: &draft
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Draft'}}}
      responses: {'201': &one {description: one, content: {application/json: {schema: {
        $ref: '#/components/schemas/Task'}}}}, '400': &no {description: no}}
ITEM
components:
  schemas:
    Draft:
      type: object
      required: [title]
      properties:
        title: {type: string, minLength: 1, example: Wash the car}
        effort: {type: integer, example: 2}
    Task:
      type: object
      properties: &task
        id: {type: IDTYPE}
        title: {type: string}
        effort: {type: integer}
        state: {type: string}
        views: {type: integer}
"""
ITEM = """
  /tasks/{taskId}:
    parameters: [{name: taskId, in: path, required: true, schema: {type: IDTYPE}}]
    put: {requestBody: *draft, responses: {'200': *one, '400': *no, '404': *no}}
    delete: {responses: {'202': *no, '204': *no, '404': *no}}
"""
TASKS = "{type: array, items: {$ref: '#/components/schemas/Task'}}"
ENVELOPE = f"{{type: object, properties: {{data: {TASKS}, total: {{type: integer}}}}}}"
MAP = "{type: object, additionalProperties: {$ref: '#/components/schemas/Task'}}"
NAMES = "{type: array, items: {type: string}}"
LIMIT = "{name: limit, in: query, schema: {type: integer, default: 3}}"
Item = dict[str, Any]


@dataclass(kw_only=True)
class Tasks:
    """A store of tasks that are shown in a list alone.

    `shows` is what GET answers, of the items in the order of their creation; `hides` those that it
    leaves out. `lost`, `kept`, `stuck` are faults: nothing is created, deleted, changed. `late`
    readings after a write show what was before. `again` is what a second DELETE is answered.
    """

    listed: str = TASKS
    parameters: str = ""
    numbered: bool = True
    shows: Callable[[list[Item]], Any] = lambda items: items
    hides: Callable[[Item], bool] = lambda item: False
    deletes: Callable[[Item], Item | None] = lambda item: None
    answers: Callable[[Item], Any] = lambda item: item
    lost: bool = False
    kept: bool = False
    stuck: bool = False
    late: int = 0
    again: int = 404
    headers: tuple[tuple[bytes, bytes], ...] = ()
    status: dict[str, int] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    before: tuple[int, list[Item]] = (0, [])
    numbers: Any = field(default_factory=lambda: itertools.count(7))

    def contract(self, item: str = ITEM) -> str:
        """Its contract, without the head."""
        text = CONTRACT.replace("ITEM\n", item).replace("LISTED", self.listed)
        kind = "integer" if self.numbered else "string"
        return text.replace("PARAMETERS", self.parameters).replace("IDTYPE", kind)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        status, value = self._answer(scope["method"], scope["path"], query, body)
        content = b"" if value is None else json.dumps(value).encode()
        head = [(b"content-type", b"application/json")] if content else []
        head += list(self.headers) if scope["method"] == "GET" else []
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, method: str, path: str, query: Any, body: bytes) -> tuple[int, Any]:
        found = re.fullmatch(r"/tasks(?:/([^/]+))?", path)
        if found is None:
            return 404, None
        if found[1] is None:
            return self._on_all(method, query, body)
        return self._on(method, found[1], body)

    def _on_all(self, method: str, query: Any, body: bytes) -> tuple[int, Any]:
        if method == "GET":
            left, then = self.before
            self.before = (left - 1, then)
            items = then if left > 0 else self._seen()
            return 200, self.shows(items[: int(query["limit"][0])] if "limit" in query else items)
        sent = _read(body)
        if method != "POST" or sent is None:
            return (405 if method != "POST" else 400), None
        number = next(self.numbers)
        item = {"id": number if self.numbered else f"task-{number}", **sent}
        if not self.lost:
            self._store(str(item["id"]), item)
        return self.status.get("POST", 201), self.answers(item)

    def _on(self, method: str, key: str, body: bytes) -> tuple[int, Any]:
        if method not in ("PUT", "DELETE"):
            return 405, None
        if key in self.removed:
            return (self.again if method == "DELETE" else 404), None
        if key not in self.items:
            return 404, None
        if method == "DELETE":
            if not self.kept:
                self._store(key, self.deletes(self.items[key]))
                self.removed.add(key)
            return self.status.get("DELETE", 204), None
        sent = _read(body)
        if sent is None:
            return 400, None
        changed = {**self.items[key], **sent}
        if not self.stuck:
            self._store(key, changed)
        return 200, changed

    def _seen(self) -> list[Item]:
        return [dict(one) for one in self.items.values() if not self.hides(one)]

    def _store(self, key: str, item: Item | None) -> None:
        self.before = (self.late, self._seen())
        self.items[key] = item or {}
        if item is None:
            del self.items[key]


def _read(body: bytes) -> Item | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    good = isinstance(value, dict) and isinstance(value.get("title"), str) and value["title"]
    return value if good else None


def ran(tmp_path: Path, tasks: Tasks, item: str = ITEM, **options: Any) -> Report:
    """A run of the clauses of state alone."""
    contract = contract_of(tmp_path, tasks.contract(item))
    families = frozenset({ClauseKind.STATE})
    return run(contract, tasks, by_clock=True, allow_writes=True, families=families, **options)


def told(report: Report) -> dict[str, str]:
    """The verdict of each clause of state, by its method."""
    kept = [one for one in report.clauses if one.kind is ClauseKind.STATE]
    return {one.operation.partition(" ")[0]: one.verdict.value for one in kept}


class Counting:
    """A list whose items count how often they were shown."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, items: list[Item]) -> Any:
        self.times += 1
        return [{**one, "views": self.times} for one in items]


def newest_first(items: list[Item]) -> Any:
    """A sorted list."""
    return items[::-1]


def paged(items: list[Item]) -> Any:
    """The first page of two items, with their number in all."""
    return {"data": items[:2], "total": len(items)}


def by_id(items: list[Item]) -> Any:
    """A map by the ids."""
    return {str(one["id"]): one for one in items}


HELD = {"POST": "held", "PUT": "held", "DELETE": "held"}
OPEN = {"POST": "inconclusive", "PUT": "inconclusive", "DELETE": "inconclusive"}
OTHERS = {str(number): {"id": number, "title": f"old {number}"} for number in range(1, 4)}
ODD: dict[str, tuple[Callable[[], Tasks], dict[str, str]]] = {
    "plain": (Tasks, HELD),
    "texts as ids": (lambda: Tasks(numbered=False), HELD),
    "an envelope with a total": (
        lambda: Tasks(listed=ENVELOPE, shows=lambda one: {"data": one, "total": len(one)}),
        HELD,
    ),
    "a map by id": (lambda: Tasks(listed=MAP, shows=by_id), HELD),
    "newest first, and counting": (lambda: Tasks(shows=lambda one: Counting()(one)[::-1]), HELD),
    "a moment later": (lambda: Tasks(late=1), HELD),
    "five readings later": (lambda: Tasks(late=5), HELD),
    "names only": (
        lambda: Tasks(listed=NAMES, shows=lambda items: [str(one["id"]) for one in items]),
        HELD | {"PUT": "inconclusive"},
    ),
    "a summary without the title": (
        lambda: Tasks(shows=lambda items: [{"id": one["id"]} for one in items]),
        HELD | {"PUT": "inconclusive"},
    ),
    "on page two": (
        lambda: Tasks(listed=ENVELOPE, shows=paged, items=dict(OTHERS)),
        OPEN,
    ),
    "cut off by a limit": (
        lambda: Tasks(parameters=LIMIT, shows=lambda items: items[:3], items=dict(OTHERS)),
        OPEN,
    ),
    "cut off at ten": (
        lambda: Tasks(
            shows=lambda items: items[:10],
            items={str(n): {"id": n, "title": f"old {n}"} for n in range(100, 112)},
        ),
        OPEN,
    ),
    "marked as deleted": (
        lambda: Tasks(deletes=lambda item: {**item, "state": "deleted"}),
        HELD | {"DELETE": "inconclusive"},
    ),
    "an archive of all": (
        lambda: Tasks(deletes=lambda item: item),
        HELD | {"DELETE": "inconclusive"},
    ),
    "deleted later": (
        lambda: Tasks(deletes=lambda item: item, status={"DELETE": 202}),
        HELD | {"DELETE": "inconclusive"},
    ),
    "a cache": (lambda: Tasks(headers=((b"cache-control", b"max-age=60"),), late=99), OPEN),
    "an old cache": (
        lambda: Tasks(
            headers=(
                (b"date", b"Sun, 06 Nov 1994 08:49:37 GMT"),
                (b"expires", b"Sun, 06 Nov 1994 08:59:37 GMT"),
            ),
            late=99,
        ),
        OPEN,
    ),
    "not the caller's own": (lambda: Tasks(hides=lambda item: True), OPEN),
    "drafts are not listed": (
        lambda: Tasks(hides=lambda item: True, answers=lambda item: {**item, "state": "draft"}),
        OPEN,
    ),
    "ends of lines in a title": (
        lambda: Tasks(answers=lambda item: {**item, "title": item["title"].upper()}),
        HELD,
    ),
}


@pytest.mark.parametrize("style", ODD)
def test_a_correct_list_is_right_however_odd_it_looks(tmp_path: Path, style: str) -> None:
    """What a list does not show need not be lost, and what it still shows need not be there."""
    made, verdicts = ODD[style]

    report = ran(tmp_path, made())

    assert [f"{one.title}: {one.got}" for one in report.findings] == []
    assert told(report) == verdicts


FAULTS: dict[str, tuple[Callable[[], Tasks], str, FindingCode]] = {
    "nothing is deleted": (lambda: Tasks(kept=True), "DELETE", FindingCode.STILL_THERE),
    "nothing is deleted, and views are counted": (
        lambda: Tasks(kept=True, shows=Counting()),
        "DELETE",
        FindingCode.STILL_THERE,
    ),
    "nothing is deleted, among names": (
        lambda: Tasks(
            kept=True, listed=NAMES, shows=lambda items: [str(one["id"]) for one in items]
        ),
        "DELETE",
        FindingCode.STILL_THERE,
    ),
    "nothing is deleted, in a map": (
        lambda: Tasks(kept=True, listed=MAP, shows=by_id),
        "DELETE",
        FindingCode.STILL_THERE,
    ),
    "nothing is deleted, in a part of a list": (
        lambda: Tasks(kept=True, listed=ENVELOPE, shows=lambda one: paged(one[::-1])),
        "DELETE",
        FindingCode.STILL_THERE,
    ),
    "nothing is created": (lambda: Tasks(lost=True), "POST", FindingCode.LOST_CREATION),
    "nothing is created, on page two perhaps": (
        lambda: Tasks(lost=True, listed=ENVELOPE, shows=paged, items=dict(OTHERS)),
        "POST",
        FindingCode.LOST_CREATION,
    ),
    "nothing is changed": (lambda: Tasks(stuck=True), "PUT", FindingCode.LOST_CHANGE),
    "nothing is changed, in an envelope": (
        lambda: Tasks(stuck=True, listed=ENVELOPE, shows=lambda one: {"data": one}),
        "PUT",
        FindingCode.LOST_CHANGE,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_write_that_does_not_last_is_seen_in_a_list(tmp_path: Path, fault: str) -> None:
    """An error at the operation that did not do what it said."""
    made, method, code = FAULTS[fault]

    report = ran(tmp_path, made(), include=(f"{method} /tasks*", "GET"))

    assert [(one.code, one.level.value) for one in report.findings] == [(code, "error")]
    assert told(report)[method] == "broken"


@pytest.mark.parametrize(("lost", "verdict"), [(False, "held"), (True, "broken")])
@pytest.mark.parametrize("answers", [lambda item: item, lambda item: {"ok": True}])
def test_what_no_path_names_is_found_by_its_values(
    tmp_path: Path, lost: bool, verdict: str, answers: Any
) -> None:
    """POST and a list are all that there is; the answer need not name an id."""
    tasks = Tasks(lost=lost, answers=answers, items=dict(OTHERS))

    report = ran(tmp_path, tasks, "")

    assert told(report) == {"POST": verdict}
    assert [one.code for one in report.findings] == [FindingCode.LOST_CREATION] * lost


def test_a_canned_list_is_no_proof(tmp_path: Path) -> None:
    """A stub that shows one thing at all times, whatever is created, changed or deleted."""

    async def canned(scope: Any, receive: Any, send: Any) -> None:
        status = {"POST": 201, "DELETE": 204}.get(scope["method"], 200)
        item = {"id": 1, "title": "Bread", "effort": 5}
        body = json.dumps([item] if scope["method"] == "GET" else item).encode()
        kind = [] if status == 204 else [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": kind})
        await send({"type": "http.response.body", "body": b"" if status == 204 else body})

    contract = contract_of(tmp_path, Tasks().contract())
    families = frozenset({ClauseKind.STATE})

    report = run(contract, canned, by_clock=True, allow_writes=True, families=families)

    assert [one.code for one in report.findings if one.code == FindingCode.STILL_THERE] == []
    assert told(report)["DELETE"] == "inconclusive"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "clause"),
    [
        ("kept", "DELETE /tasks/{taskId} state.gone"),
        ("lost", "POST /tasks state.readable"),
        ("stuck", "PUT /tasks/{taskId} state.changed"),
    ],
)
def test_the_requests_before_a_list_go_with_it(tmp_path: Path, fault: str, clause: str) -> None:
    """The curl shows what the list shows; a replay does, until it is mended."""
    tasks = Tasks(kept=fault == "kept", lost=fault == "lost", stuck=fault == "stuck")
    contract = contract_of(tmp_path, tasks.contract())
    with served(tasks) as url:
        families, include = frozenset({ClauseKind.STATE}), (clause.rsplit(" ", 1)[0], "GET", "POST")
        report = run(
            contract, url, allow_writes=True, families=families, include=include, max_billable=5,
            max_consistency_time=0,
        )  # fmt: skip
        place = places(report)[clause]
        pasted = subprocess.run(
            ["bash", "-c", place.curl], capture_output=True, text=True, timeout=60, check=True
        )
        broken = replayed(contract, url, report)
        tasks.kept = tasks.lost = tasks.stuck = False
        held = replayed(contract, url, report)

    last = place.curl.strip().splitlines()[-1]
    assert place.steps[0].operation == "POST /tasks"
    assert last.rpartition("curl -i ")[2].endswith("/tasks")
    assert "200 OK" in pasted.stdout
    assert broken[clause] is Standing.BROKEN
    assert held[clause] is Standing.HELD


TEMPLATES = """
paths:
  /templates: {get: {responses: {'200': {description: all, content: {application/json: {schema: {
    type: array, items: {type: object, properties: {
      type: {type: string}, subject: {type: string}}}}}}}}}}
  /templates/{type}:
    parameters: [{name: type, in: path, required: true, schema: {type: string, enum: [hello, bye]}}]
    put:
      requestBody: {required: true, content: {application/json: {schema: {
        type: object, required: [subject], properties: {subject: {type: string}}}}}}
      responses: {'200': {description: ok}, '400': {description: no}, '404': {description: none}}
"""


@pytest.mark.parametrize(("stuck", "verdict"), [(False, "held"), (True, "broken")])
def test_one_of_a_fixed_number_of_things_is_read_in_its_list(
    tmp_path: Path, stuck: bool, verdict: str
) -> None:
    """Nobody's id can be asked for, and nothing new be made, to show that the list is no stub."""
    subjects = {"hello": "Welcome!", "bye": "See you"}

    def answer(asked: Asked) -> tuple[int, Any]:
        kind, sent = asked.path.removeprefix("/templates").strip("/"), asked.json
        if asked.method == "PUT" and kind in subjects:
            if not isinstance(sent, dict) or not isinstance(sent.get("subject"), str):
                return 400, None
            subjects[kind] = subjects[kind] if stuck else sent["subject"]
            return 200, None
        if asked.method != "GET" or kind:
            return 404, None
        return 200, [{"type": one, "subject": text} for one, text in subjects.items()]

    contract, app = contract_of(tmp_path, TEMPLATES), Application(answer)
    state = frozenset({ClauseKind.STATE})
    report = run(contract, app, by_clock=True, allow_writes=True, families=state)

    assert told(report) == {"PUT": verdict}


HIDDEN = """
paths:
  /files:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {
      type: array, items: {type: object, properties: {
        id: {type: string}, key: {type: string}}}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {
        type: object, required: [key], properties: {key: {type: string}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {
        type: object, properties: {id: {type: string}}}}}}, '400': {description: no}}
  /files/{key}:
    parameters: [{name: key, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: ok}, '404': {description: none}}}
"""


@pytest.mark.parametrize(
    ("lost", "shown", "verdict"),
    [
        (True, False, "broken"),
        (False, False, "inconclusive"),
        (False, True, "held"),
    ],
    ids=["lost", "shown by the list alone", "kept"],
)
def test_what_no_path_finds_is_looked_for_in_the_list(
    tmp_path: Path, lost: bool, shown: bool, verdict: str
) -> None:
    """The answer does not say which value is in the path: the guess alone accuses nobody."""
    files = dict[str, str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        key, sent = asked.path.removeprefix("/files").strip("/"), asked.json
        if asked.method == "POST" and not key:
            if not isinstance(sent, dict) or not isinstance(sent.get("key"), str):
                return 400, None
            own = f"f{len(files)}"
            files.update({} if lost else {own: sent["key"]})
            return 201, {"id": own}
        if asked.method != "GET":
            return 405, None
        if key:
            found = shown and key in files.values()
            return (200, {"key": key}) if found else (404, None)
        return 200, [{"id": one, "key": text.upper()} for one, text in files.items()]

    contract, app = contract_of(tmp_path, HIDDEN), Application(answer)
    state = frozenset({ClauseKind.STATE})
    report = run(contract, app, by_clock=True, allow_writes=True, families=state)
    found = parsed_report(as_json(report), "r.json")
    pairs = [(one, at) for one in found.findings for at in one.places]
    given = RunOptions(allow_writes=True, max_consistency_time=0)
    again = asyncio.run(Replay(contract, Target(app=app), given).execute(pairs))

    assert told(report) == {"POST": verdict}
    assert [one.standing for one in again] == [Standing.BROKEN] * lost


JOBS = """
paths:
  /jobs:
    post:
      requestBody: {required: true, content: {application/json: {schema: &job {type: object,
        required: [title], properties: {title: {type: string}, headers: {type: object,
        additionalProperties: {type: string}}}},
        example: {title: Every night, headers: {x-from: cron}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {type: object,
        properties: {id: {type: string}, cronJobId: {type: string}, why: {type: string}}}}}},
        '400': {description: no}}
  /jobs/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: it, content: {application/json: {schema: *job}}},
      '404': {description: none}}}
"""


@pytest.mark.parametrize(("kept", "verdict"), [("x-from", "held"), ("", "broken")])
def test_a_guess_that_leads_to_what_was_sent_is_right(
    tmp_path: Path, kept: str, verdict: str
) -> None:
    """The answer has two ids and nothing of the job: what GET shows under one is the job."""
    jobs, numbers = dict[str, Item](), itertools.count(1)

    def answer(asked: Asked) -> tuple[int, Any]:
        key, sent = asked.path.removeprefix("/jobs").strip("/"), asked.json
        if asked.method == "GET" and key in jobs:
            return 200, jobs[key]
        if asked.method != "POST" or key:
            return 404, None
        if not isinstance(sent, dict) or not isinstance(sent.get("title"), str):
            return 400, None
        jobs[own := f"j{next(numbers)}"] = {
            **sent,
            "headers": sent.get("headers") if kept else None,
        }
        return 201, {"id": own, "cronJobId": f"c-{own}", "why": "it was asked for"}

    contract, app = contract_of(tmp_path, JOBS), Application(answer)
    state = frozenset({ClauseKind.STATE})
    report = run(contract, app, by_clock=True, allow_writes=True, families=state)

    assert told(report) == {"POST": verdict}


TABLES = """
paths:
  /tables:
    get: {responses: {'200': {description: all, content: {application/json: {schema: {
      type: array, items: {type: string}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object,
        required: [table, columns], properties: {table: {type: string},
        columns: {type: array, minItems: 1, items: {type: string, minLength: 9}}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {type: object,
        required: [table], properties: {table: {type: string}}}}}}, '400': &no {description: no}}
  /tables/{table}/schema:
    parameters: [{name: table, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: a part, content: {application/json: {schema: {
      type: object, properties: {table: {type: string}, columns: {type: array, items: {
      type: string}}}}}}}, '404': *no}}
  /tables/{table}: {delete: {parameters: [{name: table, in: path, required: true, schema: {
    type: string}}], responses: {'204': *no, '404': *no}}}
"""


@pytest.mark.parametrize(
    ("shown", "kept", "verdict"),
    [
        (lambda table, columns: {"table": table, "columns": columns}, True, "held"),
        (lambda table, columns: {"table": table, "columns": ["id"]}, True, "broken"),
        (lambda table, columns: {"table": "owner", "columns": ["id"]}, True, "inconclusive"),
        (lambda table, columns: None, True, "inconclusive"),
        (lambda table, columns: None, False, "broken"),
    ],
    ids=["it is there", "another value", "of something else", "no such part", "nothing is stored"],
)
def test_a_part_of_a_thing_shows_what_its_list_does_not(
    tmp_path: Path, shown: Callable[[str, Any], Any], kept: bool, verdict: str
) -> None:
    """It need not be there, nor have the same properties: then the list of the names decides."""
    tables = dict[str, Any]()

    def answer(asked: Asked) -> tuple[int, Any]:
        table, sent = asked.path.removeprefix("/tables").strip("/"), asked.json
        if asked.method == "POST" and not table:
            if not isinstance(sent, dict) or not isinstance(sent.get("columns"), list):
                return 400, None
            tables.update({sent["table"]: sent["columns"]} if kept else {})
            return 201, {"table": sent["table"]}
        if asked.method == "DELETE":
            return 204 if tables.pop(table, None) else 404, None
        if asked.method != "GET" or not table:
            return (405, None) if table else (200, list(tables))
        name = table.removesuffix("/schema")
        part = shown(name, tables[name]) if name in tables else None
        return (404, None) if part is None else (200, part)

    contract, app = contract_of(tmp_path, TABLES), Application(answer)
    state = frozenset({ClauseKind.STATE})
    report = run(contract, app, by_clock=True, allow_writes=True, families=state)

    assert told(report)["POST"] == verdict


KINDS = ("click", "view")
EVENTS = """
paths:
  /events:
    get: {responses: {'200': {description: all, content: {application/json: {schema: &events
      {type: array, items: &event {type: object, required: [id, kind], properties: {
      id: {type: integer}, kind: {type: string, enum: [click, view]},
      weight: {type: integer}}}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: array,
        minItems: 1, items: {type: object, required: [kind], properties: {
        kind: {type: string, enum: [click, view]}, weight: {type: integer}}}},
        example: [{kind: click, weight: 3}]}}}
      responses: {'201': {description: made, content: {application/json: {schema: *events}}},
        '400': {description: no}}
"""


@pytest.mark.parametrize(("kept", "verdict"), [(None, "held"), (0, "broken"), (1, "broken")])
def test_a_list_of_new_things_to_which_no_path_leads_is_looked_for(
    tmp_path: Path, kept: int | None, verdict: str
) -> None:
    """By the ids of the answer: all are there, or none of them, or the first alone."""
    stored, numbers = list[Item](), itertools.count(1)

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method == "GET":
            return 200, stored
        body = asked.json if isinstance(asked.json, list) else []
        good = [one for one in body if isinstance(one, dict) and one.get("kind") in KINDS]
        if not body or len(good) < len(body):
            return 400, None
        made = [{"id": next(numbers), **one} for one in good]
        stored.extend(made[:kept])
        return 201, made

    contract, server = contract_of(tmp_path, EVENTS), Application(answer)
    report = run(contract, server, allow_writes=True, by_clock=True, families={ClauseKind.STATE})

    found = {one.id: one.verdict.value for one in report.clauses}
    assert found["POST /events state.readable"] == verdict


TAGS = """
paths:
  /tags:
    get: {responses: {'200': {description: all, content: {application/json: {schema:
      {type: array, items: &tag {type: object, properties: &has
        {id: {type: string}, name: {type: string}, state: {type: string}}}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [name], properties: *has}}}}
      responses: {'201': &one {description: it, content: {application/json: {schema: *tag}}}}
  /tags/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *one, '404': &none {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': *none}}
"""


@pytest.mark.parametrize(
    ("left", "reads", "found"),
    [
        pytest.param({}, 99, ["warning still-there"], id="as-before"),
        pytest.param({"state": "deleted"}, 99, [], id="as-deleted"),
        pytest.param({}, 3, [], id="a-moment-longer"),
        pytest.param({}, 0, [], id="no-more"),
    ],
)
def test_what_get_does_not_find_any_more_is_not_listed_as_before(
    tmp_path: Path, left: Item, reads: int, found: list[str]
) -> None:
    """A list may show what is deleted as such, and may lag behind by some `reads`."""
    kept, listed, ends = dict[str, Item](), dict[str, Item](), dict[str, int]()

    def answer(asked: Asked) -> tuple[int, Any]:
        key = asked.path.removeprefix("/tags").strip("/")
        if not key and asked.method == "POST":
            key = f"t{len(listed)}"
            kept[key] = listed[key] = {"id": key, "state": "new", "name": asked.json["name"]}
            return 201, kept[key]
        if not key:
            shown = [one for key, one in listed.items() if ends.get(key, 1) > 0]
            ends.update({key: number - 1 for key, number in ends.items()})
            return 200, shown
        if key not in kept:
            return 404, None
        if asked.method == "DELETE":
            listed[key], ends[key] = {**kept.pop(key), **left}, reads
            return 204, None
        return 200, kept[key]

    report = run(
        contract_of(tmp_path, TAGS), Application(answer), by_clock=True, allow_writes=True,
        families=frozenset({ClauseKind.STATE}), include=("DELETE /tags/{id}",),
    )  # fmt: skip

    assert [f"{one.level.value} {one.code}" for one in report.findings] == found
    assert verdicts(report)["state.gone"] == ("broken" if found else "held")
    assert not any("left behind" in one for one in report.remarks)
