"""Names that are unique: an example that is taken, and faults that are stored under a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from conformance.cases.controls import candidates
from conformance.cases.operation_under_test import Subject
from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Credentials
from conformance.report.findings import Level, Report
from conformance.run.things.fresh_values import FreshValues
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, posting, run

pytestmark = pytest.mark.slow

CONTRACT = """
paths:
  /secrets:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [key]
              properties:
                key: {type: string, maxLength: 30, pattern: '^[A-Z0-9_]+$', example: STRIPE_KEY}
                note: {type: string}
      responses:
        '201': {description: made}
        '400': {description: no}
        '409': {description: taken}
        '415': {description: type}
"""
SECURED = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
security: [{key: []}]"""


class Secrets:
    """Stores what is valid under its key, once; `longest` is the limit that it keeps."""

    def __init__(self, longest: int = 30, *, refusal: int = 409) -> None:
        self.known, self.longest, self.refusal = {"STRIPE_KEY"}, longest, refusal

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """201, or why not."""
        if (
            "application/json" not in asked.headers.get("content-type", "").lower()
            or asked.path != "/secrets"
        ):
            return (415 if asked.path == "/secrets" else 404), None
        body = asked.json
        key = body.get("key") if isinstance(body, dict) else None
        if not isinstance(key, str) or not isinstance(body.get("note", ""), str):
            return 400, None
        if not re.fullmatch("[A-Z0-9_]+", key) or len(key) > self.longest:
            return 400, None
        if key in self.known:
            return self.refusal, None
        self.known.add(key)
        return 201, None


