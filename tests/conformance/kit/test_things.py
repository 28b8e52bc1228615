"""With --allow-writes: what a run makes it uses, and removes, and nothing else is touched."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, unquote

import pytest

from conformance.clauses.clause import Clause, Verdict
from conformance.clauses.collection_operations import CollectionOperations
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import Draft
from conformance.report.findings import Level, Report
from conformance.run.making.removal import left_behind
from conformance.run.session.run_options import RunOptions
from conformance.run.things.item_paths import exchanged, id_in_name
from conformance.run.things.item_placement import is_about_own, placed
from conformance.run.things.known_items import KnownItems
from conformance.run.things.named_things import Thing, created
from spec.model.path_templates import template_names
from tests.conformance.kit.applications import Application, Asked, Message
from tests.conformance.kit.library import Library
from tests.conformance.kit.running import contract_of, run, verdicts

pytestmark = pytest.mark.slow

STYLES: dict[str, Callable[[], Library]] = {
    "integers, 410": lambda: Library(gone=True),
    "numbers in the path": lambda: Library(numbered=True),
    "uuids in Location": lambda: Library(ids="uuid", located=True),
    "slugs, unique names": lambda: Library(ids="slug", unique=True, deleted=200),
    "named by the client": lambda: Library(ids="name", unique=True, silent=True),
}
TOUCHING = ("PUT /shelves/1 ", "DELETE /shelves/1 ", "POST /shelves/1/")


def held(clause: Clause) -> bool:
    """Whether it was seen to hold."""
    return clause.verdict is Verdict.HELD


def ran(tmp_path: Path, library: Library, **options: Any) -> Report:
    """A run that may write."""
    contract = contract_of(tmp_path, library.contract)
    options.setdefault("max_billable", 15)
    # What is written is read again after a while; nothing here depends on generated requests.
    options.setdefault("max_examples", 0)
    return run(contract, library, by_clock=True, allow_writes=True, **options)


@pytest.mark.parametrize("style", STYLES)
def test_things_in_things_are_made_used_and_removed(tmp_path: Path, style: str) -> None:
    """No finding, every operation succeeds, and only what was there before is there."""
    library = STYLES[style]()

    report = ran(tmp_path, library)

    controls = {one.operation: one.verdict.value for one in report.clauses if one.kind == "control"}
    assert [f"{one.level.value} {one.title}: {one.got}" for one in report.findings] == []
    assert set(controls.values()) == {"held"}
    assert list(library.shelves) == ["1"]
    assert library.shelves["1"]["name"] == "of somebody"
    assert not any("left behind" in one for one in report.remarks)
    assert not any(one.startswith(TOUCHING) for one in library.asked)


@pytest.mark.parametrize("include", [(), ("POST /shelves",), ("GET /shelves/{shelfId}",)])
def test_what_only_a_list_names_is_used_and_removed(
    tmp_path: Path, include: tuple[str, ...]
) -> None:
    """The answers to POST are empty; of what has no text of this run the list says nothing."""
    library = Library(ids="uuid", silent=True)

    report = ran(tmp_path, library, max_billable=5, include=include)

    controls = {one.operation: one.verdict.value for one in report.clauses if one.kind == "control"}
    assert [f"{one.level.value} {one.title}: {one.got}" for one in report.findings] == []
    assert set(controls.values()) == {"held"}
    assert not [one for one in library.shelves.values() if re.search("[0-9a-f]{8}", one["name"])]
    assert library.shelves["1"]["name"] == "of somebody"
    assert not any(one.startswith(TOUCHING) for one in library.asked)


def test_what_is_removed_is_made_for_it(tmp_path: Path) -> None:
    """One operation alone: what it removes was made before, though nothing else is tried."""
    library = Library(numbered=True, unique=True)

    report = ran(tmp_path, library, include=("DELETE /shelves/{shelfId}",))

    assert report.findings == ()
    assert library.shelves == {"1": {"id": 1, "name": "of somebody"}}
    assert {one.operation for one in report.clauses} == {"DELETE /shelves/{shelfId}"}
    assert len(library.removed) > 10


def test_what_others_have_made_is_not_removed(tmp_path: Path) -> None:
    """Where nothing can be made, a bad credential is tried on what nobody has."""
    library = Library(numbered=True)

    report = ran(tmp_path, library, exclude=("POST /shelves",), max_billable=5)

    whys = {one.why for one in report.clauses if one.id == "DELETE /shelves/{shelfId} control"}
    assert list(library.shelves) == ["1"]
    assert not any(one.startswith("DELETE /shelves/1 ") for one in library.asked)
    assert "what others have made stays" in whys.pop()


def test_what_there_was_no_time_to_remove_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody was asked to remove it, so no operation failed to."""
    monkeypatch.setattr("conformance.run.session.time_budget.CLEANING", 0.0)
    library = Library()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "DELETE":
            await asyncio.sleep(60)
        await library(scope, receive, send)

    report = run(
        contract_of(tmp_path, library.contract),
        slow,
        allow_writes=True,
        include=("POST /shelves",),
        families=frozenset({ClauseKind.CONTROL}),
        time_budget=0.5,
    )

    told = [one for one in report.remarks if one.startswith("left behind by this run: /shelves/")]
    assert [one.endswith("the time ended before all were removed") for one in told] == [True]


def test_what_cannot_be_removed_is_told(tmp_path: Path) -> None:
    """A deployment that says it removed a thing and did not, and a contract without a remover."""
    kept = ran(tmp_path, Library(faults=frozenset({"refuses"})), max_billable=3)
    lost = ran(tmp_path, Library(faults=frozenset({"loses"})), max_billable=3)
    excluded = ran(tmp_path, Library(), exclude=("DELETE",), max_billable=3)

    told = [one for one in kept.remarks if one.startswith("left behind by this run: /shelves/")]
    unselected = [one for one in excluded.remarks if one.startswith("left behind by this run")]
    assert len(told) == 1
    assert "DELETE /shelves/{shelfId} did not remove them" in told[0]
    assert any("DELETE /shelves/{shelfId} does not find them" in one for one in lost.remarks)
    assert len(unselected) == 2
    assert all("no operation that the run may use removes them" in one for one in unselected)


def test_an_end_before_its_time_leaves_nothing_behind(tmp_path: Path) -> None:
    """The time is over while things are there: they are removed all the same."""
    library = Library()

    report = ran(tmp_path, library, time_budget=0.3)

    assert any("--time-budget" in one for one in report.remarks)
    assert list(library.shelves) == ["1"]


def test_without_leave_ids_of_lists_make_reads_work(tmp_path: Path) -> None:
    """`GET /shelves/{shelfId}` is asked for a shelf that is there, and nothing is written."""
    library = Library()

    report = run(contract_of(tmp_path, library.contract), library, max_examples=0)

    read = {one.operation for one in report.clauses if one.id.endswith(" control") and held(one)}
    assert read >= {"GET /shelves", "GET /shelves/{shelfId}", "GET /shelves/{shelfId}/books"}
    assert library.shelves == {"1": {"id": 1, "name": "of somebody"}}


