"""With --allow-writes: what a run did not make it puts back, spares, or tells."""

from __future__ import annotations

import asyncio
import json
import re
from copy import deepcopy
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest

from conformance.cases.body_edits import dropper, setter
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.secret_names import secret_names
from conformance.clauses.whole_ends import ends_everything
from conformance.http.credentials import Credentials
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import Draft
from conformance.report.findings import Level, Report
from conformance.run.making.restoring import Restoration
from conformance.run.session.run_options import RunOptions
from conformance.run.session.session import Session
from conformance.run.things.known_items import KnownItems
from conformance.run.turns.good_requests import GoodRequests
from spec import Contract
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

CONTRACT = """
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Config: {type: object, properties: {open: {type: boolean}, least: {type: integer, minimum: 4}}}
    Mailer:
      type: object
      required: [host]
      properties: {host: {type: string}, password: {type: string, writeOnly: true}}
    Template: {type: object, required: [subject], properties: {subject: {type: string, minLength: 1}}}
    Table: {type: object, required: [tableName], properties: {tableName: {type: string, minLength: 1, maxLength: 60}}}
security: [{key: []}]
paths:
  /config:
    get: {responses: &config {'200': &ok {description: ok}, '401': &who {description: who}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Config'}}}}
      responses: &changed {'200': *ok, '400': &no {description: no}, '401': *who, '404': &none {description: none}}
  /mailer:
    get: {responses: *config}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Mailer'}}}}
      responses: *changed
    delete: {responses: {'204': *ok, '401': *who}}
  /logout: {post: {responses: {'204': *ok, '401': *who}}}
  /letters/clear: {post: {responses: {'204': *ok, '401': *who}}}
  /sessions/current: {delete: {responses: {'204': *ok, '401': *who}}}
  /account: {delete: {responses: {'204': *ok, '401': *who}}}
  /letters:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [to], properties: {to: {type: string}}}}}}
      responses: {'202': *ok, '400': *no, '401': *who}
  /templates: {get: {responses: *config}}
  /templates/{type}:
    parameters: [{name: type, in: path, required: true, schema: {type: string, enum: [welcome, farewell]}}]
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Template'}}}}
      responses: *changed
  /logs/{source}:
    parameters: [{name: source, in: path, required: true, schema: {type: string}, example: nginx}]
    get: {responses: {'200': *ok, '401': *who, '404': *none}}
    delete: {responses: {'204': *ok, '401': *who, '404': *none}}
  /tables:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Table'}, example: {tableName: posts}}}}
      responses: {'201': *ok, '400': *no, '401': *who, '409': {description: taken}}
  /tables/{tableName}:
    parameters: [{name: tableName, in: path, required: true, schema: {type: string}, example: posts}]
    get: {responses: {'200': *ok, '401': *who, '404': *none}}
    patch:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Table'}, example: {tableName: articles}}}}
      responses: {'200': *ok, '400': *no, '401': *who, '404': *none, '409': {description: taken}}
    delete: {responses: {'204': *ok, '401': *who, '404': *none}}
  /rows/{tableName}:
    parameters: [{name: tableName, in: path, required: true, schema: {type: string}, example: posts}]
    delete:
      parameters: [{name: id, in: query, required: true, schema: {type: integer}, example: 1}]
      responses: {'204': *ok, '400': *no, '401': *who, '404': *none}
"""  # noqa: E501  # a table of operations
TOKENS = ("a-token-of-the-owner", "a-token-to-be-ended")


