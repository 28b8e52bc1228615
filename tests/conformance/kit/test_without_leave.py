"""Without --allow-writes nothing is written, however tolerant a deployment is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
import yaml

from conformance.report.findings import Report
from spec import Direction
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import codes, contract_of, posting, run, verdicts

CONTRACT = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
paths:
  /orders:
    post:
      security: [{key: []}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [item]
              properties: {item: {type: string}, count: {type: integer, minimum: 1}}
            example: {item: lamp, count: 2}
      responses: {'200': {description: ok}, '400': {description: no}, '401': {description: who}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 1}]
    get: {responses: {'200': {description: ok}, '404': {description: none}}}
    delete:
      security: [{key: []}]
      responses: {'204': {description: gone}, '401': {description: who}, '404': {description: none}}
  /restarts:
    post:
      security: [{key: []}]
      responses: {'202': {description: begun}, '401': {description: who}}
"""
Reader = Callable[[Asked], Any]


def of_json(asked: Asked) -> Any:
    """Under whatever media type."""
    return json.loads(asked.body.decode("utf-8", "replace"))


def of_beginning(asked: Asked) -> Any:
    """The document that stands before whatever follows it."""
    return json.JSONDecoder().raw_decode(asked.body.decode("utf-8", "replace").strip())[0]


def of_form(asked: Asked) -> Any:
    """Pairs, whatever the media type; none are no order."""
    pairs = parse_qsl(asked.body.decode("utf-8", "replace"))
    if not pairs:
        raise ValueError
    return dict(pairs)


def of_anything(asked: Asked) -> Any:
    """With a default for whatever a document lacks, whatever it is."""
    read = of_json(asked)
    return read if read else {"item": "lamp"}


def tolerant(reader: Reader, written: list[str]) -> Callable[[Asked], tuple[int, Any]]:
    """A server that asks nobody for a credential and reads what it can find."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith("/orders/"):
            digits = "".join(c for c in unquote(asked.path[8:]) if c.isdigit())
            known = digits.isdigit() and int(digits) % 2**32 < 1000
            if known and asked.method in ("POST", "PUT", "PATCH", "DELETE"):
                written.append(f"{asked.method} {asked.path}")
            return (200, {}) if known else (404, None)
        if asked.path == "/restarts":
            written.append("restart")
            return 202, None
        try:
            read = reader(asked)
        except (ValueError, RecursionError):
            return 400, None
        written.append(f"order {read}")
        return 200, {}

    return answer


@pytest.mark.parametrize("reader", [of_json, of_beginning, of_form, of_anything])
@pytest.mark.parametrize("token", ["", "a-token-of-the-shop"])
def test_nothing_is_written(tmp_path: Path, reader: Reader, token: str) -> None:
    """Its own state is what it was: no order, no restart, nothing deleted."""
    written = list[str]()

    run(contract_of(tmp_path, CONTRACT), Application(tolerant(reader, written)), token)

    assert written == []


ANY_BODY = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
security: [{key: []}]
paths:
  /settings:
    get: &read {responses: {'200': {description: ok}, '401': {description: who}}}
    put: &optional
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object, properties: {label: {type: string}}}}
      responses: {'200': {description: ok}, '400': {description: no}, '401': {description: who}}
    patch: *optional
  /sessions: {post: *optional}
  /note: {put: {<<: *optional, requestBody: {required: true, content: {application/json: {}}}}}
  /word:
    put:
      <<: *optional
      requestBody: {required: true, content: {application/json: {schema: {type: string}}}}
  /tags:
    put:
      <<: *optional
      requestBody:
        required: true
        content: {application/json: {schema: {type: array, items: {type: string}}}}
  /flag:
    put:
      <<: *optional
      requestBody: {required: true, content: {application/json: {schema: {type: boolean}}}}
  /count:
    put:
      <<: *optional
      requestBody: {required: true, content: {application/json: {schema: {type: integer}}}}
  /orders:
    get: *read
    post:
      <<: *optional
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [item], properties: {item: {type: string}}}
"""


def of_every_reader(asked: Asked) -> Iterator[Any]:
    """What any reader of the world may make of a request: silent, repairing, of another format."""
    text, query = asked.body.decode("latin-1"), unquote(asked.query)
    yield from ({}, [], None, "", 0, False)
    yield from (text, [text], text.split(","), bool(text), text[:1] and ord(text[0]))
    yield from (dict(parse_qsl(one, keep_blank_values=True)) for one in (text, query))
    for opened, closed in (("", ""), ("[", ""), ("", "]"), ("{", ""), ("", "}"), ('"', '"')):
        with suppress(ValueError):
            yield json.loads(opened + text + closed)
    with suppress(yaml.YAMLError):
        yield yaml.safe_load(text)


