"""Media types of every kind get generated values, or say why they get none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import schemathesis

from conformance.clauses.kinds import ClauseKind
from conformance.report.findings import Report
from conformance.report.level import Level
from spec import load
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.body_server import CONTRACT, server
from tests.conformance.kit.running import codes, contract_of, posting, run, verdicts

pytestmark = pytest.mark.slow

OF_N = "{schema: {type: object, required: [n], properties: {n: {type: integer, maximum: 9}}}}"
BESIDE = """
paths:
  /a:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content: CONTENT
      responses: {'200': {description: ok}, '400': {description: no}, '415': {description: type}}
"""
OCTETS = "application/octet-stream"


def told(report: Report) -> dict[str, tuple[str, str]]:
    """Verdict and reason of each clause, by its name within its operation."""
    return {one.id.split(" ", 2)[2]: (one.verdict.value, one.why) for one in report.clauses}


def generated(report: Report) -> set[str]:
    """The media types of the generated valid requests."""
    found = set()
    for one in report.exchanges:
        if one.clauses[0].endswith(" property.valid"):
            kinds = [text for name, text in one.request.headers if name == "Content-Type"]
            found |= {kind.partition(";")[0] for kind in kinds}
    return found


def answer(asked: Asked) -> tuple[int, Any]:
    """Bytes of any kind, or an `n` of nine at most."""
    kind = asked.headers.get("content-type", "").lower().replace('"', "").replace(" ", "")
    if asked.path != "/a" or asked.method != "POST":
        return 404, None
    if "content-encoding" in asked.headers or "charset=" in kind.replace("charset=utf-8", ""):
        return 415, None
    if kind == OCTETS:
        return (200 if asked.body else 400), None
    if kind.partition(";")[0] not in ("application/json", "application/vnd.a+json"):
        return 415, None
    try:
        n = json.loads(asked.body.decode(), parse_constant=lambda _: 1 / 0)["n"]
    except (ValueError, TypeError, LookupError, RecursionError, ZeroDivisionError):
        return 400, None
    good = type(n) in (int, float) and n == int(n) and n <= 9
    return (200 if good else 400), None


@pytest.mark.parametrize("other", ["application/vnd.a+json", OCTETS])
def test_beside_json(tmp_path: Path, other: str) -> None:
    """A right server is not accused, whichever values are drawn, and nothing fails in the kit."""
    shape = OF_N if other != OCTETS else "{schema: {type: string, format: binary}}"
    content = f"{{application/json: {OF_N}, {other}: {shape}}}"
    contract = contract_of(tmp_path, BESIDE.replace("CONTENT", content))

    def own(asked: Asked) -> tuple[int, Any]:
        bytes_ = asked.headers.get("content-type", "").lower().startswith(OCTETS)
        return (415, None) if bytes_ and other != OCTETS else answer(asked)

    app = Application(own)
    report = run(contract, app, max_examples=12, max_billable=200, keep_exchanges=True)

    assert report.doubts == ()
    assert [one for one in report.findings if one.level.at_least(Level.WARNING)] == []
    assert "application/json" in generated(report)
    assert (other in generated(report)) is (other != OCTETS)
    assert told(report)[f"media.declared({other})"][0] == "held"


def test_bytes_alone_say_what_is_not_generated(tmp_path: Path) -> None:
    """No clause of theirs is silent."""
    content = f"{{{OCTETS}: {{schema: {{type: string, format: binary}}}}}}"
    contract = contract_of(tmp_path, BESIDE.replace("CONTENT", content))

    report = run(contract, Application(answer), max_examples=12, max_billable=200)

    assert [one for one in report.findings if one.level.at_least(Level.WARNING)] == []
    seen = told(report)
    assert seen["property.valid"] == ("unobserved", f"no values of {OCTETS} are generated")
    assert {seen[f"media.{name}"][0] for name in ("absent", "spelling", "encoding")} == {"held"}


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("/orders", {"application/xml"}),
        ("/events", {"application/x-ndjson"}),
        ("/both", {"application/json", "application/x-www-form-urlencoded"}),
    ],
)
def test_values_travel_in_each_media_type(tmp_path: Path, path: str, types: set[str]) -> None:
    """What is drawn for a schema is written as XML, lines or a form; of two types in both."""
    report = run(
        contract_of(tmp_path, CONTRACT),
        Application(server()),
        include=(f"POST {path}",),
        allow_writes=True,
        max_examples=20,
        max_billable=200,
        keep_exchanges=True,
    )

    assert [one for one in report.findings if one.level.at_least(Level.WARNING)] == []
    assert generated(report) == types


def test_by_a_schema_of_another_file(tmp_path: Path) -> None:
    """Generated requests, good and bad, are made by what a reference to a file leads to."""
    (tmp_path / "parts.yaml").write_text(
        "N: {type: object, required: [n], properties: {n: {$ref: '#/Nine'}}}\n"
        "Nine: {type: integer, maximum: 9}\n",
        "utf-8",
    )
    body = "{application/json: {schema: {$ref: 'parts.yaml#/N'}}}"

    report = run(
        contract_of(tmp_path, BESIDE.replace("CONTENT", body)), Application(answer), max_examples=20
    )

    verdicts = told(report)
    assert verdicts["property.valid"][0] == verdicts["property.invalid"][0] == "held"


def test_a_contract_without_an_operation_says_so(tmp_path: Path) -> None:
    """No option has left it out."""
    report = run(contract_of(tmp_path, "paths: {a: {get: {}}}"), Application(answer))

    assert any("the contract has no operation" in one for one in report.remarks)


def test_by_a_contract_whose_version_is_a_number(tmp_path: Path) -> None:
    """`openapi: 3.0` without quotes is a number in YAML."""
    file = tmp_path / "openapi.yaml"
    content = BESIDE.replace("CONTENT", f"{{application/json: {OF_N}}}")
    file.write_text(f"openapi: 3.0\ninfo: {{title: T, version: '1'}}\n{content}", "utf-8")

    verdicts = told(run(load(file), Application(answer), max_examples=20))
    assert verdicts["property.valid"][0] == verdicts["property.invalid"][0] == "held"


def test_what_the_generator_cannot_do_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure of the generator is no defect of the kit, and no silence."""

    def from_dict(_document: dict[str, Any]) -> Any:
        raise TypeError("no such schema")

    monkeypatch.setattr(schemathesis.openapi, "from_dict", from_dict)
    body = f"{{application/json: {OF_N}}}"

    verdicts = told(
        run(
            contract_of(tmp_path, BESIDE.replace("CONTENT", body)),
            Application(answer),
            max_examples=2,
        )
    )
    for clause in ("property.valid", "property.invalid"):
        assert verdicts[clause] == ("unobserved", "Schemathesis generates nothing: no such schema")