@contextmanager
def serving(server: Secrets) -> Iterator[str]:
    """The service at a free port, for those who have its token."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

        def log_message(self, *_: Any) -> None: ...

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            known = self.headers.get("Authorization") == "Bearer t0ken"
            asked = Asked("POST", self.path, headers, body)
            self.send_response(server(asked)[0] if known else 401)
            self.send_header("WWW-Authenticate", "Bearer")
            self.send_header("Content-Length", "0")
            self.end_headers()

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def errors(report: Report) -> set[tuple[str, str]]:
    """Code and clause of every place that is an error."""
    return {
        (one.code, place.clause)
        for one in report.findings
        for place in one.places
        if place.level.value == "error"
    }


@pytest.mark.parametrize("refusal", [409, 400])
def test_an_example_that_is_taken_is_tried_with_a_new_value(tmp_path: Path, refusal: int) -> None:
    """An earlier run has made what the contract shows; the rest of the operation is tried."""
    server = Secrets(refusal=refusal)

    report = run(contract_of(tmp_path, CONTRACT), Application(server), allow_writes=True)

    verdicts = {one.id: one.verdict.value for one in report.clauses}
    assert errors(report) == set()
    assert verdicts["POST /secrets control"] == "held"
    assert verdicts["POST /secrets body.key.maxLength"] == "held"


def test_a_fault_that_is_stored_is_no_accident_although_it_can_be_sent_once(tmp_path: Path) -> None:
    """The second time its name is taken: that speaks of what is stored, and not of chance."""
    contract = contract_of(tmp_path, CONTRACT)
    report = run(contract, Application(Secrets(longest=99)), allow_writes=True)

    assert errors(report) == {("accepted-invalid-body", "POST /secrets body.key.maxLength")}
    assert not any(place.intermittent for one in report.findings for place in one.places)


def test_a_server_that_fails_at_a_taken_name_hides_nothing_else(tmp_path: Path) -> None:
    """It is told, and what is a value of the contract is tried with names of its own."""
    server = Secrets(refusal=500)
    server.known.clear()

    report = run(contract_of(tmp_path, CONTRACT), Application(server), allow_writes=True)

    verdicts = {one.id: one.verdict.value for one in report.clauses}
    found = errors(report)
    assert ("server-error", "POST /secrets steady.repeated") in found
    said = "POST /secrets: a text in key or note that another thing has: the server fails (500)"
    assert said in [one.title for one in report.findings]
    assert {code for code, _ in found} == {"server-error"}
    values = {verdicts[one] for one in verdicts if " body.key." in one or " body.note." in one}
    assert values <= {"held", "unobserved"}
    assert verdicts["POST /secrets body.key.maxLength"] == "held"
    assert not any(place.intermittent for one in report.findings for place in one.places)


@pytest.mark.parametrize(
    ("refusal", "places"),
    [
        (409, {("response-schema", "POST /secrets response.409.why.required")}),
        (422, {("undocumented-status", "POST /secrets status.documented")}),
    ],
)
def test_the_refusal_of_a_taken_name_is_judged(
    tmp_path: Path, refusal: int, places: set[tuple[str, str]]
) -> None:
    """It comes after the same request: both are what shows it, and it is no accident."""
    why = "{schema: {type: object, required: [why]}}"
    text = CONTRACT.replace("taken}", f"taken, content: {{application/json: {why}}}}}")
    server = Secrets(refusal=refusal)
    server.known.clear()
    app = Application(lambda asked: (server(asked)[0], {}))

    report = run(contract_of(tmp_path, text), app, by_clock=True, allow_writes=True, max_examples=0)

    assert errors(report) == places
    shown = [place for one in report.findings for place in one.places if place.level is Level.ERROR]
    assert [(len(one.steps), one.intermittent) for one in shown] == [(1, False)]


def test_a_persistent_connection_gets_new_names(tmp_path: Path) -> None:
    """A name that is taken is refused on it as on any other one."""
    text = CONTRACT.replace("paths:", f"{SECURED}\npaths:").replace(
        "'409'", "'401': {description: who}\n        '409'"
    )
    contract, clause = contract_of(tmp_path, text), "POST /secrets steady.kept"
    server = Secrets()

    with serving(server) as url:
        report = run(contract, url, "t0ken", clauses=(clause,), allow_writes=True, max_examples=0)

    assert len(server.known) > 3
    assert [one.verdict.value for one in report.clauses if one.id == clause] == ["held"]


@pytest.mark.parametrize(
    ("schema", "example", "shape"),
    [
        ("{type: string, pattern: '^[A-Z0-9_]+$'}", "STRIPE_KEY", r"STRIPE_KEY_[0-9A-F]{8}"),
        ("{type: string, pattern: '^[a-z]\\w*$'}", "posts", r"posts_[0-9a-f]{8}"),
        ("{type: string, pattern: '^[0-9]+$'}", "4711", r"4711[0-9]+"),
        ("{type: string, pattern: '^[a-z]+$'}", "posts", r"posts[a-p]{8}"),
        ("{type: string, pattern: '^[A-Z]{3}-[a-z][0-9]{6}$'}", "SKU-x004711", r"SKU-x[0-9]{6}"),
        ("{type: string, pattern: '^[A-Z]{4}-[0-9]{2}$'}", "TEXT-42", r"[A-Z]{4}-[0-9]{2}"),
        ("{type: string, pattern: '^[0-9a-f]{7}$'}", "c0ffee1", r"[0-9a-f]{7}"),
        ("{type: string, format: email}", "a@example.com", r"a-[0-9a-f]{8}@example\.com"),
        ("{type: string, maxLength: 12}", "a long name", r"[0-9a-f]{8}"),
    ],
)
def test_a_new_value_looks_like_the_old_one(
    tmp_path: Path, schema: str, example: str, shape: str
) -> None:
    """A deployment has rules of its own: the ends of a domain, and what a name begins with."""
    old = "{type: string, maxLength: 30, pattern: '^[A-Z0-9_]+$', example: STRIPE_KEY}"
    contract = contract_of(tmp_path, CONTRACT.replace(old, schema))
    control = next(candidates(contract, contract.operations[0], Credentials()))
    subject = Subject(
        builder=ValidValueBuilder(contract=contract),
        contract=contract,
        operation=contract.operations[0],
        credentials=Credentials(),
        control=control.but(body={"key": example}),
    )
    fresh = FreshValues.of(subject)

    assert fresh is not None
    assert re.fullmatch(shape, fresh.renewed(subject.control).body["key"])


PLATFORM = """
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: X-Key}
security: [{key: []}, {bearer: []}]
paths:
  /users:
    post:
      security: []
      requestBody: &account
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, password]
              properties: {name: {type: string, minLength: 1}, password: {type: string}}
      responses: {'201': {description: made}, '400': {description: no}, '409': {description: taken}}
  /sessions:
    post:
      security: []
      requestBody: *account
      responses: {'201': {description: in}, '400': {description: no}, '401': {description: who}}
  /keys/rotate:
    post:
      security: [{bearer: []}]
      responses: {'204': {description: new}, '401': {description: who}}
  /secrets:
    get:
      responses: {'200': {description: all}, '401': {description: who}}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [key]
              properties: {key: {type: string, pattern: '^[A-Z0-9_]+$', example: STRIPE_KEY}}
      responses:
        '201':
          description: made
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string}}}
        '400': {description: no}
        '401': {description: who}
        '409': {description: taken}
  /secrets/{key}:
    delete:
      parameters: [{name: key, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: gone}, '401': {description: who}, '404': {description: no}}
