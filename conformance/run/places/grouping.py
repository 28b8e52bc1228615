"""Places that one sentence is true of are shown as one finding.

Grouping is for reading. It changes no verdict and loses no place: what is joined has the same code,
the same expectation and the same deviation, and nothing in the scope that the title names was seen
to hold. It asks for nothing but what a report has, so that reports of shards are grouped as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from conformance.clauses.ids import local_part
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.report.findings import Finding, FindingPlace
from conformance.run.places.clause_places import ClausePlace
from conformance.run.places.groups import Group, grouped
from conformance.run.places.promised_scopes import Promises
from conformance.run.places.scopes import CREDENTIALS, answer_steps, named, scope_of
from conformance.run.places.subjects import NAMED, joined
from conformance.run.places.titles import Cause, title

__all__ = ["findings_of"]

T = TypeVar("T")

BLOCKING = (FindingCode.REFUSED_CREDENTIAL, FindingCode.REFUSED_CONTROL)
"""What keeps everything behind it from being seen."""


def findings_of(
    places: Iterable[tuple[FindingCode, FindingPlace]], promises: Promises
) -> tuple[Finding, ...]:
    """The findings of places of these codes, the most severe first."""
    found = [
        ClausePlace(
            code=name,
            clause=promises.clauses[place.clause],
            place=place,
            likeness=place.likeness,
            trial=place.trial,
        )
        for name, place in places
        if place.likeness and place.trial
    ]
    findings = [_finding(group, promises) for group in grouped(found, promises)]
    return tuple(sorted(findings, key=_order))


def _finding(group: Group, promises: Promises) -> Finding:
    first, heads = group.places[0], group.heads
    places = tuple(one.place for one in group.places)
    operations = tuple(dict.fromkeys(place.operation for place in places))
    content_type = first.header("content-type") or ""
    cause = Cause(
        code=first.code,
        operations=operations,
        scope=group.named,
        status=first.status,
        leaf=group.named == first.scope,
        listed=[place.scope for place in heads] if group.listed else (),
        every=not group.some and len(operations) == len(promises.operations),
        forbidden=first.of_refusal,
        partial=[place.clause.seen_held(refusal=True) for place in heads],
        refused=any(place.clause.seen_checked for place in heads),
        forms=list(dict.fromkeys(form for place in heads for form in place.likeness.forms)),
        wanted=_wanted(places),
        size=min((one for place in heads if (one := place.likeness.size) is not None), default=0),
        omitting=_common(one for place in heads for one in place.likeness.omitting),
        called=_common(one for place in heads for one in place.likeness.called) or "",
        content_type=content_type.partition(";")[0].strip(),
        absent=_absent(group),
        traced=first.code == FindingCode.SERVER_ERROR and _traced(places) == set(operations),
    )
    return Finding(
        code=first.code,
        title=f"{title(cause)}{_doubt(first, promises)}",
        places=places,
        remedy=code(first.code).explain,
    )


def _wanted(places: Sequence[FindingPlace]) -> str:
    """What should have been answered at one place or another, each status once."""
    statuses = (one for place in places for one in place.expected.split(" or "))
    return " or ".join(sorted(set(statuses)))


def _traced(places: Sequence[FindingPlace]) -> set[str]:
    """The operations of which a place is that internals of the server are shown."""
    return {one.operation for one in places if local_part(one.clause) == "answer.discreet"}


def _absent(group: Group) -> bool | None:
    """Whether the answers lack the header that a group is about; None where some have it."""
    name = scope_steps[-1] if (scope_steps := answer_steps(group.named)) else ""
    return _common(place.header(name) is None for place in group.heads)


def _common(values: Iterable[T]) -> T | None:
    """The value that all have; None where there is none, or more than one."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _doubt(first: ClausePlace, promises: Promises) -> str:
    place = first.place
    if place.batch and first.likeness.apart:
        return f", but only beside {_beside(place.batch[1:], promises)}"
    if place.batch:
        return f", one of {len(place.batch)} good values that were sent together"
    return " (intermittent)" if place.intermittent else ""


def _beside(others: Sequence[str], promises: Promises) -> str:
    """Where the good values of these clauses stand."""
    places = (scope_of(promises.clauses[one])[:-1] for one in others)
    names = dict.fromkeys(named(one) if one else "another good value" for one in places)
    return joined(list(names), NAMED)


def _order(finding: Finding) -> tuple[int, int, int]:
    """What blocks everything, credentials, failures, and then by the clauses touched."""
    credential = any(local_part(one.clause).startswith(f"{CREDENTIALS}.") for one in finding.places)
    # The first that is true: what blocks all, credentials, failures, everything else.
    marks = (finding.code in BLOCKING, credential, finding.code is FindingCode.SERVER_ERROR, True)
    return -finding.gravity, marks.index(True), -len(finding.places)
