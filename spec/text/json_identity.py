"""What makes two JSON values equal (JSON Schema Core section 4.2.2)."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

__all__ = ["identity"]


def identity(value: Any) -> Hashable:
    """Something equal for values that are equal in JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, list):
        return ("array", *map(identity, value))
    if isinstance(value, dict):
        return frozenset((name, identity(one)) for name, one in value.items())
    return (isinstance(value, bool), value)
