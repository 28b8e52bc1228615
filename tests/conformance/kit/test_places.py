"""The place is the unit: its command shows it, and its name and its waiver are its alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.cases.case import Case, Expect
from conformance.clauses.clause import Clause
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request
from conformance.http.redaction import Redactor
from conformance.http.target import parse_target
from conformance.judgement.observation import broken, held
from conformance.messages.disallowed import refusal
from conformance.report.command_outcome import breaks
from conformance.report.findings import Level, Report
from conformance.report.fingerprint import fingerprint
from conformance.report.waivers import Waiver, apply
from conformance.run.places.evidence import Evidence, Ledger
from conformance.run.places.shown_places import findings
from tests.conformance.backend.serving import serving
from tests.conformance.examination.platform import platforms
from tests.conformance.kit.applications import Application, Asked, objects
from tests.conformance.kit.running import contract_of, posting, run, verdicts
from tests.conformance.services import TOKEN

pytestmark = pytest.mark.slow

MANY = (
    *("note-id-text", "notes-open", "notes-limit-any"),
    *("no-location", "colour-any", "put-colour-any"),
)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@cache
def report_of(*faults: str, url: str = "", seed: int = 0) -> Report:
    """A run before the notes with these faults; with a `seed` some requests are generated."""
    notes = platforms()["notes"]
    target = url or notes.build(faults)
    examples = 2 if seed else 0
    return run(
        notes.contract, target, TOKEN, allow_writes=True, seed=seed or 1, max_examples=examples
    )


def names(report: Report) -> dict[str, str]:
    """The fingerprints, each with the code and the clause that it stands for."""
    return {
        place.fingerprint: f"{finding.code} {place.clause}"
        for finding in report.findings
        for place in finding.places
    }


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_of_every_place_shows_it_again() -> None:
    """In a shell, with the token in the environment: the status is the one of the report."""
    notes = platforms()["notes"]
    shown = list[tuple[str, str, str]]()
    with serving(notes.build(MANY)) as used:
        report = report_of(*MANY, url=used)
    # What the run has deleted is there again.
    with serving(notes.build(MANY)) as url:
        for place in (place for finding in report.findings for place in finding.places):
            assert place.response is not None
            done = subprocess.run(
                ["bash", "-c", place.curl.replace(used, url)],
                env={"PATH": "/usr/bin:/bin:/usr/local/bin", "TOKEN": TOKEN},
                capture_output=True,
                check=False,
            )
            status = re.search(rb"^HTTP/1\.1 (?!100)(\d{3})", done.stdout, re.MULTILINE)
            got = status[1].decode() if status else done.stderr.decode()
            shown.append((place.clause, got, str(place.response.status)))

    assert len(shown) >= len(MANY)
    assert [one for one in shown if one[1] != one[2]] == []


def test_a_fingerprint_is_the_same_beside_other_faults_and_seeds() -> None:
    """What else is wrong, the port and the seed have no part in it."""
    alone = names(report_of("notes-limit-any"))
    together = names(report_of(*MANY, seed=7))

    assert {key: together.get(key) for key in alone} == alone


@settings(max_examples=60)
@given(code=WORDS, operation=WORDS, clause=WORDS, other=WORDS)
def test_a_fingerprint_is_made_of_code_operation_and_clause(
    code: str, operation: str, clause: str, other: str
) -> None:
    """Equal for equal ones; another where any of the three is another."""
    same = fingerprint(code, operation, clause)

    assert same == fingerprint(code, operation, clause)
    for changed in ((other, operation, clause), (code, other, clause), (code, operation, other)):
        assert (fingerprint(*changed) == same) is (changed == (code, operation, clause))


def test_every_place_has_a_name_of_its_own() -> None:
    """No two places of a report share a fingerprint."""
    report = report_of(*MANY, seed=7)
    places = [place for finding in report.findings for place in finding.places]

    assert len({place.fingerprint for place in places}) == len(places)


def test_what_blocks_and_credentials_come_first_then_what_touches_most() -> None:
    """Of one level: credentials, failures, and the others by the clauses that they touch."""
    findings = report_of(*MANY, "note-id-word-crashes", "rank-zero-crashes").findings
    errors = [one for one in findings if one.level.value == "error"]
    kinds = [
        0
        if any("security." in clause for clause in one.clauses)
        else 1
        if one.code == "server-error"
        else 2
        for one in errors
    ]
    touched = [len(one.places) for one, kind in zip(errors, kinds, strict=True) if kind == 2]

    assert kinds == sorted(kinds)
    assert set(kinds) == {0, 1, 2}
    assert touched == sorted(touched, reverse=True)


def test_a_title_names_the_cause_and_never_the_probe() -> None:
    """The label of the request that showed it is not in the title; the scope is."""
    for finding in report_of(*MANY, seed=7).findings:
        assert not finding.first.label or finding.first.label not in finding.title
        assert finding.title.startswith((finding.first.operation, "all ", "both "))


def test_a_waiver_on_one_place_never_makes_an_open_door_conform() -> None:
    """Whichever place is accepted, the others break the contract as before."""
    found = report_of("notes-open", "colour-any").findings
    for place in [place for finding in found for place in finding.places]:
        waiver = Waiver(
            fingerprint=place.fingerprint, reason="r", owner="o", expires=date(2999, 1, 1)
        )
        left = apply(found, (waiver,), date(2026, 1, 1)).findings

        assert breaks(left, Level.ERROR)
        open_ = [p for one in left for p in one.places if "security." in p.clause and not p.waived]
        assert open_


def test_what_many_operations_break_is_one_finding_though_others_keep_it(tmp_path: Path) -> None:
    """The title counts them, and claims nothing of those that were seen to keep the promise."""
    paths = "\n".join(PATH.replace("NAME", name) for name in "abcde")
    contract = contract_of(tmp_path, f"paths:\n{paths}")

    def answering(*missing: str) -> Application:
        served = {f"/{name}" for name in "abcde" if name not in missing}

        def answer(asked: Asked) -> tuple[int, None]:
            if asked.path not in served:
                return 404, None
            return (204 if asked.method in ("GET", "HEAD") else 405), None

        return Application(answer, "GET, HEAD")

    every = run(contract, answering(*"abcde")).findings
    most = run(contract, answering(*"abcd")).findings
    few = run(contract, answering(*"ab")).findings

    text = "answered with 404, which the contract does not document"
    assert [one.title for one in every] == [f"all 5 operations: {text}"]
    assert [one.title for one in most] == [f"4 operations: {text}"]
    assert {place.operation for place in most[0].places} == {f"GET /{name}" for name in "abcd"}
    assert [one.title for one in few] == [f"GET /a: {text}", f"GET /b: {text}"]


PATH = "  /NAME: {get: {responses: {'204': {description: nothing}}}}"


WRITER = """
  /NAME:
    post:
      security: [{it: []}]
      x-conformance: {writes: false}
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [a]}}}
      responses: {'204': {description: ok}, '400': {description: no}, '401': {description: who}}
