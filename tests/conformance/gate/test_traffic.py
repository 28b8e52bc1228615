"""`conformance gate --traffic`: a breaking change is graded by whom it reaches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.gate.command import Done, conformance, environment
from tests.conformance.traffic.recorded import archive, entry

BEFORE = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
paths:
  /lamps:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer, maximum: 10}}]
      responses:
        '200':
          description: lamps
          content:
            application/json:
              schema: {type: object, required: [a], properties: {a: {type: string}}}
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                name: {type: string}
                password: {type: string}
                kind: {type: string, enum: [desk, floor]}
      responses: {'201': {description: made}}
  /doors:
    get: {responses: {'200': {description: doors}}}
"""
HEADERS = {"Authorization": "Bearer a-token-of-somebody", "X-Api-Key": "k3y-of-somebody"}


def gate(
    folder: Path, change: tuple[str, str], *entries: dict[str, Any], before: str = BEFORE
) -> Done:
    """Hold a changed contract against the one before, with some traffic."""
    assert change[0] in before
    (folder / "before.yaml").write_text(before, "utf-8")
    (folder / "openapi.yaml").write_text(before.replace(*change), "utf-8")
    (folder / "e2e.har").write_text(archive(*entries), "utf-8")
    return conformance(
        "gate", "--base", "before.yaml", "--no-lint", "--no-mock", "--traffic", "e2e.har",
        "--report", "json=r.json", folder=folder, env=environment(),
    )  # fmt: skip


def finding(folder: Path) -> dict[str, Any]:
    """The one finding that is no remark on the version."""
    found = json.loads((folder / "r.json").read_text("utf-8"))["findings"]
    (one,) = [one for one in found if one["code"] != "version-not-major" and one["level"] != "note"]
    return dict(one)


def sent(method: str, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
    """A recorded request."""
    return entry(method, path, status, body=body, headers=HEADERS, origin="https://api.example")


LIMIT = ("maximum: 10", "maximum: 5")
KIND = ("enum: [desk, floor]", "enum: [desk]")
NAME = ("type: object\n              properties", "type: object\n              required: [name]\n"
        "              properties")  # fmt: skip
GONE = ("  /doors:\n    get: {responses: {'200': {description: doors}}}\n", "")
MAYBE = ("required: [a], ", "")


@pytest.mark.parametrize(
    ("change", "reached", "others"),
    [
        (LIMIT, sent("GET", "/lamps?limit=7"), sent("GET", "/lamps?limit=3")),
        (KIND, sent("POST", "/lamps", {"kind": "floor"}), sent("POST", "/lamps", {"kind": "desk"})),
        (NAME, sent("POST", "/lamps", {"kind": "floor"}), sent("POST", "/lamps", {"name": "a"})),
        (GONE, sent("GET", "/doors"), sent("GET", "/lamps")),
        (MAYBE, sent("GET", "/lamps"), sent("GET", "/doors")),
    ],
    ids=["parameter", "enum", "required", "removed", "answer"],
)
def test_an_error_is_graded_by_whom_it_reaches(
    tmp_path: Path, change: tuple[str, str], reached: dict[str, Any], others: dict[str, Any]
) -> None:
    """With callers whom it reaches it is an error; with others, or none, a warning."""
    done = gate(tmp_path, change, reached, others, others)
    graded = finding(tmp_path)
    before = (done.returncode, graded["level"])
    spared = gate(tmp_path, change, others)

    assert before == (1, "error"), done.stdout
    assert (spared.returncode, finding(tmp_path)["level"]) == (0, "warning"), spared.stdout
    assert graded["places"][0]["fingerprint"] == finding(tmp_path)["places"][0]["fingerprint"]


def test_the_witness_is_a_real_request(tmp_path: Path) -> None:
    """The smallest one, without a credential, and how many there are."""
    secret = {"kind": "floor", "password": "hunter2-hunter2", "more": 1}
    shorter = {"kind": "floor", "password": "hunter2-hunter2"}
    requests = [sent("POST", "/lamps", body) for body in (secret, shorter, shorter)]
    gate(tmp_path, KIND, *requests, sent("POST", "/lamps", {"kind": "desk"}))
    (place,) = finding(tmp_path)["places"]
    text = (tmp_path / "r.json").read_text("utf-8")

    assert json.loads(place["request"]["body"]) == {"kind": "floor", "password": "••••"}
    assert place["witness"]["callers"] == {"recorded": 4, "reached": 3}
    assert "it reaches 3 of 4 recorded requests" in finding(tmp_path)["title"]
    assert "hunter2" not in text
    assert "of-somebody" not in text


def test_two_changes_of_one_body_are_told_apart(tmp_path: Path) -> None:
    """What one of them refuses says nothing of the other."""
    both = (NAME[0] + BEFORE.partition(NAME[0])[2].partition("enum: [desk, floor]")[0] + KIND[0],)
    text = BEFORE.replace(*NAME).replace(*KIND)
    change = (both[0], text[text.index(NAME[1]) : text.index(KIND[1]) + len(KIND[1])])
    gate(tmp_path, change, sent("POST", "/lamps", {"kind": "desk"}))
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))["findings"]
    levels = {one["code"]: one["level"] for one in found}

    assert levels["request-property-required"] == "error"
    assert levels["request-enum-narrowed"] == "warning"