class Backend:
    """Settings, a session, logs, and tables with rows: all of it somebody's."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {
            "config": {"open": False, "least": 8},
            "mailer": {"host": "mail.invalid", "password": "of-somebody"},
            "tokens": list(TOKENS),
            "account": "owner",
            "letters": ["of somebody"],
            "templates": {"welcome": "Hello", "farewell": "Goodbye"},
            "logs": {"nginx": ["a line"]},
            "tables": {"posts": {1: "a row"}},
        }
        self.before = deepcopy(self.state)

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Strict about credentials and types, and otherwise plain."""
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in self.state["tokens"]:
            return 401, None
        name, _, rest = asked.path.strip("/").partition("/")
        if asked.method not in ("GET", "PUT", "POST", "PATCH", "DELETE"):
            return 405, None
        if name in ("config", "mailer") and not rest:
            return self._setting(name, asked)
        if asked.path in ("/logout", "/sessions/current"):
            self.state["tokens"].remove(token)
            return 204, None
        ways = {"account": self._account, "letters": self._letter, "logs": self._log}
        ways["templates"] = self._template
        way = ways.get(name, self._table)
        return way(asked, rest)

    def _setting(self, name: str, asked: Asked) -> tuple[int, Any]:
        kept, types = self.state[name], {"open": bool, "least": int, "host": str, "password": str}
        if asked.method == "PUT":
            sent = asked.json
            known = {k: v for k, v in sent.items() if k in types} if isinstance(sent, dict) else 0
            if not isinstance(known, dict) or (name == "mailer" and "host" not in known):
                return 400, None
            if any(type(v) is not types[k] for k, v in known.items()) or known.get("least", 4) < 4:
                return 400, None
            kept.update(known)
        elif asked.method == "DELETE" and name == "mailer":
            kept["host"] = "the platform's own"
            return 204, None
        return 200, {k: v for k, v in kept.items() if k != "password"}

    def _account(self, asked: Asked, rest: str) -> tuple[int, Any]:
        self.state["account"] = ""
        return 204, None

    def _letter(self, asked: Asked, rest: str) -> tuple[int, Any]:
        if rest == "clear":
            self.state["letters"] = []
            return 204, None
        good = isinstance(asked.json, dict) and isinstance(asked.json.get("to"), str)
        return (202 if good else 400), None

    def _template(self, asked: Asked, rest: str) -> tuple[int, Any]:
        """Shown in a list alone."""
        subjects, sent = self.state["templates"], asked.json
        shown = [
            {"id": number, "templateType": name, "subject": subject}
            for number, (name, subject) in enumerate(subjects.items())
        ]
        if not rest:
            return 200, {"data": shown}
        if asked.method != "PUT" or rest not in subjects:
            return 404, None
        subject = sent.get("subject") if isinstance(sent, dict) else None
        if not isinstance(subject, str) or not subject or not subject.isprintable():
            return 400, None
        subjects[rest] = subject
        return 200, sent

    def _log(self, asked: Asked, rest: str) -> tuple[int, Any]:
        if rest not in self.state["logs"]:
            return 404, None
        if asked.method == "DELETE":
            self.state["logs"][rest] = []
            return 204, None
        return 200, {"lines": self.state["logs"][rest]}

    def _table(self, asked: Asked, rest: str) -> tuple[int, Any]:
        tables, sent = self.state["tables"], asked.json
        named = sent.get("tableName") if isinstance(sent, dict) else None
        if asked.method in ("POST", "PATCH"):
            if not isinstance(named, str) or not 1 <= len(named) <= 60 or "\ud800" in named:
                return 400, None
            if named in tables and named != rest:
                return 409, None
        if asked.method == "POST":
            return 201, tables.setdefault(named, {}) or sent
        if rest not in tables:
            return 404, None
        if asked.path.startswith("/rows/"):
            found = re.fullmatch(r"id=(-?\d{1,9})", asked.query)
            if found:
                tables[rest].pop(int(found[1]), None)
            return (204 if found else 400), None
        if asked.method == "PATCH":
            tables[named] = tables.pop(rest)
            # What it does not know it ignores, and repeats.
            return 200, {"tableName": named, **({"id": sent["id"]} if "id" in sent else {})}
        if asked.method == "DELETE":
            del tables[rest]
            return 204, None
        return 200, {"tableName": rest}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Backend, Report]:
    """One run that may write, on everything."""
    backend, folder = Backend(), tmp_path_factory.mktemp("backend")
    credentials = Credentials(token=TOKENS[0], by_tag={"DELETE /sessions/current": TOKENS[1]})
    options: dict[str, Any] = {"credentials": credentials, "max_billable": 12, "max_examples": 0}
    contract, app = contract_of(folder, CONTRACT), Application(backend.answer)
    return backend, run(contract, app, by_clock=True, allow_writes=True, **options)


