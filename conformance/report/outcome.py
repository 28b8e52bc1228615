"""From findings to a report and an exit code, for the commands that send no request."""

from __future__ import annotations

import time
from collections.abc import Iterable

from conformance.report.findings import (
    ContractIdentity,
    Finding,
    Level,
    Report,
    ReportVerdict,
)
from spec import Contract

__all__ = ["exit_code", "identity", "outcome"]

_EXITS = {
    ReportVerdict.CONFORMS: 0,
    ReportVerdict.BREAKS: 1,
    ReportVerdict.UNDECIDED: 2,
    ReportVerdict.UNREACHABLE: 3,
}


def outcome(
    contract: Contract,
    findings: Iterable[Finding],
    *,
    target: str,
    fail_on: Level,
    started: float,
    remarks: Iterable[str] = (),
) -> Report:
    """The report; `started` is what `time.monotonic()` said at the beginning."""
    found = tuple(findings)
    breaks = any(finding.level.at_least(fail_on) for finding in found)
    return Report(
        verdict=ReportVerdict.BREAKS if breaks else ReportVerdict.CONFORMS,
        target=target,
        contract=identity(contract),
        seconds=time.monotonic() - started,
        findings=found,
        remarks=tuple(remarks),
    )


def identity(contract: Contract) -> ContractIdentity:
    """Which contract a report speaks of."""
    return ContractIdentity(
        title=contract.title,
        version=contract.version,
        sha256=contract.sha256,
        file=contract.file,
    )


def exit_code(report: Report) -> int:
    """0 conforms, 1 findings, 2 undecided, 3 never reached (DESIGN, "Interfaces")."""
    return _EXITS[report.verdict]
