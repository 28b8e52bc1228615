"""Request bodies other than JSON: every fault is shown, and no right server is accused."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.report.findings import Report
from conformance.report.level import Level
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.body_server import CONTRACT, server
from tests.conformance.kit.running import contract_of, run, verdicts

pytestmark = pytest.mark.slow

WITH_LEAVE: dict[str, Any] = {"allow_writes": True, "max_billable": 100}
FORM = "application/x-www-form-urlencoded"
FAULTS = {
    "form": (
        "/parcels", FORM,
        ("to.minLength", "weight.maximum", "kind.enum", "tags.maxItems", "tags[].pattern",
         "grant.pattern"),
    ),
    "form-missing": ("/parcels", FORM, ("to.required", "weight.type", "fast.type")),
    "parts": (
        "/files", "multipart/form-data",
        ("file.encoding", "title.maxLength", "pages.minimum", "meta.n.type"),
    ),
    "parts-missing": ("/files", "multipart/form-data", ("file.required", "meta.n.required")),
    "text": ("/notes", "text/plain", ("maxLength",)),
    "lines": (
        "/events", "application/x-ndjson", ("id.required", "id.minimum", "name.maxLength")
    ),
    "xml": (
        "/orders", "application/xml",
        ("id.type", "count.maximum", "state.enum", "items.maxItems", "items[].maxLength"),
    ),
    "xml-missing": ("/orders", "application/xml", ("count.required", "syntax.root")),
    "rows": ("/rows", "text/csv", ("[].n.maximum",)),
    "second-type": ("/both", FORM, ("to.required", "weight.minimum", "kind.enum")),
    "first-type": ("/both", "application/json", ("weight.minimum", "kind.enum")),
}  # fmt: skip


def of(report: Report, path: str) -> set[str]:
    """The broken clauses of the operation at a path."""
    names = [c.id for c in report.clauses if c.verdict.value == "broken" and "prop" not in c.id]
    return {name.removeprefix(f"POST {path} ") for name in names if f" {path} " in name}


def test_a_right_server_is_not_accused(tmp_path: Path) -> None:
    """It refuses what is forbidden, takes what is allowed, and every operation succeeds."""
    contract = contract_of(tmp_path, CONTRACT)
    report = run(contract, Application(server()), max_examples=5, **WITH_LEAVE)

    assert [one for one in report.findings if one.level.at_least(Level.WARNING)] == []
    held = {clause.id for clause in report.clauses if clause.verdict.value == "held"}
    assert {f"POST {path} control" for path, _, _ in FAULTS.values()} <= held
    assert f"POST /both media.declared({FORM})" in held


@pytest.mark.parametrize(("path", "media_type", "faults"), FAULTS.values(), ids=FAULTS)
def test_several_faults_at_once(
    tmp_path: Path, path: str, media_type: str, faults: tuple[str, ...]
) -> None:
    """Each is a broken clause of its own, and nothing else is broken."""
    lax = server(*(f"{path} {media_type} {name}" for name in faults))
    contract = contract_of(tmp_path, CONTRACT)
    report = run(
        contract, Application(lax), allow_writes=True, max_billable=100, include=(f"POST {path}",)
    )

    prefix = "body" if media_type == "application/json" else f"body({media_type})"
    shown = {name if name.startswith("[") else f".{name}" for name in faults}
    assert of(report, path) == {f"{prefix}{name}" for name in shown}


@pytest.mark.parametrize("name", ["id.required", "id.minimum", "name.maxLength"])
def test_a_server_that_looks_at_the_first_line_alone_is_found(tmp_path: Path, name: str) -> None:
    """A good body has two lines, and a fault stands in the last."""
    path, media_type = "/events", "application/x-ndjson"
    contract = contract_of(tmp_path, CONTRACT)
    lax, strict = server(f"{path} {media_type} {name}"), server()

    def answer(asked: Asked) -> tuple[int, Any]:
        first, _, rest = asked.body.partition(b"\n")
        # Only the named rule is forgotten after the first line.
        if not rest or lax(asked)[0] != 200:
            return strict(asked)
        return strict(Asked(asked.method, asked.path, asked.headers, first))

    report = run(contract, Application(answer), include=(f"POST {path}",), **WITH_LEAVE)

    assert of(report, path) == {f"body({media_type}).{name}"}


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/files", "multipart/form-data"),
        ("/events", "application/x-ndjson"),
        ("/orders", "application/xml"),
    ],
)
def test_what_is_none_of_the_media_type_is_a_fault(
    tmp_path: Path, path: str, media_type: str
) -> None:
    """A server that takes what it cannot read shows it."""
    lax = server(f"{path} {media_type} syntax")
    contract = contract_of(tmp_path, CONTRACT)
    report = run(
        contract, Application(lax), allow_writes=True, max_billable=100, include=(f"POST {path}",)
    )

    assert f"body({media_type}).syntax.malformed" in of(report, path)


def test_nothing_is_sent_without_leave(tmp_path: Path) -> None:
    """No reader is given a form, a text, lines, XML or a table that it could take for good."""
    application = Application(lambda asked: (200, None))
    run(contract_of(tmp_path, CONTRACT), application)

    written = [asked for asked in application.asked if asked.method == "POST"]
    assert {asked.path for asked in written} <= {"/both"}
    assert {asked.body for asked in written} <= {b"&"}


FILES = """
paths:
  /pictures:
    post:
      requestBody: {required: true, content: {image/png: {}}}
      responses: {'200': {description: ok}, '400': {description: no}, '415': {description: type}}
  /albums:
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [cover]
              properties: {cover: {type: string, format: binary}, name: {type: string}}
            encoding: {cover: {contentType: image/png}}
      responses: {'200': {description: ok}, '400': {description: no}, '415': {description: type}}