def test_what_was_there_is_there(ran: tuple[Backend, Report]) -> None:
    """Settings, logs, the account and the rows of an example's table; one token was to be ended."""
    backend, _ = ran

    password = backend.state["mailer"].pop("password")
    assert backend.state == {
        **backend.before,
        "mailer": {"host": "mail.invalid"},
        "tokens": [TOKENS[0]],
    }
    assert password != "of-somebody"


def test_what_stays_changed_is_told(ran: tuple[Backend, Report]) -> None:
    """What GET does not show cannot be put back, and a letter cannot be taken back."""
    _, report = ran
    told = [one.partition(" (")[0] for one in report.remarks if "letters" in one or "put" in one]

    assert told == [
        "changed by this run and not put back: /mailer: password",
        "not undone",
    ]
    assert not any("left behind" in one or "undecided" in one for one in report.remarks)


def test_what_no_list_shows_is_told(tmp_path: Path) -> None:
    """A list may show a part only: of what it did not show before nothing is put back."""
    backend, contract = Backend(), contract_of(tmp_path, CONTRACT)

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200, {"data": []}) if asked.path == "/templates" else backend.answer(asked)

    only = {"include": ("/templates/*",), "max_billable": 2, "max_examples": 0}
    app = Application(answer)
    report = run(contract, app, TOKENS[0], by_clock=True, allow_writes=True, **only)

    why = "the list did not show what was there before"
    assert f"changed by this run and not put back: /templates/welcome: {why}" in report.remarks


def test_what_get_only_sums_up_is_told(tmp_path: Path) -> None:
    """A key of which GET shows the first letters may be another one, and look the same."""
    schema = "{type: object, properties: {apiKey: {type: string}}}"
    text = f"""
paths:
  /config:
    get: {{responses: {{'200': {{description: ok}}}}}}
    put:
      requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}}
      responses: {{'200': {{description: ok}}, '400': {{description: no}}}}
"""

    def answer(asked: Asked) -> tuple[int, Any]:
        return 200, {"apiKey": {"configured": True, "maskedKey": "sk-…"}}

    kinds, contract = frozenset({ClauseKind.CONTROL}), contract_of(tmp_path, text)
    report = run(contract, Application(answer), allow_writes=True, families=kinds)

    assert "changed by this run and not put back: /config: apiKey" in report.remarks


def test_what_a_post_adds_is_no_change_of_what_is_there(tmp_path: Path) -> None:
    """The path of a list that can be changed at once is the one to which things are added."""
    schema = "{type: object, properties: {keys: {type: array}, data: {type: object}}}"
    text = f"""
paths:
  /users:
    get: {{responses: {{'200': {{description: ok}}}}}}
    post: {{responses: {{'201': {{description: ok}}}}}}
    patch:
      requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}
      responses: {{'200': {{description: ok}}, '400': {{description: no}}}}
"""

    def answer(asked: Asked) -> tuple[int, Any]:
        ways = {"GET": (200, {"data": [{"id": 1}]}), "POST": (201, None)}
        return ways.get(asked.method, (400, None))

    contract, app = contract_of(tmp_path, text), Application(answer)
    report = run(contract, app, allow_writes=True, max_examples=0)

    assert not any("put back" in one for one in report.remarks)


