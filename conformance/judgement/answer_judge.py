"""The table of judgement: what an answer to a case shows.

What comes first silences the rest of the same answer, since mending it may mend them all: no
answer, a failure of the server, what the case expects, and last what the contract documents for the
status. A leak, and an error beside the result in a success, silence nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

from conformance.cases.case import Case, Expect, Layer
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.secret_names import keeps_secrets
from conformance.http.exchange import Answer
from conformance.judgement.answers import AnswerJudge
from conformance.judgement.body_judgement import BodyJudge
from conformance.judgement.expectations import expectations
from conformance.judgement.hidden_errors import error_in
from conformance.judgement.json_answers import read_json
from conformance.judgement.judging import (
    OF_THE_MOMENT,
    STORED_BEFORE,
    Judging,
    accepts,
    documented_statuses,
    said_by,
)
from conformance.judgement.leaks import leaked_secret, stack_trace, without_whole_texts
from conformance.judgement.observation import Observation, held, inconclusive
from conformance.judgement.refusal_statuses import OUTSIDE
from conformance.judgement.stored_faults import StoredFaults
from conformance.judgement.troubles import WAITS, troubles
from conformance.report.codes.finding_code import FindingCode
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["OF_EVERY_ANSWER", "Judge"]

_BESIDE = frozenset(
    {
        FindingCode.MISSING_CHALLENGE,
        FindingCode.MISSING_ALLOW,
        FindingCode.FALSE_ALLOW,
        FindingCode.BODY_BEFORE_CREDENTIAL,
        FindingCode.SLOW_ANSWER,
        FindingCode.FALSE_NEGOTIATION,
        FindingCode.WRONG_REFUSAL,
        FindingCode.WRONG_CREDENTIAL_REFUSAL,
        FindingCode.REFUSED_CONTROL,
        FindingCode.REFUSED_VALID,
        FindingCode.REFUSED_FREE,
    }
)
"""Findings that leave the rest of the answer worth judging: a refusal has a body of its own."""
OF_EVERY_ANSWER = ("status.no-failure", "answer.discreet", "answer.framing", "answer.time")
"""Clauses that any whole answer holds which does not break them, whoever has answered."""
UNSERVED = "urn:mock-server:problem:unserved"
"""The type (RFC 9457 section 3.1.1) of a 501 by which our mock says what it cannot make."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges by one contract; `secrets` must not come back, `limit` is in seconds.

    `stored` are faults that were accepted: later answers may show them.
    """

    contract: Contract
    secrets: Sequence[str] = field(default=(), repr=False)
    limit: float = 10.0
    stored: StoredFaults = field(default_factory=StoredFaults, repr=False)
    _answers: AnswerJudge = field(init=False)

    def __post_init__(self) -> None:
        bodies = BodyJudge(self.contract, self.stored)
        # The class is frozen; a field that is derived from others can only be set this way.
        object.__setattr__(self, "_answers", AnswerJudge(self.contract, bodies))

    def judge(
        self,
        case: Case,
        answer: Answer,
        *,
        proven: bool = True,
        used_up: frozenset[int] = frozenset(),
        refused: frozenset[int] = frozenset(),
        failures: frozenset[bytes] = frozenset(),
        stored_before: bool = False,
    ) -> list[Observation]:
        """What the answer shows; what is given beside it is as in `Judging`."""
        operation = self.contract.operation(case.operation)
        assert operation is not None, case.operation
        judging = Judging(
            contract=self.contract,
            operation=operation,
            case=case,
            answer=answer,
            secrets=self.secrets,
            limit=self.limit,
            proven=proven,
            used_up=used_up,
            refused=refused,
            failures=failures,
            stored_before=stored_before,
        )
        return list(self._observations(judging))

    def accepts(self, operation: Operation, answer: Answer) -> bool:
        """Whether a request was accepted: a 2xx, or a redirection that the contract documents."""
        return accepts(operation, answer)

    def _observations(self, one: Judging) -> Iterator[Observation]:
        if one.answer.status == 429:
            yield inconclusive(one.case.clause, "the target limits its rate (429)")
            return
        # These observations are additional and do not hide other faults of the response.
        for step, silences in _FIRST:
            found = list(step(one))
            yield from found
            if found and silences:
                return
        hidden = list(_hidden_error(one))
        if hidden:
            yield from hidden
            yield from self._answers.observe_error(
                one.operation, one.answer, one.case.request.method
            )
            return
        if one.answer.seconds > one.limit:
            late = one.id("answer.time")
            yield inconclusive(late, WAITS) if one.asks_to_wait else _slow(one, late)
        expectation = list(expectations(one))
        yield from expectation
        if any(each.code and each.code not in _BESIDE for each in expectation):
            return
        yield from self._documentation(one)

    def _documentation(self, one: Judging) -> Iterator[Observation]:
        """What the contract says of the status, where it is the operation that has answered."""
        case, answer = one.case, one.answer
        response = one.operation.response_for(answer.status)
        if (
            case.expect in (Expect.NO_METHOD, Expect.UNSERVED)
            or case.request.method != one.operation.method
        ):
            return
        if case.layer is Layer.HTTP and not answer.success:
            return
        # What decodes a path before it follows its dots has answered for another resource.
        if "/../" in f"{unquote(case.request.target.partition('?')[0])}/":
            return
        if response is None:
            if answer.success and not one.documents(answer.status):
                yield _undocumented(one)
                yield from self._answers.observe_undocumented(one.operation, answer)
            return
        in_front = answer.status in OUTSIDE and response.status != str(answer.status)
        if in_front and case.expect is not Expect.ACCEPTED:
            return
        if case.expect is Expect.ANYTHING and answer.status in OUTSIDE:
            return
        if case.expect is Expect.ACCEPTED:
            yield held(one.id("status.documented"))
        for local in OF_EVERY_ANSWER:
            yield held(one.id(local))
        if answer.success:
            yield held(one.id("answer.honest"))
        yield from self._answers.observe(one.operation, answer, case.request.method)


def _unserved(one: Judging) -> Iterator[Observation]:
    """A mock that says that it cannot make the response: nothing is shown of the contract."""
    answer = one.answer
    if answer.status != 501 or b"problem:unserved" not in answer.body[:200]:
        return
    problem = read_json(answer.body).value
    if isinstance(problem, dict) and problem.get("type") == UNSERVED:
        for clause in one.case.clauses:
            yield inconclusive(clause, f"the mock cannot make the response: {problem['detail']}")


def _failure(one: Judging) -> Iterator[Observation]:
    status, case = one.answer.status, one.case
    if status < 500 or status in case.also:
        return
    if status == 501 and case.request.method != one.operation.method:
        return  # a method that the server does not implement (RFC 9110 section 15.6.2)
    if status in (501, 505) and case.layer is Layer.HTTP:
        return
    clauses = list(dict.fromkeys([case.clause, one.id("status.no-failure")]))
    # A trace in it is no second cause: what does not fail has none to show.
    clauses += [one.id("answer.discreet")] if stack_trace(one.answer.body) else []
    if why := _fails_otherwise(one):
        clauses.remove(case.clause)
        yield inconclusive(case.clause, why)
    for clause in clauses:
        yield one.broken(
            FindingCode.SERVER_ERROR,
            clause=clause,
            expected=one.expected(),
            got=one.got(),
            status=True,
        )


def _fails_otherwise(one: Judging) -> str:
    """Why the server fails for another reason than what was tried; "" where that may be it."""
    if _is_of_the_base(one):
        return f"the valid request itself is answered with {one.answer.status}"
    # The control is what shows that, and is judged by itself.
    if one.answer.status in one.used_up and one.case.family is not ClauseKind.STEADINESS:
        return f"the repeated valid request itself is answered with {one.answer.status}"
    return STORED_BEFORE if one.stored_before else ""


def _is_of_the_base(one: Judging) -> bool:
    """Whether the good request fails in the same way, so that the fault in it shows nothing.

    Another method is another request. What cannot be read does not come as far as a good request:
    where it fails with other words, it fails by itself.
    """
    if one.proven or one.case.family is ClauseKind.CONTROL:
        return False
    own = one.case.request.method in (one.operation.method, "HEAD")
    # A server that is busy is so for every method.
    if not own and one.answer.status not in OF_THE_MOMENT:
        return False
    unread = one.case.family is ClauseKind.SYNTAX and one.case.must_be_refused
    if unread and one.failures and said_by(one.answer) not in one.failures:
        return False
    return one.answer.status in one.refused


def _leak(one: Judging) -> Iterator[Observation]:
    headers = "\n".join(
        f"{name}: {value}" for name, value in one.answer.headers if not _is_session(name, value)
    )
    own = tuple(one.case.draft.credential.secrets) if one.case.draft else ()
    secrets = [secret for secret in (*own, *one.secrets) if not _strays(one, secret)]
    body = one.answer.body
    # A credential may be the very thing that an operation shows to its owner.
    if one.answer.success and keeps_secrets(one.operation):
        body = without_whole_texts(body, secrets)
    if leaked_secret(body, headers, secrets):
        yield one.broken(
            FindingCode.LEAKED_SECRET,
            clause=one.id("security.secrecy"),
            expected="an answer without the credential",
            got=f"{one.answer.status} with the credential in it",
            reason="secret",
        )
    elif trace := stack_trace(one.answer.body):
        yield one.broken(
            FindingCode.LEAKED_INTERNALS,
            clause=one.id("answer.discreet"),
            expected="a response without stack traces or internals of the server",
            got=f"{one.answer.status} with {trace!r}",
            reason="trace",
        )


def _strays(one: Judging, secret: str) -> bool:
    """Whether the request has it in its query, where the contract takes no credential.

    A redirection to a login repeats the query, and a page of an error the URL: it is no secret.
    """
    query = unquote_plus(one.case.request.target.partition("?")[2])
    taken = any(scheme.location == "query" for scheme in one.contract.security_schemes.values())
    return secret in query and not taken


def _is_session(name: str, value: str) -> bool:
    """Whether it keeps something for the caller alone, out of reach of scripts (RFC 6265, 4.1.2.6).

    Without `HttpOnly` every script of a page can read the credential.
    """
    attributes = {one.strip().lower() for one in value.split(";")[1:]}
    return name.lower() == "set-cookie" and "httponly" in attributes


def _hidden_error(one: Judging) -> Iterator[Observation]:
    answer = one.answer
    member = error_in(one.contract, one.operation, answer)
    if not member:
        return
    clauses = [one.id("answer.honest")]
    clauses += [one.case.clause] if one.case.must_be_refused else []
    for clause in clauses:
        yield one.broken(
            FindingCode.ERROR_IN_SUCCESS,
            clause=clause,
            expected=one.expected(),
            got=f"{answer.status} with {member!r} in it: {one.got()}",
            reason=member,
        )
    # It refuses what had to be accepted, as with a status of its own.
    if answer.refuses and one.case.expect is Expect.ACCEPTED:
        yield from expectations(one)


def _slow(one: Judging, clause: str) -> Observation:
    return one.broken(
        FindingCode.SLOW_ANSWER,
        clause=clause,
        expected=f"an answer within {one.limit:g} s",
        got=f"an answer after {one.answer.seconds:.1f} s",
        reason="slow",
    )


def _undocumented(one: Judging) -> Observation:
    return one.broken(
        FindingCode.UNDOCUMENTED_STATUS,
        clause=one.id("status.documented"),
        expected=documented_statuses(one.operation),
        got=one.got(),
        status=True,
        reason="success",
    )


_FIRST: tuple[tuple[Callable[[Judging], Iterator[Observation]], bool], ...] = (
    (troubles, True),
    (_unserved, True),
    (_failure, True),
    (_leak, False),
)
"""In this order; each with whether it silences what comes after it, where it shows anything."""
