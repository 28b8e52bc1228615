"""Recorded exchanges judged by a contract: the ledger that a run fills, and what clients did."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from conformance.cases.case import Case, Expect
from conformance.clauses import derive
from conformance.clauses.clause import Verdict
from conformance.clauses.ids import clause_id
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.secret_names import secret_names
from conformance.http.exchange import Answer, Request
from conformance.http.redaction import Redactor
from conformance.http.secrets import Secrets
from conformance.http.target import parse_target
from conformance.judgement import Judge
from conformance.judgement.answers import AnswerJudge
from conformance.judgement.bodies import BodyJudge
from conformance.judgement.canned import Canned
from conformance.judgement.observation import broken, held
from conformance.messages.operation_finder import operations_of
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import (
    Doubt,
    Finding,
    FindingPlace,
    Level,
    Report,
    ReportVerdict,
)
from conformance.report.fingerprint import fingerprint
from conformance.report.outcome import NOTHING_SUCCEEDED, breaks, identity, too_little
from conformance.report.tally import Tally
from conformance.run.evidence import Evidence, Ledger
from conformance.run.grouping import findings
from conformance.traffic.exchanges import Seen, credentials_of, whole_or_not, without_credentials
from conformance.traffic.incidental import Incidental
from conformance.traffic.request_faults import RequestFault, request_faults
from spec import Contract
from spec.model.contract_model import Operation, SecurityScheme

__all__ = ["TrafficJudge"]

_ENOUGH = 5
"""Exchanges that are kept for one deviation; more of them show nothing new."""
_MOST_UNKNOWN = 20
_MOST_SECRETS = 50
"""Credentials of callers that are looked for in answers."""
_PATIENT = float("inf")
"""A recording says how long an answer took, and not how long it may take."""
_NOWHERE = "http://recorded"
_UNASKED = "no recorded exchange belongs to this operation"
_UNSHOWN = "no recorded exchange shows it; `conformance run` tries it"


@dataclass(slots=True, kw_only=True)
class _ClientFault:
    """What clients sent that the contract does not allow, with the first request that did."""

    operation: str
    fault: RequestFault
    seen: Seen
    count: int = 0


@dataclass(slots=True)
class TrafficJudge:
    """Takes exchanges one by one; `report` can be asked for at any time.

    `base` is the URL before the contract's paths; exchanges elsewhere are counted, not judged.
    Without it every origin counts. `on_success` is called for every success whose body is known;
    `redactor` knows the credentials that were seen so far.
    """

    contract: Contract
    name: str
    base: str = ""
    on_success: Callable[[str, Answer], None] = lambda operation, answer: None
    counts: Counter[str] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    ledger: Ledger = field(init=False)
    _judge: Judge = field(init=False)
    _answers: AnswerJudge = field(init=False)
    redactor: Redactor = field(init=False)
    _kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    _asked: set[str] = field(default_factory=set)
    _failures: dict[str, list[Evidence]] = field(default_factory=dict)
    _clients: dict[tuple[str, str], _ClientFault] = field(default_factory=dict)
    _canned: Canned = field(init=False)
    _incidental: Incidental = field(init=False)
    _begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.ledger = Ledger(derive(self.contract))
        self._judge = Judge(self.contract, (), limit=_PATIENT)
        self._answers = AnswerJudge(self.contract, BodyJudge(self.contract))
        secrets = Secrets(named=secret_names(self.contract))
        self.redactor = Redactor(parse_target(self.base or _NOWHERE), secrets, recorded=True)
        self._canned = Canned(self.contract)
        self._incidental = Incidental(self.contract, self.ledger.clauses.keys())

    def add(self, recorded: Seen) -> None:
        """Judge one exchange."""
        self.counts["exchanges"] += 1
        if self.base and not _below(recorded, self.base):
            self.elsewhere[recorded.origin] += 1
            return
        schemes = self.contract.security_schemes.values()
        named = [one.parameter for one in schemes if one.parameter]
        whole = whole_or_not(_relative(recorded, self.base))
        for secret in credentials_of(whole, named):
            if len(self.redactor.secrets.own) < _MOST_SECRETS:
                self.redactor.secrets.add(secret)
        seen = without_credentials(whole, named)
        found = operations_of(self.contract).find(seen.request)
        if found is None:
            self._elsewhere(seen)
            return
        self.counts["judged"] += 1
        self._asked.add(found[0].id)
        if not self.base and self.counts["judged"] == 1:
            self.redactor = replace(self.redactor, target=parse_target(seen.origin))
        self.redactor.learn(seen.request, seen.answer)
        self._judged(found[0], seen, has_credential=_has_credential(self.contract, found[0], seen))

    def _elsewhere(self, seen: Seen) -> None:
        """What means no operation: another method of a path, or a path that is none."""
        if seen.request.method == "OPTIONS":
            return  # a browser's own question before a request
        for method in sorted({one.method for one in self.contract.operations}):
            beside = operations_of(self.contract).find(replace(seen.request, method=method))
            if beside is not None and seen.request.method != "HEAD":
                for clause in self._incidental.undeclared_method(beside[0], seen):
                    self.ledger.note(held(clause), refusal=True)
                break
        self._unknown(seen)

    def _unknown(self, seen: Seen) -> None:
        if len(self.unknown) < _MOST_UNKNOWN:
            path = seen.request.target.partition("?")[0]
            self.unknown[f"{seen.request.method} {path}"] += 1
        else:
            self.unknown["others"] += 1

    def _judged(self, operation: Operation, seen: Seen, *, has_credential: bool) -> None:
        faults = request_faults(
            self.contract, operation, seen.request, body_known=seen.body_known and _is_plain(seen)
        )
        for fault in faults:
            key = (operation.id, fault.clause)
            known = self._clients.setdefault(
                key, _ClientFault(operation=operation.id, fault=fault, seen=seen)
            )
            known.count += 1
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

    def _unauthorized(self, operation: Operation, seen: Seen, *, has_credential: bool) -> None:
        """Recordings often leave credentials out, so a success without one accuses nobody."""
        if not has_credential and seen.answer.status == 401:
            case = _case(
                operation, seen, "security.missing", ClauseKind.CREDENTIALS, Expect.UNAUTHORIZED
            )
            self._note(case, seen)
        elif seen.answer.success:
            self._good(operation, seen)
        else:
            self._documented(operation, seen)

    def _refused(self, operation: Operation, seen: Seen, faults: tuple[RequestFault, ...]) -> None:
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
            self._note(replace(case, in_path=local.startswith("path.")), seen)

    def _good(self, operation: Operation, seen: Seen) -> None:
        if 400 <= seen.answer.status < 500:
            # What exists, and what a value means, the contract does not say.
            self._documented(operation, seen)
            return
        if seen.answer.success:
            self.ledger.succeeded.add(operation.id)
            if seen.answer_known:
                self._canned.see(operation.id, seen.answer)
                self.on_success(operation.id, seen.answer)
        case = _case(operation, seen, "control", ClauseKind.CONTROL, Expect.ACCEPTED)
        self._note(case, seen)

    def _documented(self, operation: Operation, seen: Seen) -> None:
        """The status alone, and what the contract says of it."""
        response = operation.response_for(seen.answer.status)
        clause = clause_id(operation.id, "status.documented")
        case = _case(operation, seen, "status.documented", ClauseKind.STATUS, Expect.ANYTHING)
        if response is None:
            statuses = ", ".join(one.status for one in operation.responses)
            why = broken(
                clause,
                FindingCode.UNDOCUMENTED_STATUS,
                expected=f"one of {statuses}",
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

    def report(self, fail_on: Level = Level.ERROR, min_observed: float = 0.0) -> Report:
        """What has been seen so far; call it once, at the end."""
        for shown in self._failures.values():
            for evidence in shown:
                self.ledger.accuse(evidence if len(shown) > 1 else _milder(evidence))
        self._failures.clear()
        for operation in self.contract.operations:
            seen = operation.id in self._asked
            self.ledger.excuse(operation.id, _UNSHOWN if seen else _UNASKED)
        found = (*findings(self.ledger, self.redactor), *self._client_findings())
        found = (*found, *self._canned.findings(self.redactor.response))
        clauses = self.ledger.verdicts()
        doubts = list(self._doubts(min_observed, Tally.of(list(clauses)).observed))
        verdict = ReportVerdict.UNDECIDED if doubts else ReportVerdict.CONFORMS
        return Report(
            verdict=ReportVerdict.BREAKS if breaks(found, fail_on) else verdict,
            target=self.name,
            contract=identity(self.contract),
            requests=self.counts["judged"],
            seconds=time.monotonic() - self._begun,
            findings=found,
            clauses=clauses,
            remarks=(*self._remarks(), *(one.remark for one in doubts)),
            doubts=tuple(doubts),
        )

    def _doubts(self, min_observed: float, observed: float) -> list[Doubt]:
        found = []
        if not self.ledger.succeeded:
            found.append(Doubt(text=NOTHING_SUCCEEDED, whole=True))
        if min_observed and 100 * observed < min_observed:
            found.append(too_little(100 * observed, min_observed))
        return found

    def _remarks(self) -> list[str]:
        told = [f"{self.counts['judged']} of {self.counts['exchanges']} exchanges were judged"]
        if self.elsewhere:
            told.append(f"not below {self.base}: {_listed(self.elsewhere)}")
        if self.unknown:
            told.append(f"without an operation in the contract: {_listed(self.unknown)}")
        return told

    def _client_findings(self) -> list[Finding]:
        """What clients sent that the contract forbids: told apart from what the server did."""
        return [self._client_finding(one) for one in self._clients.values()]

    def _client_finding(self, one: _ClientFault) -> Finding:
        code = FindingCode.CLIENT_SENDS_INVALID
        place = FindingPlace(
            fingerprint=fingerprint(code, one.operation, one.fault.clause),
            operation=one.operation,
            clause=one.fault.clause,
            level=Level.NOTE,
            label=one.fault.label,
            expected="a request that the contract allows",
            got=one.fault.label,
            request=self.redactor.request(one.seen.request),
            response=self.redactor.response(one.seen.answer),
            curl=self.redactor.curl(one.seen.request),
            occurrences=one.count,
        )
        title = f"{one.operation}: a client sends what the contract forbids: {one.fault.label}"
        return Finding(code=code, title=title, places=(place,))


_IN_FRONT = frozenset({401, 405, 406, 408, 413, 414, 415, 429, 431})
"""Statuses that a layer in front may answer, whatever the operation documents."""


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


def _is_plain(seen: Seen) -> bool:
    """Whether the body of a request is what it says; what is packed is not read here."""
    return (seen.request.header("content-encoding") or "identity").lower() == "identity"


def _below(seen: Seen, base: str) -> bool:
    """Whether an exchange went to the URL, or below its path."""
    whole = f"{seen.origin}{seen.request.target}"
    plain = base.rstrip("/")
    return whole == plain or whole.startswith((f"{plain}/", f"{plain}?"))


def _relative(seen: Seen, base: str) -> Seen:
    """The exchange with its target below the URL, as a run has it."""
    prefix = urlsplit(base).path.rstrip("/")
    if not prefix:
        return seen
    target = seen.request.target.removeprefix(prefix) or "/"
    return replace(seen, request=replace(seen.request, target=target))


def _has_credential(contract: Contract, operation: Operation, seen: Seen) -> bool:
    """Whether anything was sent where a scheme of the operation wants it."""
    names = {name for one in operation.security for name in one.schemes}
    schemes = (contract.security_schemes.get(name) for name in names)
    return any(_carries(seen.request, one) for one in schemes if one is not None)


def _carries(request: Request, scheme: SecurityScheme) -> bool:
    if scheme.type == "apiKey" and scheme.location == "cookie":
        return f"{scheme.parameter}=" in (request.header("cookie") or "")
    if scheme.type == "apiKey" and scheme.location == "query":
        return f"{scheme.parameter}=" in request.target.partition("?")[2]
    return bool(request.header(scheme.parameter or "authorization"))


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counted.most_common(8))
