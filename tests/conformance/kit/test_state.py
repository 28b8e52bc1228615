"""What was created, changed and deleted is read back; correct servers that look odd are right."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Report
from conformance.run.session.patience import Patience
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.library import Library
from tests.conformance.kit.running import contract_of, run, verdicts

pytestmark = pytest.mark.slow

CONTRACT = """
paths:
  /notes:
    post:
      requestBody: &draft
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Draft'}}}
      responses: {'201': &note {description: one, content: {application/json: {schema: SHOWN}}},
        '202': *note, '400': &no {description: no}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *note, '403': *no, '404': *no, '410': *no, '503': *no}}
    put: {requestBody: *draft, responses: {'200': *note, '202': *note, '400': *no, '404': *no}}
    delete: {responses: {'202': *no, '204': *no, '404': *no, '410': *no}}
components:
  schemas:
    Draft:
      type: object
      required: [title]
      properties:
        title: {type: string, minLength: 1, example: Milk}
        text: {type: string, example: Two bottles}
        count: {type: integer, example: 2}
        apiKey: {type: string, example: abcdefgh}
        secret: {type: string, writeOnly: true, example: hidden}
        state: {type: string, enum: [open, closed]}
        tags: {type: array, items: {type: string}, example: [red, green]}
        place: &place
          type: object
          example: {city: Bern, at: {floor: 2}}
          properties:
            city: {type: string}
            at: {type: object, properties: {floor: {type: integer}}}
    Note:
      type: object
      properties:
        id: {type: string}
        title: {type: string}
        text: {type: string}
        count: {type: integer}
        apiKey: {type: string}
        secret: {type: string}
        state: {type: string}
        deleted: {type: boolean}
        read: {type: integer}
        tags: {type: array, items: {type: string}}
        place: *place
