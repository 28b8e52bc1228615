"""What refuses a good value is told apart: its length or its letters, its size or its fraction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from conformance.cases.body_edits import has
from conformance.cases.edge_values import edges
from conformance.clauses.keyword_sentences import FREE, free_keywords
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import nodes
from conformance.report.findings import Level, Report
from spec import Direction
from spec.model.contract_model import Schema
from tests.conformance.kit.applications import Application, Asked, objects
from tests.conformance.kit.running import contract_of, posting, run, verdicts

NAMES = """
paths:
  /names:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string, maxLength: 60}, share: {type: number}}
      responses: {'204': {description: ok}, '400': {description: no}}
    get:
      parameters: [{name: name, in: query, required: true, schema: {type: string, maxLength: 60}}]
      responses: {'204': {description: ok}, '400': {description: no}}
"""
KINDS = frozenset({ClauseKind.CONTROL, ClauseKind.EDGES, ClauseKind.BODY, ClauseKind.PARAMETERS})


def plain(text: str) -> bool:
    """Whether a server that knows the first 65,536 code points takes it."""
    return max(text, default="a") < "\U00010000"


def in_units(text: str) -> bool:
    """Whether a server takes it that counts the units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2 <= 60


def short(text: str) -> bool:
    """Whether a server takes it that has another bound than its contract."""
    return len(text) <= 50


RULES = {"letters": plain, "units": in_units, "length": short}


def report_of(folder: Path, rule: Any, share: Any = lambda number: True) -> Report:
    """A run before names that are looked at by a rule, beside the contract's."""

    def answer(asked: Asked) -> tuple[int, None]:
        if asked.method == "GET":
            name = dict(parse_qsl(asked.query, keep_blank_values=True)).get("name")
            return (204 if name is not None and len(name) <= 60 and rule(name) else 400), None
        body = asked.json if asked.body else None
        if not isinstance(body, dict) or not isinstance(name := body.get("name"), str):
            return 400, None
        number = body.get("share", 1)
        good = isinstance(number, (int, float)) and not isinstance(number, bool) and share(number)
        return (204 if good and len(name) <= 60 and rule(name) else 400), None

    return run(contract_of(folder, NAMES), Application(answer), families=KINDS)


def seen(report: Report, *, level: Level) -> set[str]:
    """The clauses that findings of a level name, without their operation."""
    places = [place for finding in report.findings for place in finding.places]
    return {place.clause.split(" ", 2)[2] for place in places if place.level is level}


@pytest.mark.parametrize("rule", ["letters", "units", "length"])
def test_a_length_is_accused_only_of_a_length(tmp_path: Path, rule: str) -> None:
    """Letters that are refused in a text of any length say nothing of its bound."""
    report = report_of(tmp_path, RULES[rule])
    errors = {"body.name.maxLength", "query.name.maxLength"}

    if rule == "letters":
        assert seen(report, level=Level.ERROR) == set()
        assert seen(report, level=Level.WARNING) == {"body.name.free", "query.name.free"}
        # In other letters the length is tried all the same.
        assert verdicts(report)["body.name.maxLength"] == "held"
    else:
        assert seen(report, level=Level.ERROR) == errors


@pytest.mark.parametrize(("least", "named"), [(1, False), (0, True)])
def test_a_fraction_is_accused_only_where_a_larger_one_is_refused(
    tmp_path: Path, least: int, *, named: bool
) -> None:
    """A bound of which the contract does not speak refuses a small number, whole or not."""

    def good(share: float) -> bool:
        return share >= 1 if least else float(share).is_integer()

    report = report_of(tmp_path, lambda text: True, good)

    assert ("body.share.type" in seen(report, level=Level.ERROR)) is named
    assert ("body.share.type" in seen(report, level=Level.WARNING)) is not named


LARGE = posting(
    "/sizes",
    "200 400",
    """
{type: object, properties: {size: {type: integer}, note: {type: string}}}
""",
)


@pytest.mark.parametrize(
    ("least", "status", "told"),
    [
        pytest.param(2**31, 400, [], id="the receiver's own limit"),
        pytest.param(2**20, 400, [("refused-free", "2147483647")], id="a small limit"),
        pytest.param(2**31, 500, [("server-error", "9007199254740991")], id="a column of 32 bits"),
    ],
)
def test_what_32_bits_do_not_hold_may_be_refused(
    tmp_path: Path, least: int, status: int, told: list[tuple[str, str]]
) -> None:
    """It must not fail."""

    def check(body: dict[str, Any]) -> tuple[int, Any]:
        size = body.get("size", 0)
        if isinstance(size, bool) or not isinstance(size, int):
            return 400, None
        return (
            status if size >= least else 200 if isinstance(body.get("note", ""), str) else 400
        ), None

    report = run(contract_of(tmp_path, LARGE), objects(check), families=KINDS)
    large = [
        (str(finding.code), str(place.label).rpartition(": ")[2])
        for finding in report.findings
        for place in finding.places
        if place.clause.endswith("body.size.large")
    ]

    assert large == told


