"""A deviation of an answer is not paid for twice: the next answer tells whether it shows again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.report.findings import Finding, Level
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

CONTRACT = """
paths:
  /sums:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [a]
              properties: {a: {type: integer}, b: {type: integer}}
            example: {a: 1}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {type: object, properties: {sum: {type: integer}}}
        '400': {description: no}
"""


def found(tmp_path: Path, sums: Callable[[int], Any]) -> tuple[list[Finding], int]:
    """Findings about sums, by the number of the good request, and how often the control came."""
    good = controls = 0

    def answer(asked: Asked) -> tuple[int, Any]:
        nonlocal good, controls
        try:
            body = json.loads(asked.body)
        except ValueError:
            return 400, None
        if asked.headers.get("content-type") != "application/json":
            return 415, None
        good_one = isinstance(body, dict) and "a" in body
        if not good_one or not all(type(one) is int for one in body.values()):
            return 400, None
        good += 1
        controls += asked.body == b'{"a": 1}'
        return 200, {"sum": sums(good)}

    contract = contract_of(tmp_path, CONTRACT)
    report = run(contract, Application(answer), max_billable=5, max_examples=0)
    return [one for one in report.findings if one.code == "response-schema"], controls


def test_a_deviation_that_shows_in_each_answer_costs_no_success(tmp_path: Path) -> None:
    """With a wrong sum in every answer the control is sent as often as with right sums."""
    (wrong,), as_wrong = found(tmp_path, str)
    (*right,), as_right = found(tmp_path, int)

    assert (wrong.level, wrong.places[0].intermittent, right) == (Level.ERROR, False, [])
    assert as_wrong == as_right


def test_a_deviation_that_shows_once_is_intermittent(tmp_path: Path) -> None:
    """The first answer alone has a wrong sum."""
    (once,), _ = found(tmp_path, lambda good: "2" if good == 1 else 2)

    assert (once.level, once.places[0].intermittent) == (Level.WARNING, True)
