"""`conformance freshen`: canned answers become like the deployment's, as far as may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.report.formats.json_report import as_json
from spec import AI_CONTRACT, AI_OVERLAY, load, overlay_of
from tests.conformance.gate.command import Done, conformance, environment
from tests.conformance.kit.applications import Application
from tests.conformance.kit.running import run
from tests.conformance.traffic.recorded import archive, entry
from tests.conformance.traffic.test_canned import PATH, deployment

CONTRACT = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
servers: [{url: https://api.example/v1}]
paths:
  /lamps:
    get:
      responses:
        '200':
          $ref: '#/components/responses/Lamps'
  /fixed:
    get:
      responses:
        '200':
          description: a closed object
          content:
            application/json:
              schema:
                type: object
                required: [a]
                properties: {a: {type: string}, b: {type: string}, c: {type: integer}}
                additionalProperties: false
              examples:
                one: {value: {a: x, b: y}}
                two: {x-mock-when: false, value: {a: z, b: w}}
components:
  responses:
    Lamps:
      description: lamps
      content:
        application/json:
          schema: {type: array, items: {type: object, required: [name]}}
"""
OVERLAY = """\
overlay: 1.0.0
# A comment of ours.
actions:
  - target: $.components.responses.Lamps.content['application/json']
    update:
      example: [{name: desk, colour: red, size: 1, when: '{$request.path}'}]  # kept
# About what follows.
info: {title: Ours, version: 1.0.0}
"""


def freshened(
    folder: Path,
    *entries: dict[str, Any],
    overlay: str | None = OVERLAY,
    contract: str = CONTRACT,
) -> Done:
    """Freshen the overlay by some traffic."""
    (folder / "openapi.yaml").write_text(contract, "utf-8")
    if overlay is not None:
        (folder / "openapi.overlay.yaml").write_text(overlay, "utf-8")
    (folder / "e2e.har").write_text(archive(*entries), "utf-8")
    line = ("freshen", "e2e.har", "--output", "new.overlay.yaml")
    return conformance(*line, folder=folder, env=environment())


def examples(folder: Path, path: str = "/lamps") -> dict[str | None, Any]:
    """The examples of a response once the proposed overlay is laid over the contract."""
    contract = load(folder / "openapi.yaml", overlay=folder / "new.overlay.yaml")
    operation = contract.operation(f"GET {path}")
    assert operation is not None
    return {one.name: one.value for one in operation.responses[0].content[0].examples}


def test_what_comes_what_goes_and_what_is_of_another_kind(tmp_path: Path) -> None:
    """Templates and comments stay; the actions follow those that are there."""
    seen = [{"name": "a", "size": "L", "tags": ["x"]}, {"name": "b", "size": "M", "tags": []}]
    done = freshened(tmp_path, entry("GET", "/lamps", 200, seen))
    text = (tmp_path / "new.overlay.yaml").read_text("utf-8")

    assert done.returncode == 0, done.stderr
    assert examples(tmp_path) == {None: [{"name": "desk", "size": "L", "tags": ["x"]}]}
    assert text.startswith(OVERLAY.partition("# About")[0])
    assert text.endswith("# About what follows.\ninfo: {title: Ours, version: 1.0.0}\n")


def test_nothing_is_left_to_say_afterwards(tmp_path: Path) -> None:
    """The overlay that was proposed needs no change."""
    seen = entry("GET", "/lamps", 200, [{"name": "a", "size": {"w": 1}}])
    freshened(tmp_path, seen)
    text = (tmp_path / "new.overlay.yaml").read_text("utf-8")
    again = freshened(tmp_path, seen, overlay=text)

    assert "nothing is to change" in again.stderr
    assert (tmp_path / "new.overlay.yaml").read_text("utf-8") == text


def test_what_the_contract_does_not_allow_is_put_aside(tmp_path: Path) -> None:
    """It is told with the reason, and stands in the overlay as a comment."""
    done = freshened(tmp_path, entry("GET", "/fixed", 200, {"b": "y", "d": 1, "c": 2}))
    text = (tmp_path / "new.overlay.yaml").read_text("utf-8")

    assert examples(tmp_path, "/fixed") == {
        "one": {"a": "x", "b": "y", "c": 2},
        "two": {"a": "z", "b": "w", "c": 2},
    }
    assert "put aside: GET /fixed 200: `a`:" in done.stderr
    assert "put aside: GET /fixed 200: `d`:" in done.stderr
    assert "# Put aside: GET /fixed 200: `d`:" in text


def test_answers_become_examples_where_nobody_has_written_one(tmp_path: Path) -> None:
    """One a shape, with the contract's `$ref`s, and no credential in it."""
    lamps = [{"name": "desk", "apiKey": "sk-live-abcdef123456"}]
    more = entry("GET", "/lamps", 200, [{"name": "floor"}])
    done = freshened(tmp_path, entry("GET", "/lamps", 200, lamps), more, overlay=None)
    text = (tmp_path / "new.overlay.yaml").read_text("utf-8")

    assert done.returncode == 0, done.stderr
    assert [one[0]["name"] for one in examples(tmp_path).values()] == ["desk", "floor"]
    assert "sk-live" not in text