ANSWERS = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
paths:
  /lamps:
    get:
      responses:
        '200':
          description: lamps
          headers: {X-Total: {schema: {type: integer}}}
          content:
            application/json:
              schema:
                type: array
                items:
                  type: object
                  required: [a, b]
                  properties:
                    a: {type: string}
                    b: {type: string}
                    kind: {type: string, enum: [desk, floor]}
                    size: {type: object, required: [w], properties: {w: {type: integer}}}
            application/xml: {schema: {type: string}}
        '202': {description: later}
        '404': {description: none}
"""
LAMP = {"a": "x", "b": "y"}


SIZED = LAMP | {"size": {"w": 3}}


def got(answer: Any = None, status: int = 200, **more: Any) -> dict[str, Any]:
    """A recorded answer."""
    return entry("GET", "/lamps", status, answer, origin="https://api.example", **more)


def total(recorded: dict[str, Any], value: str = "3") -> dict[str, Any]:
    """The same with one header more."""
    recorded["response"]["headers"].append({"name": "X-Total", "value": value})
    return recorded


def forgotten(recorded: dict[str, Any]) -> dict[str, Any]:
    """The same without its body, as browsers record what they have evicted."""
    del recorded["response"]["content"]["text"]
    recorded["response"]["content"]["size"] = 40
    return recorded


@pytest.mark.parametrize(
    ("change", "has", "lacks"),
    [
        (("required: [a, b]", "required: [a]"), got([LAMP]), got([])),
        (("[desk, floor]", "[desk, floor, wall]"), got([LAMP | {"kind": "desk"}]), got([LAMP])),
        (("w: {type: integer}", "w: {type: number}"), got([SIZED]), got([LAMP])),
        (("headers: {X-Total: {schema: {type: integer}}}", ""), total(got([LAMP])), got([LAMP])),
        (("        '202': {description: later}\n", ""), got(status=202), got([LAMP])),
        (("            application/xml: {schema: {type: string}}\n", ""),
         got("<a/>", media="application/xml"), got([LAMP])),
        (("'202': {description: later}", "'202': {description: later}\n        "
          "'206': {description: part}"), got([LAMP]), got([LAMP], status=418)),
        (("[desk, floor]", "[desk, floor, wall]"), forgotten(got([LAMP])), got(status=404)),
        (("X-Total: {schema: {type: integer}}", "X-Total: {schema: {type: number}}"),
         total(got([LAMP]), "••••"), got([LAMP])),
    ],
    ids=["optional", "enum", "type", "header", "status-gone", "media", "status-new", "unseen",
         "masked"],
)  # fmt: skip
def test_a_change_of_answers_reaches_who_got_what_it_takes_away(
    tmp_path: Path, change: tuple[str, str], has: dict[str, Any], lacks: dict[str, Any]
) -> None:
    """One recorded answer that had it makes the error; any number that had it not a warning."""
    done = gate(tmp_path, change, has, lacks, lacks, before=ANSWERS)
    reached = finding(tmp_path)
    spared = gate(tmp_path, change, lacks, lacks, before=ANSWERS)
    (place,) = reached["places"]

    assert (done.returncode, reached["level"]) == (1, "error"), done.stdout
    assert place["witness"]["callers"] == {"recorded": 3, "reached": 1}
    assert place["request"]["url"].endswith("/lamps")
    assert (spared.returncode, finding(tmp_path)["level"]) == (0, "warning"), spared.stdout


def test_what_no_answer_can_show_stays_an_error(tmp_path: Path) -> None:
    """A keyword without a clause of its own: nobody is known to be spared."""
    closed = ANSWERS.replace("3.0.3", "3.1.0").replace(
        "required: [a, b]", "dependentRequired: {c: [a]}\n                  required: [b]"
    )
    change = ("dependentRequired: {c: [a]}", "dependentRequired: {}")
    gate(tmp_path, change, got([LAMP]), before=closed)

    assert finding(tmp_path)["level"] == "error"
    assert "it has 1 recorded request" in finding(tmp_path)["title"]


def test_two_changes_of_answers_are_told_apart(tmp_path: Path) -> None:
    """Both properties may be missing now, and traffic got only one of them."""
    text = ANSWERS.replace("required: [a, b]", "required: [a]").replace("required: [w], ", "")
    gate(tmp_path, (ANSWERS, text), got([LAMP]), before=ANSWERS)
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))["findings"]
    levels = {one["title"].partition(" in ")[0]: one["level"] for one in found}

    assert levels["diff against before.yaml: `[].b`"] == "error"
    assert levels["diff against before.yaml: `[].size.w`"] == "warning"


def test_traffic_needs_something_to_compare_with(tmp_path: Path) -> None:
    """Exit code 2 and one sentence."""
    (tmp_path / "openapi.yaml").write_text(BEFORE, "utf-8")
    (tmp_path / "e2e.har").write_text(archive(), "utf-8")
    done = conformance("gate", "--traffic", "e2e.har", folder=tmp_path, env=environment())

    assert (done.returncode, "--base" in done.stderr) == (2, True)
