"""Every recipe of docs/recipes.md works as it stands there."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.browser import chromium
from tests.browser.pages import QuietHandler
from tests.command import COMMAND, launched
from tests.recipes import page

pytestmark = pytest.mark.slow

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
needs_modules = pytest.mark.skipif(
    not (page.MODULES / "vitest").exists(),
    reason="the tools are not installed; run `make tests/javascript/node_modules`",
)
needs_chromium = pytest.mark.skipif(chromium.PROGRAM is None, reason="Chromium is not installed")

#: Playwright's own browser is not there; nothing else of the recipe is changed.
SYSTEM_BROWSER = """
import config from "./playwright.config.ts";
const launchOptions = { executablePath: process.env.CHROMIUM };
export default { ...config, reporter: "json", use: { ...config.use, launchOptions } };
"""
STRICT = (
    *("--strict", "--noEmit", "--noUnusedLocals", "--exactOptionalPropertyTypes"),
    *("--noUncheckedIndexedAccess", "--erasableSyntaxOnly", "--allowImportingTsExtensions"),
    *("--target", "es2022", "--lib", "es2022,dom,dom.iterable"),
    *("--module", "preserve", "--moduleResolution", "bundler", "--types", "node"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the files of all recipes."""
    return page.written(tmp_path_factory.mktemp("recipes"))


def free_url() -> str:
    """Where nobody listens yet."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def ran(
    project: Path, *command: str | Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command of a recipe, run to its end in the project."""
    tools = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    foreign = ("NODE_OPTIONS", "PYTEST_", "MOCK_SERVER_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    return subprocess.run(
        [*map(str, command)],
        cwd=project,
        env={**kept, "PATH": tools, "CI": "1", "NO_COLOR": "1", **(variables or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def module(name: str) -> Path:
    """The program of a Node module."""
    return page.MODULES / ".bin" / name


@needs_node
@needs_modules
def test_the_types_are_right(project: Path) -> None:
    """Of the client and of every recipe in TypeScript, under the strictest rules."""
    sources = [name for name in [*page.files(), "mock-client.ts"] if name.endswith(".ts")]
    checked = ran(project, module("tsc"), *STRICT, *sources)

    assert (checked.returncode, checked.stdout) == (0, "")


@needs_node
@needs_modules
@needs_chromium
def test_playwright_with_two_workers_and_a_vite_proxy(project: Path) -> None:
    """Mock and page are started by Playwright, and each worker is in its own states."""
    (project / "system.config.ts").write_text(SYSTEM_BROWSER)
    variables = {
        "API_URL": free_url(),
        "PAGE_URL": free_url(),
        "CHROMIUM": str(chromium.PROGRAM),
    }
    tried = ran(
        project, module("playwright"), "test", "-c", "system.config.ts", variables=variables
    )
    report = json.loads(tried.stdout)
    results = [
        result
        for suite in report["suites"]
        for spec in suite["specs"]
        for test in spec["tests"]
        for result in test["results"]
    ]

    assert (tried.returncode, report["errors"]) == (0, []), tried.stdout + tried.stderr
    assert [one["status"] for one in results] == ["passed", "passed"]
    assert {one["parallelIndex"] for one in results} == {0, 1}


@needs_node
@needs_modules
def test_vitest_and_the_sdk(project: Path) -> None:
    """The mock that the global setup starts serves two contracts to files that run in parallel."""
    contracts = f"ai.yaml{os.pathsep}auth.yaml"
    variables = {"API_URL": free_url(), "MOCK_SERVER_CONTRACT": contracts}
    told = ("--reporter=json", "--outputFile=report.json")
    tried = ran(project, module("vitest"), "run", *told, variables=variables)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    report = json.loads((project / "report.json").read_text())
    names = sorted(Path(one["name"]).name for one in report["testResults"])

    assert names == ["models.test.ts", "sdk.test.ts"]
    assert report["numPassedTests"] == report["numTotalTests"] > 0


@needs_node
def test_node_alone(project: Path) -> None:
    """Without a library, against a mock that runs already."""
    with launched() as mock:
        tried = ran(project, "node", "--test", "retries.test.mjs", variables={"API_URL": mock.url})

    assert (tried.returncode, "pass 1" in tried.stdout) == (0, True), tried.stdout


def test_pytest(project: Path) -> None:
    """The fixture is there because the package is."""
    alone = ("--disable-plugin-autoload", "-p", "mock_server.plugin", "-p", "no:cacheprovider")
    tried = ran(project, sys.executable, "-m", "pytest", "-q", *alone, "test_client.py")

    assert (tried.returncode, "1 passed" in tried.stdout) == (0, True), tried.stdout


@pytest.fixture
def served(project: Path) -> Iterator[str]:
    """The project's folder on a server that knows nothing but files."""
    handler = partial(QuietHandler, directory=str(project))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@needs_chromium
def test_a_site_without_a_server(project: Path, served: str) -> None:
    """A page answers itself from files, errors included."""
    exported = ran(project, "sh", "-e", "export.sh")
    with chromium.chromium() as browser:
        tab = browser.new_page()
        tab.goto(f"{served}/page.html")
        tab.wait_for_function("document.title")
        title = tab.title()

    assert (exported.returncode, title) == (0, "200, 401"), exported.stdout + exported.stderr


def test_every_file_of_the_page_is_run() -> None:
    """A recipe that no test knows is not promised by accident."""
    assert sorted(page.files()) == [
        "e2e/mock.ts",
        "e2e/states.spec.ts",
        "export.sh",
        "page.html",
        "playwright.config.ts",
        "retries.test.mjs",
        "test_client.py",
        "tests/mock.setup.ts",
        "tests/models.test.ts",
        "tests/sdk.test.ts",
        "vite.config.js",
        "vitest.config.ts",
    ]
