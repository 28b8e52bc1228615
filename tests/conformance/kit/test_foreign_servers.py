"""What servers of other people do: each kind once, on a small server that does the same."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Credentials
from conformance.report.findings import Report
from tests.conformance.kit.applications import Application, Asked, Message
from tests.conformance.kit.running import contract_of, posting, run, verdicts

pytestmark = pytest.mark.slow


def titles(report: Report, level: str = "error") -> list[str]:
    """The titles of the findings of a level."""
    return [one.title for one in report.findings if one.level.value == level]


FOLDERS = """
paths:
  /files/{path}:
    get:
      parameters: [{name: path, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}, '404': {description: no}}
    put:
      parameters: [{name: path, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: ok}}
    delete:
      parameters: [{name: path, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: ok}, '404': {description: no}}
  /files/{path}/versions/{version}:
    delete:
      parameters:
      - {name: path, in: path, required: true, schema: {type: string}}
      - {name: version, in: path, required: true, schema: {type: string}}
      responses: {'204': {description: ok}, '404': {description: no}}
"""


def test_no_delete_leads_out_of_what_it_names(tmp_path: Path) -> None:
    """A file server follows `..%2F` after it has unescaped it, and removes the folder above."""
    there = {"files/kept.txt"}

    def answer(asked: Asked) -> tuple[int, Any]:
        parts = list[str]()
        for part in unquote(asked.path).strip("/").split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part not in ("", "."):
                parts.append(part)
        path = "/".join(parts)
        found = {one for one in there if f"{one}/".startswith(f"{path}/")}
        if asked.method == "PUT":
            there.add(path)
            return 204, None
        if asked.method == "DELETE":
            there.difference_update(found)
            return (204 if found else 404), None
        return (200 if path in there else 404), None

    run(contract_of(tmp_path, FOLDERS), Application(answer), allow_writes=True)

    assert "files/kept.txt" in there


BY_DEFAULT = """
paths:
  /runs:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [n], properties: {n: {type: integer}}}
      responses:
        '200': {description: ok}
        '404': {description: no}
        default:
          description: any other error
          content:
            application/json:
              schema: {type: object, required: [title], properties: {title: {type: string}}}
"""


def of_runs(status: int, member: str) -> Application:
    """A server that refuses every bad body with a status and an object that has a member."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        n = body.get("n") if isinstance(body, dict) else None
        good = isinstance(n, (int, float)) and not isinstance(n, bool) and n == n // 1
        return (200, None) if good else (status, {member: "no"})

    return Application(answer)


def test_default_documents_a_refusal_and_its_body(tmp_path: Path) -> None:
    """Whatever stands beside it, `default` is the response of 400, 409 and 422 alike."""
    contract = contract_of(tmp_path, BY_DEFAULT)
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.BODY})
    for status in (400, 422):
        assert run(contract, of_runs(status, "title"), families=kinds).findings == ()

    found = run(contract, of_runs(422, "message"), families=kinds).findings

    assert [one.code for one in found] == ["response-schema"]


def test_a_refusal_of_another_status_has_a_body_too(tmp_path: Path) -> None:
    """The note on the status says nothing of the body, which the contract documents as well."""
    text = BY_DEFAULT.replace("default:", "'409':")
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.BODY})

    found = run(contract_of(tmp_path, text), of_runs(409, "message"), families=kinds).findings

    assert {one.code for one in found} == {"response-schema", "wrong-refusal"}


