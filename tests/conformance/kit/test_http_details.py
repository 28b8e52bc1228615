"""What HTTP says of one address: its validators, its spellings, its Allow, bodies nobody asked for.

A server with one fault shows that fault alone; correct servers that look odd show nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.report.findings import Report
from tests.conformance.kit.applications import Application, Asked, Message
from tests.conformance.kit.running import contract_of, run, verdicts
from tests.conformance.kit.targets import speaking

pytestmark = pytest.mark.slow

CONTRACT = """
paths:
  /shop/notes/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 7}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object}}}}
        '400': {description: no}
        '404': {description: none}
"""
TAG, DATE = 'W/"7-a,b"', "Sun, 06 Nov 1994 08:49:37 GMT"
Headers = dict[str, str]
Reply = tuple[int, Headers, bytes]
JSON = {"content-type": "application/json"}


LENIENT: dict[str, Callable[[str], str]] = {
    "case": str.lower,
    "slash": lambda path: path.rstrip("/"),
    "twice": lambda path: path.replace("//", "/"),
}


class Notes:
    """One note, correct but for what is named in `faults`; `path` is as it was sent."""

    def __init__(self, *faults: str) -> None:
        self.faults, self.count = faults, 0

    def reply(self, method: str, path: str, headers: Headers, body: bytes) -> Reply:
        """The answer to one request."""
        self.count += 1
        head, slash, last = path.partition("?")[0].rpartition("/")
        known = self.known(f"{head}{slash}{unquote(last).replace('/', '?')}")
        if known is not None:
            return known
        if method not in ("GET", "HEAD"):
            return 405, {"allow": "HEAD" if "allow" in self.faults else "GET"}, b""
        if body and "body-crashes" in self.faults:
            return 500, {}, b""
        if "now-and-then" in self.faults and self.count % 6 == 0:
            return 500, {}, b""
        return self.note(headers)

    def known(self, path: str) -> Reply | None:
        """What is answered where there is no note."""
        for fault, way in LENIENT.items():
            path = way(path) if fault in self.faults else path
        if path == "/shop/notes/" and "empty-crashes" in self.faults:
            return 500, {}, b""
        if path == "/shop/notes/" and "list" in self.faults:
            return 200, JSON, b"[]"
        if path.endswith("/") and "redirects" in self.faults:
            return 308, {"location": path.rstrip("/")}, b""
        head, _, last = path.rpartition("/")
        if head == "/shop/notes" and last.lstrip("-").isdigit():
            return None
        if "page" in self.faults and head != "/shop/notes":
            return 200, {"content-type": "text/html"}, b"<p>a page for every path"
        return (400 if head == "/shop/notes" and last else 404), {}, b""

    def note(self, headers: Headers) -> Reply:
        own = {"etag": TAG, "last-modified": DATE}
        if "only-date" in self.faults or "ignores-date" in self.faults:
            own = {"last-modified": DATE}
        if "plain-tag" in self.faults:
            own = {"etag": "7-a"}
        if "plain-date" in self.faults:
            own = {"last-modified": "1994-11-06"}
        if "changes" in self.faults:
            own = {"etag": f'"{self.count}"'}
        if self.is_known(headers, own):
            if "precondition" in self.faults:
                return 412, {}, b""
            kept = {} if "forgets-tag" in self.faults else own
            return 304, kept, b""
        return 200, JSON | own, b"[]" if "wrong-body" in self.faults else b"{}"

    def is_known(self, headers: Headers, own: Headers) -> bool:
        asked, since = headers.get("if-none-match"), headers.get("if-modified-since")
        if "date-first" in self.faults and since == DATE:
            return True
        if asked is not None:
            whole = "whole" in self.faults
            found = asked == own.get("etag") if whole else own.get("etag", "?") in asked
            return ("always" in self.faults) or (found and "ignores-tag" not in self.faults)
        return since is not None and since == own.get("last-modified") and (
            "ignores-date" not in self.faults
        )  # fmt: skip

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["raw_path"].decode()
        status, sent, content = self.reply(scope["method"], path, headers, body)
        pairs = [(name.encode(), value.encode()) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})


def told(report: Report) -> set[tuple[str, str, str]]:
    """Code, level and clause of every place."""
    return {
        (one.code.value, place.level.value, place.clause.split(" ", 2)[2])
        for one in report.findings
        for place in one.places
    }


@pytest.mark.parametrize(
    "odd",
    [(), ("only-date",), ("changes",), ("redirects",), ("page",), ("list",), ("list", "redirects")],
    ids=" ".join,
)
def test_what_is_correct_but_odd(tmp_path: Path, odd: tuple[str, ...]) -> None:
    """Nothing is told of a weak tag, of one that changes, of a page or a list at other paths."""
    report = run(contract_of(tmp_path, CONTRACT), Notes(*odd), max_examples=0)

    assert told(report) == set()
    seen = verdicts(report)
    assert (seen["http.path"], seen["http.body"]) == ("held", "held")
    assert seen["http.validators"] == ("inconclusive" if "changes" in odd else "held")


VALIDATORS, PATH = "http.validators", "http.path"
FAULTS = {
    "ignores-tag": ("ignored-validator", "warning", VALIDATORS),
    "whole": ("ignored-validator", "warning", VALIDATORS),
    "precondition": ("ignored-validator", "warning", VALIDATORS),
    "ignores-date": ("ignored-validator", "note", VALIDATORS),
    "always": ("false-not-modified", "warning", VALIDATORS),
    "date-first": ("false-not-modified", "warning", VALIDATORS),
    "forgets-tag": ("false-not-modified", "warning", VALIDATORS),
    "plain-tag": ("false-validator", "warning", VALIDATORS),
    "plain-date": ("false-validator", "warning", VALIDATORS),
    "case": ("path-spelling", "note", PATH),
    "slash": ("path-spelling", "note", PATH),
    "twice": ("path-spelling", "note", PATH),
    "empty-crashes": ("server-error", "error", PATH),
    "allow": ("false-allow", "warning", "methods.allow"),
    "body-crashes": ("server-error", "error", "http.body"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_with_one_fault(tmp_path: Path, fault: str) -> None:
    """That fault is told, at its clause and its level, and no other."""
    report = run(contract_of(tmp_path, CONTRACT), Notes(fault), max_examples=0)

    consequences = {one for one in told(report) if one[2] == "status.no-failure"}
    assert told(report) - consequences == {FAULTS[fault]}


@pytest.mark.parametrize("beside", ["wrong-body", "now-and-then"])
def test_what_else_is_wrong_hides_no_ignored_validator(tmp_path: Path, beside: str) -> None:
    """An answer with a wrong body, or the one after a failure, speaks of the condition as well."""
    server = Notes(beside, "ignores-tag")
    report = run(contract_of(tmp_path, CONTRACT), server, max_examples=0)

    assert FAULTS["ignores-tag"] in told(report)


def test_without_a_validator_nothing_could_show_it(tmp_path: Path) -> None:
    """The ledger says why."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200, {}) if asked.path == "/shop/notes/7" else (404, None)

    report = run(contract_of(tmp_path, CONTRACT), Application(answer), max_examples=0)

    (why,) = [one.why for one in report.clauses if one.id.endswith("http.validators")]
    assert "neither" not in why
    assert "ETag" in why