SCHEMAS = {
    "text": {"type": "string"},
    "long text": {"type": "string", "minLength": 1},
    "short text": {"type": "string", "maxLength": 60},
    "text or null": {"type": ["null", "string"]},
    "bounded text": {"type": "string", "minLength": 1, "maxLength": 60},
    "formed text": {"type": "string", "format": "date"},
    "whole": {"type": "integer"},
    "whole from 1": {"type": "integer", "minimum": 1},
    "whole above 0": {"type": "integer", "exclusiveMinimum": 0},
    "bounded whole": {"type": "integer", "minimum": 1, "maximum": 9},
    "number": {"type": "number"},
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_each_kind_of_free_value_has_a_clause_and_each_clause_a_value(
    tmp_path: Path, schema: dict[str, Any]
) -> None:
    contract = contract_of(tmp_path, NAMES)
    node = nodes(contract, Schema(pointer="#/x", value=schema))[0]
    allowed = [
        edge.keyword
        for edge in edges(node)
        if not contract.violations(
            Schema(pointer="#/x", value=schema), Direction.REQUEST, edge.value
        )
    ]

    assert {one for one in allowed if one in FREE} == set(free_keywords(node))


NOTES = posting(
    "/notes",
    "204 400",
    """
type: object
required: [title]
properties:
  title: {type: string}
  note: {type: string}
  rank: {type: integer}
""",
)
REFUSING: dict[str, Callable[[dict[str, Any]], bool]] = {
    "title.empty": lambda body: body["title"] == "",
    "title.long": lambda body: len(body["title"]) > 2_000,
    "title.free": lambda body: "<" in body["title"],
    "note.empty": lambda body: body.get("note") == "",
    "note.long": lambda body: len(body.get("note", "")) > 255,
    "rank.small": lambda body: body.get("rank", 1) < 1,
    "rank.large": lambda body: body.get("rank", 1) > 1_000,
}
"""What is refused, by the place that shows it, though the contract forbids nothing of it."""


@pytest.mark.parametrize(
    "departures",
    [
        ("title.empty", "title.long"),
        ("title.long", "title.free"),
        ("rank.small", "rank.large"),
        tuple(REFUSING),
    ],
    ids=["empty and long", "long and characters", "small and large", "all"],
)
def test_each_kind_of_free_value_that_is_refused_is_a_place(
    tmp_path: Path, departures: tuple[str, ...]
) -> None:
    """None of them hides another one of the same property."""
    shapes = {"title": str, "note": str, "rank": int}

    def answer(asked: Asked) -> tuple[int, None]:
        body = asked.json if asked.body else None
        if not isinstance(body, dict) or "title" not in body:
            return 400, None
        if any(type(body.get(name, of())) is not of for name, of in shapes.items()):
            return 400, None
        return (400 if any(REFUSING[one](body) for one in departures) else 204), None

    report = run(contract_of(tmp_path, NOTES), Application(answer), families=KINDS)
    titles = " ".join(finding.title for finding in report.findings)

    assert seen(report, level=Level.WARNING) == {f"body.{one}" for one in departures}
    assert seen(report, level=Level.ERROR) == set()
    if departures == ("title.empty", "title.long"):
        assert "a text of 2,001 characters in title" in titles


PLANS = posting(
    "/plans",
    "204 400",
    """
type: object
required: [name]
properties:
  name: {type: string}
  steps:
    type: array
    items:
      type: object
      required: [every]
      properties:
        every: {type: integer, minimum: 1, example: 5}
        label: {anyOf: [{type: string, maxLength: 20}, {type: integer}]}
        zone: {type: string, maxLength: 20}
        note: {type: string, maxLength: 20}
""",
)


@pytest.mark.parametrize("refused", ["steps", "zone", "note"])
def test_what_is_inside_of_a_refused_part_is_not_accused(tmp_path: Path, refused: str) -> None:
    """A value was only tried where the list that it stands in was accepted with others."""

    def answer(asked: Asked) -> tuple[int, None]:
        body = asked.json if asked.body else None
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return 400, None
        steps = body.get("steps", [])
        good = isinstance(steps, list) and all(isinstance(one, dict) for one in steps)
        inside = good and any(refused in one for one in steps)
        return (400 if not good or inside or (refused in body) else 204), None

    report = run(contract_of(tmp_path, PLANS), Application(answer), families=KINDS)
    accused = {place.clause.split(" ", 2)[2] for one in report.findings for place in one.places}
    inner = {one for one in accused if one.startswith("body.steps") and one.endswith("al")}

    assert {one for one in inner if refused not in one} <= {"body.steps.optional"}
    assert any(one.endswith(f"{refused}.optional") for one in inner)


@pytest.mark.parametrize("path", [("a",), (0, "b"), (1,), ("a", 0)])
def test_a_path_leads_nowhere_in_a_value_of_another_kind(path: tuple[str | int, ...]) -> None:
    """Bodies of several alternatives may be lists, objects and texts."""
    assert not has([{"a": 1}], path)


@pytest.mark.parametrize("status", [500, 400])
@pytest.mark.parametrize(
    ("refuses", "clauses"),
    [
        pytest.param(lambda text: len(text) > 100, ("long",), id="its-length"),
        pytest.param(lambda text: "'" in text, ("free",), id="its-characters"),
        pytest.param(lambda text: len(text) > 100 or "'" in text, ("free", "long"), id="both"),
    ],
)
def test_a_long_text_of_odd_characters_is_refused_for_one_of_both(
    tmp_path: Path, refuses: Callable[[str], bool], clauses: tuple[str, ...], status: int
) -> None:
    """A plain text of the same length tells."""
    schema = "{type: object, required: [t], properties: {t: {type: string}}}"

    def check(body: dict[str, Any]) -> tuple[int, Any]:
        text = body.get("t")
        wrong = not isinstance(text, str)
        return (400 if wrong else status if refuses(str(text)) else 200), None

    report = run(
        contract_of(tmp_path, posting("/n", "200 400", schema)), objects(check), by_clock=True,
        families=frozenset({ClauseKind.CONTROL, ClauseKind.EDGES}),
    )  # fmt: skip

    told = sorted(one.clauses[0] for one in report.findings)
    assert told == [f"POST /n body.t.{one}" for one in clauses]
