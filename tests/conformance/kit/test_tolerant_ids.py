"""Servers that take more than one text for an id: what is somebody else's stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.report.findings import Report
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

CONTRACT = """
components: {schemas: {Secret: {type: object, required: [key], properties: {key: {type: string, pattern: '^[A-Z0-9_-]+$', example: STRIPE}}}}}
paths:
  /secrets:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Secret'}}}}
      responses: {'201': &ok {description: ok, content: {application/json: {schema: {type: object}}}}, '400': &no {description: no}, '409': *no}
  /secrets/{key}:
    parameters: &key [{name: key, in: path, required: true, schema: {type: string}, example: STRIPE}]
    get: {responses: {'200': *ok, '404': *no}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {note: {type: string}}}}}}
      responses: {'200': *ok, '400': *no, '404': *no}
    delete: {responses: {'200': *ok, '404': *no}}
  /secrets/{key}/rotate:
    parameters: *key
    post: {responses: {'200': *ok, '404': *no}}
"""  # noqa: E501  # a table of operations
Tolerance = Callable[[str, str], bool]
"""Whether the id that a request asks for is taken for one that is there."""
TOLERANCES: dict[str, Tolerance] = {
    "a pattern": lambda asked, known: asked == "%" or (asked[-1:] == "%" and known in asked),
    "letters alone": lambda asked, known: asked.encode().decode("ascii", "ignore") in ("", known),
    "the longest that fits": lambda asked, known: asked.startswith(known),
    "case": lambda asked, known: asked.lower() == known.lower(),
    "spaces": lambda asked, known: asked.strip() == known,
    "the text before a NUL": lambda asked, known: asked.partition("\0")[0] == known,
}


class Secrets:
    """One of somebody; `tolerance` finds it where no other id is asked for exactly."""

    def __init__(self, tolerance: Tolerance) -> None:
        self.tolerance = tolerance
        self.secrets = {"STRIPE": "of somebody"}

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """A secret is made, read, changed, rotated and removed."""
        _, _, *ids = asked.path.split("/")
        if not ids:
            return self._made(asked) if asked.method == "POST" else (405, None)
        near = (one for one in self.secrets if self.tolerance(ids[0], one))
        key = ids[0] if ids[0] in self.secrets else next(near, "")
        action = (asked.method, *ids[1:])
        if action not in (("GET",), ("PUT",), ("DELETE",), ("POST", "rotate")):
            return 405, None
        if not key:
            return 404, None
        if action == ("DELETE",):
            del self.secrets[key]
        elif action == ("PUT",):
            if not isinstance(asked.json, dict):
                return 400, None
            self.secrets[key] = "changed"
        elif action == ("POST", "rotate"):
            self.secrets[key] = "rotated"
        return 200, {"key": key}

    def _made(self, asked: Asked) -> tuple[int, Any]:
        key = asked.json.get("key") if isinstance(asked.json, dict) else None
        if not isinstance(key, str) or not key:
            return 400, None
        if key in self.secrets:
            return 409, None
        self.secrets[key] = "made"
        return 201, {"made": True}


def ran(folder: Path, secrets: Secrets, **options: Any) -> Report:
    """A run with what names things otherwise than they are called."""
    families = frozenset({ClauseKind.PARAMETERS, ClauseKind.EDGES, ClauseKind.STATE})
    given: dict[str, Any] = {"families": families, "max_examples": 0, "max_billable": 4} | options
    answering = Application(secrets.answer, "GET, PUT, POST, DELETE")
    return run(contract_of(folder, CONTRACT), answering, by_clock=True, **given)


@pytest.mark.parametrize("allow_writes", [True, False])
@pytest.mark.parametrize("tolerance", TOLERANCES)
def test_what_is_not_of_the_run_stays(tmp_path: Path, tolerance: str, allow_writes: bool) -> None:
    """Neither changed, nor rotated, nor removed, although an odd id leads to it."""
    secrets = Secrets(TOLERANCES[tolerance])
    ran(tmp_path, secrets, allow_writes=allow_writes)

    assert secrets.secrets["STRIPE"] == "of somebody"
