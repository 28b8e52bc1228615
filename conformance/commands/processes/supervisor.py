"""A small process between this program and a command; it ends the command when this program ends.

`python supervisor.py COMMAND…` runs the command in a session of its own and watches its standard
input. Its end means that whoever started it is gone, killed perhaps; then the command's whole
family is ended, also what has left its process group. Nothing but the standard library is
imported, so that it starts at once.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

__all__: list[str] = []

GRACE = 2.0
"""Seconds between asking a process to end and ending it."""
_PR_SET_CHILD_SUBREAPER = 36
"""The option of prctl(2) by which orphans become children of this process, and not of init."""


def main(command: list[str]) -> int:
    """Run a command until it ends or standard input does; gives the command's exit status."""
    # Whoever ends the whole group of processes must not end this one before it has cleaned up.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _adopt_orphans()
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, start_new_session=True, restore_signals=True,
        preexec_fn=_restore,
    )  # fmt: skip
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    status = child.wait()
    _end_family(child.pid)
    # As a shell has it: 128 and the number of the signal.
    return status if status >= 0 else 128 - status


def _restore() -> None:
    """Signals as usual for the command: what is ignored here stays ignored in a child."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _watch(child: subprocess.Popen[bytes]) -> None:
    # Nothing is ever written there: reading ends when the other side does, however it ends.
    while os.read(0, 1024):
        pass
    _signal_group(child.pid, signal.SIGTERM)
    for process in _descendants():
        _signal(process, signal.SIGTERM)
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        _signal_group(child.pid, signal.SIGKILL)


def _end_family(leader: int) -> None:
    """End what the command left behind; it has its grace first."""
    _signal_group(leader, signal.SIGTERM)
    for process in _descendants():
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        _reap()
        if not _descendants():
            return
        time.sleep(0.02)
    _signal_group(leader, signal.SIGKILL)
    for process in _descendants():
        _signal(process, signal.SIGKILL)


def _adopt_orphans() -> None:
    """On Linux the children of a child that ends become ours, so that they can be found."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (OSError, AttributeError, TypeError):
        # Elsewhere the process group has to do.
        return


def _descendants() -> list[int]:
    """Every process below this one, where /proc lists them."""
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        for listed in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(pid) for pid in listed.read_text().split()]
            except OSError:
                continue
            alive = [pid for pid in children if not _is_dead(pid)]
            found += alive
            waiting += alive
    return found


def _is_dead(pid: int) -> bool:
    try:
        # The name of the program stands in parentheses, and may have one and spaces in it.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return True


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _signal_group(leader: int, number: int) -> None:
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