@pytest.mark.parametrize(("length", "asked_for"), [(30, True), (30_000, False)])
def test_a_thing_with_a_long_name_is_not_asked_for(
    tmp_path: Path, length: int, asked_for: bool
) -> None:
    """An edge may have named it; a path with it would be refused as too long by most servers."""
    things = KnownItems(contract_of(tmp_path, Library().contract))
    make, read = map(things.contract.operation, ("POST /shelves", "GET /shelves/{shelfId}"))
    assert make is not None
    assert read is not None
    created = Answer(status=201, headers=(), body=json.dumps({"id": "a" * length}).encode())

    things.see(make, Request(method="POST", target="/shelves", body=b"{}"), created)
    draft = placed(things, read, Draft(method="GET", path=read.path), body=False)
    assert (draft is not None) is asked_for
    assert things.standing() != []


@pytest.mark.parametrize("located", [False, True], ids=["in the body", "in Location"])
@pytest.mark.parametrize(
    "given", ["..", ".", "../../admin", "%2e%2e", "..%2f..", "..\\admin", "a/../../b", "..;x"]
)
def test_an_id_that_leads_elsewhere_names_no_thing(
    tmp_path: Path, given: str, located: bool
) -> None:
    """What a deployment calls its thing must not make a run remove another one."""
    things = KnownItems(contract_of(tmp_path, Library().contract))
    make, lists = map(things.contract.operation, ("POST /shelves", "GET /shelves"))
    assert make is not None
    assert lists is not None
    path = (("Location", f"/shelves/{quote(given, safe='.')}"),) if located else ()
    body = {} if located else {"id": given}
    answers = [(make, "POST", body), (lists, "GET", [{"id": given}])]

    for operation, method, value in answers:
        answer = Answer(status=201, headers=path, body=json.dumps(value).encode())
        things.see(operation, Request(method=method, target="/shelves", body=b"{}"), answer)

    assert not things.made
    assert not things.seen
    assert things.unnamed == {"POST /shelves": 1}


@pytest.mark.parametrize(
    ("written", "as_written"),
    [
        ("/shelves/1/books/2", "/shelves/7/books/8"),
        ("/shelves/%31/books/2?x=1", "/shelves/%37/books/8?x=1"),
        ("/shelves/%31/books/%32", "/shelves/%37/books/%38"),
        ("/shelves/3/books/2", "/shelves/3/books/2"),
    ],
)
def test_another_thing_is_named_in_the_spelling_of_the_first(
    tmp_path: Path, written: str, as_written: str
) -> None:
    """Where several ids are escaped at once, what is gone would be asked for again."""
    read = contract_of(tmp_path, Library().contract).operation("GET /shelves/{shelfId}/books/{id}")
    assert read is not None

    assert exchanged(read, written, ("1", "2"), ("7", "8")) == as_written


@pytest.mark.parametrize(
    ("declared", "target", "there"),
    [
        ("DELETE", "/shelves/7", False),
        ("DELETE", "/shelves/7?x=1", False),
        ("DELETE", "/shelves/%37", True),
        ("GET", "/shelves/7", True),
    ],
)
def test_only_what_removes_a_thing_can_miss_it(
    tmp_path: Path, declared: str, target: str, there: bool
) -> None:
    """Many servers answer a method that the path does not have with 404, or an escaped letter."""
    things = KnownItems(contract_of(tmp_path, Library().contract))
    make, asked = map(
        things.contract.operation, ("POST /shelves", f"{declared} /shelves/{{shelfId}}")
    )
    assert make is not None
    assert asked is not None
    created = Answer(status=201, headers=(), body=b'{"id": 7}')

    things.see(make, Request(method="POST", target="/shelves", body=b"{}"), created)
    things.see(asked, Request(method="DELETE", target=target), Answer(status=404))

    assert bool(things.standing()) is there


@pytest.mark.parametrize(("removed", "told"), [(204, 0), (500, 1)])
def test_what_went_along_with_another_thing_is_not_left_behind(
    tmp_path: Path, removed: int, told: int
) -> None:
    """A book that GET does not find any more is gone with its shelf; without that, who knows."""
    contract = contract_of(tmp_path, Library().contract)
    things, item = KnownItems(contract), "/shelves/{shelfId}"
    session: Any = SimpleNamespace(
        contract=contract,
        options=RunOptions(allow_writes=True),
        things=things,
        stopped="",
        cut_off=False,
    )
    made = b'{"id": 7}'
    for name, method, target, status in (
        ("POST /shelves", "POST", "/shelves", 201),
        (f"POST {item}/books", "POST", "/shelves/7/books", 201),
        (f"DELETE {item}/books/{{id}}", "DELETE", "/shelves/7/books/7", 404),
        (f"DELETE {item}", "DELETE", "/shelves/7", removed),
    ):
        operation = contract.operation(name)
        assert operation is not None
        request = Request(method=method, target=target, body=b"{}")
        things.see(operation, request, Answer(status=status, headers=(), body=made))

    left = list(left_behind(session))

    assert sum("perhaps left behind" in one for one in left) == told


@pytest.mark.parametrize(("documented", "left"), [(True, 0), (False, 1)])
def test_an_empty_queue_hands_out_nothing(tmp_path: Path, documented: bool, left: int) -> None:
    """204 beside 201 says that nothing was made; an undocumented one may hide anything."""
    text = Library().contract
    if documented:
        text = text.replace("{'201':", "{'204': {description: nothing waits}, '201':")
    things = KnownItems(contract_of(tmp_path, text))
    make = things.contract.operation("POST /shelves")
    assert make is not None

    things.see(make, Request(method="POST", target="/shelves", body=b"{}"), Answer(status=204))

    assert things.unnamed.total() == left


KEYS = """
paths:
  /keys:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
      responses: {'201': {description: made}}
  /keys/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: it}}}
  /keys/{OTHER}/rotate:
    parameters: [{name: OTHER, in: path, required: true, schema: {type: string}}]
    post: {responses: {'200': {description: it}}}
"""


@pytest.mark.parametrize(
    ("name", "answered", "path"),
    [
        ("id", {"id": "4e1"}, "/keys/4e1/rotate"),
        ("id", {"data": {"id": "4e1", "name": "mine"}}, "/keys/4e1/rotate"),
        ("id", {"ok": True}, "/keys/mine/rotate"),
        ("keyName", {"keyName": "4e1", "name": "mine"}, "/keys/mine/rotate"),
    ],
)
def test_what_some_paths_name_by_another_property_is_the_same_thing(
    tmp_path: Path, name: str, answered: Any, path: str
) -> None:
    """A key has a name in one path, and the id that its creation was answered with in another."""
    things = KnownItems(contract_of(tmp_path, KEYS.replace("OTHER", name)))
    ids = ("POST /keys", f"POST /keys/{{{name}}}/rotate")
    make, rotate = map(things.contract.operation, ids)
    assert make is not None
    assert rotate is not None
    answer = Answer(status=201, headers=(), body=json.dumps(answered).encode())

    things.see(make, Request(method="POST", target="/keys", body=b'{"name": "mine"}'), answer)

    draft = placed(things, rotate, Draft(method="POST", path=rotate.path), body=False)
    assert draft is not None
    assert draft.request().target == path
    assert is_about_own(things, rotate)


