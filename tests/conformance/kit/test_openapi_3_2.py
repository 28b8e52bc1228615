"""What OpenAPI 3.2 added is tried as it travels: whole queries, methods, sequences of items."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from conformance.report.findings import Report, ReportVerdict
from mock_server import create_app
from mock_server.command.running import RunningMock
from mock_server.upstream.deployment import Upstream
from spec import Contract, load
from tests.conformance.kit.applications import Application
from tests.conformance.kit.running import codes, run, verdicts

OF_N = "{type: object, required: [n], properties: {n: {type: integer, maximum: 9}}}"
OF_BOTH = (
    "{type: object, required: [n, m], properties: "
    "{n: {type: integer, maximum: 9}, m: {type: string}}}"
)
ANSWERS = "{'200': {description: ok}, '400': {description: refused}}"


def contract_of(folder: Path, paths: str) -> Contract:
    file = folder / "contract.yaml"
    file.write_text(f"openapi: 3.2.0\ninfo: {{title: T, version: '1'}}\npaths:\n{paths}")
    return load(file)


def with_whole_query(folder: Path, media_type: str, *, required: bool = True) -> Contract:
    must = str(required).lower()
    return contract_of(
        folder,
        f"""\
  /a:
    get:
      parameters:
        - name: all
          in: querystring
          required: {must}
          content: {{{media_type}: {{schema: {OF_BOTH}}}}}
      responses: {ANSWERS}
""",
    )


def read_json(query: str) -> Any:
    try:
        return json.loads(unquote(query))
    except (ValueError, RecursionError):
        return None


def read_form(query: str) -> Any:
    found: dict[str, Any] = {
        name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()
    }
    if re.fullmatch("-?(0|[1-9][0-9]*)", found.get("n", "")):
        found["n"] = int(found["n"])
    return found


def is_good(value: Any) -> bool:
    if not isinstance(value, dict) or type(value.get("n")) is not int:
        return False
    return value["n"] <= 9 and isinstance(value.get("m"), str)


READERS: dict[str, Callable[[str], Any]] = {
    "application/json": read_json,
    "application/x-www-form-urlencoded": read_form,
}


def served(contract: Contract, refuses: Callable[[str], bool]) -> tuple[Application, Report]:
    application = Application(
        lambda asked: (
            (404, None)
            if asked.path != "/a"
            else (405, None)
            if asked.method not in ("GET", "HEAD")
            else (400, None)
            if refuses(asked.query)
            else (200, None)
        ),
        allow="GET, HEAD",
    )
    return application, run(contract, application, max_examples=0)


@pytest.mark.parametrize("media_type", READERS)
@pytest.mark.parametrize("required", [True, False])
def test_a_server_that_reads_a_whole_query(tmp_path: Path, media_type: str, required: bool) -> None:
    """It refuses what the schema forbids, and a missing query where there must be one."""
    contract, read = with_whole_query(tmp_path, media_type, required=required), READERS[media_type]

    def refuses(query: str) -> bool:
        return required if not query else not is_good(read(query))

    application, report = served(contract, refuses)

    assert [(one.title, one.curl) for one in report.findings] == []
    assert report.verdict is ReportVerdict.CONFORMS
    found = verdicts(report)
    tried = {name for name in found if name.startswith("querystring.all.")}
    assert {"querystring.all.n.maximum", "querystring.all.n.required"} <= tried
    assert {found[name] for name in tried} == {"held"}
    assert "http.query" not in found
    sent = {asked.query[: 5 if "urlencoded" in media_type else 6] for asked in application.asked}
    assert {"n=9&m" if media_type.endswith("urlencoded") else "%7B%22"} <= sent


FORGETS: dict[str, Callable[[dict[str, Any], str], bool]] = {
    "querystring.all.required": lambda _value, query: not query,
    "querystring.all.n.maximum": lambda value, _query: value.get("n") in (10, 1009),
    "querystring.all.n.required": lambda value, _query: value.keys() == {"m"},
    "querystring.all.malformed": lambda _value, query: query == "%7B",
}


@pytest.mark.parametrize(
    ("media_type", "clause"),
    [
        (one, clause)
        for one in READERS
        for clause in FORGETS
        if "json" in one or "mal" not in clause
    ],
)
def test_a_server_that_forgets_a_check(tmp_path: Path, media_type: str, clause: str) -> None:
    """Each is found under the name of its clause."""
    contract, read = with_whole_query(tmp_path, media_type), READERS[media_type]
    forgives = FORGETS[clause]

    def refuses(query: str) -> bool:
        value = read(query)
        return not is_good(value) and not forgives(value if isinstance(value, dict) else {}, query)

    _, report = served(contract, refuses)

    assert codes(report) == ["accepted-invalid-parameter"]
    assert [name for name, one in verdicts(report).items() if one == "broken"] == [clause]


METHODS = f"""\
  /a:
    query:
      requestBody: {{required: true, content: {{application/json: {{schema: {OF_N}}}}}}}
      responses: {ANSWERS}
    additionalOperations:
      COPY:
        requestBody: {{required: true, content: {{application/json: {{schema: {OF_N}}}}}}}
        responses: {ANSWERS}