CRASHES = """
paths:
  /kernels/{id}:
    post:
      x-conformance: {writes: false}
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string}, path: {type: string}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_what_fails_whatever_is_sent_is_one_finding(tmp_path: Path) -> None:
    """The good request fails as well, so that no part of a request is the cause."""
    contract = contract_of(tmp_path, CRASHES)

    report = run(contract, Application(lambda asked: (501, None)))

    assert titles(report) == ["POST /kernels/{id}: the server fails (501)"]
    assert verdicts(report)["control"] == "broken"
    assert verdicts(report)["body.name.type"] == "inconclusive"


def test_what_fails_only_where_it_is_good_accuses_no_fault(tmp_path: Path) -> None:
    """A server that reads a body well and then has nothing to do it with."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        readable = isinstance(body, dict) and isinstance(body.get("name"), str)
        return (501 if readable else 400), None

    report = run(contract_of(tmp_path, CRASHES), Application(answer))
    broken = {name for name, verdict in verdicts(report).items() if verdict == "broken"}

    assert titles(report)[0] == "POST /kernels/{id}: the server fails (501)"
    assert not {one for one in broken if one.startswith("body.")}


GENERATED = """
paths:
  /names/{name}:
    get:
      parameters: [{name: name, in: path, required: true, schema: {type: string}, example: a}]
      responses: {'200': {description: ok}}
"""


def test_one_answer_to_a_generated_request_is_one_finding(tmp_path: Path) -> None:
    """Of its undocumented status the clause of statuses speaks, and that of generated requests."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200 if re.fullmatch(r"/names/[a-z]+", asked.path) else 404), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PROPERTIES})
    report = run(contract_of(tmp_path, GENERATED), Application(answer), families=kinds)

    text = "GET /names/{name}: answered with 404, which the contract does not document"
    assert titles(report) == [text]
    assert {one.clause.split()[-1] for one in report.findings[0].places} == {
        "status.documented",
        "property.valid",
    }


UNKNOWN_IDS = """
paths:
  /a/{id}: {get: {parameters: [&id {name: id, in: path, required: true, schema: {type: string}}],
    responses: &r {'200': {description: ok}}}}
  /b/{id}: {get: {parameters: [*id],
    responses: {'200': {description: ok}, '422': {description: no}}}}
  /c/{id}: {get: {parameters: [&known
    {name: id, in: path, required: true, schema: {type: string}, example: a}], responses: *r}}
  /d/{id}: {get: {parameters: [*known], responses: *r}}
"""


def test_one_undocumented_status_is_one_finding_whichever_request_shows_it(tmp_path: Path) -> None:
    """Of some operations the good request, of others a generated one; they document other ones."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200 if asked.path in ("/c/a", "/d/a") else 404), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PROPERTIES})
    report = run(contract_of(tmp_path, UNKNOWN_IDS), Application(answer), families=kinds)

    text = "all 4 operations: answered with 404, which the contract does not document"
    assert titles(report) == [text]


JOBS = """
paths:
  /jobs:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            EXAMPLE schema:
              type: object
              required: REQUIRED
              properties: {size: {type: integer, enum: [1, 2]}, script: {type: string}}
      responses: {'200': {description: ok}, '422': {description: no}}
"""


@pytest.mark.parametrize(
    ("example", "required", "level"),
    [
        ("", "[script, size]", "warning"),
        ("", "[size]", "error"),
        ("{size: 1, script: s}", "[script, size]", "error"),
    ],
)
def test_a_text_that_must_be_known_is_no_error(
    tmp_path: Path, example: str, required: str, level: str
) -> None:
    """The contract lets any text be sent, and documents that it is refused; an example is good."""
    given = f"example: {example}\n           " if example else ""
    contract = contract_of(tmp_path, JOBS.replace("EXAMPLE", given).replace("REQUIRED", required))
    kinds = frozenset({ClauseKind.CONTROL})
    report = run(contract, Application(lambda asked: (422, None)), families=kinds)

    text = "POST /jobs: no request was found that the deployment accepts (422)"
    assert titles(report, level) == [text]
    assert len(report.findings) == 1


def test_a_server_must_not_fail_behind_a_refusal_of_the_good_request(tmp_path: Path) -> None:
    """It knows none of the texts that the run makes up, and fails at some."""

    def answer(asked: Asked) -> tuple[int, Any]:
        script = asked.json.get("script") if isinstance(asked.json, dict) else None
        return (500 if isinstance(script, str) and not script.isascii() else 422), None

    text = JOBS.replace("EXAMPLE", "").replace("REQUIRED", "[script, size]")
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PROPERTIES})
    report = run(contract_of(tmp_path, text), Application(answer), families=kinds, max_examples=50)

    assert [one.code for one in report.findings] == ["server-error", "refused-control"]
    assert verdicts(report)["status.no-failure"] == "broken"