@pytest.mark.parametrize(("shown", "called"), [("mine-0a1b2c3d", "mine-0a1b2c3d"), ("other", "7")])
def test_what_get_finds_by_the_name_that_was_sent_is_removed_by_it(
    tmp_path: Path, shown: str, called: str
) -> None:
    """A list shows an id that no path takes; a GET that shows something else proves nothing."""
    listed = "    get: {responses: {'200': {description: all}}}\n    post:"
    text = KEYS.replace("    post:", listed, 1).replace("OTHER", "key")
    text = text.replace("{name}", "{key}").replace("name: name", "name: key")
    things = KnownItems(contract_of(tmp_path, text))
    name = "mine-0a1b2c3d"
    for operation, target, sent, answered in (
        ("POST /keys", "/keys", {"name": name}, {}),
        ("GET /keys/{key}", f"/keys/{name}", None, {"id": 7, "name": shown}),
        ("GET /keys", "/keys", None, [{"id": 7, "name": name}]),
    ):
        declared = things.contract.operation(operation)
        assert declared is not None
        body = None if sent is None else json.dumps(sent).encode()
        request = Request(method=operation.split()[0], target=target, body=body)
        things.see(declared, request, Answer(status=200, body=json.dumps(answered).encode()))

    assert [one.ids for one in things.standing()] == [(called,)]


ROOT = """
paths:
  /: {get: {responses: {'200': {description: version}}}}
  /users: {get: {responses: {'200': {description: all}}}}
  /users/{name}/shares:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: all}}}
"""


@pytest.mark.parametrize("asked", ["/", "/users"])
def test_what_the_root_answers_is_no_list_of_paths(tmp_path: Path, asked: str) -> None:
    """`/users` is no item of it, although it has a GET: no parameter stands in its path."""
    things = KnownItems(contract_of(tmp_path, ROOT))
    operation = things.contract.operation(f"GET {asked}")
    assert operation is not None

    things.see(
        operation, Request(method="GET", target=asked), Answer(status=200, body=b'[{"name": "a"}]')
    )

    assert [one.collection for one in things.seen] == ([] if asked == "/" else ["/users"])


BUSY = """
paths:
  /notes:
    post:
      responses:
        '201':
          description: made
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {responses: {'204': {description: gone}, '404': {description: no}}}
"""


def test_a_removal_that_failed_is_tried_once_more(tmp_path: Path) -> None:
    """A store that is busy for a moment must not keep what a run has made."""
    kept, failed = set[str](), set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        note = asked.path.removeprefix("/notes/")
        if asked.method == "POST":
            kept.add(new := f"n{len(kept)}")
            return 201, {"id": new}
        if note not in kept:
            return 404, None
        if note not in failed:
            failed.add(note)
            return 503, None
        kept.discard(note)
        return 204, None

    report = run(
        contract_of(tmp_path, BUSY), Application(answer), by_clock=True, allow_writes=True,
        include=("POST /notes",), families=frozenset({ClauseKind.CONTROL}),
    )  # fmt: skip

    assert failed
    assert not kept
    assert not any("left behind" in one for one in report.remarks)


PLANS = """
paths:
  /plans:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties:
              {name: {type: string}, limit: {type: integer}, pool: {type: integer}}}
            example: {name: a, limit: 1, pool: 2}
      responses:
        '201': {description: made, content: {application/json: {schema: {type: object}}}}
        '400': {description: no}
  /plans/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: it}, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


@pytest.mark.parametrize("include", [("GET /plans/{id}",), ("DELETE /plans/{id}",), ()])
def test_what_excludes_its_own_example_is_made_of_the_least(
    tmp_path: Path, include: tuple[str, ...]
) -> None:
    """A thing is made with what the deployment has accepted, or without optional parts."""
    plans = dict[str, Any]()

    def answer(asked: Asked) -> tuple[int, Any]:
        name = asked.path.removeprefix("/plans").strip("/")
        body = asked.json if asked.body else {}
        if asked.method == "POST":
            if not isinstance(body, dict) or "name" not in body or {"limit", "pool"} <= body.keys():
                return 400, None
            plans[number] = body = {"id": int(number := str(len(plans) + 7)), **body}
            return 201, body
        if name not in plans:
            return 404, None
        return (204, plans.pop(name) and None) if asked.method == "DELETE" else (200, plans[name])

    options: dict[str, Any] = {"include": include, "max_billable": 5, "max_examples": 0}
    contract = contract_of(tmp_path, PLANS)
    report = run(contract, Application(answer), by_clock=True, allow_writes=True, **options)

    controls = {one.operation: one for one in report.clauses if one.kind == "control"}
    # That the example itself is refused is told of the operation that has it.
    controls.pop("POST /plans", None)
    assert controls
    assert all(map(held, controls.values()))
    assert plans == {}


NOTES = """
paths:
  /notes:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
            example: {name: diary}
      responses: {'201': {description: made}, '400': {description: no}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: it}, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


def test_what_a_new_thing_may_be_taken_for_is_not_removed(tmp_path: Path) -> None:
    """An answer that repeats the name alone does not say which id the new note has.

    The contract allows one name only: the run cannot send one that nobody has.
    """
    notes = {"diary": "of somebody"}

    def numbered(asked: Asked) -> tuple[int, Any]:
        _, _, own = asked.path.partition("/notes/")
        if asked.method == "POST" and not own:
            name = asked.json.get("name") if isinstance(asked.json, dict) else None
            if not isinstance(name, str):
                return 400, {}
            notes[f"n{len(notes)}"] = name
            return 201, {"name": name}
        if own not in notes or asked.method not in ("GET", "DELETE"):
            return 404, {}
        return (
            (200, {"name": notes[own]}) if asked.method == "GET" else (204, notes.pop(own) and None)
        )

    contract = contract_of(tmp_path, NOTES.replace("{type: string}}}", "{enum: [diary]}}}"))
    application = Application(numbered)
    run(contract, application, by_clock=True, allow_writes=True, max_billable=5, max_examples=0)

    assert notes.get("diary") == "of somebody"


def test_an_id_that_only_the_answer_says_is_that_of_the_new_thing(tmp_path: Path) -> None:
    """It repeats nothing of the request."""
    notes = {"diary": "of somebody"}
    numbers = count(1)

    def answer(asked: Asked) -> tuple[int, Any]:
        _, _, own = asked.path.partition("/notes/")
        if asked.method == "POST" and not own:
            name = asked.json.get("name") if isinstance(asked.json, dict) else None
            if not isinstance(name, str):
                return 400, {}
            new = f"n{next(numbers)}"
            notes[new] = name
            return 201, {"id": new, "job": 7, "message": "made"}
        if own not in notes or asked.method not in ("GET", "DELETE"):
            return 404, {}
        if asked.method == "GET":
            return 200, {"name": notes[own]}
        del notes[own]
        return 204, None

    contract = contract_of(tmp_path, NOTES)
    report = run(contract, Application(answer), allow_writes=True, max_billable=5)

    assert notes == {"diary": "of somebody"}
    assert not any("left behind" in one for one in report.remarks)