def _session(contract: Contract, **more: Any) -> Any:
    credentials, options = Credentials(token=TOKENS[0]), RunOptions(allow_writes=True)
    things, time = KnownItems(contract), SimpleNamespace(closing=False)
    given = {"things": things, "time": time, "credentials": credentials, "options": options}
    session: Any = SimpleNamespace(contract=contract, **given, **more)
    session.first_draft = partial(Session.first_draft, session)
    return session


def test_another_spelling_of_a_path_is_the_same_path(tmp_path: Path) -> None:
    """What stands there when `%77elcome` is first written is the run's own already."""
    backend, contract = Backend(), contract_of(tmp_path, CONTRACT)
    paths = ("/templates/welcome", "/templates/%77elcome")

    async def send(name: str, request: Request, *, authorized: bool) -> Answer:
        headers, path = {"authorization": f"Bearer {TOKENS[0]}"}, unquote(request.target)
        asked = Asked(request.method, path, headers, request.body or b"")
        return _answer(*backend.answer(asked))

    async def changed() -> None:
        restoration = Restoration(_session(contract, send=send, written=set(paths)))
        for path in paths:
            change = Request(method="PUT", target=path, body=b'{"subject": "of the run"}')
            await restoration.look("PUT /templates/{type}", change)
            await send("PUT /templates/{type}", change, authorized=True)
        await restoration.restore()

    asyncio.run(changed())

    assert backend.state == backend.before


@pytest.mark.parametrize("wrote", ["{}", '{"note": "of the run"}'])
def test_what_was_not_there_is_taken_away_again(tmp_path: Path, wrote: str) -> None:
    """By a PUT of the whole; what GET shows when it is there was not there when it shows none."""
    body = "{type: object, properties: {note: {type: string}}}"
    text = f"""
paths:
  /box:
    get: {{responses: {{'200': {{description: ok, content: {{application/json: {{schema: {body}}}}}}}}}}}
    put:
      requestBody: {{required: true, content: {{application/json: {{schema: {body}}}}}}}
      responses: {{'200': {{description: ok}}}}
"""  # noqa: E501  # a table of operations
    contract, box = contract_of(tmp_path, text), dict[str, Any]()

    async def send(name: str, request: Request, *, authorized: bool) -> Answer:
        if request.method == "PUT":
            box.clear()
            box.update(json.loads(request.body or b""))
        return _answer(200, box)

    async def told() -> list[str]:
        restoration = Restoration(_session(contract, send=send, written={"/box"}))
        change = Request(method="PUT", target="/box", body=wrote.encode())
        await restoration.look("PUT /box", change)
        await send("PUT /box", change, authorized=True)
        await restoration.restore()
        return list(restoration.told())

    assert (asyncio.run(told()), box) == ([], {})


def test_only_what_is_the_runs_own_is_removed(tmp_path: Path) -> None:
    """Also where it was not found: the example is somebody's."""
    contract = contract_of(tmp_path, CONTRACT)
    session = _session(contract, handed=SimpleNamespace(path=lambda operation: None))
    make, remove = (
        contract.operation(one) for one in ("POST /tables", "DELETE /tables/{tableName}")
    )
    assert make is not None
    assert remove is not None
    body = b'{"tableName": "own"}'
    session.things.see(make, Request(method="POST", target="/tables", body=body), _answer(201, {}))

    good = GoodRequests(operation=remove, session=session)

    assert [one.segments for one in good.drafts()] == [{"tableName": "own"}]


def test_what_is_renamed_is_followed(ran: tuple[Backend, Report]) -> None:
    """A PATCH that gives a thing another name breaks nothing for the requests after it."""
    _, report = ran

    accused = [one for one in report.findings if one.level is not Level.NOTE]
    assert [one.title for one in accused if one.got.startswith(("404", "409"))] == []


NOTES = """
paths:
  /notes:
    post: {responses: {'201': {description: made}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}}
      responses: {'200': {description: changed}}
"""  # noqa: E501


