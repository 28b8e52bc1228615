"""The table of judgement: what an answer to a case shows.

What comes first silences the rest of the same answer, since mending it may mend them all: no
answer, a failure of the server, a leak, an error inside a success, what the case expects, and last
what the contract documents for the status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from conformance.cases.case import Case, Expect
from conformance.cases.edge_values import Strength
from conformance.clauses.ids import clause_id, local_part
from conformance.http.exchange import Answer, Trouble
from conformance.judgement.answers import AnswerJudge
from conformance.judgement.bodies import BodyJudge
from conformance.judgement.json_answers import read_json
from conformance.judgement.leaks import hidden_error, leaked_secret, stack_trace
from conformance.judgement.observation import Observation, broken, held, inconclusive
from conformance.report.findings import Level
from spec import Contract
from spec.model.contract_model import Operation
from spec.text.media_types import is_json

__all__ = ["Judge"]

OUTSIDE = frozenset({404, 405, 406, 408, 411, 413, 414, 415, 417, 431})
"""HTTP doing its work, by a server in front perhaps, on what the contract does not speak of."""
INVENTED = "FROBNICATE"
"""A method that nobody has: 501 is what RFC 9110 section 15.6.2 has for it."""
_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][\w-]*)(?=\s|,|$)")
NOT_A_VERDICT = frozenset({401, 403, 404, 405, 406, 407, 408, 409, 410, 421, 423, 425, 429})
"""4xx that speak of something else than a fault in a body or parameter."""
_EDGE_LEVELS = {
    Strength.NAMED: Level.ERROR,
    Strength.FREE: Level.WARNING,
    Strength.LIMIT: Level.WARNING,
    Strength.OUTSIDE: Level.WARNING,
}
_TROUBLES = {
    Trouble.DROPPED: ("no-answer", "the connection was dropped"),
    Trouble.UNREACHABLE: ("no-answer", "no connection"),
    Trouble.TIMEOUT: ("no-answer", "nothing within the time limit"),
    Trouble.NOT_HTTP: ("http-malformed", "an answer that is no HTTP"),
    Trouble.FALSE_LENGTH: ("false-length", "a body that is not as long as announced"),
    Trouble.FALSE_ENCODING: ("false-length", "a body that is not encoded as announced"),
    Trouble.OVERSIZED: ("oversized-answer", "a body without an end"),
}


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges by one contract; `secrets` must not come back, `limit` is in seconds."""

    contract: Contract
    secrets: tuple[str, ...] = field(default=(), repr=False)
    limit: float = 10.0
    _answers: AnswerJudge = field(init=False)

    def __post_init__(self) -> None:
        bodies = BodyJudge(self.contract)
        object.__setattr__(self, "_answers", AnswerJudge(self.contract, bodies))

    def judge(self, case: Case, answer: Answer, *, proven: bool = True) -> list[Observation]:
        """What the answer shows. `proven`: the request was seen to succeed without the fault."""
        operation = self.contract.operation(case.operation)
        assert operation is not None, case.operation
        return list(_Judging(self, operation, case, answer, proven).observations())

    def accepts(self, operation: Operation, answer: Answer) -> bool:
        """Whether a request was accepted: a 2xx, or a redirection that the contract documents."""
        redirected = 300 <= answer.status < 400
        return answer.success or (redirected and operation.response_for(answer.status) is not None)

    def whole(self, operation: Operation, answer: Answer, method: str) -> list[Observation]:
        """What the answer shows of the contract's responses, whatever was asked."""
        return list(self._answers.observe(operation, answer, method))


