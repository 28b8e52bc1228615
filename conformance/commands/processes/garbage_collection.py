"""The garbage collector, at rest while large contracts are worked through."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["paused"]


@contextmanager
def paused() -> Iterator[None]:
    """No search for cycles in here.

    A large contract, its clauses and their report are millions of objects that all stay: looking
    through them again and again was a quarter of what a comparison cost, and found next to nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
