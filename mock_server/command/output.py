"""Output lines, written so that a pipe that nobody reads never blocks the mock.

A test suite that starts the mock with a pipe and never empties it is common; a plain write would
block, and with it every request, as soon as the pipe is full.
"""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

__all__ = ["Output"]

_CHUNK = 4096
"""Bytes that a pipe takes whole once it is writable (PIPE_BUF of Linux)."""
_KEPT = 64 * 1024 * 1024
"""Bytes that wait for a slow reader; what comes after them is counted and left out."""
_PATIENCE = 250
"""Milliseconds without room after which the reader counts as gone, at the end of the process."""
_RETRY = 0.1
"""Seconds until a reader that did not read is tried again."""


class Output:
    """A text stream that takes whole lines. None, for a closed one, takes them and does nothing.

    `left_out` makes the line that stands for a number of lines for which there was no room.
    """

    def __init__(self, stream: TextIO | None, left_out: Callable[[int], str] | None = None) -> None:
        self._stream = stream
        self._told = left_out or _left_out
        self._fd = _descriptor(stream)
        self._waiting = bytearray()
        self._left_out = 0
        self._scheduled = False

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at it."""
        return self._stream is not None and self._stream.isatty()

    def line(self, text: str) -> None:
        """Write one line: at once outside of an event loop, else with its other lines of now."""
        if self._fd is None:
            if self._stream is not None:
                self._stream.write(f"{text}\n")
                self._stream.flush()
            return
        if len(self._waiting) > _KEPT:
            self._left_out += 1
            return
        self._waiting += self._encoded(text)
        if not self._scheduled:
            self._flush_soon()

    def flush(self) -> None:
        """Write what the reader has room for, and keep the rest for later."""
        self._scheduled = False
        try:
            while self._waiting and self._has_room():
                del self._waiting[: os.write(self._fd or 0, self._waiting[:_CHUNK])]
        except OSError:
            # The reader is gone, which is no reason to stop serving.
            self._fd, self._stream = None, None
            return
        if self._waiting:
            self._retry_later()
        elif self._left_out:
            left_out, self._left_out = self._left_out, 0
            self.line(self._told(left_out))

    def finish(self) -> None:
        """Write what still waits, for as long as it is read."""
        self.flush()
        while self._waiting and self._fd is not None and self._has_room(_PATIENCE):
            self.flush()

    def _encoded(self, text: str) -> bytes:
        encoding = (self._stream and self._stream.encoding) or "utf-8"
        # A terminal in ASCII must not end a request by an error of encoding.
        return text.encode(encoding, "backslashreplace") + b"\n"

    def _has_room(self, patience: int = 0) -> bool:
        # Asked, and not set to O_NONBLOCK: that belongs to the open file, so that the shell's
        # terminal would have it as well, even after the mock has ended.
        poll = select.poll()
        poll.register(self._fd or 0, select.POLLOUT)
        return bool(poll.poll(patience))

    def _flush_soon(self) -> None:
        try:
            asyncio.get_running_loop().call_soon(self.flush)
        except RuntimeError:
            self.flush()
        else:
            self._scheduled = True

    def _retry_later(self) -> None:
        with suppress(RuntimeError):
            asyncio.get_running_loop().call_later(_RETRY, self.flush)
            self._scheduled = True


def _left_out(number: int) -> str:
    return f"({number} lines left out: nobody was reading)"


def _descriptor(stream: TextIO | None) -> int | None:
    """The stream's file descriptor, where this system can ask it whether it has room."""
    if stream is None or not hasattr(select, "poll"):
        return None
    with suppress(OSError, ValueError, AttributeError):
        stream.flush()
        return stream.fileno()
    return None
