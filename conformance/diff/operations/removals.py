"""Removals that were announced: OLD marks the thing `deprecated`, and its day is over."""

from __future__ import annotations

from dataclasses import replace

from conformance.diff.model.announced import Announcements
from conformance.diff.model.change import Change
from conformance.report.codes.finding_code import FindingCode

__all__ = ["as_announced"]

_REMOVALS = frozenset(
    {
        FindingCode.OPERATION_REMOVED,
        FindingCode.WEBHOOK_REMOVED,
        FindingCode.PARAMETER_WITHDRAWN,
        FindingCode.PROPERTY_WITHDRAWN,
    }
    | {
        FindingCode.REQUEST_PROPERTY_REFUSED,
        FindingCode.RESPONSE_PROPERTY_OPTIONAL,
        FindingCode.RESPONSE_HEADER_REMOVED,
    }
    | {FindingCode.RESPONSE_HEADER_OPTIONAL}
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
        code=FindingCode.REMOVED_AS_ANNOUNCED,
        what=f"{change.what}, as announced ({why})",
        detail=f"{change.code} {change.detail}".strip(),
    )