def test_a_304_to_a_tag_that_was_never_issued_is_wrong_without_any_tag(tmp_path: Path) -> None:
    """A server that gives out no validators cannot know that nothing has changed."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/shop/notes/7":
            return 404, None
        return (304, None) if "if-none-match" in asked.headers else (200, {})

    report = run(contract_of(tmp_path, CONTRACT), Application(answer), max_examples=0)

    assert ("false-not-modified", "warning", VALIDATORS) in told(report)


# ------------------------------------------------------------------- on a socket


def http(reads: bool, fault: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]:
    """A server that keeps connections; `reads` tells whether it reads the body of a GET."""
    notes, chances = Notes(), ["once"] if fault == "chance" else []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = b""
        while True:
            before = body
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *rest = head.rstrip().split("\r\n")
            headers = {n.strip().lower(): v.strip() for n, _, v in (x.partition(":") for x in rest)}
            method, target, _ = line.split(" ", 2)
            body = b""
            if reads or method not in ("GET", "{"):
                body = await reader.readexactly(int(headers.get("content-length", "0") or 0))
            status, sent, content = notes.reply(method, target, headers, body)
            if before and not body and chances:
                chances.clear()
                status, content = 500, b""
            if status == 304 and fault == "content":
                content = b'{"kept": "whole"}'
            sent = sent | ({} if status == 304 else {"content-length": str(len(content))})
            lines = [f"HTTP/1.1 {status} OK", *(f"{n}: {v}" for n, v in sent.items())]
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
            await writer.drain()
            writer.write(b"" if method == "HEAD" else content)
            await writer.drain()
            if headers.get("connection") == "close":
                return

    return talk


@pytest.mark.parametrize(
    ("reads", "fault", "found"),
    [
        (True, "", set()),
        (True, "chance", set()),
        (False, "", {("kept-connection", "warning", "http.body")}),
        (True, "content", {("false-length", "error", "answer.framing")}),
    ],
)
def test_what_is_left_on_a_connection(
    tmp_path: Path, reads: bool, fault: str, found: set[tuple[str, str, str]]
) -> None:
    """A body that is not read, and one that a 304 must not have, spoil the next exchange.

    What fails after a body by chance does not fail again.
    """
    with speaking(http(reads, fault)) as url:
        report = run(
            contract_of(tmp_path, CONTRACT),
            url,
            max_examples=0,
            families=frozenset({ClauseKind.CONTROL, ClauseKind.WIRE}),
        )

    assert told(report) == found


# ------------------------------------------------------------------- what may write

WRITES = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
paths:
  /shop/orders:
    get: {responses: {'200': {description: ok}}}
    post:
      security: [{key: []}]
      x-conformance: {writes: WRITES}
      requestBody: &body
        required: true
        content:
          application/json:
            schema: {type: object, required: [item], properties: {item: {type: string}}}
            example: {item: lamp}
      responses: &refused
        '200': {description: ok}
        '400': {description: no}
        '401': {description: who}
        '415': {description: type}
  /shop/orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 1}]
    get: {responses: {'200': {description: ok}, '404': {description: none}}}
    put:
      security: [{key: []}]
      requestBody: *body
      responses: *refused
    delete:
      security: [{key: []}]
      responses: {'204': {description: gone}, '401': {description: who}, '404': {description: none}}
"""


