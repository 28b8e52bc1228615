"""Values that a deployment has to know stay in place; an unknown property may be the only one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.http.reported import ReportedExchange
from conformance.report.findings import Report
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, posting, run, verdicts

pytestmark = pytest.mark.slow

CHAT = """
paths:
  /tenants/{tenant}/chat:
    post:
      x-conformance: {writes: false}
      parameters: [{name: tenant, in: path, required: true, schema: {type: string}, example: acme}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [model, text]
              properties:
                model: {type: string}
                text: {type: string}
                tags: {type: array, items: {type: string, maxLength: 9}}
      responses:
        '200': {description: ok}
        '400': {description: no}
        '404': {description: none}
        '415': {description: type}
"""
GOOD = {"model": "m-large-1", "text": "hello"}
EXAMPLE = {"path": {"tenant": "acme"}, "body": GOOD}


def chat(asked: Asked) -> tuple[int, Any]:
    """It knows one tenant and one model, and takes every text."""
    kind = asked.headers.get("content-type", "").lower().replace('"', "").replace(" ", "")
    if asked.path != "/tenants/acme/chat":
        return 404, None
    if asked.method != "POST":
        return 405, None
    if kind not in ("application/json", "application/json;charset=utf-8"):
        return 415, None
    body = asked.json
    if not isinstance(body, dict) or body.get("model") != "m-large-1":
        return 400, None
    tags = body.get("tags", [])
    if not isinstance(body.get("text"), str) or not isinstance(tags, list):
        return 400, None
    if any(not isinstance(tag, str) or len(tag) > 9 for tag in tags):
        return 400, None
    return 200, {}


def exchanges(report: Report) -> list[ReportedExchange]:
    """Those of the generated valid requests."""
    return [one for one in report.exchanges if one.clauses[0].endswith("property.valid")]


def generated(report: Report) -> list[Any]:
    """Their bodies."""
    return [json.loads(one.request.body or "null") for one in exchanges(report)]


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("edges", [True, False])
def test_known_values_stay_while_others_vary(tmp_path: Path, given: bool, edges: bool) -> None:
    """By the caller's example, or because every other value was refused; texts vary."""
    contract = CHAT
    if not given:
        example = f"            example: {json.dumps(GOOD)}\n            schema:\n"
        contract = contract.replace("            schema:\n", example)
    families = {ClauseKind.CONTROL, ClauseKind.PROPERTIES}
    report = run(
        contract_of(tmp_path, contract),
        Application(chat, "POST"),
        examples={"POST /tenants/{tenant}/chat": EXAMPLE} if given else {},
        max_examples=10,
        max_billable=200,
        keep_exchanges=True,
        families=frozenset(families | {ClauseKind.EDGES}) if edges or not given else families,
    )

    bodies = generated(report)
    assert bodies
    assert {body["model"] for body in bodies} == {"m-large-1"}
    assert {body["text"] for body in bodies} != {"hello"} or (given and not edges)
    refused = [one for one in exchanges(report) if one.response and one.response.status != 200]
    assert len(refused) <= 1, "one of a made-up tenant tells enough"


def test_what_the_deployment_does_not_have_to_know_varies(tmp_path: Path) -> None:
    """A text that is taken whatever it says is no known value, though an example gives it."""

    def any_model(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        if isinstance(body, dict) and isinstance(body.get("model"), str):
            changed = json.dumps({**body, "model": "m-large-1"}).encode()
            asked = Asked(asked.method, asked.path, asked.headers, changed)
        return chat(asked)

    report = run(
        contract_of(tmp_path, CHAT),
        Application(any_model, "POST"),
        examples={"POST /tenants/{tenant}/chat": EXAMPLE},
        max_examples=20,
        max_billable=200,
        keep_exchanges=True,
    )

    assert len({body["model"] for body in generated(report)}) > 1


# ------------------------------------------------------------------- an unknown property alone

LONE = posting(
    "/things", "200 400 415", "{type: object, REQUIRED properties: {name: {type: string}}}"
)


def things(accepts: Callable[[dict[str, Any]], int]) -> Application:
    """A server that is right but for what it makes of an object."""

    def answer(asked: Asked) -> tuple[int, Any]:
        kind = asked.headers.get("content-type", "").lower().replace('"', "").replace(" ", "")
        if asked.path != "/things":
            return 404, None
        if asked.method != "POST":
            return 405, None
        coded = "content-encoding" in asked.headers
        if kind not in ("application/json", "application/json;charset=utf-8") or coded:
            return 415, None
        body = asked.json
        bad = not isinstance(body, dict) or not isinstance(body.get("name", ""), str)
        if bad or any(word in asked.body for word in (b"NaN", b"Infinity")):
            return 400, None
        return accepts(body), {}

    return Application(answer, "POST")


@pytest.mark.parametrize(
    ("required", "accepts", "broken"),
    [
        ("required: [name],", lambda body: 200 if "name" in body else 400, ""),
        ("required: [name],", lambda body: 200 if body else 400, "body.name.required"),
        ("", lambda body: 200, ""),
        ("", lambda body: 500 if body and "name" not in body else 200, "body.unknown"),
        ("", lambda body: 200 if "name" in body or not body else 400, "body.unknown"),
    ],
)
def test_an_unknown_property_alone(
    tmp_path: Path, required: str, accepts: Callable[[dict[str, Any]], int], broken: str
) -> None:
    """It stands for no required one, and spoils nothing where none is."""
    contract = contract_of(tmp_path, LONE.replace("REQUIRED", required))

    report = run(contract, things(accepts), max_examples=0)

    shown = {place.clause.split(" ", 2)[2] for one in report.findings for place in one.places}
    assert shown - {"status.no-failure"} == ({broken} if broken else set())


@pytest.mark.parametrize(
    ("accepts", "said"),
    [
        (
            lambda body: 400 if "unknownProperty" in body else 200,
            ("error", "an unknown property in the body"),
        ),
        # Frameworks refuse what is a way into every object of JavaScript.
        (
            lambda body: 400 if "__proto__" in body else 200,
            ("warning", "an unknown property '__proto__' in the body"),
        ),
        (
            lambda body: 200 if "name" in body or not body else 400,
            ("warning", "nothing but an unknown property in the body"),
        ),
    ],
    ids=["plain", "dangerous", "alone"],
)
def test_which_unknown_property_is_refused(
    tmp_path: Path, accepts: Callable[[dict[str, Any]], int], said: tuple[str, str]
) -> None:
    """The title says so; that a name with a meaning of its own is refused is no error."""
    contract = contract_of(tmp_path, LONE.replace("REQUIRED", ""))
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES})

    report = run(contract, things(accepts), families=kinds)

    level, what = said
    first = report.findings[0]
    assert (first.level.value, first.title) == (level, f"POST /things: {what} is refused (400)")


