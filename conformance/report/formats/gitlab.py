"""The report as GitLab's code quality: a list of issues that a merge request shows.

Code Climate's format, of which GitLab reads description, check_name, fingerprint, severity and
location (docs.gitlab.com, "Code Quality", custom tools).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.report.findings import Finding, Level, Report
from conformance.report.formats.printable import printable
from conformance.report.formats.verdicts import in_order

__all__ = ["as_gitlab"]

_SEVERITIES = {Level.ERROR: "critical", Level.WARNING: "minor", Level.NOTE: "info"}


def as_gitlab(report: Report) -> str:
    """The report as code quality JSON, the worst first."""
    return json.dumps([_issue(one, report) for one in in_order(report.findings)], indent=2) + "\n"


def _issue(finding: Finding, report: Report) -> dict[str, Any]:
    where = f"{', '.join(finding.operations)}: " if finding.operations else ""
    facts = [
        f"{where}{finding.title}",
        f"expected {finding.expected}" if finding.expected else "",
        f"got {finding.got}" if finding.got else "",
    ]
    return {
        "description": printable("; ".join(fact for fact in facts if fact)),
        "check_name": finding.code,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.level],
        "location": _location(finding, report),
    }


def _location(finding: Finding, report: Report) -> dict[str, Any]:
    file = finding.place.file if finding.place else report.contract.file or "openapi.yaml"
    line = finding.place.line if finding.place else 1
    return {"path": _relative(file), "lines": {"begin": max(1, line)}}


def _relative(file: str) -> str:
    path, here = Path(file), Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
