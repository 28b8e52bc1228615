"""The suite under pytest: one item a clause, selected, stopped and shared out as people expect."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from conformance.http.target import Target
from conformance.report.level import Level
from conformance.run.session.run_options import RunOptions
from conformance.run.whole_run import Run
from conformance.suite.outcome import shared
from tests.conformance.backend import Backend, Tokens, serving
from tests.conformance.backend.tokens import ADMIN
from tests.conformance.kit.applications import Application
from tests.conformance.kit.running import contract_of

pytestmark = pytest.mark.slow

TOKEN = "token-for-everything"


@pytest.fixture(scope="module")
def broken() -> Iterator[tuple[Backend, str]]:
    """A backend that takes a body without a prompt, on a socket."""
    backend = Backend(["prompt-optional"], tokens=Tokens(opaque={TOKEN: ADMIN}))
    with serving(backend) as url:
        yield backend, url


def pytest_(folder: Path, url: str, *arguments: str) -> tuple[int, str]:
    """Run the suite in a process of its own; its exit code and its output.

    Without the other plugins that are installed: to load them takes two seconds in each process.
    `test_without_a_target_it_says_so` lets pytest find them.
    """
    command = [
        *(sys.executable, "-m", "pytest", "--pyargs", "conformance.suite"),
        *("-p", "no:cacheprovider", "--disable-plugin-autoload", "-p", "conformance.plugin"),
    ]
    finished = subprocess.run(
        [*command, "--url", url, "--max-examples", "0", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        env={**os.environ, "CONFORMANCE_TOKEN": TOKEN, "PYTEST_ADDOPTS": ""},
        check=False,
    )
    return finished.returncode, finished.stdout + finished.stderr


def test_one_item_a_clause(tmp_path: Path, broken: tuple[Backend, str]) -> None:
    """The broken clause fails with a curl line, the others of the selection pass."""
    code, said = pytest_(tmp_path, broken[1], "-k", "image and body.prompt", "-v")

    assert code == 1
    assert re.search(r"body\.prompt\.required\] FAILED", said)
    assert re.search(r"body\.prompt\.type\] PASSED", said)
    assert "curl -i -X POST" in said
    assert TOKEN not in said
    assert list(tmp_path.iterdir()) == []


def test_only_what_is_selected_is_probed_and_workers_share_one_run(
    tmp_path: Path, broken: tuple[Backend, str]
) -> None:
    """`-k` spares the other operations every request; `-n 2` asks no more than one process."""
    backend, url = broken
    paths = []
    for arguments in ([], ["-p", "xdist.plugin", "-n", "2"]):
        before = len(backend.ledger.entries)
        pytest_(tmp_path, url, "-k", "models", *arguments)
        paths.append([entry.path for entry in backend.ledger.entries[before:]])

    alone, shared = paths
    asked = {path.partition("?")[0].replace("//", "/").rstrip("/").lower() for path in alone}
    assert asked == {"/api/ai/models"}
    assert len(alone) == len(shared)


def test_no_worker_waits_for_a_run_that_has_failed(tmp_path: Path) -> None:
    """The one that makes it says why: here that nothing is a level of findings."""
    text = "paths: {/a: {get: {responses: {200: {description: f}}}}}"
    run = Run(
        contract_of(tmp_path, text),
        Target(app=Application(lambda asked: (201, None))),
        RunOptions(max_examples=0),
    )
    no_level = cast(Level, None)
    with pytest.raises(AttributeError, match="rank"):
        shared(run, ["GET /a"], no_level, tmp_path)
    with pytest.raises(RuntimeError, match="the pytest worker that makes the run has failed"):
        shared(run, ["GET /a"], no_level, tmp_path)


def test_without_a_target_it_says_so(tmp_path: Path) -> None:
    """A usage error, and no traceback."""
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "conformance.suite", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        env={key: value for key, value in os.environ.items() if not key.startswith("CONFORMANCE")},
        check=False,
    )

    assert finished.returncode != 0
    assert "no deployment was given" in finished.stdout + finished.stderr