"""


class Platform:
    """Users who log in, secrets that have the key of their maker's choice, and a key that turns."""

    def __init__(self) -> None:
        self.users, self.secrets, self.key = dict[str, str](), {"STRIPE_KEY"}, "first-key-1234"

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """By path: whoever has no credential first."""
        bearer = asked.headers.get("authorization", "").lower() == "bearer good-token-1234"
        known = bearer or asked.headers.get("x-key") == self.key
        if asked.path in ("/users", "/sessions"):
            return self._account(asked)
        if not known or (asked.path == "/keys/rotate" and not bearer):
            return 401, None
        if asked.path == "/keys/rotate":
            self.key += "x"
            return 204, None
        return self._secret(asked)

    def _account(self, asked: Asked) -> tuple[int, Any]:
        body = asked.json
        if not isinstance(body, dict) or {type(body.get(n)) for n in ("name", "password")} != {str}:
            return 400, None
        if asked.path == "/sessions":
            return (201 if self.users.get(body["name"]) == body["password"] else 401), None
        if not body["name"] or body["name"] in self.users:
            return (409 if body["name"] else 400), None
        self.users[body["name"]] = body["password"]
        return 201, None

    def _secret(self, asked: Asked) -> tuple[int, Any]:
        if asked.method == "GET":
            return 200, None
        if asked.method == "DELETE":
            key = asked.path.rpartition("/")[2]
            there = key in self.secrets
            self.secrets.discard(key)
            return (204 if there else 404), None
        given = asked.json.get("key") if isinstance(asked.json, dict) else None
        if not isinstance(given, str) or not re.fullmatch("[A-Z0-9_]+", given):
            return 400, None
        if given in self.secrets:
            return 409, None
        self.secrets.add(given)
        return 201, {"id": f"id-of-{len(self.secrets)}"}


def test_what_the_run_itself_has_made_is_what_later_operations_need(tmp_path: Path) -> None:
    """The user who logs in, the path of a secret, and another credential for the one it ended."""
    server = Platform()
    given = Credentials(token="good-token-1234", by_scheme={"key": "first-key-1234"})

    report = run(
        contract_of(tmp_path, PLATFORM), Application(server), credentials=given, by_clock=True,
        allow_writes=True, max_examples=0, max_billable=4,
        families=frozenset({ClauseKind.CONTROL, ClauseKind.STATE}),
    )  # fmt: skip

    controls = {one.operation: one.verdict.value for one in report.clauses if one.kind == "control"}
    assert [f"{one.title}: {one.curl}" for one in report.findings] == []
    assert set(controls.values()) == {"held"}, controls
    assert server.secrets == {"STRIPE_KEY"}, report.remarks


