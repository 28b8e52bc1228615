"""Edges of lists, of excluded bounds and inside parameters; what is demanded beside them."""

from __future__ import annotations

import asyncio
import json
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from conformance.cases.draft_parameters import pairs_of, value_in
from conformance.cases.edge_values import Strength, edges
from conformance.cases.list_edges import in_list, is_long, list_edges
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import nodes
from conformance.http.credentials import Credentials
from conformance.http.request_drafts import Draft
from conformance.report.findings import Report
from spec import load
from spec.contract.parameter_codecs import parameter_codec
from spec.model.contract_model import Schema
from spec.text.styles import Absent
from tests.conformance.kit.applications import Application, Asked, Message, objects
from tests.conformance.kit.running import contract_of, posting, run, verdicts

LISTS = """
paths:
  /lists:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                any: {type: array, minItems: 1, maxItems: 3, items: {type: string}}
                own: {type: array, maxItems: 3, uniqueItems: true, items: {type: integer}}
                few: {type: array, maxItems: 3, uniqueItems: true, items: {enum: [a, b]}}
                columns: {type: array, maxItems: 3, items: {$ref: '#/components/schemas/Column'}}
                owners: {type: array, maxItems: 3, items: {type: object}}
      responses: {'200': {description: ok}}
components:
  schemas:
    Column:
      type: object
      properties: {columnName: {type: string, pattern: '^[a-z]+[1-9]?$'}, type: {type: string}}
"""


