"""A deployment that demands one optional property and refuses the value of another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from tests.conformance.kit.applications import Application, Asked, objects
from tests.conformance.kit.running import contract_of, posting, run, verdicts

CONTRACT = posting(
    "/orders",
    "200 400",
    """
type: object
required: [item, to]
properties:
  item: {type: string}
  to: {type: object, required: [town], properties:
    {town: {type: string}, name: {type: string}}}
  shop: {type: string, enum: [north, south]}
  share: {type: number, minimum: 0, maximum: 1}
  gift: {type: boolean}
""",
)


@pytest.mark.parametrize(
    ("said", "demanded"),
    [(True, ["shop"]), (True, ["shop", "gift"]), (False, ["shop"]), (True, ["to.name"])],
    ids=["named", "two-named", "unnamed", "inside"],
)
def test_what_is_demanded_is_found_beside_what_is_refused(
    tmp_path: Path, said: bool, demanded: list[str]
) -> None:
    """No share is accepted: neither the least request nor the fullest one is a good one."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        good = isinstance(body, dict) and isinstance(body.get("to"), dict)
        if not good or not isinstance(body.get("item"), str) or "town" not in body["to"]:
            return 400, {"message": "item"}
        there = {*body, *(f"to.{name}" for name in body["to"])}
        wrong = [name for name in demanded if name not in there]
        wrong += ["share"] if "share" in there else []
        return (400, {"message": wrong[0] if said else "invalid"}) if wrong else (200, {})

    report = run(contract_of(tmp_path, CONTRACT), Application(answer), max_examples=0)

    broken = {place.clause.split(" ", 2)[-1] for one in report.findings for place in one.places}
    refused = {f"body.{name}.optional" for name in (*demanded, "share")}
    assert refused <= broken
    assert "control" not in broken


ENUMERATED = """
paths:
  /rates:
    get:
      parameters:
        - {name: from, in: query, required: true, schema: {type: string, enum: [post, dhl, ups]}}
        - {name: size, in: query, required: true, schema: {type: array, items: {enum: [s, m]}}}
      responses:
        '200': {description: ok}
        '400': {description: no}
"""


@pytest.mark.parametrize("good", ["from=ups&size=s", "from=post&size=m"])
def test_another_member_of_a_parameter_is_accepted(tmp_path: Path, good: str) -> None:
    """A provider that is not set up is refused, whether a body names it or the query."""

    def answer(asked: Asked) -> tuple[int, Any]:
        given = parse_qs(asked.query)
        wanted = parse_qs(good)
        return (200 if all(given.get(name) == wanted[name] for name in wanted) else 400), None

    report = run(contract_of(tmp_path, ENUMERATED), Application(answer), max_examples=0)

    verdicts = {one.id: one.verdict for one in report.clauses}
    assert verdicts["GET /rates query.from.required"] is Verdict.HELD


OPTIONAL = """
paths:
  /orders:
    post:
      x-conformance: {writes: false}
      parameters: [{name: Version, in: header, schema: {type: string, pattern: "^[0-9]+$"}}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, properties: {item: {type: string}, note: {type: string}}}
            example: {item: a}
      responses: {'200': {description: ok}, '400': {description: no}}
"""


def test_a_refused_parameter_is_not_tried_with_less_of_the_body(tmp_path: Path) -> None:
    """The server takes no version, and no body with nothing in it."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        good = isinstance(body, dict) and body and all(isinstance(body[k], str) for k in body)
        return (200 if good and "version" not in asked.headers else 400), {}

    report = run(contract_of(tmp_path, OPTIONAL), Application(answer), max_examples=0)

    places = (place for one in report.findings for place in one.places)
    sent = [one.request for one in places if one.clause.endswith("header.Version.optional")]
    assert [dict(one.headers)["Version"] for one in sent if one] == ["1"]


PARCELS = posting(
    "/parcels",
    "200 400 415",
    """
type: object
required: [item]
properties:
  item: {type: string}
  share: {type: number, minimum: 0, maximum: 1}
  box: {type: object, required: [kind], properties:
    {kind: {type: string, enum: [flat, deep]}, weight: {type: integer}}}
