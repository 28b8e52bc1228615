"""What a report's verdict and counts are called in every format."""

from __future__ import annotations

from conformance.report.findings import Finding, FindingPlace, Level, Report, ReportVerdict
from spec.model.short_texts import plural, shortened

__all__ = ["headline", "in_order", "outcome", "standing", "summary"]

_HEADLINES = {
    ReportVerdict.CONFORMS: "conforms",
    ReportVerdict.BREAKS: "breaks its contract",
    ReportVerdict.UNDECIDED: "is undecided",
    ReportVerdict.UNREACHABLE: "was never reached",
    ReportVerdict.INTERRUPTED: "was interrupted",
}

_OUTCOME = 160
"""Characters of what came at one place of several."""


def headline(report: Report) -> str:
    """One line: who did what."""
    return f"{report.target or report.contract.title} {_HEADLINES[report.verdict]}{_waived(report)}"


def _waived(report: Report) -> str:
    """The number of waived findings is part of the sentence: they do not count as conforming."""
    places = sum(place.waived for finding in report.findings for place in finding.places)
    whole = sum(finding.waived for finding in report.findings)
    if not places:
        return ""
    what = plural(whole, "finding") if whole else plural(places, "place")
    return f", with {what} waived"


def outcome(place: FindingPlace, finding: Finding) -> str:
    """What was tried at one place of several, and what came; "" where it is as at the first."""
    first = finding.first
    if (place.label, place.got) == (first.label, first.got):
        return ""
    return shortened(" → ".join(filter(None, (place.label, place.got))), _OUTCOME)


def standing(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that are not waived completely."""
    return tuple(finding for finding in findings if not finding.waived)


def summary(report: Report) -> str:
    """The counts behind the headline, in one sentence."""
    levels = [finding.level for finding in standing(report.findings)]
    found = [
        plural(levels.count(level), level.value) for level in reversed(Level) if level in levels
    ]
    parts = [", ".join(found) or "no findings"]
    if report.clauses:
        held = sum(clause.verdict.value == "held" for clause in report.clauses)
        parts.append(f"{held} of {plural(len(report.clauses), 'clause')} seen to hold")
    if report.requests:
        cost = f"{plural(report.requests, 'request')}, {report.billable} of them billable"
        parts.append(f"{cost}, in {report.seconds:.1f} s")
    return "; ".join(parts)


def in_order(findings: tuple[Finding, ...]) -> list[Finding]:
    """The worst first, what is waived last; equals stay as they were."""
    return sorted(findings, key=lambda finding: (finding.waived, -finding.level.rank))