VERSIONED = """
paths:
  /v{version}/notes/{id}:
    parameters: &ids
    - {name: version, in: path, required: true, schema: {type: integer}}
    - {name: id, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': {description: it}}}
  /v{version}/notes/{id}/tags:
    parameters: *ids
    patch: {responses: {'204': {description: changed}}}
"""


@pytest.mark.parametrize(
    ("name", "target", "own"),
    [
        ("GET /v{version}/notes/{id}", "/v1/notes/n7", True),
        ("PATCH /v{version}/notes/{id}/tags", "/v1/notes/n7/tags", False),
    ],
)
def test_what_stands_in_the_middle_of_a_segment_belongs_to_the_id(
    tmp_path: Path, name: str, target: str, *, own: bool
) -> None:
    """The note of a version, and a part of it, name the same thing."""
    contract = contract_of(tmp_path, VERSIONED)
    things, operation = KnownItems(contract), contract.operation(name)
    assert operation is not None
    note = Thing(collection="/v{}/notes", ids=("1", "n7"))
    things.made[note] = "POST"

    assert things.innermost(operation, target) == note
    assert things.own(operation, target) == (note if own else None)
    assert things.is_below_own(operation, target)


FLOWS = """
paths:
  /flows:
    get: {responses: {'200': {description: all}}}
    post:
      requestBody: &flow
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
      responses: {'201': {description: made}, '400': {description: no}}
  /flows/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: one}, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
  /flows/name/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: one}, '404': {description: none}}}
    put: {requestBody: *flow, responses: {'200': {description: ok}, '404': {description: none}}}
"""


@pytest.mark.parametrize("writes", [False, True])
def test_an_item_is_asked_for_by_its_name_too(tmp_path: Path, *, writes: bool) -> None:
    """The list, or what the run has made, says the name; nothing of others is changed by it."""
    flows, numbers, changed = {"f-0": "of-others"}, count(1), set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        _, _, *steps = asked.path.split("/")
        body = asked.json if isinstance(asked.json, dict) else {}
        if not steps and asked.method == "POST" and isinstance(body.get("name"), str):
            flows[new := f"f-{next(numbers)}"] = body["name"]
            return 201, {"id": new, "name": body["name"]}
        if not steps:
            listed = [{"id": key, "name": name} for key, name in flows.items()]
            return (200, listed) if asked.method == "GET" else (400, None)
        by_name = {name: key for key, name in flows.items()}
        key = by_name.get(unquote(steps[1])) if len(steps) == 2 else steps[0]
        if key not in flows:
            return 404, None
        if asked.method == "PUT":
            changed.add(key)
        if asked.method == "DELETE":
            del flows[key]
            return 204, None
        return 200, {"id": key, "name": flows[key]}

    families = frozenset({ClauseKind.CONTROL})
    contract = contract_of(tmp_path, FLOWS)
    app = Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=writes, families=families)

    held = {one.operation for one in report.clauses if one.kind == "control" and one.cases}
    verdict = {one.id: one.verdict.value for one in report.clauses}
    assert verdict["GET /flows/name/{name} control"] == "held"
    assert ("PUT /flows/name/{name}" in held) is writes
    assert "f-0" not in changed
    assert flows == {"f-0": "of-others"}


ENVELOPES = """
paths:
  /books:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [data], properties: {data: {type: object}}}
      responses: {'201': {description: made}}
  /books/{bookId}:
    parameters: [{name: bookId, in: path, required: true, schema: {type: string}}]
    patch:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [data]
              properties:
                data:
                  type: object
                  required: [id]
                  properties: {id: {type: string}, title: {type: string}}
      responses: {'200': {description: ok}, '409': {description: another one}}
    delete: {responses: {'204': {description: gone}}}
"""


def test_what_an_envelope_names_is_the_item_of_the_path(tmp_path: Path) -> None:
    """JSON:API demands it: a PATCH of another id than that of its path is a conflict."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json if isinstance(asked.json, dict) else {}
        if asked.method == "POST":
            return 201, {"data": {"id": "b-7", "title": ""}}
        if asked.method == "DELETE":
            return 204, None
        data = body.get("data")
        same = isinstance(data, dict) and asked.path == f"/books/{data.get('id')}"
        return (200 if same else 409), None

    families = frozenset({ClauseKind.CONTROL})
    contract, app = contract_of(tmp_path, ENVELOPES), Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=True, families=families)

    verdict = {one.id: one.verdict.value for one in report.clauses}
    assert verdict["PATCH /books/{bookId} control"] == "held"


PETS = """
paths:
  /pets:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object,
        required: [kind], properties: {kind: {type: string}}}}}}
      responses:
        '201': &pet {description: it, content: {application/json: {schema: {type: object,
          required: [id, _rev], properties: {id: {type: string}, _rev: {type: string}}}}}}
        '400': &no {description: no}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *pet, '404': *no}}
    delete:
      parameters: [{name: rev, in: query, required: true, schema: {type: string}}]
      responses: {'204': *no, '400': *no, '404': *no, '409': *no}
"""


@pytest.mark.parametrize("stays", [False, True])
def test_what_is_removed_by_its_version_is_removed(tmp_path: Path, *, stays: bool) -> None:
    """CouchDB has it in the query, and calls it `_rev` in what it answers."""
    pets, numbers = dict[str, dict[str, Any]](), count()

    def answer(asked: Asked) -> tuple[int, Any]:
        key = asked.path.removeprefix("/pets").removeprefix("/")
        if asked.method == "POST":
            if not isinstance(asked.json, dict) or not isinstance(asked.json.get("kind"), str):
                return 400, None
            key = f"p{next(numbers)}"
            pets[key] = {"id": key, "_rev": f"1-{key}"}
            return 201, pets[key]
        if key not in pets:
            return 404, None
        if asked.method == "DELETE" and asked.query != f"rev=1-{key}":
            return (409 if asked.query.startswith("rev=") else 400), None
        if asked.method == "DELETE" and not stays:
            del pets[key]
        return (204, None) if asked.method == "DELETE" else (200, pets[key])

    families = frozenset({ClauseKind.CONTROL, ClauseKind.STATE})
    contract, app = contract_of(tmp_path, PETS), Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=True, families=families)

    assert verdicts(report)["state.gone"] == ("broken" if stays else "held")
    assert bool(pets) is stays


NAMED = """
components: {schemas: {Pet: {type: object, required: [id, name], properties: {id: {type: string},
  name: {type: string}}}}}
paths:
  /pets:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object,
        required: [name], properties: {name: {type: string}}}}}}
      responses:
        '201': &pet {description: it, content: {application/json: {schema: {$ref:
          '#/components/schemas/Pet'}}}}
        '400': &no {description: no}
        '409': *no
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *pet, '404': *no}}
  /pets/name/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *pet, '404': *no}}
    delete: {responses: {'204': *no}}