def lenient(written: list[str]) -> Callable[[Asked], tuple[int, Any]]:
    """It takes every spelling of its paths, an empty id for all, and asks nobody who he is."""

    def answer(asked: Asked) -> tuple[int, Any]:
        parts = [part for part in asked.path.lower().split("/") if part]
        every = len(parts) == 2 and asked.method == "DELETE"
        if parts[:2] != ["shop", "orders"] or (len(parts) == 3 and len(parts[2]) > 3):
            return 404, None
        if asked.method in ("GET", "HEAD"):
            return 200, {}
        if every or asked.method == "DELETE" or isinstance(asked.json, dict):
            written.append(f"{asked.method} {asked.path}")
            return 200, {}
        return 400, None

    return answer


@pytest.mark.parametrize("token", ["", "a-token-of-the-shop"])
def test_nothing_is_written_at_other_spellings(tmp_path: Path, token: str) -> None:
    """Without leave the server's own state is what it was, whatever it takes for its paths."""
    written = list[str]()
    application = Application(lenient(written))

    run(contract_of(tmp_path, WRITES.replace("WRITES", "true")), application, token)

    assert written == []
    assert max(len(asked.body) for asked in application.asked) < 100


# ------------------------------------------------------------------- credential and body


@pytest.mark.parametrize("writes", ["true", "false"])
@pytest.mark.parametrize("first", ["credential", "body", "reader"])
def test_which_is_looked_at_first(tmp_path: Path, first: str, writes: str) -> None:
    """A note, with leave to write and without; 401 to a bad body is right.

    A reader of JSON may come before the credential, and a validator after it.
    """

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/shop/orders":
            return 404, None
        if asked.method != "POST":
            return (200, {}) if asked.method in ("GET", "HEAD") else (405, None)
        kind = asked.headers.get("content-type", "").lower().replace('"', "").replace(" ", "")
        good = isinstance(asked.json, dict) and isinstance(asked.json.get("item"), str)
        good = good and not any(word in asked.body for word in (b"NaN", b"Infinity"))
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        known = (scheme.lower(), token) == ("bearer", "key-of-the-shop")
        status = 400 if not good else 401
        if kind not in ("application/json", "application/json;charset=utf-8"):
            status = 415
        elif first == "credential" or (first == "reader" and asked.json is not None):
            status = 400 if known else 401
        elif known:
            status = 400
        coded = "content-encoding" in asked.headers
        return (200, {}) if known and good and status == 400 and not coded else (status, None)

    report = run(
        contract_of(tmp_path, WRITES.replace("WRITES", writes)),
        Application(answer, "GET, POST"),
        "key-of-the-shop",
        include=("POST /shop/orders",),
        max_examples=0,
    )

    note = ("body-before-credential", "note", "security.order")
    assert (note in told(report)) == (first != "credential")
    assert {level for _, level, _ in told(report)} <= {"note"}


