"""Every fault of a contract is found at its line, and sound contracts are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.lint import lint
from conformance.report.codes.lint_codes import LINT_CODES
from conformance.report.codes.registry import CODES
from conformance.report.findings import Level
from spec import AI_CONTRACT, AI_OVERLAY, load
from tests.yaml_files import read_yaml

CASES: list[dict[str, Any]] = read_yaml(Path(__file__).with_name("lint.yaml"))
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
    elsewhere |= {"broken-file"}
    provoked = {case["code"] for case in CASES} | elsewhere

    assert {entry.code for entry in LINT_CODES} == provoked


def test_our_own_contract() -> None:
    """The published contract has no fault beyond two schemas that nothing refers to."""
    found = lint(load(AI_CONTRACT, overlay=AI_OVERLAY))

    assert [(one.code, one.level) for one in found] == [("unused-component", Level.NOTE)]
    assert found[0].title == "2 schema components are never referenced"


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


def written(folder: Path, text: str) -> Path:
    file = folder / "openapi.yaml"
    file.write_text(text, "utf-8")
    return file


def test_many_of_one_cause_are_one_finding(tmp_path: Path) -> None:
    """Twenty examples under one format are one sentence with twenty places, each with its line."""
    properties = "".join(
        f"                  u{at}: {{type: string, format: uri, example: /x{at}}}\n"
        for at in range(20)
    )
    content = "{schema: {type: object}}}}"
    text = CONTRACT.replace(
        content, f"\n              schema:\n                properties:\n{properties}"
    ).replace("{description: ok, content: {application/json: ", "\n          description: ok\n"
              "          content:\n            application/json:")  # fmt: skip

    [finding] = lint(load(written(tmp_path, text)))

    assert finding.title == "20 examples break `format: uri`"
    assert len({place.fingerprint for place in finding.places}) == 20
    lines = [place.place.line for place in finding.places if place.place]
    assert lines == sorted(set(lines))
    assert {place.operation for place in finding.places} == {"GET /a"}


LATEST = """\
openapi: 3.2.0
$self: https://example.com/api.yaml
info: {title: T, version: '1'}
tags: [{name: a, summary: A, kind: nav}]
paths:
  /a:
    query:
      responses:
        '200':
          summary: no description is needed
          content: {application/jsonl: {itemSchema: {type: object}}}
    additionalOperations:
      COPY: {responses: {'204': {description: done}}}
"""


def test_the_latest_version_has_its_own_rules(tmp_path: Path) -> None:
    """What OpenAPI 3.2 has added is no fault in it, and what it does not have is one."""
    file = written(tmp_path, LATEST)
    sound = lint(load(file))
    faulty = lint(load(written(tmp_path, LATEST.replace("kind: nav", "kind: 5"))))

    assert sound == ()
    assert [(one.code.value, one.pointer) for one in faulty] == [
        ("invalid-openapi", "#/tags/0/kind")
    ]


@pytest.mark.parametrize(
    ("was", "now", "what", "remedy"),
    [
        ("version: '1'", "version: 1.0", "must be of type string, got 1.0", "in quotes: `'1.0'`"),
        ("'200':", "'2xx':", "`2xx` is not allowed here", "in upper case: `2XX`"),
        ("description: ok, ", "", "`description` is missing", "add it"),
        ("get:", "GET:", "a path item has no `GET`", "in lower case: `get`"),
        (
            "{type: object}",
            "{type: date-time}",
            "there is no type `date-time`",
            "format: date-time",
        ),
        ("    get:", "    get:\n      deprecated: yes", "of type boolean", "`true` or `false`"),
        (
            "    get:",
            "    get:\n      parameters: [{name: q, in: query, required: [q], schema: {}}]",
            'must be of type boolean, got ["q"]',
            "`true` or `false`",
        ),
        (
            "{type: object}",
            "{$ref: '#/definitions/Lamp'}",
            "does not resolve",
            "did you mean '#/components/schemas/Lamp'?",
        ),
        (
            "{type: object}",
            "{$ref: '#/components/schemas/Lmap'}",
            "does not resolve",
            "did you mean '#/components/schemas/Lamp'?",
        ),
        (
            "{type: object}",
            "{$ref: Lamp}",
            "no such file",
            "did you mean '#/components/schemas/Lamp'?",
        ),
    ],
)
def test_slips_are_told_in_words(
    was: str, now: str, what: str, remedy: str, tmp_path: Path
) -> None:
    """What people write by mistake is told with what they meant, once."""
    lamp = "components: {schemas: {Lamp: {type: object}}}\n"
    file = tmp_path / "openapi.yaml"
    file.write_text(CONTRACT.replace(was, now) + lamp, "utf-8")
    found = [one for one in lint(load(file)) if one.level is Level.ERROR]

    assert [one.title for one in found if what in one.title and remedy in one.remedy]
    assert len({one.place for one in found}) <= 2


def test_a_pointer_without_its_hash_is_told(tmp_path: Path) -> None:
    """`/components/schemas/Lamp` is no path of a file."""
    lamp = "components: {schemas: {Lamp: {type: object}}}\n"
    file = tmp_path / "openapi.yaml"
    reference = "{$ref: /components/schemas/Lamp}"
    file.write_text(CONTRACT.replace("{type: object}", reference) + lamp, "utf-8")
    [found] = [one for one in lint(load(file)) if one.code == "unresolved-reference"]

    assert found.remedy == "did you mean '#/components/schemas/Lamp'?"