def test_no_reader_finds_a_body_that_the_contract_allows(tmp_path: Path) -> None:
    """Nor does a GET with a body look like the write of its path."""
    contract, written = contract_of(tmp_path, ANY_BODY), list[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        operation = contract.operation(f"{asked.method} {asked.path}")
        read = asked.method == "GET"
        if read and asked.body:
            operation = contract.operation(f"PATCH {asked.path}")
        if operation is None or operation.request_body is None:
            return (200, None) if read else (405, None)
        schema = operation.request_body.content[0].schema
        for value in of_every_reader(asked):
            empty = value == {} and operation.method == "PATCH"
            if not empty and (
                schema is None or not contract.violations(schema, Direction.REQUEST, value)
            ):
                written.append(f"{asked.method} {asked.path}: {value!r}")
        return (200, None) if read else (400, None)

    application = Application(answer)
    run(contract, application, "a-token-of-the-shop", by_clock=True)

    assert written == []
    assert {asked.path for asked in application.asked if asked.body} == {"/orders", "/settings"}


def accepting(asked: Asked) -> tuple[int, Any]:
    """It reads nothing, and says yes."""
    return 200, {}


def test_an_acceptance_ends_the_run_and_is_said_first(tmp_path: Path) -> None:
    """One request of an operation that writes; a finding of its own, and the first line."""
    application = Application(accepting)

    report = run(contract_of(tmp_path, CONTRACT), application, "a-token-of-the-shop")

    writes = [asked for asked in application.asked if asked.method in ("POST", "DELETE")]
    assert len(writes) == 1
    assert "accepted-write" in codes(report)
    assert report.alert.startswith("Data may have been changed: ")
    assert report.remarks[0] == report.alert


GRAPH = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
security: [{key: []}]
paths:
  /graphql:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [query]}}}
      responses:
        '200':
          description: well, or not
          content:
            application/json:
              schema:
                type: object
                properties: {data: {type: object}, errors: {type: array, items: {type: object}}}
"""


def test_a_refusal_that_a_success_documents_is_no_write(tmp_path: Path) -> None:
    """GraphQL answers so; the operation is left alone all the same."""
    application = Application(lambda asked: (200, {"errors": [{"message": "no"}]}), "POST")

    report = run(contract_of(tmp_path, GRAPH), application, "a-token-of-the-shop")

    assert "accepted-write" not in codes(report)
    assert len([one for one in application.asked if one.method == "POST"]) == 1


def test_only_unreadable_bodies_and_unknown_ids_are_sent(tmp_path: Path) -> None:
    """What is sent to operations that write, word for word."""
    application = Application(lambda asked: (401, None))

    run(contract_of(tmp_path, CONTRACT), application, "a-token-of-the-shop")

    posts = [asked for asked in application.asked if asked.method == "POST"]
    deletes = {asked.path for asked in application.asked if asked.method == "DELETE"}
    assert {(asked.path, asked.body) for asked in posts} == {("/orders", b"&")}
    assert deletes == {
        "/orders/9111111111111111113",
        "/orders/conformance-never-issued-5f0c1b7e93a2",
    }


def why(report: Report, clause: str) -> str:
    """The ledger's reason for one clause."""
    return next(one.why for one in report.clauses if one.id == clause)


def test_what_was_left_alone_says_how_to_have_it_tried(tmp_path: Path) -> None:
    """A POST may only read: then it needs no leave to write."""
    report = run(contract_of(tmp_path, CONTRACT), Application(lambda asked: (401, None)), "t" * 9)

    told = why(report, "POST /restarts control")
    assert "--allow-writes" in told
    assert "--harmless 'POST /restarts'" in told


BASES = posting(
    "/chat",
    "200 400 415",
    """
type: object
required: [role]
properties:
  role: {type: string, enum: [user, helper]}
  text: {type: string, example: hello}
  mode: {type: string, enum: [fast, slow]}
  level: {type: integer, minimum: 0, maximum: 10}
""",
    example="{role: user, text: hello}",
)


def demanding(asked: Asked) -> tuple[int, Any]:
    """It wants `text`, which the contract leaves open, and crashes on nothing."""
    if asked.method != "POST":
        return 405, None
    if (
        asked.headers.get("content-type", "").partition(";")[0].strip().lower()
        != "application/json"
    ):
        return 415, None
    body = asked.json
    if not isinstance(body, dict) or body.get("role") not in ("user", "helper"):
        return 400, None
    if not isinstance(body.get("text"), str) or body.get("mode", "fast") not in ("fast", "slow"):
        return 400, None
    level = body.get("level", 1)
    whole = isinstance(level, (int, float)) and not isinstance(level, bool) and level == int(level)
    return (200, {}) if whole and 0 <= level <= 10 else (400, None)


def test_what_a_deployment_demands_beyond_its_contract_is_one_finding(tmp_path: Path) -> None:
    """Nothing that is laid on a request without it is accused."""
    report = run(contract_of(tmp_path, BASES), Application(demanding))

    accused = {place.clause for one in report.findings for place in one.places}
    assert {one for one in accused if " body." in one and ".syntax." not in one} == {
        "POST /chat body.text.optional"
    }
    assert verdicts(report)["body.mode.enum"] == "held"
