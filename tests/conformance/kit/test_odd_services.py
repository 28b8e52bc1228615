"""Correct servers with habits that many have: keys, quotas, canonical paths, answers that lag."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.report.findings import Level, Report
from tests.conformance.kit.applications import Application, Asked, Message
from tests.conformance.kit.running import contract_of, posting, run, verdicts

pytestmark = pytest.mark.slow

CONTRACT = """
paths:
  /things:
    post:
      parameters:
        - &key {name: Idempotency-Key, in: header, schema: {type: string, format: uuid}}
      requestBody: &body
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string, minLength: 1}, note: {type: string}}
            example: {name: lamp, note: red}
      responses:
        '201': {description: made}
        '400': {description: no}
        '403': {description: full}
        '415': {description: type}
        '422': {description: the key was used for another request}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 1}]
    get: &one
      responses: {'200': {description: ok}, '400': {description: no}, '404': {description: none}}
    put:
      requestBody: *body
      responses:
        '202': {description: begun}
        '400': {description: no}
        '404': {description: none}
        '415': {description: type}
"""


class Shop:
    """A correct server; what is odd in it is given by name."""

    def __init__(self, odd: str = "", status: int = 403) -> None:
        self.odd, self.status = odd, status
        self.things: dict[int, Any] = {1: {"name": "First"}}
        self.keys, self.later = dict[str, Any](), dict[int, tuple[int, Any]]()

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        path = asked.path
        if path == "/things":
            return self.made(asked) if asked.method == "POST" else (405, None)
        number = path.removeprefix("/things/")
        if not path.startswith("/things/") or "/" in number:
            return 404, None
        if not number.isascii() or not number.removeprefix("-").isdigit():
            return 400, None
        if asked.method not in ("GET", "PUT"):
            return 405, None
        if int(number[:18]) not in self.things:
            return 404, None
        return self.read(int(number)) if asked.method == "GET" else self.changed(asked, int(number))

    def refused(self, asked: Asked) -> int:
        """The status for a faulty body; 0 for a good one."""
        if asked.headers.get("content-type", "").lower().split(";")[0] != "application/json":
            return 415
        if "charset=x-" in asked.headers["content-type"] or "utf-16" in str(asked.headers):
            return 415
        if asked.headers.get("content-encoding", "identity") != "identity":
            return 415
        body = asked.json if b"NaN" not in asked.body and b"Infinity" not in asked.body else None
        if self.odd == "small" and len(asked.body) > 100_000:
            return 413
        if not isinstance(body, dict) or not isinstance(body.get("note", ""), str):
            return 400
        return 0 if isinstance(body.get("name"), str) and body["name"] else 400

    def made(self, asked: Asked) -> tuple[int, Any]:
        if self.odd == "quota" and len(self.things) > 5:
            return self.status, None
        if status := self.refused(asked):
            return status, None
        key, body = asked.headers.get("idempotency-key"), asked.json
        if key is not None and not _is_uuid(key):
            return 400, None
        if self.odd == "keys" and key and self.keys.setdefault(key, body) != body:
            return 422, None
        self.things[len(self.things) + 1] = body
        return 201, None

    def read(self, number: int) -> tuple[int, Any]:
        left, new = self.later.get(number, (0, None))
        if left:
            self.later[number] = (left - 1, new)
        elif new is not None:
            self.things[number] = new
        return 200, self.things[number]

    def changed(self, asked: Asked, number: int) -> tuple[int, Any]:
        if status := self.refused(asked):
            return status, None
        self.later[number] = (2 if self.odd == "lags" else 0, asked.json)
        return 202, None


def replaced(asked: Asked) -> Asked:
    """The same request with a name."""
    body = b'{"name": "x"}'
    return Asked(asked.method, asked.path, asked.headers, body, asked.query)


def _is_uuid(text: str) -> bool:
    return re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is not None


def grave(report: Report) -> list[str]:
    """What is more than a note."""
    return [f"{one.code}: {one.title}" for one in report.findings if one.level is not Level.NOTE]


@pytest.mark.parametrize("odd", ["", "keys", "quota", "lags", "small"])
def test_no_habit_of_a_correct_server_is_accused(tmp_path: Path, odd: str) -> None:
    """A key is used once, a quota is full, a change shows late, a body is too large (413)."""
    application = Application(Shop(odd), allow="GET, PUT" if odd == "lags" else "POST")

    contract = contract_of(tmp_path, CONTRACT)
    include = ("/things/{id}",) if odd == "lags" else ("POST /things",)
    report = run(
        contract, application, allow_writes=True, include=include, by_clock=True, max_examples=2
    )

    assert grave(report) == []


def test_a_quota_that_no_contract_documents_is_told(tmp_path: Path) -> None:
    """402 is nowhere in it."""
    application = Application(Shop("quota", status=402), allow="POST")

    contract = contract_of(tmp_path, CONTRACT)
    report = run(contract, application, allow_writes=True, include=("POST /things",))

    assert any("undocumented-status" in one for one in grave(report))


def test_a_used_up_quota_is_the_reason_that_the_ledger_gives(tmp_path: Path) -> None:
    """What could not be tried is inconclusive, and a value that is refused alone is a finding."""
    full, shop = Shop("quota"), Shop()

    def careless(asked: Asked) -> tuple[int, Any]:
        """It looks at the quota first, and takes an empty name."""
        answered = full(asked)
        blank = isinstance(asked.json, dict) and asked.json.get("name") == ""
        return full.made(replaced(asked)) if blank and answered[0] == 400 else answered

    def picky(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        refuses = isinstance(body, dict) and body.get("note") == "" and bool(body.get("name"))
        return (403, None) if refuses else shop(asked)

    contract = contract_of(tmp_path, CONTRACT)
    options: dict[str, Any] = {"allow_writes": True, "include": ("POST /things",)}
    used_up = run(contract, Application(careless, allow="POST"), **options)
    one_value = run(contract, Application(picky, allow="POST"), **options)

    assert verdicts(used_up)["steady.repeated"] == "inconclusive"
    assert grave(used_up) == ["accepted-invalid-body: POST /things: name: minLength is not checked"]
    assert any("note" in one for one in grave(one_value))


MOVING = """
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 1}]
    get:
      responses: {'200': {description: ok}, '400': {description: no}, '404': {description: none}}
