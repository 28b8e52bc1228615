"""A value that is sent as a whole, against what is read back: a list, or an object of any names."""

from __future__ import annotations

from typing import Any

from conformance.judgement.stored_values import same_value

__all__ = ["is_same_whole", "whole_in"]


def whole_in(value: Any, sent: Any) -> Any:
    """What stands for the sent value in an answer: bare, or one level below; None where nothing."""
    inner = [*value.values()] if isinstance(value, dict) else []
    alike = [one for one in (value, *inner) if isinstance(one, type(sent))]
    if isinstance(sent, list):
        return alike[0] if len(alike) == 1 else None
    found = max(alike, key=lambda one: len(one.keys() & sent.keys()), default=None)
    return found if found is not None and found.keys() & sent.keys() else None


def is_same_whole(sent: Any, read: Any) -> bool | None:
    """Whether it says the same; None where that is undecided. An empty list has no item left."""
    return read == [] if sent == [] else same_value(sent, read)
