"""With which answers a client is tried for a change of a contract, the one difference in each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.client.answered import Answered, ClientAnswer
from conformance.client.newly_allowed import NewlyAllowed
from conformance.diff import differences
from conformance.judgement.dropped import Dropping
from conformance.report.findings import Level
from spec import Contract, load

BEFORE = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
paths:
  /lamps/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: lamp
          headers: {X-Total: {required: true, schema: {type: integer}}}
          content:
            application/json:
              schema:
                type: object
                required: [name, kind, size]
                properties:
                  name: {type: string}
                  kind: {type: string, enum: [desk, floor]}
                  size: {type: integer, maximum: 9}
                  rooms: {type: array, items: {$ref: '#/components/schemas/Room'}}
        '202': {description: later}
components:
  schemas:
    Room: {type: object, required: [at, of], properties: {at: {type: string}, of: {type: string}}}
"""
BODY = {"name": "a", "kind": "desk", "size": 3, "rooms": [{"at": "hall", "of": "b"}]}
KNOWN = ClientAnswer(status=200, media="application/json", body=BODY, headers={"x-total": "1"})


def tried(
    folder: Path, *changes: tuple[str, str], known: ClientAnswer = KNOWN
) -> dict[str, list[Any]]:
    """For each error of a comparison, by the start of its title, the answers that are tried."""
    after = BEFORE
    for change in changes:
        assert change[0] in after
        after = after.replace(*change)
    before, now = loaded(folder, "before", BEFORE), loaded(folder, "after", after)
    dropping = Dropping(before, now)
    calls = Answered(operation="GET /lamps/{id}", calls=(known,))
    newly = NewlyAllowed(dropping, {calls.operation: calls})
    made = dict[str, list[Any]]()
    for finding in differences(before, now):
        if finding.level is Level.ERROR and finding.witness is not None:
            dropped = dropping.dropped(finding)
            assert dropped is not None
            name = finding.title.partition(" in ")[0]
            found = newly.variations(calls.operation, dropped, finding.witness["response"])
            made[name] = [one.smallest(calls) for one in found]
    return made


def loaded(folder: Path, name: str, text: str) -> Contract:
    """A contract of a text."""
    (folder / f"{name}.yaml").write_text(text, "utf-8")
    return load(folder / f"{name}.yaml")


def without(name: str) -> dict[str, Any]:
    """The known body without a property."""
    return {key: value for key, value in BODY.items() if key != name}


ABSENT = ("required: [name, kind, size]", "required: [size]")
KIND = ("enum: [desk, floor]", "enum: [desk, floor, wall]")
SIZE = ("maximum: 9", "maximum: 50")
ROOM = ("required: [at, of]", "required: [at]")
PATH = ("/lamps/{id}:\n    get:\n      parameters: [{name: id", "/lamps/{key}:\n    get:\n      "
        "parameters: [{name: key")  # fmt: skip


@pytest.mark.parametrize("more", [(), (PATH,)], ids=["same-path", "renamed-parameter"])
def test_each_change_has_its_own_answers(tmp_path: Path, more: tuple[tuple[str, str], ...]) -> None:
    """With five changes at once, each answer differs from the known one in the change alone."""
    made = tried(tmp_path, ABSENT, KIND, SIZE, ROOM, *more)
    bodies = {name: [one["body"] for one in answers] for name, answers in made.items()}

    assert bodies["`name`"] == [without("name")]
    assert bodies["`kind`"][0] == without("kind") or bodies["`kind`"][0] == BODY | {"kind": "wall"}
    assert BODY | {"size": 50} in bodies["`size`"]
    assert bodies["`rooms[].of`"] == [BODY | {"rooms": [{"at": "hall"}]}]


def test_what_new_demands_comes_along(tmp_path: Path) -> None:
    """A known answer that NEW forbids is made one that it allows: a renamed property."""
    change = ("required: [name, kind, size]", "required: [title, kind, size]"), (
        "name: {type: string}", "title: {type: string}")  # fmt: skip
    (answer, *_) = tried(tmp_path, *change)["`name`"]

    assert "name" not in answer["body"]
    assert "title" in answer["body"]


@pytest.mark.parametrize(
    ("change", "status", "headers"),
    [
        (("{required: true, schema: {type: integer}}", "{schema: {type: integer}}"), 200, {}),
        (("'202': {description: later}", "'206': {description: part}"), 206, None),
    ],
    ids=["header", "status"],
)
def test_what_is_no_body(
    tmp_path: Path, change: tuple[str, str], status: int, headers: dict[str, str] | None
) -> None:
    """A header goes, and a success is new."""
    answers = [one for found in tried(tmp_path, change).values() for one in found]

    assert [(one["status"], one.get("headers")) for one in answers] == [(status, headers)]


def test_a_status_that_the_client_got_is_gone(tmp_path: Path) -> None:
    """Another success comes in its place; who never got it is tried with nothing."""
    change = ("        '202': {description: later}\n", "")
    later = tried(tmp_path, change, known=ClientAnswer(status=202))
    never = tried(tmp_path, change)

    assert [one["status"] for found in later.values() for one in found] == [200]
    assert list(never.values()) == [[]]
