"""A run: kind to the deployment, the same each time, and true about what it did not see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

import conformance
from conformance.cases.body_cases import body_cases
from conformance.clauses.kinds import ClauseKind
from conformance.commands.running.progress import expectation
from conformance.http.credentials import CredentialError, Credentials
from conformance.http.methods import INVENTED
from conformance.http.target import Target
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import ReportVerdict
from conformance.report.formats.json_report import as_json
from conformance.run.session.run_options import RunOptions
from conformance.run.turns import faulty_requests
from conformance.run.turns.operation_run import OperationRun
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import codes, contract_of, run, verdicts

pytestmark = pytest.mark.slow

THINGS = """
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
paths:
  /things:
    post:
      tags: [Client]
      security: [{bearer: []}]
      x-conformance: {writes: WRITES}
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
            example: {name: a thing}
      responses:
        '200': {description: well, content: {application/json: {schema: {type: object}}}}
        '400': {description: no}
        '401': {description: who}
"""
HARMLESS, WRITING = THINGS.replace("WRITES", "false"), THINGS.replace("WRITES", "true")
TOKEN = "the-secret-token"


def correct(asked: Asked) -> tuple[int, Any]:
    """What the contract promises."""
    if asked.path != "/things":
        return 404, None
    if asked.method != "POST":
        return 405, None
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token != TOKEN:
        return 401, None
    media_type, _, charset = asked.headers.get("content-type", "").lower().partition(";")
    if media_type != "application/json" or charset.split("=")[-1].strip(' "') not in ("", "utf-8"):
        return 415, None
    if "content-encoding" in asked.headers:
        return 415, None
    name = asked.json.get("name") if isinstance(asked.json, dict) else None
    strict = b"NaN" not in asked.body and b"Infinity" not in asked.body
    told = name.encode("utf-8", "replace").decode() if isinstance(name, str) else None
    return (200, {"name": told}) if isinstance(name, str) and strict else (400, None)


def lax(asked: Asked) -> tuple[int, Any]:
    """It accepts whatever it is sent."""
    return 200, {}


def test_a_correct_application_conforms(tmp_path: Path) -> None:
    """Nothing is found, and what was held is said."""
    given = Credentials(token=TOKEN, expired="a-token-of-yesterday")
    report = run(
        contract_of(tmp_path, HARMLESS), Application(correct), credentials=given, max_billable=60
    )

    assert codes(report) == []
    assert report.verdict is ReportVerdict.CONFORMS
    found = verdicts(report)
    assert {"held"} == {
        found[name] for name in found if name.startswith(("security.", "body."))
    } - {"unobserved"}


@pytest.mark.parametrize("budget", [1, 5, 25])
@pytest.mark.parametrize("answer", [correct, lax])
def test_the_budget_is_kept(
    tmp_path: Path, budget: int, answer: Callable[[Asked], tuple[int, Any]]
) -> None:
    """No more than that many successes are caused, by whatever kind of server."""
    application = Application(answer)

    report = run(contract_of(tmp_path, HARMLESS), application, TOKEN, max_billable=budget)

    successes = [asked for asked in application.asked if answer(asked)[0] == 200]
    safe = {"GET", "HEAD", "OPTIONS", "TRACE"}
    assert len([asked for asked in successes if asked.method not in safe]) <= budget
    assert report.billable <= budget


def test_a_write_is_not_made_unasked(tmp_path: Path) -> None:
    """Without --allow-writes nothing is sent that a correct server would accept."""
    application = Application(correct)

    report = run(contract_of(tmp_path, WRITING), application, TOKEN)

    assert {asked.body for asked in application.asked} == {b"&"}
    assert verdicts(report)["control"] == "unobserved"
    assert verdicts(report)["body.name.required"] == "unobserved"
    assert verdicts(report)["security.missing"] == "inconclusive"
    assert report.verdict is ReportVerdict.UNDECIDED


def test_an_accepted_write_ends_the_probing(tmp_path: Path) -> None:
    """The first success that should have been a refusal is the last request of that operation."""
    application = Application(lax)

    report = run(contract_of(tmp_path, WRITING), application, TOKEN)

    assert len(application.asked) == 1
    assert "accepted-credential" in codes(report)


def test_undeclared_methods_that_a_server_may_act_upon_need_leave(tmp_path: Path) -> None:
    """DELETE on a path that does not declare it might do it."""
    contract, sent = contract_of(tmp_path, HARMLESS), []
    for leave in (False, True):
        application = Application(correct)
        run(contract, application, TOKEN, allow_writes=leave)
        sent.append({asked.method for asked in application.asked})

    assert sent[0] == {"GET", "HEAD", "OPTIONS", "TRACE", "POST", INVENTED}
    assert sent[1] - sent[0] == {"PUT", "PATCH", "DELETE"}


def test_the_secret_is_nowhere(tmp_path: Path) -> None:
    """Neither findings nor exchanges nor curl lines show the token, even where the server does."""

    def telling(asked: Asked) -> tuple[int, Any]:
        status, value = correct(asked)
        return (status, {"you sent": dict(asked.headers)}) if status == 401 else (status, value)

    contract = contract_of(tmp_path, HARMLESS)
    report = run(contract, Application(telling), TOKEN, keep_exchanges=True)

    assert "leaked-secret" in codes(report)
    assert TOKEN not in as_json(report)
    assert TOKEN not in repr(report.exchanges)
    assert "$TOKEN" in repr(report.exchanges)


def test_without_a_credential_nothing_is_decided(tmp_path: Path) -> None:
    """What was not given is unobserved, never passed, and the reason says how to give it."""
    report = run(contract_of(tmp_path, HARMLESS), Application(correct))

    assert report.verdict is ReportVerdict.UNDECIDED
    (control,) = (clause for clause in report.clauses if clause.id.endswith(" control"))
    assert control.verdict.value == "unobserved"
    assert "CONFORMANCE_TOKEN" in control.why


def test_a_token_that_nothing_accepts_is_told_in_one_sentence(tmp_path: Path) -> None:
    """A refused credential is one finding, not one for each clause."""
    report = run(contract_of(tmp_path, HARMLESS), Application(correct), "another-token")

    assert codes(report) == ["refused-credential"]
    assert any("accepted by no operation" in remark for remark in report.remarks)


def test_a_deviation_that_does_not_repeat_is_a_warning(tmp_path: Path) -> None:
    """It is marked intermittent, and never dropped."""
    hiccups = [True]

    def nervous(asked: Asked) -> tuple[int, Any]:
        status, value = correct(asked)
        if status == 400 and asked.body == b"" and hiccups:
            hiccups.pop()
            return 500, None
        return status, value

    report = run(contract_of(tmp_path, HARMLESS), Application(nervous), TOKEN)

    (finding,) = report.findings
    assert (finding.code, finding.level.value) == ("server-error", "warning")
    assert "intermittent" in finding.title


def test_429_is_obeyed(tmp_path: Path) -> None:
    """A limited rate slows the run down and changes nothing else."""
    limits = [True, True]

    def limited(asked: Asked) -> tuple[int, Any]:
        if limits:
            limits.pop()
            return 429, None
        return correct(asked)

    report = run(contract_of(tmp_path, HARMLESS), Application(limited), TOKEN)

    assert codes(report) == []
    (told,) = [one for one in report.listings if "429" in one.text]
    assert told.remark in report.remarks, "so that shards count together"
    assert sum(told.operations.values()) == 2


def test_the_smallest_edge_is_found(tmp_path: Path) -> None:
    """Of many edges in one request, the one that is refused is named, and only that one."""

    def short(asked: Asked) -> tuple[int, Any]:
        status, value = correct(asked)
        return (400, None) if value and len(value.get("name", "")) > 200 else (status, value)

    report = run(contract_of(tmp_path, HARMLESS), Application(short), TOKEN, max_billable=60)

    (finding,) = report.findings
    assert finding.code == "refused-free"
    assert finding.title == "POST /things: a text of 201 characters in name is refused (400)"
    assert finding.clauses == ("POST /things body.name.long",)


def test_verify_returns_or_raises(tmp_path: Path) -> None:
    """A project's own test is one line."""
    contract = contract_of(tmp_path, HARMLESS)

    report = conformance.verify(Application(correct), contract=contract, token=TOKEN)
    with pytest.raises(conformance.NonconformanceError, match="accepted-invalid-body"):
        conformance.verify(
            Application(lambda asked: (200, {}) if correct(asked)[0] == 400 else correct(asked)),
            contract=contract,
            token=TOKEN,
        )

    assert report.verdict is ReportVerdict.CONFORMS


