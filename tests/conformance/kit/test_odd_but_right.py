"""Servers that look odd and keep their contract: none is accused."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.cases.body_cases import body_cases
from conformance.cases.controls import candidates
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.cases.spellings import body_units, spelling_units
from conformance.cases.valid_values import ValidValueBuilder
from conformance.clauses.kinds import ClauseKind
from conformance.http.content_codings import is_unread
from conformance.http.credentials import Credentials
from conformance.http.exchange import Answer, Request, Trouble
from conformance.http.request_drafts import Draft
from conformance.http.sockets import send_raw
from conformance.http.target import parse_target
from conformance.report.findings import Report
from conformance.run.generated.generated_drafts import is_valid
from spec import Contract
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, posting, run, verdicts

pytestmark = pytest.mark.slow


def accused(report: Report) -> list[str]:
    """The titles of the errors."""
    return [one.title for one in report.findings if one.level.value == "error"]


def subject_of(contract: Contract, control: Draft) -> Subject:
    """The first operation, with its good request."""
    return Subject(
        builder=ValidValueBuilder(contract=contract),
        contract=contract,
        operation=contract.operations[0],
        credentials=Credentials(),
        control=control,
    )


LOGIN = posting(
    "/login",
    "204 400 401",
    """
type: object
required: [user]
properties: {user: {type: string}}
""",
    writes=True,
)


def test_a_login_that_does_not_know_a_made_up_user_is_undecided(tmp_path: Path) -> None:
    def answer(asked: Asked) -> tuple[int, Any]:
        user = asked.json.get("user") if isinstance(asked.json, dict) else None
        return (401 if isinstance(user, str) else 400), None

    report = run(contract_of(tmp_path, LOGIN), Application(answer), allow_writes=True)

    assert (accused(report), report.verdict.value) == ([], "undecided")


TOKENS = """
paths:
  /token:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [grant_type, username, password]
              properties:
                grant_type: {type: string, enum: [password]}
                username: {type: string}
                password: {type: string, format: password}
      responses: {'200': {description: a token}, '400': {description: no such grant}}
"""


def test_a_token_endpoint_that_was_not_given_a_known_user_is_undecided(tmp_path: Path) -> None:
    """An invalid grant is 400 (RFC 6749 section 5.2)."""
    application = Application(lambda _: (400, {"error": "invalid_grant"}))
    report = run(contract_of(tmp_path, TOKENS), application, allow_writes=True)

    assert (accused(report), report.verdict.value) == ([], "undecided")


MAILED = """
paths:
  /verify:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [email, NAME]
              properties:
                email: {type: string, example: a@example.com}
                NAME: {type: string, example: 'VALUE'}
      responses: {'204': {description: in}, '400': {description: wrong, or expired}}
