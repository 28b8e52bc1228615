"""All that is to be said of a change, the worst first."""

from __future__ import annotations

from conformance.diff.comparison import changes
from conformance.diff.model.announced import Announcements
from conformance.diff.model.change import findings
from conformance.diff.versions import version_findings
from conformance.report.findings import Finding
from spec import Contract

__all__ = ["differences"]


def differences(
    old: Contract, new: Contract, announcements: Announcements | None = None
) -> tuple[Finding, ...]:
    """What changed from OLD to NEW, and what `info.version` should have said of it."""
    found = findings(changes(old, new, announcements))
    told = findings(version_findings(old, new, found))
    return tuple(sorted((*found, *told), key=lambda one: -one.level.rank))
