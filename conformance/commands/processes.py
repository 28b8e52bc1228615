"""Commands that run beside us and end with us, whatever happens to us."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Process", "ProcessError", "running"]

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_PAUSE = 0.05
_LAST_LINES = 15
GRACE = 6.0
"""Seconds for the supervisor to end a family; it needs less."""


class ProcessError(Exception):
    """A command that did not do what it was started for: which one, and what it said last."""


@dataclass(frozen=True, slots=True)
class Process:
    """A command that was started. Its output goes to a file."""

    name: str
    handle: subprocess.Popen[bytes]
    log: Path

    def output(self) -> str:
        """All that it has written so far."""
        return self.log.read_text("utf-8", "replace")

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until it is ready.

        Raises:
            ProcessError: it ended before, or the time is over.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            status = self.handle.poll()
            if status is not None:
                raise ProcessError(
                    f"{self.name} ended with status {status} before {what}{self._last()}"
                )
            if time.monotonic() > deadline:
                raise ProcessError(
                    f"{self.name} ran for {seconds:g} s without {what}{self._last()}"
                )
            time.sleep(_PAUSE)

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        return self.handle.wait()

    def _last(self) -> str:
        lines = self.output().strip().splitlines()[-_LAST_LINES:]
        return "; it said last:\n" + "\n".join(f"  {line}" for line in lines) if lines else ""


@contextmanager
def running(
    command: list[str], *, name: str, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run a command for as long as the block lasts; then its whole family is ended.

    Raises:
        ProcessError: it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        log = Path(folder) / "output"
        with log.open("wb") as sink:
            try:
                handle = subprocess.Popen(
                    [sys.executable, "-I", str(_SUPERVISOR), *command],
                    stdin=subprocess.PIPE,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    env=None if env is None else dict(env),
                    # Ctrl-C is ours to answer: the supervisor is told by the end of its input.
                    start_new_session=True,
                )
            except OSError as error:
                raise ProcessError(f"{name} cannot be started: {error.strerror}") from error
        try:
            yield Process(name, handle, log)
        finally:
            _end(handle)


def _end(handle: subprocess.Popen[bytes]) -> None:
    assert handle.stdin is not None
    handle.stdin.close()
    try:
        handle.wait(GRACE)
    except subprocess.TimeoutExpired:
        handle.kill()
        handle.wait()