"""


@pytest.mark.parametrize(
    ("name", "value", "accusing"),
    [
        ("otp", "123456", False),
        ("resetToken", "rst_0123456789", False),
        ("code", "123456", False),
        ("code", "return 1", True),
        ("nickname", "ann", True),
    ],
)
def test_a_code_that_nobody_was_mailed_is_undecided(
    tmp_path: Path, name: str, value: str, accusing: bool
) -> None:
    """The example shows its form; which one is good only the reader of the mail knows."""
    text = MAILED.replace("NAME", name).replace("VALUE", value)
    report = run(contract_of(tmp_path, text), Application(lambda _: (400, None)), allow_writes=True)

    assert [one.code for one in report.findings] == ["refused-control"] * accusing


BRACKETS = """
paths:
  /parcels:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties: {at: {type: object, properties: {n: {type: integer}}}}
            encoding: {at: {style: deepObject, explode: true}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


@pytest.mark.parametrize(
    ("value", "allowed"),
    [({"n": 1}, True), ({"n": "x"}, False), ({"n": ["x"]}, None), ({"n": {"m": "x"}}, None)],
)
def test_a_field_of_brackets_says_nothing_of_what_stands_below_a_property(
    tmp_path: Path, value: Any, allowed: bool | None
) -> None:
    """`at[n][0]=x` is another name, which OpenAPI does not define."""
    contract = contract_of(tmp_path, BRACKETS)
    control = next(candidates(contract, contract.operations[0], Credentials()))

    assert is_valid(subject_of(contract, control), control.but(body={"at": value})) is allowed


CONDITION = """
paths:
  /lamp:
    put:
      x-conformance: {writes: false}
      parameters:
      - {name: If-Match, in: header, required: true, schema: {type: string}, example: '*'}
      - {name: X-Api-Key, in: header, required: true, schema: {type: string, minLength: 4}}
      - {name: on, in: query, schema: {type: boolean}}
      responses:
        '204': {description: done}
        '400': {description: no}
        '401': {description: who}
        '412': {description: changed}
        '428': {description: condition}
"""


def test_conditions_keys_and_booleans_have_refusals_and_spellings_of_their_own(
    tmp_path: Path,
) -> None:
    """428 for no condition (RFC 6585), 401 for no key, and 0 for false in a text."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if len(asked.headers.get("x-api-key", "")) < 4:
            return 401, None
        if "if-match" not in asked.headers:
            return 428, None
        if asked.headers["if-match"] != "*":
            return 412, None
        on = parse_qs(asked.query, keep_blank_values=True).get("on", ["true"])
        return (204 if on[0].lower() in ("true", "false", "0", "1") else 400), None

    assert accused(run(contract_of(tmp_path, CONDITION), Application(answer))) == []


BASED = """
servers: [{url: 'https://api.example/v1'}]
paths:
  /lamps:
    get:
      responses: {'200': {description: ok}}
"""


def test_a_url_that_has_the_path_of_the_contracts_server_in_it_is_understood(
    tmp_path: Path,
) -> None:
    contract = contract_of(tmp_path, BASED)
    bases = {one.base_paths[0] for one in contract.operations}

    assert bases == {"/v1"}
    assert parse_target("http://127.0.0.1:1/v1/").below(["/v1"]).url == "http://127.0.0.1:1"
    assert parse_target("http://127.0.0.1:1/in/v1").below(["/v1"]).url == "http://127.0.0.1:1/in"
    assert parse_target("http://127.0.0.1:1/in").below(["/v1"]).url == "http://127.0.0.1:1/in"


def test_a_run_sends_the_path_of_the_server_once(tmp_path: Path) -> None:
    """Whichever way the address was copied."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200 if asked.path == "/v1/lamps" else 404), None

    contract = contract_of(tmp_path, BASED)

    assert accused(run(contract, Application(answer))) == []


@asynccontextmanager
async def answering(head: bytes, body: bytes = b"hello") -> AsyncIterator[int]:
    """A server that answers each connection once, and closes it."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n" + body)
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("head", "second"),
    [
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5", Trouble.UNSENDABLE),
        (b"HTTP/1.1 200 OK", Trouble.UNSENDABLE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x, close", Trouble.UNSENDABLE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5", Trouble.DROPPED),
    ],
    ids=["HTTP/1.0", "no length", "close among others", "it only closes"],
)
def test_who_says_that_the_connection_ends_keeps_its_word(head: bytes, second: Trouble) -> None:
    """HTTP/1.0 says so by its version, and a body without a length by that (RFC 9112)."""

    async def twice() -> tuple[Any, ...]:
        async with answering(head) as port:
            target = parse_target(f"http://127.0.0.1:{port}")
            return await send_raw(target, [Request(method="GET", target="/")] * 2, 5.0)

    first, other = asyncio.run(twice())

    assert (first.status, first.body, other.trouble) == (200, b"hello", second)


IDS = """
paths:
  /things/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}, '400': {description: no id}, '404': {description: no}}
"""


@pytest.mark.parametrize("stated", ["required: true, schema: {type: string}", "description: id"])
def test_an_id_whose_form_only_the_server_knows_is_undecided(tmp_path: Path, stated: str) -> None:
    """A documented 400 to a made-up id says what ids look like."""
    text = IDS.replace("required: true, schema: {type: string}", stated)

    def answer(asked: Asked) -> tuple[int, Any]:
        return (404 if re.fullmatch("/things/[0-9a-f]{24}", asked.path) else 400), None

    report = run(contract_of(tmp_path, text), Application(answer))

    assert (accused(report), report.verdict.value) == ([], "undecided")


def test_a_number_that_is_no_id_is_undecided_where_another_one_is(tmp_path: Path) -> None:
    """Its ids have at most four digits, which the contract does not say."""
    text = IDS.replace("schema: {type: string}", "schema: {type: integer, minimum: 1}, example: 7")

    def answer(asked: Asked) -> tuple[int, Any]:
        number = asked.path.rpartition("/")[2]
        known = re.fullmatch("[1-9][0-9]{0,3}", number) is not None
        return (200 if number == "7" else 404 if known else 400), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES, ClauseKind.PROPERTIES})
    report = run(contract_of(tmp_path, text), Application(answer), families=kinds, max_examples=30)

    assert [one.title for one in report.findings] == []
    assert verdicts(report)["control"] == "held"


MOVED = """
paths:
  /go:
    get:
      parameters: [{name: to, in: query, required: true, schema: {type: string, enum: [a, b]}}]
      responses: &moved {'302': {description: there}, '400': {description: no}}
    post:
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [to], properties: {to: {type: string}}}}}}
      responses: *moved