LISTS = """
paths:
  /pets:
    get:
      parameters:
        - name: state
          in: query
          explode: false
          schema: {type: array, minItems: 2, items: {enum: [new, sold]}}
        - name: ids
          in: query
          style: pipeDelimited
          explode: false
          schema: {type: array, minItems: 2, items: {type: integer}}
        - name: page
          in: query
          explode: false
          schema:
            type: object
            required: [n]
            properties: {n: {type: integer}}
            additionalProperties: false
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_generated_lists_are_written_with_their_delimiters(tmp_path: Path) -> None:
    """A server that divides before it unescapes, as RFC 6570 has it, is not accused."""
    divided = dict.fromkeys(("state", "ids", "page"), 0)

    def strict(asked: Asked) -> tuple[int, Any]:
        for name, _, raw in (pair.partition("=") for pair in asked.query.split("&")):
            if name in divided and ("%7C" if name == "ids" else ",") in raw:
                divided[name] += 1
            elif "%2C" in raw:
                return 400, None
        return 200, None

    report = run(contract_of(tmp_path, LISTS), Application(strict), max_examples=3)

    assert [one for one in report.findings if "property.valid" in str(one.clauses)] == []
    assert min(divided.values()) > 0, divided


FILTERED = """
paths:
  /things:
    get:
      parameters:
        - name: filter
          in: query
          content:
            application/json:
              schema:
                type: object
                properties:
                  where: {type: object}
                  fields: {type: array, items: {type: boolean}}
                  order: {type: string}
      responses: {'200': {description: ok}, '422': {description: no}}
