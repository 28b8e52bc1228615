"""A service whose upstream fails now and then: what it did not judge is no evidence against it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from conformance.cases.case import Case, Expect
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Framing, Request, Trouble
from conformance.report.findings import ReportVerdict
from conformance.run.exchanges.kept_connection import kept_answers
from conformance.run.session import outages as outages_module
from conformance.run.session.outages import Outages
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import codes, contract_of, run, verdicts

pytestmark = pytest.mark.slow

CONTRACT = """
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
security: [{key: []}]
paths:
  /drawings:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [model]
              properties: {model: {type: string}, copies: {type: integer}, wide: {type: boolean}}
            example: {model: ink-2}
      responses:
        '200': {description: ok}
        '400': {description: no}
        '401': {description: who}
        '500': {description: failed}
"""
READ = (
    CONTRACT[: CONTRACT.index("    post:")]
    + "    get: {responses: {'200': {description: ok}, '401': {description: who}}}\n"
)


class Drawings(BaseHTTPRequestHandler):
    """The second good request fails, and no other; HTTP is right all the time."""

    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True
    good = 0

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Draw, or fail."""
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = 200 if data.startswith(b'{"model": "ink-2"') else 400
        status = status if self.headers.get("Authorization") == "Bearer t0ken-of-drawings" else 401
        if status == 200:
            type(self).good += 1
            status = 500 if self.good == 3 else 200
        self.send_response(status)
        self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def served(service: type[Drawings] = Drawings) -> Iterator[str]:
    """The service at a free port."""
    Drawings.good = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), service)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_failure_by_chance_is_no_fault_of_a_kept_connection(tmp_path: Path) -> None:
    """The control, the first on the connection, and then the one that fails."""
    contract = contract_of(tmp_path, CONTRACT)

    with served() as url:
        report = run(
            contract,
            url,
            token="t0ken-of-drawings",
            clauses=("POST /drawings steady.kept",),
            max_examples=0,
        )

    assert Drawings.good > 3
    assert [one.code for one in report.findings if one.code == "kept-connection"] == []


class Thirds(Drawings):
    """Each third good request fails."""

    def do_GET(self) -> None:
        """Show the drawings, or fail."""
        good = self.headers.get("Authorization") == "Bearer t0ken-of-drawings"
        Drawings.good += good
        self.send_response(401 if not good else 200 if Drawings.good % 3 else 500)
        self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.mark.parametrize("before", range(3))
def test_what_fails_at_another_place_fails_by_chance(tmp_path: Path, before: int) -> None:
    contract = contract_of(tmp_path, READ)

    with served(Thirds) as url:
        Drawings.good = before
        clauses = ("GET /drawings steady.kept",)
        report = run(contract, url, token="t0ken-of-drawings", clauses=clauses, max_examples=0)

    assert [one.code for one in report.findings if one.code == "kept-connection"] == []


class Aging(Drawings):
    """The drawing is moved once it has been shown a few times."""

    def do_GET(self) -> None:
        """Show the drawing, or where it is now."""
        good = self.headers.get("Authorization") == "Bearer t0ken-of-drawings"
        Drawings.good += good
        self.send_response(401 if not good else 200 if Drawings.good < 5 else 303)
        self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_what_is_past_its_time_accuses_no_connection(tmp_path: Path) -> None:
    """The good request has the same answer on a connection of its own."""
    moved = READ.replace("'401'", "'303': {description: moved}, '401'")

    with served(Aging) as url:
        Drawings.good = 2
        clauses = ("GET /drawings steady.kept",)
        contract = contract_of(tmp_path, moved)
        report = run(contract, url, token="t0ken-of-drawings", clauses=clauses, max_examples=0)

    assert Drawings.good > 5
    assert codes(report) == []