OK = """{description: ok, content: {application/json: {schema: {type: object, properties: {
        id: {type: string}, made: {type: string}}}}}}"""


def test_who_refuses_every_unknown_property_is_told_so_once(tmp_path: Path) -> None:
    """Not again for one that is called as in an answer, for it alone, or for a generated one."""
    contract = contract_of(tmp_path, LONE.replace("REQUIRED", "").replace("{description: ok}", OK))
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES, ClauseKind.PROPERTIES})
    closed = things(lambda body: 400 if body.keys() - {"name"} else 200)

    report = run(contract, closed, families=kinds, max_examples=20)

    assert [(one.code.value, len(one.places)) for one in report.findings] == [("refused-valid", 1)]


MESSAGES = """
paths:
  /messages:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [channel, query],
          properties: {
          channel: {type: string, minLength: 1, maxLength: 9, example: 'order:42'},
          query: {type: string, minLength: 1, example: SELECT 1}}}}}
      responses: {'202': {description: sent}, '400': {description: no}, '404': {description: none}}
"""


def test_a_text_of_the_right_length_may_name_nothing(tmp_path: Path) -> None:
    """A channel that nobody has made is not there, and two letters are no SQL."""

    def answer(asked: Asked) -> tuple[int, Any]:
        sent = asked.json if isinstance(asked.json, dict) else {}
        channel, query = sent.get("channel"), sent.get("query")
        if not (isinstance(channel, str) and isinstance(query, str) and 0 < len(channel) < 10):
            return 400, None
        if not query.lower().startswith("select "):
            return 400, None
        return (202 if channel.startswith("order:") else 404), None

    contract, app = contract_of(tmp_path, MESSAGES), Application(answer)
    report = run(contract, app, by_clock=True, allow_writes=True, max_examples=0)

    found = [
        one.title for one in report.findings if "refused" in one.code and one.level.value == "error"
    ]
    assert found == []


PAGES = """
paths:
  /messages:
    get:
      parameters:
        - {name: NAME, in: query, schema: {type: string, maxLength: 99, example: eyJpZCI6NDJ9}}
      responses: {'200': {description: page}, '400': {description: no such page}}
"""


@pytest.mark.parametrize(
    ("name", "warns"),
    [
        ("cursor", False),
        ("page_token", False),
        ("nextToken", False),
        ("continue", False),
        ("query", True),
    ],
)
def test_a_cursor_that_nobody_has_handed_out_may_be_refused(
    tmp_path: Path, name: str, warns: bool
) -> None:
    """So may the contract's own example: it is of another list. Other texts may be any."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if (asked.method, asked.path) != ("GET", "/messages"):
            return 405, None
        return (400 if name in asked.query else 200), None

    contract = contract_of(tmp_path, PAGES.replace("NAME", name))
    report = run(contract, Application(answer, allow="GET"), by_clock=True, max_examples=0)

    found = [one.title for one in report.findings if "refused" in one.code]
    assert bool(found) == warns


OF_TENANTS = """
paths:
  /things/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}, example: 1}
        - {name: X-Tenant, in: header, required: true, schema: {enum: [blue, green]}}
      responses: {'200': {description: ok}, '400': {description: no}, '404': {description: none}}
