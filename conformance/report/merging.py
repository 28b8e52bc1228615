"""Reports of shards joined into the report that one run would have made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from conformance.clauses.clause import Clause, Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.report.command_outcome import NOTHING_SUCCEEDED, breaks, too_little
from conformance.report.findings import Doubt, Finding, FindingPlace, Level, Report, ReportVerdict
from conformance.report.tally import Tally

__all__ = ["MergeError", "merged"]

_WEIGHTIEST = (Verdict.BROKEN, Verdict.HELD, Verdict.INCONCLUSIVE, Verdict.UNOBSERVED)
"""What one shard has decided counts before what another one could not decide."""


class MergeError(ValueError):
    """Reports that are no parts of one: what tells them apart."""


def merged(reports: Sequence[Report], *, fail_on: Level, min_observed: float = 0.0) -> Report:
    """One report: clauses and places of all, counts summed, seconds of the longest.

    Doubts of a whole run (nothing succeeded, too little was seen) are asked anew.

    Raises:
        MergeError: they were made by different contracts.
    """
    first = reports[0]
    if len({one.contract.sha256 for one in reports}) > 1:
        names = " and ".join(dict.fromkeys(_contract_label(one) for one in reports))
        raise MergeError(f"the reports are about different contracts: {names}")
    clauses = _clauses(reports)
    found = _findings(reports)
    doubts = _doubts(reports, clauses, min_observed)
    # The doubts are asked anew below, so their sentences are dropped here.
    told = {doubt.remark for one in reports for doubt in one.doubts}
    remarks = [text for one in reports for text in one.remarks if text not in told]
    return replace(
        first,
        verdict=_verdict(reports, breaks(found, fail_on), doubts),
        target=", ".join(dict.fromkeys(one.target for one in reports)),
        requests=sum(one.requests for one in reports),
        billable=sum(one.billable for one in reports),
        seconds=max(one.seconds for one in reports),
        findings=found,
        clauses=clauses,
        doubts=doubts,
        remarks=(*dict.fromkeys(remarks), *(doubt.remark for doubt in doubts)),
    )


def _contract_label(report: Report) -> str:
    contract = report.contract
    return f"{contract.title} {contract.version} ({contract.sha256[:12]})"


def _clauses(reports: Iterable[Report]) -> tuple[Clause, ...]:
    """Every clause once; what several have seen of it is weighed as within one run."""
    found: dict[str, Clause] = {}
    for clause in (clause for report in reports for clause in report.clauses):
        other = found.get(clause.id)
        if other is not None:
            best = min(other, clause, key=lambda one: _WEIGHTIEST.index(one.verdict))
            clause = replace(best, cases=other.cases + clause.cases)
        found[clause.id] = clause
    return tuple(found.values())


def _findings(reports: Iterable[Report]) -> tuple[Finding, ...]:
    """Findings of one code and title are one; a place that several have stands once."""
    rows: dict[tuple[str, str], list[FindingPlace]] = {}
    heads: dict[tuple[str, str], Finding] = {}
    seen = set[str]()
    for finding in (finding for report in reports for finding in report.findings):
        places = [one for one in finding.places if one.fingerprint not in seen]
        seen.update(one.fingerprint for one in places)
        if places:
            key = (finding.code.value, finding.title)
            heads.setdefault(key, finding)
            rows.setdefault(key, []).extend(places)
    found = [replace(heads[key], places=tuple(places)) for key, places in rows.items()]
    return tuple(sorted(found, key=lambda one: -one.level.rank))


def _doubts(
    reports: Iterable[Report], clauses: Sequence[Clause], min_observed: float
) -> tuple[Doubt, ...]:
    doubts = [doubt for one in reports for doubt in one.doubts if not doubt.whole]
    controls = [one for one in clauses if one.kind == ClauseKind.CONTROL]
    if not any(one.verdict is Verdict.HELD for one in controls):
        doubts.append(Doubt(text=NOTHING_SUCCEEDED, whole=True))
    observed = 100 * Tally.of(list(clauses)).observed
    if min_observed and observed < min_observed:
        doubts.append(too_little(observed, min_observed))
    return tuple(dict.fromkeys(doubts))


def _verdict(reports: Sequence[Report], broken: bool, doubts: Sequence[Doubt]) -> ReportVerdict:
    verdicts = [one.verdict for one in reports]
    if ReportVerdict.INTERRUPTED in verdicts:
        return ReportVerdict.INTERRUPTED
    if broken:
        return ReportVerdict.BREAKS
    reached = [one for one in reports if one.verdict is not ReportVerdict.UNREACHABLE]
    # A shard without operations reaches nothing, and is none the worse for it.
    if not any(one.requests for one in reached):
        return ReportVerdict.UNREACHABLE if len(reached) < len(reports) else ReportVerdict.UNDECIDED
    lost = len(reached) < len(reports)
    return ReportVerdict.UNDECIDED if doubts or lost else ReportVerdict.CONFORMS