"""


def test_one_cause_at_many_operations_is_no_list_of_each_operation(tmp_path: Path) -> None:
    """One guard and one parser serve all operations: what they let through is told once."""
    schemes = "components: {securitySchemes: {it: {type: http, scheme: bearer}}}"
    paths = "".join(WRITER.replace("NAME", name) for name in "abcde")
    contract = contract_of(tmp_path, f"{schemes}\npaths:\n{paths}")

    def answer(asked: Asked) -> tuple[int, None]:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        # Whatever looks like a JWT gets in, signed by anybody, and broken JSON breaks the server.
        if scheme.lower() != "bearer" or (token != TOKEN and token.count(".") != 2):
            return 401, None
        if not asked.body:
            return 400, None
        try:
            body = json.loads(asked.body.decode(), parse_constant=lambda _: 1 / 0)
        except (ValueError, ZeroDivisionError, RecursionError):
            return 500, None
        return (204 if isinstance(body, dict) and "a" in body else 400), None

    kinds = (ClauseKind.CONTROL, ClauseKind.CREDENTIALS, ClauseKind.SYNTAX, ClauseKind.BODY)
    report = run(contract, Application(answer), TOKEN, families=frozenset(kinds))

    titles = {one.title: len(one.operations) for one in report.findings}
    assert (
        titles.items()
        >= {
            "all 5 operations: the JSON text: the server fails (500)": 5,
            "all 5 operations: a credential of no declared scheme, an expired credential, an "
            "unsigned token and a token that another key signed are accepted": 5,
        }.items()
    )
    assert all(count == 5 for count in titles.values()), titles


def test_a_title_names_nothing_that_was_answered_as_it_should_be(tmp_path: Path) -> None:
    """Also where that proves nothing: without leave to write, no good request is sent."""
    schemes = "components: {securitySchemes: {it: {type: http, scheme: bearer}}}"
    text = f"{schemes}\npaths:\n{WRITER.replace('NAME', 'a').replace('{writes: false}', '{}')}"

    def answer(asked: Asked) -> tuple[int, None]:
        given = asked.headers.get("authorization")
        if given != f"Bearer {TOKEN}":
            return (403 if given else 401), None
        return (204 if isinstance(asked.json, dict) and "a" in asked.json else 400), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS})
    report = run(contract_of(tmp_path, text), Application(answer), TOKEN, families=kinds)

    (title,) = {one.title for one in report.findings if one.code == "wrong-credential-refusal"}
    assert "missing" not in title
    assert "a credential that was never issued" in title


def test_what_says_in_a_200_that_nobody_is_let_in_lets_nobody_in(tmp_path: Path) -> None:
    """The wrong status is the fault, also where HEAD cannot show what GET says in its body."""
    text = """