def test_a_token_with_a_line_break() -> None:
    """It is refused before anything is sent, in words that do not repeat it."""
    with pytest.raises(CredentialError, match="line break") as caught:
        Credentials(token="secret\nX-Injected: 1").check()

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("scheme", "value", "sent"),
    [
        ("{type: apiKey, in: header, name: X-Key}", "k1234567", ("x-key", "k1234567")),
        ("{type: apiKey, in: cookie, name: sid}", "k1234567", ("cookie", "sid=k1234567")),
        ("{type: http, scheme: basic}", "me:pass", ("authorization", "Basic bWU6cGFzcw==")),
        ("{type: oauth2, flows: {}}", "t1234567", ("authorization", "Bearer t1234567")),
        (
            "{type: openIdConnect, openIdConnectUrl: 'https://x'}",
            "t1",
            ("authorization", "Bearer t1"),
        ),
    ],
)
def test_every_scheme(tmp_path: Path, scheme: str, value: str, sent: tuple[str, str]) -> None:
    """The credential travels where its scheme says, and its absence is told from its presence."""
    text = f"""
components: {{securitySchemes: {{one: {scheme}}}}}
paths:
  /me:
    get:
      security: [{{one: []}}]
      responses:
        '200': {{description: well, content: {{application/json: {{schema: {{}}}}}}}}
        '401': {{description: who}}
"""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/me" or asked.method not in ("GET", "HEAD"):
            return 405, None
        name, wanted = sent
        given = asked.headers.get(name, "")
        scheme_name, space, rest = given.partition(" ")
        given = f"{scheme_name.title()} {rest}" if space and name == "authorization" else given
        return (200, {}) if given == wanted else (401, None)

    report = run(
        contract_of(tmp_path, text),
        Application(answer),
        credentials=Credentials(by_scheme={"one": value}),
    )

    assert codes(report) == []
    assert verdicts(report)["security.missing"] == "held"
    assert verdicts(report)["control"] == "held"