class Tired(Drawings):
    """Each connection has one good answer, and refusals after it."""

    asked = 0

    def do_GET(self) -> None:
        """Show the drawings once."""
        self.asked += 1
        good = self.headers.get("Authorization") == "Bearer t0ken-of-drawings"
        self.send_response(401 if not good else 200 if self.asked == 1 else 404)
        self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_a_connection_that_refuses_later_requests_is_accused(tmp_path: Path) -> None:
    """The one that is asked beside it is new, and not one that was kept."""
    text = READ.replace("'401'", "'404': {description: none}, '401'")
    clauses = ("GET /drawings steady.kept",)

    with served(Tired) as url:
        contract = contract_of(tmp_path, text)
        report = run(contract, url, "t0ken-of-drawings", clauses=clauses, max_examples=0)

    assert codes(report) == ["kept-connection"]


class Curt(Drawings):
    """Each refusal ends its connection, and says so."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """The status, and whether the connection ends."""
        super().send_response(code, message)
        if code != 200:
            self.send_header("Connection", "close")


def test_a_refusal_after_a_success_is_no_refusal_of_the_good_request(tmp_path: Path) -> None:
    """What is sent without a credential comes last, where a refusal ends the connection."""
    with served(Curt) as url:
        Drawings.good = 3
        report = run(
            contract_of(tmp_path, CONTRACT),
            url,
            token="t0ken-of-drawings",
            clauses=("POST /drawings steady.kept",),
            max_examples=0,
        )

    assert codes(report) == []
    assert verdicts(report) == {"steady.kept": "held"}


class Open(Drawings):
    """Nobody has to say who they are."""

    def do_POST(self) -> None:
        """Draw for everybody."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_an_open_door_is_shown_by_what_a_kept_connection_was_asked(tmp_path: Path) -> None:
    """Twice without a credential: that is the evidence and its replay, and nothing more is paid."""
    clauses = ("POST /drawings steady.kept", "POST /drawings security.missing")
    contract, token = contract_of(tmp_path, CONTRACT), "t0ken-of-drawings"

    with served(Open) as url:
        report = run(contract, url, token, clauses=clauses, max_billable=4, max_examples=0)

    found = [(one.code, one.level.value) for one in report.findings if one.level.value != "note"]
    assert found == [("accepted-credential", "error")]


def test_a_kept_connection_costs_a_writer_one_success(tmp_path: Path) -> None:
    """What is refused stands before it and after it, and shows what is left of one answer."""
    contract = contract_of(tmp_path, CONTRACT)

    with served() as url:
        report = run(
            contract,
            url,
            token="t0ken-of-drawings",
            clauses=("POST /drawings steady.kept",),
            max_billable=2,
            max_examples=0,
        )

    assert [one.verdict for one in report.clauses if one.id.endswith("steady.kept")] == [
        Verdict.HELD
    ]


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((401, 200, 401), Verdict.HELD),
        ((401, 401, 401), Verdict.BROKEN),
        ((401, 200, 200), Verdict.BROKEN),
        ((401, 0, 0), Verdict.INCONCLUSIVE),
        ((401, 200, 401, 200), Verdict.HELD),
        ((401, 200, 200, 200), Verdict.BROKEN),
        ((401, 200, 401, 500), Verdict.BROKEN),
        ((401, 200, 401, 0), Verdict.HELD),
        ((200, 401, 200), Verdict.HELD),
        ((200, 0, 0), Verdict.BROKEN),
    ],
)
def test_what_is_left_of_an_answer_shows_in_the_next(
    statuses: tuple[int, ...], verdict: Verdict
) -> None:
    """The good request between two that are refused, or a refused one between two good ones."""
    case = Case(
        operation="POST /drawings",
        clauses=("POST /drawings steady.kept",),
        family=ClauseKind.STEADINESS,
        label="the good request on a persistent connection",
        request=Request(method="POST", target="/drawings"),
        expect=Expect.ACCEPTED,
    )
    answers = [Answer(status=status, body=b"%d" % n) for n, status in enumerate(statuses)]

    assert kept_answers(case, answers).verdict == verdict