"""


class Moving:
    """Redirects what is faulty: to its path in another spelling, or to a page for people."""

    def __init__(self, where: Callable[[str], str]) -> None:
        self.where = where

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        raw = bytes(scope["raw_path"]).decode("latin-1")
        number = unquote(raw.removeprefix("/things/"))
        known = number.isascii() and number.strip("+-").isdigit()
        status = 405 if scope["method"] not in ("GET", "HEAD") else 200 if known else 308
        status = 404 if known and number != "1" else status
        status = status if raw.startswith("/things/") and "/" not in number else 404
        headers = [(b"location", self.where(raw).encode())] if status == 308 else []
        headers += [(b"allow", b"GET, HEAD")] if status == 405 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("where", "told"), [(lambda path: f"{path.lower()}/", False), (lambda path: "/login", True)]
)
def test_a_redirection_to_another_spelling_of_the_path_is_no_refusal(
    tmp_path: Path, where: Callable[[str], str], told: bool
) -> None:
    """A router that knows one spelling sends everything there, before anything is judged."""
    report = run(contract_of(tmp_path, MOVING), Moving(where), by_clock=True)

    assert bool(grave(report)) is told, grave(report)
    assert verdicts(report)["path.id.type"] == ("broken" if told else "inconclusive")


def test_a_deployment_that_is_starting_is_asked_again(tmp_path: Path) -> None:
    """503 with `Retry-After`: what was seen once, and did not repeat, is a warning."""
    left, inner = [2], Shop()

    async def starting(scope: Message, receive: Any, send: Any) -> None:
        if not left[0]:
            await Application(inner, allow="GET, PUT")(scope, receive, send)
            return
        left[0] -= 1
        headers = [(b"retry-after", b"1")]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    contract = contract_of(tmp_path, CONTRACT)
    report = run(contract, starting, include=("GET /things/{id}",), by_clock=True)

    found = [(one.code.value, one.level) for one in report.findings]
    assert found == [("server-error", Level.WARNING)]
    assert verdicts(report)["control"] == "held"


PAGES = """
paths:
  /pages:
    get:
      parameters: [{name: page, in: query, schema: {type: integer, minimum: 1}}]
      responses: {'200': {description: ok}, '400': {description: no}, '404': {description: none}}