"""


def test_each_removal_by_another_name_has_a_thing_of_its_own(tmp_path: Path) -> None:
    """No 404 is documented: to ask a second time for what is gone would accuse the deployment."""
    pets, removed = dict[str, dict[str, Any]](), list[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method == "POST":
            name = asked.json.get("name") if isinstance(asked.json, dict) else None
            if not isinstance(name, str) or any(one["name"] == name for one in pets.values()):
                return (400 if not isinstance(name, str) else 409), None
            key = f"p{len(pets) + len(removed)}"
            pets[key] = {"id": key, "name": asked.json["name"]}
            return 201, pets[key]
        name = asked.path.removeprefix("/pets/name/")
        by_name = (key for key in pets if pets[key]["name"] == name)
        key = next(by_name, asked.path.removeprefix("/pets/"))
        if key not in pets:
            return 404, None
        if asked.method == "DELETE":
            removed.append(pets.pop(key)["name"])
        return (204, None) if asked.method == "DELETE" else (200, pets[key])

    families = frozenset({ClauseKind.CONTROL, ClauseKind.STATUS, ClauseKind.STEADINESS})
    contract, app = contract_of(tmp_path, NAMED), Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=True, families=families)

    assert not [one.title for one in report.findings]
    assert len(removed) > 2
    assert not pets


SHELVES = """
components:
  schemas:
    Book:
      type: object
      required: [title]
      properties:
        name: {type: string}
        title: {type: string, maxLength: 20}
        labels: {type: object, additionalProperties: {type: string}, example: {key: red}}
paths:
  /v1/books:
    post:
      requestBody: &book
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
      responses:
        '200': &one
          description: it
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
        '400': &no {description: no}
  /v1/books/{book}:
    parameters: [{name: book, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *one, '404': *no}}
    patch: {requestBody: *book, responses: {'200': *one, '400': *no, '404': *no}}
    delete: {responses: {'204': *no, '404': *no}}
"""


@pytest.mark.parametrize("lost", ["", "change", "removal"])
def test_the_end_of_a_path_names_what_is_made(tmp_path: Path, lost: str) -> None:
    """As the APIs of Google do (AIP-122): `books/b-1`. A label that is called `key` is no id."""
    books = dict[str, dict[str, Any]]()

    def answer(asked: Asked) -> tuple[int, Any]:
        key = asked.path.removeprefix("/v1/books").removeprefix("/")
        if asked.path != "/v1/books" and key not in books:
            return 404, None
        if asked.method in ("POST", "PATCH"):
            sent = asked.json if isinstance(asked.json, dict) else {}
            if not isinstance(sent.get("title"), str) or len(sent["title"]) > 20:
                return 400, None
            key = key or f"b-{len(books) + 1}"
            known = {"title": sent["title"], "labels": sent.get("labels", {})}
            made = {"name": f"books/{key}", **known}
            if asked.method == "POST" or lost != "change":
                books[key] = made
            return 200, made
        if asked.method == "DELETE":
            left = books[key] if lost == "removal" else books.pop(key)
            return (204, None) if left else (404, None)
        return 200, books[key]

    families = frozenset({ClauseKind.CONTROL, ClauseKind.STATE})
    contract, app = contract_of(tmp_path, SHELVES), Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=True, families=families)

    found = [place.clause for one in report.findings for place in one.places]
    wrong = {"change": "PATCH", "removal": "DELETE"}.get(lost)
    aspect = "gone" if lost == "removal" else "changed"
    assert found == ([f"{wrong} /v1/books/{{book}} state.{aspect}"] if wrong else [])
    assert verdicts(report)["state.readable"] == "held"
    assert bool(books) is (lost == "removal")


HOSTS = """
paths:
  /hosts/{host}/zones:
    parameters: &of [{name: host, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: ok}, '404': {description: no}}}
    post: {responses: {'201': {description: ok}, '404': {description: no}}}
  /hosts/{host}/restart: {parameters: *of, post: {responses: {'202': {description: ok}}}}
  /hosts:
    get: {responses: {'200': {description: ok, content: {application/json: {schema:
      {type: array, items: {type: object, properties: {id: {type: string}}}}}}}}}
  REST
"""
OF_A_HOST = "/hosts/{host}: {parameters: *of, get: {responses: {'200': {description: ok}}}}"
MADE_HOSTS = "/hosts/{host}: {parameters: *of, put: {responses: {'201': {description: made}}}}"


@pytest.mark.parametrize(
    ("rest", "added"), [("", True), (OF_A_HOST, True), (MADE_HOSTS, False)], ids=[0, 1, 2]
)
def test_what_nothing_makes_is_listed_before_things_are_added_to_it(
    tmp_path: Path, rest: str, added: bool
) -> None:
    """Else what the run itself has made is added to. Nothing is done with what others have made."""
    changed = list[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path == "/hosts":
            return 200, [{"id": "h-1"}]
        if asked.method == "POST" and asked.path.startswith("/hosts/h-1/"):
            changed.append(asked.path)
        if asked.method == "GET":
            return (200 if asked.path.startswith("/hosts/h-1") else 404), None
        return (201 if asked.path == "/hosts/h-1/zones" else 404), None

    families = frozenset({ClauseKind.CONTROL})
    contract, app = contract_of(tmp_path, HOSTS.replace("REST", rest)), Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=True, families=families)

    seen = {one.id: one.verdict for one in report.clauses}
    assert seen["GET /hosts/{host}/zones control"] is Verdict.HELD
    assert (seen["POST /hosts/{host}/zones control"] is Verdict.HELD) is added
    assert set(changed) == ({"/hosts/h-1/zones"} if added else set())


FREE = """
components:
  schemas:
    Record: {type: object, properties: {data: {type: object, additionalProperties: {}}}}
paths:
  /records:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Record'}}}}
      responses: &made
        '200':
          description: it
          content: {application/json: {schema: {$ref: '#/components/schemas/Record'}}}
  /records/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: *made}
"""


@pytest.mark.parametrize(
    ("sent", "answered", "own"),
    [
        ({"key": "a"}, {"key": "a", "id": "7"}, "7"),
        ({"id": "a"}, {"id": "a"}, None),
        (None, {"id": "7"}, "7"),
    ],
    ids=["added", "sent", "empty"],
)
def test_what_the_server_adds_to_a_free_object_names_it(
    tmp_path: Path, sent: Any, answered: Any, own: str | None
) -> None:
    """A caller's own names say nothing; what only the answer says is the deployment's."""
    contract = contract_of(tmp_path, FREE)
    body = json.dumps({"data": sent}).encode() if sent else None
    request = Request(method="POST", target="/records", body=body)
    answer = Answer(status=200, body=json.dumps({"data": answered}).encode())

    found = created(CollectionOperations(contract), contract.operations[0], request, answer)

    assert (found and found.thing.ids[-1]) == own


@pytest.mark.parametrize(
    ("path", "name", "own"),
    [
        ("/v1/books/{book}", "books/7", "7"),
        ("/v1/shelves/{shelf}/books/{book}", "shelves/1/books/7", "7"),
        ("/v1/shelves/{shelf}/books/{book}", "books/7", "7"),
        ("/v1/books/{book}", "shelves/7", None),
        ("/v1/books/{book}", "7", None),
        ("/v1/books", "v1/books", None),
        ("/{owner}/{book}", "x/7", None),
    ],
)
def test_an_id_stands_at_the_end_of_a_resource_name(
    tmp_path: Path, path: str, name: str, own: str | None
) -> None:
    """Where what stands before it is that of the path."""
    named = [f"{{name: {one}, in: path, required: true}}" for one in template_names(path)]
    get = "get: {responses: {'200': {description: it}}}"
    contract = contract_of(
        tmp_path, f"paths: {{'{path}': {{parameters: [{', '.join(named)}], {get}}}}}"
    )

    assert id_in_name(contract.operations[0], name) == own


HUB = """
paths:
  /projects:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object,
        required: [title], properties: {title: {type: string}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {type: object,
        required: [id], properties: {id: {type: string}}}}}}, '400': &no {description: no}}
  /projects/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete:
      parameters: [{name: If-Match, in: header, required: true, schema: {type: string}}]
      responses: {'204': *no, '404': *no, '412': *no, '428': *no}
  /projects/{id}/exports:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post: {responses: {'202': &job {description: begun, content: {application/json: {schema:
      {$ref: '#/components/schemas/Job'}}}}, '404': *no}}
  /jobs/{jobId}:
    parameters: [{name: jobId, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *job, '404': *no}}
    delete: {responses: {'204': *no, '404': *no}}