"""
PLAIN, ENVELOPE = (
    "{$ref: '#/components/schemas/Note'}",
    ("{type: object, properties: {data: {$ref: '#/components/schemas/Note'}}}"),
)
Item = dict[str, Any]


def as_it_is(item: Item) -> Item:
    """The item as it was stored."""
    return item


@dataclass(kw_only=True)
class Notes:
    """A store of notes. `stores` changes what is kept, `shows` what GET and the writes answer.

    `late` readings after a write still show what was before it. `deletes` is what a DELETE does to
    an item: None stands for nothing left. `announces` says what a write answers.
    """

    stores: Callable[[Item], Item] = as_it_is
    changes: Callable[[Item, Item], Item] = lambda old, new: {**old, **new}
    shows: Callable[[Item], Any] = as_it_is
    announces: Callable[[Item], Any] | None = None
    deletes: Callable[[Item], Item | None] = lambda item: None
    late: int = 0
    status: dict[str, int] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    stale: dict[str, tuple[int, Item | None]] = field(default_factory=dict)
    reads: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, value = self._answer(scope["method"], scope["path"], body)
        content = b"" if value is None else json.dumps(value).encode()
        kind = [(b"content-type", b"application/json")] if content else []
        await send({"type": "http.response.start", "status": status, "headers": kind})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        found = re.fullmatch(r"/notes(?:/([^/]+))?", path)
        if found is None:
            return 404, None
        return self._on_all(method, body) if found[1] is None else self._on(method, found[1], body)

    def _on_all(self, method: str, body: bytes) -> tuple[int, Any]:
        sent = _read(body)
        if method != "POST" or sent is None:
            return (405 if method != "POST" else 400), None
        key = uuid.uuid4().hex
        self._store(key, {"id": key, **self.stores(sent)})
        return self.status.get("POST", 201), self._said({"id": key, **sent}, self.items[key])

    def _on(self, method: str, key: str, body: bytes) -> tuple[int, Any]:
        if method == "GET":
            return self._shown(key)
        if key not in self.items:
            return 404, None
        if method == "DELETE":
            self._store(key, self.deletes(self.items[key]))
            return self.status.get("DELETE", 204), None
        sent = _read(body)
        if method != "PUT" or sent is None:
            return (405 if method != "PUT" else 400), None
        changed = {**self.items[key], **sent}
        self._store(key, self.changes(self.items[key], self.stores(sent)))
        return self.status.get("PUT", 200), self._said(changed, self.items[key])

    def _store(self, key: str, item: Item | None) -> None:
        self.stale[key] = (self.late, self.items.get(key))
        self.items[key] = item if item is not None else {}
        if item is None:
            del self.items[key]

    def _said(self, claimed: Item, stored: Item) -> Any:
        return self.shows(claimed) if self.announces is None else self.announces(stored)

    def _shown(self, key: str) -> tuple[int, Any]:
        left, before = self.stale.get(key, (0, None))
        self.stale[key] = (left - 1, before)
        item = before if left > 0 else self.items.get(key)
        self.reads += 1
        if item is None:
            return self.status.get("gone", 404), None
        return self.status.get("GET", 200), self.shows({**item, "id": key})


def _read(body: bytes) -> Item | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("title"), str) else None


def ran(tmp_path: Path, notes: Any, schema: str = PLAIN, **options: Any) -> Report:
    """A run of the clauses of state alone."""
    contract = contract_of(tmp_path, CONTRACT.replace("SHOWN", schema))
    families = frozenset({ClauseKind.STATE})
    return run(contract, notes, by_clock=True, allow_writes=True, families=families, **options)


def told(report: Report) -> dict[str, str]:
    """The verdict of each clause of state, by its method."""
    return {
        one.operation.partition(" ")[0]: one.verdict.value
        for one in report.clauses
        if one.kind is ClauseKind.STATE
    }


ODD: dict[str, Callable[[], Notes]] = {
    "plain": Notes,
    "a moment later": lambda: Notes(late=1),
    "410": lambda: Notes(status={"gone": 410}),
    "another case, and trimmed": lambda: Notes(
        stores=lambda one: {k: v.upper() + "." if isinstance(v, str) else v for k, v in one.items()}
    ),
    "values of the server, as it says": lambda: Notes(
        stores=lambda one: {**one, "text": "checked", "count": 1}, announces=as_it_is
    ),
    "only some details": lambda: Notes(
        shows=lambda one: {"id": one.get("id"), "title": one.get("title")}
    ),
    "masked": lambda: Notes(shows=lambda one: {**one, "apiKey": "abc***"}),
    "never shown": lambda: Notes(shows=lambda one: {**one, "secret": "", "apiKey": "-"}),
    "lists sorted, objects with defaults": lambda: Notes(
        stores=lambda one: {
            **one,
            "tags": sorted(one.get("tags", ())),
            "place": {"country": "", **one.get("place", {})},
        }
    ),
    "five seconds later": lambda: Notes(late=5),
    "a state of its own": lambda: Notes(stores=lambda one: {**one, "state": "open"}),
}


@pytest.mark.parametrize("style", ODD)
def test_a_correct_server_is_right_however_odd_it_looks(tmp_path: Path, style: str) -> None:
    """What is stored may be written otherwise, and show a moment later."""
    report = ran(tmp_path, ODD[style]())

    assert [f"{one.title}: {one.got}" for one in report.findings] == []
    assert told(report) == {"POST": "held", "PUT": "held", "DELETE": "held"}


def test_an_envelope_is_opened(tmp_path: Path) -> None:
    """`{data: {...}}` on both sides; and what it leaves out is missed there too."""
    right = ran(tmp_path, Notes(shows=lambda one: {"data": one}), ENVELOPE)
    lost = Notes(stores=lambda one: {"title": "Bread"}, shows=lambda one: {"data": one})
    wrong = ran(tmp_path, lost, ENVELOPE, include=("POST",))

    assert told(right) == {"POST": "held", "PUT": "held", "DELETE": "held"}
    assert [one.code for one in wrong.findings] == [FindingCode.LOST_CREATION]


UNDECIDED: dict[str, tuple[Callable[[], Notes], str]] = {
    "marked as deleted": (lambda: Notes(deletes=lambda one: {**one, "deleted": True}), "DELETE"),
    "deleted later": (lambda: Notes(deletes=as_it_is, status={"DELETE": 202}), "DELETE"),
    "created later": (lambda: Notes(late=99, status={"POST": 202}), "POST"),
    "changed later": (lambda: Notes(changes=lambda a, b: a, status={"PUT": 202}), "PUT"),
    "not shown to this caller": (lambda: Notes(status={"GET": 403}), "POST"),
    "not to be read now": (lambda: Notes(status={"GET": 503}), "POST"),
}


@pytest.mark.parametrize("style", UNDECIDED)
def test_what_proves_nothing_is_undecided(tmp_path: Path, style: str) -> None:
    """Neither broken nor held, and no finding about what is stored."""
    made, method = UNDECIDED[style]

    report = ran(tmp_path, made(), include=(f"{method} /notes*", "GET"))

    found = {one.code for one in report.findings}
    assert told(report)[method] == "inconclusive"
    assert not found & {
        FindingCode.LOST_CREATION,
        FindingCode.LOST_CHANGE,
        FindingCode.STILL_THERE,
    }


FAULTS: dict[str, tuple[Callable[[], Notes], str, str]] = {
    "nothing is created": (lambda: Notes(late=99), "POST", "error lost-creation"),
    "everything else is created": (
        lambda: Notes(stores=lambda one: {"title": "Bread"}),
        "POST",
        "error lost-creation",
    ),
    "one value is dropped": (
        lambda: Notes(stores=lambda one: {**one, "text": ""}),
        "POST",
        "warning lost-creation",
    ),
    "a list is dropped": (
        lambda: Notes(stores=lambda one: {**one, "tags": []}),
        "POST",
        "warning lost-creation",
    ),
    "an inner value is dropped": (
        lambda: Notes(stores=lambda one: {**one, "place": {**one.get("place", {}), "at": {}}}),
        "POST",
        "warning lost-creation",
    ),
    "an inner value is not changed": (
        lambda: Notes(changes=lambda old, new: {**old, **new, "place": old.get("place")}),
        "PUT",
        "warning lost-change",
    ),
    "nothing is changed": (lambda: Notes(changes=lambda a, b: a), "PUT", "error lost-change"),
    "nothing is changed, as it says": (
        lambda: Notes(changes=lambda a, b: a, announces=as_it_is),
        "PUT",
        "warning lost-change",
    ),
    "nothing is deleted": (lambda: Notes(deletes=as_it_is), "DELETE", "error still-there"),
    "nothing is deleted, and reads are counted": (
        lambda: Notes(deletes=as_it_is, shows=Counting()),
        "DELETE",
        "error still-there",
    ),
}


def failing(method: str, *, nobody: int = 404) -> Callable[[Asked], tuple[int, Any]]:
    """Notes of which one that is deleted makes a request of the method fail.

    `nobody` is the status of a request about what never was.
    """
    items, gone = dict[str, Item](), set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        key, sent = asked.path.rpartition("/")[2], asked.json
        if asked.path == "/notes":
            good = asked.method == "POST" and isinstance(sent, dict) and "title" in sent
            new = uuid.uuid4().hex
            items.update({new: {"id": new, **sent}} if good else {})
            return (201, items[new]) if good else (400, None)
        if key in gone and asked.method == method:
            return 500, None
        if key not in items:
            return nobody, None
        if asked.method == "DELETE":
            gone.add(key)
            del items[key]
            return 204, None
        return (200, items[key]) if asked.method == "GET" else (405, None)

    return answer


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_fails_since_a_write_is_told(tmp_path: Path, method: str) -> None:
    """A thing that was deleted is read, and deleted once more: neither may be a failure."""
    application = Application(failing(method))
    report = ran(tmp_path, application, include=("POST", "GET", "DELETE"))
    found = [one for one in report.findings if one.code == "server-error"]

    assert [one.operations[0] for one in found] == ["DELETE /notes/{id}"]
    place = found[0].places[0]
    assert place.request is not None
    assert (place.request.method, len(place.steps)) == (method, 2)
    assert place.trial is not None
    assert place.trial.alone


def test_what_fails_for_whatever_is_not_there_is_no_failure_of_the_delete(tmp_path: Path) -> None:
    """GET has that fault of its own, and is told of it."""
    application = Application(failing("GET", nobody=500))
    contract = contract_of(tmp_path, CONTRACT.replace("SHOWN", PLAIN))
    asked = ("POST", "GET", "DELETE")
    report = run(
        contract, application, by_clock=True, allow_writes=True, include=asked, max_examples=0
    )

    failing_at = {
        place.clause
        for finding in report.findings
        for place in finding.places
        if finding.code == "server-error"
    }
    assert "DELETE /notes/{id} state.gone" not in failing_at
    assert "GET /notes/{id} status.no-failure" in failing_at


class Counting:
    """Shows an item with a number that is another one each time."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, item: Item) -> Item:
        self.times += 1
        return {**item, "read": self.times}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_write_that_does_not_last_is_found(tmp_path: Path, fault: str) -> None:
    """One finding, at the operation that did not do what it said."""
    made, method, expected = FAULTS[fault]

    report = ran(tmp_path, made(), include=(f"{method} /notes*", "GET"))

    found = [f"{one.level.value} {one.code}" for one in report.findings]
    assert found == [expected]
    assert told(report)[method] == "broken"
    assert report.findings[0].operations[0].startswith(method)
    assert "was answered with 20" in report.findings[0].expected