"""


def test_a_page_that_is_not_there_is_no_refused_number(tmp_path: Path) -> None:
    """404 says so, where the contract has it; 400 would refuse the number."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/pages" or asked.method not in ("GET", "HEAD"):
            return (404 if asked.path != "/pages" else 405), None
        page = dict(parse_qsl(asked.query, keep_blank_values=True)).get("page", "1")
        if not re.fullmatch("[1-9][0-9]*", page):
            return 400, None
        return (200, []) if page in ("1", "2") else (404, None)

    application = Application(answer, allow="GET, HEAD")
    report = run(contract_of(tmp_path, PAGES), application, by_clock=True)

    assert grave(report) == []
    assert verdicts(report)["query.page.large"] == "inconclusive"


VOICES = """
paths:
  /voices:
    get:
      parameters:
        - {name: speaker, in: query, schema: {type: string}}
        - {name: speed, in: query, schema: {type: integer, minimum: 1, maximum: 3}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_a_text_that_must_be_known_is_so_beside_a_number(tmp_path: Path) -> None:
    """Each parameter has ordinary values of its own: no speaker is there, odd or ordinary."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/voices" or asked.method not in ("GET", "HEAD"):
            return (404 if asked.path != "/voices" else 405), None
        query = dict(parse_qsl(asked.query, keep_blank_values=True))
        good = query.get("speed", "1") in ("1", "2", "3") and "speaker" not in query
        return (200, []) if good else (400, None)

    application = Application(answer, allow="GET, HEAD")
    report = run(contract_of(tmp_path, VOICES), application, by_clock=True, max_examples=0)

    assert [place.clause for one in report.findings for place in one.places] == [
        "GET /voices query.speaker.optional"
    ]


STRICT = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
security: [{key: []}]
paths:
  /lists:
    get:
      parameters: [{name: If-Match, in: header, schema: {type: string, pattern: '^"[0-9]+"$'}}]
      responses:
        '200': {description: ok}
        '400': {description: a parameter that is not known}
        '401': {description: who}
        '412': {description: changed meanwhile}
"""


def test_conditions_and_unknown_parameters_are_refused_for_what_they_are(tmp_path: Path) -> None:
    """412 where a condition does not hold; 400 to a credential in a query that has no such name."""
    token = "token-of-the-shop"

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/lists":
            return 404, None
        if asked.method not in ("GET", "HEAD"):
            return 405, None
        if "token" in asked.query or "api_key" in asked.query:
            return 400, None
        scheme, _, given = asked.headers.get("authorization", "").partition(" ")
        if (scheme.lower(), given) != ("bearer", token):
            return 401, None
        condition = asked.headers.get("if-match")
        if condition and not re.fullmatch('"[0-9]+"', condition):
            return 400, None
        return (200, []) if condition in (None, '"77"') else (412, None)

    application = Application(answer, allow="GET, HEAD")
    report = run(contract_of(tmp_path, STRICT), application, token, by_clock=True)

    assert grave(report) == []


CHOOSY = posting(
    "/jobs",
    "201 400 404 415",
    """