def test_an_answer_that_breaks_the_contract_hides_none_of_its_shape(tmp_path: Path) -> None:
    """The one is put aside, though it is the smaller; the other becomes the example."""
    names = ({"name": 1.5}, {"name": 22.5})
    wrong, right = (entry("GET", "/lamps", 200, [one]) for one in names)
    bounded = CONTRACT.replace(
        "required: [name]}}", "required: [name], properties: {name: {type: number, minimum: 9}}}}"
    )
    done = freshened(tmp_path, wrong, right, overlay=None, contract=bounded)

    assert [one[0]["name"] for one in examples(tmp_path).values()] == [22.5]
    assert "must be at least 9" in done.stderr


def test_the_credential_that_was_sent_is_in_no_answer(tmp_path: Path) -> None:
    """An answer may repeat it under a name that tells nothing."""
    headers = {"Authorization": "Bearer eyJhbGciOi.payload.signature"}
    lamps = [{"name": "desk", "echo": "it was eyJhbGciOi.payload.signature"}]
    freshened(tmp_path, entry("GET", "/lamps", 200, lamps, headers=headers), overlay=None)

    assert "payload" not in (tmp_path / "new.overlay.yaml").read_text("utf-8")


def test_large_files_become_small_ones(tmp_path: Path) -> None:
    """An image of a megabyte is no part of an overlay."""
    image = "data:image/png;base64," + "A" * 500_000
    freshened(tmp_path, entry("GET", "/lamps", 200, [{"name": "a", "image": image}]))
    (value,) = examples(tmp_path).values()

    assert value[0]["image"].startswith("data:image/png;base64,iVBOR")
    assert len(value[0]["image"]) < 200


@pytest.mark.parametrize(
    "overlay",
    [
        json.dumps({"overlay": "1.0.0", "info": {}, "actions": []}),
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions: []\n",
        "overlay: 1.0.0\nactions:\n- target: $.info\n  update: {description: 'a'}",
        "overlay: 1.0.0\nactions:\n- target: $.info\n  update:\n    description: |+\n      a\n\n\n",
    ],
    ids=["json", "brackets", "no-end-of-line", "kept-lines"],
)
def test_an_overlay_however_it_is_written(tmp_path: Path, overlay: str) -> None:
    """Where its text cannot be continued it is written anew; nothing of it changes."""
    done = freshened(tmp_path, entry("GET", "/lamps", 200, [{"name": "a"}]), overlay=overlay)

    assert done.returncode == 0, done.stderr
    assert examples(tmp_path) == {"recorded-1": [{"name": "a"}]}


def test_nothing_seen_is_nothing_learned(tmp_path: Path) -> None:
    """Exit code 2, and no file."""
    done = freshened(tmp_path, entry("GET", "/nope", 404))

    assert (done.returncode, (tmp_path / "new.overlay.yaml").exists()) == (2, False)


def test_the_mock_answers_as_the_deployment_after_one_run(tmp_path: Path) -> None:
    """The published contract allows no `type: imageUrl`, so that one stays, and is told."""
    contract = load(AI_CONTRACT, overlay=overlay_of(AI_CONTRACT))
    report = run(contract, deployment(), token="t", include=(f"POST {PATH}",), max_billable=2)
    (tmp_path / "run.json").write_text(as_json(report), "utf-8")
    done = conformance(
        "freshen", "run.json", "--contract", AI_CONTRACT, "--output", "new.overlay.yaml",
        folder=tmp_path, env=environment(),
    )  # fmt: skip
    fresh = load(AI_CONTRACT, overlay=tmp_path / "new.overlay.yaml")
    operation = fresh.operation(f"POST {PATH}")
    assert operation is not None
    shown = {one.name: one.value for one in operation.responses[0].content[0].examples}
    text = (tmp_path / "new.overlay.yaml").read_text("utf-8")

    assert done.returncode == 0, done.stderr
    assert text.startswith(AI_OVERLAY.read_text("utf-8"))
    assert list(shown["one"]) == ["model", "images"]
    assert [sorted(image) for image in shown["several"]["images"]] == [["imageUrl", "type"]] * 3
    assert "/images/0/type must be one of" in done.stderr


@pytest.mark.parametrize(("status", "code"), [(200, 0), (404, 2)])
def test_a_run_whose_answers_do_not_differ_changes_nothing(
    tmp_path: Path, status: int, code: int
) -> None:
    """It saw successes: that nothing is to change is no failure of a pipeline."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    contract = load(tmp_path / "openapi.yaml")
    answering = Application(lambda _: (status, [{"name": "desk"}]))
    report = run(contract, answering, include=("GET /lamps",), max_examples=0)
    (tmp_path / "run.json").write_text(as_json(report), "utf-8")
    done = conformance("freshen", "run.json", folder=tmp_path, env=environment())

    assert (done.returncode, "nothing is to change" in done.stderr) == (code, not code)