COINS = posting(
    "/coins",
    "201 400",
    """
type: object
required: [name, worth]
properties: {name: {type: string}, worth: {type: string}}
""",
    writes=True,
)


def test_what_is_taken_since_a_fault_was_accepted_is_not_unsteady(tmp_path: Path) -> None:
    """No good request is accepted, a number in the place of a text is, and only once."""
    names = set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json if isinstance(asked.json, dict) else {}
        name, worth = body.get("name"), body.get("worth")
        if asked.method != "POST" or type(worth) is not int or type(name) is not str:
            return (400 if asked.method == "POST" else 405), None
        if name in names:
            return 400, None
        names.add(name)
        return 201, None

    report = run(contract_of(tmp_path, COINS), Application(answer), allow_writes=True)
    accepted = [one for one in report.findings if one.code == "accepted-invalid-body"]

    assert [place.clause for one in accepted for place in one.places] == [
        "POST /coins body.worth.type"
    ]


CHANNELS = """
paths:
  /channels:
    get: {responses: {'200': &ok {description: ok}}}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [pattern]
              properties:
                pattern: {type: string, minLength: 1, maxLength: 60}
                note: {type: string, minLength: 1, maxLength: 20}
            example: {pattern: 'order:%', note: of somebody}
      responses: {'201': {description: made}, '400': {description: no}, '409': {description: taken}}
  /channels/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *ok, '404': {description: none}}}
"""


class Channels:
    """Each has a pattern of its own; `longest` is the limit of notes; `keeps`: it stores."""

    def __init__(self, *, longest: int = 20, keeps: bool = True) -> None:
        self.longest, self.keeps = longest, keeps
        self.stored = [{"id": "first", "pattern": "order:%", "note": "of somebody"}]

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """201, or why not."""
        kind, _, name = asked.path.strip("/").partition("/")
        if kind != "channels" or (name and asked.method != "GET"):
            return 404, None
        if asked.method != "POST":
            found = [one for one in self.stored if name in ("", one["id"])]
            return (200, found[0] if name else found) if found else (404, None)
        sent = asked.json if isinstance(asked.json, dict) else {}
        pattern, note = sent.get("pattern"), sent.get("note", "-")
        if not (isinstance(pattern, str) and 0 < len(pattern) < 61):
            return 400, None
        if not (isinstance(note, str) and 0 < len(note) <= self.longest):
            return 400, None
        if any(one["pattern"] == pattern for one in self.stored):
            return 409, None
        made = {"id": f"c{len(self.stored)}", "pattern": pattern, "note": note}
        self.stored += [made] if self.keeps else []
        return 201, made


def test_a_unique_text_with_a_meaning_may_stand_beside_one_without(tmp_path: Path) -> None:
    """A new note alone changes nothing of a pattern that is taken."""
    contract, app = contract_of(tmp_path, CHANNELS), Application(Channels(longest=90))
    report = run(contract, app, by_clock=True, allow_writes=True, max_examples=0)

    assert ("accepted-invalid-body", "POST /channels body.note.maxLength") in errors(report)


def test_where_nothing_is_kept_a_list_names_what_is_there(tmp_path: Path) -> None:
    """That nothing is stored is told once, and GET of a thing is tried all the same."""
    contract, app = contract_of(tmp_path, CHANNELS), Application(Channels(keeps=False))
    report = run(contract, app, by_clock=True, allow_writes=True, max_examples=0)

    verdicts = {one.id: one.verdict.value for one in report.clauses}
    assert errors(report) == {("lost-creation", "POST /channels state.readable")}
    assert verdicts["GET /channels/{id} control"] == "held"


