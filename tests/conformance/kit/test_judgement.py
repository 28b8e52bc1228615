"""The table of judgement, row by row."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.case import Case, Expect, Unit
from conformance.cases.edge_values import Strength
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request, Trouble
from conformance.judgement import Judge, Observation
from conformance.judgement.hidden_errors import hidden_error, understood
from conformance.judgement.json_answers import read_json
from conformance.judgement.leaks import stack_trace
from conformance.messages.event_streams import stream_problems
from conformance.report.findings import Level
from tests.conformance.kit.running import contract_of

CONTRACT = """
paths:
  /things:
    post:
      security: [{key: []}]
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200':
          description: well
          headers: {X-Count: {required: true, schema: {type: integer}}}
          content:
            application/json:
              schema:
                type: object
                required: [id]
                properties: {id: {type: integer}, state: {type: string, enum: [on, off]}}
        '400': {description: no}
        '401': {description: who}
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
"""
OPERATION = "POST /things"
JSON = (("Content-Type", "application/json"), ("X-Count", "1"))
STRAYED = Request(method="POST", target="/things?key=secret%2Dtoken")
TAKING_IT = CONTRACT.replace("{key: {", "{q: {type: apiKey, in: query, name: key}, key: {")


def judged(folder: Path, expect: Expect, answer: Answer, **more: Any) -> list[Observation]:
    """The deviations that an answer shows."""
    contract = contract_of(folder, more.pop("text", CONTRACT))
    operation = contract.operation(OPERATION)
    assert operation is not None
    answer = understood(contract, operation, answer)
    proven, refused = more.pop("proven", True), more.pop("refused", frozenset[int]())
    case = Case(
        operation=OPERATION,
        clauses=(f"{OPERATION} body.type",),
        family=ClauseKind.BODY,
        label="a case",
        request=more.pop("request", Request(method="POST", target="/things")),
        expect=expect,
        **{"code": "accepted-invalid-body", **more},
    )
    judge = Judge(contract, ("secret-token",))
    observations = judge.judge(case, answer, proven=proven, refused=refused)
    return [one for one in observations if one.verdict is not Verdict.HELD]


def answer(status: int, value: Any = None, **more: Any) -> Answer:
    """An answer with a JSON body."""
    body = b"" if value is None else json.dumps(value).encode()
    return Answer(status=status, headers=more.pop("headers", JSON), body=body, **more)


GOOD = {"id": 1}


def test_the_body_of_an_undocumented_success_is_judged_like_the_documented_one(
    tmp_path: Path,
) -> None:
    """What clients read of a 201 is the result, and its faults are no less than the status."""
    wrong = answer(201, {"id": "1"})
    html = answer(201, {"id": "1"}, headers=(("Content-Type", "text/html"), ("X-Count", "1")))

    assert [one.code for one in judged(tmp_path, Expect.ACCEPTED, wrong)] == [
        "undocumented-status",
        "response-schema",
    ]
    # Another media type is another answer, and a 202 announces the result, perhaps.
    for other in (html, answer(202, {"id": "1"}), answer(202, {"id": "1", "job": 1, "wait": 5})):
        (only,) = judged(tmp_path, Expect.ACCEPTED, other)
        assert only.code == "undocumented-status"
    early = judged(tmp_path, Expect.ACCEPTED, answer(202, {"id": "1", "state": "on"}))
    assert [one.code for one in early] == ["undocumented-status", "response-schema"]


@pytest.mark.parametrize("label", ["text/plain; charset=utf-8", "text/html", None])
def test_a_result_without_the_label_of_json_is_judged_by_its_schema(
    tmp_path: Path, label: str | None
) -> None:
    """The wrong label hides no other fault of the result, and proves nothing good of it."""
    headers = (*([("Content-Type", label)] if label else []), ("X-Count", "1"))
    wrong = answer(200, {"id": "1"}, headers=headers)
    right = answer(200, GOOD, headers=headers)
    page = Answer(status=200, headers=headers, body=b"<p>{}</p>")
    problem = (("Content-Type", "application/problem+json"), ("X-Count", "1"))

    labelled, schema = judged(tmp_path, Expect.ACCEPTED, wrong)
    assert labelled.clause.endswith("response.200.content-type")
    assert (schema.code, schema.clause) == ("response-schema", "POST /things response.200.id.type")
    # Neither a page nor a problem document is the result.
    for other in (right, page, answer(200, {"title": "no"}, headers=problem)):
        (only,) = judged(tmp_path, Expect.ACCEPTED, other)
        assert only.clause.endswith("response.200.content-type")


WRONG = '{"id": "ä1", "state": "ON"}'


@pytest.mark.parametrize(
    "body",
    [
        WRONG.encode("latin-1"),
        WRONG.encode("utf-16"),
        WRONG.encode("utf-8-sig"),
        f"{WRONG}\nWarning: deprecated".encode(),
        f"{WRONG}{WRONG}".encode(),
    ],
    ids=["latin-1", "utf-16", "byte-order-mark", "text-after-it", "twice"],
)
def test_what_a_client_reads_of_a_malformed_result_is_judged_as_well(
    tmp_path: Path, body: bytes
) -> None:
    """A lenient client meets the other faults too: a wrong type, a member of no enumeration."""
    found = judged(tmp_path, Expect.ACCEPTED, Answer(status=200, headers=JSON, body=body))

    assert [(one.code, one.clause.split(" ")[-1]) for one in found] == [
        ("response-malformed", "response.200.well-formed"),
        ("response-schema", "response.200.id.type"),
        ("response-schema", "response.200.state.enum"),
    ]


def test_a_key_that_stands_twice_in_a_malformed_result_is_told_too(tmp_path: Path) -> None:
    """Both are told of one answer; and of what nobody can read, nothing more than that."""
    twice = Answer(status=200, headers=JSON, body='{"id": 1, "x": "ä", "x": 1}'.encode("latin-1"))
    cut = Answer(status=200, headers=JSON, body=b'{"id": "1", "state": "O')

    codes = [one.code for one in judged(tmp_path, Expect.ACCEPTED, twice)]
    assert codes == ["response-malformed", "response-duplicate-key"]
    assert [one.code for one in judged(tmp_path, Expect.ACCEPTED, cut)] == ["response-malformed"]


UNLABELLED = (("X-Count", "1"),)


@pytest.mark.parametrize(
    ("value", "headers", "codes"),
    [
        # Beside the result: what else is wrong with the result is no work of the error.
        ({"id": "1", "error": "late"}, JSON, ["error-in-success", "response-schema"]),
        # In the place of the result: it has not what a result must have.
        ({"error": "no"}, JSON, ["error-in-success"]),
        ({"id": None, "code": 40400, "msg": "no"}, JSON, ["error-in-success"]),
        ({"success": False, "message": "no"}, JSON, ["error-in-success"]),
        (
            {"success": False, "message": "no"},
            UNLABELLED,
            ["error-in-success", "missing-content-type"],
        ),
        (
            {"error": "no"},
            (("Content-Type", "text/html"), *UNLABELLED),
            ["error-in-success", "undocumented-content-type"],
        ),
    ],
)
def test_an_error_in_a_success_hides_nothing_that_has_another_cause(
    tmp_path: Path, value: Any, headers: Any, codes: list[str]
) -> None:
    """Its label, and what is wrong with the result that stands beside it."""
    given = answer(200, value, headers=headers)
    found = judged(tmp_path, Expect.ANYTHING, given)

    assert [one.code for one in found] == codes


@pytest.mark.parametrize(
    ("expect", "given", "more", "code", "level"),
    [
        pytest.param(
            Expect.ACCEPTED, answer(201, GOOD), {}, "undocumented-status", "error", id="201"
        ),
        pytest.param(Expect.ACCEPTED, answer(200, {}), {}, "response-schema", "error", id="schema"),
        pytest.param(
            Expect.ACCEPTED, answer(200, {"id": 1, "state": "ON"}), {}, "response-schema", "error",
            id="response-enum",
        ),
        pytest.param(
            Expect.ACCEPTED,
            answer(200, GOOD, headers=(("Content-Type", "text/html"), ("X-Count", "1"))),
            {}, "undocumented-content-type", "error", id="content-type",
        ),
        pytest.param(
            Expect.ACCEPTED, answer(200, GOOD, headers=(("X-Count", "1"),)), {},
            "missing-content-type", "error", id="no-content-type",
        ),
        pytest.param(
            Expect.ACCEPTED, answer(200, GOOD, headers=JSON[:1]), {}, "response-header", "error",
            id="header",
        ),
        pytest.param(
            Expect.ACCEPTED, answer(200, {"id": 1, "error": "x"}), {}, "error-in-success", "error",
            id="error-in-200",
        ),
        pytest.param(Expect.ANYTHING, answer(500), {}, "server-error", "error", id="500"),
        pytest.param(Expect.ANYTHING, answer(503), {}, "server-error", "error", id="503"),
        pytest.param(
            Expect.REFUSED, answer(200, GOOD), {}, "accepted-invalid-body", "error", id="2xx"
        ),
        pytest.param(Expect.REFUSED, answer(422), {}, "wrong-refusal", "error", id="422"),
        pytest.param(Expect.REFUSED, answer(401), {}, "wrong-refusal", "error", id="401"),
        pytest.param(Expect.REFUSED, answer(403), {}, "wrong-refusal", "error", id="403"),
        pytest.param(Expect.REFUSED, answer(404), {}, "wrong-refusal", "error", id="404"),
        pytest.param(
            Expect.UNAUTHORIZED, answer(403), {}, "wrong-credential-refusal", "error", id="barred"
        ),
        pytest.param(
            Expect.UNAUTHORIZED, answer(302), {}, "wrong-credential-refusal", "error", id="login"
        ),
        pytest.param(
            Expect.UNAUTHORIZED, answer(401), {}, "missing-challenge", "warning", id="no-challenge"
        ),
        pytest.param(
            Expect.ACCEPTED, answer(400), {"code": "refused-valid"}, "refused-valid", "error",
            id="named-value",
        ),
        pytest.param(
            Expect.ACCEPTED, answer(400), {"code": "refused-free", "strength": Strength.FREE},
            "refused-free", "warning", id="free-value",
        ),
        pytest.param(
            Expect.ACCEPTED, answer(413), {"code": "refused-free", "strength": Strength.FREE},
            "undocumented-status", "error", id="free-value-undocumented",
        ),
        pytest.param(
            Expect.ACCEPTED, answer(400), {"code": "refused-free", "strength": Strength.LIMIT},
            "refused-free", "warning", id="what-rfc-8259-lets-limit",
        ),
        pytest.param(
            Expect.ANYTHING, Answer(trouble=Trouble.DROPPED), {}, "no-answer", "error", id="dropped"
        ),
        pytest.param(
            Expect.REFUSED, answer(400, {"at": "secret-token"}), {}, "leaked-secret", "error",
            id="secret",
        ),
        pytest.param(
            Expect.REFUSED, answer(400, headers=(("Set-Cookie", "key=secret-token; Path=/"),)), {},
            "leaked-secret", "error", id="secret-that-scripts-may-read",
        ),
        pytest.param(
            Expect.REFUSED, answer(400, {"at": "/things?key=secret-token"}),
            {"text": TAKING_IT, "request": STRAYED}, "leaked-secret", "error",
            id="secret-of-the-query",
        ),
        pytest.param(
            Expect.REFUSED, answer(400, {"e": "Traceback (most recent call last): x"}), {},
            "leaked-internals", "error", id="trace",
        ),
    ],
)  # fmt: skip
def test_deviations(
    tmp_path: Path, expect: Expect, given: Answer, more: dict[str, Any], code: str, level: str
) -> None:
    """The answer shows this deviation, at this level, and no other."""
    found = judged(tmp_path, expect, given, **more)

    assert {(one.code, one.level) for one in found} == {(code, Level(level))}


@pytest.mark.parametrize(
    ("expect", "given", "more"),
    [
        pytest.param(Expect.ACCEPTED, answer(200, {"id": 1, "x": None}), {}, id="extra-property"),
        pytest.param(Expect.REFUSED, answer(400, {"anything": True}), {}, id="any-error-body"),
        pytest.param(Expect.REFUSED, Answer(status=400), {}, id="no-error-body"),
        pytest.param(
            Expect.REFUSED,
            answer(400, headers=(("Set-Cookie", "key=secret-token; HttpOnly"),)),
            {},
            id="a-session-out-of-reach-of-scripts",
        ),
        pytest.param(
            Expect.UNAUTHORIZED,
            answer(401, headers=(("WWW-Authenticate", 'Basic realm="x", Bearer'),)),
            {},
            id="challenge-among-others",
        ),
        pytest.param(
            Expect.REFUSED,
            answer(400, {"at": "/things?key=secret-token"}),
            {"request": STRAYED},
            id="a-url-with-what-no-contract-put-there",
        ),
        pytest.param(Expect.UNSUPPORTED, answer(415), {}, id="415"),
        pytest.param(Expect.UNSUPPORTED, answer(404), {}, id="routed-by-type"),
        pytest.param(
            Expect.ACCEPTED, answer(413), {"strength": Strength.LENIENT}, id="limit-beyond-reason"
        ),
        pytest.param(Expect.ANYTHING, answer(406), {}, id="406"),
        pytest.param(
            Expect.ANYTHING, Answer(trouble=Trouble.DROPPED), {"may_close": True}, id="hung-up"
        ),
    ],
)
def test_what_is_legal_is_not_accused(
    tmp_path: Path, expect: Expect, given: Answer, more: dict[str, Any]
) -> None:
    """Nothing is found in what the contract and HTTP leave open."""
    found = judged(tmp_path, expect, given, **more)

    assert found == []


def test_429_proves_nothing(tmp_path: Path) -> None:
    """A limited rate is obeyed, and is no finding."""
    found = judged(tmp_path, Expect.ACCEPTED, answer(429))

    assert [one.verdict for one in found] == [Verdict.INCONCLUSIVE]


def test_without_a_control_a_refusal_proves_nothing(tmp_path: Path) -> None:
    """The good request might be refused as well; an acceptance still breaks the clause."""
    refused = judged(tmp_path, Expect.REFUSED, answer(400), proven=False)
    accepted = judged(tmp_path, Expect.REFUSED, answer(200, GOOD), proven=False)

    assert [one.verdict for one in refused] == [Verdict.INCONCLUSIVE]
    assert [one.code for one in accepted] == ["accepted-invalid-body"]


def test_a_documented_conflict_says_nothing_of_the_packing_of_a_body(tmp_path: Path) -> None:
    """It was read, and what it asks for cannot be done now; undocumented it is another refusal."""
    contract = CONTRACT.replace("'401':", "'409': {description: taken}\n        '401':")

    documented = judged(tmp_path, Expect.UNSUPPORTED, answer(409), text=contract)
    undocumented = judged(tmp_path, Expect.UNSUPPORTED, answer(409))
    assert [one.verdict for one in documented] == [Verdict.INCONCLUSIVE]
    assert "wrong-refusal" in [one.code for one in undocumented]


@pytest.mark.parametrize("other", ["default", "4XX"])
def test_a_range_documents_401_beside_a_403(tmp_path: Path, other: str) -> None:
    """403 for who may not, and 401 for who is unknown, which only the range documents."""
    alone = CONTRACT.replace("'401'", "'403'")
    both = CONTRACT.replace("'401'", f"{other}: {{description: else}}\n        '403'")

    wrong = judged(tmp_path, Expect.UNAUTHORIZED, answer(401), text=alone)
    right = judged(tmp_path, Expect.UNAUTHORIZED, answer(401), text=both)
    assert "wrong-credential-refusal" in [one.code for one in wrong]
    assert "wrong-credential-refusal" not in [one.code for one in right]


@pytest.mark.parametrize("status", [404, 409, 410, 412, 422])
def test_without_a_control_a_status_of_the_values_does_not_speak_of_the_credential(
    tmp_path: Path, status: int
) -> None:
    """An opaque id has a form and a name is taken, whoever asks; 403 speaks of who asks."""
    unproven = judged(tmp_path, Expect.UNAUTHORIZED, answer(status), proven=False)
    barred = judged(tmp_path, Expect.UNAUTHORIZED, answer(403), proven=False)
    closed = judged(
        tmp_path, Expect.UNAUTHORIZED, answer(403), proven=False, refused=frozenset({403})
    )
    proven = judged(tmp_path, Expect.UNAUTHORIZED, answer(status))

    assert [one.verdict for one in unproven] == [Verdict.INCONCLUSIVE]
    assert "wrong-credential-refusal" in [one.code for one in barred]
    assert [one.verdict for one in closed] == [Verdict.INCONCLUSIVE]
    assert "wrong-credential-refusal" in [one.code for one in proven]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"\xff", "not UTF-8"),
        (b"", "empty"),
        (b"{} {}", "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b"{'a': 1}", "not JSON"),
    ],
)
def test_json_is_read_strictly(body: bytes, problem: str) -> None:
    """What RFC 8259 forbids is a problem that says what it is."""
    assert problem in read_json(body).problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"a": 1e400}', "has a number too large for a double: 1e400"),
        (b"[" * 600 + b"]" * 600, "is nested more than 500 levels deep"),
    ],
    ids=["huge number", "deep nesting"],
)
def test_what_no_receiver_has_to_read_is_a_warning_that_names_it(body: bytes, problem: str) -> None:
    """Such a text is JSON by the grammar; the sentence says what a reader stumbles over."""
    read = read_json(body)

    assert (read.problem, read.level) == (problem, Level.WARNING)


def test_a_key_twice_is_named() -> None:
    """The last one wins, and the report names the key."""
    assert read_json(b'{"a": 1, "a": 2}').repeated == "a"


@pytest.mark.parametrize(
    ("stream", "aspects"),
    [
        pytest.param(b'data: {"a": 1}\n\ndata: [DONE]\n\n', [], id="good"),
        pytest.param(b": hi\r\n\r\nevent: x\r\ndata: y\r\n\r\n", [], id="comments-and-crlf"),
        pytest.param(b'{"a": 1}\n\n', ["framing"], id="no-field"),
        pytest.param(b'data: {"a": 1}\n\ndata: {"b"', ["end"], id="cut"),
        pytest.param(b'data: {"a": 1}\n\ndata: {"b"\n\n', ["framing"], id="broken-json"),
        pytest.param(b'data: {"a": 1}\ndata: {"a": 2}\n\n', ["framing"], id="joined"),
        pytest.param(b'data: {"a": 1}\ndata: {}\ndata: [DONE]\n\n', ["framing"], id="joined-done"),
        pytest.param(b'data: {"a":\ndata: 1}\n\n', [], id="wrapped-json"),
        pytest.param(b"data: one\ndata: 2\n\n", [], id="text-of-lines"),
        pytest.param(b'data: {"a": 1}\n\ndata: {"a": 2}\n', ["end"], id="last-without-its-line"),
        pytest.param(b'data: {"error": "x"}\n\n', ["honest"], id="error"),
        pytest.param(b"", ["framing"], id="empty"),
    ],
)
def test_streams(stream: bytes, aspects: list[str]) -> None:
    """A stream is judged event by event."""
    assert [problem.aspect for problem in stream_problems(stream)] == aspects


@pytest.mark.parametrize(
    "text",
    [
        'Traceback (most recent call last):\n  File "/app/main.py", line 3, in f',
        "Error: x\n    at handler (/srv/app/index.js:10:5)",
        "java.lang.X\n\tat com.acme.Service.run(Service.java:57)",
        "   at Acme.Api.Run(String x) in /src/Api.cs:line 12",
        "goroutine 1 [running]:",
        "#0 /var/www/index.php(12): f()",
        "thread 'main' panicked at src/main.rs:3:5",
        "SQLSTATE[23000]: Integrity constraint violation",
        "psycopg2.errors.UniqueViolation",
        "ORA-00001: unique constraint violated",
    ],
)
def test_traces_are_recognised(text: str) -> None:
    """The traces of the usual runtimes are seen, in text and inside JSON."""
    assert stack_trace(text.encode())
    assert stack_trace(json.dumps({"detail": text}).encode())


def test_prose_is_no_trace() -> None:
    """A message that speaks of files and lines is none."""
    assert not stack_trace(b"The file at line 3 of the request is missing: look at /docs/errors.")


@pytest.mark.parametrize(
    ("value", "declared", "member"),
    [
        ({"error": "x"}, (), "error"),
        ({"error": None}, (), ""),
        ({"error": "x"}, ("error",), ""),
        ({"success": False}, (), "success"),
        ({"statusCode": 404}, (), "statusCode"),
        ({"code": 40102, "message": "log in", "data": None}, (), "code"),
        ({"errcode": 50000, "errmsg": "busy"}, (), "errcode"),
        ({"status": "error", "message": "no"}, (), "status"),
        ({"status": "failed", "id": 7}, (), ""),
        ({"code": 40102, "message": "log in", "data": {"id": 7}}, (), ""),
        ({"code": 40102, "message": "log in"}, ("code",), ""),
        ({"code": 0, "message": "ok", "data": None}, (), ""),
        ({"code": 1000, "msg": "done"}, (), ""),
        ({"code": 47110, "message": "a text"}, (), ""),
        ({"code": True, "message": "a text"}, (), ""),
        ({"code": [404], "message": "a text"}, (), ""),
        ([1], (), ""),
    ],
)
def test_hidden_errors(value: Any, declared: tuple[str, ...], member: str) -> None:
    """What says that it is an error is one, unless the contract declares the member."""
    assert hidden_error(value, frozenset(declared)) == member


@pytest.mark.parametrize(
    ("parts", "expect", "verdicts"),
    [
        ([400], Expect.REFUSED, [Verdict.INCONCLUSIVE]),
        ([201, 400], Expect.REFUSED, [Verdict.INCONCLUSIVE]),
        ([201], Expect.REFUSED, [Verdict.BROKEN]),
        ([400], Expect.ACCEPTED, [Verdict.BROKEN]),
        ([201], Expect.ACCEPTED, []),
    ],
)
def test_the_parts_of_a_207_say_what_was_refused(
    tmp_path: Path, parts: list[int], expect: Expect, verdicts: list[Verdict]
) -> None:
    """Its status says nothing of them (RFC 4918 section 13)."""
    given = answer(207, {"results": [{"status": one} for one in parts]})

    found = judged(tmp_path, expect, given, text=CONTRACT.replace("'200'", "'207'"))

    about = [one for one in found if one.clause.endswith("body.type")]
    assert [one.verdict for one in about] == verdicts


@pytest.mark.parametrize(
    ("query", "verdict"),
    [("timeout=30", "inconclusive"), ("waitTime=20s", "inconclusive")]
    + [(one, "broken") for one in ("timeout=1", "page=30", "timeout=long", "")],
)
@pytest.mark.parametrize("late", [{"trouble": Trouble.TIMEOUT}, {"status": 200, "seconds": 30.0}])
def test_who_is_asked_to_wait_is_not_late(
    tmp_path: Path, query: str, verdict: str, late: dict[str, Any]
) -> None:
    """A long poll is answered where there is something to tell, or at the end of that time."""
    given = Answer(headers=JSON, body=b'{"id": 1}', **late)
    request = Request(method="POST", target=f"/things?{query}")

    found = judged(tmp_path, Expect.ACCEPTED, given, request=request)

    assert [one.verdict.value for one in found if one.clause.endswith("answer.time")] == [verdict]


@pytest.mark.parametrize(("query", "verdict"), [("", "inconclusive"), ("?timeout=1", "broken")])
def test_how_long_is_left_to_the_deployment(tmp_path: Path, query: str, verdict: str) -> None:
    """A long poll whose request does not say for how long it may wait."""
    declared = "post:\n      parameters: [{name: timeout, in: query, schema: {type: integer}}]"
    request = Request(method="POST", target=f"/things{query}")

    found = judged(
        tmp_path,
        Expect.ACCEPTED,
        Answer(trouble=Trouble.TIMEOUT),
        request=request,
        text=CONTRACT.replace("post:", declared, 1),
    )

    assert [one.verdict.value for one in found if one.clause.endswith("answer.time")] == [verdict]


@pytest.mark.parametrize(
    ("status", "octets", "verdict"),
    [(431, 9000, "inconclusive"), (414, 9000, "inconclusive"), (431, 100, "broken")],
)
def test_a_long_head_may_be_refused(tmp_path: Path, status: int, octets: int, verdict: str) -> None:
    """Some layer in front has done so; a short one must be read (RFC 9110 section 4.1)."""
    long = Request(method="POST", target=f"/things?x={'a' * octets}")

    found = judged(tmp_path, Expect.ACCEPTED, answer(status), request=long)
    assert {one.verdict.value for one in found} == {verdict}


STREAMING = """
paths:
  /talk:
    get:
      responses:
        '200':
          description: well
          content:
            application/json: {schema: {type: object, required: [text]}}
            text/event-stream: {schema: {type: object, properties: {text: {type: string}}}}
