"""Reports of shards joined into the report that one run would have made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from conformance.clauses.clause import Clause, Verdict
from conformance.report.codes.finding_code import FindingCode
from conformance.report.command_outcome import NOTHING_SUCCEEDED, breaks, too_little
from conformance.report.finding_places import Likeness
from conformance.report.findings import Doubt, Finding, FindingPlace, Level, Report, ReportVerdict
from conformance.report.tally import Tally
from conformance.run.places.grouping import findings_of
from conformance.run.places.promised_scopes import Promises

__all__ = ["MergeError", "merged"]

_WEIGHTIEST = (Verdict.BROKEN, Verdict.HELD, Verdict.INCONCLUSIVE, Verdict.UNOBSERVED)
"""What one shard has decided counts before what another one could not decide."""


class MergeError(ValueError):
    """Reports that are no parts of one: what tells them apart."""


def merged(reports: Sequence[Report], *, fail_on: Level, min_observed: float = 0.0) -> Report:
    """One report: clauses and places of all, counts summed, seconds of the longest.

    Places are grouped as those of one run are. Doubts of a whole run (nothing succeeded, too little
    was seen) are asked anew.

    Raises:
        MergeError: they were made by different contracts.
    """
    first = reports[0]
    if len({one.contract.sha256 for one in reports}) > 1:
        names = " and ".join(dict.fromkeys(_contract_label(one) for one in reports))
        raise MergeError(f"the reports are about different contracts: {names}")
    operations = _operations(reports)
    clauses = _clauses(reports, operations)
    found = _findings(_distinct(reports), Promises(clauses, operations))
    doubts = (*_absent(operations, clauses), *_doubts(reports, clauses, min_observed))
    # The doubts are asked anew below, so their sentences are dropped here.
    told = {doubt.remark for one in reports for doubt in one.doubts}
    alerts = [one.alert for one in reports if one.alert]
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
        operations=operations,
        doubts=doubts,
        alert=next(iter(alerts), ""),
        remarks=(*dict.fromkeys((*alerts, *remarks)), *(doubt.remark for doubt in doubts)),
    )


def _contract_label(report: Report) -> str:
    contract = report.contract
    return f"{contract.title} {contract.version} ({contract.sha256[:12]})"


def _operations(reports: Sequence[Report]) -> tuple[str, ...]:
    """Those of all shards in the order of one run, which each of them knows."""
    known = [name for one in reports for name in one.operations]
    own = [clause.operation for one in reports for clause in one.clauses]
    return tuple(dict.fromkeys((*known, *own)))


def _ranks(operations: Sequence[str]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(operations)}


def _clauses(reports: Iterable[Report], operations: Sequence[str]) -> tuple[Clause, ...]:
    """Every clause once; what several have seen of it is weighed as within one run."""
    found: dict[str, Clause] = {}
    for clause in (clause for report in reports for clause in report.clauses):
        other = found.get(clause.id)
        if other is not None:
            best = min(other, clause, key=lambda one: _WEIGHTIEST.index(one.verdict))
            clause = replace(
                best, cases=other.cases + clause.cases, kept_by=other.kept_by | clause.kept_by
            )
        found[clause.id] = clause
    ranks = _ranks(operations)
    return tuple(sorted(found.values(), key=lambda one: ranks[one.operation]))


def _distinct(reports: Iterable[Report]) -> Iterator[tuple[Finding, FindingPlace]]:
    """The places of all reports with the findings that had them; what several have stands once."""
    seen, numbered = set[str](), 0
    for report in reports:
        places = [(one, place) for one in report.findings for place in one.places]
        requests = [0]
        for finding, place in places:
            like = place.likeness
            if like is not None:
                requests += like.requests
                place = replace(place, likeness=_renumbered(like, numbered))
            if place.fingerprint not in seen:
                yield finding, place
            seen.add(place.fingerprint)
        numbered += max(requests) + 1


def _renumbered(likeness: Likeness, by: int) -> Likeness:
    """With numbers of requests that no other report has."""
    return replace(likeness, requests=tuple(one + by for one in likeness.requests))


def _findings(
    places: Iterable[tuple[Finding, FindingPlace]], promises: Promises
) -> tuple[Finding, ...]:
    """Places are grouped as in one run; those that do not say how keep the titles they had."""
    alike = list[tuple[FindingCode, FindingPlace]]()
    titled = dict[tuple[str, str], Finding]()
    for finding, place in places:
        if place.likeness is not None and place.clause in promises.clauses:
            alike.append((finding.code, place))
            continue
        key = (finding.code.value, finding.title)
        before = titled[key].places if key in titled else ()
        titled[key] = replace(finding, places=(*before, place))
    ranks = _ranks(promises.operations)
    kept = sorted(titled.values(), key=lambda one: ranks.get(one.first.operation, len(ranks)))
    found = (*findings_of(alike, promises), *kept)
    return tuple(sorted(found, key=lambda one: -one.gravity))


def _absent(operations: Sequence[str], clauses: Sequence[Clause]) -> Iterator[Doubt]:
    """That operations were selected of which no report says anything: a shard is not among them."""
    reported = {one.operation for one in clauses}
    absent = [one for one in operations if one not in reported]
    if absent:
        more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
        yield Doubt(text=f"no report is about {absent[0]}{more}; merge the reports of all shards")


def _doubts(
    reports: Sequence[Report], clauses: Sequence[Clause], min_observed: float
) -> tuple[Doubt, ...]:
    doubts = [doubt for one in reports for doubt in one.doubts if not doubt.whole]
    # A shard without operations has sent nothing, and has other doubts.
    if not any(one.requests and NOTHING_SUCCEEDED not in one.doubts for one in reports):
        doubts.append(NOTHING_SUCCEEDED)
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