components: {securitySchemes: {it: {type: http, scheme: bearer}}}
paths:
  /a:
    get:
      security: [{it: []}]
      responses: {'200': {description: ok}, '401': {description: who}}
"""

    def answer(asked: Asked) -> tuple[int, object]:
        if asked.headers.get("authorization") == f"Bearer {TOKEN}" or "token" in asked.query:
            return 200, {"code": 0, "message": "ok", "data": [1]}
        nobody = {"code": 40100, "message": "log in", "data": None}
        return 200, None if asked.method == "HEAD" else nobody

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS})
    report = run(contract_of(tmp_path, text), Application(answer), TOKEN, families=kinds)

    assert {one.title for one in report.findings if one.level is Level.ERROR} == {
        "GET /a: a missing or bad credential: an error hidden in a 2xx",
        "GET /a: a credential in an undeclared place is accepted",
    }


@pytest.mark.parametrize(("good", "subject"), [(400, "the body: "), (500, "")])
def test_every_valid_request_fails_only_where_one_was_seen_to(
    tmp_path: Path, good: int, subject: str
) -> None:
    """Good requests that are refused hold nothing, and say nothing of what fails."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (good if isinstance(asked.json, dict) else 500), None

    contract = contract_of(tmp_path, posting("/a", "200 401", "{type: object}"))
    kinds = frozenset({ClauseKind.BODY})
    report = run(contract, Application(answer), families=kinds, by_clock=True)

    failures = [one.title for one in report.findings if one.code == "server-error"]
    assert failures == [f"POST /a: {subject}the server fails (500)"]


def test_a_failure_at_many_scopes_is_one_list_for_each_expectation(tmp_path: Path) -> None:
    """Whatever is unusual in a request makes it fail; what is plainly wrong is refused."""
    contract = contract_of(tmp_path, f"paths:{WRITER.replace('NAME', 'a')}")

    def answer(asked: Asked) -> tuple[int, None]:
        odd = "if-" in " ".join(asked.headers) or asked.headers.get("accept") != "*/*"
        if odd or asked.query or asked.headers.get("content-type") != "application/json":
            return 500, None
        return (204 if isinstance(asked.json, dict) and "a" in asked.json else 400), None

    report = run(contract, Application(answer), families=frozenset(ClauseKind))
    failing = [one for one in report.findings if one.code == "server-error"]

    lists = [{place.clause.split()[-1] for place in one.places} for one in failing]
    assert lists[0] >= {"http.conditional", "media.charset", "accept.range"}
    assert failing[0].title.endswith("more: the server fails (500)")
    assert not lists[0] & {"media.undeclared", "http.query"}
    assert {"media.undeclared", "http.query"} <= set().union(*lists[1:])


