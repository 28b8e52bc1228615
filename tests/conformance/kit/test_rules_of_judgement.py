"""The rules of judgement, one answer each: what it breaks, and what it proves nothing of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.cases.case import Case, Expect, Layer
from conformance.cases.edge_values import Strength
from conformance.clauses.clause import Verdict
from conformance.clauses.ids import clause_id, local_part
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Framing, Request, Trouble
from conformance.judgement import Judge
from conformance.judgement.validators import Validators, not_modified
from spec import Contract
from tests.conformance.kit.running import contract_of

ID = "{type: object, required: [id], properties: {id: {type: integer}}}"
CONTRACT = f"""
paths:
  /things:
    post:
      security: [{{key: []}}]
      requestBody: {{content: {{application/json: {{schema: {{type: object}}}}}}}}
      responses:
        '200': {{description: well, content: {{application/json: {{schema: {ID}}}}}}}
        '204': {{description: done, content: {{application/json: {{schema: {ID}}}}}}}
        '400': {{description: no, content: {{application/json: {{schema: {ID}}}}}}}
        '401': {{description: who}}
        '404': {{description: gone, content: {{application/json: {{schema: {ID}}}}}}}
        '409': {{description: taken, content: {{application/json: {{schema: {ID}}}}}}}
        '412': {{description: not so}}
        '413': {{description: long}}
    get:
      responses:
        '200': {{description: well, content: {{application/json: {{schema: {ID}}}}}}}
  /open:
    get:
      responses:
        '200':
          description: well
          content:
            application/json:
              schema:
                type: object
                properties:
                  error: {{type: string}}
                  secret: {{type: string, writeOnly: true}}
                  name: {{anyOf: [{{type: string}}, {{type: integer}}], minLength: 2}}
        '401': {{description: who}}
  /lines:
    get: {{responses: {{'200': {{description: well, content: {{text/event-stream: {{}}}}}}}}}}
  /parts:
    get:
      responses:
        '200':
          description: well
          content: {{multipart/form-data: {{schema: {{type: object}}}}}}
  /moved: {{get: {{responses: {{'302': {{description: there}}}}}}}}
  /undecided: {{get: {{responses: {{'400': {{description: no}}}}}}}}
  /unread: {{get: {{responses: {{'200': {{description: anything}}}}}}}}
  /ranged:
    get:
      responses:
        '200': {{description: well}}
        4XX: {{description: no, content: {{application/json: {{schema: {ID}}}}}}}
  /fallback:
    get: {{responses: {{'200': {{description: well}}, default: {{description: else}}}}}}
  /checked: {{get: {{responses: {{'200': {{description: well}}, '422': {{description: no}}}}}}}}
  /bound: {{get: {{responses: {{'200': {{description: well}}, '404': {{description: no}}}}}}}}
  /guarded:
    get:
      security: [{{key: []}}]
      responses: {{'200': {{description: well}}, '403': {{description: no}}}}
  /hidden/{{id}}:
    put:
      security: [{{key: []}}]
      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
      requestBody: {{content: {{application/json: {{schema: {{type: object}}}}}}}}
      responses: {{'200': {{description: well}}, '404': {{description: none}}}}
  /validated/{{id}}:
    get:
      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
      responses:
        {{'200': {{description: well}}, '400': {{description: no}}, '404': {{description: none}}}}
  /graph:
    get:
      responses:
        '200':
          description: well, or not
          content:
            application/json:
              schema:
                type: object
                properties: {{data: {{type: object}}, errors: {{type: array}}, jobs: {{}}}}
  /keyed:
    get:
      security: [{{key: [], gateway: []}}]
      responses: {{'200': {{description: well}}, '401': {{description: who}}}}
components:
  securitySchemes:
    key: {{type: http, scheme: bearer}}
    gateway: {{type: apiKey, in: header, name: X-Key}}