PARAMETERS = """
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
security: [{key: []}]
paths:
  /pages:
    get:
      parameters: [{name: page, in: query, schema: SCHEMA}]
      responses: {'200': {description: ok}, '400': {description: no}, '401': {description: who}}
"""


@pytest.mark.parametrize(
    ("schema", "first", "verdict"),
    [
        ("{type: integer}", "credential", "held"),
        ("{type: integer}", "page", "broken"),
        ("{type: string}", "credential", None),
    ],
)
def test_parameters_are_looked_at_after_the_credential(
    tmp_path: Path, schema: str, first: str, verdict: str | None
) -> None:
    """A note where there is no body either; what cannot be wrong has no such order."""

    def answer(asked: Asked) -> tuple[int, Any]:
        page = dict(parse_qsl(asked.query, keep_blank_values=True)).get("page")
        bad = "integer" in schema and page is not None and not page.isdigit()
        steps = [(asked.headers.get("x-key") != "key-of-the-shop", 401), (bad, 400)]
        steps = steps if first == "credential" else steps[::-1]
        return next((status for wrong, status in steps if wrong), 200), None

    contract = contract_of(tmp_path, PARAMETERS.replace("SCHEMA", schema))
    report = run(contract, Application(answer, "GET, HEAD"), "key-of-the-shop")

    note = ("body-before-credential", "note", "security.order")
    assert verdicts(report).get("security.order") == verdict
    assert (note in told(report)) == (verdict == "broken")


# ------------------------------------------------------------------- sizes

SIZES = """
paths:
  /a: &path
    post:
      x-conformance: {writes: false}
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: ok}, '400': {description: no}}
  /b: *path
"""


def sized(most: int, status: int) -> Callable[[Asked], tuple[int, Any]]:
    """Beyond so many bytes it answers with this status."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (status, None) if len(asked.body) > most else (200, {})

    return answer


@pytest.mark.parametrize(
    ("most", "status", "broken"),
    [
        (10**8, 413, False),
        (1_048_576, 413, False),
        (102_400, 413, False),
        (1_048_576, 500, True),
        (102_400, 500, True),
        (50_000, 400, False),
    ],
)
def test_each_size_is_sent_once(tmp_path: Path, most: int, status: int, broken: bool) -> None:
    """413 is right and 500 is not; ten megabytes are sent once in a run, and what is told twice."""
    application = Application(sized(most, status))

    report = run(
        contract_of(tmp_path, SIZES),
        application,
        max_examples=0,
        families=frozenset({ClauseKind.CONTROL, ClauseKind.SYNTAX}),
    )

    large = [len(asked.body) for asked in application.asked if len(asked.body) > 100_000]
    assert len([size for size in large if size > 10**7]) <= 1 + broken
    assert len([size for size in large if 10**6 < size < 10**7]) <= 2 * (1 + broken)
    limits = {one for one in told(report) if one[2] == "body.syntax.limits"}
    assert limits == ({("server-error", "error", "body.syntax.limits")} if broken else set())


def test_sizes_are_tried_at_the_default_budget(tmp_path: Path) -> None:
    """Values at the limits, which are bisected, leave a success for them."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if len(asked.body) > 600_000:
            return 500, None
        kind = asked.headers.get("content-type", "").partition(";")[0]
        try:
            # Python reads neither integers of 5,000 digits nor a thousand levels.
            value = json.loads(asked.body) if kind == "application/json" else None
        except (ValueError, RecursionError):
            value = None
        good = isinstance(value, dict) and isinstance(value.get("note", ""), str)
        return (200, {}) if good else (400, None)

    body = "{type: object, properties: {note: {type: string}}}"
    contract = SIZES.replace("{type: object}", body).replace("  /b: *path\n", "")
    report = run(contract_of(tmp_path, contract), Application(answer, "POST"), max_examples=0)

    assert ("server-error", "error", "body.syntax.limits") in told(report)


