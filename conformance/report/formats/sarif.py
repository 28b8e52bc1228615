"""The report as SARIF 2.1.0 (OASIS), each finding at its line of the contract.

GitHub's code scanning shows a result at a file of the repository, so a path below the current
folder is written relative to it.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.report.codes.registry import CODES
from conformance.report.findings import Finding, Report
from spec.model.errors import Place

__all__ = ["as_sarif"]

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def as_sarif(report: Report) -> str:
    """The report as SARIF text."""
    names = list(dict.fromkeys(finding.code for finding in report.findings))
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {**_DRIVER, "rules": [_rule(name) for name in names]}},
                "invocations": [{"executionSuccessful": not report.interrupted}],
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(finding, names.index(finding.code), report)
                    for finding in report.findings
                ],
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


_DRIVER = {
    "name": "conformance",
    "semanticVersion": version("insforge-contract"),
    "informationUri": "https://spec.openapis.org/oas/",
}


def _rule(name: str) -> dict[str, Any]:
    code = CODES[name]
    return {
        "id": name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explain},
        "help": {"text": f"{code.explain}\n\nconformance explain {name}"},
        "defaultConfiguration": {"level": code.level.value},
    }


def _result(finding: Finding, index: int, report: Report) -> dict[str, Any]:
    facts = [
        finding.title,
        f"Expected: {finding.expected}" if finding.expected else "",
        f"Got: {finding.got}" if finding.got else "",
        f"Reproduce: {finding.curl}" if finding.curl else "",
        finding.remedy,
    ]
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.level.value,
        "message": {"text": "\n".join(fact for fact in facts if fact)},
        "locations": [_location(finding, report)],
        "partialFingerprints": {"conformance/v1": finding.fingerprint},
        "occurrenceCount": finding.occurrences,
    }


def _location(finding: Finding, report: Report) -> dict[str, Any]:
    place = finding.place or Place(file=report.contract.file or "openapi.yaml", line=1)
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.file)},
            "region": {"startLine": max(1, place.line)},
        }
    }
    names = [*finding.operations, *finding.clauses]
    if names:
        location["logicalLocations"] = [{"fullyQualifiedName": name} for name in names]
    return location


def _uri(file: str) -> str:
    path, here = Path(file), Path.cwd()
    if path.is_absolute() and path.is_relative_to(here):
        path = path.relative_to(here)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
