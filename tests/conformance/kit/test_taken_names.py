"""Names that are unique: an example that is taken, and faults that are stored under a name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.controls import candidates
from conformance.cases.operation_under_test import Subject
from conformance.cases.valid_values import ValidValueBuilder
from conformance.http.credentials import Credentials
from conformance.report.findings import Report
from conformance.run.fresh_values import FreshValues
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

CONTRACT = """
paths:
  /secrets:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [key]
              properties:
                key: {type: string, maxLength: 30, pattern: '^[A-Z0-9_]+$', example: STRIPE_KEY}
                note: {type: string}
      responses:
        '201': {description: made}
        '400': {description: no}
        '409': {description: taken}
        '415': {description: type}
"""


class Secrets:
    """Stores what is valid under its key, once; `longest` is the limit that it keeps."""

    def __init__(self, longest: int = 30, *, refusal: int = 409) -> None:
        self.known, self.longest, self.refusal = {"STRIPE_KEY"}, longest, refusal

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        """201, or why not."""
        if "json" not in asked.headers.get("content-type", "").lower() or asked.path != "/secrets":
            return (415 if asked.path == "/secrets" else 404), None
        body = asked.json
        key = body.get("key") if isinstance(body, dict) else None
        if not isinstance(key, str) or not isinstance(body.get("note", ""), str):
            return 400, None
        if not re.fullmatch("[A-Z0-9_]+", key) or len(key) > self.longest:
            return 400, None
        if key in self.known:
            return self.refusal, None
        self.known.add(key)
        return 201, None


def errors(report: Report) -> set[tuple[str, str]]:
    """Code and clause of every place that is an error."""
    return {
        (one.code, place.clause)
        for one in report.findings
        for place in one.places
        if place.level.value == "error"
    }


@pytest.mark.parametrize("refusal", [409, 400])
def test_an_example_that_is_taken_is_tried_with_a_new_value(tmp_path: Path, refusal: int) -> None:
    """An earlier run has made what the contract shows; the rest of the operation is tried."""
    server = Secrets(refusal=refusal)

    report = run(contract_of(tmp_path, CONTRACT), Application(server), allow_writes=True)

    verdicts = {one.id: one.verdict.value for one in report.clauses}
    assert errors(report) == set()
    assert verdicts["POST /secrets control"] == "held"
    assert verdicts["POST /secrets body.key.maxLength"] == "held"


def test_a_fault_that_is_stored_is_no_accident_although_it_can_be_sent_once(tmp_path: Path) -> None:
    """The second time its name is taken: that speaks of what is stored, and not of chance."""
    contract = contract_of(tmp_path, CONTRACT)
    report = run(contract, Application(Secrets(longest=99)), allow_writes=True)

    assert errors(report) == {("accepted-invalid-body", "POST /secrets body.key.maxLength")}
    assert not any(place.intermittent for one in report.findings for place in one.places)


@pytest.mark.parametrize(
    ("schema", "example", "shape"),
    [
        ("{type: string, pattern: '^[A-Z0-9_]+$'}", "STRIPE_KEY", r"STRIPE_KEY_[0-9A-F]{8}"),
        ("{type: string, pattern: '^[a-z]\\w*$'}", "posts", r"posts_[0-9a-f]{8}"),
        ("{type: string, pattern: '^[0-9]+$'}", "4711", r"4711[0-9]+"),
        ("{type: string, format: email}", "a@example.com", r"a-[0-9a-f]{8}@example\.com"),
        ("{type: string, maxLength: 12}", "a long name", r"[0-9a-f]{8}"),
    ],
)
def test_a_new_value_looks_like_the_old_one(
    tmp_path: Path, schema: str, example: str, shape: str
) -> None:
    """A deployment has rules of its own: the ends of a domain, and what a name begins with."""
    old = "{type: string, maxLength: 30, pattern: '^[A-Z0-9_]+$', example: STRIPE_KEY}"
    contract = contract_of(tmp_path, CONTRACT.replace(old, schema))
    control = next(candidates(contract, contract.operations[0], Credentials()))
    subject = Subject(
        builder=ValidValueBuilder(contract=contract),
        contract=contract,
        operation=contract.operations[0],
        credentials=Credentials(),
        control=control.but(body={"key": example}),
    )
    fresh = FreshValues.of(subject)

    assert fresh is not None
    assert re.fullmatch(shape, fresh.renewed(subject.control).body["key"])
