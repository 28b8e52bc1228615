"""Work in a thread that nobody has to wait for: where no time is left, the process ends before it.

The threads of a pool are joined when a loop is closed, or the process ends.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

__all__ = ["abandonable"]

_T = TypeVar("_T")


def abandonable(work: Callable[[], _T]) -> Future[_T]:
    """What the work will give, or raise; it cannot be cancelled, and may be left to itself."""
    done = Future[_T]()
    done.set_running_or_notify_cancel()

    def perform() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    Thread(target=perform, daemon=True).start()
    return done
