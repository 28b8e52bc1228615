"""One mock and one browser for the pages of a test module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import chromium
from tests.served import mock_server


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """The URL of a running mock."""
    with mock_server() as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Page]:
    """A tab of a headless Chromium."""
    if chromium.PROGRAM is None:
        pytest.skip("Chromium is not installed")
    with chromium.page() as page:
        yield page
