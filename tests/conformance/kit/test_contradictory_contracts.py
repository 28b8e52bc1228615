"""Contracts that contradict themselves: no deployment is accused of it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest

from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, posting, run, verdicts

BODY = posting(
    "/events",
    "200 400",
    "{type: object, required: [at], properties: {at: {type: string, format: date-time}}}",
    example="{at: 2026-01-31 10:00}",
)
QUERY = """
paths:
  /events:
    get:
      parameters:
        - {name: at, in: query, required: true, example: 2026-01-31 10:00,
           schema: {type: string, format: date-time}}
      responses: {'200': {description: d}, '400': {description: d}}
"""
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt][\d:]{8}(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


@pytest.mark.parametrize("text", [BODY, QUERY], ids=["body", "query"])
def test_who_enforces_the_format_of_an_example_is_not_accused(tmp_path: Path, text: str) -> None:
    """The contract contradicts itself, and a value that keeps all of it is accepted."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json if asked.method == "POST" else dict(parse_qsl(asked.query))
        at = body.get("at") if isinstance(body, dict) else None
        return (200 if _is_moment(at) else 400), None

    report = run(contract_of(tmp_path, text), Application(answer), max_examples=0)

    assert [one.title for one in report.findings if one.level.value == "error"] == []
    assert verdicts(report)["control"] == "held"


ITEM = """
paths:
  /events/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, example: may, schema: {type: string, format: uuid}}
      responses: {'200': {description: d}, '400': {description: d}, '404': {description: d}}
"""


def test_an_id_that_nobody_has_is_undecided_beside_an_example_without_its_format(
    tmp_path: Path,
) -> None:
    def answer(asked: Asked) -> tuple[int, Any]:
        return (404 if len(asked.path.rpartition("/")[2]) == len(str(UUID(int=0))) else 400), None

    report = run(contract_of(tmp_path, ITEM), Application(answer), max_examples=0)

    assert [one.title for one in report.findings if one.level.value == "error"] == []
    assert verdicts(report)["control"] == "inconclusive"


EXCLUDED = """
paths:
  /volume/{step}:
    get:
      parameters:
        - {name: step, in: path, required: true, schema: {type: integer, enum: ['-1', '1']}}
      responses: {'200': {description: d}}
"""


def test_a_parameter_of_which_no_value_is_allowed_accuses_nobody(tmp_path: Path) -> None:
    """Whatever is sent breaks the contract: its members are texts, and its type is another."""
    report = run(contract_of(tmp_path, EXCLUDED), Application(lambda _: (400, None)))

    assert [one.title for one in report.findings if one.level.value == "error"] == []
    assert verdicts(report)["control"] == "inconclusive"


def _is_moment(text: Any) -> bool:
    try:
        return bool(RFC_3339.fullmatch(text) and datetime.fromisoformat(text.upper()))
    except (TypeError, ValueError):
        return False
