"""Several processes on the same sockets: forked after loading, kept alive, and ended together."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import NoReturn, TypeAlias

__all__ = ["Work", "supervise"]

Work: TypeAlias = Callable[[int, int], object]
"""What a worker does, given its number, and a pipe that ends when the parent does."""

_SIGNALS = frozenset({signal.SIGCHLD, signal.SIGINT, signal.SIGTERM})
_TOO_MANY, _WITHIN = 5, 5.0
"""Workers that end, and the seconds in which they do: starting more of them would not help."""


def supervise(
    count: int, work: Work, *, first: int, prepare: Callable[[], None] | None
) -> signal.Signals | None:
    """Run the workers from number `first` to number `count` until a signal comes, and return it.

    `prepare` is called when no signal can end this process any more, before the first is started.
    A worker that dies is started again. None is returned where they die one after the other.
    """
    # Blocked signals wait until they are asked for, so that none is lost between two looks.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    if prepare is not None:
        prepare()
    theirs, ours = os.pipe()
    running: dict[int, int] = {}
    # The oldest of the last five: when it is recent, all five are.
    deaths: deque[float] = deque([float("-inf")] * _TOO_MANY, maxlen=_TOO_MANY)
    try:
        for number in range(first, count + 1):
            running[_fork(number, work, theirs, ours)] = number
        while time.monotonic() - deaths[0] > _WITHIN:
            received = signal.Signals(signal.sigwait(_SIGNALS))
            if received is not signal.SIGCHLD:
                return received
            for pid in _ended(running):
                deaths.append(time.monotonic())
                number = running.pop(pid)
                running[_fork(number, work, theirs, ours)] = number
        return None
    finally:
        for pid in running:
            os.kill(pid, signal.SIGTERM)
        for pid in running:
            # Waited for, so that the port is free and no zombie is left when the command has ended.
            os.waitpid(pid, 0)
        os.close(theirs)
        os.close(ours)


def _fork(number: int, work: Work, theirs: int, ours: int) -> int:
    if sys.stdout is not None:
        sys.stdout.flush()  # or both would write what is in its buffer
    pid = os.fork()
    if pid == 0:
        _become_worker(number, work, theirs, ours)
    return pid


def _become_worker(number: int, work: Work, theirs: int, ours: int) -> NoReturn:
    status = 1
    try:
        os.close(ours)
        # A terminal sends Ctrl-C to all of us; the parent alone decides what it means.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS - {signal.SIGINT})
        work(number, theirs)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Not sys.exit: what the parent has registered to run at its end is not the worker's.
        os._exit(status)


def _ended(running: dict[int, int]) -> list[int]:
    return [pid for pid in running if os.waitpid(pid, os.WNOHANG)[0] == pid]
