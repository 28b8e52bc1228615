"""Lone surrogates: JSON can write them (RFC 8259 section 8.2), no validator takes them."""

from __future__ import annotations

from typing import Any

__all__ = ["without_surrogates"]


def without_surrogates(value: Any) -> Any:
    """The value with U+FFFD, one character, in the place of each lone surrogate."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return value
