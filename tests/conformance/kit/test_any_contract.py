"""Any contract: the kit and the mock, made apart from each other, agree about all of OpenAPI."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from conformance.clauses import derive
from conformance.clauses.clause import Verdict
from conformance.http.credentials import Credentials
from conformance.http.target import Target
from conformance.report.findings import Level, Report, ReportVerdict
from conformance.run.session.run_options import RunOptions
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from mock_server import AuthPolicy, Settings, create_app
from spec import AI_CONTRACT, AI_OVERLAY, Contract, load
from tests.conformance.kit.running import contract_of

pytestmark = pytest.mark.slow

CONTRACTS = Path(__file__).parents[2] / "contracts"
TOKEN = "token-for-everything"


@pytest.mark.parametrize("name", ["everything.yaml", "everything31.yaml"])
def test_clauses_of_everything(name: str) -> None:
    """Every feature of OpenAPI has clauses, each with a line and a name of its own."""
    clauses = derive(load(CONTRACTS / name))

    assert len({clause.id for clause in clauses}) == len(clauses) > 200


def before_the_mock(contract: Contract, **options: object) -> Report:
    """The kit's report on our own mock of a contract, which takes one token."""
    settings = Settings(auth=AuthPolicy.parse([f"token={TOKEN}"]), stream_pace=0.0)
    run = Run(
        contract,
        Target(app=create_app(contract, settings=settings)),
        RunOptions(
            credentials=Credentials(token=TOKEN, by_scheme={"basic": TOKEN}),
            allow_writes=True,
            max_examples=1,
            **options,  # type: ignore[arg-type]  # the fields of RunOptions
        ),
    )
    asyncio.run(way_of_a_clause(run))
    return run.report(Level.WARNING)


def test_our_mock_keeps_our_contract() -> None:
    """Neither error nor warning, and every operation is seen to succeed."""
    report = before_the_mock(load(AI_CONTRACT, overlay=AI_OVERLAY))

    assert report.findings == ()
    assert report.verdict is ReportVerdict.CONFORMS
    assert {c.verdict.value for c in report.clauses if c.id.endswith(" control")} == {"held"}


@pytest.mark.parametrize("name", ["everything.yaml", "everything31.yaml"])
def test_our_mock_keeps_everything(name: str) -> None:
    """All locations, styles, media types, schemes and keywords; digest alone is undecided."""
    report = before_the_mock(load(CONTRACTS / name), max_billable=40)

    assert [one for one in report.findings if one.level.at_least(Level.WARNING)] == []
    assert [remark for remark in report.remarks if "could not be probed" in remark] == []


PUBLISHED = """
paths:
  /nothing-documented: {get: {responses: {}}}
  /only-refusals: {post: {responses: {'405': {description: Invalid input}}}}
  /only-a-401:
    get: {security: [{key: []}], responses: {'401': {description: who}}}
  /undeclared-scheme:
    get: {security: [{gone: []}], responses: {'200': {description: ok}}}
  /unmakeable:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json: {schema: {type: object}}
            application/msgpack: {schema: {type: object}}
  /placeholder:
    get:
      parameters:
        - {name: lasts, in: query, schema: {type: string, format: duration}, example: TBD}
      responses: {'200': {description: ok}, '400': {description: no}}
  /upload:
    post:
      requestBody: {required: true, content: {application/pdf: {schema: {type: string}}}}
      responses: {'204': {description: kept}, '400': {description: no}}
  /event:
    post:
      requestBody:
        required: true
        content: {application/jwt: {schema: {type: string, minLength: 3}}}
      responses:
        '200': {description: ok, content: {application/jwt: {schema: {type: string}}}}
        '400': {description: no}
        default: {description: else, content: {application/json: {schema: {type: object}}}}
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
"""


def test_our_mock_keeps_what_is_published(tmp_path: Path) -> None:
    """What people leave out of contracts is nobody's fault: neither the mock's nor the kit's."""
    report = before_the_mock(contract_of(tmp_path, PUBLISHED))

    assert [f"{one.title}: {one.got}" for one in report.findings] == []
    assert report.verdict is ReportVerdict.CONFORMS
    why = {one.id: one.why for one in report.clauses if one.verdict is Verdict.INCONCLUSIVE}
    assert "documents only refusals" in why["POST /only-refusals control"]
    held = {one.id for one in report.clauses if one.verdict is Verdict.HELD}
    assert {f"POST /{one} control" for one in ("upload", "event")} <= held
    assert "POST /event body(application/jwt).minLength" in held


SCALARS = {
    "number": "application/json: {schema: {type: integer}}",
    "long": "application/json: {example: 1234}",
    "switch": "application/json: {schema: {type: boolean}}",
    "text": "application/json: {schema: {type: string}}",
    "list": "application/json: {schema: {type: array, items: {type: integer}}}",
    "lines": "application/x-ndjson: {schema: {type: integer}}",
    "element": "application/xml: {example: '<a/>', schema: {type: object, xml: {name: a}}}",
}


def test_our_mock_keeps_bodies_of_one_value(tmp_path: Path) -> None:
    """Half a number is a number, two in a row are one, and an empty element has no end tag."""
    responses = "responses: {'200': {description: ok}, '400': {description: no}}"
    paths = "".join(
        f"  /{name}: {{put: {{requestBody: {{content: {{{content}}}}}, {responses}}}}}\n"
        for name, content in SCALARS.items()
    )
    report = before_the_mock(contract_of(tmp_path, f"paths:\n{paths}"))

    assert [f"{one.title}: {one.got}" for one in report.findings] == []
    assert report.verdict is ReportVerdict.CONFORMS


def test_a_mock_that_takes_every_credential_is_named(tmp_path: Path) -> None:
    """It is the default of the mock, and no fault of the contract."""
    contract = contract_of(tmp_path, PUBLISHED.replace("'401'", "'200'"))
    run = Run(
        contract, Target(app=create_app(contract)), RunOptions(credentials=Credentials(token="t"))
    )
    asyncio.run(way_of_a_clause(run))
    report = run.report(Level.ERROR)

    assert {one.code for one in report.findings} == {"accepted-credential"}
    assert [one for one in report.remarks if "--auth token=T" in one]
