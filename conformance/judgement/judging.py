"""One answer to one case, with all that a judgement of it needs to know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from conformance.cases.case import Case, Expect
from conformance.clauses.ids import clause_id, local_part
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.meaningful_names import is_of_waiting
from conformance.http.exchange import Answer
from conformance.http.shown_texts import in_short
from conformance.judgement.observation import Observation, broken
from conformance.judgement.refusal_statuses import refusals
from conformance.report.findings import Level
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["OF_THE_MOMENT", "STORED_BEFORE", "Judging", "accepts", "documented_statuses", "said_by"]

_BY_KEYWORD = frozenset({ClauseKind.BODY, ClauseKind.EDGES, ClauseKind.PARAMETERS})
"""Families in which one keyword, wherever it stands, is one cause."""
_OF_ONE_TIME = re.compile(rb"[0-9a-f-]{16,}|[0-9]+", re.IGNORECASE)
OF_THE_MOMENT = frozenset({502, 503, 504})
"""What a server says that is overloaded, or whose own server is (RFC 9110 section 15.6)."""
STORED_BEFORE = "the run has stored this text before, and it may have to be unique"
MOST_SHOWN = 3
"""So many statuses of a refusal are named; of more, the usual ones."""


def accepts(operation: Operation, answer: Answer) -> bool:
    """Whether a request was accepted: a 2xx, or a redirection that the contract documents."""
    redirected = 300 <= answer.status < 400
    return answer.success or (redirected and operation.documents(answer.status))


def documented_statuses(operation: Operation) -> str:
    """What an undocumented status is expected to be instead."""
    return f"one of {', '.join(response.status for response in operation.responses)}"


def said_by(answer: Answer) -> bytes:
    """What an answer says, without what is another each time: numbers, ids, times."""
    return _OF_ONE_TIME.sub(b"#", answer.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """`proven`: the request was seen to succeed without the fault. `limit` is in seconds.

    `used_up` are the statuses by which a repetition of the good request is refused: a name that
    is taken, a thing that is gone. `refused` are those by which good requests were refused at
    all, and `failures` what the failures among these said. `stored_before`: the run has had a text
    of it stored by another request, and the answer is that of a name that is taken, perhaps.
    """

    contract: Contract
    operation: Operation
    case: Case
    answer: Answer
    secrets: Sequence[str]
    limit: float
    proven: bool
    used_up: frozenset[int]
    refused: frozenset[int]
    failures: frozenset[bytes] = frozenset()
    stored_before: bool = False

    def id(self, local: str) -> str:
        """The full name of one of the operation's clauses."""
        return clause_id(self.operation.id, local)

    @property
    def accepted(self) -> bool:
        """Whether it is a 2xx, or a redirection that the contract documents."""
        return accepts(self.operation, self.answer)

    @property
    def is_refusal(self) -> bool:
        """Whether it is a 4xx, or a refusal that has the status of a success."""
        return 400 <= self.answer.status < 500 or self.answer.refuses

    @property
    def asks_to_wait(self) -> bool:
        """Whether the query has the deployment wait as long as the limit is.

        A number in it asks for that, or what would say how long is left out.
        """
        query = parse_qsl(self.case.request.target.partition("?")[2])
        waits = (re.match("[0-9]+", value) for name, value in query if is_of_waiting(name))
        said = {name for name, _ in query}
        unsaid = (
            one.location == "query" and is_of_waiting(one.name) and one.name not in said
            for one in self.operation.parameters
        )
        return any(unsaid) or any(int(number[0]) >= self.limit for number in waits if number)

    def documents(self, status: int) -> bool:
        """Whether the operation documents the status, by itself, by its class or by `default`.

        An operation without any documented response rules no status out.
        """
        return self.operation.documents(status)

    def got(self) -> str:
        """The answer in short."""
        return in_short(self.answer)

    def expected(self) -> str:
        """What the case wants, in short."""
        wanted = {
            Expect.ACCEPTED: "a success",
            Expect.ANYTHING: "any response except a 5xx",
            Expect.NO_METHOD: "405 or 404",
            Expect.UNSERVED: "404, or a redirection to the path",
        }
        return wanted.get(self.case.expect) or self._refusals()

    def _refusals(self) -> str:
        """The statuses of a refusal, the most usual of many."""
        right = refusals(self.operation, self.case).right
        usual = (415, 400) if self.case.expect is Expect.UNSUPPORTED else (400, 422)
        if len(right) <= MOST_SHOWN:
            return " or ".join(map(str, sorted(right)))
        return " or ".join([*(str(one) for one in usual if one in right), "another 4xx"])

    def broken(
        self,
        code: str,
        *,
        expected: str,
        got: str,
        clause: str | None = None,
        level: Level = Level.ERROR,
        reason: str | None = None,
        status: bool = False,
    ) -> Observation:
        """Evidence against a clause; without `reason` the cause is the kind of fault."""
        wanted = reason if reason is not None else self._reason()
        signature = f"|{self.answer.status}" if status else ""
        return broken(
            clause or self.case.clause,
            code,
            level=level,
            expected=expected,
            got=got,
            cause=f"{code}|{wanted}{signature}",
        )

    def _reason(self) -> str:
        local = local_part(self.case.clause)
        if self.case.fault:
            return f"{self.case.family}:{self.case.fault}"
        if self.case.family in _BY_KEYWORD:
            return f"{self.case.family}:{local.rpartition('.')[2]}"
        return local
