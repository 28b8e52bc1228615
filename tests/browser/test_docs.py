"""The mock's own documentation page, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.chromium import Page


@pytest.fixture
def docs(browser: Page, mock: str) -> Page:
    browser.open(f"{mock}/__mock/docs")
    browser.wait_for("document.querySelector('.opblock')")
    return browser


def test_it_needs_no_network(docs: Page, mock: str) -> None:
    """The page loads nothing from elsewhere, throws nothing, and shows every operation."""
    loaded = docs.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    shown = docs.run("return document.querySelectorAll('.opblock').length")

    assert [url for url in loaded if not url.startswith((mock, "data:", "blob:"))] == []
    assert docs.errors == []
    assert shown == 9


@pytest.mark.parametrize(
    ("wish", "status", "text"),
    [
        ("", "200", "Here is your image."),
        ("example=several", "200", "The same lake three times"),
        ("code=401", "401", "AUTH_UNAUTHORIZED"),
    ],
)
def test_try_it_works(docs: Page, wish: str, status: str, text: str) -> None:
    """A click sends the contract's own example, with a credential, and shows the mock's answer."""
    docs.run(f"document.querySelector('#prefer').value = {wish!r}")
    docs.run("document.querySelector('.opblock-summary-control').click()")
    docs.wait_for("document.querySelector('.opblock .execute')")
    docs.run("document.querySelector('.opblock .execute').click()")
    docs.wait_for("document.querySelector('.live-responses-table .response')")

    answer = docs.run("return document.querySelector('.live-responses-table .response').innerText")
    assert answer.startswith(status)
    assert text in answer
