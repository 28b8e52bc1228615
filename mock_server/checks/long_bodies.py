"""Long bodies: read, judged and freed in a thread beside the event loop.

A body of 10 MB takes long to read, to scan by the garbage collector and to free, which would delay
every other client. So a thread does this, one body at a time.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import Any, TypeVar

__all__ = ["Held", "beside"]

_AT_ONCE = 1000
"""Values that are let go of between two moments at which other threads may run."""

_Result = TypeVar("_Result")
_lock = Lock()
_held = 0
_was_enabled = False


@cache
def _thread() -> ThreadPoolExecutor:
    """The thread for all long bodies; it is made by the first, since a worker is a fork."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="long bodies")


async def beside(work: Callable[[], _Result]) -> _Result:
    """The result of work that is done beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_thread(), work)


class Held:
    """Keeps the value of a long body for as long as somebody has this, and the collector away.

    JSON values have no cycles, so that the collector finds nothing in them; looking for it takes
    longer than reading them.
    """

    __slots__ = ("value",)

    def __init__(self) -> None:
        global _held, _was_enabled
        self.value: Any = None
        with _lock:
            # Several long bodies may be held at once: the first one stores the state for the last.
            if not _held:
                _was_enabled = gc.isenabled()
                gc.disable()
            _held += 1

    def __del__(self) -> None:
        value, self.value = self.value, None
        try:
            _thread().submit(_let_go, [value])
        except RuntimeError:  # the interpreter is ending
            _count_down()


def _let_go(waiting: list[Any]) -> None:
    """Take values apart: the last reference to a large one would free all of it at once."""
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [member for member in one.values() if isinstance(member, (dict, list))]
            while one:
                with suppress(KeyError):
                    # `popitem` frees one member; `clear` would free millions without a turn for
                    # other threads.
                    for _ in range(_AT_ONCE):
                        one.popitem()
        while isinstance(one, list) and one:
            waiting += [item for item in one[-_AT_ONCE:] if isinstance(item, (dict, list))]
            del one[-_AT_ONCE:]
    _count_down()


def _count_down() -> None:
    global _held
    with _lock:
        _held -= 1
        if not _held and _was_enabled:
            gc.enable()