""",
)


def test_a_property_is_tried_with_a_value_that_is_accepted(tmp_path: Path) -> None:
    """One value of it is refused: what is asked of its other values is seen all the same."""

    def right(share: Any, box: Any) -> bool:
        fits = type(share) in (int, float) and 0 <= share < 1
        whole = isinstance(box, dict) and box.get("kind") == "deep"
        return fits and whole and type(box.get("weight")) is int

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        good = right(body.get("share", 0), body.get("box", {"kind": "deep", "weight": 1}))
        return (200 if good and isinstance(body.get("item"), str) else 400), {}

    report = run(contract_of(tmp_path, PARCELS), objects(answer), max_examples=0)

    seen = verdicts(report)
    assert [seen[f"body.{name}.optional"] for name in ("share", "box")] == ["broken", "broken"]
    assert [seen[one] for one in ("body.share.minimum", "body.box.weight.type")] == ["held", "held"]


LINES = posting(
    "/orders",
    "200 400",
    """
type: object
required: [lines]
properties:
  lines: {type: array, items: {type: object, properties:
    {item: {type: string}, note: {type: string}}}}
  share: {type: number}
  box: {type: object, properties: {BOX}}
example: {lines: [{item: a}, {item: b}]}
""".replace("BOX", ", ".join(f"side{number}: {{type: integer}}" for number in range(16))),
)


@pytest.mark.parametrize("said", ["note", "no"], ids=["named", "unnamed"])
def test_what_is_demanded_in_each_item_of_a_list_is_found(tmp_path: Path, said: str) -> None:
    """The fullest request has it in one item, and has the share that is refused as well."""

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        lines = body.get("lines")
        good = isinstance(lines, list) and "share" not in body
        noted = good and all(isinstance(one, dict) and "note" in one for one in lines or ())
        texts = noted and all(isinstance(one["note"], str) for one in lines or ())
        return (200, {}) if texts else (400, {"message": said})

    report = run(contract_of(tmp_path, LINES), objects(answer), max_examples=0)

    assert verdicts(report)["body.lines[].note.type"] == "held"


BOXES = posting(
    "/parcels",
    "200 400",
    """
type: object
example: {item: a}
properties:
  item: {type: string}
  boxes: {type: array, items: {type: object, required: [kind], properties:
    {kind: {type: string}, weight: {type: integer}}}}
""",
)


def test_a_list_that_fails_with_two_members_is_tried_with_one(tmp_path: Path) -> None:
    """What is in it is judged: it stands in a request that was accepted."""

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        boxes = body.get("boxes", [])
        if not isinstance(boxes, list) or not all(map(_is_box, boxes)):
            return 400, {}
        return (500 if len(boxes) > 1 else 200), {}

    report = run(contract_of(tmp_path, BOXES), objects(answer), max_examples=0)

    seen = verdicts(report)
    assert [seen["body.boxes.optional"], seen["body.boxes[].kind.type"]] == ["broken", "held"]
    assert [seen[f"body.boxes[].kind.{one}"] for one in ("free", "empty")] == ["held", "held"]


def _is_box(box: Any) -> bool:
    """Whether it has a kind, and the weight that nothing promises to demand."""
    return isinstance(box, dict) and type(box.get("kind")) is str and type(box.get("weight")) is int


@pytest.mark.parametrize("names", [("endsAt", "startsAt"), ("startsAt", "endsAt")])
def test_a_time_that_has_to_lie_ahead_is_found(tmp_path: Path, names: tuple[str, str]) -> None:
    """In whichever order a range is declared; generated requests keep it."""
    lines = ", ".join(f"{name}: {{type: string, format: date-time}}" for name in names)
    schema = f"{{type: object, required: [startsAt, endsAt], properties: {{{lines}}}}}"

    def check(body: dict[str, Any]) -> tuple[int, Any]:
        first, last = (str(body.get(name)) for name in ("startsAt", "endsAt"))
        return (200 if "2036" < first < last < "3000" and last.endswith("Z") else 400), None

    report = run(
        contract_of(tmp_path, posting("/silences", "200 400", schema)), objects(check),
        families=frozenset({ClauseKind.CONTROL, ClauseKind.PROPERTIES}), max_examples=4,
    )  # fmt: skip

    assert [one.title for one in report.findings] == []
    assert verdicts(report)["control"] == "held"