SHARED = """
components:
  parameters:
    lang: {name: lang, in: query, explode: false, schema: {type: string, enum: [en, fr]}}
paths:
  /a: {get: {parameters: [{$ref: '#/components/parameters/lang'}], responses: &r
    {'200': {description: ok}, '400': {description: no}}}}
  /b: {get: {parameters: [{$ref: '#/components/parameters/lang'}], responses: *r}}
  /c: {get: {parameters: [{$ref: '#/components/parameters/lang'}], responses: *r}}
"""


def test_a_parameter_of_many_operations_is_one_finding(tmp_path: Path) -> None:
    """They refer to one Parameter Object; an empty value is let in, as frameworks do."""

    def answer(asked: Asked) -> tuple[int, Any]:
        lang = parse_qs(asked.query).get("lang", ["en"])
        return (200 if lang[0] in ("en", "fr") else 400), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PARAMETERS})
    contract = contract_of(tmp_path, SHARED)
    some = run(contract, Application(answer), families=kinds)
    every = run(contract, Application(lambda asked: (200, None)), families=kinds)

    subject = "all 3 operations: query parameter lang: enum is"
    assert titles(some) == [f"{subject} checked only in part"]
    assert titles(every) == [f"{subject} not checked"]
    assert len(every.findings[0].places) == 3


REPEATED = """
paths:
""" + "".join(
    f"""
  /{name}: {{get: {{parameters: [
    {{name: api-version, in: header, schema: {{type: string}}}},
    {{name: size, in: query, schema: {{type: integer, maximum: {number}}}}}],
    responses: {{'200': {{description: ok}}, '400': {{description: no}}}}}},
    post: {{x-conformance: {{writes: false}}, requestBody: {{content: {{application/json: {{schema:
      {{type: object, properties: {{limit: {{type: integer}}}}}}}}}}}},
    responses: {{'200': {{description: ok}}, '400': {{description: no}}}}}}}}"""
    for number, name in enumerate("abc", start=7)
)


def test_a_parameter_declared_in_the_same_words_is_one_finding(tmp_path: Path) -> None:
    """Generated documents repeat it at each operation; other words are another promise."""

    def answer(asked: Asked) -> tuple[int, None]:
        size = parse_qs(asked.query, keep_blank_values=True).get("size", ["1"])[-1]
        if not re.fullmatch(r"-?[0-9]+", size):
            return 400, None
        return (422 if "api-version" in asked.headers else 200), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PARAMETERS, ClauseKind.EDGES})
    report = run(contract_of(tmp_path, REPEATED), Application(answer), families=kinds)

    optional = "sending header parameter api-version"
    status = "is answered with 422, which the contract does not document"
    own = [f"GET /{name}: query parameter size: maximum is not checked" for name in "abc"]
    assert sorted(titles(report)) == sorted([f"3 operations: {optional} {status}", *own])


METHODS = """
paths:
  /items:
    get: {responses: {'200': {description: ok}}}
"""


