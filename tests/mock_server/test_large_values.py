"""However large a value is and however many faults it has, few are told, and at their place."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from mock_server.checks.large_values import explained
from mock_server.model.problems import MOST_TOLD
from spec import Contract, Direction, Schema, Violation, load
from tests.mock_server.asking import ask, mock_of

ITEM = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["messages", "model"],
    "properties": {
        "messages": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
        "model": {"type": "string", "maxLength": 5},
        "short": {"type": "array", "maxItems": 3},
    },
    "additionalProperties": {"type": "string"},
}
N = 30_000


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """A contract whose only schema is SCHEMA."""
    import json

    file = tmp_path_factory.mktemp("large") / "contract.json"
    schemas = {"Value": SCHEMA, "Item": ITEM}
    info = {"title": "t", "version": "1"}
    file.write_text(
        json.dumps(
            {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": schemas}}
        )
    )
    return load(file)


def told(contract: Contract, value: Any) -> tuple[Violation, ...]:
    schema = Schema(pointer="#/components/schemas/Value", value=SCHEMA)
    return explained(value, lambda one: contract.violations(schema, Direction.REQUEST, one))


def places(violations: tuple[Violation, ...]) -> list[tuple[str, str]]:
    return [(one.pointer, one.keyword) for one in violations]


GOOD = {"n": 1}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            {"model": "m", "messages": [GOOD] * N + [0, {"n": "x"}, {}]},
            [
                (f"/messages/{N}", "type"),
                (f"/messages/{N + 1}/n", "type"),
                (f"/messages/{N + 2}/n", "required"),
            ],
            id="the last of a list",
        ),
        pytest.param(
            {"messages": [GOOD] * N, "model": 1, "x": 2},
            [("/model", "type"), ("/x", "type")],
            id="beside a list",
        ),
        pytest.param({"messages": [GOOD] * N}, [("/model", "required")], id="missing"),
        pytest.param(
            {"messages": [], "model": "m", "short": [1] * N},
            [("/short", "maxItems")],
            id="too long",
        ),
        pytest.param(
            {"messages": [], "model": "m" * 100_000}, [("/model", "maxLength")], id="a long text"
        ),
        pytest.param(
            {"messages": [], "model": "m", **{f"p{n}": "" for n in range(N)}, "last": 1},
            [("/last", "type")],
            id="the last of an object",
        ),
    ],
)
def test_each_fault_is_told_at_its_place(
    contract: Contract, value: Any, expected: list[tuple[str, str]]
) -> None:
    """What is cut away while a large value is explained makes no fault, and hides none."""
    assert sorted(places(told(contract, value))) == sorted(expected)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"model": "m", "messages": [0] * 1_000_000}, id="items"),
        pytest.param(
            {"model": "m", "messages": [], **{f"p{n}": 0 for n in range(N)}}, id="members"
        ),
        pytest.param({"model": "m", "messages": [{"n": ""}] * N}, id="members of items"),
    ],
)
def test_counting_stops(contract: Contract, value: Any) -> None:
    """A million faults cost what a hundred cost."""
    told(contract, {})
    tracemalloc.start()
    begin = time.process_time()
    found = told(contract, value)
    seconds = time.process_time() - begin
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found) == MOST_TOLD + 1
    assert seconds < 2
    assert peak < 20 * 1024 * 1024


def test_the_refusal_says_that_it_stopped(tmp_path: Path) -> None:
    """A hundred are named in `errors` and in the sentence."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            post:
              parameters: [{name: n, in: query, schema: {type: array, items: {type: integer}}}]
              requestBody:
                content: {application/json: {schema: {type: array, items: {type: object}}}}
              responses: {'204': {description: Taken}}
        """,
    )
    for answer in (
        ask(app, "POST", "/a", json_body=[0] * N),
        ask(app, "POST", "/a?" + "n=x&" * N, json_body=[]),
    ):
        problem = answer.json

        assert (answer.status, len(problem["errors"])) == (400, MOST_TOLD)
        assert problem["detail"].endswith("; and more: counting stopped at 100")