"""


def test_the_redirection_of_a_good_request_is_no_refusal_of_a_bad_one(tmp_path: Path) -> None:
    """The redirection accepts: another media type, and a body that is none, as well."""
    contract, app = contract_of(tmp_path, MOVED), Application(lambda asked: (302, None))

    report = run(contract, app, allow_writes=True)

    assert {one.code for one in report.findings if one.level.value != "note"} == {
        *("accepted-invalid-parameter", "accepted-invalid-body", "accepted-malformed-body"),
        "accepted-media-type",
    }


@pytest.mark.parametrize("status", [403, 404])
def test_a_proxy_that_knows_no_path_with_a_nul_in_it_is_not_the_operation(
    tmp_path: Path, status: int
) -> None:
    """What it passes on is refused as the contract says."""
    text = IDS.replace("{type: string}", "{type: string, enum: [a, b]}").replace("'404'", "'410'")

    def answer(asked: Asked) -> tuple[int, Any]:
        if "\0" in asked.path:
            return status, "<p>"
        return (200 if asked.path in ("/things/a", "/things/b") else 400), None

    families = frozenset({ClauseKind.CONTROL, ClauseKind.PARAMETERS})
    report = run(contract_of(tmp_path, text), Application(answer), families=families)

    assert accused(report) == []


NOTES = """
paths:
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: made}}
"""


@pytest.mark.parametrize(
    ("media_type", "has_charset"),
    [("application/json", True), ("application/vnd.api+json", False)],
)
def test_a_charset_is_named_where_the_media_type_may_have_one(
    tmp_path: Path, media_type: str, has_charset: bool
) -> None:
    """JSON:API has every parameter but its own two refused with 415."""
    contract = contract_of(tmp_path, NOTES.replace("application/json", media_type))
    control = next(candidates(contract, contract.operations[0], Credentials()))
    slots = {one.slot for one in body_units(subject_of(contract, control))}

    assert (("spelling", "charset") in slots) is has_charset
    assert ("spelling", "case") in slots


ARTICLES = """
paths:
  /articles:
    post:
      requestBody:
        content:
          application/vnd.api+json:
            schema: {type: object, required: [type], properties: {type: {enum: [articles]}}}
      responses:
        '201': {description: made, content: {application/vnd.api+json: {}}}
        '409': {description: no article}
        '422': {description: no}
"""


def _of_articles(folder: Path, text: str) -> Subject:
    contract = contract_of(folder, text)
    return subject_of(contract, next(candidates(contract, contract.operations[0], Credentials())))


@pytest.mark.parametrize(
    ("media_type", "strength"),
    [("application/vnd.api+json", Strength.LENIENT), ("application/json", Strength.OUTSIDE)],
)
def test_an_unknown_parameter_is_refused_where_its_standard_says_so(
    tmp_path: Path, media_type: str, strength: Strength
) -> None:
    """JSON:API has 400 for it; HTTP does not speak of it."""
    text = ARTICLES.replace("application/vnd.api+json", media_type)
    units = spelling_units(_of_articles(tmp_path, text))

    assert [one.strength for one in units if one.slot == ("spelling", "query")] == [strength]


@pytest.mark.parametrize(
    ("members", "status", "also"),
    [("articles", "409", {409}), ("articles", "404", set()), ("articles, notes", "409", set())],
)
def test_another_constant_is_in_conflict_with_what_an_operation_is_about(
    tmp_path: Path, members: str, status: str, also: set[int]
) -> None:
    """JSON:API has 409 for another `type` than that of the collection; where it is documented."""
    text = ARTICLES.replace("[articles]", f"[{members}]").replace("409", status)
    cases = body_cases(_of_articles(tmp_path, text))

    found = [one.also for one in cases if one.clause.endswith("type.enum")]
    assert found
    assert set(found) == {frozenset(also)}


UNKNOWN_TYPE = """
paths:
  /cache/{n}:
    get:
      parameters: [{name: n, in: path, required: true, schema: {type: int}}]
      responses: {'200': {description: ok}, '404': {description: no}}
