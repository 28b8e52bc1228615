"""A value is valid in slices exactly where it is valid as a whole, and no slice is large."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.model.sliced_validity import SlicedJudge
from spec import compile_schema
from spec.text.long_json import WINDOW
from tests.mock_server.asking import ask, mock_of

ITEM = {"type": "integer", "maximum": 9}
LIST = {"type": "array", "items": ITEM}
SCHEMAS: dict[str, Any] = {
    "items": LIST,
    "property": {"type": "object", "properties": {"a": LIST, "b": LIST}, "required": ["a"]},
    "reference": {"properties": {"a": {"$ref": "#/$defs/L"}}, "$defs": {"L": LIST}},
    "bounds": {"properties": {"a": {**LIST, "minItems": 1500, "maxItems": 6000}}},
    "unique": {"properties": {"a": {**LIST, "uniqueItems": True}}},
    "contains": {"contains": {"const": 10}, "maxContains": 1},
    "contains several": {"contains": {"minimum": 0}, "minContains": 2, "maxContains": 3},
    "no more than none": {"contains": {"const": 10}, "minContains": 0, "maxContains": 0},
    "prefix": {"prefixItems": [{"type": "integer"}, {"maximum": 5}], "items": ITEM},
    "only a prefix": {"prefixItems": [True], "items": False},
    "any of": {"anyOf": [{"type": "array", "items": {"type": "string"}}, LIST]},
    "one of": {"oneOf": [LIST, {"type": "array", "items": {"maximum": 10}}]},
    "all of": {"allOf": [LIST, {"maxItems": 7000}]},
    "not": {"not": LIST},
    "if": {"if": LIST, "then": {"minItems": 10}, "else": {"maxItems": 5000}},
    "of lists": {"type": "array", "items": LIST},
    "map": {"type": "object", "additionalProperties": ITEM, "propertyNames": {"maxLength": 4}},
    "map of lists": {"additionalProperties": LIST, "properties": {"a": {"maxItems": 5000}}},
    "pattern": {"patternProperties": {"^[a1]": {"type": ["integer", "array"]}}},
    "sizes": {"minProperties": 2, "maxProperties": 5000, "required": ["a"]},
    "an enumeration": {"enum": [[1], {"a": 2}]},
    "unevaluated": {"properties": {"a": LIST}, "unevaluatedProperties": False},
    "another type": {"type": ["string", "null"]},
}
VALUES: dict[str, Callable[[list[int]], Any]] = {
    "list": lambda items: items,
    "property": lambda items: {"a": items},
    "two": lambda items: {"a": items, "b": items[:2]},
    "list of lists": lambda items: [items[:1], items, items[:3]],
    "map": lambda items: {str(index): one for index, one in enumerate(items)},
}


ASKED_WHOLE = {"unevaluated", "pattern"}
"""What is evaluated elsewhere, and the pattern of a large member: only the engine knows."""


def measured(asked: list[int]) -> Callable[[Mapping[str, Any]], Callable[[Any], bool]]:
    """A compiler whose validators note how large the values are that they look at."""

    def compiled(schema: Mapping[str, Any]) -> Callable[[Any], bool]:
        is_valid = compile_schema(schema).is_valid

        def noted(value: Any) -> bool:
            asked.append(_size(value))
            return is_valid(value)

        return noted

    return compiled


def _size(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, parts))


@given(
    schema=st.sampled_from(sorted(SCHEMAS)),
    shape=st.sampled_from(sorted(VALUES)),
    length=st.sampled_from([0, 1, 9, 4 * WINDOW, 4 * WINDOW + 1, 6 * WINDOW]),
    wrong=st.lists(st.integers(0, 6 * WINDOW - 1), max_size=3),
    repeated=st.booleans(),
)
def test_the_verdict_is_that_of_the_whole(
    schema: str, shape: str, length: int, wrong: list[int], repeated: bool
) -> None:
    """Wherever a fault stands, however long the lists are, and whichever keywords speak."""
    items = [0] * length if repeated else list(range(-length, 0))
    for at in wrong:
        if at < length:
            items[at] = 10
    value = VALUES[shape](items)
    written = SCHEMAS[schema]

    judge = SlicedJudge(schema=written)
    assert judge.is_valid(value) is compile_schema(written).is_valid(value)


@pytest.mark.parametrize("schema", sorted(SCHEMAS.keys() - ASKED_WHOLE))
@pytest.mark.parametrize("shape", sorted(VALUES))
def test_no_slice_is_large(schema: str, shape: str) -> None:
    """The engine holds the interpreter for one slice at a time, whatever the keyword is."""
    asked: list[int] = []
    judge = SlicedJudge(schema=SCHEMAS[schema], compiled=measured(asked))
    judge.is_valid(VALUES[shape](list(range(-20 * WINDOW, 0))))

    assert max(asked, default=0) <= 4 * WINDOW + 2


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({**LIST, "uniqueItems": True}, [1, 1.0], "body: must not have equal items"),
        ({"contains": {"const": 10}}, [], "body: no item has the form that the list must contain"),
        ({"maxItems": 20_000}, [2], "body: must have at most 20000 items, got 20001"),
        ({"items": {"maximum": 5}}, [6], "body /20000: must be at most 5, got 6"),
    ],
)
def test_what_a_whole_list_breaks_is_told(
    tmp_path: Path, schema: dict[str, Any], value: list[Any], expected: str
) -> None:
    """Also where no part of a long list shows it."""
    app = mock_of(
        tmp_path,
        f"""
        paths:
          /a:
            post:
              requestBody: {{content: {{application/json: {{schema: {json.dumps(schema)}}}}}}}
              responses: {{'204': {{description: d}}}}
        """,
        version="3.1.0",
    )
    answer = ask(app, "POST", "/a", json_body=[*range(-20_000, 0), *value])

    assert (answer.status, answer.json["detail"]) == (400, expected)
