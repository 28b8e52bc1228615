"""The name by which a finding is known from run to run: what waivers and baselines hold on to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

__all__ = ["fingerprint"]

LENGTH = 16


def fingerprint(code: str, operations: Iterable[str], clauses: Iterable[str]) -> str:
    """Sixteen hexadecimal digits made of code, operations and clauses alone.

    URL, port, seed, value and level have no part in it, so a waiver outlives them all.
    """
    parts = ["finding", code, *sorted(set(operations)), "clauses", *sorted(set(clauses))]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]