@pytest.mark.parametrize(("seconds", "found"), [(10.0, "held"), (1.0, "broken"), (0.0, "broken")])
def test_a_write_has_the_time_that_it_is_given(tmp_path: Path, seconds: float, found: str) -> None:
    """`--max-consistency-time`: what shows in its time is held, and nothing else waits for it."""
    notes = Notes(late=4)

    report = ran(tmp_path, notes, include=("POST", "GET"), max_consistency_time=seconds)

    assert told(report)["POST"] == found


def test_what_is_never_there_is_not_waited_for_again_and_again() -> None:
    """After three writes that were waited for in vain the next ones have a moment, as others do."""
    patience = Patience(10.0)
    longest = sum(patience.pauses())
    for _ in range(3):
        patience.in_vain += 1
    brief = sum(patience.pauses())
    patience.shown(4.0)

    assert (longest, brief, sum(patience.pauses())) == (10.0, 1.3, 10.0)
    assert sum(patience.pauses(briefly=True)) == 1.3


def test_a_delete_that_does_nothing_is_not_believed(tmp_path: Path) -> None:
    """What it left is named as left behind, though every DELETE was answered with 204."""
    library = Library(faults=frozenset({"kept"}))
    contract = contract_of(tmp_path, library.contract)
    families = frozenset({ClauseKind.STATE})

    report = run(
        contract, library, allow_writes=True, by_clock=True, families=families, max_billable=5
    )

    behind = [one for one in report.remarks if one.startswith("left behind by this run")]
    assert [one.code for one in report.findings] == [FindingCode.STILL_THERE]
    assert len(library.shelves) > 1
    assert "DELETE /shelves/{shelfId} did not remove them" in behind[0]


