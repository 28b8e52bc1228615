"""What a backend as a service does: rotating keys, mail, lists that are replaced, GET /logout."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.judgement.whole_values import is_same_whole, whole_in
from conformance.report.findings import Level, Report
from conformance.run.things.thing_references import references
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

CONTRACT = """
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Members: {type: array, maxItems: 4, items: {type: string, minLength: 1}}
    Flag: {type: object, required: [note], properties: {note: {type: string}}}
security: [{key: []}]
paths:
  /members:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object, properties: {items: {$ref: '#/components/schemas/Members'}}}}}}
        '401': &who {description: who}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Members'}}}}
      responses: &changed {'200': &ok {description: ok}, '400': &no {description: no}, '401': *who}
  /flags/{flag}:
    parameters: [{name: flag, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Flag'}}}}
        '401': *who
        '404': &none {description: none}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Flag'}}}}
      responses: *changed
    delete: {responses: {'204': *ok, '401': *who, '404': *none}}
  /channels:
    get: {responses: {'200': *ok, '401': *who}}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [pattern], properties: {pattern: {type: string, example: news}, key: {type: string}}}
      responses: {'201': *ok, '400': *no, '401': *who, '409': {description: taken}}
  /channels/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    delete: {responses: {'204': *ok, '401': *who, '404': *none}}
  /messages:
    get:
      parameters: [{name: channelId, in: query, required: true, schema: {type: integer}}]
      responses: {'200': *ok, '400': *no, '401': *who, '404': *none}
  /key/rotate: {post: {responses: {'200': *ok, '401': *who}}}
  /mail/send:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [to], properties: {to: {type: string}}}}}
      responses: {'202': *ok, '400': *no, '401': *who}
  /logout: {get: {responses: {'204': *ok, '401': *who}}}
"""  # noqa: E501  # a table of operations
METHODS = {
    "members": ("GET", "PUT"),
    "flags": ("GET", "PUT", "DELETE"),
    "channels": ("GET", "POST", "DELETE"),
    "messages": ("GET",),
    "key": ("POST",),
    "mail": ("POST",),
    "logout": ("GET",),
}
KEY = "the-first-key-of-the-project"


class Backend:
    """All of it somebody's; one that `keeps` stores no change of a flag, and one member only."""

    def __init__(self, *, keeps: bool = False, asks: bool = True) -> None:
        self.keeps, self.asks = keeps, asks
        self.state: dict[str, Any] = {
            "members": ["ann", "bob"],
            "flags": {"beta": {"note": "for all"}},
            "channels": {"1": "news"},
        }
        self.before = deepcopy(self.state)
        self.key, self.keys, self.mails, self.logouts = KEY, 1, list[str](), 0

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Strict about credentials and types, and otherwise plain."""
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if self.asks and (scheme.lower() != "bearer" or token != self.key):
            return 401, None
        name, _, rest = asked.path.strip("/").partition("/")
        if asked.method not in METHODS.get(name, ()):
            return 405, None
        if asked.body and asked.headers.get("content-type") != "application/json":
            return 415, None
        if asked.path == "/logout":
            self.logouts += 1
            return 204, None
        found: tuple[int, Any] = getattr(self, f"_{name}")(asked, rest)
        return found

    def _members(self, asked: Asked, rest: str) -> tuple[int, Any]:
        sent = asked.json
        if asked.method == "PUT":
            texts = isinstance(sent, list) and len(sent) <= 4 and all(map(_is_text, sent))
            if not texts:
                return 400, None
            self.state["members"] = sent[:1] if self.keeps else sent
        return 200, {"items": self.state["members"]}

    def _flags(self, asked: Asked, rest: str) -> tuple[int, Any]:
        flags, sent = self.state["flags"], asked.json
        if asked.method == "PUT":
            if not isinstance(sent, dict) or not isinstance(sent.get("note"), str):
                return 400, None
            kept = flags.setdefault(rest, {"note": sent["note"]})
            kept.update({} if self.keeps else {"note": sent["note"]})
            return 200, {"note": sent["note"]}
        if rest not in flags:
            return 404, None
        return (204, flags.pop(rest) and None) if asked.method == "DELETE" else (200, flags[rest])

    def _channels(self, asked: Asked, rest: str) -> tuple[int, Any]:
        channels, sent = self.state["channels"], asked.json
        if asked.method == "POST":
            if not isinstance(sent, dict) or not isinstance(sent.get("pattern"), str):
                return 400, None
            if sent["pattern"] in channels.values():
                return 409, None
            channels[str(len(channels) + 100)] = sent["pattern"]
            # It does not say which id the new one has.
            return 201, None
        if asked.method == "DELETE":
            return (204, None) if channels.pop(rest, None) else (404, None)
        return 200, channels

    def _messages(self, asked: Asked, rest: str) -> tuple[int, Any]:
        found = re.fullmatch(r"channelId=(-?\d{1,19})", asked.query)
        if found is None:
            return 400, None
        return (200, []) if found[1] in self.state["channels"] else (404, None)

    def _key(self, asked: Asked, rest: str) -> tuple[int, Any]:
        self.keys += 1
        self.key = f"another-key-{self.keys}-of-it"
        return 200, {"apiKey": self.key}

    def _mail(self, asked: Asked, rest: str) -> tuple[int, Any]:
        sent = asked.json
        if not isinstance(sent, dict) or not isinstance(sent.get("to"), str):
            return 400, None
        self.mails.append(sent["to"])
        return 202, None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def ran_with(folder: Path, backend: Backend, **options: Any) -> Report:
    """A run on all of it."""
    contract, app = contract_of(folder, CONTRACT), Application(backend.answer)
    return run(contract, app, KEY, by_clock=True, max_examples=0, **options)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Backend, Report]:
    """One run that may write."""
    backend = Backend()
    folder = tmp_path_factory.mktemp("services")
    return backend, ran_with(folder, backend, allow_writes=True, max_billable=12)


def test_a_rotated_key_is_used(ran: tuple[Backend, Report]) -> None:
    """Nothing ends in 401, what was made is removed, and the caller is told whose key is new."""
    backend, report = ran

    assert backend.keys > 1
    assert not [one for one in report.remarks if "undecided" in one or "refused with 401" in one]
    assert any(one.startswith("POST /key/rotate has replaced") for one in report.remarks)
    assert backend.key not in str(report)


def test_a_list_is_put_back(ran: tuple[Backend, Report]) -> None:
    """And flags that nobody had are gone; a PUT creates them without any word of it."""
    backend, _ = ran

    assert backend.state["members"] == backend.before["members"]
    assert backend.state["flags"] == backend.before["flags"]


def test_few_mails_are_sent(ran: tuple[Backend, Report]) -> None:
    """As few as show what the operation does; its clauses say how to have more."""
    backend, report = ran
    why = [one.why for one in report.clauses if one.operation == "POST /mail/send"]

    assert 0 < len(backend.mails) <= 9
    assert any("--harmless 'POST /mail/send'" in one for one in why)


def test_a_get_that_signs_out_is_not_sent(ran: tuple[Backend, Report], tmp_path: Path) -> None:
    """Neither with leave nor without: the run needs its credential."""
    backend, _ = ran
    other = Backend()
    ran_with(tmp_path, other)

    assert (backend.logouts, other.logouts) == (0, 0)


def test_nothing_is_accused(ran: tuple[Backend, Report]) -> None:
    """Neither the 404 to a channel that is not there, nor a channel without a known id."""
    _, report = ran

    accused = [one for one in report.findings if one.level is not Level.NOTE]
    assert [one.title for one in accused if one.got.startswith(("404", "401"))] == []
    told = [one for one in report.remarks if "channels" in one]
    assert [one.partition(": ")[0] for one in told] == [
        "left behind by this run, because no answer says which id it has"
    ]


def test_a_noun_may_name_a_thing(tmp_path: Path) -> None:
    """`channel` is one of `/channels`, by its id or by its pattern; a word is nothing of them."""
    named = references(contract_of(tmp_path, CONTRACT))

    assert [named.may_name(one) for one in ("channel", "channelId", "word")] == [
        "/channels",
        "/channels",
        None,
    ]


def test_a_name_with_a_meaning_gives_way_where_it_is_taken(ran: tuple[Backend, Report]) -> None:
    """There is a channel with the example's pattern: others are made all the same."""
    backend, _ = ran

    assert len(backend.state["channels"]) > 1


