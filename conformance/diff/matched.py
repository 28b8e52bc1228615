"""An operation in both contracts, and the requests and answers that show what changed in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conformance.diff.witness import (
    Call,
    Witness,
    answer_refusal,
    plain_call,
    refusal,
    request_of,
)
from conformance.http.exchange import Answer, Request
from spec import Contract, Operation, SpecError

__all__ = ["Matched", "refused_request"]

ALLOWED = "allows it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One operation, as OLD and as NEW have it."""

    old: Contract
    new: Contract
    before: Operation
    after: Operation

    @property
    def id(self) -> str:
        """The name by which OLD's clients know it."""
        return self.before.id

    def plain(self) -> Call:
        """OLD's smallest request."""
        return plain_call(self.old, self.before)

    def request(self, call: Callable[[], Call]) -> Witness | None:
        """The call, if OLD allows it and NEW refuses it."""
        try:
            request = request_of(self.old, call())
        except SpecError:
            return None
        return refused_request(self.old, self.new, self.id, request)

    def answer(self, answer: Callable[[], Answer]) -> Witness | None:
        """The answer, if NEW allows it and OLD forbids it."""
        return self._answer(answer, sent_by_new=True)

    def lost_answer(self, answer: Callable[[], Answer]) -> Witness | None:
        """The answer, if OLD allows it and NEW has no place for it any more."""
        return self._answer(answer, sent_by_new=False)

    def documented_only_by_old(self, answer: Callable[[], Answer], what: str) -> Witness | None:
        """OLD's answer with something that NEW no longer documents, and does not forbid either."""
        try:
            made = answer()
        except SpecError:
            return None
        if answer_refusal(self.old, self.before, made):
            return None
        return Witness(
            operation=self.id,
            answer=made,
            old=f"documents {what}",
            new=f"no longer documents {what}",
        )

    def _answer(self, answer: Callable[[], Answer], *, sent_by_new: bool) -> Witness | None:
        try:
            made = answer()
        except SpecError:
            return None
        reasons = (
            answer_refusal(self.old, self.before, made),
            answer_refusal(self.new, self.after, made),
        )
        forbidding, allowing = reasons if sent_by_new else reasons[::-1]
        if allowing or not forbidding:
            return None
        return Witness(
            operation=self.id,
            answer=made,
            old=_verdict(reasons[0], "forbids"),
            new=_verdict(reasons[1], "forbids"),
        )


def refused_request(
    old: Contract, new: Contract, operation: str, request: Request
) -> Witness | None:
    """A request with what both contracts say of it; None where it shows no break."""
    if refusal(old, request):
        return None
    reason = refusal(new, request)
    if not reason:
        return None
    return Witness(
        operation=operation, request=request, old=ALLOWED, new=_verdict(reason, "refuses")
    )


def _verdict(reason: str, verb: str) -> str:
    return f"{verb} it: {reason}" if reason else ALLOWED