"""


def test_a_file_is_one_of_its_type(tmp_path: Path) -> None:
    """A server that looks into a file sees the smallest one of the type that it asks for."""

    def answer(asked: Asked) -> tuple[int, Any]:
        sent = asked.headers.get("content-type", "").lower()
        wanted = "image/png" if asked.path == "/pictures" else "multipart/form-data"
        if sent.split(";")[0] != wanted or asked.headers.get("content-encoding"):
            return 415, None
        boundary = sent.partition("boundary=")[2].encode()
        typed = b"content-type: image/png" in asked.body.lower() and boundary != b""
        good = wanted == "image/png" or (typed and boundary in asked.body.lower())
        return (200 if good and b"\x89PNG\r\n\x1a\n" in asked.body else 400), None

    report = run(contract_of(tmp_path, FILES), Application(answer), **WITH_LEAVE)

    assert [one for one in report.findings if one.level.at_least(Level.WARNING)] == []
    held = {clause.id for clause in report.clauses if clause.verdict.value == "held"}
    assert {"POST /pictures control", "POST /albums control"} <= held
    assert "POST /albums body(multipart/form-data).cover.encoding" in held


UNWRITABLE = """
paths:
  /packed:
    post:
      requestBody:
        required: true
        content:
          application/msgpack:
            schema: {type: object, required: [a], properties: {a: {type: integer}}}
      responses: {'200': {description: ok}, '400': {description: refused}}
