"""One recorded exchange of an operation judged: what it shows, written down in a ledger."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from conformance.cases.case import Case, Expect
from conformance.clauses.clause import Verdict
from conformance.clauses.ids import clause_id
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer
from conformance.judgement import Judge
from conformance.judgement.answers import AnswerJudge
from conformance.judgement.body_judgement import BodyJudge
from conformance.judgement.judging import documented_statuses
from conformance.judgement.observation import broken, held
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from conformance.run.places.evidence import Evidence, Ledger
from conformance.traffic.exchanges import Seen
from conformance.traffic.incidental import Incidental
from conformance.traffic.request_faults import RequestFault
from spec import Contract
from spec.model.contract_model import Operation

__all__ = ["ExchangeJudge"]

_ENOUGH = 5
"""Exchanges that are kept for one deviation; more of them show nothing new."""
_PATIENT = float("inf")
"""A recording says how long an answer took, and not how long it may take."""
_IN_FRONT = frozenset({401, 405, 406, 408, 413, 414, 415, 429, 431})
"""Statuses that a layer in front may answer, whatever the operation documents."""


@dataclass(slots=True)
class ExchangeJudge:
    """Judges exchanges in order. `on_success` is called for each success with a known body."""

    contract: Contract
    ledger: Ledger
    on_success: Callable[[str, Answer], None]
    _judge: Judge = field(init=False)
    _answers: AnswerJudge = field(init=False)
    _incidental: Incidental = field(init=False)
    _kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    _failures: dict[str, list[Evidence]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._judge = Judge(self.contract, (), limit=_PATIENT)
        self._answers = AnswerJudge(self.contract, BodyJudge(self.contract))
        self._incidental = Incidental(self.contract, self.ledger.clauses.keys())

    def judge(
        self,
        operation: Operation,
        seen: Seen,
        faults: Sequence[RequestFault],
        *,
        has_credential: bool,
    ) -> None:
        """Write down what an exchange shows; `faults` are those of its request."""
        if _is_asked_for(seen.answer):
            self._shaped(operation, seen)
            return
        for clause in self._incidental.shown(
            operation, seen, good=not faults, has_credential=has_credential
        ):
            self.ledger.note(held(clause))
        status = seen.answer.status
        if status == 304 or status == 429:
            return  # what a cache, or a limit in front of it, has said
        if operation.secured and (status == 401 or not has_credential):
            self._unauthorized(operation, seen, has_credential=has_credential)
            return
        if faults:
            self._refused(operation, seen, faults)
        else:
            self._good(operation, seen)

    def undeclared_method(self, operation: Operation, seen: Seen) -> None:
        """Write down what an exchange shows whose method a path does not declare."""
        for clause in self._incidental.undeclared_method(operation, seen):
            self.ledger.note(held(clause), refusal=True)

    def conclude(self) -> None:
        """Write down the failures: what was seen once is a warning, since it may not come again."""
        for shown in self._failures.values():
            for evidence in shown:
                self.ledger.accuse(evidence if len(shown) > 1 else _milder(evidence))
        self._failures.clear()

    def _unauthorized(self, operation: Operation, seen: Seen, *, has_credential: bool) -> None:
        """Recordings often leave credentials out, so a success without one is not a finding."""
        if not has_credential and seen.answer.status == 401:
            case = _case(
                operation, seen, "security.missing", ClauseKind.CREDENTIALS, Expect.UNAUTHORIZED
            )
            self._note(case, seen)
        elif seen.answer.success:
            self._good(operation, seen)
        else:
            self._documented(operation, seen)

    def _refused(self, operation: Operation, seen: Seen, faults: Sequence[RequestFault]) -> None:
        """An acceptance speaks of each fault; a refusal of the only one."""
        if not seen.answer.success and len(faults) > 1:
            self._documented(operation, seen)
            return
        for fault in faults:
            local = fault.clause.removeprefix(f"{operation.id} ")
            expect = (
                Expect.UNSUPPORTED
                if fault.code == FindingCode.ACCEPTED_MEDIA_TYPE
                else Expect.REFUSED
            )
            case = _case(operation, seen, local, fault.family, expect, fault.label, fault.code)
            self._note(replace(case, in_path=local.startswith("path."), also=fault.also), seen)

    def _good(self, operation: Operation, seen: Seen) -> None:
        if 400 <= seen.answer.status < 500:
            # What exists, and what a value means, the contract does not say.
            self._documented(operation, seen)
            return
        if seen.answer.success:
            self.ledger.succeeded.add(operation.id)
            if seen.answer_known:
                self.on_success(operation.id, seen.answer)
        case = _case(operation, seen, "control", ClauseKind.CONTROL, Expect.ACCEPTED)
        self._note(case, seen)

    def _documented(self, operation: Operation, seen: Seen) -> None:
        """The status alone, and what the contract says of it."""
        clause = clause_id(operation.id, "status.documented")
        case = _case(operation, seen, "status.documented", ClauseKind.STATUS, Expect.ANYTHING)
        if not operation.documents(seen.answer.status):
            why = broken(
                clause,
                FindingCode.UNDOCUMENTED_STATUS,
                expected=documented_statuses(operation),
                got=str(seen.answer.status),
                cause=f"undocumented-status|{seen.answer.status}",
            )
            if seen.answer.status not in _IN_FRONT:
                self._accuse(Evidence(observation=why, case=case, answer=seen.answer))
            return
        self._note(case, seen)

    def _shaped(self, operation: Operation, seen: Seen) -> None:
        """An answer that the client has ordered from a mock: what it is like, and not when."""
        case = _case(operation, seen, "status.documented", ClauseKind.STATUS, Expect.ANYTHING)
        method = seen.request.method if seen.answer_known else "HEAD"
        for one in self._answers.observe(operation, seen.answer, method):
            if one.verdict is Verdict.BROKEN:
                self._accuse(Evidence(observation=one, case=case, answer=seen.answer))
            else:
                self.ledger.note(one)

    def _note(self, case: Case, seen: Seen) -> None:
        """Write down all that an answer shows; a body that was not recorded shows nothing."""
        refusal = case.must_be_refused
        if seen.answer_known:
            proven = case.operation in self.ledger.succeeded
            observed = self._judge.judge(case, seen.answer, proven=proven)
        else:
            operation = self.contract.operation(case.operation)
            assert operation is not None
            observed = list(self._answers.observe(operation, seen.answer, "HEAD"))
            if case.expect is Expect.ACCEPTED and seen.answer.success:
                observed.append(held(case.clause))
        for one in observed:
            if one.verdict is not Verdict.BROKEN:
                self.ledger.note(one, refusal=refusal)
                continue
            self._accuse(Evidence(observation=one, case=case, answer=seen.answer))

    def _accuse(self, evidence: Evidence) -> None:
        one = evidence.observation
        key = (one.code, one.clause)
        self._kept[key] += 1
        if self._kept[key] > _ENOUGH:
            return
        if one.code == FindingCode.SERVER_ERROR:
            # A failure that was seen once may not come again, and nothing is replayed here.
            self._failures.setdefault(one.clause, []).append(evidence)
        else:
            self.ledger.accuse(evidence)


def _case(
    operation: Operation,
    seen: Seen,
    local: str,
    family: ClauseKind,
    expect: Expect,
    label: str = "recorded traffic",
    code: str = "",
) -> Case:
    return Case(
        operation=operation.id,
        clauses=(clause_id(operation.id, local),),
        family=family,
        label=label,
        request=seen.request,
        expect=expect,
        code=code,
        authorized=expect is not Expect.UNAUTHORIZED,
    )


def _milder(evidence: Evidence) -> Evidence:
    observation = replace(evidence.observation, level=Level.WARNING)
    return replace(evidence, observation=observation, repeatable=False)


def _is_asked_for(answer: Answer) -> bool:
    """Whether a mock gave what it was told to: by a preference (RFC 7240), or by a scenario."""
    applied = re.search(r"\b(code|example)=", answer.header("preference-applied") or "")
    source = answer.header("x-mock-source") or ""
    return bool(applied) or source == "undocumented" or source.startswith("scenario:")
