"""The comparison is of what it says: no way without its row, and our own mock in all of them."""

from __future__ import annotations

import pytest

from tests.comparison.__main__ import PAGE, with_table
from tests.comparison.steering import ROWS
from tests.comparison.ways import mockoon, others, ours, wiremock
from tests.comparison.ways.ground import Ways


@pytest.mark.parametrize(
    "ways",
    [others.PRISM, others.SCALAR, others.MSW, mockoon.WAYS, wiremock.WAYS],
    ids=["Prism", "Scalar", "MSW", "Mockoon", "WireMock"],
)
def test_every_way_is_printed(ways: Ways) -> None:
    """A key that is no row's would be measured by nobody."""
    assert ways.keys() <= ROWS.keys()


def test_we_are_tried_in_every_row() -> None:
    """Also in those that we may lose."""
    assert ours.WAYS.keys() == ROWS.keys()


def test_the_page_has_every_row() -> None:
    """A row that was added and never measured would be missing there."""
    page = PAGE.read_text(encoding="utf-8")
    rows = [line.split(" | ")[0].removeprefix("| ") for line in page.splitlines() if "✓ |" in line]

    assert rows == [*ROWS.values()]
    assert with_table(page, ["| new |"]).count("|") == 2