"""
THINGS = "POST /things"
JSON = ("Content-Type", "application/json")
HTML = ("Content-Type", "text/html")
GOOD, BAD = {"id": 1}, {"id": "1"}
LONG = Request(method="POST", target="/things", body=b"x" * 9_000)
HUGE = Request(method="POST", target="/things", body=b"x" * 200_000)


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The contract of all the rows."""
    return contract_of(tmp_path_factory.mktemp("rules"), CONTRACT)


def answer(status: int, value: Any = None, *headers: tuple[str, str], **more: Any) -> Answer:
    """An answer with a JSON body, or with one of bytes."""
    body = value if isinstance(value, bytes) else b""
    if value is not None and not isinstance(value, bytes):
        body, headers = json.dumps(value).encode(), headers or (JSON,)
    return Answer(status=status, headers=headers, body=body, **more)


def shown(
    contract: Contract, operation: str, expect: Expect, given: Answer, more: dict[str, Any]
) -> tuple[set[str], set[str]]:
    """What an answer breaks or leaves open, and what it holds, by the clauses' own names."""
    rest = dict(more)
    judging = {name: rest.pop(name) for name in GIVEN if name in rest}
    method, _, path = operation.partition(" ")
    case = Case(
        operation=operation,
        clauses=tuple(clause_id(operation, one) for one in rest.pop("clauses", ["tested"])),
        family=rest.pop("family", ClauseKind.BODY),
        label="a case",
        request=rest.pop("request", Request(method=method, target=path)),
        expect=expect,
        **{"code": "accepted-invalid-body", **rest},
    )
    found = Judge(contract, ("secret-token",)).judge(case, given, **judging)
    told = {
        f"{local_part(one.clause)}: {one.code} {one.level.value}"
        if one.verdict is Verdict.BROKEN
        else f"{local_part(one.clause)}: open"
        for one in found
        if one.verdict is not Verdict.HELD
    }
    return told, {local_part(one.clause) for one in found if one.verdict is Verdict.HELD}


def row(name: str, operation: str, expect: Expect, given: Answer, *told: str, **more: Any) -> Any:
    """One rule: the answer to a case, and all that is told of it."""
    return pytest.param(operation, expect, given, more, set(told), id=name)


GIVEN = ("proven", "used_up", "refused", "failures")
ACCEPTED, REFUSED, ANYTHING = Expect.ACCEPTED, Expect.REFUSED, Expect.ANYTHING
UNAUTHORIZED, UNSERVED, NO_METHOD = Expect.UNAUTHORIZED, Expect.UNSERVED, Expect.NO_METHOD
OPEN = "tested: open"
WRONG = "tested: wrong-refusal error"
METHOD = {"clauses": ["methods.TRACE", "methods.allow"], "code": "accepted-method"}
TRACE = Request(method="TRACE", target="/things")

