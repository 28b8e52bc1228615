"""Separation of tokens: each token opens its own operations, and not those of the other.

Which of two tokens is the stronger one the contract does not say, and a stronger one may open what
a weaker one does. So a token that opens another's operation proves nothing by itself; where each of
the two opens the other's operations they are not told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.cases.case import Case
from conformance.cases.credential_cases import other_tag_cases
from conformance.cases.operation_under_test import Subject
from conformance.http.exchange import Answer
from conformance.judgement.observation import broken, inconclusive
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from conformance.run.places.evidence import Evidence
from conformance.run.sending.prober import Prober

__all__ = ["TokenSeparation"]

_IN_PART = "only a run of all operations tells whether either opens the other's: without --shard"
_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """An operation that a token opened which was given for others."""

    pair: _Pair
    prober: Prober
    case: Case
    answer: Answer


@dataclass(slots=True)
class TokenSeparation:
    """What the tokens of a run open of each other's operations.

    Where a `part` of the operations is asked, another one may refuse a token that all of it accept.
    """

    part: bool = False
    _opened: list[_Opened] = field(default_factory=list)
    _refused: set[_Pair] = field(default_factory=set)

    async def probe(self, prober: Prober, subject: Subject) -> None:
        """Try the tokens that were given for other operations, once each."""
        own = subject.control.credential.secrets
        for foreign, case in other_tag_cases(subject):
            # Of two tokens each is tried at the operations of the other, whichever comes first.
            pair = ("".join(own), foreign)
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
        found = {one.pair for one in self._opened} - self._refused
        for one in self._opened:
            own, foreign = one.pair
            ledger = one.prober.ledger
            # One direction alone may be a token of more rights, which is right.
            if {one.pair, (foreign, own)} <= found and not self.part:
                ledger.accuse(_same(one))
            else:
                why = _IN_PART if self.part else "it may be a token with more rights"
                text = f"the token of other operations also opens it, but {why}"
                ledger.note(inconclusive(one.case.clause, text))
        self._opened.clear()


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