@pytest.mark.parametrize("path", ["/flags/{flag}", "/members"])
def test_a_put_that_stores_not_all_is_found(tmp_path: Path, path: str) -> None:
    """Flags that stay as they were created, and a list of which the first item alone is stored."""
    report = ran_with(tmp_path, Backend(keeps=True), allow_writes=True, include=(path,))

    assert "lost-change" in [one.code for one in report.findings]


@pytest.mark.parametrize(
    ("sent", "value", "same"),
    [
        ([1, 2], {"items": [1, 2], "next": None}, True),
        ([1, 2], {"items": [1]}, False),
        ([1], {"items": [1], "more": []}, None),
        ([], [], True),
        ({"a": 1}, {"id": "7", "fields": {"a": 1}}, True),
        ({"a": 1}, {"id": "7", "fields": {"a": 2}}, False),
        ({"a": 1}, {"id": "7"}, None),
    ],
)
def test_what_is_sent_as_a_whole_is_found(sent: Any, value: Any, same: bool | None) -> None:
    """A list or an object of any names, bare or in an envelope."""
    read = whole_in(value, sent)

    assert (None if read is None else is_same_whole(sent, read)) == same


GUARDED = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
security: [{key: []}]
paths:
  /lamps:
    get: {responses: {'200': {description: all}, '403': {description: no}}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [name]}}}
      responses: {'201': {description: made}, '403': {description: no}}
"""


def test_who_refuses_in_another_status_asks_for_a_credential(tmp_path: Path) -> None:
    """A 401 where 403 is documented is no answer to everybody: writes are tried without one."""
    app = Application(lambda asked: (401, None))
    report = run(
        contract_of(tmp_path, GUARDED),
        app,
        families=frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS}),
    )

    why = {one.why for one in report.clauses if one.id == "POST /lamps security.missing"}
    assert "POST" in {one.method for one in app.asked}
    assert not any("was answered without a credential" in one for one in why)


def test_who_asks_nobody_for_a_credential_is_sent_nothing(tmp_path: Path) -> None:
    """A reading that needs no credential says that a write needs none either."""
    backend = Backend(asks=False)
    contract, app = contract_of(tmp_path, CONTRACT), Application(backend.answer)
    report = run(contract, app, KEY, by_clock=True)

    written = [one for one in app.asked if one.method in ("POST", "PUT", "PATCH", "DELETE")]
    why = {one.why for one in report.clauses if one.id == "PUT /members security.missing"}
    assert [one.method for one in written] == []
    assert any("was answered without a credential" in one for one in why)