EMPTY = """
paths:
  /badges:
    get:
      parameters: [{name: scale, in: query, allowEmptyValue: true, schema: {type: integer}}]
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_what_is_sent_empty_counts_as_left_out(tmp_path: Path) -> None:
    """By `allowEmptyValue` (OpenAPI 3.0, Parameter Object): there is no value in it."""
    contract = contract_of(tmp_path, EMPTY)
    operation = contract.operations[0]
    draft = Draft(method="GET", path="/badges", query=(("scale", ""),))
    way = parameter_codec(contract, operation, operation.parameters[0])

    assert value_in(draft, operation.parameters[0], way) is Absent.UNUSED
    assert pairs_of(draft, operation.parameters[0], way) == (("scale", ""),)


def lists(folder: Path, name: str, good: Any) -> dict[str, Any]:
    """The lists at the bounds of a property, by the keyword that they speak for."""
    contract = contract_of(folder, LISTS)
    body = contract.operations[0].request_body
    assert body is not None
    assert body.content[0].schema is not None
    node = next(one for one in nodes(contract, body.content[0].schema) if one.name == name)
    return {edge.keyword: edge.value for edge in list_edges(contract, node, good)}


def test_a_list_is_sent_at_its_shortest_and_at_its_longest(tmp_path: Path) -> None:
    """Of the items of a good one; distinct where they must be, and none where there are few."""
    assert lists(tmp_path, "any", ["x", "y"]) == {"minItems": ["x"], "maxItems": ["x", "y", "x"]}
    assert lists(tmp_path, "own", [7]) == {"maxItems": [7, 8, 9]}
    assert lists(tmp_path, "few", ["a"]) == {}


def test_objects_in_a_long_list_have_names_of_their_own(tmp_path: Path) -> None:
    """A table has no two columns of one name; where a pattern allows no other, they are copies."""
    column, owner = {"columnName": "a", "type": "text"}, {"email": "a@example.com"}
    apart = [column, {**column, "columnName": "a1"}, {**column, "columnName": "a2"}]
    ended = {"columnName": "a1"}
    owners = [owner, {"email": "a1@example.com"}, {"email": "a2@example.com"}]

    assert lists(tmp_path, "columns", [column])["maxItems"] == apart
    assert lists(tmp_path, "columns", [ended])["maxItems"] == [ended] * 3
    assert lists(tmp_path, "owners", [owner])["maxItems"] == owners


def test_what_many_servers_refuse_is_not_left_for_the_end(tmp_path: Path) -> None:
    """A budget may end before what nothing names: an empty text and an empty list come first."""
    contract = contract_of(tmp_path, LISTS)
    text = Schema(pointer="#/x", value={"type": "string"})
    found = [
        edge.value
        for schema in (text, Schema(pointer="#/y", value={"type": "array", "items": {}}))
        for node in nodes(contract, schema)
        for edge in edges(node)
        if edge.telling
    ]

    assert found == ["", []]


def test_the_value_next_to_an_excluded_bound_is_an_edge(tmp_path: Path) -> None:
    contract = contract_of(tmp_path, LISTS)
    whole = {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10}
    node = nodes(contract, Schema(pointer="#/x", value=whole))[0]
    found = {edge.keyword: edge.value for edge in edges(node)}

    assert (found["exclusiveMinimum"], found["exclusiveMaximum"]) == (1, 9)


SEARCH = """
paths:
  /search:
    get:
      parameters:
      - {name: since, in: query, schema: {type: string, format: date}}
      - name: ids
        in: query
        schema: {type: array, maxItems: 3, items: {type: integer, maximum: 9}}
      - {name: size, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def searched(folder: Path, most: int, largest: int, *, since: bool) -> Report:
    """A run before a search that takes so many ids, and demands a date or does not."""

    def answer(asked: Asked) -> tuple[int, Any]:
        query = parse_qs(asked.query, keep_blank_values=True)
        ids, size = query.get("ids", []), query.get("size", ["1"])
        good = len(size) == 1 and size[0].isascii() and size[0].isdigit() and 0 < int(size[0]) < 51
        good = good and all(one.lstrip("-").isdigit() and int(one) <= largest for one in ids)
        dated = [len(one) == 10 and one[4::3] == "--" for one in query.get("since", [])]
        good = good and len(ids) <= most and all(dated) and (bool(dated) or not since)
        return (200 if good else 400), None

    families = frozenset({ClauseKind.PARAMETERS, ClauseKind.EDGES, ClauseKind.CONTROL})
    contract = contract_of(folder, SEARCH)
    return run(contract, Application(answer), families=families, max_examples=0)


def refused(report: Report) -> set[str]:
    """The clauses of good values that were refused."""
    return {
        place.clause.split(" ", 2)[-1]
        for finding in report.findings
        if finding.code == "refused-valid"
        for place in finding.places
    }


def test_the_longest_list_and_the_largest_item_of_a_parameter_are_sent(tmp_path: Path) -> None:
    assert refused(searched(tmp_path, 3, 9, since=False)) == set()
    assert refused(searched(tmp_path, 2, 9, since=False)) == {"query.ids.maxItems"}
    assert refused(searched(tmp_path, 3, 8, since=False)) == {"query.ids[].maximum"}


def test_an_optional_parameter_that_is_demanded_is_one_finding(tmp_path: Path) -> None:
    """Nothing else is accused, and the rest of the operation is tried."""
    report = searched(tmp_path, 3, 9, since=True)
    seen = {clause.id.split(" ", 2)[-1]: clause.verdict.value for clause in report.clauses}

    assert refused(report) == {"query.since.optional"}
    assert (seen["control"], seen["query.size.maximum"]) == ("held", "held")


DELIMITED = """
paths:
  /names:
    get:
      parameters:
      - name: csv
        in: query
        explode: false
        schema: &list {type: array, maxItems: 2, items: {type: string}}
      - {name: pipes, in: query, style: pipeDelimited, explode: false, schema: *list}
      - {name: blanks, in: query, style: spaceDelimited, explode: false, schema: *list}
      - {name: X-Names, in: header, schema: *list}
      - {name: own, in: cookie, explode: false, schema: *list}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


@pytest.mark.parametrize("checked", [True, False])
def test_texts_that_a_style_delimits_are_counted(tmp_path: Path, checked: bool) -> None:
    """Three of them in one text are no list of one, so a third one above `maxItems` is a fault."""

    def answer(asked: Asked) -> tuple[int, Any]:
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        cookies = SimpleCookie(asked.headers.get("cookie", ""))
        own = cookies["own"].value if "own" in cookies else ""
        sent = [(query.get("csv", ""), ","), (query.get("pipes", ""), "|")]
        sent += [(query.get("blanks", ""), " "), (asked.headers.get("x-names", ""), ",")]
        sent += [(unquote(own), ",")]
        good = all(text.count(delimiter) < 2 for text, delimiter in sent)
        return (200 if good or not checked else 400), None

    families = frozenset({ClauseKind.PARAMETERS, ClauseKind.CONTROL})
    contract = contract_of(tmp_path, DELIMITED)
    report = run(contract, Application(answer), families=families, max_examples=0)
    accused = {place.clause.split(" ", 2)[-1] for f in report.findings for place in f.places}
    expected = ["query.csv", "query.pipes", "query.blanks", "header.X-Names", "cookie.own"]

    assert accused == ({f"{one}.maxItems" for one in expected} if not checked else set())


BOTH = """
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    token: {type: http, scheme: bearer}
security: [{key: [], token: []}]
paths:
  /lamps:
    get:
      responses: {'200': {description: ok}, '401': {description: who}}
"""


def test_of_two_credentials_that_are_required_together_each_is_looked_at(tmp_path: Path) -> None:
    """The key is not: that shows only while the token is good."""

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200 if asked.headers.get("authorization") == "Bearer token-2718" else 401), None

    given = Credentials(by_scheme={"key": "key-31415926", "token": "token-2718"})
    report = run(contract_of(tmp_path, BOTH), Application(answer), credentials=given)
    places = [p for f in report.findings if f.code == "accepted-credential" for p in f.places]
    labels = {place.clause.rpartition(".")[2]: place.label for place in places}

    assert set(labels) == {"missing", "malformed", "wrong", "altered", "misplaced"}
    assert labels["missing"] == "no `key`, all else good"


RANGES = """
paths:
  /notes:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content: {application/json: {schema: {type: object}}, 'text/*': {schema: {type: string}}}
      responses: {'200': {description: ok}, '400': {description: no}, '415': {description: type}}
"""


def test_a_range_of_media_types_is_judged_by_its_own_schema(tmp_path: Path) -> None:
    """`{` is a good text, whatever JSON has to say of it."""

    def answer(asked: Asked) -> tuple[int, Any]:
        kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            return (200 if isinstance(asked.json, dict) else 400), None
        return (200 if kind.startswith("text/") else 415), None

    report = run(contract_of(tmp_path, RANGES), Application(answer), max_examples=2)
    accused = [f.title for f in report.findings if f.level.value == "error"]

    assert accused == []


HIDDEN = BOTH.replace("key: [], token: []", "key: []").replace("'401'", "'404'")


def test_a_credential_may_be_refused_by_the_404_that_alone_is_documented(tmp_path: Path) -> None:
    def answer(asked: Asked) -> tuple[int, Any]:
        return (200 if asked.headers.get("x-key") == "key-31415926" else 404), None

    given = Credentials(by_scheme={"key": "key-31415926"})
    report = run(contract_of(tmp_path, HIDDEN), Application(answer), credentials=given)

    assert [f.title for f in report.findings if f.level.value == "error"] == []


ECHO = """
paths:
  /echo:
    get:
      parameters: [{name: text, in: query, required: true, schema: {type: string}}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: string}}}}
        '400': {description: no}