"""


@pytest.mark.parametrize("label", [None, "text/plain", "text/html; charset=utf-8"])
def test_a_stream_without_its_label_is_judged_as_a_stream(
    tmp_path: Path, label: str | None
) -> None:
    """A client that reads events meets what is wrong with them, whatever they are called."""
    judge = Judge(contract_of(tmp_path, STREAMING))
    case = Case(
        operation="GET /talk",
        clauses=("GET /talk control",),
        family=ClauseKind.CONTROL,
        label="a case",
        request=Request(method="GET", target="/talk"),
        expect=Expect.ACCEPTED,
    )
    headers = (("Content-Type", label),) if label else ()

    def told(body: bytes) -> list[str]:
        given = Answer(status=200, headers=headers, body=body)
        found = [one for one in judge.judge(case, given) if one.verdict is Verdict.BROKEN]
        return [one.clause.split(".", 1)[-1] for one in found[1:]]

    wrong = b'data: {"text": 1}\n\ndata: {"text": "\xe4"}\n\n'
    assert told(wrong) == [
        "200(text/event-stream).stream.framing",
        "200(text/event-stream).text.type",
    ]
    assert told(b'data: {"text": "a"}\n\n') == []
    assert told(b"<p>data: none</p>") == []


@pytest.mark.parametrize("milder", [0, 1])
def test_a_limit_is_not_seen_held_before_what_is_below_it_was_tried(
    tmp_path: Path, milder: int
) -> None:
    """A receiver may refuse 53 bits, and must accept 32."""
    unit = Unit(clause="", label="2147483647", slot=("size",), apply=lambda draft: draft)
    larger = replace(unit, label="9007199254740991", smaller=(unit,) * milder)
    more = {"strength": Strength.LENIENT, "units": (larger,)}

    found = judged(tmp_path, Expect.ACCEPTED, answer(400), **more)

    assert [one.verdict for one in found] == [Verdict.INCONCLUSIVE] * milder