def test_a_failure_at_many_parameters_of_the_same_operations_is_one_list(tmp_path: Path) -> None:
    """Generated documents declare the same filters at each; every one of some kind fails."""
    names = [f"where.{name}.contains" for name in "abcde"]
    filters = ", ".join(f"{{name: {name}, in: query, schema: {{type: string}}}}" for name in names)
    get = f"get: {{parameters: [{filters}], responses: {{'200': {{description: ok}}}}}}"
    paths = "".join(f"\n  /{name}: {{{get}}}" for name in ("authors", "books"))

    def answer(asked: Asked) -> tuple[int, None]:
        return (500 if ".contains=" in asked.query else 200), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES})
    report = run(contract_of(tmp_path, f"paths:{paths}"), Application(answer), families=kinds)

    failing = [one for one in report.findings if one.code == "server-error"]
    assert {len(one.operations) for one in failing} == {2}
    assert len(failing) <= 2
    assert failing[0].title.endswith(
        f"{names[0]}, {names[1]}, {names[2]} and 2 more: the server fails (500)"
    )


def test_many_parameters_of_the_same_operations_that_are_checked_in_part_are_one_list(
    tmp_path: Path,
) -> None:
    """One reader of the whole service takes fractions for integers."""
    names = "abcde"
    filters = ", ".join(f"{{name: {name}, in: query, schema: {{type: integer}}}}" for name in names)
    responses = "{'200': {description: ok}, '400': {description: no}}"
    get = f"get: {{parameters: [{filters}], responses: {responses}}}"
    paths = "".join(f"\n  /{name}: {{{get}}}" for name in ("authors", "books"))

    def answer(asked: Asked) -> tuple[int, None]:
        values = [value for _, value in parse_qsl(asked.query, keep_blank_values=True)]
        return (400 if any(one.strip("-.0123456789") for one in values) else 200), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PARAMETERS})
    report = run(contract_of(tmp_path, f"paths:{paths}"), Application(answer), families=kinds)

    (found,) = (one for one in report.findings if one.code == "accepted-invalid-parameter")
    assert found.title == (
        "GET /authors and GET /books: query parameters a, b, c and 2 more: "
        "type is checked only in part"
    )


SEARCH = """
  /NAME:
    post:
      x-conformance: {writes: false}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/NAME'}}}
      responses: {'204': {description: ok}, '400': {description: no}}
"""
SEARCHED = "    NAME: {type: object, properties: {offset: {type: integer}, limit: {type: integer}}}"


def test_the_same_words_in_a_schema_for_each_operation_are_one_finding(tmp_path: Path) -> None:
    """Generated contracts give every body a schema of its own."""
    schemas = "\n".join(SEARCHED.replace("NAME", name) for name in "abcde")
    paths = "".join(SEARCH.replace("NAME", name) for name in "abcde")
    contract = contract_of(tmp_path, f"components:\n  schemas:\n{schemas}\npaths:\n{paths}")

    def answer(asked: Asked) -> tuple[int, None]:
        body = asked.json if asked.body else {}
        if not isinstance(body, dict):
            return 400, None
        limit, offset = body.get("limit", 0), body.get("offset", 0)
        strict = isinstance(limit, int) and not isinstance(limit, bool)
        # A reader that converts: the text of a number is a number.
        lax = re.fullmatch(r"-?[0-9]+", str(offset)) is not None
        return (204 if strict and lax else 400), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.BODY})
    report = run(contract, Application(answer), families=kinds)

    (found,) = [one for one in report.findings if "offset" in one.title]
    assert found.title.startswith("all 5 operations: offset: type")
    assert len(found.places) == 5


def test_what_answers_lack_of_one_keyword_is_one_finding(tmp_path: Path) -> None:
    """Each property is a place; one that another keyword requires is a finding of its own."""
    thing = "{type: object, required: [a, b, c], properties: {c: {required: [d]}}}"
    get = (
        "{get: {responses: {'200': {description: ok, content: {application/json: {schema: REF}}}}}}"
    )
    path = get.replace("REF", "{$ref: '#/components/schemas/Thing'}")
    text = f"components: {{schemas: {{Thing: {thing}}}}}\npaths: {{/x: {path}, /y: {path}}}"
    contract = contract_of(tmp_path, text)

    report = run(contract, Application(lambda asked: (200, {"c": {}})), max_examples=0)

    lacking = [one for one in report.findings if one.code == "response-schema"]
    found = {one.title.partition(": ")[2]: len(one.places) for one in lacking}
    assert found == {
        "a and b are missing in the 200 response": 4,
        "c.d is missing in the 200 response": 2,
    }