@dataclass(frozen=True, slots=True)
class _Judging:
    judge: Judge
    operation: Operation
    case: Case
    answer: Answer
    proven: bool

    def observations(self) -> Iterator[Observation]:
        if self.answer.status == 429:
            yield inconclusive(self.case.clause, "the target limits its rate (429)")
            return
        for step in (self._trouble, self._failure, self._leak, self._hidden_error):
            found = list(step())
            if found:
                yield from found
                return
        if self.answer.seconds > self.judge.limit:
            yield self._slow()
        expectation = list(self._expectation())
        yield from expectation
        if any(one.code and one.code not in _BESIDE for one in expectation):
            return
        yield from self._documentation()

    def _id(self, local: str) -> str:
        return clause_id(self.operation.id, local)

    def _trouble(self) -> Iterator[Observation]:
        trouble, answer = self.answer.trouble, self.answer
        if trouble is None:
            return
        if trouble is Trouble.UNSENDABLE:
            yield inconclusive(self.case.clause, f"it could not be sent: {answer.detail}")
            return
        if self.case.may_close and trouble in (Trouble.DROPPED, Trouble.TIMEOUT):
            yield held(self.case.clause)
            return
        media_type = answer.media_type
        streaming = media_type is not None and media_type.essence == "text/event-stream"
        if streaming and answer.success:
            yield from self._stream_trouble(trouble)
            return
        code, what = _TROUBLES[trouble]
        late = trouble is Trouble.TIMEOUT
        for clause in self._troubled(trouble):
            yield self._broken(
                code,
                clause=clause,
                got=f"{what}{f': {answer.detail}' if answer.detail else ''}",
                expected="a whole answer",
                level=Level.WARNING if code == "oversized-answer" else Level.ERROR,
                reason="late" if late else code if code != "no-answer" else None,
            )

    def _troubled(self, trouble: Trouble) -> Iterator[str]:
        """What is broken: the clause that was tested only where nothing else is known of it."""
        control = self.case.family == "control"
        if trouble in (Trouble.FALSE_LENGTH, Trouble.FALSE_ENCODING, Trouble.NOT_HTTP):
            yield self._id("answer.framing")
        elif trouble in (Trouble.TIMEOUT, Trouble.OVERSIZED):
            yield self._id("answer.time")
        else:
            control = True
        if control:
            yield self.case.clause

    def _stream_trouble(self, trouble: Trouble) -> Iterator[Observation]:
        name = f"response.{self._entry()}(text/event-stream).stream.end"
        if trouble is Trouble.TIMEOUT:
            yield self._broken(
                "stream-endless",
                clause=self._id(name),
                expected=f"a stream that ends within {self.judge.limit:g} s",
                got="a stream that goes on",
                level=Level.WARNING,
                reason="stream",
            )
        else:
            yield self._broken(
                "stream-cut",
                clause=self._id(name),
                expected="a stream that ends well",
                got=f"{_TROUBLES[trouble][1]}: {self.answer.detail}",
                reason="stream",
            )

    def _entry(self) -> str:
        response = self.operation.response_for(self.answer.status)
        return response.status if response else str(self.answer.status)

    def _failure(self) -> Iterator[Observation]:
        status = self.answer.status
        if status < 500 or (status == 501 and self.case.request.method == INVENTED):
            return
        if status in (501, 505) and self.case.family == "wire":
            return
        clauses = [self.case.clause, self._id("status.no-failure")]
        # A trace in it is no second cause: what does not fail has none to show.
        clauses += [self._id("answer.discreet")] if stack_trace(self.answer.body) else []
        for clause in clauses:
            yield self._broken(
                "server-error",
                clause=clause,
                expected=self._expected(),
                got=self._got(),
                status=True,
            )

    def _leak(self) -> Iterator[Observation]:
        headers = "\n".join(f"{name}: {value}" for name, value in self.answer.headers)
        sent = tuple(self.case.draft.credential.secrets) if self.case.draft else ()
        if leaked_secret(self.answer.body, headers, (*sent, *self.judge.secrets)):
            yield self._broken(
                "leaked-secret",
                clause=self._id("security.secrecy"),
                expected="an answer without the credential",
                got=f"{self.answer.status} with the credential in it",
                reason="secret",
            )
        elif trace := stack_trace(self.answer.body):
            yield self._broken(
                "leaked-internals",
                clause=self._id("answer.discreet"),
                expected="an answer without the server's insides",
                got=f"{self.answer.status} with {trace!r}",
                reason="trace",
            )

    def _hidden_error(self) -> Iterator[Observation]:
        answer = self.answer
        if not answer.success or not is_json(answer.header("content-type")):
            return
        member = hidden_error(read_json(answer.body).value, self._declared())
        if not member:
            return
        clauses = [self._id("answer.honest")]
        clauses += [self.case.clause] if self.case.must_be_refused else []
        for clause in clauses:
            yield self._broken(
                "error-in-success",
                clause=clause,
                expected=self._expected(),
                got=f"{answer.status} with {member!r} in it: {_excerpt(answer)}",
                reason=member,
            )

    def _declared(self) -> Sequence[str]:
        names = list[str]()
        response = self.operation.response_for(self.answer.status)
        for media_type in response.content if response else ():
            if media_type.schema is not None:
                schema = self.judge.contract.resolve(media_type.schema).value
                names += schema.get("properties", ()) if isinstance(schema, dict) else ()
        return names

    def _slow(self) -> Observation:
        return self._broken(
            "slow-answer",
            clause=self._id("answer.time"),
            expected=f"an answer within {self.judge.limit:g} s",
            got=f"an answer after {self.answer.seconds:.1f} s",
            reason="slow",
        )

    # ------------------------------------------------------------- what the case expects

    def _expectation(self) -> Iterator[Observation]:
        expect = self.case.expect
        if expect is Expect.ACCEPTED:
            yield from self._accepted()
        elif expect is Expect.ANYTHING:
            yield from (held(clause) for clause in self.case.clauses)
        elif expect is Expect.NO_METHOD:
            yield from self._no_method()
        elif self.answer.success:
            yield self._broken(
                self.case.code,
                expected=self._expected(),
                got=self._got(),
                status=True,
                level=Level.WARNING if self._only_http() else Level.ERROR,
            )
        elif self.answer.status in self._refusals() | self.case.also:
            yield from self._refused_well()
        elif not self.proven and self._may_be_the_control():
            yield inconclusive(self.case.clause, "refused, and so might the good request be")
        else:
            unauthorized = expect is Expect.UNAUTHORIZED
            code = "wrong-credential-refusal" if unauthorized else "wrong-refusal"
            yield self._broken(code, expected=self._expected(), got=self._got(), status=True)

    def _only_http(self) -> bool:
        """Whether it is HTTP alone, and not the contract, that has this refused."""
        return self.case.clause.endswith((" media.encoding", " security.head"))

    def _challenges(self, challenge: str) -> bool:
        """Whether a declared HTTP scheme is among the challenges; others have no name there."""
        found = self.judge.contract.security_schemes
        names = {name for one in self.operation.security for name in one.schemes}
        declared = [found[name] for name in names if name in found]
        http = {
            one.scheme if one.type == "http" else "bearer"
            for one in declared
            if one.type in ("http", "oauth2", "openIdConnect")
        }
        given = {word.lower() for word in _SCHEME.findall(challenge)}
        return not http or bool(http & given)

    def _may_be_the_control(self) -> bool:
        """Whether the refusal can be told from that of a good request: not by these statuses."""
        documented = self.operation.response_for(self.answer.status) is not None
        return documented or self.answer.status in (404, 405)

    def _refused_well(self) -> Iterator[Observation]:
        if self.proven:
            yield from (held(clause) for clause in self.case.clauses)
        else:
            why = "refused as it should be, but no good request was seen to succeed"
            yield inconclusive(self.case.clause, why)
        if self.case.expect is Expect.UNAUTHORIZED and self.answer.status == 401:
            yield held(self._id("security.secrecy"))
            challenge = self.answer.header("www-authenticate")
            if challenge is None or not self._challenges(challenge):
                got = "without WWW-Authenticate" if challenge is None else f"with {challenge}"
                yield self._broken(
                    "missing-challenge",
                    clause=self._id("security.challenge"),
                    level=Level.WARNING,
                    expected="WWW-Authenticate with a challenge of a declared scheme",
                    got=f"401 {got}",
                    reason="challenge",
                )
            else:
                yield held(self._id("security.challenge"))

    def _accepted(self) -> Iterator[Observation]:
        status = self.answer.status
        if self.judge.accepts(self.operation, self.answer):
            coded = self._coded_unasked()
            yield from (held(one) for one in self.case.clauses if not coded or "coding" not in one)
            if coded:
                yield self._broken(
                    "false-negotiation",
                    clause=self._id("accept.coding"),
                    level=Level.WARNING,
                    expected="an answer without Content-Encoding",
                    got=f"Content-Encoding: {self.answer.header('content-encoding')}",
                    reason="coding",
                )
            return
        strength = self.case.strength
        if strength is Strength.LENIENT and 400 <= status < 500:
            yield from (held(clause) for clause in self.case.clauses)
            return
        documented = self.operation.response_for(status) is not None
        level, code = _EDGE_LEVELS.get(strength, Level.WARNING), self.case.code
        if code == "scheme-case":
            level = Level.WARNING
        elif code == "false-negotiation":
            level = Level.ERROR
        elif not 400 <= status < 500 or (self._is_free() and not documented):
            level, code = Level.ERROR, "undocumented-status"
        if code == "undocumented-status" and documented:
            level, code = Level.ERROR, "refused-valid"
        for clause in self.case.clauses:
            yield self._broken(
                code,
                clause=clause,
                level=level,
                expected=self._expected(),
                got=self._got(),
                status=True,
            )

    def _coded_unasked(self) -> bool:
        asked = any(name == "Accept-Encoding" for name, _ in self.case.request.headers)
        sent = self.answer.header("content-encoding") or "identity"
        return asked and sent.strip().lower() != "identity"

    def _is_free(self) -> bool:
        """Whether only the contract's silence speaks for it."""
        return self.case.strength in (Strength.FREE, Strength.LIMIT)

    def _no_method(self) -> Iterator[Observation]:
        answer, (clause, allow) = self.answer, self.case.clauses
        if answer.success and not (self.case.request.method == "HEAD" and self._has_get()):
            yield self._broken(
                self.case.code,
                level=Level.WARNING,
                expected="405 or 404",
                got=f"{answer.status} to {self.case.request.method}",
            )
            return
        yield held(clause)
        if answer.status == 405:
            if answer.header("allow") is None:
                yield self._broken(
                    "missing-allow",
                    clause=allow,
                    level=Level.WARNING,
                    expected="Allow with the methods that there are",
                    got="405 without Allow",
                    reason="allow",
                )
            else:
                yield held(allow)

    def _has_get(self) -> bool:
        return self.judge.contract.operation(f"GET {self.operation.path}") is not None

    def _refusals(self) -> frozenset[int]:
        """The statuses by which the contract has this fault refused."""
        if self.case.expect is Expect.UNAUTHORIZED:
            return frozenset({401})
        documented = {response.status.upper() for response in self.operation.responses}
        found = {int(status) for status in ("400", "422") if status in documented}
        if "4XX" in documented:
            found |= set(range(400, 500)) - NOT_A_VERDICT
        if not found:
            found = {400, 422}
            found |= {404} if self.case.clause.split(" ")[-1].startswith("path.") else set()
        if self.case.expect is Expect.UNSUPPORTED:
            found |= {400, 404, 405, 406, 411, 413, 415, 422, 431}
        return frozenset(found)

    def _expected(self) -> str:
        if self.case.expect is Expect.ACCEPTED:
            return "a success"
        if self.case.expect is Expect.ANYTHING:
            return "any answer but a failure"
        if self.case.expect is Expect.NO_METHOD:
            return "405 or 404"
        return " or ".join(str(status) for status in sorted(self._refusals())[:4])

    # ------------------------------------------------------------- what the contract documents

    def _documentation(self) -> Iterator[Observation]:
        status = self.answer.status
        inside = self.case.expect is Expect.ACCEPTED
        response = self.operation.response_for(status)
        if self.case.expect is Expect.ANYTHING and status in OUTSIDE:
            return
        if (
            self.case.expect is Expect.NO_METHOD
            or self.case.request.method != self.operation.method
        ):
            return
        if response is None:
            if (inside and self.answer.success) or self.answer.success:
                yield self._undocumented()
            return
        if inside:
            yield held(self._id("status.documented"))
        yield held(self._id("status.no-failure"))
        yield held(self._id("answer.discreet"))
        yield held(self._id("answer.framing"))
        yield held(self._id("answer.time"))
        if self.answer.success:
            yield held(self._id("answer.honest"))
        yield from self.judge.whole(self.operation, self.answer, self.case.request.method)

    def _undocumented(self) -> Observation:
        documented = ", ".join(response.status for response in self.operation.responses)
        return self._broken(
            "undocumented-status",
            clause=self._id("status.documented"),
            expected=f"one of {documented}",
            got=self._got(),
            status=True,
            reason="success",
        )

    # ------------------------------------------------------------- wording

    def _got(self) -> str:
        return f"{self.answer.status}{_excerpt(self.answer)}"

    def _reason(self) -> str:
        local = local_part(self.case.clause)
        if self.case.family == "body" and "`: null" in self.case.label:
            return "body:null"
        if self.case.family in ("body", "edges", "parameters"):
            return f"{self.case.family}:{local.rpartition('.')[2]}"
        return local

    def _broken(
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


_BESIDE = frozenset({"missing-challenge", "missing-allow", "slow-answer", "false-negotiation"})
"""Findings that leave the rest of the answer worth judging."""


def _excerpt(answer: Answer) -> str:
    text = answer.body[:400].decode("utf-8", "replace").strip().replace("\n", " ")
    return f": {text[:160]}" if text else ""