def test_sizes_are_tried_where_nothing_is_checked(tmp_path: Path) -> None:
    """Faults that are let in leave no success at the end: the first operation has them before."""
    body = "{type: object, properties: {a: {type: string}, b: {type: integer}, c: {type: boolean}}}"
    text = SIZES.replace("{type: object}", body)

    report = run(
        contract_of(tmp_path, text), Application(sized(102_400, 500), "POST"), max_examples=0
    )

    assert ("server-error", "error", "body.syntax.limits") in told(report)


def test_a_large_body_costs_one_success(tmp_path: Path) -> None:
    """The largest that is accepted speaks for the smaller ones."""
    application = Application(sized(10**8, 413))

    run(
        contract_of(tmp_path, SIZES.replace("  /b: *path\n", "")),
        application,
        max_examples=0,
        families=frozenset({ClauseKind.CONTROL, ClauseKind.SYNTAX}),
    )

    large = [asked for asked in application.asked if len(asked.body) > 100_000]
    assert len(large) == 1
    assert isinstance(json.loads(large[0].body), dict)


WRITING = """
paths:
  /shop/notes:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: made}, '400': {description: no}}
"""


async def to_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that takes what has come for the whole body, when nothing more does."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    _, _, length = head.partition("content-length: ")
    number = length.partition("\r")[0]
    body = b"" if not number.isdigit() else await reader.read(1)
    while number.isdigit() and len(body) < int(number) and (more := await reader.read(4096)):
        body += more
    status = "201 Made" if body[:1] == b"{" else "400 No"
    writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())
    await writer.drain()


def test_framing_is_no_promise_of_the_contract(tmp_path: Path) -> None:
    """A body that ends too early is against RFC 9112, of which the contract says nothing."""
    with speaking(to_the_end) as url:
        report = run(
            contract_of(tmp_path, WRITING),
            url,
            max_examples=0,
            allow_writes=True,
            families=frozenset({ClauseKind.CONTROL, ClauseKind.WIRE}),
        )

    found = [one for one in told(report) if one[2] == "http.framing"]
    assert found == [("accepted-malformed-body", "warning", "http.framing")]


def test_a_range_of_a_documented_type_is_asked_for(tmp_path: Path) -> None:
    """`application/*` has `application/json` in it (RFC 9110 section 12.5.1)."""

    def answer(asked: Asked) -> tuple[int, Any]:
        known = asked.headers.get("accept", "*/*")
        plain = "*/*" in known or "application/json" in known
        if asked.path != "/shop/notes/7":
            return 404, None
        return (200, {}) if plain else (406, None)

    report = run(contract_of(tmp_path, CONTRACT), Application(answer), max_examples=0)

    assert ("false-negotiation", "error", "accept.range") in told(report)


# ------------------------------------------------------------------- who is not let in

SECURED = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
paths:
  /shop/orders:
    post:
      security: [{key: []}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [item], properties: {item: {type: string}}}
            example: {item: lamp}
      responses:
        '200': {description: ok}
        '400': {description: no}
        '401': {description: who}
        '415': {description: type}
