"""In a JSON merge patch null takes a member out (RFC 7396), whatever its schema says of values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.messages.merge_patches import without_removals
from spec import Contract, Direction
from spec.model.contract_model import Schema
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

PATCHED = """
paths:
  /thing:
    patch:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          {MEDIA}:
            schema: &thing
              type: object
              properties:
                name: {type: string}
                tags: {type: array, items: {type: string}}
                box: {type: object, properties: {side: {type: integer}}}
      responses: {'200': {description: ok}, '400': {description: no}}
"""
MERGE = "application/merge-patch+json"


def contract(folder: Path, media: str) -> Contract:
    """One PATCH of that media type."""
    return contract_of(folder, PATCHED.replace("{MEDIA}", media))


def accepts(body: Any) -> bool:
    """Whether a server that merges takes a patch: null is no value to be checked."""
    return isinstance(body, dict) and all(
        value is None
        or (name == "name" and isinstance(value, str))
        or (name == "tags" and isinstance(value, list) and all(isinstance(t, str) for t in value))
        or (name == "box" and isinstance(value, dict) and fits(value.get("side")))
        or name not in ("name", "tags", "box")
        for name, value in body.items()
    )


def fits(side: Any) -> bool:
    """Whether it is an integer, or taken out."""
    return side is None or type(side) is int


@pytest.mark.parametrize(("media", "accused"), [(MERGE, False), ("application/json", True)])
def test_a_server_that_removes_is_accused_only_where_null_is_a_value(
    tmp_path: Path, media: str, accused: bool
) -> None:
    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method != "PATCH":
            return 405, None
        return (200 if accepts(asked.json) else 400), {}

    report = run(contract(tmp_path, media), Application(answer, "PATCH"), max_examples=0)

    found = [one.title for one in report.findings if one.code == "accepted-invalid-body"]
    assert bool(found) is accused


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"name": None, "box": {"side": None}}, []),
        ({"name": 1}, ["/name"]),
        ({"tags": [None]}, ["/tags/0"]),
        (None, [""]),
    ],
)
def test_only_a_member_is_taken_out(tmp_path: Path, body: Any, wrong: list[str]) -> None:
    made = contract(tmp_path, MERGE)
    content = made.operations[0].request_body
    assert content is not None
    schema = content.content[0].schema
    assert isinstance(schema, Schema)

    found = without_removals(made.violations(schema, Direction.REQUEST, body), MERGE, body)

    assert [one.pointer for one in found] == wrong
