"""One report of several contracts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from conformance.report.findings import ContractIdentity, Report, ReportVerdict

__all__ = ["joined"]

_WORST_FIRST = (
    ReportVerdict.INTERRUPTED,
    ReportVerdict.BREAKS,
    ReportVerdict.UNREACHABLE,
    ReportVerdict.UNDECIDED,
    ReportVerdict.CONFORMS,
)


def joined(reports: Sequence[Report]) -> Report:
    """One report of several contracts: each finding and clause says which it belongs to."""
    if len(reports) == 1:
        return reports[0]
    verdicts = {report.verdict for report in reports}
    contracts = [report.contract for report in reports]
    hashes = "".join(one.sha256 for one in contracts)
    return Report(
        verdict=next(one for one in _WORST_FIRST if one in verdicts),
        target=", ".join(one.file for one in contracts),
        contract=ContractIdentity(
            title=f"{len(contracts)} contracts",
            version="",
            sha256=hashlib.sha256(hashes.encode()).hexdigest(),
        ),
        seed=reports[0].seed,
        requests=sum(report.requests for report in reports),
        billable=sum(report.billable for report in reports),
        seconds=sum(report.seconds for report in reports),
        findings=tuple(
            replace(finding, title=f"{report.contract.file}: {finding.title}")
            for report in reports
            for finding in report.findings
        ),
        clauses=tuple(
            replace(clause, id=f"{report.contract.file}: {clause.id}")
            for report in reports
            for clause in report.clauses
        ),
        parts=tuple(reports),
        rooms=tuple(dict.fromkeys(room for report in reports for room in report.rooms)),
        remarks=tuple(
            f"{report.contract.file}: {remark}" for report in reports for remark in report.remarks
        ),
    )
