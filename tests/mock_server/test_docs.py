"""The documentation: everything from the mock itself, and "try it" asks the mock."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, sync_playwright

from mock_server import create_app, docs
from mock_server.running import RunningMock

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
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


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a mock of the kettle answers."""
    file = tmp_path_factory.mktemp("docs") / "kettle.yaml"
    file.write_text(KETTLE)
    with RunningMock(create_app(file)) as running:
        yield running.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; install it with the system's packages")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def test_try_it_asks_the_mock(browser: Browser, url: str) -> None:
    """The page draws the contract, sends its example to this mock, and shows the answer."""
    page = browser.new_page()
    requests: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.on("console", lambda message: problems.append(message.text))
    page.goto(f"{url}/__mock/docs")
    operation = page.locator(".opblock", has_text="/kettle")
    operation.locator(".opblock-summary-control").click()
    operation.locator("button.execute").click()
    shown = operation.locator(".live-responses-table .response")
    shown.wait_for()
    first = shown.inner_text()
    page.fill("#prefer", "code=503")
    operation.locator("button.execute").click()
    operation.locator(".live-responses-table", has_text="503").wait_for()
    wished = shown.inner_text()
    title = page.title()
    page.close()

    assert title == "Kettle – mock server"
    assert [problem for problem in problems if "status of 503" not in problem] == []
    assert re.match(r"200\s", first)
    assert '"warm"' in first
    assert re.match(r"503\s", wished)
    assert '"cold"' in wished
    assert requests[-1] == f"{url}/kettle"
    assert {request.split("/__mock/")[0] for request in requests[:-2]} == {url}


def test_a_contract_runs_nothing_in_the_page(browser: Browser, tmp_path: Path) -> None:
    """Markup in a description is shown at most; no script of it ever runs."""
    file = tmp_path / "hostile.yaml"
    attack = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
    file.write_text(KETTLE.replace('version: "1"', f'version: "1", description: "{attack}"'))
    page = browser.new_page()
    with RunningMock(create_app(file)) as running:
        page.goto(f"{running.url}/__mock/docs")
        page.locator(".opblock").wait_for()
        hacked = page.evaluate("window.hacked")
        page.close()

    assert hacked is None


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("", "text/html; charset=utf-8"),
        ("/docs.js", "text/javascript; charset=utf-8"),
        ("/docs.css", "text/css; charset=utf-8"),
        ("/swagger_ui/swagger-ui.css", "text/css; charset=utf-8"),
        ("/swagger_ui/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ],
)
def test_the_files_are_served_and_kept(url: str, path: str, content_type: str) -> None:
    """Each has its type, forbids everything from elsewhere, and is not sent twice."""
    with httpx2.Client(trust_env=False) as client:
        answer = client.get(f"{url}/__mock/docs{path}")
        again = client.get(
            f"{url}/__mock/docs{path}", headers={"If-None-Match": answer.headers["etag"]}
        )

    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert "default-src 'none'; script-src 'self'" in answer.headers["content-security-policy"]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/nothing", "/../docs.py", "/swagger_ui/LICENSE", "//etc/passwd"])
def test_no_other_file_is_served(path: str) -> None:
    """Only the files of the page can be asked for."""
    assert docs.find(path) is None


def test_a_slash_too_many_leads_to_the_page(url: str) -> None:
    """`/__mock/docs/` is a redirection, since the page's references are relative."""
    with httpx2.Client(trust_env=False, follow_redirects=True) as client:
        answer = client.get(f"{url}/__mock/docs/")

    assert str(answer.url) == f"{url}/__mock/docs"
    assert answer.status_code == 200


def test_the_pages_ask_for_nothing_from_afar() -> None:
    """No address of another host stands in the files that are ours."""
    folder = Path(docs.__file__).with_name("docs_assets")
    ours = [folder / "index.html", folder / "docs.css", folder / "docs.js"]

    assert [file.name for file in ours if "//" in file.read_text().replace("://", "")] == []
    assert [file.name for file in ours if re.search(r"https?://", file.read_text())] == []


def test_the_vendored_files_carry_their_licence() -> None:
    """Apache-2.0 asks for the licence and the notice beside the files, and we for the version."""
    folder = Path(docs.__file__).with_name("docs_assets") / "swagger_ui"

    assert "Apache License" in (folder / "LICENSE").read_text()
    assert (folder / "NOTICE").read_text().startswith("swagger-ui")
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", (folder / "VERSION").read_text())
