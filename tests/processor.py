"""Processor time, which tests bound instead of the clock: a busy machine does not change it."""

from __future__ import annotations

import os
import resource
from pathlib import Path

__all__ = ["of_children", "of_process"]


def of_process(pid: int) -> float:
    """The processor time of a running process, all its threads together, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def of_children() -> float:
    """The processor time of all child processes that have ended, in seconds."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
