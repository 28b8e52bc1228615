"""The standard streams of a command, also where its caller closed one (`2>&-`, `| head`)."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

__all__ = ["open_closed_streams"]


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


class _Output(io.FileIO):
    """A standard stream that forgets what nobody reads any more."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            # The number stays in use: what is written to it later goes nowhere as well.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
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
