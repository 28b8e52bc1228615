"""Work in a thread that nobody has to wait for: where no time is left, the process ends before it.

The threads of an event loop's own pool are joined when the loop is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import TypeVar

__all__ = ["in_abandonable_thread"]

_T = TypeVar("_T")


async def in_abandonable_thread(work: Callable[[], _T]) -> _T:
    """What the work gives, or raises; a caller that is cancelled leaves the thread to itself."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[_T] = loop.create_future()

    def settle(done: Future[_T]) -> None:
        if outcome.cancelled():
            return
        if (error := done.exception()) is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(done.result())

    def perform() -> None:
        done = Future[_T]()
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)
        # The loop is closed where nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, done)

    Thread(target=perform, daemon=True).start()
    return await outcome