"""


def test_no_segment_of_a_path_is_empty(tmp_path: Path) -> None:
    """Whatever the contract calls a type."""
    app = Application(lambda asked: ((200 if asked.path == "/cache/1" else 404), None))
    report = run(contract_of(tmp_path, UNKNOWN_TYPE), app)

    assert accused(report) == []
    assert "GET /cache/{n} control" in {c.id for c in report.clauses if c.verdict.value == "held"}


@pytest.mark.parametrize(
    ("coding", "pack", "read"),
    [("gzip", gzip.compress, True), ("br", lambda body: b"\x0b\x02\x80" + body, False)],
)
def test_a_packed_answer_is_read_or_is_not_judged(
    coding: str, pack: Callable[[bytes], bytes], read: bool
) -> None:
    """Over a plain socket as well; what is not read here says nothing of the body."""
    body = pack(b'{"a": 1}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}"

    async def once() -> tuple[Answer, ...]:
        async with answering(head.encode(), body) as port:
            target = parse_target(f"http://127.0.0.1:{port}")
            return await send_raw(target, [Request(method="GET", target="/")], 5.0)

    (answer,) = asyncio.run(once())

    assert (answer.body, is_unread(answer)) == (b'{"a": 1}' if read else body, not read)


def test_a_credential_in_a_header_of_the_callers_is_in_no_report(tmp_path: Path) -> None:
    """`--header 'Authorization: Basic …'` is one, whatever the contract declares."""
    headers = (("Authorization", "Basic YWxpY2U6d29uZGVy"), ("X-Tenant", "acme"))
    contract = contract_of(tmp_path, MOVED)
    report = run(contract, Application(lambda asked: (500, asked.headers)), headers=headers)
    shown = "".join(f"{p.curl}{p.response}" for f in report.findings for p in f.places)

    assert "YWxpY2U6d29uZGVy" not in shown
    assert "Authorization: Basic $TOKEN" in shown
    assert "X-Tenant: acme" in shown


READ_ONLY = posting(
    "/lamps",
    "204 400 415",
    """
type: object
required: [name]
properties:
  id: {type: integer, readOnly: true}
  name: {type: string}
  owner: {type: object, properties: {id: {type: integer, readOnly: true}}}
""",
    writes=True,
)


def test_what_is_wrong_in_a_read_only_property_alone_may_be_ignored(tmp_path: Path) -> None:
    """OpenAPI 3.0.4, Schema Object: it should not be sent, and nobody must look at it."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return 400, None
        return (204 if isinstance(body.get("owner", {}), dict) else 400), None

    families = frozenset({ClauseKind.PROPERTIES, ClauseKind.CONTROL})
    contract = contract_of(tmp_path, READ_ONLY)
    report = run(
        contract, Application(answer), families=families, allow_writes=True, max_examples=60
    )

    assert accused(report) == []


PRIVATE_FILES = """
paths:
  /files/{name}:
    get:
      parameters:
      - {name: name, in: path, required: true, schema: {type: string, minLength: 1}, example: open}
      - {name: page, in: query, schema: {type: integer, minimum: 1}}
      responses: {'200': {description: it}, '400': {description: no}, '401': {description: who}}
"""


def test_a_thing_that_is_not_public_may_ask_for_a_credential(tmp_path: Path) -> None:
    """An operation without security documents 401 for some of its things, not for all."""

    def answer(asked: Asked) -> tuple[int, Any]:
        page = parse_qs(asked.query, keep_blank_values=True).get("page", ["1"])[0]
        if not re.fullmatch(r"0*[1-9][0-9]*", page):
            return 400, None
        return (200 if asked.path == "/files/open" else 401), None

    report = run(contract_of(tmp_path, PRIVATE_FILES), Application(answer), max_examples=20)

    assert [one.title for one in report.findings if "property" in one.title] == []


KNOWN_ELSEWHERE = """
paths:
  /channels:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
      responses:
        '201':
          description: made
          content:
            application/json:
              schema:
                type: object
                properties:
                  name: {type: string}
                  hooks: {type: array, items: {type: string}}
        '400': {description: no}
        '415': {description: type}
"""