type: object
required: [name]
properties:
  name: {type: string, minLength: 1}
  pool: {type: string}
  limit: {type: integer, minimum: 1}
  quota: {type: integer, minimum: 1}
""",
    writes=True,
)


def choosy(asked: Asked) -> tuple[int, Any]:
    """A limit excludes a quota, and a pool must exist: no contract can say so."""
    shop = Shop()
    if asked.path != "/jobs" or asked.method != "POST":
        return (404, None) if asked.path != "/jobs" else (405, None)
    if status := shop.refused(asked):
        return status, None
    body = asked.json
    if not isinstance(body.get("pool", ""), str):
        return 400, None
    for name in ("limit", "quota"):
        value = body.get(name, 1)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value % 1 or value < 1:
            return 400, None
    if "limit" in body and "quota" in body:
        return 400, None
    return (404, None) if "pool" in body else (201, None)


def test_the_least_body_is_tried_where_a_fuller_one_is_refused(tmp_path: Path) -> None:
    """Options that exclude each other leave the operation untried no more."""
    application = Application(choosy, allow="POST")

    contract = contract_of(tmp_path, CHOOSY)
    report = run(contract, application, allow_writes=True, by_clock=True)

    seen = verdicts(report)
    assert (seen["control"], seen["body.name.required"], seen["body.limit.minimum"]) == (
        "held",
        "held",
        "held",
    )
    assert [one for one in grave(report) if "refused-control" in one] == []


QUOTING = """
components: {securitySchemes: {key: {type: apiKey, in: query, name: key}}}
security: [{key: []}]
paths:
  /store:
    get: {responses: {'200': {description: ok}, '401': {description: who}}}
"""


def test_a_word_that_is_quoted_is_no_secret(tmp_path: Path) -> None:
    """`undefined`, which pages of JavaScript send for a key, is not the key."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method not in ("GET", "HEAD"):
            return 405, None
        sent = dict(parse_qsl(asked.query)).get("key", "")
        ours = asked.path == "/store"
        quoted = sent if sent in ("null", "undefined") else "it"
        known = (200, {}) if sent == "key-of-the-shop" else (401, {"detail": f"not {quoted}"})
        return known if ours else (404, None)

    application = Application(answer, allow="GET, HEAD")
    report = run(contract_of(tmp_path, QUOTING), application, "key-of-the-shop", by_clock=True)

    assert not [one for one in grave(report) if "leaked" in one]


COLUMNS = """
paths:
  /rows:
    get:
      parameters:
        - name: columns
          in: query
          explode: false
          schema: {type: array, maxItems: 3, items: {type: string, enum: [sensor, value]}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


@pytest.mark.parametrize("most", [3, 4])
def test_a_list_has_too_many_good_members_and_may_not_be_empty(tmp_path: Path, most: int) -> None:
    """`columns=` is no empty list without allowEmptyValue; four members are one fault."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/rows":
            return 404, None
        if asked.method not in ("GET", "HEAD"):
            return 405, None
        given = dict(parse_qsl(asked.query, keep_blank_values=True)).get("columns", "sensor")
        names = given.split(",")
        return (200 if len(names) <= most and set(names) <= {"sensor", "value"} else 400), None

    application = Application(answer, allow="GET, HEAD")
    report = run(contract_of(tmp_path, COLUMNS), application, max_examples=20)

    broken = {name for name, verdict in verdicts(report).items() if verdict == "broken"}
    assert broken - {"property.invalid"} == ({"query.columns.maxItems"} if most > 3 else set())


BOOKINGS = """
paths:
  /bookings:
    post:
      requestBody: &draft
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [guests]
              properties: {guests: {type: integer, minimum: 1}, note: {type: string}}
            example: {guests: 2, note: x}
      responses:
        '201': &one
          description: it
          content:
            application/json:
              schema:
                type: object
                required: [id]
                properties: {id: {type: integer}, guests: {type: integer}, note: {type: string}}
        '400': {description: no}
        '415': {description: type}
  /bookings/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': *one, '400': {description: no}, '404': {description: none}}}
    patch:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties: {guests: {type: integer, minimum: 1}, note: {type: string}}
      responses:
        '200': *one
        '400': {description: no}
        '404': {description: none}
        '415': {description: type}
"""