@pytest.mark.parametrize(
    ("fault", "code"),
    [("lost", FindingCode.LOST_CREATION), ("unchanged", FindingCode.LOST_CHANGE)],
)
def test_things_in_things_are_read_back(tmp_path: Path, fault: str, code: FindingCode) -> None:
    """The same where ids are numbers, and items stand in items."""
    library = Library(faults=frozenset({fault}))
    contract = contract_of(tmp_path, library.contract)
    families = frozenset({ClauseKind.STATE})

    report = run(
        contract, library, allow_writes=True, by_clock=True, families=families, max_billable=5
    )

    assert [one.code for one in report.findings] == [code]


def test_a_stub_that_answers_every_id_alike_keeps_no_state(tmp_path: Path) -> None:
    """Canned answers are no proof of a loss."""

    async def canned(scope: Any, receive: Any, send: Any) -> None:
        status = {"POST": 201, "DELETE": 204}.get(scope["method"], 200)
        body = b"" if status == 204 else b'{"id": "a1", "title": "Bread", "text": "a"}'
        kind = [(b"content-type", b"application/json")] if body else []
        await send({"type": "http.response.start", "status": status, "headers": kind})
        await send({"type": "http.response.body", "body": body})

    report = ran(tmp_path, canned)

    assert report.findings == ()
    assert set(told(report).values()) == {"inconclusive"}


