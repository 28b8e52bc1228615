"""Files are opened where they have an end: others would block whoever reads them."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

__all__ = ["bytes_of", "file_named", "open_regular"]

_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A named pipe is opened before somebody writes to it."""
_HANDED_OVER = ("/dev/fd", "/dev/stdin", "/proc")
"""Where a shell puts the pipe of `<(command)`: it has a writer, and ends with it."""


def file_named(text: str) -> Path:
    """The file that somebody names, beside whom `-` alone stands for a standard stream.

    To `pathlib` the file `./-` is called `-`.
    """
    file = Path(text)
    return file.absolute() if file == Path("-") else file


def open_regular(path: Path) -> BinaryIO:
    """A file that was opened for reading.

    Raises:
        OSError: it cannot be opened, or is a folder, a device, a socket or a named pipe.
    """
    handle = os.open(path, os.O_RDONLY | _AT_ONCE)
    try:
        what = _other_than_a_file(path, os.fstat(handle))
        if what:
            raise OSError(errno.EINVAL, f"{what} is no regular file")
        os.set_blocking(handle, True)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def bytes_of(path: Path) -> bytes:
    """What is in a file.

    Raises:
        OSError: as `open_regular` does.
    """
    with open_regular(path) as opened:
        return opened.read()


def _other_than_a_file(path: Path, found: os.stat_result) -> str:
    """What it is, where it may have no end; "" for what can be read."""
    mode = found.st_mode
    # Nothing is what some give on purpose: `--config /dev/null`.
    if stat.S_ISREG(mode) or os.path.samestat(found, os.stat(os.devnull)):
        return ""
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        absolute = path.absolute()
        return "" if any(map(absolute.is_relative_to, _HANDED_OVER)) else "a named pipe"
    return "a device or a socket"