"""


@pytest.mark.parametrize(("status", "broken"), [(404, False), (400, True)])
def test_a_thing_may_be_of_one_tenant_alone(tmp_path: Path, status: int, broken: bool) -> None:
    """That there is no such thing says nothing of the value of another parameter."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("x-tenant") not in ("blue", "green"):
            return 400, None
        if asked.path != "/things/1":
            return 404, None
        return (200 if asked.headers["x-tenant"] == "blue" else status), None

    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES})
    report = run(contract_of(tmp_path, OF_TENANTS), Application(answer), families=kinds)

    assert (verdicts(report)["header.X-Tenant.enum"] == "broken") == broken


KNOWN = """
paths:
  /messages:
    get:
      parameters:
        - {name: NAME, in: PLACE, REQUIREDschema: {type: string}}
      responses: {'200': {description: some}, '400': {description: unknown}}
"""


@pytest.mark.parametrize(
    ("place", "required", "known", "broken"),
    [
        ("query", "required: true, example: inbox, ", {"inbox"}, set()),
        ("query", "required: true, example: inbox, ", {"inbox", "another"}, {"free"}),
        ("query", "", set[str](), {"optional"}),
        ("query", "", {""}, {"optional"}),
        ("header", "", set[str](), {"optional"}),
    ],
    ids=["some", "any-plain", "never", "only-empty", "never-in-header"],
)
def test_a_parameter_may_have_values_that_only_the_deployment_knows(
    tmp_path: Path, place: str, required: str, known: set[str], broken: set[str]
) -> None:
    """Where ordinary values are refused too, the odd ones say nothing of a limit on texts."""

    def answer(asked: Asked) -> tuple[int, Any]:
        given = parse_qs(asked.query, keep_blank_values=True).get("box")
        given = [asked.headers["box"]] if "box" in asked.headers else given
        absent = not given and not required
        return (200 if absent or (given and given[-1] in known) else 400), None

    text = KNOWN.replace("NAME", "box").replace("PLACE", place).replace("REQUIRED", required)
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES})
    report = run(contract_of(tmp_path, text), Application(answer), families=kinds)

    found = {place.clause.split(".")[-1] for one in report.findings for place in one.places}
    assert broken <= found
    assert found <= broken | ({"empty", "long"} if "free" in broken else set())


def test_a_failure_at_an_ordinary_value_is_told(tmp_path: Path) -> None:
    """It is no limit on odd values, and no value that the deployment has to know."""

    def answer(asked: Asked) -> tuple[int, Any]:
        box = parse_qs(asked.query, keep_blank_values=True)["box"][-1]
        if box == "inbox":
            return 200, None
        return (502 if box.isalpha() and len(box) < 20 else 400), None

    text = KNOWN.replace("NAME", "box").replace("PLACE", "query")
    text = text.replace("REQUIRED", "required: true, example: inbox, ")
    kinds = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES})
    report = run(contract_of(tmp_path, text), Application(answer), families=kinds)

    failed = [one for one in report.findings if one.code == "server-error"]
    assert [one.title for one in failed] == [
        "GET /messages: an ordinary value of query parameter box: the server fails (502)"
    ]


WIDGETS = """
paths:
  /widgets/{name}:
    put:
      x-conformance: {writes: false}
      parameters: [{name: name, in: path, required: true, schema: {type: string}, example: web}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string, pattern: '^[a-z]+$'}, size: {type: integer}}
            example: {name: web}
      responses: {'200': {description: ok}, '400': {description: no}, '404': {description: none}}
"""


def test_a_generated_body_has_the_name_that_its_path_has(tmp_path: Path) -> None:
    """Kubernetes refuses a PUT of another name: it is not the thing of that path."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/widgets/web":
            return 404, None
        body = asked.json if isinstance(asked.json, dict) else {}
        good = body.get("name") == "web" and isinstance(body.get("size", 1), int)
        return (200 if good else 400), None

    families = frozenset({ClauseKind.CONTROL, ClauseKind.PROPERTIES})
    contract, target = contract_of(tmp_path, WIDGETS), Application(answer)
    report = run(contract, target, families=families, max_examples=5)

    assert [one.code for one in report.findings if "valid" in one.title] == []
    assert len({str(one.json) for one in target.asked if one.path == "/widgets/web"}) > 2
