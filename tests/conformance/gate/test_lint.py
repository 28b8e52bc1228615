"""Every fault of a contract is found at its line, and sound contracts are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.lint import lint
from conformance.report.codes.lint_codes import LINT_CODES
from conformance.report.codes.registry import CODES
from conformance.report.findings import Level
from spec import AI_CONTRACT, AI_OVERLAY, load

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("lint.yaml").read_text("utf-8")
)
OVERLAY = """\
overlay: 1.0.0
info: {title: O, version: '1'}
actions:
  - target: $.paths['/a'].get.responses['200']
    update:
"""
CONTRACT = """\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object}}}}
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_fault(case: dict[str, Any], tmp_path: Path) -> None:
    """A fault is reported once, with its code, its level, its line and what to do."""
    file = tmp_path / "openapi.yaml"
    file.write_text(case["contract"], "utf-8")
    line = 1 + next(
        at for at, text in enumerate(case["contract"].splitlines()) if text.endswith("# here")
    )

    found = lint(load(file))

    expected = {case["code"], *case.get("also", ())}
    assert {one.code for one in found} == expected
    [finding] = [one for one in found if one.code == case["code"]]
    assert finding.place is not None
    assert finding.place.line == line
    assert finding.level is CODES[case["code"]].level
    assert finding.title
    assert finding.remedy


@pytest.mark.parametrize(
    ("code", "update"),
    [
        ("needless-mock-content", "x-mock-content: {application/json: {schema: {type: object}}}"),
        (
            "invalid-condition",
            "content: {application/json: {examples: {a: {value: {}, x-mock-when: {type: 5}}}}}",
        ),
    ],
)
def test_fault_of_an_overlay(code: str, update: str, tmp_path: Path) -> None:
    """What an overlay adds is checked with the contract under it."""
    file, overlay = tmp_path / "openapi.yaml", tmp_path / "overlay.yaml"
    file.write_text(CONTRACT, "utf-8")
    overlay.write_text(f"{OVERLAY}      {update}\n", "utf-8")

    found = lint(load(file, overlay=overlay))

    assert [one.code for one in found] == [code]


def test_every_code_is_provoked() -> None:
    """No code without a test that shows it."""
    elsewhere = {"needless-mock-content", "invalid-condition", "too-many-choices"}
    provoked = {case["code"] for case in CASES} | elsewhere

    assert {entry.code for entry in LINT_CODES} == provoked


def test_our_own_contract() -> None:
    """The published contract has no fault beyond two schemas that nothing refers to."""
    found = lint(load(AI_CONTRACT, overlay=AI_OVERLAY))

    assert [(one.code, one.level) for one in found] == [("unused-component", Level.NOTE)] * 2


SOUND = """\
openapi: 3.1.0
info: {title: T, version: '1'}
security: [{token: []}, {}]
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    put:
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Part'}}
          application/*: {}
      responses:
        '200': {description: ok}
        4XX: {description: no}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    Part:
      allOf:
        - {$ref: '#/components/schemas/Base'}
        - {required: [id, size], properties: {size: {type: integer, default: 1}}}
    Base:
      type: object
      properties:
        id: {type: string, readOnly: true, example: x}
        parts: {type: array, items: {$ref: '#/components/schemas/Part'}}
        never: false
"""


def test_sound_contract(tmp_path: Path) -> None:
    """Recursion, composition, `false`, ranges and optional security are no faults."""
    file = tmp_path / "openapi.yaml"
    file.write_text(SOUND, "utf-8")

    assert lint(load(file)) == ()
