"""The installed command `mock-server` as a process, for tests that need the real thing."""

from __future__ import annotations

import gc
import io
import os
import re
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from unittest.mock import patch

from mock_server.cli import main

__all__ = ["COMMAND", "Mock", "launched", "ran", "ran_here"]

COMMAND = Path(sys.executable).with_name("mock-server")

#: Seconds after which what was waited for will not come any more.
_PATIENCE = 30


@dataclass(kw_only=True)
class Mock:
    """A running `mock-server`: its process, its first line and the URL in it."""

    process: subprocess.Popen[str]
    first_line: str

    @property
    def url(self) -> str:
        """What the first line names; where it names none, all that was said is in the failure."""
        found = re.search(r"https?://[^\s\"/]+", self.first_line)
        assert found, f"the first line names no URL:\n{self.first_line}{self.stop()[1]}"
        return found.group()

    def until(self, text: str) -> str:
        """Read lines up to the first that holds a text, and return that one."""
        assert self.process.stdout
        with _waited_for(self.process):
            for line in self.process.stdout:
                if text in line:
                    return line
        raise AssertionError(f"{text!r} was never said")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; return the exit status and what was said since the last look."""
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=_PATIENCE)
        return self.process.returncode, said


@contextmanager
def launched(
    *arguments: str | Path,
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
    new_group: bool = False,
) -> Iterator[Mock]:
    """Start the command on a free port; it is ready when the block begins, and gone after it.

    Nobody has to read what it says: it does not wait for a reader.
    """
    process = subprocess.Popen(
        [COMMAND, *map(str, arguments), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
        env=_environment(variables),
        start_new_session=new_group,
    )
    try:
        assert process.stdout
        with _waited_for(process):
            first_line = process.stdout.readline()
        yield Mock(process=process, first_line=first_line)
    finally:
        process.kill()
        process.communicate()


def ran(
    *arguments: str | Path, cwd: Path | None = None, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, which it is expected to reach by itself."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=_environment(variables),
        timeout=_PATIENCE,
        check=False,
    )


def ran_here(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command to its end in this process, which spares the start of another Python.

    For what ends before anything is served; what `main` changes in the process is undone.
    """
    written = [*map(str, arguments)]
    said, complaints = io.StringIO(), io.StringIO()
    with (
        chdir(cwd or Path.cwd()),
        patch.dict(os.environ, _environment(None), clear=True),
        patch.object(sys, "argv", ["mock-server", *written]),
        redirect_stdout(said),
        redirect_stderr(complaints),
        _undone(),
    ):
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
    return subprocess.CompletedProcess(written, status, said.getvalue(), complaints.getvalue())


@contextmanager
def _undone() -> Iterator[None]:
    handler, was_enabled = signal.getsignal(signal.SIGTERM), gc.isenabled()
    try:
        with warnings.catch_warnings():
            yield
    finally:
        signal.signal(signal.SIGTERM, handler)
        if was_enabled:
            gc.enable()


@contextmanager
def _waited_for(process: subprocess.Popen[str]) -> Iterator[None]:
    """Kill a process that stays silent for too long, so that its reader goes on."""
    watchdog = Timer(_PATIENCE, process.kill)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _environment(variables: Mapping[str, str] | None) -> dict[str, str]:
    """The environment without what would change a mock, and with what the test wants."""
    foreign = ("PORT", "CI", "NO_COLOR")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in foreign and not name.startswith("MOCK_SERVER_")
    }
    return kept | dict(variables or {})