components: {schemas: {Job: {type: object, required: [id], properties: {id: {type: string}}}}}
"""


def test_what_lies_on_another_path_and_what_demands_a_version_is_removed(tmp_path: Path) -> None:
    """A job that a project's export begins; a DELETE that wants `If-Match`, which `*` fulfils."""
    things = {"/projects": {"p0"}, "/jobs": {"j0"}}
    numbers = count(1)

    def answer(asked: Asked) -> tuple[int, Any]:
        head, _, last = asked.path.rpartition("/")
        if asked.method == "POST" and last == "exports":
            if head.removeprefix("/projects/") not in things["/projects"]:
                return 404, None
            things["/jobs"].add(new := f"j{next(numbers)}")
            return 202, {"id": new}
        if asked.method == "POST":
            if not isinstance(asked.json, dict) or not isinstance(asked.json.get("title"), str):
                return 400, None
            things["/projects"].add(new := f"p{next(numbers)}")
            return 201, {"id": new}
        if last not in things.get(head, ()):
            return 404, None
        if asked.method == "GET":
            return 200, {"id": last}
        if head == "/projects" and asked.headers.get("if-match") != "*":
            return (412 if "if-match" in asked.headers else 428), None
        things[head].remove(last)
        return 204, None

    contract, server = contract_of(tmp_path, HUB), Application(answer)
    report = run(contract, server, allow_writes=True, families={ClauseKind.STATE}, by_clock=True)

    controls = {one.operation: one.verdict.value for one in report.clauses if one.kind == "control"}
    assert [f"{one.level.value} {one.title}: {one.got}" for one in report.findings] == []
    assert set(controls.values()) == {"held"}
    assert things == {"/projects": {"p0"}, "/jobs": {"j0"}}


BOARDS = """
paths:
  /boards:
    post:
      requestBody: {required: true, content: {application/json: {schema: &board {type: object,
        required: [title], properties: {title: {type: string, maxLength: 60}, size: {type: integer},
        shape: {type: string, enum: [round, flat]}}}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {type: object,
        required: [id], properties: {id: {type: string}}}}}}, '400': &no {description: no}}
  /boards/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    patch:
      requestBody: {required: true, content: {application/json: {schema: *board,
        example: {title: new, size: 3, shape: flat}}}}
      responses: {'204': *no, '400': *no, '404': *no}
    delete: {responses: {'204': *no, '404': *no}}
"""


def storing(boards: dict[str, Any], patched: Callable[[Any, Any], int]) -> Application:
    """A server of BOARDS that checks the title of a body; `patched` stores, and says the status."""
    numbers = count(1)

    def answer(asked: Asked) -> tuple[int, Any]:
        last = asked.path.rpartition("/")[2]
        body = asked.json if isinstance(asked.json, dict) else {}
        if asked.method in ("POST", "PATCH"):
            title = body.get("title")
            if not isinstance(title, str) or len(title) > 60:
                return 400, None
        if asked.method == "POST":
            boards[own := f"board-{next(numbers)}"] = {"size": 1}
            return 201, {"id": own}
        if last not in boards:
            return 404, None
        if asked.method == "DELETE":
            boards.pop(last)
            return 204, None
        return patched(boards[last], body), None

    return Application(answer)


def accused_boards(folder: Path, server: Application, *families: ClauseKind) -> set[str]:
    """The clauses of PATCH that are accused."""
    report = run(
        contract_of(folder, BOARDS), server, allow_writes=True, by_clock=True, max_examples=0,
        include=("PATCH",), families={ClauseKind.EDGES, ClauseKind.STEADINESS, *families},
    )  # fmt: skip
    return {place.clause.split(" ")[-1] for one in report.findings for place in one.places}


def test_what_stores_a_value_that_it_refuses_is_used_no_more(tmp_path: Path) -> None:
    """Nothing else is accused, though every request about it is refused from then on."""

    def patched(board: Any, body: Any) -> int:
        if abs(board["size"]) > 9:
            return 400
        board.update(body)
        return 400 if abs(board["size"]) > 9 else 204

    assert accused_boards(tmp_path, storing({}, patched)) == {"body.size.large"}


def test_what_stores_a_fault_and_fails_from_then_on_is_used_no_more(tmp_path: Path) -> None:
    """Nothing is accused for it, and the fault that comes after it is found all the same."""
    boards = dict[str, Any]()

    def patched(board: Any, body: Any) -> int:
        if not isinstance(board["size"], int):
            return 400
        board.update(body)
        return 204

    accused = accused_boards(tmp_path, storing(boards, patched), ClauseKind.BODY)
    assert accused == {"body.size.type", "body.shape.type", "body.shape.enum"}
    assert boards == {}


ROLES = """
paths:
  /teams:
    post: {responses: {'201': {description: made, content: {application/json: {schema:
      {type: object, required: [id], properties: {id: {type: string}}}}}}}}
  /teams/{id}: {delete: {parameters: [&id {name: id, in: path, required: true, schema:
    {type: string}}], responses: {'204': &no {description: no}, '404': *no}}}
  /teams/{id}/roles/{role}:
    parameters: [*id, {name: role, in: path, required: true, schema: {enum: [owner, guest]}}]
    put: {responses: {'204': *no, '404': *no}}
    delete: {responses: {'204': *no, '404': *no}}
"""