CREATED = posting(
    "/flows",
    "DONE 422",
    """
type: object
required: [name]
properties: {name: {type: string, example: first}}
""",
    writes=True,
)


@pytest.mark.parametrize(
    ("documented", "again", "undocumented"),
    [("200", 200, {201}), ("201", 409, {409}), ("201", 200, {200})],
    ids=["created", "taken", "there"],
)
def test_what_a_name_that_is_taken_makes_of_an_answer_is_no_accident(
    tmp_path: Path, documented: str, again: int, undocumented: set[int]
) -> None:
    """Whoever creates is answered otherwise than whoever finds it there, every time."""
    names = set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        name = asked.json.get("name") if isinstance(asked.json, dict) else None
        if not isinstance(name, str):
            return 422, None
        new = name not in names
        names.add(name)
        return (201 if new else again), None

    contract = contract_of(tmp_path, CREATED.replace("DONE", documented))
    report = run(contract, Application(answer), allow_writes=True, max_examples=0)

    found = [
        (place.got[:3], place.level.value, place.intermittent)
        for one in report.findings
        for place in one.places
        if one.code == "undocumented-status"
    ]
    assert {(str(status), "error", False) for status in undocumented} == set(found)


DOUBTFUL = """
paths:
  /notes:
    get: {responses: {'200': {description: ok, content: {application/json: {schema: {type: array, items: {type: object}}}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}, example: {name: diary}}}}
      responses: {'201': {description: ok}, '400': {description: no}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: ok}, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""  # noqa: E501  # a table of operations


@pytest.mark.parametrize("named", [True, False], ids=["by its name", "by the list"])
@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "not kept"])
def test_what_a_failed_post_has_made_is_told(tmp_path: Path, named: bool, keeps: bool) -> None:
    """500, and the thing is there all the same; what somebody else has is not told."""
    notes = {"diary": {"id": "diary", "name": "diary"}}

    def answer(asked: Asked) -> tuple[int, Any]:
        own = asked.path.removeprefix("/notes").strip("/")
        if asked.path == "/notes" and asked.method == "GET":
            return 200, list(notes.values())
        if asked.path == "/notes" and asked.method == "POST":
            name = asked.json.get("name") if isinstance(asked.json, dict) else None
            if not isinstance(name, str):
                return 400, None
            new = name if named else f"n{len(notes)}"
            notes.update({new: {"id": new, "name": name}} if keeps else {})
            return 500, None
        if own not in notes or asked.method != "GET":
            return 404, None
        return 200, notes[own]

    contract, app = contract_of(tmp_path, DOUBTFUL), Application(answer)
    state = frozenset({ClauseKind.STATE})
    report = run(contract, app, by_clock=True, allow_writes=True, families=state)

    told = [one for one in report.remarks if "POST /notes was answered with 500" in one]
    assert bool(told) == keeps
    assert all("/notes/" in one and not re.search(r"/notes/diary\b(?!-)", one) for one in told)


LISTS = posting(
    "/boxes",
    "201",
    """
type: object
properties:
  labels: {type: array, uniqueItems: true, items: {type: string}}
  rows: {type: array, items: {type: object, properties: {label: {type: string}}}}
""",
    writes=True,
)


@pytest.mark.parametrize(
    "body",
    [{"labels": ["new", "new"]}, {"rows": [{"label": "new"}, {"label": "new"}, {"label": "old"}]}],
    ids=["texts", "objects"],
)
def test_an_item_that_stands_twice_still_does_with_a_new_value(tmp_path: Path, body: Any) -> None:
    """It is the fault that is tried: with one of them renewed, the request would be a good one."""
    contract = contract_of(tmp_path, LISTS)
    control = next(candidates(contract, contract.operations[0], Credentials()))
    once = {name: items[:1] for name, items in body.items()}
    subject = Subject(
        builder=ValidValueBuilder(contract=contract),
        contract=contract,
        operation=contract.operations[0],
        credentials=Credentials(),
        control=control.but(body=once),
    )
    fresh = FreshValues.of(subject)
    assert fresh is not None

    (items,) = fresh.renewed(control.but(body=body)).body.values()
    assert items[0] == items[1] != "new"
    assert items[0] not in body.get("rows", [])


POOLS = """
paths:
  /pools:
    post:
      requestBody: &body
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, kind]
              properties: {name: {type: string, maxLength: 20}, kind: {type: string, maxLength: 10}}
      responses:
        '201':
          description: made
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string}}}
        '422': {description: no}
  /pools/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    put: {requestBody: *body, responses: {'200': {description: ok}, '422': {description: no}}}
    delete: {responses: {'204': {description: gone}}}