"""


def test_callers_are_told_apart_by_a_text_of_the_query(tmp_path: Path) -> None:
    """An answer that holds what another caller asked for is mixed up."""
    last = ["none yet"]

    def answer(asked: Asked) -> tuple[int, Any]:
        text = parse_qs(asked.query, keep_blank_values=True).get("text")
        before, last[0] = last[0], text[0] if text else ""
        return (200, before) if text else (400, None)

    report = run(contract_of(tmp_path, ECHO), Application(answer))

    assert "mixed-answers" in [finding.code for finding in report.findings]


CHAT = """
paths:
  /chat:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [model, text],
          properties: {model: {type: string}, text: {type: string}}}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object}}}}
        '400': {description: no}
"""


class OneModel(Application):
    """Every answer has a member of the request that has come last."""

    last: Any = None

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        """Answer a little later: others come in the meantime."""
        message = await receive()
        body = json.loads(message["body"] or b"null")
        self.last = body
        await asyncio.sleep(0.002)

        async def again() -> Any:
            return message

        await super().__call__(scope, again, send)


@pytest.mark.parametrize(
    ("member", "failing", "mixed"),
    [
        ("model", 0, True),
        ("model", 400, False),
        ("model", 500, False),
        ("text", 0, True),
        ("text", 400, True),
    ],
)
def test_callers_are_told_apart_by_every_text(
    tmp_path: Path, *, member: str, failing: int, mixed: bool
) -> None:
    """Where other models are unknown, they differ in the text alone."""
    app: OneModel

    def answer(asked: Asked) -> tuple[int, Any]:
        value = asked.json
        if not isinstance(value, dict) or not all(
            isinstance(value.get(n), str) for n in ("model", "text")
        ):
            return 400, None
        if failing and value["model"].startswith("caller-"):
            return failing, None
        return 200, value | {member: app.last[member]}

    app = OneModel(answer)
    clause = "POST /chat steady.concurrent"
    report = run(contract_of(tmp_path, CHAT), app, clauses=(clause,))

    codes = [one.code for one in report.findings]
    assert codes == (["mixed-answers"] if mixed else [])
    assert verdicts(report)["steady.concurrent"] == ("broken" if mixed else "held")


def test_what_a_list_may_mean_by_its_places_is_not_named(tmp_path: Path) -> None:
    """A fraction in a box, a list of two where others have one: a refusal is a warning at most."""
    contract = contract_of(tmp_path, LISTS)
    node = nodes(contract, Schema(pointer="#/x", value={"type": "number", "maximum": 9}))[0]
    inner = {edge.keyword: in_list(edge, ("box", 3)).strength for edge in edges(node)}

    assert (inner["type"], inner["maximum"]) == (Strength.FREE, Strength.NAMED)
    assert in_list(next(edges(node)), ("box",)).strength is Strength.NAMED
    assert [is_long(one) for one in ([1, 2], {"a": [{"b": [1, 2]}]}, {"a": [1]})] == [
        True,
        True,
        False,
    ]


COMPANY = """
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /notes:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [text]
              properties: {text: {type: string}, at: {type: string}, zone: {type: string}}
              dependentRequired: {at: [zone]}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_a_property_that_needs_another_is_sent_with_it_and_accused_alone(tmp_path: Path) -> None:
    """Without it the request is no good one: a refusal of both may be about either."""

    def report(*, knows_at: bool) -> dict[str, str]:
        def answer(asked: Asked) -> tuple[int, Any]:
            body = asked.json
            good = isinstance(body, dict) and all(isinstance(one, str) for one in body.values())
            known = isinstance(body, dict) and "text" in body and (knows_at or "at" not in body)
            return (200 if good and known else 400), None

        examples = {"POST /notes": {"text": "x"}}
        return verdicts(run(contract, Application(answer), max_examples=0, examples=examples))

    file = tmp_path / "notes.yaml"
    file.write_text(COMPANY, "utf-8")
    contract = load(file)
    right, wrong = report(knows_at=True), report(knows_at=False)
    names = ("body.at.optional", "body.zone.optional", "body.at.type")

    assert [right[one] for one in names] == ["held", "held", "held"]
    assert [wrong[one] for one in names[:2]] == ["broken", "held"]


ROWS = posting(
    "/rows",
    "200 400",
    """
type: object
required: [rows]
properties: {rows: {type: array, items: {type: object, properties: {name: {type: string}}}}}
""",
    example='{"rows": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}',
)


@pytest.mark.parametrize("looked_at", [0, 1, 2])
def test_an_unknown_property_stands_in_each_item_of_a_list(tmp_path: Path, looked_at: int) -> None:
    """One of the items may be the only one that is looked at, the last one most of all."""

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        row = [*(body.get("rows") or ()), {}, {}, {}][looked_at]
        known = not isinstance(row, dict) or row.keys() <= {"name"}
        return (200, {}) if known else (400, {})

    families = frozenset({ClauseKind.EDGES})
    report = run(contract_of(tmp_path, ROWS), objects(answer), families=families)

    assert verdicts(report)["body.rows[].unknown"] == "broken"
