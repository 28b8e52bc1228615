"""An operation in both contracts, and the requests and answers that show what changed in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.diff.model.witness import Witness
from conformance.http.exchange import Answer, Request
from conformance.messages.disallowed import answer_refusal, refusal
from conformance.messages.request_values import RequestValues, smallest_request
from conformance.messages.writing import request_of
from spec import Contract, Operation, Response, SpecError

__all__ = ["Matched", "documented"]

ALLOWED = "allows it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One operation, as OLD and as NEW have it, for the path's values that are `fixed`."""

    old: Contract
    new: Contract
    before: Operation
    after: Operation
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The name by which OLD's clients know it."""
        return self.before.id

    def plain(self) -> RequestValues:
        """OLD's smallest request, under a server path that both have where there is one."""
        call = smallest_request(self.old, self.before).with_path(self.fixed)
        both = [one for one in self.before.base_paths if one in self.after.base_paths]
        return replace(call, base_path=both[0]) if both else call

    def request(self, call: Callable[[], RequestValues]) -> Witness | None:
        """The call, if OLD allows it and NEW refuses it."""
        try:
            request = request_of(self.old, call())
        except SpecError:
            return None
        reason = refusal(self.new, self.moved(request))
        if refusal(self.old, request) or not reason:
            return None
        return Witness(
            operation=self.id, request=request, old=ALLOWED, new=_verdict(reason, "refuses")
        )

    def moved(self, request: Request) -> Request:
        """The request at NEW's address: that a server path moved is a change of its own."""
        base = self.before.base_paths[0]
        if any(one in self.after.base_paths for one in self.before.base_paths):
            return request
        target = self.after.base_paths[0] + request.target.removeprefix(base)
        return replace(request, target=target)

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
            _answer_refusal(self.old, self.before, made),
            _answer_refusal(self.new, self.after, made),
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


def documented(operation: Operation, status: int) -> Response | None:
    """The entry for a status. `default` stands for errors where successes are named."""
    found = operation.response_for(status)
    names_success = any(response.status[0] in "23" for response in operation.responses)
    if found and found.status == "default" and status < 400 and names_success:
        return None
    return found


def _answer_refusal(contract: Contract, operation: Operation, answer: Answer) -> str:
    if documented(operation, answer.status) is None:
        return f"the status {answer.status} is not documented"
    return answer_refusal(contract, operation, answer)


def _verdict(reason: str, verb: str) -> str:
    return f"{verb} it: {reason}" if reason else ALLOWED