"""


class Pools:
    """Keeps pools, of which no two have one name: the second gets `taken`, and `words`."""

    def __init__(self, taken: int, words: str) -> None:
        self.taken, self.words, self.made = taken, words, 0
        self.names = dict[str, str]()

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """What is stored, or why not."""
        _, collection, *ids = asked.path.split("/")
        if collection != "pools" or (ids and ids[0] not in self.names):
            return 404, None
        if asked.method == "DELETE" and ids:
            del self.names[ids[0]]
            return 204, None
        if asked.method != ("PUT" if ids else "POST"):
            return 405, None
        body = asked.json
        if not isinstance(body, dict) or not _is_text(body.get("kind"), 10):
            return 422, "wrong"
        return self._named(body.get("name"), *ids)

    def _named(self, name: Any, own: str = "") -> tuple[int, Any]:
        if not _is_text(name, 20):
            return 422, "wrong"
        if any(one == name and key != own for key, one in self.names.items()):
            return self.taken, self.words.format(name)
        if not own:
            self.made += 1
        key = own or f"pool-{self.made}"
        self.names[key] = name
        return (200 if own else 201), {"id": key}


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest


@pytest.mark.parametrize(
    ("taken", "words"), [(409, ""), (400, "{} is taken"), (422, "{} is taken"), (500, "")]
)
def test_a_name_that_the_run_has_stored_elsewhere_accuses_no_keyword(
    tmp_path: Path, taken: int, words: str
) -> None:
    """A thing gets the name of another one: the status may be wrong, and the value is not."""
    app = Application(Pools(taken, words))
    contract = contract_of(tmp_path, POOLS)

    families = frozenset({ClauseKind.EDGES, ClauseKind.MEDIA_TYPES})
    report = run(contract, app, by_clock=True, allow_writes=True, families=families)

    wrong = {place.clause.rpartition(" ")[2] for one in report.findings for place in one.places}
    of_values = {
        one for one in wrong if one.startswith(("body.name", "body.kind", "media.charset"))
    }
    assert of_values == set()
    assert ("status.documented" in wrong) is (taken in (400, 409))


FLAGS = """
paths:
  /flags:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name, type],
        properties: {type: {type: string, example: release}, name: {type: string, example: dark}, note: {type: string}}}}}}
      responses: {'201': {description: ok}, '400': {description: no}}
"""  # noqa: E501


@pytest.mark.parametrize("unknown", [400, 500])
def test_a_new_thing_may_belong_to_something_that_has_to_be_known(
    tmp_path: Path, unknown: int
) -> None:
    """New values of all texts are refused: the name alone is new, and one finding says 409."""
    names = set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        if not isinstance(body, dict) or not _is_text(body.get("name"), 99_999):
            return (405 if asked.method != "POST" else 400), None
        if not isinstance(body.get("type"), str) or not isinstance(body.get("note", ""), str):
            return 400, None
        if body["type"] != "release":
            return unknown, None
        if body["name"] in names:
            return 409, None
        names.add(body["name"])
        return 201, None

    families = frozenset({ClauseKind.EDGES, ClauseKind.MEDIA_TYPES, ClauseKind.STEADINESS})
    app = Application(answer)
    report = run(contract_of(tmp_path, FLAGS), app, allow_writes=True, families=families)

    taken = [one for one in report.findings if "409" in one.title]
    assert [place.clause for one in taken for place in one.places] == [
        "POST /flags status.documented"
    ]


TEMPLATES = """
paths:
  /templates:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                template_id: {type: string, format: uuid}
                name: {type: string}
                note: {type: string}
      responses: {'201': {description: made}, '400': {description: no}}
  /templates/{template_id}:
    parameters: [{name: template_id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: it}, '404': {description: no}}}