def test_a_number_that_is_not_kept_is_seen(tmp_path: Path) -> None:
    """The next number may be the one that the thing was created with: 2, and 1 plus 1."""
    kept = dict[int, dict[str, Any]]()

    def answer(asked: Asked) -> tuple[int, Any]:
        number = (
            int(asked.path.removeprefix("/bookings/") or 0) if "/bookings/" in asked.path else 0
        )
        body = asked.json if isinstance(asked.json, dict) else {}
        if asked.method == "POST":
            kept[len(kept) + 1] = body
            return 201, {"id": len(kept), **body}
        if asked.method == "PATCH":
            kept[number] |= {"note": body["note"]} if "note" in body else {}
            return 200, {"id": number, **kept[number], **body}
        return 200, {"id": number, **kept[number]}

    contract = contract_of(tmp_path, BOOKINGS)
    clause = ("PATCH /bookings/{id} state.changed",)
    options: dict[str, Any] = {"allow_writes": True, "clauses": clause}
    report = run(contract, Application(answer), by_clock=True, **options)

    assert verdicts(report)["state.changed"] == "broken"


STATS = """
paths:
  /sensors/{name}:
    get:
      parameters:
        - {name: name, in: path, required: true, schema: {type: string, pattern: '^[a-z]{4,8}$'}}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {type: object, properties: {unit: {type: string, enum: [C]}}}
        '400': {description: no}
"""


def test_a_faulty_answer_is_shown_by_a_good_request(tmp_path: Path) -> None:
    """Where faults are accepted too: their requests may be shorter, and are refused one day."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200, {"unit": "c"}) if asked.method in ("GET", "HEAD") else (405, None)

    application = Application(answer, allow="GET, HEAD")
    report = run(contract_of(tmp_path, STATS), application, by_clock=True)

    places = [place for one in report.findings for place in one.places]
    shown = next(one for one in places if one.clause.endswith("response.200.unit.enum"))
    assert re.search("/sensors/[a-z]{4,8}( |$)", unquote(shown.curl))
    assert any(one.clause.endswith("path.name.pattern") for one in places)


def test_dots_that_lead_to_another_resource_are_judged_by_nothing(tmp_path: Path) -> None:
    """Some servers decode a path before they follow its dots: a page answers, and not the API."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method not in ("GET", "HEAD"):
            return 405, None
        if ".." in asked.path:
            return 200, "a page"
        name = asked.path.removeprefix("/sensors/")
        return (200, {"unit": "C"}) if re.fullmatch("[a-z]{4,8}", name) else (400, None)

    application = Application(answer, allow="GET, HEAD")
    report = run(contract_of(tmp_path, STATS), application, by_clock=True)

    assert grave(report) == []


SEARCH = """
paths:
  /search:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [q],
          properties: {q: {type: string, example: red}}}}}
      responses: {'200': {description: found}, '400': {description: no}}
"""


def test_another_text_is_not_called_the_same_request(tmp_path: Path) -> None:
    """A server that fails for texts beyond 20 characters meets one among the repetitions."""

    def answer(asked: Asked) -> tuple[int, Any]:
        text = asked.json.get("q") if isinstance(asked.json, dict) else None
        return (500 if len(str(text)) > 20 else 200), {"q": text}

    families = frozenset({ClauseKind.CONTROL, ClauseKind.STEADINESS})
    report = run(contract_of(tmp_path, SEARCH), Application(answer), families=families)

    what = "a valid request with another text"
    assert {one.title for one in report.findings} == {
        f"POST /search: {what}: the server fails (500)"
    }