OF_GOOD_REQUESTS = [
    row("documented-redirection", "GET /moved", ACCEPTED, answer(302)),
    row(
        "undocumented-refusal-is-of-the-statuses-too", THINGS, ACCEPTED, answer(418),
        "tested: undocumented-status error", "status.documented: undocumented-status error",
    ),
    row("values-decide-without-a-credential", "GET /open", ACCEPTED, answer(401), OPEN),
    row(
        "conflict-of-a-further-write", THINGS, ACCEPTED, answer(409, GOOD), OPEN,
        family=ClauseKind.EDGES,
    ),
    row(
        "conflict-of-the-first-write", THINGS, ACCEPTED, answer(409, GOOD),
        "tested: refused-control error", family=ClauseKind.CONTROL, code="refused-control",
    ),
    row(
        "what-may-not-exist", THINGS, ACCEPTED, answer(404, GOOD), OPEN,
        open_statuses=frozenset({404}),
    ),
    row("used-up", THINGS, ACCEPTED, answer(410), OPEN, used_up=frozenset({410})),
    row(
        "condition", THINGS, ACCEPTED, answer(412), OPEN, family=ClauseKind.CONTROL,
        request=Request(method="POST", target="/things", headers=(("If-Match", '"1"'),)),
    ),
    row("documented-413", THINGS, ACCEPTED, answer(413), OPEN, request=LONG),
    row(
        "undocumented-413-below-any-limit", "GET /open", ACCEPTED, answer(413),
        "tested: undocumented-status error", "status.documented: undocumented-status error",
        request=LONG,
    ),
    row(
        "undocumented-413-to-a-size-that-nothing-names", "GET /open", ACCEPTED, answer(413),
        "tested: refused-free warning",
        request=LONG, strength=Strength.FREE, code="refused-free",
    ),
    row("undocumented-413", "GET /open", ACCEPTED, answer(413), OPEN, request=HUGE),
    row(
        "a-length-is-demanded", THINGS, ACCEPTED, answer(411), "tested: refused-spelling warning",
        strength=Strength.FREE, code="refused-spelling",
        request=Request(
            method="POST", target="/things", body=b"{}", framing=Framing.CHUNKED
        ),
    ),
    row(
        "a-length-is-there", THINGS, ACCEPTED, answer(411),
        "tested: undocumented-status error", "status.documented: undocumented-status error",
    ),
    row("no-documented-success", "GET /undecided", ACCEPTED, answer(400), OPEN),
    row(
        "coding-that-was-not-asked-for", "GET /unread", ACCEPTED,
        answer(200, b"", ("Content-Encoding", "gzip")),
        "accept.coding: false-negotiation warning", clauses=["accept.coding"],
        request=Request(
            method="GET", target="/unread", headers=(("Accept-Encoding", "identity"),)
        ),
    ),
    *(
        row(
            f"coding-that-was-asked-for-{sent}", "GET /unread", ACCEPTED,
            answer(200, b"", ("Content-Encoding", sent)), *told, clauses=["accept.coding"],
            request=Request(
                method="GET", target="/unread", headers=(("Accept-Encoding", "gzip"),)
            ),
        )
        for sent, told in (
            ("gzip", ()),
            ("X-GZIP", ()),
            ("br", ("accept.coding: false-negotiation warning",)),
        )
    ),
    row(
        "late", "GET /unread", ACCEPTED, answer(200, seconds=11.0),
        "answer.time: slow-answer error",
    ),
    row("declared-error", "GET /open", ACCEPTED, answer(200, {"error": "none"})),
    row(
        "write-only", "GET /open", ACCEPTED, answer(200, {"secret": "x"}),
        "response.200.secret.writeOnly: response-schema warning",
    ),
    row(
        "leak-hides-nothing", THINGS, ACCEPTED, answer(200, {"id": "secret-token"}),
        "security.secrecy: leaked-secret error", "response.200.id.type: response-schema error",
    ),
    row(
        "key-twice", "GET /things", ACCEPTED, answer(200, b'{"id": 1, "id": 2}', JSON),
        "response.200.well-formed: response-duplicate-key warning",
    ),
    row(
        "json-of-which-nothing-is-said", "GET /unread", ACCEPTED, answer(200, b"{", JSON),
        "answer.well-formed: response-malformed error",
    ),
    row("no-content", THINGS, ACCEPTED, answer(204)),
    row(
        "closing-boundary", "GET /parts", ACCEPTED,
        answer(
            200, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
            ("Content-Type", "multipart/form-data; boundary=b"),
        ),
        "response.200(multipart/form-data).well-formed: response-malformed warning",
    ),
    row(
        "stream-without-an-end", "GET /lines", ACCEPTED,
        answer(
            200, b"data: 1\n\n", ("Content-Type", "text/event-stream"), trouble=Trouble.TIMEOUT
        ),
        "response.200(text/event-stream).stream.end: stream-endless warning",
    ),
    *(
        row(
            f"lines-without-an-end-{name}", "GET /unread", ACCEPTED,
            answer(200, body, JSON, *more, trouble=Trouble.TIMEOUT), f"answer.time: {told}",
        )
        for name, body, more, told in (
            ("whole", b'{"a": 1}\n{"a": 2}\n', (), "stream-endless warning"),
            ("one", b'{"a": 1}\n', (), "stream-endless warning"),
            ("begun", b'{"a": 1}\n{"a"', (), "stream-endless warning"),
            ("one-value", b'{"a": 1}', (), "no-answer error"),
            ("in-many-lines", b'{\n"a": 1,\n', (), "no-answer error"),
            ("nothing-yet", b"", (), "stream-endless warning"),
            ("empty", b"\n", (), "no-answer error"),
            ("announced", b"1\n2\n", (("Content-Length", "6"),), "no-answer error"),
        )
    ),
    row(
        "body-without-an-end", "GET /unread", ACCEPTED, answer(200, trouble=Trouble.OVERSIZED),
        "answer.time: oversized-answer warning",
    ),
    row(
        "false-length-is-no-fault-of-the-value", "GET /unread", ACCEPTED,
        answer(200, trouble=Trouble.FALSE_LENGTH), "answer.framing: false-length error",
    ),
    row(
        "false-length-of-the-control", "GET /unread", ACCEPTED,
        answer(200, trouble=Trouble.FALSE_LENGTH),
        "answer.framing: false-length error", "tested: false-length error",
        family=ClauseKind.CONTROL,
    ),
]  # fmt: skip
OF_FAULTS = [
    row(
        "failure-with-a-trace", THINGS, REFUSED,
        answer(500, {"e": "Traceback (most recent call last):"}),
        "tested: server-error error", "status.no-failure: server-error error",
        "answer.discreet: server-error error",
    ),
    row(
        "failure-of-the-good-request-too", THINGS, REFUSED, answer(500), OPEN,
        "status.no-failure: server-error error", proven=False, refused=frozenset({500}),
    ),
    row(
        "failure-of-the-good-request-with-other-words", THINGS, REFUSED, answer(500, {"e": "no"}),
        OPEN, "status.no-failure: server-error error",
        proven=False, refused=frozenset({500}), failures=frozenset({b"{}"}),
    ),
    row(
        "failure-of-what-is-not-read-as-of-the-good-request", THINGS, REFUSED,
        answer(500, {"at": 8}), OPEN, "status.no-failure: server-error error",
        family=ClauseKind.SYNTAX,
        proven=False, refused=frozenset({500}), failures=frozenset({b'{"at": #}'}),
    ),
    row(
        "failure-of-what-is-not-read-with-other-words", THINGS, REFUSED, answer(500, {"e": "no"}),
        "tested: server-error error", "status.no-failure: server-error error",
        family=ClauseKind.SYNTAX,
        proven=False, refused=frozenset({500}), failures=frozenset({b'{"at": #}'}),
    ),
    row(
        "failure-of-another-method", THINGS, NO_METHOD, answer(500),
        "tested: server-error error", "status.no-failure: server-error error",
        request=Request(method="OPTIONS", target="/things"),
        proven=False, refused=frozenset({500}),
    ),
    row(
        "wrong-refusal-with-a-wrong-body", THINGS, REFUSED, answer(409, BAD),
        WRONG, "response.409.id.type: response-schema error",
    ),
    row("used-up-by-others", THINGS, REFUSED, answer(410), OPEN, used_up=frozenset({410})),
    row(
        "another-resource", THINGS, REFUSED, answer(400, BAD),
        request=Request(method="POST", target="/things/..%2Fx"),
    ),
    row("perhaps-of-another-fault", "GET /bound", REFUSED, answer(404), OPEN, beside=2),
    row("in-front", "GET /ranged", REFUSED, answer(413, b"<p>", HTML)),
    row(
        "of-the-range", "GET /ranged", REFUSED, answer(400, BAD),
        "response.4XX.id.type: response-schema error",
    ),
    row(
        "refused-by-http", THINGS, REFUSED, answer(400, BAD), layer=Layer.HTTP,
    ),
    row(
        "its-own-path", THINGS, REFUSED, answer(308, None, ("Location", "/Things/")), OPEN,
    ),
    row("another-path", THINGS, REFUSED, answer(308, None, ("Location", "/login")), WRONG),
    row(
        "of-generated-things", THINGS, REFUSED, answer(404, GOOD), OPEN,
        family=ClauseKind.PROPERTIES,
    ),
    row(
        "of-a-base-never-accepted", THINGS, REFUSED, answer(409, GOOD), OPEN, proven=False,
    ),
    row("another-than-the-documented", "GET /checked", REFUSED, answer(400), WRONG),
    row("usual-where-none-is-documented", "GET /bound", REFUSED, answer(400),
        "tested: wrong-refusal note"),
    row("default-documents-it", "GET /fallback", REFUSED, answer(409)),
    row("a-range-documents-no-verdict-on-the-caller", "GET /ranged", REFUSED, answer(403, GOOD),
        WRONG),
    row("only-404", "GET /bound", REFUSED, answer(404)),
    row("only-403-is-about-the-caller", "GET /guarded", REFUSED, answer(403), WRONG),
    row("404-of-the-path-is-not-of-the-body", "PUT /hidden/{id}", REFUSED, answer(404), WRONG),
    row("404-of-the-path", "GET /validated/{id}", REFUSED, answer(404), in_path=True),
    row("errors-among-the-successes", "GET /graph", REFUSED, answer(200, {"errors": [1]}), OPEN),
    row("errors-beside-a-result", "GET /graph", REFUSED,
        answer(200, {"errors": [1], "data": {"a": 1}}), "tested: accepted-invalid-body error"),
    row("404-of-the-query", "GET /validated/{id}", REFUSED, answer(404), WRONG),
]  # fmt: skip
OF_CREDENTIALS = [
    row(
        "body-before-credential", THINGS, UNAUTHORIZED, answer(400, GOOD),
        "security.order: body-before-credential note",
        clauses=["security.missing", "security.order"], also=frozenset({400}),
    ),
    row(
        "challenge-of-another-scheme", THINGS, UNAUTHORIZED,
        answer(401, None, ("WWW-Authenticate", 'Basic realm="x"')),
        "security.challenge: missing-challenge warning",
    ),
    row(
        "any-challenge-of-a-key", "GET /keyed", UNAUTHORIZED,
        answer(401, None, ("WWW-Authenticate", 'Key realm="gateway"')),
    ),
    row("403-alone-is-documented", "GET /guarded", UNAUTHORIZED, answer(403)),
    row(
        "401-where-403-alone-is-documented", "GET /guarded", UNAUTHORIZED, answer(401),
        "tested: wrong-credential-refusal warning",
    ),
    row("hidden-behind-404", "PUT /hidden/{id}", UNAUTHORIZED, answer(404)),
]  # fmt: skip
OF_HTTP = [
    row("unknown-method", THINGS, NO_METHOD, answer(501), request=TRACE, **METHOD),
    row("unknown-version", THINGS, ANYTHING, answer(505), layer=Layer.HTTP),
    row("head-of-get", THINGS, NO_METHOD, answer(200), **METHOD,
        request=Request(method="HEAD", target="/things")),
    row("method-served", THINGS, NO_METHOD, answer(200), "methods.TRACE: accepted-method warning",
        request=TRACE, **METHOD),
    row("405-without-allow", THINGS, NO_METHOD, answer(405),
        "methods.allow: missing-allow warning", request=TRACE, **METHOD),
    row("allow-with-the-method", THINGS, NO_METHOD, answer(405, None, ("Allow", "POST, TRACE")),
        "methods.allow: false-allow warning", request=TRACE, **METHOD),
    row("true-allow", THINGS, NO_METHOD, answer(405, None, ("Allow", "GET, POST")),
        request=TRACE, **METHOD),
    row("a-page-for-any-path", "GET /things", UNSERVED, answer(200, b"<p>", HTML),
        code="path-spelling"),
    row("another-path-served", "GET /things", UNSERVED, answer(200, GOOD),
        "tested: path-spelling note", code="path-spelling"),
    row("nothing-there", THINGS, ANYTHING, answer(404, BAD)),
    row("content-after-head", "GET /unread", ANYTHING,
        answer(200, trouble=Trouble.FALSE_LENGTH), "answer.framing: false-length warning",
        request=Request(method="HEAD", target="/unread")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "expect", "given", "more", "told"),
    [*OF_GOOD_REQUESTS, *OF_FAULTS, *OF_CREDENTIALS, *OF_HTTP],
)
def test_each_rule(
    contract: Contract,
    operation: str,
    expect: Expect,
    given: Answer,
    more: dict[str, Any],
    told: set[str],
) -> None:
    """The answer breaks this and leaves that open, and tells nothing else."""
    found, _ = shown(contract, operation, expect, given, more)

    assert found == told


