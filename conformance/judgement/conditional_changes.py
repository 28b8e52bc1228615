"""Answers to changes under a condition (RFC 9110 sections 13.1.1, 13.1.2 and 13.2)."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.http.exchange import Answer
from conformance.judgement.observation import Observation, broken, held, inconclusive
from conformance.judgement.validators import Validators
from conformance.report.codes.finding_code import FindingCode
from conformance.report.level import Level

__all__ = ["Precondition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Precondition:
    """Judges for a clause; what the contract has not `declared` is worth a note at most."""

    clause: str
    declared: bool

    def of_stale(self, answer: Answer) -> Observation:
        """After a change whose condition is false: nothing may have been changed."""
        # Right even where the contract does not document it: RFC 9110 asks for it.
        if answer.status == 412:
            return held(self.clause)
        if not answer.success:
            return inconclusive(
                self.clause, f"a condition that is false was answered with {answer.status}"
            )
        expected = "412, since the condition is false"
        return self._broken(FindingCode.IGNORED_PRECONDITION, expected, str(answer.status))

    def of_current(self, answer: Answer, before: Answer, after: Answer) -> Observation:
        """After a change with the tag of the reading `before`; `after` is the reading then."""
        tag, now = Validators.of(before).tag, Validators.of(after).tag
        if answer.status == 412 and now == tag and before.body == after.body:
            expected = f"the change, since {tag} is the current tag"
            return self._broken(FindingCode.REFUSED_VALID, expected, "412")
        if not answer.success:
            why = f"the current tag was answered with {answer.status}"
            return inconclusive(self.clause, why)
        # A strong tag changes with the content (section 8.8.1).
        if now == tag and after.status == 200 and before.body != after.body:
            expected = f"another ETag than {tag} for another body"
            return self._broken(FindingCode.FALSE_VALIDATOR, expected, f"ETag: {tag}")
        return held(self.clause)

    def _broken(self, code: FindingCode, expected: str, got: str) -> Observation:
        level = Level.WARNING if self.declared else Level.NOTE
        return broken(self.clause, code, expected=expected, got=got, level=level, cause=code)