def test_refusals_with_another_status_show_that_the_body_is_checked(tmp_path: Path) -> None:
    """Two properties are converted: the others are refused with 422, and the body is checked."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if (asked.method, asked.path) != ("POST", "/drawings"):
            return 404, None
        if asked.headers.get("authorization") != "Bearer t0ken-of-drawings":
            return 401, None
        try:
            body = json.loads(asked.body)
        except ValueError:
            return 422, None
        good = isinstance(body, dict) and isinstance(body.get("model"), str)
        return (200 if good else 422), None

    contract = contract_of(tmp_path, CONTRACT)
    report = run(contract, Application(answer), token="t0ken-of-drawings", max_examples=0)

    titles = {one.title for one in report.findings if one.code == "accepted-invalid-body"}
    assert titles == {
        "POST /drawings: copies: type is not checked",
        "POST /drawings: wide: type is not checked",
    }


def test_what_fails_once_is_sent_again_before_it_is_taken_apart(tmp_path: Path) -> None:
    """Its halves would be accepted, each for a success; the failure is told all the same."""
    failed = list[bytes]()

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json if isinstance(asked.json, dict) else {}
        if not isinstance(body.get("model"), str) or asked.path != "/drawings":
            return 400, None
        if "unknownProperty" in body and not failed:
            failed.append(asked.body)
            return 500, None
        return 200, None

    target = Application(answer)
    contract = contract_of(tmp_path, CONTRACT.replace("security: [{key: []}]", ""))
    report = run(contract, target, families=frozenset({ClauseKind.EDGES}))

    after = [one.body for one in target.asked if b"unknownProperty" in one.body]
    assert after[:2] == failed * 2
    assert len(after) == 2
    assert [(one.code.value, one.level.value) for one in report.findings] == [
        ("server-error", "warning")
    ]


def test_what_a_failure_by_chance_hides_shows_at_the_second_attempt(tmp_path: Path) -> None:
    """The request without a model fails when it is first sent, and is accepted then."""
    failed = list[Any]()

    def answer(asked: Asked) -> tuple[int, Any]:
        if (asked.method, asked.path) != ("POST", "/drawings"):
            return 404, None
        if asked.headers.get("authorization") != "Bearer t0ken-of-drawings":
            return 401, None
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("model", ""), str):
            return 400, None
        if "model" not in body and not failed:
            failed.append(body)
            return 500, None
        return 200, None

    report = run(
        contract_of(tmp_path, CONTRACT),
        Application(answer),
        token="t0ken-of-drawings",
        max_examples=0,
    )

    found = {(one.code, place.clause) for one in report.findings for place in one.places}
    assert ("accepted-invalid-body", "POST /drawings body.model.required") in found
    assert ("server-error", "POST /drawings steady.repeated") in found


class Rooms(Drawings):
    """A connection is logged in for good by the first good credential on it."""

    def do_GET(self) -> None:
        """Show the drawings to who is logged in."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        good = (scheme.lower(), token) == ("bearer", "t0ken-of-drawings")
        self.known = getattr(self, "known", False) or good
        self.send_response(200 if self.known else 401)
        self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_a_connection_that_is_logged_in_accepts_no_bad_credential_elsewhere(tmp_path: Path) -> None:
    """Each of them is refused on a connection of its own."""
    families = frozenset({ClauseKind.CONTROL, ClauseKind.CREDENTIALS, ClauseKind.STEADINESS})

    with served(Rooms) as url:
        report = run(contract_of(tmp_path, READ), url, "t0ken-of-drawings", families=families)

    places = [(one.code, place.clause) for one in report.findings for place in one.places]
    assert places == [("kept-connection", "GET /drawings steady.kept")]


class Once(Rooms):
    """Each connection is closed after its first answer, and no answer says so."""

    def do_GET(self) -> None:
        """Show the drawings, and hang up."""
        super().do_GET()
        self.close_connection = True


def test_a_close_that_was_not_announced_is_a_warning(tmp_path: Path) -> None:
    """RFC 9112 section 9.3 wants it announced, and no contract does."""
    clauses = ("GET /drawings steady.kept",)

    with served(Once) as url:
        report = run(contract_of(tmp_path, READ), url, "t0ken-of-drawings", clauses=clauses)

    assert [(one.code, one.level.value) for one in report.findings] == [
        ("kept-connection", "warning")
    ]


