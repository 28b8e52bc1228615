"""Deviations that were seen once: the next answer that speaks of their clause is their replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.cases.case import Case, Expect
from conformance.clauses.clause import Verdict
from conformance.http.exchange import Answer
from conformance.http.methods import is_safe
from conformance.judgement import Observation
from conformance.report.codes.finding_code import FindingCode

__all__ = ["Deviation", "Unconfirmed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A deviation in the answer to a request."""

    case: Case
    answer: Answer
    observation: Observation

    @property
    def may_wait(self) -> bool:
        """Whether other good requests will show it as well, so that no success is paid for it.

        What an acceptance shows of the very request that was tested, no other request shows, nor
        that a thing was created: the next time it is there (201, RFC 9110 section 15.3.2).
        """
        of_status = self.observation.code == FindingCode.UNDOCUMENTED_STATUS
        if of_status and self.answer.status == 201:
            return False
        accepted = self.case.expect is Expect.ACCEPTED and self.answer.success
        beside = self.observation.clause not in self.case.clauses
        return accepted and beside and not is_safe(self.case.request.method)


class Unconfirmed:
    """The deviations of one operation that have been seen once."""

    def __init__(self) -> None:
        self._waiting = dict[tuple[object, str], Deviation]()

    def wait(self, deviation: Deviation) -> None:
        """Keep a deviation until another answer speaks of its clause."""
        observation = deviation.observation
        self._waiting[observation.cause, observation.clause] = deviation

    def told(self, seen: Iterable[Observation]) -> Iterator[tuple[Deviation, bool]]:
        """The deviations of whose clauses an answer speaks, each with whether it shows there."""
        seen = list(seen)
        for key, one in list(self._waiting.items()):
            same = [other for other in seen if other.clause == one.observation.clause]
            broken = [other for other in same if other.verdict is Verdict.BROKEN]
            if same:
                del self._waiting[key]
                yield one, one.observation.code in {other.code for other in broken}

    def all(self) -> Iterator[Deviation]:
        """All that wait, which then wait no more."""
        waiting, self._waiting = self._waiting, {}
        yield from waiting.values()
