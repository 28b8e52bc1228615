"""A value is valid in slices exactly where it is valid as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.checks.sliced_validity import WINDOW, arrays, sliced
from spec import compile_schema

ITEM = {"type": "integer", "maximum": 9}
LIST = {"type": "array", "items": ITEM}
SCHEMAS: dict[str, tuple[Any, int]] = {
    "root": (LIST, 1),
    "property": ({"type": "object", "properties": {"a": LIST, "b": LIST}, "required": ["a"]}, 2),
    "reference": (
        {"properties": {"a": {"$ref": "#/$defs/L"}, "b": {"type": "string"}}, "$defs": {"L": LIST}},
        1,
    ),
    "bounds": ({"properties": {"a": {**LIST, "minItems": 1500, "maxItems": 3500}}}, 1),
    "unique": ({"properties": {"a": {**LIST, "uniqueItems": True}}}, 0),
    "alternatives": ({"anyOf": [{"properties": {"a": LIST}}]}, 0),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_which_arrays(name: str) -> None:
    """Those of which nothing is said but what their items are."""
    schema, count = SCHEMAS[name]

    assert len(list(arrays(schema))) == count


@given(
    name=st.sampled_from(sorted(SCHEMAS)),
    lengths=st.tuples(st.integers(0, 4 * WINDOW), st.integers(0, 2 * WINDOW)),
    wrong=st.integers(-1, 4 * WINDOW),
)
def test_the_verdict_is_that_of_the_whole(name: str, lengths: tuple[int, int], wrong: int) -> None:
    """Wherever a fault stands, and however long the arrays are."""
    schema, _ = SCHEMAS[name]
    first = list(range(-lengths[0], 0))
    if 0 <= wrong < len(first):
        first[wrong] = 10
    value = first if name == "root" else {"a": first, "b": [0] * lengths[1]}
    is_valid = compile_schema(schema).is_valid
    asked: list[int] = []

    def counted(part: Any) -> bool:
        asked.append(len(part if name == "root" else part["a"]))
        return is_valid(part)

    assert sliced(value, list(arrays(schema)), counted) is is_valid(value)
    if name in ("root", "property"):
        assert max(asked, default=0) <= WINDOW
