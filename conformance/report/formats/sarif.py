"""The report as SARIF 2.1.0 (OASIS), each place at its line of the contract.

GitHub's code scanning shows a result at a file of the repository, so a path below the current
folder is written relative to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import CODES
from conformance.report.findings import Finding, FindingPlace, Report
from conformance.report.formats.printable import printable
from spec.model.errors import Place

__all__ = ["as_sarif"]

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def as_sarif(report: Report) -> str:
    """The report as SARIF text."""
    runs = [_run(part) for part in report.parts or (report,)]
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}, indent=2) + "\n"


def _run(report: Report) -> dict[str, Any]:
    """A run of SARIF: one contract, so that each is a category of its own."""
    names = list(dict.fromkeys(finding.code for finding in report.findings))
    return {
        "tool": {"driver": {**_DRIVER, "rules": [_rule(name) for name in names]}},
        "invocations": [{"executionSuccessful": not report.interrupted}],
        # Required where a region could have columns; ours have lines alone (SARIF section 3.14.17).
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": _category(report)},
        "results": list(_results(report, names)),
    }


_DRIVER = {
    "name": "conformance",
    "semanticVersion": version("insforge-contract"),
    "informationUri": "https://spec.openapis.org/oas/",
}


def _rule(name: FindingCode) -> dict[str, Any]:
    code = CODES[name]
    return {
        "id": name.value,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explain},
        "help": {"text": f"{code.explain}\n\nconformance explain {name.value}"},
        "defaultConfiguration": {"level": code.level.value},
    }


def _results(report: Report, names: list[FindingCode]) -> Iterator[dict[str, Any]]:
    for finding in report.findings:
        for place in finding.places:
            yield _result(finding, place, names.index(finding.code), report)


def _result(finding: Finding, place: FindingPlace, index: int, report: Report) -> dict[str, Any]:
    facts = [
        finding.title,
        f"Clause: {place.clause}" if len(finding.places) > 1 else "",
        f"Expected: {place.expected}" if place.expected else "",
        f"Got: {place.got}" if place.got else "",
        f"Reproduce: {place.curl}" if place.curl else "",
        finding.remedy,
    ]
    result: dict[str, Any] = {
        "ruleId": finding.code.value,
        "ruleIndex": index,
        "level": place.level.value,
        "message": {"text": printable("\n".join(fact for fact in facts if fact))},
        "locations": [_location(place, report)],
        "partialFingerprints": {"conformance/v2": place.fingerprint},
        "occurrenceCount": place.occurrences,
    }
    if place.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result


def _location(found: FindingPlace, report: Report) -> dict[str, Any]:
    place = found.place or Place(file=report.contract.file or "openapi.yaml", line=1)
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.file)},
            # SARIF counts from 1, and what belongs to the whole file has the line 0 here.
            "region": {"startLine": max(1, place.line)},
        }
    }
    names = [name for name in (found.operation, found.clause) if name]
    if names:
        location["logicalLocations"] = [{"fullyQualifiedName": printable(name)} for name in names]
    return location


def _category(report: Report) -> str:
    """What GitHub tells the runs of several contracts apart by: the contract, not its version."""
    file = _uri(report.contract.file) if report.contract.file else report.contract.title
    return printable(f"conformance/{file}/")


def _uri(file: str) -> str:
    path, here = Path(file), Path.cwd()
    if path.is_absolute() and path.is_relative_to(here):
        path = path.relative_to(here)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