"""


def test_what_cannot_be_written_is_not_guessed(tmp_path: Path) -> None:
    """No JSON is sent under another name; the clauses say so, and count as not seen."""
    application = Application(lambda asked: (400, None))
    report = run(contract_of(tmp_path, UNWRITABLE), application, **WITH_LEAVE)

    assert [asked.path for asked in application.asked if asked.body] == []
    assert [one for one in report.findings if one.level.at_least(Level.WARNING)] == []
    whys = {c.id.partition(") ")[0]: c.why for c in report.clauses if "msgpack" in c.id}
    assert set(whys.values()) == {"the kit cannot write application/msgpack"}
    assert verdicts(report)["body(application/msgpack).a.type"] == "unobserved"


XML = """
paths:
  /texts:
    post:
      requestBody:
        required: true
        content: {application/xml: {schema: {type: string}, example: '<ping at="1">x</ping>'}}
      responses: {'200': {description: ok}, '400': {description: refused}}
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/xml:
            schema: {type: object, properties: {n: {type: integer, maximum: 3}}, xml: {name: a}}
            example: '<a><n>2</n></a>'
      responses: {'200': {description: ok}, '400': {description: refused}}
  /spaces:
    post:
      requestBody:
        required: true
        content:
          application/xml:
            schema: {type: object, properties: {n: {type: integer, maximum: 3}}, xml: {name: a}}
            example: '<s:a xmlns:s="urn:s"><s:n>2</s:n></s:a>'
      responses: {'200': {description: ok}, '400': {description: refused}}
"""


def test_examples_of_documents(tmp_path: Path) -> None:
    """A document is sent as it is written, and taken apart where that changes nothing."""
    application = Application(lambda asked: (200 if asked.body else 400, None))
    report = run(contract_of(tmp_path, XML), application, **WITH_LEAVE)

    first = {path: next(a.body for a in application.asked if a.path == path) for path in PATHS}
    assert first["/texts"] == b'<ping at="1">x</ping>'
    assert first["/spaces"] == b'<s:a xmlns:s="urn:s"><s:n>2</s:n></s:a>'
    assert b"<a><n>2</n></a>" in first["/orders"]
    assert "body(application/xml).n.maximum" in of(report, "/orders")


PATHS = ("/texts", "/orders", "/spaces")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"to": "ab", "weight": "2"}, b"to=ab&weight=2"),
        ({"body": {"to": "ab", "weight": 2}}, b"to=ab&weight=2"),
        ("to=ab&weight=2", b"to=ab&weight=2"),
    ],
    ids=["fields", "body", "text"],
)
def test_an_example_of_a_form(tmp_path: Path, given: Any, sent: bytes) -> None:
    """The caller's example is a form, as its fields or as its text; faults are laid on it."""
    application = Application(server())
    example = {"POST /parcels": given}
    report = run(
        contract_of(tmp_path, CONTRACT),
        application,
        include=("POST /parcels",),
        examples=example,
        **WITH_LEAVE,
    )

    assert next(one.body for one in application.asked) == sent
    assert verdicts(report)[f"body({FORM}).to.minLength"] == "held"


def test_what_is_not_sent_is_not_held(tmp_path: Path) -> None:
    """Where the budget ends before a fault was tried, what was accepted at its edge is no proof."""
    lax = server(*(f"/parcels {FORM} {name}" for name in FAULTS["form"][2]))
    report = run(
        contract_of(tmp_path, CONTRACT),
        Application(lax),
        include=("POST /parcels",),
        allow_writes=True,
        max_billable=6,
    )

    wrong = {f"body({FORM}).{name}" for name in FAULTS["form"][2]}
    assert "held" not in {verdict for name, verdict in verdicts(report).items() if name in wrong}


LEFT_OUT = """
paths:
  /token:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [client]
              properties: {client: {type: string, minLength: 1}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_no_bytes_are_no_body_where_it_may_be_left_out(tmp_path: Path) -> None:
    """A form without any field has no bytes: nobody can tell it from a request without a body."""

    def answer(asked: Asked) -> tuple[int, Any]:
        good = not asked.body or parse_qs(asked.body.decode("latin-1")).get("client")
        return (200 if good else 400), None

    report = run(contract_of(tmp_path, LEFT_OUT), Application(answer), max_examples=5, **WITH_LEAVE)

    clauses = {one.id: one.verdict.value for one in report.clauses}
    invalid = {name for name in clauses if ".required" in name or name.endswith("property.invalid")}
    assert {name for name in invalid if clauses[name] == "broken"} == set()
    assert len(invalid) > 1
