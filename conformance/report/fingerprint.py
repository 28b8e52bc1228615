"""The stable name of a place across runs; waivers and baselines refer to it."""

from __future__ import annotations

import hashlib
import re

__all__ = ["fingerprint", "is_fingerprint"]

LENGTH = 16
"""Hexadecimal digits: 64 bits, so that no two places of a contract share one by chance."""


def fingerprint(code: str, operation: str, clause: str, change: str = "") -> str:
    """Sixteen hexadecimal digits made of code, operation and clause, and of the change for `diff`.

    URL, port, seed, level and other findings are not part of it, so a waiver survives their
    changes.
    """
    # Divided by what no part contains: `a` + `bc` must not be `ab` + `c`.
    # Without an empty change: places of a run keep the name that they had before `diff` gave any.
    parts = ["place", code, operation, clause, *([change] if change else ())]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def is_fingerprint(text: str) -> bool:
    """Whether a text looks like one."""
    return re.fullmatch(rf"[0-9a-f]{{{LENGTH}}}", text) is not None
