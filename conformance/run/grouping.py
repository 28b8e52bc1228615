"""Deviations become findings: one cause, one finding, with every place that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conformance.clauses.clause import Clause
from conformance.clauses.ids import local_part
from conformance.http.redaction import Redactor
from conformance.report.codes.registry import code
from conformance.report.findings import Finding, Level
from conformance.report.fingerprint import fingerprint
from conformance.run.causes import FRAMING, grouped
from conformance.run.evidence import Evidence

__all__ = ["findings"]


def findings(
    deviations: Sequence[Evidence], clauses: Mapping[str, Clause], redactor: Redactor
) -> tuple[Finding, ...]:
    """The findings, the gravest first, each with its smallest request."""
    found = [_finding(group, clauses, redactor) for group in grouped(deviations)]
    return tuple(sorted(found, key=lambda one: (-one.level.rank, one.code, one.operations)))


def _finding(
    group: Sequence[Evidence], clauses: Mapping[str, Clause], redactor: Redactor
) -> Finding:
    smallest = min(group, key=_size)
    repeatable = any(evidence.repeatable for evidence in group)
    if repeatable:
        smallest = min((one for one in group if one.repeatable), key=_size)
    observation = smallest.observation
    level = max((one.observation.level for one in group), key=lambda level: level.rank)
    names = _ordered(evidence.observation.clause for evidence in group)
    operations = _ordered(evidence.operation for evidence in group)
    entry, clause = code(observation.code), clauses.get(observation.clause)
    title = f"{entry.title}: {smallest.label}" if smallest.label else entry.title
    pointer = observation.pointer or (clause.pointer if clause else "")
    return Finding(
        code=observation.code,
        level=level if repeatable else _milder(level),
        title=title if repeatable else f"{title} (intermittent)",
        fingerprint=fingerprint(observation.code, operations, _lasting(names)),
        operations=operations,
        clauses=names,
        expected=redactor.text(observation.expected),
        got=redactor.text(observation.got),
        request=redactor.request(smallest.request),
        response=redactor.response(smallest.answer),
        curl=redactor.curl(smallest.request),
        occurrences=len(group),
        place=clause.place if clause else None,
        pointer=pointer,
        remedy=entry.explain,
    )


def _lasting(clauses: Sequence[str]) -> Sequence[str]:
    """The clauses that another seed breaks as well: generated cases come and go."""
    listed = [one for one in clauses if not local_part(one).startswith("property.")]
    return listed or clauses


def _milder(level: Level) -> Level:
    return Level.WARNING if level is Level.ERROR else level


def _size(evidence: Evidence) -> tuple[int, ...]:
    framing = 0 if evidence.observation.code in FRAMING else 1
    own = 0 if not local_part(evidence.observation.clause).startswith("status.") else 1
    steady = 0 if evidence.family in ("steadiness", "control") else 1
    return (
        framing,
        own,
        steady,
        len(evidence.request.body or b"") + 40 * len(evidence.request.headers),
    )


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
