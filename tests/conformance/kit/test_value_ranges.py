"""Values that say where a range begins and where it ends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.run.generated.value_ranges import in_order

ORDERED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"start_date": "2026-02-01", "end_date": "2026-01-01"},
        {"start_date": "2026-01-01", "end_date": "2026-02-01"},
    ),
    ({"minPrice": 9, "maxPrice": 1.5}, {"minPrice": 9, "maxPrice": 1.5}),
    ({"minPrice": 9, "maxPrice": 1}, {"minPrice": 1, "maxPrice": 9}),
    ({"to": "a", "from": "b"}, {"to": "b", "from": "a"}),
    ({"start": "b", "end_date": "a"}, {"start": "b", "end_date": "a"}),
    ({"from": None, "to": "a"}, {"from": None, "to": "a"}),
    ({"from": "b"}, {"from": "b"}),
]


@pytest.mark.parametrize(("values", "ordered"), ORDERED)
def test_a_range_begins_before_it_ends(values: dict[str, Any], ordered: dict[str, Any]) -> None:
    """Of two names that are alike but for that; other values stay where they are."""
    assert in_order(values) == ordered


@given(
    st.dictionaries(
        st.sampled_from(["from", "to", "min_x", "max_x", "start", "end"]), st.integers()
    )
)
def test_no_value_is_lost_and_what_is_in_order_stays(values: dict[str, int]) -> None:
    """Whatever is there."""
    once = in_order(values)

    assert once.keys() == values.keys()
    assert sorted(once.values()) == sorted(values.values())
    assert in_order(once) == once
