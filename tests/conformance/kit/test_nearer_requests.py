"""A deployment that demands one optional property and refuses the value of another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

CONTRACT = """
paths:
  /orders:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [item, to]
              properties:
                item: {type: string}
                to: {type: object, required: [town], properties:
                  {town: {type: string}, name: {type: string}}}
                shop: {type: string, enum: [north, south]}
                share: {type: number, minimum: 0, maximum: 1}
                gift: {type: boolean}
      responses:
        '200': {description: ok}
        '400': {description: no}
"""


@pytest.mark.parametrize(
    ("said", "demanded"),
    [(True, ["shop"]), (True, ["shop", "gift"]), (False, ["shop"]), (True, ["to.name"])],
    ids=["named", "two-named", "unnamed", "inside"],
)
def test_what_is_demanded_is_found_beside_what_is_refused(
    tmp_path: Path, said: bool, demanded: list[str]
) -> None:
    """No share is accepted: neither the least request nor the fullest one is a good one."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        good = isinstance(body, dict) and isinstance(body.get("to"), dict)
        if not good or not isinstance(body.get("item"), str) or "town" not in body["to"]:
            return 400, {"message": "item"}
        there = {*body, *(f"to.{name}" for name in body["to"])}
        wrong = [name for name in demanded if name not in there]
        wrong += ["share"] if "share" in there else []
        return (400, {"message": wrong[0] if said else "invalid"}) if wrong else (200, {})

    report = run(contract_of(tmp_path, CONTRACT), Application(answer), max_examples=0)

    broken = {place.clause.split(" ", 2)[-1] for one in report.findings for place in one.places}
    refused = {f"body.{name}.optional" for name in (*demanded, "share")}
    assert refused <= broken
    assert "control" not in broken
