"""Places of a report with their clauses: what they have in common with each other."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from conformance.cases.case import Expect
from conformance.clauses.clause import Clause
from conformance.clauses.kinds import OF_SEVERAL_REQUESTS, ClauseKind
from conformance.report.codes.finding_code import FindingCode
from conformance.report.finding_places import FindingPlace, Likeness, Trial
from conformance.run.places.scopes import Scope, scope_of

__all__ = ["ClausePlace", "Key"]

Key: TypeAlias = tuple[object, ...]
_FAILURES = frozenset({FindingCode.SERVER_ERROR, FindingCode.NO_ANSWER})
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
class ClausePlace:
    """One code at one clause, as a report has it: it may have been read from a file."""

    code: FindingCode
    clause: Clause
    place: FindingPlace
    likeness: Likeness
    trial: Trial

    @property
    def status(self) -> int:
        """That of the answer; 0 where there was none."""
        return self.place.response.status if self.place.response else 0

    @cached_property
    def key(self) -> Key:
        """What places have in common that may be shown together."""
        like = self.likeness
        status, *more = self.answered
        # What was let in was let in, by whichever 2xx.
        if self.code in _LET_IN and like.accepted:
            status = 200
        # What one keyword forbids is one thing, in whichever answer it stands.
        if self.code == FindingCode.RESPONSE_SCHEMA and like.schema:
            status = 0
        return self.code, like.asked, like.schema, status, *more, bool(self.place.batch)

    @cached_property
    def scope(self) -> Scope:
        """The clause's way from the root of what it belongs to."""
        return scope_of(self.clause)

    @property
    def answered(self) -> Key:
        """What came, and whether it comes again."""
        return self.status, self.likeness.trouble, self.place.intermittent

    @property
    def failure(self) -> Key:
        """What failures have in common, whatever was at stake; () for no failure."""
        return self.answered if self.code in _FAILURES else ()

    @property
    def of_refusal(self) -> bool:
        """Whether a refusal was asked for, so that a clause is seen held by one."""
        return Expect[self.trial.expect].of_refusal

    @property
    def generated(self) -> bool:
        """Whether whole generated requests speak of it."""
        return self.clause.kind == ClauseKind.PROPERTIES

    def stands_by_itself(self) -> bool:
        """Whether no other place can be what this one shows beside it."""
        return self.clause.kind in OF_SEVERAL_REQUESTS or (
            self.likeness.tested and not self.generated
        )

    def shown_by(self, requests: Set[int]) -> bool:
        """Whether one of these requests shows it."""
        return any(one in requests for one in self.likeness.requests)

    def header(self, name: str) -> str | None:
        """A header of the answer; None where it was not sent."""
        return self.place.response.header(name) if self.place.response else None