def test_a_time_limit_is_no_defect(tmp_path: Path) -> None:
    """An operation that was left without its turn makes the run undecided, and nothing else."""
    contract = contract_of(
        tmp_path,
        """
paths:
  /a: {get: {responses: {'200': {description: Fine}}}}
  /b: {get: {responses: {'200': {description: Fine}}}}
""",
    )

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.3)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    running = Run(contract, Target(app=slow), RunOptions(time_budget=0.2))
    asyncio.run(way_of_a_clause(running))

    assert running.failures == []
    assert "GET /b was not tested: the time budget ended before it" in running.left_out
    assert set(running.left_out) <= {one.text for one in running.report().doubts}


def test_a_time_limit_ends_what_never_sends_a_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large schema has so many faults that making them takes longer than the run may."""
    monkeypatch.setattr(
        faulty_requests, "body_cases", lambda subject: cycle(list(body_cases(subject)))
    )

    report = run(
        contract_of(tmp_path, HARMLESS), Application(correct), token=TOKEN, time_budget=0.5
    )

    untried = "POST /things was not tested: the time budget ended before it"
    assert [doubt.text for doubt in report.doubts] == [untried]


def test_each_operation_pays_once_for_a_foreign_token(tmp_path: Path) -> None:
    """Whatever the others have shown: in a run of its own, it has the same verdict."""
    text = HARMLESS.replace("  /things:", "  /boxes:", 1)
    operation = HARMLESS.partition("paths:\n")[2]
    boxes = operation.replace("/things", "/crates")
    other = operation.replace("/things", "/keys").replace("Client", "Admin")
    contract = contract_of(tmp_path, text + boxes + other)
    tokens = {"Client": "client-token", "Admin": "admin-token"}

    def both_open_everything(asked: Asked) -> tuple[int, Any]:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        known = token in tokens.values()
        return correct(
            Asked(
                asked.method,
                "/things" if asked.path in ("/boxes", "/crates", "/keys") else asked.path,
                asked.headers | ({"authorization": f"Bearer {TOKEN}"} if known else {}),
                asked.body,
            )
        )

    target = Application(both_open_everything)
    report = run(contract, target, credentials=Credentials(by_tag=tokens), max_examples=0)

    foreign = [
        asked.path
        for asked in target.asked
        if asked.headers.get("authorization")
        == f"Bearer {tokens['Client' if asked.path == '/keys' else 'Admin']}"
        and asked.path in ("/boxes", "/crates", "/keys")
    ]
    assert sorted(foreign) == ["/boxes", "/crates", "/keys"]
    assert "accepted-credential" in codes(report)


def test_what_a_cache_hands_out_makes_no_two_tokens_the_same(tmp_path: Path) -> None:
    """One token has more rights; the other one opens nothing of it but what is cached."""
    text = """
security: [{bearer: []}]
paths:
  /reports:
    get: {tags: [Admin], responses: {'200': {description: f}, '401': {description: u}}}
  /keys:
    post: {tags: [Admin], responses: {'200': {description: f}, '401': {description: u}}}
  /boxes:
    post: {tags: [Client], responses: {'200': {description: f}, '401': {description: u}}}
