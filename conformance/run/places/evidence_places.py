"""Deviations by code and clause: the places of a report, each shown by its best request."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from conformance.cases.case import Expect
from conformance.cases.edge_values import Strength
from conformance.clauses.clause import Clause
from conformance.clauses.kinds import ClauseKind
from conformance.report.codes.finding_code import FindingCode
from conformance.run.places.evidence import Evidence, Ledger

__all__ = ["EvidencePlace", "places_of"]


@dataclass(frozen=True, kw_only=True)
class EvidencePlace:
    """All evidence of one code at one clause."""

    clause: Clause
    evidence: tuple[Evidence, ...]

    @cached_property
    def smallest(self) -> Evidence:
        """What shows it best: again and again, by itself, told apart, and short."""
        return min(self.evidence, key=_size)

    @property
    def tested(self) -> bool:
        """Whether requests were made for this very clause; else it is broken beside another."""
        return any(map(_tested, self.evidence))


def places_of(ledger: Ledger) -> list[EvidencePlace]:
    """The evidence by code and clause. A batch says nothing where one of its parts is known."""
    rows: dict[tuple[FindingCode, str], list[Evidence]] = {}
    # Once one edge of a batch was sent by itself, the batch says nothing new.
    apart = {_name(one) for one in ledger.deviations if not one.batched}
    for one in ledger.deviations:
        units = [unit.clause for unit in one.case.units] if one.batched else []
        known = any((_name(one)[0], clause) in apart for clause in units)
        clause = units[0] if units else one.observation.clause
        if clause in ledger.clauses and not known:
            rows.setdefault((_name(one)[0], clause), []).append(one)
    elsewhere = {(id(one.case), one.observation.code) for one in ledger.deviations if _tested(one)}
    return [
        EvidencePlace(clause=ledger.clauses[clause], evidence=_of_its_own(evidence, elsewhere))
        for (_, clause), evidence in rows.items()
    ]


def _of_its_own(
    evidence: Sequence[Evidence], elsewhere: Set[tuple[int, str]]
) -> tuple[Evidence, ...]:
    """The evidence of a place, without what only repeats a deviation of another place.

    A 415 of one odd request would hide the 201 of all good ones at the clause on statuses.
    """
    repeated = {
        (one.answer.status, one.answer.trouble)
        for one in evidence
        if (id(one.case), one.observation.code) in elsewhere and not _tested(one)
    }
    own = [one for one in evidence if (one.answer.status, one.answer.trouble) not in repeated]
    return tuple(own or evidence)


def _tested(one: Evidence) -> bool:
    """Whether the request was made for the very clause that its answer breaks."""
    return one.observation.clause == one.case.clause


def _name(one: Evidence) -> tuple[FindingCode, str]:
    return FindingCode(one.observation.code), one.observation.clause


def _size(one: Evidence) -> tuple[object, ...]:
    request = one.case.request
    length = len(request.body or b"") + len(request.target)
    # Whether everything was asked for, or nothing said, is the same request to a reader.
    told = (pair for pair in request.headers if pair[1] != "*/*")
    length += sum(len(name) + len(value) for name, value in told)
    # A fault that is accepted besides would hide this one again, once it is mended.
    faulty = one.answer.success and one.case.expect is not Expect.ACCEPTED
    # An ordinary request is understood at once, one of odd or invented values is not.
    odd = one.case.family == ClauseKind.PROPERTIES or one.case.strength is not Strength.NAMED
    # False sorts before True: what shows every time, alone and short, is the smallest.
    before = len(one.steps.steps) + one.steps.times
    shown = (not one.repeatable, one.batched, not one.alone, request.needs_socket)
    # What was sent for the clause itself shows no other cause.
    return (*shown, before, faulty, not _tested(one), odd, length)