def test_what_is_repeated_is_no_new_name(tmp_path: Path) -> None:
    """An unknown property that an answer repeats, and an id that the path does not allow."""
    things = KnownItems(contract_of(tmp_path, NOTES))
    make, change = things.contract.operations
    old, new = "5d1e2c3b-0000-4000-8000-000000000001", "5d1e2c3b-0000-4000-8000-000000000002"
    things.see(make, Request(method="POST", target="/notes"), _answer(201, {"id": old}))
    body = json.dumps({"id": new}).encode()
    request = Request(method="PATCH", target=f"/notes/{old}", body=body)

    things.see(change, request, _answer(200, {"id": new}))

    assert [one.ids for one in things.standing()] == [(old,)]


def test_an_id_may_be_no_text(tmp_path: Path) -> None:
    """A deployment may repeat half of a surrogate pair as the name of what it has made."""
    things = KnownItems(contract_of(tmp_path, NOTES))
    make, _ = things.contract.operations

    things.see(make, Request(method="POST", target="/notes"), _answer(201, {"id": "\ud800"}))

    assert [one.ids for one in things.standing()] == [("\ud800",)]


@pytest.mark.parametrize("beside", [b"1e400", b'"\\ud800"', b"[" * 600 + b"]" * 600])
def test_what_was_stored_has_the_name_that_was_sent(tmp_path: Path, beside: bytes) -> None:
    """Also where its answer says no name, and the request is beyond what a server has to read."""
    things = KnownItems(contract_of(tmp_path, CONTRACT))
    make = next(one for one in things.contract.operations if one.id == "POST /tables")
    body = b'{"tableName": "sent", "x": %b}' % beside

    things.see(make, Request(method="POST", target="/tables", body=body), _answer(201, {}))

    assert [one.ids for one in things.standing()] == [("sent",)]


def _answer(status: int, value: Any) -> Answer:
    return Answer(status=status, body=json.dumps(value).encode())


@pytest.mark.parametrize(
    ("operation", "leave"),
    [
        ("POST /logout", "--token 'POST /logout'=TOKEN"),
        ("DELETE /account", "--token 'DELETE /account'=TOKEN"),
        ("POST /letters/clear", "--harmless 'POST /letters/clear' has it tried"),
        ("DELETE /logs/{source}", "--example 'DELETE /logs/{source}'=FILE"),
    ],
)
def test_what_cannot_be_put_back_is_spared(
    ran: tuple[Backend, Report], operation: str, leave: str
) -> None:
    """It is not tried, and the ledger says how it would be."""
    _, report = ran
    control = next(one for one in report.clauses if one.id == f"{operation} control")

    assert control.verdict.value == "unobserved"
    assert control.why.endswith(leave) or leave in control.why


SWITCH = """
paths:
  /switch:
    get: {responses: {'200': &ok {description: ok, content: {application/json: {schema: &switch
      {type: object, required: [label, on], properties: {label: {type: string}, on: {type: boolean}}}}}}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: *switch}}}
      responses: {'200': *ok, '400': {description: no}}
"""  # noqa: E501


@pytest.mark.parametrize("lost", ["on", ""])
def test_a_boolean_that_never_changes_is_shown(tmp_path: Path, lost: str) -> None:
    """Of the two values that it has, one was there before the run."""
    kept = {"label": "hall", "on": False}

    def answer(asked: Asked) -> tuple[int, Any]:
        sent = asked.json
        if asked.method == "PUT":
            if not isinstance(sent, dict) or [type(sent.get(k)) for k in kept] != [str, bool]:
                return 400, None
            kept.update({k: sent[k] for k in kept if k != lost})
        return 200, kept

    contract, app = contract_of(tmp_path, SWITCH), Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=True, max_examples=0)

    found = [one.got for one in report.findings if one.code == "lost-change"]
    assert ["`on`" in one or "on" in one for one in found] == ([True] if lost else [])


