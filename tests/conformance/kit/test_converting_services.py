"""Services as teams write them: converted values, names that must be known, lenient decoders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.report.findings import Finding, Report
from conformance.run.turns.only_known import WHY
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run, verdicts

CONTRACT = """
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
              required: [model, prompt]
              properties:
                model: {type: string}
                prompt: {type: string}
                copies: {type: integer, minimum: 1, maximum: 9}
                ratio: {type: number, minimum: 0}
            example: {model: ink-2, prompt: a lake, copies: 2, ratio: 1.5}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  id: {type: string}
                  pages: {type: integer}
                  size: {type: integer}
        '400': {description: no}
"""


class Drawings:
    """The service, with the departures that a test names."""

    def __init__(self, *departures: str, answer: Any = None) -> None:
        self.departures, self.drawn = set(departures), 0
        self.answer = {"id": "d1", "pages": 1, "size": 4} if answer is None else answer
        self.application = Application(self.answered)

    def answered(self, asked: Asked) -> tuple[int, Any]:
        """A drawing, or 400."""
        if (asked.method, asked.path) != ("POST", "/drawings"):
            return 404, None
        lenient = "U+FFFD" in self.departures
        try:
            body = json.loads(asked.body.decode(errors="replace" if lenient else "strict"))
        except ValueError:
            return 400, None
        if "twice" in self.departures and isinstance(body, str) and body.startswith("{"):
            body = json.loads(body)
        if "application/json" not in asked.headers.get("content-type", "").lower():
            return 400, None
        if not isinstance(body, dict) or not self.is_good(body):
            return 400, None
        self.drawn += 1
        return 200, self.answer

    def is_good(self, body: dict[str, Any]) -> bool:
        """Whether the body is good, as this service reads it."""
        model, prompt, copies = body.get("model"), body.get("prompt"), body.get("copies", 1)
        if "joined" in self.departures and isinstance(model, list):
            model = ",".join(map(str, model))
        ratio = body.get("ratio", 1)
        if "converted" in self.departures and isinstance(ratio, str):
            ratio = float(ratio) if ratio.replace(".", "").isdigit() else None
        whole = type(copies) is int or ("fraction" in self.departures and type(copies) is float)
        known = isinstance(model, str) and (model == "ink-2" or "unlisted" in self.departures)
        short = isinstance(prompt, str) and (len(prompt) <= 300 or "short" not in self.departures)
        return (
            known and short and whole and 1 <= copies <= 9
            and type(ratio) in (int, float) and ratio >= 0
        )  # fmt: skip


def of(service: Drawings, tmp_path: Path, **options: Any) -> Report:
    """The report of a run, with the default budget unless another is given."""
    return run(contract_of(tmp_path, CONTRACT), service.application, max_examples=0, **options)


def at(report: Report, clause: str) -> list[Finding]:
    """The findings with a place at a clause."""
    return [
        finding
        for finding in report.findings
        if any(place.clause.endswith(f" {clause}") for place in finding.places)
    ]


def test_a_conversion_is_shown_beside_two_others(tmp_path: Path) -> None:
    """A text for a number, a fraction for an integer, and a list that a text is made of."""
    report = of(Drawings("converted", "fraction", "joined"), tmp_path)

    titles = {
        clause: [one.title for one in at(report, clause)]
        for clause in ("body.ratio.type", "body.copies.type", "body.model.type")
    }
    assert titles == {
        "body.ratio.type": ["POST /drawings: ratio: type is not checked"],
        "body.copies.type": ["POST /drawings: copies: type is checked only in part"],
        "body.model.type": ["POST /drawings: model: type is checked only in part"],
    }


def test_a_name_that_must_be_known_is_no_limit_on_texts(tmp_path: Path) -> None:
    report = of(Drawings("short"), tmp_path, max_billable=60)

    for kind in ("free", "long"):
        name = next(one for one in report.clauses if one.id.endswith(f" body.model.{kind}"))
        assert (name.verdict.value, name.why) == ("inconclusive", WHY)
        assert not at(report, f"body.model.{kind}")
    assert verdicts(report)["body.model.empty"] == "inconclusive"
    # A limit that really is one is still told.
    assert [one.level.value for one in at(report, "body.prompt.long")] == ["warning"]


def test_a_limit_on_a_text_of_which_ordinary_ones_are_accepted_is_told(tmp_path: Path) -> None:
    report = of(Drawings("unlisted"), tmp_path)

    assert verdicts(report)["body.model.free"] == "held"


def test_a_body_that_is_written_as_json_twice_is_no_object(tmp_path: Path) -> None:
    service = Drawings("twice")

    report = run(
        contract_of(tmp_path, CONTRACT), service.application, clauses=("POST /drawings body.type",)
    )

    (shown,) = report.findings
    assert [place.label for place in shown.places] == ["the body: the object as JSON in a text"]


def test_bytes_that_a_decoder_replaces_are_a_warning(tmp_path: Path) -> None:
    """RFC 8259 section 9 lets a parser accept more than JSON."""
    report = of(Drawings("U+FFFD", "unlisted"), tmp_path)

    levels = [(one.code, one.level.value) for one in at(report, "body.syntax.utf-8")]
    assert levels == [("accepted-malformed-body", "warning")]


def test_all_that_is_wrong_with_one_answer_is_replayed_once(tmp_path: Path) -> None:
    one = Drawings("unlisted", answer={"id": 1, "pages": 1, "size": 4})
    several = Drawings("unlisted", answer={"id": 1, "pages": "1", "size": "4"})
    first, second = of(one, tmp_path), of(several, tmp_path)

    assert at(first, "response.200.id.type")
    for name in ("id", "pages", "size"):
        assert at(second, f"response.200.{name}.type")
    assert several.drawn == one.drawn
