"""The mock's documentation page: everything from the mock itself, and "try it" asks the mock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mock_server import create_app
from mock_server.command.running import RunningMock
from tests.browser.chromium import Watched

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.slow

#: Its server is another one, in name, than the mock that its page is to ask.
KETTLE = """
openapi: 3.0.3
info: {title: Kettle, version: "1"}
servers: [{url: "https://kettle.example/{stage}", variables: {stage: {default: v1}}}]
components:
  securitySchemes: {lid: {type: http, scheme: bearer}}
paths:
  /kettle:
    post:
      security: [{lid: []}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [degrees], properties: {degrees: {type: integer}}}
            example: {degrees: 80}
      responses:
        "200":
          description: the kettle
          content: {application/json: {schema: {type: string}, example: warm}}
        "503":
          description: no power
          content: {application/json: {schema: {type: string}, example: cold}}
"""


def answer_of(operation: Locator, status: int) -> str:
    """Press "Execute" in an operation and give the answer that it then shows."""
    operation.locator("button.execute").click()
    shown = operation.locator(".live-responses-table .response", has_text=str(status))
    return shown.inner_text()


def test_it_needs_no_network(page: Page, mock: str) -> None:
    """The page loads nothing from elsewhere, throws nothing, and shows every operation."""
    watched = Watched.of(page)
    page.goto(f"{mock}/__mock/docs")
    page.locator(".opblock").first.wait_for()

    elsewhere = [url for url in watched.requests if not url.startswith((mock, "data:", "blob:"))]
    assert (elsewhere, watched.problems) == ([], [])
    assert page.locator(".opblock").count() == 9


@pytest.mark.parametrize(
    ("wish", "status", "text"),
    [
        ("", 200, "Here is your image."),
        ("example=several", 200, "The same lake three times"),
        ("code=401", 401, "AUTH_UNAUTHORIZED"),
    ],
)
def test_try_it_works(page: Page, mock: str, wish: str, status: int, text: str) -> None:
    """A click sends the contract's own example, with a credential, and shows the mock's answer."""
    page.goto(f"{mock}/__mock/docs")
    page.fill("#prefer", wish)
    operation = page.locator(".opblock").first
    operation.locator(".opblock-summary-control").click()
    answer = answer_of(operation, status)

    assert answer.startswith(str(status))
    assert text in answer


def test_try_it_asks_the_mock_of_any_contract(page: Page, tmp_path: Path) -> None:
    """Whatever servers the contract names, this mock is asked, and a wish goes with the request."""
    file = tmp_path / "kettle.yaml"
    file.write_text(KETTLE)
    watched = Watched.of(page)
    with RunningMock(create_app(file)) as running:
        page.goto(f"{running.url}/__mock/docs")
        operation = page.locator(".opblock", has_text="/kettle")
        operation.locator(".opblock-summary-control").click()
        first = answer_of(operation, 200)
        page.fill("#prefer", "code=503")
        wished = answer_of(operation, 503)

    assert page.title() == "Kettle – mock server"
    assert [problem for problem in watched.problems if "status of 503" not in problem] == []
    assert (first.split()[0], wished.split()[0]) == ("200", "503")
    assert ('"warm"' in first, '"cold"' in wished) == (True, True)
    assert watched.requests[-2:] == [f"{running.url}/kettle"] * 2
    assert {request.split("/__mock/")[0] for request in watched.requests[:-2]} == {running.url}


def test_a_contract_runs_nothing_in_the_page(page: Page, tmp_path: Path) -> None:
    """Markup in a description is shown at most; no script of it ever runs."""
    file = tmp_path / "hostile.yaml"
    attack = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
    file.write_text(KETTLE.replace('version: "1"', f'version: "1", description: "{attack}"'))
    with RunningMock(create_app(file)) as running:
        page.goto(f"{running.url}/__mock/docs")
        page.locator(".opblock").wait_for()
        page.wait_for_load_state("networkidle")

        assert page.evaluate("window.hacked") is None