@pytest.mark.parametrize(("status", "busy"), [(503, range(30, 42)), (429, range(30, 42))])
def test_a_server_that_is_busy_for_a_while_accuses_no_value(
    tmp_path: Path, status: int, busy: range
) -> None:
    """It says so of whatever is sent, several times over; that it failed is told, and no more."""
    asked_at = 0

    def answer(asked: Asked) -> tuple[int, Any]:
        nonlocal asked_at
        asked_at += 1
        if asked_at in busy:
            return status, None
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("model"), str):
            return 400, None
        kinds = type(body.get("copies", 1)), type(body.get("wide", True))
        return (200 if kinds == (int, bool) else 400), None

    families = frozenset({ClauseKind.BODY, ClauseKind.EDGES})
    contract = contract_of(tmp_path, CONTRACT.replace("security: [{key: []}]", ""))
    report = run(contract, Application(answer), by_clock=True, families=families)

    wrong = [(place.clause, place.level.value) for one in report.findings for place in one.places]
    assert {(one.rpartition(" ")[2], level) for one, level in wrong} <= {
        ("steady.repeated", "warning"),
        ("status.no-failure", "warning"),
    }


def test_a_value_that_a_server_fails_at_is_told_whatever_the_status(tmp_path: Path) -> None:
    """The good request is accepted all the time: 503 is about the value then."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("model"), str):
            return 400, None
        return (503 if body.get("wide") is False else 200), None

    families = frozenset({ClauseKind.EDGES})
    contract = contract_of(tmp_path, CONTRACT.replace("security: [{key: []}]", ""))
    report = run(contract, Application(answer), by_clock=True, families=families)

    failures = [one for one in report.findings if one.code == "server-error"]
    assert {"POST /drawings body.wide.type"} <= {
        place.clause for one in failures for place in one.places
    }


ASKED, GONE = Request(method="GET", target="/"), Answer(trouble=Trouble.UNREACHABLE)
CREATED = replace(ASKED, method="POST")


@pytest.mark.parametrize(
    ("request_", "before", "later", "pauses"),
    [
        (ASKED, Answer(status=200), [GONE, GONE, Answer(status=503)], [0.0, 0.5, 1.0]),
        (ASKED, Answer(status=200), [GONE] * 9, [0.0, 0.5, 1.0, 2.0, 4.0]),
        (CREATED, Answer(status=201), [GONE, Answer(status=405)], [0.0, 0.5]),
        (ASKED, GONE, [GONE], []),
        (replace(ASKED, framing=Framing.SHORT), Answer(status=200), [GONE], []),
    ],
    ids=[
        "restarts",
        "is gone",
        "has only been written to",
        "was never there",
        "drops what is malformed",
    ],
)
def test_a_deployment_that_restarts_is_waited_for(
    request_: Request, before: Answer, later: list[Answer], pauses: list[float]
) -> None:
    """Nothing else is sent until it answers again; one of several that were not answered asks."""
    waited = list[float]()

    async def ask(_operation: str, request: Request) -> Answer:
        assert request.method == ("OPTIONS" if request_ is CREATED else "GET")
        await asyncio.sleep(0)
        outages.note("GET /", request, answer := later.pop(0))
        return answer

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    outages = Outages(ask, pause)

    async def fail() -> None:
        outages.note("GET /", request_, before)
        await asyncio.gather(*(outages.after("GET /", request_, GONE) for _ in range(3)))

    asyncio.run(fail())

    assert waited == pauses
    assert outages.gone == (len(pauses) == 5)


class Leaving(Drawings):
    """It ends for good at its third request."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        """Show the drawings, as long as it is there."""
        Drawings.good += 1
        if Drawings.good < 3:
            self.send_response(200)
            self.end_headers()
            return
        self.server.shutdown()
        self.server.server_close()
        self.close_connection = True


def test_a_deployment_that_is_gone_ends_the_run_and_is_accused_of_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages_module, "_PAUSES", (0.0, 0.0))
    one = "{get: {responses: {'200': {description: ok}}}}"
    contract = contract_of(tmp_path, f"paths: {{/drawings: {one}, /papers: {one}}}")

    with served(Leaving) as url:
        report = run(contract, url, max_examples=0)

    assert report.verdict is ReportVerdict.UNDECIDED
    assert report.findings == ()
    assert re.match(
        r"undecided: nothing has answered since request \d+ \(GET /drawings\): 2 of 2 operations",
        report.remarks[0],
    )