def test_what_is_put_below_a_thing_of_the_run_is_its_own(tmp_path: Path) -> None:
    """Its id is one of few, and 204 does not say that it is new: nobody else can have put it."""
    teams, numbers, removed = dict[str, set[str]](t0={"owner"}), count(1), list[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        _, _, team, *role = [*asked.path.split("/"), ""]
        if asked.method == "POST" and not team:
            teams[own := f"t{next(numbers)}"] = set()
            return 201, {"id": own}
        if team not in teams:
            return 404, None
        if asked.method == "PUT" and role[1:2] in (["owner"], ["guest"]):
            teams[team].add(role[1])
            return 204, None
        if asked.method != "DELETE" or (role[1:2] and role[1] not in teams[team] | {""}):
            return 404, None
        if role[1:2] and role[1]:
            teams[team].remove(role[1])
            removed.append(role[1])
        else:
            del teams[team]
        return 204, None

    contract, server = contract_of(tmp_path, ROLES), Application(answer)
    few = {ClauseKind.PARAMETERS, ClauseKind.EDGES}
    run(contract, server, allow_writes=True, families=few, by_clock=True, max_billable=6)

    assert len(removed) > 2
    assert teams == {"t0": {"owner"}}


RUNS = """
paths:
  /jobs:
    get:
      responses:
        '200': {description: all, content: {application/json: {schema: {type: array, items: {type: object}}}}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}
      responses: {'201': {description: made}, '400': {description: no}}
  /jobs/{id}:
    parameters: [&id {name: id, in: path, required: true, schema: {type: integer}}]
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
  /jobs/{id}/runs:
    parameters: [*id]
    get:
      responses:
        '200':
          description: all
          content: {application/json: {schema: {type: array, items: {type: object, required: [state], properties: {size: {type: integer}}}}}}
        '404': {description: none}
  /jobs/{id}/runs/{runId}:
    parameters: [*id, {name: runId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: one}, '404': {description: none}}}
"""  # noqa: E501  # a table of operations


def test_where_new_things_are_empty_those_of_others_are_read(tmp_path: Path) -> None:
    """A new job has no runs yet: what a run looks like is shown by a job that was there before."""
    jobs, numbers, asked_runs = {1: "of others"}, count(2), list[int]()

    def answer(asked: Asked) -> tuple[int, Any]:
        _, name, *rest = asked.path.split("/")
        if name != "jobs" or len(rest) > 2:
            return 404, None
        if not rest and asked.method == "POST":
            if not isinstance(asked.json, dict) or not isinstance(asked.json.get("name"), str):
                return 400, None
            jobs[number := next(numbers)] = asked.json["name"]
            return 201, {"id": number}
        if len(rest) > 1 and rest[1:] != ["runs"]:
            return 404, None
        if not rest:
            return 200, [{"id": one, "name": jobs[one]} for one in jobs]
        number = int(rest[0]) if rest[0].isdecimal() else 0
        if number not in jobs:
            return 404, None
        if asked.method == "DELETE":
            del jobs[number]
            return 204, None
        asked_runs.append(number)
        return 200, [{"id": 5, "finished": True}] if number == 1 else []

    report = run(
        contract_of(tmp_path, RUNS),
        Application(answer),
        by_clock=True,
        allow_writes=True,
        families=frozenset({ClauseKind.RESPONSE}),
    )

    assert "GET /jobs/{id}/runs response.200[].state.required" in {
        place.clause for one in report.findings for place in one.places
    }
    assert asked_runs[0] != 1
    assert list(jobs) == [1]
    assert not any("could not be tested completely" in one for one in report.remarks)


SHARDED = """
paths:
  /notes:
    get: {responses: {'200': &ok {description: ok, content: {application/json: {schema: {}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'201': *ok}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete:
      parameters: [{name: shard, in: query, schema: {type: string}}]
      responses: {'204': {description: gone}, '404': {description: none}}
"""


def test_what_a_removal_with_an_option_does_not_find_is_removed_without_it(tmp_path: Path) -> None:
    """The option may say where to look: nothing is there under an invented name."""
    notes = dict[str, Any]()

    def answer(asked: Asked) -> tuple[int, Any]:
        id_ = asked.path.removeprefix("/notes").strip("/")
        if asked.method == "POST" and not id_:
            notes[f"note-{len(notes)}"] = {}
            return 201, {"id": [*notes][-1]}
        if asked.method == "GET" and not id_:
            return 200, [*notes]
        if asked.method == "DELETE" and id_:
            found = notes.pop(id_, None) if "shard=" not in asked.query else None
            return (404 if found is None else 204), None
        return 405, None

    report = run(contract_of(tmp_path, SHARDED), Application(answer), allow_writes=True)

    assert notes == {}
    assert not any("left behind" in one for one in report.remarks)


UPSERTED = """
paths:
  /tables:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: ok}, '400': {description: no}}
  /tables/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    patch:
      requestBody: {required: true, content: {application/json: {schema: &table
        {type: object, required: [icon], properties: {icon: {type: string}}}}}}
      responses: {'200': {description: ok}, '400': {description: no}, '404': {description: none}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


@pytest.mark.parametrize("removes", [True, False])
def test_what_a_change_of_nobodys_thing_has_made_is_removed(tmp_path: Path, removes: bool) -> None:
    """Where nothing can be created, only what must be refused is sent: to an id that nobody has."""
    tables = dict[str, Any]({"own": {}})

    def answer(asked: Asked) -> tuple[int, Any]:
        name = asked.path.removeprefix("/tables").strip("/")
        if asked.method == "PATCH" and name and asked.json is not None:
            return 200, tables.setdefault(name, {})
        if asked.method == "DELETE" and name:
            if name in tables and not removes:
                return 403, None
            return (404 if tables.pop(name, None) is None else 204), None
        return 400, None

    app = Application(answer)
    report = run(contract_of(tmp_path, UPSERTED), app, allow_writes=True, max_examples=0)

    told = [one for one in report.remarks if "left behind" in one]
    assert (len(tables) > 1, len(told)) == ((False, 0) if removes else (True, 1))


SINGULAR = """
paths:
  /jobs:
    get: {responses: {'200': &ok {description: ok, content: {application/json: {schema: {}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': *ok}
  /job/{jobId}:
    parameters: [{name: jobId, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *ok, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


@pytest.mark.parametrize("writes", [True, False])
def test_items_may_lie_under_the_singular_of_their_list(tmp_path: Path, *, writes: bool) -> None:
    """`/jobs` lists, and makes, what is at `/job/{jobId}`."""
    jobs = {"first": {"id": "first"}}

    def answer(asked: Asked) -> tuple[int, Any]:
        kind, _, id_ = asked.path.strip("/").partition("/")
        if kind == "jobs" and asked.method == "POST":
            new = f"job-{len(asked.body)}-{len(jobs)}"
            jobs[new] = {"id": new}
            return 200, {"jobId": new}
        if kind == "jobs":
            return (200, [*jobs.values()]) if asked.method == "GET" else (405, None)
        if asked.method == "DELETE":
            return (404 if jobs.pop(id_, None) is None else 204), None
        return (200, jobs[id_]) if asked.method == "GET" and id_ in jobs else (404, None)

    app = Application(answer)
    report = run(contract_of(tmp_path, SINGULAR), app, allow_writes=writes, max_examples=0)

    found = {one.id: one.verdict.value for one in report.clauses}
    assert found["GET /job/{jobId} control"] == "held"
    assert found["DELETE /job/{jobId} state.gone"] == ("held" if writes else "unobserved")
    assert [*jobs] == ["first"]


FILES = """
paths:
  /files/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: ok}, '404': {description: none}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: ok}, '400': {description: no}}
    delete: {responses: {'200': {description: gone}, '404': {description: none}}}
"""


def test_each_spelling_of_a_path_may_be_a_thing_of_its_own(tmp_path: Path) -> None:
    """A server that decodes nothing stores `%63` beside `c`, and removes nothing in silence."""
    files = dict[str, Any]({"own": {}})

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method == "PUT" and isinstance(asked.json, dict):
            files[asked.path] = asked.json
        elif asked.method == "DELETE":
            files.pop(asked.path, None)
        elif asked.method != "GET":
            return 400, None
        return (404 if asked.method == "GET" and asked.path not in files else 200), {}

    decoding = Application(answer)

    async def literal(scope: Message, receive: Any, send: Any) -> None:
        await decoding({**scope, "path": scope["raw_path"].decode()}, receive, send)

    report = run(contract_of(tmp_path, FILES), literal, allow_writes=True)

    assert [*files] == ["own"]
    assert any("%" in one.path for one in decoding.asked)
    assert not any("left behind" in one for one in report.remarks)


GROUPS = """
paths:
  /groups:
    get: {responses: {'200': &ok {description: ok, content: {application/json: {schema: {}}}}}}
  /groups/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *ok, '404': &none {description: none}}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, properties: {size: {type: integer}}}}}
      responses: {'201': *ok, '400': {description: bad}}
    delete: {responses: {'204': {description: gone}, '404': *none}}
"""


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a POST of many"])
def test_a_post_of_an_item_makes_another_one_each_time(tmp_path: Path, *, beside: bool) -> None:
    """Its name is taken then: that is said by an undocumented 409, and accuses nobody."""
    groups = dict[str, Any]()
    many = "\n    post: {responses: {'202': {description: later}}}\n  /groups/{name}:"

    def answer(asked: Asked) -> tuple[int, Any]:
        name = unquote(asked.path.removeprefix("/groups")).strip("/")
        if not name:
            return (200, [*groups]) if asked.method == "GET" else (405, None)
        if asked.method == "POST" and name not in groups:
            size = asked.json.get("size", 0) if isinstance(asked.json, dict) else None
            if isinstance(size, bool) or not isinstance(size, int):
                return 400, None
            groups[name] = {"name": name, "size": size}
            return 201, groups[name]
        if asked.method not in ("GET", "DELETE"):
            return (409 if asked.method == "POST" else 405), None
        found = groups.pop(name, None) if asked.method == "DELETE" else groups.get(name)
        return (404, None) if found is None else (204 if asked.method == "DELETE" else 200, found)

    contract = GROUPS.replace("\n  /groups/{name}:", many) if beside else GROUPS
    report = run(contract_of(tmp_path, contract), Application(answer), allow_writes=True)

    found = [one for one in report.findings if "{name}" in str(one.operations)]
    assert [one.title for one in found if one.level is Level.ERROR] == []
    assert groups == {}


def test_a_post_to_what_others_have_made_makes_it_not_the_runs_own(tmp_path: Path) -> None:
    """A 201 may be of a message: the channel to which it was sent is not removed at the end."""
    channels = {"general": list[Any]()}

    def answer(asked: Asked) -> tuple[int, Any]:
        name = unquote(asked.path.removeprefix("/groups")).strip("/")
        if not name:
            return (200, [*channels]) if asked.method == "GET" else (405, None)
        if name not in channels:
            return 404, None
        if asked.method == "POST":
            channels[name].append(asked.json)
            return 201, {"name": name}
        if asked.method == "DELETE":
            del channels[name]
            return 204, None
        return (200, {"name": name}) if asked.method == "GET" else (405, None)

    given = {"POST /groups/{name}": {"path": {"name": "general"}, "body": {"size": 1}}}
    contract = contract_of(tmp_path, GROUPS)
    run(contract, Application(answer), allow_writes=True, examples=given)

    assert [*channels] == ["general"]
    assert {"size": 1} in channels["general"]


ORDERS = """
paths:
  /Orders:
    get: {responses: {'200': {description: all}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: &sent
        {type: object, required: [note], properties: {note: {type: string}}}}}}
      responses:
        '201': &order {description: it, content: {application/json: {schema:
          {type: object, required: [ID], properties: {ID: {type: integer}}}}}}
        default: &no {description: no}
  /Orders(KEY):
    parameters: [{name: ID, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': *order, '404': *no}}
    patch:
      requestBody: {required: true, content: {application/json: {schema: *sent}}}
      responses: {'200': *order, default: *no}
    delete: {responses: {'204': {description: gone}, '404': *no}}
"""


@pytest.mark.parametrize("key", ["{ID}", "'{ID}'"])
def test_an_id_in_parentheses_is_that_of_an_item(tmp_path: Path, key: str) -> None:
    """As OData writes it: what is made is changed and removed."""
    kept, numbers, changed = dict[str, Any](), count(7), set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        named = asked.path.removeprefix("/Orders").lstrip("(").rstrip(")").strip("'")
        note = asked.json.get("note") if isinstance(asked.json, dict) else None
        if asked.method in ("POST", "PATCH") and not isinstance(note, str):
            return 400, None
        if asked.method == "POST" and not named:
            named = str(next(numbers))
            kept[named] = {"ID": int(named)}
            return 201, kept[named]
        if not named:
            return 200, {"value": [*kept.values()]}
        changed.update({named} & kept.keys() if asked.method == "PATCH" else ())
        gone = kept.pop(named, None) if asked.method == "DELETE" else kept.get(named)
        return (404 if gone is None else 204 if asked.method == "DELETE" else 200), gone

    report = run(
        contract_of(tmp_path, ORDERS.replace("KEY", key)), Application(answer), by_clock=True,
        allow_writes=True, families=frozenset({ClauseKind.CONTROL}),
    )  # fmt: skip

    assert {one.verdict.value for one in report.clauses if one.kind == "control"} == {"held"}
    assert (bool(changed), kept, report.remarks) == (True, {}, ())


TABLES = """
paths:
  /tables:
    get: {responses: {'200': {description: all}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: &table
        {type: object, required: [schema, name], properties:
          {schema: {type: string, minLength: 1}, name: {type: string, minLength: 1}}}}}}
      responses: {'201': {description: made}, default: &no {description: no}}
  /tables/{schema}/{name}:
    parameters:
    - {name: schema, in: path, required: true, schema: {type: string}}
    - {name: name, in: path, required: true, schema: {type: string}}
    get:
      responses:
        '200': {description: it, content: {application/json: {schema: *table}}}
        '404': *no
    delete: {responses: {'204': {description: gone}, '404': *no}}
"""


def test_what_has_an_id_of_two_parts_is_removed(tmp_path: Path) -> None:
    """Its body has a property for each of them."""
    kept = dict[Any, Any]()

    def answer(asked: Asked) -> tuple[int, Any]:
        own = tuple(asked.path.split("/")[2:])
        if asked.method == "POST" and not own:
            sent = asked.json if isinstance(asked.json, dict) else {}
            new = sent.get("schema"), sent.get("name")
            if not all(isinstance(one, str) and one for one in new) or new in kept:
                return 400, None
            kept[new] = sent
            return 201, None
        if asked.method == "DELETE" and own in kept:
            return 204, kept.pop(own) and None
        return (200 if own in kept or not own else 404), kept.get(own)

    report = run(
        contract_of(tmp_path, TABLES), Application(answer), by_clock=True, allow_writes=True,
        families=frozenset({ClauseKind.CONTROL}),
    )  # fmt: skip

    assert {one.verdict.value for one in report.clauses if one.kind == "control"} == {"held"}
    assert (kept, report.remarks) == ({}, ())
