"""Separation of tokens: each token opens its own operations, and not those of the other.

Which of two tokens is the stronger one the contract does not say, and a stronger one may open what
a weaker one does. So a token that opens another's operation proves nothing by itself; where each of
the two opens the other's operations they are not told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.cases.case import Case
from conformance.cases.credential_cases import other_tag_cases
from conformance.cases.operation_under_test import Subject
from conformance.http.exchange import Answer
from conformance.http.redaction import Redactor
from conformance.judgement.observation import broken, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from conformance.report.token_trials import TokenPair, TokenTrial, not_told_apart
from conformance.run.places.evidence import Evidence
from conformance.run.places.shown_places import shown_alone
from conformance.run.sending.prober import Prober

__all__ = ["TokenSeparation"]

_MAY_BE_RIGHT = (
    "the token of other operations also opens it, but it may be a token with more rights"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """An operation that a token opened which was given for others."""

    pair: TokenPair
    prober: Prober
    case: Case
    answer: Answer


@dataclass(slots=True)
class TokenSeparation:
    """What the tokens of a run open of each other's operations.

    Where a `part` of the operations is asked, another one may refuse a token that all of it accept:
    nothing is concluded then, and `trials` are what the other parts have to know.
    """

    part: bool = False
    _opened: list[_Opened] = field(default_factory=list)
    _refused: set[TokenPair] = field(default_factory=set)

    async def probe(self, prober: Prober, subject: Subject) -> None:
        """Try the tokens that were given for other operations, once each."""
        for pair, case in other_tag_cases(subject):
            if prober.budget.writing or not prober.budget.affords(case):
                continue
            answer = await prober.send(case)
            if answer.success:
                found = _Opened(pair=pair, prober=prober, case=case, answer=answer)
                self._opened.append(found)
            else:
                self._refused.add(pair)
                await prober.record(case, answer)

    def conclude(self) -> None:
        """Write down, once all operations have been probed, which tokens are not told apart."""
        opened = set() if self.part else {one.pair for one in self._opened}
        same = not_told_apart(opened, self._refused)
        for one in self._opened:
            if one.pair in same:
                one.prober.ledger.accuse(_same(one))
            else:
                one.prober.ledger.note(inconclusive(one.case.clause, _MAY_BE_RIGHT))

    def trials(self, redactor: Redactor) -> Iterator[TokenTrial]:
        """What `merge` concludes from, with the trials of the other parts."""
        if not self.part:
            return
        for one in self._opened:
            place = shown_alone(_same(one), one.prober.ledger, redactor)
            yield TokenTrial(pair=one.pair, place=place)
        for pair in sorted(self._refused):
            yield TokenTrial(pair=pair, place=None)


def _same(one: _Opened) -> Evidence:
    case, answer = one.case, one.answer
    observation = broken(
        case.clause,
        FindingCode.ACCEPTED_CREDENTIAL,
        level=Level.WARNING,
        expected="401 for at least one of the two tokens at the operations of the other",
        got=f"{answer.status}; either token opens the operations that the other was given for",
        cause="accepted-credential|other-tag",
    )
    return Evidence(observation=observation, case=case, answer=answer)