def test_an_undeclared_method_is_tried_without_a_body_too(tmp_path: Path) -> None:
    """Who has the method may fail before it sees what is wrong."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method == "POST":
            return (400 if asked.body else 500), None
        return (200 if asked.method in ("GET", "HEAD") else 405), None

    app = Application(answer, allow="GET, HEAD")
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.METHODS})
    contract = contract_of(tmp_path, METHODS)
    report = run(contract, app, families=kinds, allow_writes=True)

    assert titles(report) == ["GET /items: an undeclared method: the server fails (500)"]
    app.asked.clear()
    run(contract, app, families=kinds)
    assert "POST" not in {one.method for one in app.asked}


class Streaming(Application):
    """An application whose answers have a content type and fields of their own."""

    def __init__(self, body: bytes, kind: str, **fields: str) -> None:
        super().__init__(lambda asked: (200, None))
        self.body, self.kind, self.fields = body, kind, fields

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        await receive()
        head = [(b"content-type", self.kind.encode())]
        head += [
            (name.replace("_", "-").encode(), one.encode()) for name, one in self.fields.items()
        ]
        known = scope["method"] in ("GET", "HEAD")
        head += [] if known else [(b"allow", b"GET, HEAD")]
        await send(
            {"type": "http.response.start", "status": 200 if known else 405, "headers": head}
        )
        await send({"type": "http.response.body", "body": self.body if known else b""})


ODD_VALUES = """
paths:
  /odd:
    get:
      responses:
        '200':
          description: ok
          headers: {X-Total: {schema: {type: integer}}}
          content:
            application/json:
              schema:
                type: object
                required: [big, at, none, ratio]
                properties:
                  big: {type: string, format: int64}
                  at: {type: string, format: date-time}
                  none: {type: string, nullable: true}
                  maybe: {nullable: true, type: object, properties: {a: {type: string}}}
                  ratio: {type: number}
                  count: {type: integer}
"""


def test_odd_and_legal_values_are_right(tmp_path: Path) -> None:
    """Numbers as texts and with exponents, null, leap seconds, small letters, further fields."""
    body = (
        b'{"big": "9223372036854775807", "at": "1990-12-31t23:59:60z", "none": null,'
        b' "maybe": null, "ratio": 1e3, "count": 1E2, "more": [1]}'
    )
    app = Streaming(
        body,
        'Application/JSON ; charset="UTF-8"',
        x_total="7",
        x_other="a",
        set_cookie="a=b; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
        access_control_allow_origin="*",
        vary="Origin, Accept",
    )

    report = run(contract_of(tmp_path, ODD_VALUES), app)

    assert {one.code for one in report.findings} <= {"path-spelling"}


MAPS = """
paths:
  /maps:
    get:
      parameters:
      - {name: colours, in: query, schema: {type: string}}
      - {name: zoom, in: query, schema: {type: integer, minimum: 1, maximum: 9}}
      responses: {'200': {description: ok}, '422': {description: no}}
"""


def test_a_good_value_of_a_generated_request_may_be_what_is_refused(tmp_path: Path) -> None:
    """Colours in a form that no schema says are refused first, with a status of their own."""

    def answer(asked: Asked) -> tuple[int, Any]:
        given = parse_qs(asked.query, keep_blank_values=True)
        if not re.fullmatch("[a-f0-9,]+", given.get("colours", ["a"])[0]):
            return 400, None
        return (200 if given.get("zoom", ["1"])[0] in "123456789" else 422), None

    contract = contract_of(tmp_path, MAPS)
    found = run(contract, Application(answer, allow="GET"), max_examples=20).findings

    assert not [one.title for one in found if one.code == "wrong-refusal"]
    assert "undocumented-status" in {one.code for one in found}


LABELS = """
paths:
  /labels:
    post:
      x-conformance: {writes: false}
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [label], properties: {label: {type: string}}}}}}
      responses: {'200': {description: ok}, '422': {description: no}}
"""


def test_a_text_of_a_caller_that_is_refused_alone_is_not_unsteady(tmp_path: Path) -> None:
    """No schema says that labels are words: what tells callers apart is none."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json if isinstance(asked.json, dict) else {}
        good = re.fullmatch("[a-z]+", str(body.get("label"))) and type(body["label"]) is str
        return (200 if good else 422), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.STEADINESS})

    report = run(contract_of(tmp_path, LABELS), Application(answer), families=kinds)

    assert titles(report) == []
    assert verdicts(report)["steady.concurrent"] == "held"


PLACES = posting(
    "/places",
    "200 422",
    """
type: object
required: [title]
properties:
  title: {type: string}
  address: {type: string}
  stars: {type: integer, maximum: 5}
""",
)