"""
OF_HTTP = ("http.headers", "http.conditional", "http.escapes", "methods.undeclared")


def crashing(crashes: Callable[[Asked], bool], beside: str) -> Callable[[Asked], tuple[int, Any]]:
    """Orders of a shop that fails where it looks for the caller; `beside` is one more fault."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/shop/orders":
            return 404, None
        if crashes(asked) or beside in asked.query or beside in asked.headers:
            return 500, None
        if asked.headers.get("authorization") != "Bearer of-the-shop":
            return 401, None
        if asked.method != "POST":
            return 405, None
        good = isinstance(asked.json, dict) and isinstance(asked.json.get("item"), str)
        return (200, {}) if good else (400, None)

    return answer


def nobody(asked: Asked) -> bool:
    """Who does not say who he is."""
    return "authorization" not in asked.headers


def stranger(asked: Asked) -> bool:
    """Who is not known."""
    return asked.headers.get("authorization") != "Bearer of-the-shop"


@pytest.mark.parametrize("leave", [True, False])
@pytest.mark.parametrize(
    ("crashes", "beside", "broken"),
    [
        (nobody, "no-such", set()),
        (nobody, "if-match", {"http.conditional"}),
        (nobody, "%ZZ", {"http.escapes"}),
        (stranger, "no-such", set()),
    ],
)
def test_who_fails_for_want_of_a_credential_is_not_asked_about_http_without_one(
    tmp_path: Path, crashes: Callable[[Asked], bool], beside: str, broken: set[str], leave: bool
) -> None:
    """The failure is told of the credential; what is odd is laid on a request that is refused."""
    application = Application(crashing(crashes, beside), allow="POST")
    contract = contract_of(tmp_path, SECURED)
    report = run(contract, application, "of-the-shop", max_examples=0, allow_writes=leave)

    seen = verdicts(report)
    assert seen["security.missing"] == "broken"
    of_http = {name: seen[name] for name in OF_HTTP}
    assert {name for name, verdict in of_http.items() if verdict == "broken"} == (
        broken if leave else set()
    )
    if crashes is stranger and not leave:
        assert "unobserved" in of_http.values()


HOSTED = """
paths:
  /x: {get: {responses: {'204': {description: ok}}}}
"""


@pytest.mark.parametrize("by_socket", [False, True], ids=["application", "socket"])
def test_a_host_that_is_given_takes_the_place_of_the_address(
    tmp_path: Path, *, by_socket: bool
) -> None:
    """A server of several names is asked for one of them at its address, by each way to send."""
    seen = set[str]()

    def answer(asked: Asked) -> tuple[int, None]:
        seen.add(asked.headers["host"])
        return (204 if asked.method in ("GET", "HEAD") else 405), None

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        hosts = [line.partition(": ")[2] for line in lines if line.lower().startswith("host:")]
        seen.update(hosts or ["none"], {"several"} if len(hosts) > 1 else ())
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    contract, given = contract_of(tmp_path, HOSTED), (("Host", "shop.example"),)
    with speaking(talk) as url:
        target = url if by_socket else Application(answer, allow="GET")
        report = run(contract, target, max_examples=0, headers=given)

    assert verdicts(report)["control"] == "held"
    assert seen == {"shop.example"}


RAW = """
paths:
  /keys/{provider}:
    get:
      parameters:
        - {name: provider, in: path, required: true, schema: {type: string, enum: [openrouter]}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_a_path_that_is_compared_undecoded_is_told_as_that(tmp_path: Path) -> None:
    """The title names what was refused: the listed value as it stands is accepted."""

    async def application(scope: Message, receive: Any, send: Any) -> None:
        good = scope["raw_path"] == b"/keys/openrouter"
        answering = Application(
            lambda asked: (405 if asked.method != "GET" else (400, 200)[good], None)
        )
        await answering(scope, receive, send)

    report = run(contract_of(tmp_path, RAW), application)

    [title] = [one.title for one in report.findings if one.code == "refused-valid"]
    told = "a percent-encoded letter in path parameter provider is refused (400)"
    assert title == f"GET /keys/{{provider}}: {told}"