CART = """
paths:
  /cart/items:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object,
        required: [product], properties: {product: {type: string, example: tea}}}}}}
      responses: {'201': &ok {description: the cart}, '400': &no {description: no}}
  /cart/items/{itemId}:
    parameters: [{name: itemId, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *ok, '404': *no}}
"""


def test_what_an_answer_names_may_be_something_else(tmp_path: Path) -> None:
    """A POST to a cart that answers the cart: its id is that of no item."""

    def cart(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/cart/items" or asked.method != "POST":
            return (404, None) if asked.method in ("GET", "HEAD") else (405, None)
        good = isinstance(asked.json, dict) and isinstance(asked.json.get("product"), str)
        return (201, {"id": "c-1", "items": ["i-1"], "total": 3}) if good else (400, None)

    families = frozenset({ClauseKind.STATE})
    contract = contract_of(tmp_path, CART)

    report = run(
        contract, Application(cart, "POST"), allow_writes=True, by_clock=True, families=families
    )

    assert report.findings == ()
    assert told(report) == {"POST": "inconclusive"}


@pytest.mark.parametrize(
    "headers",
    [
        [(b"cache-control", b"max-age=60")],
        [(b"age", b"7")],
        [
            (b"date", b"Sat, 28 Nov 2026 10:00:00 GMT"),
            (b"expires", b"Sat, 28 Nov 2026 10:01:00 GMT"),
        ],
    ],
    ids=["max-age", "age", "expires"],
)
def test_what_may_be_a_while_old_proves_no_loss(
    tmp_path: Path, headers: list[tuple[bytes, bytes]]
) -> None:
    """A GET that says so need not show what was just written (RFC 9111 section 4.2)."""
    notes = Notes(changes=lambda a, b: a)

    async def cached(scope: Any, receive: Any, send: Any) -> None:
        async def marked(message: Any) -> None:
            if message["type"] == "http.response.start" and scope["method"] == "GET":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        await notes(scope, receive, marked)

    report = ran(tmp_path, cached, include=("PUT", "POST", "GET"))

    assert report.findings == ()
    assert told(report)["PUT"] == "inconclusive"


def test_a_clause_of_state_is_asked_for_by_its_name(tmp_path: Path) -> None:
    """`--clause` makes what it needs, and reports that clause alone."""
    library = Library(faults=frozenset({"kept"}))
    contract = contract_of(tmp_path, library.contract)
    wanted = frozenset({"DELETE /shelves/{shelfId} state.gone"})

    report = run(contract, library, by_clock=True, allow_writes=True, clauses=wanted)

    assert {(one.id, one.verdict.value) for one in report.clauses} == {(*wanted, "broken")}
    assert report.findings[0].places[0].trial is not None
    assert not report.findings[0].places[0].trial.alone


def test_what_is_harmless_writes_nothing_that_could_be_read(tmp_path: Path) -> None:
    """The clause says why it was not seen."""
    notes = Notes(late=99)
    contract = contract_of(tmp_path, CONTRACT.replace("SHOWN", PLAIN))

    report = run(contract, notes, harmless=("POST",), families=frozenset({ClauseKind.STATE}))

    whys = {one.why for one in report.clauses if one.id == "POST /notes state.readable"}
    assert report.findings == ()
    assert "harmless" in whys.pop()


@pytest.mark.parametrize(
    ("notes", "verdict"),
    [
        (Notes(late=99), "inconclusive"),
        (Notes(), "held"),
        (Notes(stores=lambda item: dict.fromkeys(item, "?")), "broken"),
    ],
    ids=["hidden", "shown", "shown otherwise"],
)
def test_what_one_has_written_another_need_not_see(
    tmp_path: Path, notes: Notes, verdict: str
) -> None:
    """A sign-up needs no credential; where a token shows its account, it is as it was made."""
    secured = CONTRACT.replace("    get: {responses", "    get: {security: [{key: []}], responses")
    schemes = "components:\n  securitySchemes: {key: {type: http, scheme: bearer}}\n"
    text = secured.replace("components:\n", schemes).replace("SHOWN", PLAIN)
    contract, families = contract_of(tmp_path, text), frozenset({ClauseKind.STATE})

    report = run(contract, notes, "t", allow_writes=True, by_clock=True, families=families)

    found = next(one for one in report.clauses if one.id == "POST /notes state.readable")
    assert found.verdict.value == verdict
    assert ("another credential" in found.why) is (verdict == "inconclusive")


def test_without_a_success_to_spend_the_reason_is_the_budget(tmp_path: Path) -> None:
    """The control of a PUT was all that the budget allowed; that of a POST is read back."""
    report = ran(tmp_path, Notes(), max_billable=1)

    whys = {one.operation: one.why for one in report.clauses if one.kind is ClauseKind.STATE}
    assert told(report)["POST"] == "held"
    assert told(report)["PUT"] == "unobserved"
    assert "--max-billable" in whys["PUT /notes/{id}"]


def test_a_post_that_cannot_be_repeated_is_read_back_all_the_same(tmp_path: Path) -> None:
    """The second one is a conflict by another rule than a name: the first is there to be read."""
    notes = Notes(late=99)
    posts = list[str]()

    async def once(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            posts.append(scope["path"])
        if scope["method"] != "POST" or len(posts) == 1:
            await notes(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    report = ran(tmp_path, once, include=("POST", "GET"))

    assert [one.code for one in report.findings] == [FindingCode.LOST_CREATION]


BLOBS = """
paths:
  /blobs/{key}:
    parameters: [{name: key, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: one, content: {KIND: {schema: BYTES}}},
      '404': &no {description: no}}}
    put: {requestBody: {required: true, content: {KIND: {schema: BYTES}}},
      responses: {'200': *no, '201': *no, '415': *no}}
    delete: {responses: {'204': *no, '404': *no}}
"""


@pytest.mark.parametrize(("stuck", "verdict"), [(False, "held"), (True, "broken")])
@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain"])
def test_bytes_and_texts_are_read_back(
    tmp_path: Path, kind: str, stuck: bool, verdict: str
) -> None:
    """A PUT of a file has nothing but its bytes to compare."""
    blobs = dict[str, bytes]()

    async def store(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        key, method = scope["path"].removeprefix("/blobs/"), scope["method"]
        there = key in blobs
        status, content = 404, b""
        if method == "PUT":
            status = 200 if there else 201
            blobs[key] = blobs[key] if stuck and there else body
        elif there:
            status, content = (200, blobs[key]) if method == "GET" else (204, b"")
            if method == "DELETE":
                del blobs[key]
        head = [(b"content-type", kind.encode())] if content else []
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": content})

    form = "{type: string}" if kind == "text/plain" else "{type: string, format: binary}"
    contract = contract_of(tmp_path, BLOBS.replace("KIND", kind).replace("BYTES", form))
    families = frozenset({ClauseKind.STATE})

    report = run(contract, store, allow_writes=True, by_clock=True, families=families)

    assert told(report) == {"PUT": verdict, "DELETE": "held"}
    assert [one.code for one in report.findings] == [FindingCode.LOST_CHANGE] * stuck


STORE = """
paths:
  /{bucket}:
    parameters: [&b {name: bucket, in: path, required: true, schema: {type: string,
      pattern: '^[a-z0-9-]{3,40}$'}}]
    put: {responses: {'200': &no {description: no}, '201': *no, '404': *no}}
  /{bucket}/{key}:
    parameters: [*b, {name: key, in: path, required: true, schema: {type: string}}]
    put: {requestBody: {required: true, content: {text/plain: {schema: {type: string}}}},
      responses: {'200': *no, '201': *no, '404': *no, '415': *no}}
"""


def test_an_escaped_slash_may_lead_to_another_path(tmp_path: Path) -> None:
    """A server that unescapes before it routes answers what that path does (415)."""
    buckets = set[str]()

    def store(asked: Asked) -> tuple[int, Any]:
        found = re.fullmatch(r"/([a-z0-9-]{3,40})(/[^/]+)?", asked.path)
        if found is None or asked.method != "PUT":
            return 404, None
        if found[2] and asked.headers.get("content-type", "").partition(";")[0] != "text/plain":
            return 415, None
        new = found[0] not in buckets
        buckets.add(found[0])
        return 201 if new else 200, None

    families = frozenset({ClauseKind.PARAMETERS})

    report = run(
        contract_of(tmp_path, STORE),
        Application(store, "PUT"),
        allow_writes=True,
        by_clock=True,
        families=families,
    )

    assert FindingCode.WRONG_REFUSAL not in {one.code for one in report.findings}


SECRETS = """
paths:
  /secrets:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [key, value], properties: {key: {type: string}, value: {type: string, example: sk_live_xxxxxxxx}}}}}}
      responses: {'201': {description: ok}, '400': {description: no}, '409': {description: taken}}
  /secrets/{key}:
    parameters: [{name: key, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: ok, content: {application/json: {schema: {type: object, properties: {key: {type: string}, value: {type: string}}}}}}, '404': &none {description: none}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [value], properties: {value: {type: string}}}}}}
      responses: {'200': {description: ok}, '400': {description: no}, '404': *none}
    delete: {responses: {'204': {description: ok}, '404': *none}}
"""  # noqa: E501  # a table of operations


@pytest.mark.parametrize(
    ("shows", "stuck", "verdict"),
    [
        (lambda value: value, False, "held"),
        (lambda value: value, True, "broken"),
        (lambda value: "[hidden]", False, "inconclusive"),
        (lambda value: "[hidden]", True, "inconclusive"),
        (lambda value: value[:2], False, "inconclusive"),
        (lambda value: None, False, "inconclusive"),
    ],
    ids=["plain", "plain and stuck", "hidden", "hidden and stuck", "cut", "null"],
)
def test_a_secret_that_is_shown_as_it_was_sent_is_compared(
    tmp_path: Path, shows: Callable[[str], Any], stuck: bool, verdict: str
) -> None:
    """One that is hidden or cut proves nothing."""
    kept = dict[str, str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        sent, key = asked.json, asked.path.removeprefix("/secrets").strip("/")
        if asked.method == "POST" and not key:
            if not isinstance(sent, dict) or not {"key", "value"} <= sent.keys():
                return 400, None
            taken = sent["key"] in kept
            return 409 if taken else 201, kept.setdefault(sent["key"], sent["value"]) and None
        if key not in kept or asked.method not in ("GET", "PUT", "DELETE"):
            return 404, None
        if asked.method == "PUT":
            if not isinstance(sent, dict) or not isinstance(sent.get("value"), str):
                return 400, None
            kept[key] = kept[key] if stuck else sent["value"]
            return 200, None
        if asked.method == "DELETE":
            return 204, kept.pop(key) and None
        return 200, {"key": key, "value": shows(kept[key])}

    contract, app = contract_of(tmp_path, SECRETS), Application(answer)
    state = frozenset({ClauseKind.STATE})
    report = run(contract, app, by_clock=True, allow_writes=True, families=state)

    found = {one.id: one.verdict.value for one in report.clauses}
    assert found["PUT /secrets/{key} state.changed"] == verdict


TWO_IDS = """
paths:
  /jobs:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object,
        required: [plan], properties: {plan: {type: string, example: hourly}}}}}}
      responses: {'201': &ok {description: made}, '400': &no {description: no}}
  /jobs/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object,
          properties: {id: {type: string}, cronJobId: {type: string}, plan: {type: string}}}}}}
        '404': *no
"""


def test_an_answer_with_two_ids_names_the_new_item(tmp_path: Path) -> None:
    """What says two ids of the item, as GET would, and how it went, is about no other thing."""

    def jobs(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/jobs" or asked.method != "POST":
            return (404, None) if asked.method in ("GET", "HEAD") else (405, None)
        good = isinstance(asked.json, dict) and isinstance(asked.json.get("plan"), str)
        said = {"id": "j-1", "cronJobId": "c-1", "message": "Job created"}
        return (201, said) if good else (400, None)

    families = frozenset({ClauseKind.STATE})
    contract = contract_of(tmp_path, TWO_IDS)

    report = run(
        contract, Application(jobs, "POST"), allow_writes=True, by_clock=True, families=families
    )

    assert [place.clause for one in report.findings for place in one.places] == [
        "POST /jobs state.readable"
    ]


LABELS = """
paths:
  /labels/{code}:
    parameters: [{name: code, in: path, required: true, schema: {type: string,
      pattern: '^[A-Z]{3}-[0-9]{4}$'}}]
    get: {responses: {'200': {description: it, content: {application/json: {schema: &one {
      type: object, required: [color], properties: {color: {type: string}}}}}},
      '404': &no {description: no}}}
    put: {requestBody: {required: true, content: {application/json: {schema: *one}}},
      responses: {'200': *no, '400': *no}}
    delete: {responses: {'204': *no, '404': *no}}
"""


@pytest.mark.parametrize(("lost", "verdict"), [(False, "held"), (True, "broken")])
def test_what_only_a_put_can_create_is_there_after_it(
    tmp_path: Path, lost: bool, verdict: str
) -> None:
    """It need not be answered with 201, and its id may have to be of one form."""
    labels = {"ABC-0001": {"color": "red"}}

    def answer(asked: Asked) -> tuple[int, Any]:
        code, sent = asked.path.removeprefix("/labels/"), asked.json
        if not re.fullmatch("[A-Z]{3}-[0-9]{4}", code):
            return 404, None
        if asked.method == "PUT":
            good = isinstance(sent, dict) and isinstance(sent.get("color"), str)
            labels.update({code: sent} if good and not lost else {})
            return 200 if good else 400, None
        if asked.method == "DELETE":
            return 204 if labels.pop(code, None) else 404, None
        return (200, labels[code]) if code in labels else (404, None)

    contract, app = contract_of(tmp_path, LABELS), Application(answer)
    state = frozenset({ClauseKind.STATE})
    report = run(contract, app, by_clock=True, allow_writes=True, families=state)

    found = {one.id: one.verdict.value for one in report.clauses}
    assert found["PUT /labels/{code} state.changed"] == verdict
    assert labels == {"ABC-0001": {"color": "red"}}


MEMBERS = """
paths:
  /members:
    get: {responses: {'200': {description: all, content: {application/json: {schema: &members
      {type: object, required: [names], properties: {names: {type: array, maxItems: MOST,
        items: {type: string, minLength: 1}}}}}}}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: *members}}}
      responses: {'204': {description: changed}, '400': {description: no}}
"""


@pytest.mark.parametrize(
    ("most", "stored", "verdict"),
    [(9, 9, "held"), (9, 1, "broken"), (1, 1, "held")],
    ids=["all", "the-first-alone", "one-at-most"],
)
def test_a_list_in_a_body_is_also_sent_with_more_items(
    tmp_path: Path, most: int, stored: int, verdict: str
) -> None:
    """The plainest list has one item, which a server has that stores the first alone."""
    kept: dict[str, list[str]] = {"names": ["ann"]}

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method == "GET":
            return 200, kept
        names = asked.json.get("names") if isinstance(asked.json, dict) else None
        if asked.method != "PUT" or not isinstance(names, list) or len(names) > most:
            return (405 if asked.method != "PUT" else 400), None
        kept["names"] = names[:stored]
        return 204, None

    report = run(
        contract_of(tmp_path, MEMBERS.replace("MOST", str(most))), Application(answer),
        by_clock=True, allow_writes=True, families=frozenset({ClauseKind.STATE}),
    )  # fmt: skip

    assert verdicts(report)["state.changed"] == verdict
    assert kept == {"names": ["ann"]}