@pytest.mark.parametrize("body", [[{"a": 1}], {"a": 1}])
@pytest.mark.parametrize("full", [[{"b": 1}], {"b": 1}])
def test_an_edit_of_one_alternative_is_made_on_another(body: Any, full: Any) -> None:
    """A body may be an object or a list of objects: an edit of the one brings its own."""
    path = (0, "b") if isinstance(full, list) else ("b",)
    draft = Draft(method="POST", path="/x", body=body)
    wanted = [{"b": 2}] if isinstance(full, list) else {"b": 2}

    edited = setter(full, path, 2)(draft).body
    inner = edited[0] if isinstance(edited, list) else edited
    assert type(edited) is type(wanted)
    assert inner["b"] == 2
    assert "b" not in str(dropper(full, path)(draft).body)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/secrets/{key}", {"value"}),
        ("/projects/{id}/api-keys", {"value", "key"}),
        ("/functions/{slug}/secrets/{name}/reveal", {"value"}),
        ("/settings/{key}", set[str]()),
    ],
)
def test_what_is_kept_as_a_secret_has_a_plain_name(
    tmp_path: Path, path: str, names: set[str]
) -> None:
    """`value` is a secret under `/secrets`, and a setting elsewhere."""
    fixed = re.findall(r"{(\w+)}", path)
    given = ", ".join(
        f"{{name: {n}, in: path, required: true, schema: {{type: string}}}}" for n in fixed
    )
    get = "get: {responses: {'200': {description: ok}}}"
    text = f"paths: {{'{path}': {{parameters: [{given}], {get}}}}}"

    assert secret_names(contract_of(tmp_path, text)) == names


UPSERTED = """
paths:
  /secrets:
    post:
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [key], properties: {key: {type: string, example: STRIPE}}}}}}
      responses: {'201': {description: kept}, '400': {description: no}}
  /secrets/{key}:
    parameters: [{name: key, in: path, required: true, schema: {type: string}, example: STRIPE}]
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


def test_a_create_that_replaces_gets_no_name_of_the_contracts_examples(tmp_path: Path) -> None:
    """What is there under the name of the example is a real thing."""
    kept = {"STRIPE": "of somebody"}

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method == "POST" and asked.path == "/secrets":
            key = asked.json.get("key") if isinstance(asked.json, dict) else None
            if not isinstance(key, str):
                return 400, None
            kept[key] = "of the run"
            return 201, None
        if asked.method != "DELETE" or not asked.path.startswith("/secrets/"):
            return 405, None
        return (204 if kept.pop(asked.path.removeprefix("/secrets/"), "") else 404), None

    report = run(contract_of(tmp_path, UPSERTED), Application(answer), allow_writes=True)

    assert kept["STRIPE"] == "of somebody"
    assert {one.verdict.value for one in report.clauses if one.kind == "control"} == {"held"}


NUMBERED = """
paths:
  /pets:
    post:
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [REQUIRED],
         properties: {id: {type: integer, minimum: 1EXAMPLE}, name: {type: string}}}}}}
      responses: {'200': {description: kept}, '400': {description: no}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: one}, '404': {description: none}}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