def test_one_schema_is_one_finding_in_a_list_and_by_itself(tmp_path: Path) -> None:
    """A list has it in its items, and GET of one thing alone; what else breaks is another."""
    thing = "{properties: {name: {type: string}, size: {type: integer}}}"
    get = "{get: {responses: {'200': {description: d, content: {application/json: {schema: S}}}}}}"
    one = get.replace("S}", "{$ref: '#/components/schemas/Thing'}}")
    many = get.replace("S}", "{items: {$ref: '#/components/schemas/Thing'}}}")
    text = f"components: {{schemas: {{Thing: {thing}}}}}\npaths: {{/x: {many}, /x/one: {one}}}"

    def answer(asked: Asked) -> tuple[int, Any]:
        shown = {"name": None, "size": None}
        return 200, shown if asked.path == "/x/one" else [shown]

    report = run(contract_of(tmp_path, text), Application(answer), max_examples=0)

    assert {one.title for one in report.findings if one.code == "response-schema"} == {
        f"GET /x and GET /x/one: [].{name} and {name} are of another type in the 200 response"
        for name in ("name", "size")
    }


SHARED = """
components:
  schemas:
    Failure: {type: object, required: [message]}
    Item:
      type: object
      required: [name]
      properties: {name: {type: string}, tags: {type: array}}
paths:
  /items:
    post:
      requestBody: &item
        required: true
        content: &made {application/json: {schema: {$ref: '#/components/schemas/Item'}}}
      responses:
        '201': {description: made, content: *made}
        '400': &no
          description: no
          content: {application/json: {schema: {$ref: '#/components/schemas/Failure'}}}
        '415': *no
  /items/1:
    get: {responses: {'200': &read {description: read, content: *made}}}
    put: {requestBody: *item, responses: {'200': *read, '400': *no, '415': *no}}
"""


def test_one_keyword_of_several_answers_is_one_finding(tmp_path: Path) -> None:
    """Whatever their status; and that answers show a property says nothing of how it is read."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method in ("POST", "PUT"):
            if not asked.headers.get("content-type", "").startswith("application/json"):
                return 415, {}
            item = asked.json
            if not isinstance(item, dict) or not isinstance(item.get("name"), str):
                return 400, {}
            if not isinstance(tags := item.get("tags", [1]), list):
                return 400, {}
            if not tags:
                return 500, None
        return 201 if asked.method == "POST" else 200, {"name": "a", "tags": ["b"]}

    kinds = frozenset({ClauseKind.BODY, ClauseKind.EDGES})
    contract = contract_of(tmp_path, SHARED)
    report = run(contract, Application(answer), families=kinds, allow_writes=True)

    assert [one.title for one in report.findings] == [
        "POST /items and PUT /items/1: an empty array in tags: the server fails (500)",
        "POST /items and PUT /items/1: message is missing in the 400 and 415 responses",
    ]


OF_TENANTS = """
paths:
  /a:
    get:
      parameters:
        - &tenant {name: tenant, in: query, required: true, schema: {enum: [blue, green]}}
      responses: &all {'200': {description: ok}, '400': {description: no}}
  /b:
    get:
      parameters: [*tenant, {name: size, in: query, schema: {type: integer, maximum: 9}}]
      responses: *all
"""


def test_one_parameter_that_is_not_checked_is_one_finding(tmp_path: Path) -> None:
    """Whatever other parameters the operations have, and whether these are checked."""

    def answer(asked: Asked) -> tuple[int, Any]:
        size = parse_qs(asked.query).get("size", ["1"])[0]
        return (200 if re.fullmatch("-?[0-9]+", size) and int(size) < 10 else 400), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PARAMETERS})
    report = run(contract_of(tmp_path, OF_TENANTS), Application(answer), families=kinds)

    assert [(one.title, len(one.places)) for one in report.findings] == [
        ("GET /a and GET /b: query parameter tenant is not checked", 4)
    ]


LONG = """
paths:
  /notes:
    post: &post
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, properties: {text: {type: string}, note: {type: string}}}
      responses: {'200': {description: ok}, '400': {description: no}}
  /more:
    post: *post