"""


def test_the_id_of_what_is_made_is_as_new_as_its_name(tmp_path: Path) -> None:
    """A new name alone is refused for the id, and every other value would be accused of it."""
    taken = set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        if asked.method != "POST" or not isinstance(body, dict):
            return 400, None
        name, own = body.get("name"), body.get("template_id", f"of {body.get('name')}")
        if not all(isinstance(one, str) for one in (name, own, body.get("note", ""))):
            return 400, None
        if name in taken or own in taken:
            return (409 if name in taken else 500), None
        taken.update(map(str, (name, own)))
        return 201, {"template_id": own}

    families = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES, ClauseKind.STEADINESS})
    contract = contract_of(tmp_path, TEMPLATES)
    report = run(
        contract, Application(answer), by_clock=True, allow_writes=True, families=families,
        include=("POST /templates",),
    )  # fmt: skip

    wrong = {place.clause.split()[-1] for one in report.findings for place in one.places}
    assert "status.documented" in wrong
    assert not {one for one in wrong if one.startswith("body.")}


BOXES = """
paths:
  /boxes:
    post:
      requestBody: &body {required: true, content: {application/json: {schema:
        {type: object, required: [label], properties: {label: {type: string}}}}}}
      responses:
        '201': &box {description: it, content: {application/json: {schema:
          {type: object, required: [id], properties: {id: {type: string}}}}}}
        '409': {description: taken}
        default: {description: no}
  /boxes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    put:
      requestBody: *body
      responses: {'200': *box, '400': {description: no}, '404': {description: none}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


class Boxes:
    """Each has a label of its own; `refusal` is what a PUT with that of another one is answered."""

    def __init__(self, refusal: int) -> None:
        self.labels, self.made, self.refusal = dict[str, str](), 0, refusal

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        own = asked.path.removeprefix("/boxes").strip("/")
        if own and own not in self.labels:
            return 404, None
        if asked.method == "DELETE":
            return 204, self.labels.pop(own) and None
        label = asked.json.get("label") if isinstance(asked.json, dict) else None
        if not isinstance(label, str):
            return 400, None
        if label in [one for name, one in self.labels.items() if name != own]:
            return (self.refusal if own else 409), None
        self.made += not own
        self.labels[own or f"b{self.made}"] = label
        return (200 if own else 201), {"id": own or f"b{self.made}"}


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (500, ["a text in label that another thing has: the server fails (500)"]),
        (422, ["a text in label that another thing has is answered with 422, which the contract "
               "does not document"]),
        (400, []),
    ],
)  # fmt: skip
def test_a_change_to_a_name_that_is_taken_is_told_as_that(
    tmp_path: Path, refusal: int, told: list[str]
) -> None:
    """The odd texts of the POST are taken when the PUT sends them; a plain one shows it as well."""
    server = Boxes(refusal)

    report = run(
        contract_of(tmp_path, BOXES), Application(server), by_clock=True, allow_writes=True,
        families=frozenset({ClauseKind.CONTROL, ClauseKind.STEADINESS, ClauseKind.EDGES}),
    )  # fmt: skip

    assert [one.title for one in report.findings] == [f"PUT /boxes/{{id}}: {one}" for one in told]
    assert [len(place.steps) for one in report.findings for place in one.places] == [2] * len(told)
    assert server.labels == {}
