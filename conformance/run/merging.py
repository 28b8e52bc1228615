"""Reports of shards joined into the report that one run would have made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from conformance.clauses.clause import Clause, Verdict
from conformance.judgement.canned import canned_finding
from conformance.report.codes.finding_code import FindingCode
from conformance.report.command_outcome import NOTHING_SUCCEEDED, breaks, too_little
from conformance.report.finding_places import Likeness
from conformance.report.findings import (
    Doubt,
    Finding,
    FindingPlace,
    Level,
    Listing,
    Report,
    ReportVerdict,
)
from conformance.report.tally import Tally
from conformance.report.token_trials import places_not_told_apart
from conformance.run.places.grouping import findings_of
from conformance.run.places.promised_scopes import Promises
from spec.model.short_texts import plural

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
    first, given, reports = reports[0], len(reports), _different(reports)
    if len({one.contract.sha256 for one in reports}) > 1:
        names = " and ".join(dict.fromkeys(_contract_label(one) for one in reports))
        raise MergeError(f"the reports are about different contracts: {names}")
    operations = _operations(reports)
    absent = _absent(operations, reports)
    trials = tuple(one for report in reports for one in report.token_trials)
    # Where a shard is missing, it may have refused a token that all others accept.
    same = [] if absent else places_not_told_apart(trials)
    clauses = _clauses(reports, operations, broken={one.clause for one in same})
    places = _distinct([*(one.findings for one in reports), *map(_of_tokens, same)])
    found = _findings(places, Promises(clauses, operations))
    ranks = _ranks(operations)
    doubts = (*absent, *_doubts(reports, clauses, ranks, min_observed))
    listings = tuple(_joined_listings(reports, ranks))
    # The doubts are asked anew and the listings joined, so the sentences of the parts are dropped.
    told = {doubt.remark for one in reports for doubt in one.doubts}
    told |= {listing.remark for one in reports for listing in one.listings}
    alerts = [one.alert for one in reports if one.alert]
    remarks = [text for one in reports for text in one.remarks if text not in told]
    if repeated := given - len(reports):
        remarks.append(f"{plural(repeated, 'report')} of {given} not counted: the same as another")
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
        listings=listings,
        token_trials=trials if absent else (),
        alert=next(iter(alerts), ""),
        remarks=(
            *dict.fromkeys((*alerts, *remarks)),
            *(one.remark for one in listings),
            *(one.remark for one in doubts),
        ),
    )


def _different(reports: Sequence[Report]) -> Sequence[Report]:
    """Without those that repeat another one: their requests were sent once."""
    return [one for number, one in enumerate(reports) if one not in reports[:number]]


def _of_tokens(place: FindingPlace) -> tuple[Finding]:
    return (Finding(code=FindingCode.ACCEPTED_CREDENTIAL, title="", places=(place,)),)


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


def _clauses(
    reports: Iterable[Report], operations: Sequence[str], broken: Set[str]
) -> tuple[Clause, ...]:
    """Every clause once; what several have seen of it is weighed as within one run.

    `broken` are those that all of them together show to be.
    """
    found: dict[str, Clause] = {}
    for clause in (clause for report in reports for clause in report.clauses):
        other = found.get(clause.id)
        if other is not None:
            best = min(other, clause, key=lambda one: _WEIGHTIEST.index(one.verdict))
            clause = replace(
                best, cases=other.cases + clause.cases, kept_by=other.kept_by | clause.kept_by
            )
        found[clause.id] = clause
    for one in broken & found.keys():
        found[one] = replace(found[one], verdict=Verdict.BROKEN, why="", unsent="")
    ranks = _ranks(operations)
    return tuple(sorted(found.values(), key=lambda one: ranks[one.operation]))


def _distinct(
    reports: Iterable[Sequence[Finding]],
) -> Iterator[tuple[Finding, FindingPlace]]:
    """The places of all reports with the findings that had them; what several have stands once."""
    seen, numbered = set[str](), 0
    for findings in reports:
        places = [(one, place) for one in findings for place in one.places]
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
    titled, canned = dict[tuple[str, str], Finding](), list[FindingPlace]()
    for finding, place in places:
        if finding.code == FindingCode.CANNED_DIFFERS:
            canned.append(place)
            continue
        if place.likeness is not None and place.clause in promises.clauses:
            alike.append((finding.code, place))
            continue
        key = (finding.code.value, finding.title)
        before = titled[key].places if key in titled else ()
        titled[key] = replace(finding, places=(*before, place))
    ranks = _ranks(promises.operations)
    canned.sort(key=lambda one: ranks.get(one.operation, len(ranks)))
    kept = sorted(titled.values(), key=lambda one: ranks.get(one.first.operation, len(ranks)))
    kept += [canned_finding(canned)] if canned else []
    found = (*findings_of(alike, promises), *kept)
    return tuple(sorted(found, key=lambda one: -one.gravity))


def _absent(operations: Sequence[str], reports: Sequence[Report]) -> tuple[Doubt, ...]:
    """That operations were selected of which no report says anything: a shard is not among them."""
    reported = {one.operation for report in reports for one in report.clauses}
    absent = [one for one in operations if one not in reported]
    if not absent:
        return ()
    more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
    text = f"no report is about {absent[0]}{more}; merge the reports of all shards"
    return (Doubt(text=text),)


def _joined_listings(reports: Iterable[Report], ranks: Mapping[str, int]) -> Iterator[Listing]:
    """Each sentence once, about the operations of all reports."""
    joined = dict[str, Counter[str]]()
    for one in (one for report in reports for one in report.listings):
        # `update`, because a sum of counters drops what is not counted.
        joined.setdefault(one.text, Counter()).update(one.operations)
    for text, numbers in joined.items():
        yield Listing(
            text=text, operations={one: numbers[one] for one in _in_order(numbers, ranks)}
        )


def _joined_doubts(doubts: Iterable[Doubt], ranks: Mapping[str, int]) -> Iterator[Doubt]:
    """Each of them once, about the operations of all reports."""
    joined = dict[Doubt, dict[str, None]]()
    for one in doubts:
        joined.setdefault(replace(one, operations=()), {}).update(dict.fromkeys(one.operations))
    for one, names in joined.items():
        yield replace(one, operations=tuple(_in_order(names, ranks)))


def _in_order(names: Iterable[str], ranks: Mapping[str, int]) -> list[str]:
    return sorted(names, key=lambda one: ranks.get(one, len(ranks)))


def _doubts(
    reports: Sequence[Report],
    clauses: Sequence[Clause],
    ranks: Mapping[str, int],
    min_observed: float,
) -> tuple[Doubt, ...]:
    doubts = [doubt for one in reports for doubt in one.doubts if not doubt.whole]
    # A shard without operations has sent nothing, and has other doubts.
    if not any(one.requests and NOTHING_SUCCEEDED not in one.doubts for one in reports):
        doubts.append(NOTHING_SUCCEEDED)
    observed = 100 * Tally.of(list(clauses)).observed
    if min_observed and observed < min_observed:
        doubts.append(too_little(observed, min_observed))
    return tuple(_joined_doubts(doubts, ranks))


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