def test_only_good_requests_hold_that_statuses_are_documented(contract: Contract) -> None:
    """A fault may have an undocumented refusal, so a documented one shows nothing of the rest."""
    _, by_good = shown(contract, THINGS, ACCEPTED, answer(200, GOOD), {})
    _, by_bad = shown(contract, THINGS, REFUSED, answer(400, GOOD), {})

    assert "status.documented" in by_good
    assert "status.documented" not in by_bad


@pytest.mark.parametrize(("value", "held"), [("ab", True), (7, False)])
def test_a_value_holds_the_keywords_of_its_type_alone(
    contract: Contract, value: Any, held: bool
) -> None:
    """A number passes `minLength`, and shows nothing of it (JSON Schema Validation, section 6)."""
    _, found = shown(contract, "GET /open", ACCEPTED, answer(200, {"name": value}), {})

    assert ("response.200.name.minLength" in found) is held


@pytest.mark.parametrize("strength", list(Strength))
def test_a_documented_refusal_weighs_by_what_speaks_for_the_value(
    contract: Contract, strength: Strength
) -> None:
    """What a keyword names is an error, what nothing forbids a warning, and a limit may be one."""
    more = {"strength": strength, "code": "refused-valid"}
    found, held = shown(contract, THINGS, ACCEPTED, answer(400, GOOD), more)

    if strength is Strength.LENIENT:
        assert (found, "tested" in held) == (set(), True)
    else:
        level = "error" if strength is Strength.NAMED else "warning"
        assert found == {f"tested: refused-valid {level}"}


@pytest.mark.parametrize(
    ("given", "known", "told"),
    [
        (answer(304, None, ("ETag", '"1"')), Validators(tag='"1"'), "held "),
        (answer(304), Validators(tag='"1"'), "broken warning"),
        (answer(200, None, ("ETag", 'W/"1"')), Validators(tag='"1"'), "broken warning"),
        (answer(200, None, ("ETag", '"2"')), Validators(tag='"1"'), "inconclusive "),
        (
            answer(200, None, ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")),
            Validators(date="Sun, 06 Nov 1994 08:49:37 GMT"),
            "broken note",
        ),
        (answer(412), Validators(tag='"1"'), "broken warning"),
        (answer(400), Validators(tag='"1"'), "inconclusive "),
    ],
    ids=["304", "304-without-tag", "ignored-tag", "changing-tag", "ignored-date", "412", "refused"],
)
def test_conditional_answers(given: Answer, known: Validators, told: str) -> None:
    """A tag must be heeded, a date should be; one that changes each time proves nothing."""
    found = not_modified("clause", given, known)
    level = found.level.value if found.verdict is Verdict.BROKEN else ""

    assert f"{found.verdict.value} {level}" == told