components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}
"""
    cached = set[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path in cached:
            return 200, {}
        role = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if role not in {"/boxes": ("admin", "client")}.get(asked.path, ("admin",)):
            return 401, None
        cached.update([asked.path] if asked.method == "GET" else [])
        return 200, {}

    tokens = {"Client": "client", "Admin": "admin"}
    contract, target = contract_of(tmp_path, text), Application(answer)
    report = run(contract, target, credentials=Credentials(by_tag=tokens), allow_writes=True)

    accused = {one.clause for finding in report.findings for one in finding.places}
    assert "GET /reports security.missing" in accused or "GET /reports security.again" in accused
    assert not any(one.endswith("security.other-tag") for one in accused)


def test_the_cost_is_said_before_the_start(tmp_path: Path) -> None:
    """How many successes that may cost money, of which operations, and by which flag."""
    run = Run(
        contract_of(tmp_path, HARMLESS),
        Target(app=Application(correct)),
        RunOptions(max_billable=7),
    )

    assert expectation(run) == [
        "At most 7 requests with unsafe methods will succeed, 7 for each of POST /things "
        "(--max-billable)."
    ]


def test_the_cost_is_less_where_an_operation_reaches_people(tmp_path: Path) -> None:
    """What nobody can take back has a smaller budget, and the sentence counts with it."""
    paths = "".join(
        f"  {path}: {{post: {{responses: {{'204': {{description: ok}}}}}}}}\n"
        for path in ("/things", "/mail/send")
    )
    given = RunOptions(allow_writes=True)
    contract = contract_of(tmp_path, f"paths:\n{paths}")
    [cost, *_] = expectation(Run(contract, Target(app=Application(correct)), given))

    assert cost == (
        "At most 33 requests with unsafe methods will succeed, 25 for each of POST /things; "
        "8 for each of POST /mail/send (--max-billable)."
    )


def test_the_cost_of_a_large_contract_is_one_readable_line(tmp_path: Path) -> None:
    """The first operations are named, and the others counted."""
    paths = "".join(
        f"  /things{n}: {{post: {{responses: {{'204': {{description: ok}}}}}}}}\n"
        for n in range(40)
    )
    contract = contract_of(tmp_path, f"paths:\n{paths}")
    given = RunOptions(max_billable=7, allow_writes=True)
    cost, lasting = expectation(Run(contract, Target(app=Application(correct)), given))

    assert cost.startswith("At most 280 requests with unsafe methods will succeed, 7 for each of")
    assert cost.endswith("POST /things11 and 28 more (--max-billable).")
    assert lasting.endswith("POST /things11 and 28 more.")


@pytest.mark.parametrize(
    ("times", "level", "intermittent"), [(1, "warning", True), (99, "error", False)]
)
def test_a_late_answer_is_waited_for_once_more(
    tmp_path: Path, times: int, level: str, intermittent: bool
) -> None:
    """One that comes late a single time is not repeatable: a warning; else it is an error."""
    contract = contract_of(
        tmp_path, "paths: {/ping: {get: {responses: {'200': {description: p}}}}}"
    )
    late = list[int]()

    async def ping(scope: Any, receive: Any, send: Any) -> None:
        asked = dict(scope["headers"]).get(b"accept", b"") == b"application/xml"
        if asked and len(late) < times:
            late.append(1)
            await asyncio.sleep(60)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    report = run(contract, ping, by_clock=True, families=frozenset({ClauseKind.MEDIA_TYPES}))

    found = [(one.code, one.level.value, one.places[0].intermittent) for one in report.findings]
    assert found == [(FindingCode.NO_ANSWER, level, intermittent)]


FILLED_LATER = """
paths:
  /usage:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: array
                items: {type: object, required: [spend], properties: {spend: {type: number}}}
  /calls:
    post:
      x-conformance: {writes: false}
      requestBody:
        content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_what_other_operations_have_filled_is_read_again(tmp_path: Path) -> None:
    """A list that was empty at its turn is judged by what the calls of the run have put into it."""
    calls = list[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path == "/usage":
            return (
                (200, [{"spend": "0.10"} for _ in calls[:1]]) if asked.method == "GET" else (405, 0)
            )
        calls.append(asked.method)
        return 200 if asked.method == "POST" else 405, {}

    families = frozenset({ClauseKind.RESPONSE, ClauseKind.BODY})
    report = run(contract_of(tmp_path, FILLED_LATER), Application(answer), families=families)

    assert verdicts(report)["response.200[].spend.type"] == "broken"


def test_a_defect_when_it_is_read_again_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the turns have shown is reported, beside the defect."""

    async def fail(_: OperationRun) -> None:
        raise LookupError("no such thing")

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path == "/usage":
            return (200, [{}]) if asked.method == "GET" else (405, 0)
        return 200 if asked.method == "POST" else 405, {}

    monkeypatch.setattr(OperationRun, "read_again", fail)
    families = frozenset({ClauseKind.RESPONSE, ClauseKind.BODY})
    report = run(contract_of(tmp_path, FILLED_LATER), Application(answer), families=families)

    told = [one for one in report.remarks if "could not be tested completely" in one]
    assert len(told) == 1
    assert "LookupError" in told[0]
    assert "held" in verdicts(report).values()
