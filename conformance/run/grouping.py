"""Deviations become places, and places that one sentence is true of are shown as one finding.

Grouping is for reading. It changes no verdict and loses no place: what is joined has the same code,
the same expectation and the same deviation, and nothing in the scope that the title names was seen
to hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from conformance.cases.case import Case
from conformance.clauses.clause import Clause
from conformance.clauses.ids import local_part
from conformance.clauses.kinds import OF_SEVERAL_REQUESTS, ClauseKind
from conformance.http.redaction import Redactor
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.fingerprint import fingerprint
from conformance.report.places import Trial
from conformance.run.evidence import Evidence, Ledger
from conformance.run.scopes import CREDENTIALS, Scope, scope_of
from conformance.run.titles import title

__all__ = ["findings"]

_Key: TypeAlias = tuple[object, ...]
GENERATED = ClauseKind.PROPERTIES
"""The kind of the clauses that whole generated requests speak of."""
MOST_ALIKE = 3
"""Scopes, or operations, with one deviation that are findings of their own; more are a list."""
BLOCKING = (FindingCode.REFUSED_CREDENTIAL, FindingCode.REFUSED_CONTROL)
"""What keeps everything behind it from being seen."""


_IN_THE_TITLE = frozenset(
    {ClauseKind.CONTROL, ClauseKind.STATUS, ClauseKind.CREDENTIALS, ClauseKind.STATE}
)
"""Kinds whose findings say in their title what the clause promises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """All evidence of one code at one clause."""

    clause: Clause
    evidence: tuple[Evidence, ...]

    @property
    def smallest(self) -> Evidence:
        """What shows it best: again and again, by itself, told apart, and short."""
        return min(self.evidence, key=_size)

    @property
    def key(self) -> _Key:
        """What places have in common that may be shown together."""
        best = self.smallest
        observation, answer = best.observation, best.answer
        asked = best.case.expect if self.tested else observation.expected
        deviation = (answer.status, answer.trouble, best.repeatable, best.batched)
        return observation.code, asked, observation.pointer, *deviation

    @property
    def tested(self) -> bool:
        """Whether requests were made for this very clause; else it is broken beside another."""
        return any(one.observation.clause == one.case.clause for one in self.evidence)

    @property
    def scope(self) -> Scope:
        """The clause's way from the root of what it belongs to."""
        return scope_of(self.clause)

    def stands_by_itself(self) -> bool:
        """Whether no other place can be what this one shows beside it."""
        kind = self.clause.kind
        return kind in OF_SEVERAL_REQUESTS or (self.tested and kind != GENERATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Places that are shown together; `scope` is what the title names.

    Of a `listed` group the title names the clauses of its places alone, and of one with `some`
    their operations alone: others were seen to keep the promise.
    """

    places: tuple[_Place, ...]
    scope: Scope
    listed: bool = False
    some: bool = False

    @property
    def key(self) -> _Key:
        """That of each of its places."""
        return self.places[0].key

    @property
    def cases(self) -> set[int]:
        """The requests that show it."""
        return {id(one.case) for place in self.places for one in place.evidence}


def findings(ledger: Ledger, redactor: Redactor) -> tuple[Finding, ...]:
    """The findings, the gravest first, each place with its smallest request."""
    places = _places(ledger)
    groups = list[_Group]()
    operations = dict.fromkeys(place.clause.operation for place in places)
    for operation in operations:
        own = [place for place in places if place.clause.operation == operation]
        groups += _within(own, ledger)
    found = [_finding(group, redactor) for group in _across(groups, ledger)]
    return tuple(sorted(found, key=_order))


def _places(ledger: Ledger) -> list[_Place]:
    """The evidence by code and clause. A batch says nothing where one of its parts is known."""
    rows: dict[tuple[FindingCode, str], list[Evidence]] = {}
    apart = {_name(one) for one in ledger.deviations if not one.batched}
    for one in ledger.deviations:
        units = [unit.clause for unit in one.case.units] if one.batched else []
        known = any((_name(one)[0], clause) in apart for clause in units)
        clause = units[0] if units else one.observation.clause
        if clause in ledger.clauses and not known:
            rows.setdefault((_name(one)[0], clause), []).append(one)
    return [
        _Place(clause=ledger.clauses[clause], evidence=tuple(evidence))
        for (_, clause), evidence in rows.items()
    ]


def _name(one: Evidence) -> tuple[FindingCode, str]:
    return FindingCode(one.observation.code), one.observation.clause


def _size(one: Evidence) -> tuple[object, ...]:
    request = one.case.request
    length = len(request.body or b"") + len(request.target)
    length += sum(len(name) + len(value) for name, value in request.headers)
    return not one.repeatable, one.batched, not one.alone, request.needs_socket, length


def _within(places: Sequence[_Place], ledger: Ledger) -> Iterator[_Group]:
    """The groups of one operation: by scope, and what is broken beside another with that one."""
    heads = [place for place in places if place.stands_by_itself()]
    groups = list(_listed(list(_by_scope(heads, ledger))))
    for place in places:
        if place.stands_by_itself():
            continue
        fitting = (n for n, group in enumerate(groups) if _beside(place, group))
        at = next(fitting, None)
        if at is None:
            groups.append(_Group(places=(place,), scope=place.scope))
        else:
            groups[at] = replace(groups[at], places=(*groups[at].places, place))
    yield from groups


def _listed(groups: Sequence[_Group]) -> Iterator[_Group]:
    """Where many scopes show the same, one finding that lists them all, and names no wider one."""
    rows: dict[_Key, list[_Group]] = {}
    for group in groups:
        rows.setdefault((group.key, group.scope[0]), []).append(group)
    for alike in rows.values():
        if len(alike) <= MOST_ALIKE:
            yield from alike
        else:
            places = tuple(place for group in alike for place in group.places)
            yield _Group(places=places, scope=alike[0].scope[:1], listed=True)


def _beside(place: _Place, group: _Group) -> bool:
    """Whether a place shows a group's deviation: in the same answer, or generated anew."""
    if place.key[0] != group.key[0] or not group.places[0].stands_by_itself():
        return False
    if place.clause.kind == GENERATED:
        return place.key == group.key
    steady = place.smallest.repeatable == group.places[0].smallest.repeatable
    return steady and any(id(one.case) in group.cases for one in place.evidence)


def _by_scope(places: Sequence[_Place], ledger: Ledger) -> Iterator[_Group]:
    """Places with one key below the widest scope in which nothing was seen to hold."""
    waiting: dict[_Key, list[_Place]] = {}
    for place in places:
        waiting.setdefault(place.key, []).append(place)
    for alike in waiting.values():
        while alike:
            scope = _widest(alike[0], alike, ledger)
            joined = tuple(one for one in alike if one.scope[: len(scope)] == scope)
            alike[:] = [one for one in alike if one.scope[: len(scope)] != scope]
            yield _Group(places=joined, scope=scope)


def _widest(place: _Place, alike: Sequence[_Place], ledger: Ledger) -> Scope:
    refusal = place.smallest.case.must_be_refused
    for length in range(1, len(place.scope)):
        scope = place.scope[:length]
        below = [one for one in alike if one.scope[:length] == scope]
        if len(below) > 1 and not _seen_held(place, scope, refusal, ledger):
            return scope
    return place.scope


def _seen_held(place: _Place, scope: Scope, refusal: bool, ledger: Ledger) -> bool:
    operation = place.clause.operation
    return any(
        clause.operation == operation
        and ledger.seen_held(clause.id, refusal=refusal)
        and scope_of(clause)[: len(scope)] == scope
        for clause in ledger.clauses.values()
    )


def _across(groups: Sequence[_Group], ledger: Ledger) -> Iterator[_Group]:
    """The same at many operations: at all, where none was seen to keep the promise, or at some."""
    rows: dict[_Key, list[_Group]] = {}
    for group in groups:
        rows.setdefault((group.key, _shared(group)), []).append(group)
    for alike in rows.values():
        held = len(alike) > 1 and any(_held_elsewhere(group, ledger) for group in alike)
        if len(alike) == 1 or (held and len(alike) <= MOST_ALIKE):
            yield from alike
        else:
            places = tuple(place for group in alike for place in group.places)
            yield replace(alike[0], places=places, some=held)


def _shared(group: _Group) -> _Key:
    """What is one promise at several operations: one schema, or one rule of HTTP."""
    first = group.places[0]
    if pointer := first.smallest.observation.pointer:
        return ("schema", pointer)
    if group.listed:
        return ("listed", first.clause.operation)
    if group.scope[0] == CREDENTIALS or len(group.scope) == 1:
        return ("rule", *group.scope)
    return ("operation", first.clause.operation, *group.scope)


def _held_elsewhere(group: _Group, ledger: Ledger) -> bool:
    """Whether any operation was seen to keep the promise that the group breaks."""
    first = group.places[0]
    refusal, pointer = first.smallest.case.must_be_refused, first.smallest.observation.pointer
    return any(
        ledger.seen_held(clause.id, refusal=refusal)
        for clause in ledger.clauses.values()
        if (clause.pointer == pointer if pointer else _covers(group.scope, clause))
    )


def _covers(scope: Scope, clause: Clause) -> bool:
    return scope_of(clause)[: len(scope)] == scope


def _finding(group: _Group, redactor: Redactor) -> Finding:
    name = FindingCode(group.places[0].smallest.observation.code)
    places = [_shown(place, redactor) for place in group.places]
    best = group.places[0].smallest
    operations = tuple(dict.fromkeys(place.operation for place in places))
    text = title(
        name,
        operations,
        group.scope,
        best.answer.status,
        leaf=group.scope == group.places[0].scope,
        listed=len(dict.fromkeys(place.clause for place in places)) if group.listed else 0,
        promise=_about(group.places[0]),
        every=not group.some,
    )
    return Finding(
        code=name,
        title=f"{text}{_doubt(places[0])}",
        places=tuple(places),
        remedy=code(name).explain,
    )


def _about(place: _Place) -> str:
    """What the contract says there, for clauses that stand for no part of a request."""
    local = local_part(place.clause.id)
    return "" if place.clause.kind in _IN_THE_TITLE else local


def _doubt(place: FindingPlace) -> str:
    if place.batch:
        return f", one of {len(place.batch)} edges that were sent together"
    return " (intermittent)" if place.intermittent else ""


def _shown(place: _Place, redactor: Redactor) -> FindingPlace:
    best, clause = place.smallest, place.clause
    observation = best.observation
    levels = [one.observation.level for one in place.evidence if one.repeatable == best.repeatable]
    level = max(levels, key=lambda one: one.rank)
    return FindingPlace(
        fingerprint=fingerprint(observation.code, clause.operation, clause.id),
        operation=clause.operation,
        clause=clause.id,
        level=level if best.repeatable and not best.batched else _milder(level),
        pointer=observation.pointer or clause.pointer,
        label=redactor.text(best.case.label),
        expected=redactor.said(observation.expected),
        got=redactor.said(observation.got),
        request=redactor.repeatable(best.case.request),
        response=redactor.response(best.answer),
        curl=redactor.curl(best.case.request),
        place=clause.place,
        intermittent=not best.repeatable,
        batch=tuple(unit.clause for unit in best.case.units) if best.batched else (),
        occurrences=len(place.evidence),
        trial=_trial(best.case, alone=best.alone),
    )


def _trial(case: Case, *, alone: bool) -> Trial:
    return Trial(
        expect=case.expect.name,
        strength=case.strength.name,
        family=case.family,
        code=case.code,
        clauses=case.clauses,
        also=tuple(sorted(case.also)),
        alone=alone,
        level="" if case.level is None else case.level.value,
        open_statuses=tuple(sorted(case.open_statuses)),
        layer=case.layer.name,
        may_close=case.may_close,
        authorized=case.authorized,
        inert=case.inert,
    )


def _milder(level: Level) -> Level:
    return Level.WARNING if level is Level.ERROR else level


def _order(finding: Finding) -> tuple[int, int, int]:
    """What blocks everything, credentials, failures, and then by the clauses touched."""
    credential = any(local_part(one.clause).startswith(f"{CREDENTIALS}.") for one in finding.places)
    marks = (finding.code in BLOCKING, credential, finding.code is FindingCode.SERVER_ERROR, True)
    return -finding.level.rank, marks.index(True), -len(finding.places)
