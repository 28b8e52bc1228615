"""The report as GitLab's code quality: a list of issues that a merge request shows.

Code Climate's format, of which GitLab reads description, check_name, fingerprint, severity and
location (docs.gitlab.com, "Code Quality", custom tools).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.report.findings import Finding, FindingPlace, Level, Report
from conformance.report.formats.printable import printable
from conformance.report.formats.verdicts import in_order

__all__ = ["as_gitlab"]

_SEVERITIES = {Level.ERROR: "critical", Level.WARNING: "minor", Level.NOTE: "info"}


def as_gitlab(report: Report) -> str:
    """The report as code quality JSON: an issue for each place that is not waived."""
    issues = [
        _issue(finding, place, report)
        for finding in in_order(report.findings)
        for place in finding.places
        if not place.waived
    ]
    return json.dumps(issues, indent=2) + "\n"


def _issue(finding: Finding, place: FindingPlace, report: Report) -> dict[str, Any]:
    facts = [
        finding.title,
        place.clause,
        f"expected {place.expected}" if place.expected else "",
        f"got {place.got}" if place.got else "",
    ]
    return {
        "description": printable("; ".join(fact for fact in facts if fact)),
        "check_name": finding.code.value,
        "fingerprint": place.fingerprint,
        "severity": _SEVERITIES[place.level],
        "location": _location(place, report),
    }


def _location(place: FindingPlace, report: Report) -> dict[str, Any]:
    file = place.place.file if place.place else report.contract.file or "openapi.yaml"
    line = place.place.line if place.place else 1
    return {"path": _relative(file), "lines": {"begin": max(1, line)}}


def _relative(file: str) -> str:
    path, here = Path(file), Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
