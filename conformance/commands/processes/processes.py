"""Child processes that end when this process ends, even if it is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from spec.model.short_texts import shortened

__all__ = ["Process", "ProcessError", "running"]

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_PAUSE = 0.05
"""Seconds between two looks at a process that is waited for."""
_LAST_LINES = 8
"""Lines of a process's output that the message about its failure has."""
_LONGEST = 200
"""Characters of such a line in a message."""
_KEPT = 64 * 1024
"""Bytes that are kept of the beginning of an output, and as many of its end."""
GRACE = 6.0
"""Seconds for the supervisor to end a family; it needs less."""


class ProcessError(Exception):
    """A command that did not do what it was started for: which one, and what it said last."""


class _Output:
    """What a command writes, read as it comes; the beginning and the end are kept.

    A command that prints without end costs neither the disk nor memory.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._head, self._tail = stream, b"", b""
        self.count = 0
        self._reader = threading.Thread(target=self._keep_ends, daemon=True)
        self._reader.start()

    def _keep_ends(self) -> None:
        descriptor = self._stream.fileno()
        while chunk := os.read(descriptor, _KEPT):
            room = _KEPT - len(self._head)
            self._head += chunk[:room]
            self._tail = (self._tail + chunk[room:])[-_KEPT:]
            # Last, so that whoever reads meanwhile sees less and never what is older.
            self.count += len(chunk)
        self._stream.close()

    def text(self) -> str:
        """What is kept; what came between is left out."""
        return (self._head + self._tail).decode("utf-8", "replace")

    def since(self, count: int) -> str:
        """What came after the first `count` bytes; the last of it where it is very much."""
        kept = self._head + self._tail
        new = min(max(self.count - count, 0), len(kept))
        return kept[len(kept) - new :].decode("utf-8", "replace")

    def end(self, seconds: float) -> None:
        """Wait until everything has been read; what still holds the pipe open is given up."""
        self._reader.join(seconds)


@dataclass(frozen=True, slots=True)
class Process:
    """A command that was started."""

    name: str
    handle: subprocess.Popen[bytes]
    written: _Output

    def output(self) -> str:
        """What it has written so far, the middle of very much left out."""
        return self.written.text()

    def mark(self) -> int:
        """Where its output is now, for `since`."""
        return self.written.count

    def since(self, mark: int) -> str:
        """What it has written after a mark."""
        return self.written.since(mark)

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
        """Its exit status, once it has ended and all that it wrote is read."""
        status = self.handle.wait()
        self.written.end(GRACE)
        return status

    def wait_at_most(self, seconds: float) -> int | None:
        """Its exit status; None where it has not ended in time."""
        try:
            self.handle.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        return self.wait()

    def end(self) -> int:
        """End it and its whole family, as the end of the block does; its exit status."""
        _end(self.handle)
        self.written.end(GRACE)
        return self.handle.returncode

    def _last(self) -> str:
        if self.handle.poll() is not None:
            self.written.end(_PAUSE)
        lines = self.output().strip().splitlines()[-_LAST_LINES:]
        shown = (shortened(line, _LONGEST) for line in lines)
        # In one line: what a command prints must not begin a line of ours.
        return f"; its last output was: {' | '.join(shown)}" if lines else ""


@contextmanager
def running(
    command: list[str], *, name: str, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run a command for as long as the block lasts; then its whole family is ended.

    Raises:
        ProcessError: it cannot be started.
    """
    try:
        handle = subprocess.Popen(
            # -I: neither the folder nor PYTHONPATH decides what the supervisor imports.
            [sys.executable, "-I", str(_SUPERVISOR), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            # Ctrl-C is ours to answer: the supervisor is told by the end of its input.
            start_new_session=True,
        )
    except OSError as error:
        raise ProcessError(f"{name} cannot be started: {error.strerror}") from error
    assert handle.stdout is not None
    try:
        yield Process(name, handle, _Output(handle.stdout))
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
