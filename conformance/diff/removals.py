"""Removals that were announced: OLD marks the thing `deprecated`, and its day is over."""

from __future__ import annotations

from dataclasses import replace

from conformance.diff.announced import Announcements
from conformance.diff.change import Change

__all__ = ["as_announced"]

_REMOVALS = frozenset(
    {"operation-removed", "webhook-removed", "parameter-withdrawn", "property-withdrawn"}
    | {"request-property-refused", "response-property-optional", "response-header-removed"}
    | {"response-header-optional"}
)


def as_announced(change: Change, announcements: Announcements) -> Change:
    """The change, as `removed-as-announced` where OLD announced it and the day is over."""
    if change.code not in _REMOVALS or not change.written:
        return change
    why = announcements.over(change.written)
    if not why:
        return change
    return replace(
        change,
        code="removed-as-announced",
        what=f"{change.what}, as announced ({why})",
        detail=f"{change.code} {change.detail}".strip(),
    )
