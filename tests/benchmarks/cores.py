"""Which cores the servers get and which one the load generator, so that neither steals."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """Two disjoint sets of cores; both empty on a machine with one, or that pins no process."""

    server: frozenset[int] = frozenset()
    load: frozenset[int] = frozenset()

    @property
    def pinned(self) -> bool:
        return bool(self.server)


def share_out(available: frozenset[int]) -> Cores:
    """The last core for the load, all others for the server: its helper threads may use them as
    they could in real use.
    """
    if len(available) < 2:
        return Cores()
    load = frozenset({max(available)})
    return Cores(server=available - load, load=load)


def available_cores() -> frozenset[int]:
    """The cores that this process may use; empty where the system does not tell (macOS)."""
    if not hasattr(os, "sched_getaffinity"):
        return frozenset()
    return frozenset(os.sched_getaffinity(0))


@contextlib.contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """Keep this process, and what it starts meanwhile, on `cores`, and let it go at the end."""
    before = available_cores()
    pin(0, cores)
    try:
        yield
    finally:
        pin(0, before)


def pin(pid: int, cores: frozenset[int]) -> None:
    """Keep process `pid` (0: this one) and what it starts from now on upon `cores`; without effect
    if there are none.
    """
    if cores:
        os.sched_setaffinity(pid, cores)