def test_a_failure_at_an_optional_part_hides_nothing_else(tmp_path: Path) -> None:
    """The address needs another service, which is down: all else is tried without it."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("title"), str):
            return 422, None
        return (500 if "address" in body else 200), None

    report = run(contract_of(tmp_path, PLACES), Application(answer), max_examples=0)

    broken = {place.clause.split(" ", 2)[-1] for one in report.findings for place in one.places}
    assert {"control", "body.address.optional", "body.stars.maximum"} <= broken


PROVIDERS = posting(
    "/mails",
    "200 422",
    """
type: object
required: [provider, to]
properties:
  provider: {type: string, enum: [smtp, api, log]}
  to: {type: string, maxLength: 9}
""",
)


def test_another_member_of_a_list_is_tried_where_one_is_refused(tmp_path: Path) -> None:
    """Only one provider is set up: the others are refused, and all else is tried with that one."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json if isinstance(asked.json, dict) else {}
        good = body.get("provider") == "log" and isinstance(body.get("to"), str)
        return (200 if good else 422), None

    report = run(contract_of(tmp_path, PROVIDERS), Application(answer), max_examples=0)

    found = verdicts(report)
    assert (found["control"], found["body.provider.enum"]) == ("held", "broken")
    assert found["body.to.maxLength"] == "broken"


EXCLUSIVE = """
paths:
  /imports:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [url], properties: {url: {type: string}}}
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 1}
                text: {type: string, minLength: 1}
                link: {type: string, minLength: 1}
      responses: {'200': {description: ok}, '422': {description: no}}
"""


def test_optional_parts_of_a_further_media_type_may_exclude_each_other(tmp_path: Path) -> None:
    """Both together are refused, and each alone is accepted: the media type is."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if isinstance(asked.json, dict):
            return (200 if isinstance(asked.json.get("url"), str) else 422), None
        form = parse_qs((asked.body or b"").decode("utf-8", "replace"))
        return (200 if "name" in form and not {"text", "link"} <= set(form) else 422), None

    contract = contract_of(tmp_path, EXCLUSIVE)
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.MEDIA_TYPES})
    report = run(contract, Application(answer), max_examples=0, families=kinds)

    assert verdicts(report)["media.declared(application/x-www-form-urlencoded)"] == "held"
    assert titles(report) == []


VERSIONED = """
paths:
  /things/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}, example: own}
        - {name: api-version, in: header, schema: {type: string}}
      responses: {'200': {description: ok}, '422': {description: no}}
"""


def test_another_answer_at_the_clause_on_statuses_is_a_finding_of_its_own(tmp_path: Path) -> None:
    """One request shows the 400 at both clauses; what the place itself shows is a 404."""

    def answer(asked: Asked) -> tuple[int, None]:
        if "api-version" in asked.headers:
            return 400, None
        return (200 if asked.path == "/things/own" else 404), None

    report = run(contract_of(tmp_path, VERSIONED), Application(answer), max_examples=2)

    undocumented = [one for one in report.findings if one.code == "undocumented-status"]
    assert len(undocumented) == 2
    assert all(len({place.got[:3] for place in one.places}) == 1 for one in undocumented)


KEYS = """
components: {securitySchemes: {key: {type: apiKey, in: header, name: x-key}}}
security: [{key: []}]
paths:
  /api-keys: {get: {responses: {'200': {description: all}, '401': {description: who}}}}
  /echo: {get: {responses: {'200': {description: all}, '401': {description: who}}}}