"""


def test_a_limit_of_the_content_is_one_finding(tmp_path: Path) -> None:
    """413 is said of all that is sent: one long text of each operation is enough to find it."""

    def check(body: dict[str, Any]) -> tuple[int, Any]:
        if len(str(body)) > 60_000:
            return 413, None
        texts = (body.get("text", ""), body.get("note", ""))
        return 200 if all(isinstance(one, str) for one in texts) else 400, None

    contract = contract_of(tmp_path, LONG)
    report = run(
        contract, objects(check), families=frozenset({ClauseKind.EDGES}), allow_writes=True
    )

    (found,) = [one for one in report.findings if one.code == "refused-free"]
    assert (found.level, len(found.places)) == (Level.WARNING, 2)
    assert found.title == (
        "POST /notes and POST /more: a text of 65,537 characters in text is refused (413)"
    )
    seen = verdicts(report)
    assert (seen["body.text.long"], seen["body.note.long"]) == ("broken", "held")


@pytest.mark.parametrize(
    ("traced", "end"),
    [("", ""), ("/a", ""), ("/a/b", " and shows a stack trace")],
    ids=["none", "one", "both"],
)
def test_a_title_tells_of_a_stack_trace_that_each_operation_shows(
    tmp_path: Path, traced: str, end: str
) -> None:
    """A stack trace in the answers of one operation says nothing of another one."""
    get = "{get: {responses: {'200': {description: ok}}}}"
    contract = contract_of(tmp_path, f"paths: {{/a: {get}, /b: {get}}}")
    trace = 'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in get\n'

    def answer(asked: Asked) -> tuple[int, Any]:
        return 500, trace if asked.path in traced else None

    report = run(contract, Application(answer), families=frozenset({ClauseKind.CONTROL}))

    assert [one.title for one in report.findings] == [
        f"GET /a and GET /b: the server fails (500){end}"
    ]


def test_many_places_of_a_large_contract_are_grouped_in_one_pass() -> None:
    """Each group looks at the clauses that it can be true of, and not at all of the contract."""
    clauses = [
        Clause(
            id=f"POST /{number} body.p{part}.type",
            operation=f"POST /{number}",
            kind=ClauseKind.BODY,
            pointer=f"#/components/schemas/s{number}/properties/p{part}/type",
            promise=f"`p{part}` is integer or is refused",
        )
        for number in range(400)
        for part in range(50)
    ]
    ledger, own = Ledger(clauses), "accepted-invalid-body"
    for number, clause in enumerate(clauses):
        if number % 5:
            ledger.note(held(clause.id), refusal=True)
            continue
        case = Case(
            operation=clause.operation,
            clauses=(clause.id,),
            family=ClauseKind.BODY,
            label=clause.id,
            request=Request(method="POST", target="/"),
            expect=Expect.REFUSED,
        )
        found = broken(clause.id, own, expected="400", got="200")
        ledger.accuse(Evidence(observation=found, case=case, answer=Answer(status=200)))

    redactor = Redactor(parse_target("http://127.0.0.1:1"))
    began = time.process_time()
    told = findings(ledger, ledger.verdicts(), redactor)

    # Ten properties that the same operations do not check are one list.
    assert [len(one.places) for one in told] == [4000]
    # A look at every clause for every place would take minutes.
    assert time.process_time() - began < 3


UNCHECKED = """
paths:
  /list:
    get:
      parameters:
      - {name: id, in: query, required: true, schema: {type: integer}}
PARAMETERS
      responses: {'204': {description: ok}, '400': {description: no}}
