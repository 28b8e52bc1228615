"""The parts of a gate, and the one report that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from conformance.report.command_outcome import breaks
from conformance.report.findings import ContractIdentity, Finding, Level, Report, ReportVerdict
from conformance.report.formats.verdicts import summary
from conformance.report.levels import Levels, leveled
from conformance.report.waivers import ROOMS, Waiver, apply

__all__ = ["GatePart", "combined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePart:
    """One part of the gate: what it found, why it was not run, or why it could not be.

    `failure` is a sentence, and `verdict` what it makes of the gate; `defect` says that the kit
    itself failed. `clause_source` marks the parts that have a ledger; the whole report shows the
    last one.
    """

    name: str
    report: Report | None = None
    skipped: str = ""
    failure: str = ""
    verdict: ReportVerdict = ReportVerdict.UNDECIDED
    clause_source: bool = False
    defect: bool = False

    def in_one_line(self) -> str:
        """The part in one line."""
        if self.failure:
            return f"{self.name}: {self.failure}"
        if self.report is None:
            return f"{self.name}: not run, {self.skipped}"
        return f"{self.name}: {self.report.verdict.value}, {summary(self.report)}"


def combined(
    parts: Sequence[GatePart],
    contract: ContractIdentity,
    *,
    waivers: tuple[Waiver, ...],
    fail_on: Level,
    levels: Levels,
    today: date,
    interrupted: bool,
    whole: bool,
) -> Report:
    """One report of all parts, with what is waived marked.

    An unused waiver is only reported where every part was run, and `whole` says that nothing was
    left out of them: what was not looked at may need it.
    """
    ran = [part for part in parts if part.report is not None]
    reports = [part.report for part in ran if part.report is not None]
    whole = whole and len(ran) == len(parts)
    result = apply(_findings(ran), waivers, today, rooms=ROOMS if whole else ())
    found = leveled(result.findings, levels)
    sources = [part.report for part in ran if part.clause_source and part.report is not None]
    ledger = sources[-1] if sources else None
    return Report(
        verdict=_verdict(found, parts, fail_on, interrupted),
        target=contract.title,
        contract=contract,
        seed=ledger.seed if ledger else 0,
        requests=sum(report.requests for report in reports),
        billable=sum(report.billable for report in reports),
        seconds=sum(report.seconds for report in reports),
        findings=found,
        clauses=ledger.clauses if ledger else (),
        rooms=tuple(room for report in reports for room in report.rooms),
        remarks=(*(part.in_one_line() for part in parts), *_remarks(ran), *result.remarks()),
    )


def _findings(parts: Iterable[GatePart]) -> Iterator[Finding]:
    """The findings of all parts; one that several parts have comes once and names them."""
    found: dict[str, tuple[Finding, list[str]]] = {}
    for part in parts:
        assert part.report is not None
        for finding in part.report.findings:
            known, names = found.get(finding.fingerprint, (finding, []))
            found[finding.fingerprint] = _united(known, finding), [*names, part.name]
    for finding, names in found.values():
        yield replace(finding, title=f"{', '.join(names)}: {finding.title}")


def _united(known: Finding, other: Finding) -> Finding:
    """The finding with the places of both."""
    seen = {place.fingerprint for place in known.places}
    more = (place for place in other.places if place.fingerprint not in seen)
    return replace(known, places=(*known.places, *more))


def _remarks(parts: Iterable[GatePart]) -> Iterator[str]:
    for part in parts:
        assert part.report is not None
        yield from (f"{part.name}: {remark}" for remark in part.report.remarks)


def _verdict(
    findings: tuple[Finding, ...], parts: Sequence[GatePart], fail_on: Level, interrupted: bool
) -> ReportVerdict:
    """An interruption leaves open what it might be; else findings weigh most, then the unseen."""
    verdicts = {part.report.verdict for part in parts if part.report is not None}
    verdicts |= {part.verdict for part in parts if part.failure}
    if interrupted or ReportVerdict.INTERRUPTED in verdicts:
        return ReportVerdict.INTERRUPTED
    if not verdicts:
        # Nothing was looked at, so nothing was shown.
        return ReportVerdict.UNDECIDED
    if breaks(findings, fail_on):
        return ReportVerdict.BREAKS
    for verdict in (ReportVerdict.UNREACHABLE, ReportVerdict.UNDECIDED):
        if verdict in verdicts:
            return verdict
    return ReportVerdict.CONFORMS