"""


@pytest.mark.parametrize("required", ["name", "id, name"])
@pytest.mark.parametrize("example", ["", ", example: 10"])
def test_a_create_that_replaces_gets_a_number_that_is_nobodys(
    tmp_path: Path, required: str, example: str
) -> None:
    """What is there under a small number, or under that of the example, is a real thing."""
    pets = dict.fromkeys(range(1, 100), "of somebody")

    def answer(asked: Asked) -> tuple[int, Any]:
        number = asked.path.removeprefix("/pets").removeprefix("/")
        if number:
            known = int(number) if number.isdecimal() else 0
            found = pets.pop(known, "") if asked.method == "DELETE" else pets.get(known)
            return (404 if not found else 204 if asked.method == "DELETE" else 200), None
        body = asked.json
        if asked.method != "POST" or not isinstance(body, dict) or "name" not in body:
            return (405 if asked.method != "POST" else 400), None
        text = str(body.get("id", max(pets) + 1)).strip()
        if not text.removeprefix("-").isdecimal():
            return 400, None
        pets[int(text)] = "of the run"
        return 200, {"id": int(text), "name": body["name"]}

    text = NUMBERED.replace("REQUIRED", required).replace("EXAMPLE", example)
    run(contract_of(tmp_path, text), Application(answer), allow_writes=True)

    assert {pets.get(number) for number in range(1, 100)} == {"of somebody"}


HOSTED = """
paths:
  /functions:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [slug], properties: {slug: {type: string}}}, example: {slug: mailer}}}}
      responses: {'201': {description: made}, '400': {description: no}}
  /functions/{slug}:
    parameters: [{name: slug, in: path, required: true, schema: {type: string}, example: mailer}]
    put:
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [code], properties: {code: {type: string}}}}}}
      responses: {'200': {description: ok}, '201': {description: new}, '400': {description: no}, '404': {description: none}}
    delete: {responses: {'204': {description: gone}, '404': {description: none}}}
  /functions/{slug}/runs:
    parameters: [{name: slug, in: path, required: true, schema: {type: string}, example: mailer}]
    post: {responses: {'202': {description: begun}, '404': {description: none}}}
"""  # noqa: E501  # a table of operations


@pytest.mark.parametrize("created", ["", "'201': {description: new}, "], ids=["change", "create"])
def test_what_is_made_and_not_found_is_no_reason_to_touch_the_example(
    tmp_path: Path, created: str
) -> None:
    """A create that stores nothing: the thing of the contract's example is somebody's."""
    touched = list[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path == "/functions" and asked.method == "POST":
            return (201 if isinstance(asked.json, dict) and "slug" in asked.json else 400), None
        slug = asked.path.removeprefix("/functions/").removesuffix("/runs")
        if slug == "mailer" and asked.method in ("PUT", "POST", "DELETE"):
            touched.append(f"{asked.method} {asked.path}")
            return 200, None
        return 404, None

    contract = contract_of(tmp_path, HOSTED.replace("'201': {description: new}, ", created))
    state = frozenset({ClauseKind.STATE})
    run(contract, Application(answer), allow_writes=True, families=state, by_clock=True)

    assert touched == []


STOPS = """
paths:
  /shutdown: {post: {BODYresponses: {'202': {description: ok}}}}
"""


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        ("/volumes/prune", True),
        ("/cache/flush", True),
        ("/logs/clean-up", True),
        ("/items/deleteAll", True),
        ("/host/restart-host", True),
        ("/server/resetCachedAccessories", True),
        ("/host/power-off", True),
        ("/clean-rooms", False),
        ("/trees/{id}/prune", False),
        ("/pruned", False),
    ],
)
def test_what_empties_what_others_have_made_is_told_by_its_path(
    tmp_path: Path, path: str, ends: bool
) -> None:
    """By its last step, where the request names nothing that it is about."""
    named = "parameters: [{name: id, in: path, required: true, schema: {type: string}}], "
    contract = contract_of(
        tmp_path,
        STOPS.replace("/shutdown", path).replace("BODY", named if "{" in path else ""),
    )

    assert ends_everything(contract.operations[0]) is ends


@pytest.mark.parametrize(
    ("body", "ends"), [("", True), ("required: false, ", True), ("required: true, ", False)]
)
def test_a_body_that_may_be_left_out_names_nothing_to_stop(
    tmp_path: Path, body: str, ends: bool
) -> None:
    """It has options of what stops everything; one that must be there says what it is about."""
    schema = "content: {application/json: {schema: {type: object}}}"
    given = f"requestBody: {{{body}{schema}}}, " if body else ""
    contract = contract_of(tmp_path, STOPS.replace("BODY", given))

    assert ends_everything(contract.operations[0]) is ends
