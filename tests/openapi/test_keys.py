"""Every cell of docs/openapi.md is true, and the page is that of the cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.openapi.features import PAGE, Feature, features, page

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("feature", list(features()), ids=lambda one: f"{one.version} {one.key}")
def test_key(feature: Feature, tmp_path: Path) -> None:
    """It is served, checked, compared and told as its row says."""
    feature.prove(tmp_path)


def test_the_page() -> None:
    """It is written by `make openapi-page`."""
    assert PAGE.read_text("utf-8") == page()
