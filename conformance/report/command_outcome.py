"""From findings to a report and an exit code, for the commands that send no request."""

from __future__ import annotations

import time
from collections.abc import Iterable

from conformance.report.findings import (
    ContractIdentity,
    Doubt,
    Finding,
    Level,
    Report,
    ReportVerdict,
)
from spec import Contract

__all__ = ["NOTHING_SUCCEEDED", "breaks", "exit_code", "identity", "outcome", "too_little"]

NOTHING_SUCCEEDED = Doubt(text="no operation was seen to succeed", whole=True)

_EXITS = {
    ReportVerdict.CONFORMS: 0,
    ReportVerdict.BREAKS: 1,
    ReportVerdict.UNDECIDED: 2,
    ReportVerdict.UNREACHABLE: 3,
    ReportVerdict.INTERRUPTED: 130,
}


def outcome(
    contract: Contract,
    findings: Iterable[Finding],
    *,
    target: str,
    fail_on: Level,
    started: float,
    remarks: Iterable[str] = (),
    rooms: tuple[str, ...] = (),
) -> Report:
    """The report; `started` is what `time.monotonic()` said at the beginning.

    `rooms` are those whose rules were all applied.
    """
    found = tuple(findings)
    return Report(
        verdict=ReportVerdict.BREAKS if breaks(found, fail_on) else ReportVerdict.CONFORMS,
        target=target,
        contract=identity(contract),
        seconds=time.monotonic() - started,
        findings=found,
        remarks=tuple(remarks),
        rooms=rooms,
    )


def breaks(findings: Iterable[Finding], fail_on: Level) -> bool:
    """Whether a place that is not waived has at least the level `fail_on`."""
    return any(
        place.level.at_least(fail_on) and not place.waived
        for finding in findings
        for place in finding.places
    )


def too_little(observed: float, wanted: float) -> Doubt:
    """The doubt of a run that has seen too few clauses; both in percent."""
    return Doubt(
        text=f"{observed:.0f}% of the clauses were observed, and --min-observed asks for "
        f"{wanted:g}%",
        whole=True,
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
    """0 conforms, 1 breaks, 2 undecided, 3 never reached, 130 interrupted."""
    return _EXITS[report.verdict]
