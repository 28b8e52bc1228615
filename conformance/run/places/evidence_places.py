"""Deviations by code and clause: the places of a report, each shown by its best request."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from conformance.cases.case import Expect
from conformance.cases.edge_values import Strength
from conformance.clauses.clause import Clause
from conformance.clauses.kinds import OF_SEVERAL_REQUESTS, ClauseKind
from conformance.report.codes.finding_code import FindingCode
from conformance.run.places.evidence import Evidence, Ledger
from conformance.run.places.scopes import Scope, scope_of

__all__ = ["FAILURES", "GENERATED", "EvidencePlace", "Key", "places_of"]

Key: TypeAlias = tuple[object, ...]
GENERATED = ClauseKind.PROPERTIES
"""The kind of the clauses that whole generated requests speak of."""
FAILURES = frozenset({FindingCode.SERVER_ERROR, FindingCode.NO_ANSWER})
"""What is no answer to any request, whatever was asked."""
_LET_IN = frozenset(
    {
        FindingCode.ACCEPTED_INVALID_BODY,
        FindingCode.ACCEPTED_MALFORMED_BODY,
        FindingCode.ACCEPTED_INVALID_PARAMETER,
        FindingCode.ACCEPTED_MEDIA_TYPE,
        FindingCode.ACCEPTED_CREDENTIAL,
    }
)


@dataclass(frozen=True, kw_only=True)
class EvidencePlace:
    """All evidence of one code at one clause."""

    clause: Clause
    evidence: tuple[Evidence, ...]

    @cached_property
    def smallest(self) -> Evidence:
        """What shows it best: again and again, by itself, told apart, and short."""
        return min(self.evidence, key=_size)

    @cached_property
    def key(self) -> Key:
        """What places have in common that may be shown together."""
        best = self.smallest
        observation, answer = best.observation, best.answer
        # Of a test the expectation; of what was broken beside it, what it should have been.
        asked = best.case.expect if self.tested else observation.expected
        # What was let in was let in, by whichever 2xx.
        let_in = observation.code in _LET_IN and answer.success
        status = 200 if let_in else answer.status
        deviation = (status, answer.trouble, best.repeatable, best.batched)
        return observation.code, asked, observation.pointer, *deviation

    @cached_property
    def tested(self) -> bool:
        """Whether requests were made for this very clause; else it is broken beside another."""
        return any(map(_tested, self.evidence))

    @cached_property
    def scope(self) -> Scope:
        """The clause's way from the root of what it belongs to."""
        return scope_of(self.clause)

    @property
    def of_refusal(self) -> bool:
        """Whether a refusal was asked for, so that a clause is seen held by one."""
        return self.smallest.case.must_be_refused

    def stands_by_itself(self) -> bool:
        """Whether no other place can be what this one shows beside it."""
        kind = self.clause.kind
        return kind in OF_SEVERAL_REQUESTS or (self.tested and kind != GENERATED)


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
    odd = one.case.family == GENERATED or one.case.strength is not Strength.NAMED
    # False sorts before True: what shows every time, alone and short, is the smallest.
    before = len(one.steps.steps) + one.steps.times
    shown = (not one.repeatable, one.batched, not one.alone, request.needs_socket)
    return (*shown, before, faulty, odd, length)
