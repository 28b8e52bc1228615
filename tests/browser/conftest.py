"""One mock and one browser for the pages of a test module."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.browser import chromium
from tests.command import launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """The URL of a running mock."""
    with launched() as running:
        yield running.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if chromium.PROGRAM is None:
        pytest.skip("Chromium is not installed")
    with chromium.chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab with an empty profile, in which nothing takes longer than half a minute.

    Where `RECORD_HAR` names a folder, its traffic is recorded there.
    """
    folder = os.environ.get("RECORD_HAR")
    har = Path(folder, f"{uuid4()}.har") if folder else None
    with browser.new_context(record_har_path=har) as context:
        context.set_default_timeout(30_000)
        yield context.new_page()