def test_a_rule_for_a_property_of_the_answer_is_no_error(tmp_path: Path) -> None:
    """Nothing forbids `hooks` in the request; what it is there, the contract says in the answer."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if "json" not in asked.headers.get("content-type", ""):
            return 415, None
        body = asked.json
        good = isinstance(body, dict) and isinstance(body.get("name"), str)
        if not good or not isinstance(body.get("hooks", []), list):
            return 400, None
        return 201, {"name": body["name"]}

    contract = contract_of(tmp_path, KNOWN_ELSEWHERE)
    report = run(
        contract, Application(answer), families=frozenset({ClauseKind.CONTROL, ClauseKind.EDGES}),
        allow_writes=True,
    )  # fmt: skip

    found = {one.code for one in report.findings if "unknown" in one.title}
    assert (accused(report), found) == ([], {"refused-free"})


RANGED = """
paths:
  /lamps:
    get:
      parameters:
      - {name: size, in: query, required: true, schema: {type: integer}}
      - name: filter
        in: query
        style: deepObject
        schema: {type: object, properties: {watts: {type: integer}, name: {type: string}}}
      responses: {'200': {description: ok}, 4XX: {description: no}}
"""


@pytest.mark.parametrize("status", [400, 404, 409, 418])
def test_a_range_documents_each_of_its_statuses(tmp_path: Path, status: int) -> None:
    """What stands below a property of a deepObject is another name, which readers ignore."""

    def answer(asked: Asked) -> tuple[int, Any]:
        found = parse_qs(asked.query, keep_blank_values=True)
        texts = [found.get("size", [""])[-1], found.get("filter[watts]", ["1"])[-1]]
        whole = all(re.fullmatch(r"-?[0-9]+(\.0)?", text) for text in texts)
        return (200 if whole else status), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PARAMETERS})
    report = run(contract_of(tmp_path, RANGED), Application(answer), families=kinds)

    assert accused(report) == []
    held = {one.id.split()[-1] for one in report.clauses if one.verdict.value == "held"}
    assert held >= {"query.size.type", "query.filter.watts.type"}


LABELLED = """
paths:
  /points{at}:
    get:
      parameters:
      - name: at
        in: path
        required: true
        style: label
        explode: true
        schema: {type: array, minItems: 1, items: {type: integer}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_a_dot_divides_a_label_however_it_is_written(tmp_path: Path) -> None:
    """`.1%2E5` is `.1.5` (RFC 3986 section 6.2.2.2): two whole numbers, and no fraction."""

    def answer(asked: Asked) -> tuple[int, Any]:
        found = re.fullmatch(r"/points((?:\.-?[0-9]+)+)", asked.path)
        return (200 if found else 400 if asked.path.startswith("/points") else 404), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PARAMETERS})
    report = run(contract_of(tmp_path, LABELLED), Application(answer), families=kinds)

    assert accused(report) == []
    assert verdicts(report)["path.at.type"] == "held"


@pytest.mark.parametrize(("documented", "level"), [("'400'", "note"), ("'415'", "error")])
def test_json_by_its_suffix_may_be_read_unless_the_contract_refuses_it(
    tmp_path: Path, documented: str, level: str
) -> None:
    """A generic processor reads it (RFC 6839), as many frameworks do."""
    text = LOGIN.replace("'400'", documented)

    def answer(asked: Asked) -> tuple[int, Any]:
        if not asked.headers.get("content-type", "").lower().partition(";")[0].endswith("json"):
            return 415, None
        return (204 if isinstance(asked.json, dict) and "user" in asked.json else 400), None

    families = frozenset({ClauseKind.CONTROL, ClauseKind.MEDIA_TYPES})
    report = run(
        contract_of(tmp_path, text), Application(answer), allow_writes=True, families=families
    )

    places = [place for one in report.findings for place in one.places]
    told = {one.clause.split()[-1]: (one.label, one.level.value) for one in places}
    assert told["media.undeclared"] == ("application/vnd.api+json", level)


ORDERS = """
security: [{bearer: []}]
components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 7}]
      responses:
        '200': {description: ok}
        '401': {description: who}
        '404': {description: none}
        '406': {description: no such format}
"""


@pytest.mark.parametrize("in_front", ["gateway", "formats"])
def test_what_a_router_says_before_the_operation_is_right(tmp_path: Path, in_front: str) -> None:
    """A gateway refuses undeclared methods with 403; the end of a path may name a format."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if in_front == "gateway" and asked.method != "GET":
            return 403, None
        name = asked.path.rpartition("/")[2]
        if in_front == "formats" and "." in name:
            return 406, None
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if (scheme.lower(), token.strip()) != ("bearer", "sesame"):
            return 401, None
        return (200 if name == "7" else 404), None

    contract = contract_of(tmp_path, ORDERS)
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS, ClauseKind.PARAMETERS})
    report = run(contract, Application(answer), "sesame", families=kinds)

    assert [one.title for one in report.findings if one.code != "missing-challenge"] == []