"""


class Watched:
    """The mock of a contract, with a fault: what it is asked is kept."""

    def __init__(self, contract: Contract, forgives: str = "") -> None:
        self.mock, self.forgives = create_app(contract), forgives
        self.asked: list[tuple[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        value = read_json(message["body"].decode("latin-1"))
        self.asked.append((scope["method"], value))
        is_forgiven = scope["method"] == self.forgives and isinstance(value, dict)
        if is_forgiven and value.keys() == {"n"} and value["n"] in (10, 1009):
            message = {**message, "body": b'{"n": 1}'}
            kept = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
            scope = {**scope, "headers": [*kept, (b"content-length", b"8")]}
        waiting = [message]
        await self.mock(scope, lambda: _next(waiting, receive), send)


async def _next(waiting: list[Any], receive: Any) -> Any:
    return waiting.pop() if waiting else await receive()


def test_a_safe_method_is_tried_without_leave(tmp_path: Path) -> None:
    """QUERY asks for no change (OpenAPI 3.2 section 4.8); a method of the author's own may."""
    contract = contract_of(tmp_path, METHODS)
    server = Watched(contract)

    report = run(contract, server, max_examples=0)

    assert codes(report) == []
    assert {method for method, value in server.asked if value == {"n": 0}} == {"QUERY"}


def test_methods_with_leave(tmp_path: Path) -> None:
    """Both are tried like any other; what one of them does not check is found there alone."""
    contract = contract_of(tmp_path, METHODS)

    report = run(contract, Watched(contract, "COPY"), allow_writes=True, max_examples=0)

    assert [(one.code, one.operations) for one in report.findings] == [
        ("accepted-invalid-body", ("COPY /a",))
    ]


def test_a_method_in_small_letters(tmp_path: Path) -> None:
    """It travels as it is written (RFC 9110 section 9.1), also from a mock to its upstream."""
    marks = "x-conformance: {writes: false}"
    operation = f"{{{marks}, responses: {{'204': {{description: made}}}}}}"
    contract = contract_of(tmp_path, f"  /tea: {{additionalOperations: {{brew: {operation}}}}}")
    with (
        RunningMock(create_app(contract)) as real,
        RunningMock(create_app(contract, upstream=Upstream(url=real.url))) as front,
    ):
        report = run(contract, front.url, max_examples=0)

    assert codes(report) == []
    assert verdicts(report)["control"] == "held"


LINES = f"""\
  /lines:
    get:
      responses:
        '200': {{description: ok, content: {{application/jsonl: {{itemSchema: {OF_N}}}}}}}
  /events:
    get:
      responses:
        '200':
          description: ok
          content:
            text/event-stream:
              itemSchema:
                type: object
                required: [event]
                properties: {{id: {{type: string, maxLength: 3}}}}
                oneOf:
                  - properties:
                      event: {{const: added}}
                      data: {{type: string, contentSchema: {OF_N}}}
                  - properties: {{event: {{const: text}}, data: {{type: string}}}}
"""


class Streams:
    """Answers with these bytes, by path."""

    def __init__(self, bodies: dict[str, tuple[bytes, bytes]]) -> None:
        self.bodies = bodies

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            more = (await receive())["more_body"]
        status = 200 if scope["method"] in ("GET", "HEAD") else 405
        kind, body = self.bodies.get(scope["path"], (b"text/plain", b""))
        status = status if body else 404
        headers = [(b"content-type", kind), (b"allow", b"GET, HEAD")]
        body = body if scope["method"] == "GET" else b""
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def streamed(folder: Path, lines: str, events: str) -> list[str]:
    """The clauses that are broken by these two bodies."""
    bodies = {
        "/lines": (b"application/jsonl", lines.encode()),
        "/events": (b"text/event-stream", events.encode()),
    }
    report = run(contract_of(folder, LINES), Streams(bodies), max_examples=0)
    return [one.id for one in report.clauses if one.verdict.value == "broken"]


GOOD = 'event: added\nid: 1\ndata: {"n": 1}\n\nevent: text\ndata: hello\n\n'


def test_right_sequences(tmp_path: Path) -> None:
    """Each line and each event by its schema, the data by that of its alternative."""
    assert streamed(tmp_path, '{"n": 1}\n{"n": 9}\n', GOOD) == []


@pytest.mark.parametrize(
    ("lines", "events", "broken"),
    [
        ('{"n": 1}\n{"n": 10}\n', GOOD, "n.maximum"),
        ('{"n": 1}\n{}\n', GOOD, "n.required"),
        ('{"n": 1}\n', GOOD + 'event: added\nid: 12345\ndata: {"n": 1}\n\n', "id.maxLength"),
        ('{"n": 1}\n', GOOD + 'event: added\nid: 1\ndata: {"n": 10}\n\n', "n.maximum"),
        ('{"n": 1}\n', GOOD + 'event: lost\nid: 1\ndata: {"n": 1}\n\n', "oneOf"),
        ('{"n": 1}\n', GOOD + "event: added\nid: 1\ndata: none\n\n", "type"),
    ],
)
def test_one_wrong_item(tmp_path: Path, lines: str, events: str, broken: str) -> None:
    """The last of several is found as well as the first."""
    found = streamed(tmp_path, lines, events)

    assert any(name.endswith(broken) for name in found)
    assert len({name.split()[1] for name in found}) == 1
