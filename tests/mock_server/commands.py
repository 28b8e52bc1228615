"""The installed command as a process, for tests that need the real thing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

__all__ = ["COMMAND", "Mock", "launched", "ran"]

COMMAND = Path(sys.executable).with_name("mock-server")
_PATIENCE = 30


@dataclass(kw_only=True)
class Mock:
    """A running `mock-server`: its process, its first line and the URL in it."""

    process: subprocess.Popen[str]
    first_line: str

    @property
    def url(self) -> str:
        """What the first line names."""
        found = re.search(r"http://[^\s\"]+", self.first_line)
        assert found, f"the first line names no URL: {self.first_line}"
        return found.group()

    def until(self, text: str) -> str:
        """Read lines up to the first that holds a text, and return that one."""
        assert self.process.stdout
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
    port: str | None = "0",
    new_group: bool = False,
) -> Iterator[Mock]:
    """Start the command on a free port; it is ready when the block begins, and gone after it."""
    given = [str(one) for one in arguments] + (["--port", port] if port is not None else [])
    process = subprocess.Popen(
        [COMMAND, *given],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
        env=_environment(variables),
        start_new_session=new_group,
    )
    watchdog = Timer(_PATIENCE * 2, process.kill)
    watchdog.start()
    try:
        assert process.stdout
        yield Mock(process=process, first_line=process.stdout.readline())
    finally:
        watchdog.cancel()
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


def _environment(variables: Mapping[str, str] | None) -> dict[str, str]:
    """The environment without what would change a mock, and with what the test wants."""
    foreign = ("PORT", "CI", "NO_COLOR")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in foreign and not name.startswith("MOCK_SERVER_")
    }
    return kept | dict(variables or {})
