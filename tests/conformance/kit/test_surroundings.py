"""What surrounds a run: commands before and after it, and texts that mean something."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.commands.running.progress import Progress
from conformance.http.target import Target
from conformance.run.session.run_options import RunOptions
from conformance.run.way_of_a_clause import way_of_a_clause
from conformance.run.whole_run import Run
from tests.conformance.kit.applications import Application
from tests.conformance.kit.deployment import CONTRACT, TOKEN, Deployment, deployed
from tests.conformance.kit.running import contract_of, posting, run

pytestmark = pytest.mark.slow

FORM = posting(
    "/reports",
    "204 400",
    """
type: object
required: [title, sql, shape, owner]
properties:
  title: {type: string}
  sql: {type: string, example: select 1}
  shape: {type: string, example: round, x-conformance: {plain: true}}
  owner:
    type: object
    required: [time_zone]
    properties: {time_zone: {type: string, example: UTC}}
""",
)


@pytest.fixture
def lamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """A deployment, and a folder with its contract."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_TOKEN", TOKEN)
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    with deployed() as deployment:
        yield deployment


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Run the command in this process; its exit code."""
    monkeypatch.setattr(sys, "argv", ["conformance", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_setup_comes_first_and_teardown_last(
    lamps: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Both know the deployment by the URL that was given; a teardown changes no verdict."""
    given = f"{lamps.url}/"
    code = call(
        *(monkeypatch, "run", "--url", given, "--quiet", "--max-examples", "0"),
        *("--setup", 'echo "$CONFORMANCE_URL" > before'),
        *("--teardown", "cp before after; exit 3"),
    )

    assert code == 0
    assert (tmp_path / "after").read_text("utf-8") == f"{given}\n"


def test_nothing_is_sent_after_a_setup_that_failed(
    lamps: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command, its status and its last lines are told; what it began is cleaned up."""
    code = call(
        *(monkeypatch, "run", "--url", lamps.url, "--quiet"),
        *("--setup", "echo no database; exit 4", "--teardown", "touch cleaned"),
    )

    said = capsys.readouterr().err
    assert code == 2
    assert "--setup `echo no database; exit 4` ended with status 4" in said
    assert "  no database" in said
    assert lamps.asked == []
    assert (tmp_path / "cleaned").exists()


def test_a_text_with_a_meaning_gets_no_mark_of_a_caller(tmp_path: Path) -> None:
    """SQL and a time zone mean something, as does what `plain` marks; a title takes any text."""
    app = Application(lambda asked: (204 if _is_report(asked.json) else 400, None))

    run(contract_of(tmp_path, FORM), app)

    bodies = [one.json for one in app.asked if _is_report(one.json)]
    marked = {name for body in bodies for name in body if "caller-" in json.dumps(body[name])}
    assert marked == {"title"}


def _is_report(value: object) -> bool:
    texts = ("title", "sql", "shape")
    if not isinstance(value, dict):
        return False
    owner = value.get("owner")
    zoned = isinstance(owner, dict) and isinstance(owner.get("time_zone"), str)
    return zoned and all(isinstance(value.get(name), str) for name in texts)


def test_progress_says_what_is_tried_within_an_operation(tmp_path: Path) -> None:
    """A label is cut, has no secret in it, and stands beside the operation."""
    lines = list[str]()

    class Stream(StringIO):
        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> int:
            lines.append(text)
            return len(text)

    app = Application(lambda _: (204, None))
    running = Run(contract_of(tmp_path, FORM), Target(app=app), RunOptions())
    progress = Progress(Stream())

    def shown(one: Run) -> None:
        progress._last = 0.0
        progress(one)

    asyncio.run(way_of_a_clause(running, on_progress=shown))

    assert any("POST /reports, the good request: " in line for line in lines)