"""


def test_a_list_names_the_first_of_its_places(tmp_path: Path) -> None:
    """Others of the same kind are checked, so that no wider scope can be named."""
    rows = [
        f"      - {{name: p{number}, in: query, schema: {{type: integer}}}}" for number in range(5)
    ]
    contract = contract_of(tmp_path, UNCHECKED.replace("PARAMETERS", "\n".join(rows)))

    def answer(asked: Asked) -> tuple[int, None]:
        query = dict(pair.partition("=")[::2] for pair in asked.query.split("&"))
        return (204 if re.fullmatch(r"-?[0-9]+(\.0+)?", query.get("id", "")) else 400), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PARAMETERS})
    report = run(contract, Application(answer), families=kinds)

    assert [one.title for one in report.findings] == [
        "GET /list: query parameters p0, p1, p2 and 2 more: type is not checked"
    ]


LARGE = """
paths:
  /a:
    post:
      x-conformance: {writes: false}
      requestBody: {required: true, content: {application/json: {
        example: {list: [{role: r}]}, schema: {type: object, required: [list], properties: {
          list: {type: array, minItems: 1, items: {type: object, required: [role], properties: {
            role: {type: string}, note: {type: string}, extra: {type: object}}}},
          size: {type: integer}, deep: {type: object, properties: {one: {type: boolean}}}}}}}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_a_refusal_is_shown_by_the_least_request(tmp_path: Path) -> None:
    """The fault was laid on a request with everything in it; what it does not need is left out."""

    def answer(asked: Asked) -> tuple[int, None]:
        body = asked.json if isinstance(asked.json, dict) else {}
        size, deep = body.get("size", 1), body.get("deep", {})
        bad = not isinstance(size, int) or not isinstance(deep.get("one", True), bool)
        return (403 if bad else 200 if body.get("list") else 400), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.BODY, ClauseKind.EDGES})
    report = run(contract_of(tmp_path, LARGE), Application(answer), families=kinds)
    shown = {
        place.clause.rpartition("body.")[2]: json.loads(place.request.body or "")
        for finding in report.findings
        for place in finding.places
        if finding.code == "wrong-refusal" and place.request is not None
    }

    assert shown["size.type"].keys() == {"list", "size"}
    assert shown["deep.one.type"].keys() == {"list", "deep"}
    assert [body["list"][0].keys() for body in shown.values()] == [{"role"}] * len(shown)


OPTIONAL = """
paths:
  /lamps:
    get:
      parameters:
      - {name: ids, in: query, schema: {type: array, maxItems: 3, items: {type: integer}}}
      - {name: kinds, in: query, explode: false, schema: {type: array, uniqueItems: true,
          items: {enum: [a, b]}}}
      - {name: box, in: query, style: deepObject, schema: {type: object, required: [x, y],
          maxProperties: 2, properties: {x: {type: integer}, y: {type: integer}}}}
      - {name: free, in: query, schema: {type: object, required: [p], properties: {
          p: {type: integer}, q: {type: integer}}, additionalProperties: false}}
      - {name: X-Tags, in: header, schema: {type: array, maxItems: 2, items: {type: string}}}
      - {name: taste, in: cookie, schema: {enum: [sweet, salty]}}
      responses: {'204': {description: ok}, '400': {description: no}}
"""


def test_a_request_with_less_in_it_still_has_the_fault(tmp_path: Path) -> None:
    """A list of items that all stand in the good request is not left out of the faulty one."""
    contract = contract_of(tmp_path, OPTIONAL)
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PARAMETERS, ClauseKind.EDGES})
    report = run(contract, Application(lambda _: (204, None)), by_clock=True, families=kinds)
    shown = {
        place.clause.partition("/lamps ")[2]: refusal(
            contract,
            Request(
                method="GET",
                target=place.request.exact.target,
                headers=tuple(place.request.headers),
            ),
        )
        for finding in report.findings
        for place in finding.places
        if finding.code == "accepted-invalid-parameter" and place.request and place.request.exact
    }

    assert {"query.ids.maxItems", "query.kinds.uniqueItems", "query.box.x.required"} <= shown.keys()
    assert [clause for clause, why in shown.items() if not why] == []


def test_what_a_finding_quotes_of_an_answer_says_that_it_goes_on(tmp_path: Path) -> None:
    """An answer that is cut without a sign looks malformed."""
    contract = contract_of(tmp_path, f"paths:{WRITER.replace('NAME', 'a')}")
    (long, *_) = run(contract, Application(lambda _: (500, "e" * 161))).findings
    (whole, *_) = run(contract, Application(lambda _: (500, "e" * 100))).findings

    assert long.got == '500: "' + "e" * 159 + "…"
    assert whole.got == '500: "' + "e" * 100 + '"'