"""


def test_what_is_generated_for_a_parameter_is_made_smaller_too(tmp_path: Path) -> None:
    """The request that is shown has one member in its filter, and what the server fails at."""

    def answer(asked: Asked) -> tuple[int, Any]:
        try:
            given = json.loads(parse_qs(asked.query).get("filter", ["{}"])[0])
        except ValueError:
            return 422, None
        where = given.get("where") if isinstance(given, dict) else None
        fails = isinstance(where, dict) and any(not name.isascii() for name in where)
        return (500 if fails else 200), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PROPERTIES})
    report = run(contract_of(tmp_path, FILTERED), Application(answer), families=kinds)

    (found,) = [one for one in report.findings if one.code == "server-error"]
    request = found.places[0].request
    assert request is not None
    sent = json.loads(parse_qs(request.url.partition("?")[2])["filter"][0])
    assert list(sent) == ["where"]
    assert len(sent["where"]) == 1


PAGED = """
paths:
  /things:
    get:
      parameters:
        - {name: size, in: query, required: true, schema: {type: integer}}
        - {name: text, in: query, schema: {type: string}}
      responses: {'200': {description: ok}, '422': {description: no}}
"""


def test_what_has_no_members_is_not_made_smaller(tmp_path: Path) -> None:
    """A number, and a parameter that is absent."""

    def answer(asked: Asked) -> tuple[int, Any]:
        size = parse_qs(asked.query).get("size", [""])[0]
        return (500 if size.lstrip("-").isdigit() and int(size) > 2**31 else 200), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PROPERTIES})
    contract = contract_of(tmp_path, PAGED)
    report = run(contract, Application(answer), families=kinds, max_examples=25)

    assert "server-error" in [one.code for one in report.findings]


QUANTITY = "{type: string, format: quantity}"
LIMITED = posting(
    "/volumes",
    "200 422",
    f"""
type: object
required: [size, label]
example: {{size: 5Gi, label: a}}
properties:
  size: {QUANTITY}
  limits: {{type: array, items: {QUANTITY}}}
  most: {QUANTITY}
  label: {{type: string}}
""",
)


def test_a_text_of_an_unknown_format_is_not_made_up(tmp_path: Path) -> None:
    """Nothing says what `quantity` asks for: the good value stays, and no other one is sent."""
    labels: list[str] = []

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("label"), str):
            return 422, None
        labels.append(body["label"])
        said = [body.get("size"), *body.get("limits", []), body.get("most", "1Gi")]
        right = all(isinstance(one, str) and re.fullmatch("[0-9]+Gi", one) for one in said)
        return (200 if right else 422), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PROPERTIES})
    report = run(
        contract_of(tmp_path, LIMITED), Application(answer), families=kinds, max_examples=10
    )

    assert codes(report) == []
    assert verdicts(report)["property.valid"] == "held"
    assert len(set(labels)) > 3


@pytest.mark.parametrize(
    "form", ["multipart/form-data", "multipart/mixed", "application/x-www-form-urlencoded"]
)
def test_a_form_that_is_declared_as_a_text_is_not_made_up(tmp_path: Path, form: str) -> None:
    """A text without a boundary is no multipart body, and a server that refuses it is right."""
    schema = "{schema: {type: string, format: binary}}"
    contract = contract_of(tmp_path, BESIDE.replace("CONTENT", f"{{{form}: {schema}}}"))
    asked: list[bytes] = []

    def own(one: Asked) -> tuple[int, Any]:
        asked.append(one.body)
        return 400, None

    report = run(contract, Application(own), max_examples=12, max_billable=200)

    assert b"binary" not in asked
    assert [one for one in report.findings if one.code != "refused-control"] == []


SMALL = """
paths:
  /notes:
    post:
      parameters: [{name: q, in: query, schema: {type: string, maxLength: 40}}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, size]
              properties: {name: {type: string, minLength: 5}, size: {type: integer}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_what_fails_at_a_generated_request_is_shown_by_a_small_one(tmp_path: Path) -> None:
    """What is optional is left out, and what has to be there is as in the good request."""

    def small(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        name = body.get("name") if isinstance(body, dict) else None
        long = any(len(one) > 40 for one in parse_qs(asked.query).get("q", ()))
        if long or not isinstance(name, str) or len(name) < 5:
            return 400, None
        return (200 if isinstance(body.get("size"), int) else 500), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.PROPERTIES})
    contract, target = contract_of(tmp_path, SMALL), Application(small)
    report = run(contract, target, families=kinds, allow_writes=True, max_examples=30)

    (found,) = report.findings
    assert found.title == "POST /notes: a generated invalid request: the server fails (500)"
    name = json.loads(target.asked[0].body)["name"]
    assert {one.request.body for one in found.places if one.request} == {f'{{"name": "{name}"}}'}
    assert "?" not in found.places[0].curl
