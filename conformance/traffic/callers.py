"""What callers were recorded to send, and what they got, by the contract before a change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from conformance.http.exchange import Request
from conformance.judgement.dropped import AnswerPart, Content, Dropping, Promise
from conformance.messages.operation_finder import operations_of
from conformance.traffic.exchanges import Seen, whole_or_not
from conformance.traffic.recorded_credentials import plain_cookies, without_credentials
from conformance.traffic.request_faults import request_faults
from spec import Contract, Operation

__all__ = ["Callers", "Calls"]

_MOST = 2000
"""Different requests of an operation that are kept; the others are counted."""


@dataclass(slots=True, kw_only=True)
class Calls:
    """What was sent to one operation: different requests with their numbers, and what came.

    `promises` and `parts` count the answers that showed each; `unseen` are answers whose body was
    not recorded. `answers` counts all of them.
    """

    requests: dict[Request, int] = field(default_factory=dict)
    count: int = 0
    answers: int = 0
    unseen: int = 0
    promises: Counter[Promise] = field(default_factory=Counter)
    parts: Counter[AnswerPart] = field(default_factory=Counter)

    def reached(self, dropped: Content) -> int:
        """How many answers had what a change takes away; one that was not seen may have had it."""
        seen = [self.promises[one] for one in dropped.promises]
        seen += [self.parts[one] for one in dropped.parts]
        return min(self.unseen + max(seen, default=0), self.answers)


@dataclass(slots=True)
class Callers:
    """The recorded exchanges whose requests the contract before a change allows, by operation."""

    dropping: Dropping
    calls: dict[str, Calls] = field(default_factory=dict)
    _plain: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._plain = plain_cookies(self.before)

    @property
    def before(self) -> Contract:
        """The contract that the callers know."""
        return self.dropping.before

    def add(self, recorded: Seen, *, answered: bool = True) -> None:
        """Take in one exchange; what was no request of this contract is left out.

        Args:
            recorded: the exchange.
            answered: whether its answer is one that callers get, and not one of a mock.
        """
        schemes = self.before.security_schemes.values()
        named = [one.parameter for one in schemes if one.parameter]
        seen = without_credentials(whole_or_not(recorded), named, self._plain)
        found = operations_of(self.before).find(seen.request)
        if found is None or not seen.body_known:
            return
        if request_faults(self.before, found[0], seen.request):
            return
        calls = self.calls.setdefault(found[0].id, Calls())
        calls.count += 1
        request = replace(seen.request, headers=_telling(seen.request))
        if request in calls.requests or len(calls.requests) < _MOST:
            calls.requests[request] = calls.requests.get(request, 0) + 1
        if answered:
            self._answer(calls, found[0], seen)

    def _answer(self, calls: Calls, operation: Operation, seen: Seen) -> None:
        response = operation.response_for(seen.answer.status)
        bodiless = response is None or not response.content or seen.request.method == "HEAD"
        # Browsers forget bodies without a word: an empty one is no evidence that nothing came.
        whole = seen.answer_known and (bool(seen.answer.body) or bodiless)
        shown = self.dropping.shown(operation, seen.answer, whole=whole)
        calls.answers += 1
        calls.unseen += not whole
        calls.promises.update(shown.promises)
        calls.parts.update(shown.parts)

    @property
    def count(self) -> int:
        """All that were taken in."""
        return sum(one.count for one in self.calls.values())


def _telling(request: Request) -> tuple[tuple[str, str], ...]:
    """The headers without those that browsers and proxies add of themselves."""
    noise = ("sec-", "user-agent", "accept-", "connection", "host", "referer", "origin")
    return tuple(pair for pair in request.headers if not pair[0].lower().startswith(noise))
