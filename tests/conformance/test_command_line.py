"""The command line itself: defects, signals, names, help."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conformance.cli import COMMANDS
from tests.conformance.gate.command import COMMAND, CONTRACT, conformance, environment

pytestmark = pytest.mark.slow


def broken(*arguments: object, **named: object) -> None:
    raise RuntimeError("put in\nhere")


@pytest.fixture
def defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a contract, and a kit that cannot lint it."""
    import conformance.commands.lint as lint_command

    monkeypatch.setattr(lint_command, "lint", broken)
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    return tmp_path


def test_a_defect_is_70_and_one_line(defect: Path, tmp_path: Path) -> None:
    """It is no finding (1) and nobody else's fault; the traceback is in a file that is named."""
    done = conformance("lint", "openapi.yaml", folder=defect)
    (line,) = done.stderr.splitlines()
    log = Path(line.partition("the traceback is in ")[2].partition(";")[0])

    assert done.returncode == 70
    assert "defect of conformance, not of your contract" in line
    assert "(RuntimeError: put in here)" in line
    assert "Traceback" in log.read_text()
    log.unlink()


def test_the_log_of_a_defect(defect: Path) -> None:
    """`--log` names the file, also in its variable; `--verbose` shows it."""
    done = conformance("lint", "openapi.yaml", "--verbose", "--log", "x.log", folder=defect)

    assert done.returncode == 70
    assert "the traceback is in x.log" in done.stderr
    assert "Traceback" in done.stderr
    assert "Traceback" in (defect / "x.log").read_text()


def test_a_defect_before_the_first_answer_is_no_silence_of_the_deployment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither told as unreachable (3) nor as undecided (2)."""
    from conformance.run.turns.operation_run import OperationRun

    async def broken_run(self: OperationRun) -> None:
        broken()

    monkeypatch.setattr(OperationRun, "run", broken_run)
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")

    done = conformance(
        "run", "--url", "http://127.0.0.1:9", "--contract", "openapi.yaml", "--log", "x.log",
        folder=tmp_path,
    )  # fmt: skip

    assert done.returncode == 70
    assert "defect of conformance, not of your contract or deployment" in done.stderr
    assert "unreachable" not in done.stdout
    assert "RuntimeError" in (tmp_path / "x.log").read_text()


@pytest.mark.parametrize(
    ("typed", "meant"), [("rnu", "run"), ("lnit", "lint"), ("gat", "gate"), ("RUN", "run")]
)
def test_a_misspelt_command(typed: str, meant: str, tmp_path: Path) -> None:
    """What was meant is named."""
    done = conformance(typed, folder=tmp_path)

    assert done.returncode == 2
    assert f"did you mean {meant}?" in done.stderr


def test_help_names_every_command(tmp_path: Path) -> None:
    """Each command stands in a section, and examples can be copied whole."""
    said = conformance("--help", folder=tmp_path).stdout

    assert all(f"\n  {name} " in said for name in COMMANDS)
    assert "\n  conformance gate --contract openapi.yaml --base main:openapi.yaml\n" in said


@pytest.mark.parametrize(
    ("command", "status"),
    [("clauses", 0), ("explain --list", 0), ("lint", 1), ("nothing 2>&1", 2)],
)
def test_a_pipe_that_its_reader_closed(command: str, status: int, tmp_path: Path) -> None:
    """`| head -1` is no finding: what it does not read is lost, and the exit status is as ever."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT + "nonsense: {}\n", "utf-8")
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        done = subprocess.run(
            f"{COMMAND} {command}", shell=True, cwd=tmp_path, env=environment(), check=False,
            stdout=pipe, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip

    assert (done.returncode, "BrokenPipe" in done.stderr) == (status, False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", ["clauses", "explain --list", "clauses 2>&1"])
def test_a_full_disk_is_no_defect(command: str, tmp_path: Path) -> None:
    """Neither is what was not written a success."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            f"{COMMAND} {command}", shell=True, cwd=tmp_path, env=environment(), check=False,
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip

    said = "" if "2>&1" in command else "Error: standard output cannot be written: no space left"
    assert (done.returncode, said in done.stderr) == (2, True)


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_a_stream_that_the_caller_closed(closed: str, tmp_path: Path) -> None:
    """What is said there is lost, and the exit status is as ever."""
    (tmp_path / "openapi.yaml").write_text(CONTRACT, "utf-8")
    done = subprocess.run(
        f"{COMMAND} lint openapi.yaml {closed}", shell=True, cwd=tmp_path, env=environment(),
        check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0
