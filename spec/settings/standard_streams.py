"""The standard streams of a command, also where its caller closed one (`2>&-`, `| head`)."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

__all__ = ["UnwritableError", "forget_output", "open_closed_streams"]

_STANDARD_ERROR = 2


class UnwritableError(OSError):
    """What was said to the standard output was not written: the disk is full."""

    def __str__(self) -> str:
        return f"standard output cannot be written: {(self.strerror or 'unknown').lower()}"


def open_closed_streams() -> None:
    """Put an empty stream where Python has None, since the caller closed it.

    What is said to a pipe that its reader closes is lost from then on, and the exit status is as
    ever: that of Python, 1, would mean findings.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # It takes the number that is free; else the next file that is opened would.
            number = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(number, "r" if name == "stdin" else "w"))
        elif name != "stdin" and isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            setattr(sys, name, _through_closed_pipes(stream))


def forget_output() -> None:
    """Lose what is still waiting to be written to the standard output, and all that follows."""
    _forget(sys.stdout.fileno())


def _forget(number: int) -> None:
    # The number stays in use: what is written to it later goes nowhere as well.
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)


class _Output(io.FileIO):
    """A standard stream that forgets what nobody reads any more."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            _forget(self.fileno())
        except OSError as error:
            # What cannot be said on the standard error can be said nowhere.
            if self.fileno() != _STANDARD_ERROR:
                raise UnwritableError(error.errno, error.strerror) from error
        return memoryview(data).nbytes


def _through_closed_pipes(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    try:
        number = stream.fileno()
    except OSError:
        return stream  # text that is kept in memory
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(number, "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