"""


@pytest.mark.parametrize(
    ("shown", "leaks"), [("{}", ["GET /echo"]), ("Bearer {}", ["GET /api-keys", "GET /echo"])]
)
def test_a_list_of_keys_may_show_the_callers_own(
    tmp_path: Path, shown: str, leaks: list[str]
) -> None:
    """It is what the operation is about; a header, or any other operation, has leaked it."""

    def answer(asked: Asked) -> tuple[int, Any]:
        key = asked.headers.get("x-key")
        return (200, [{"key": shown.format(key)}]) if key == "k3y-of-the-caller" else (401, None)

    credentials = Credentials(by_scheme={"key": "k3y-of-the-caller"})
    families = frozenset({ClauseKind.CONTROL})
    report = run(
        contract_of(tmp_path, KEYS), Application(answer), credentials=credentials, families=families
    )

    leaked = [one.operations for one in report.findings if one.code == "leaked-secret"]
    assert [name for names in leaked for name in names] == leaks


ITEMS = """
paths:
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {responses: {'200': {description: one}, '404': {description: none}}}
"""


def test_what_unescapes_a_path_may_know_the_other_one_by_another_method(tmp_path: Path) -> None:
    """`/items/ID%2Fx` is `/items/ID/x` to a router after WSGI, and that may have no GET."""

    def answer(asked: Asked) -> tuple[int, Any]:
        parts = asked.path.strip("/").split("/")
        if len(parts) != 2:
            return (405 if len(parts) == 3 else 404), None
        return (200 if re.fullmatch("[0-9a-f-]{36}", parts[1]) else 404), None

    families = frozenset({ClauseKind.PARAMETERS})
    report = run(contract_of(tmp_path, ITEMS), Application(answer), families=families)

    assert not [one.title for one in report.findings if one.code == "wrong-refusal"]


FILTERED = """
paths:
  /layers:
    get:
      parameters:
      - name: q
        in: query
        content:
          application/json:
            schema:
              type: object
              properties:
                columns: {type: array, items: {type: string}}
                select: {type: array, items: {type: string}}
                order: {type: string, enum: [asc, desc]}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_what_stands_in_a_refused_parameter_is_not_accused(tmp_path: Path) -> None:
    """Two members of it exclude each other, which the contract does not say."""

    def answer(asked: Asked) -> tuple[int, Any]:
        text = parse_qs(asked.query, keep_blank_values=True).get("q", ["{}"])[-1]
        try:
            value = json.loads(text)
        except ValueError:
            return 400, None
        both = isinstance(value, dict) and {"columns", "select"} <= value.keys()
        return (200 if isinstance(value, dict) and not both else 400), None

    families = frozenset({ClauseKind.EDGES})
    report = run(contract_of(tmp_path, FILTERED), Application(answer), families=families)

    accused = {place.clause for one in report.findings for place in one.places}
    assert not [one for one in accused if "query.q." in one and not one.endswith("q.optional")]


LAYERS = """
paths:
  /layers:
    get: {responses: {'200': {description: all}}}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string}, note: {type: string}}
      responses: {'201': {description: made}, '400': {description: no}}
"""


def test_a_list_that_says_how_long_ago_is_not_changed_by_a_refusal(tmp_path: Path) -> None:
    """Two readings one after the other are alike; each write takes a second of the clock."""
    writes = 0

    def answer(asked: Asked) -> tuple[int, Any]:
        nonlocal writes
        if asked.method == "GET":
            past = writes + int(asyncio.get_running_loop().time())
            return 200, [{"changed": f"{past} seconds ago"}]
        writes += 1
        body = asked.json
        good = isinstance(body, dict) and isinstance(body.get("name"), str)
        return (201 if good and isinstance(body.get("note", ""), str) else 400), None

    families = frozenset({ClauseKind.STEADINESS})
    contract, app = contract_of(tmp_path, LAYERS), Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=True, families=families)

    assert "changed-by-refusal" not in {one.code for one in report.findings}


SHARDED = """
paths:
  /notes:
    get:
      parameters: [{name: shard, in: query, schema: {type: string, example: north}}]
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_what_was_refused_is_not_refused_again_for_another_clause(tmp_path: Path) -> None:
    """A parameter is added with its example, which is one of its values, too."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (400 if "north" in asked.query else 200), None

    report = run(contract_of(tmp_path, SHARDED), Application(answer), max_examples=0)

    places = [place.clause for one in report.findings for place in one.places]
    assert "GET /notes query.shard.optional" in places
    assert "GET /notes query.shard.type" not in places
