"""Recorded exchanges judged by a contract: the ledger that a run fills, and what clients did."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from conformance.clauses import derive
from conformance.clauses.secret_names import contract_secrets
from conformance.http.exchange import Answer
from conformance.http.redaction import Redactor
from conformance.http.target import parse_target
from conformance.judgement.canned import Canned
from conformance.messages.operation_finder import operations_of
from conformance.report.command_outcome import NOTHING_SUCCEEDED, breaks, identity, too_little
from conformance.report.findings import Doubt, Level, Report, ReportVerdict
from conformance.report.redacted import redacted
from conformance.report.tally import Tally
from conformance.run.places.evidence import Ledger
from conformance.run.places.shown_places import findings
from conformance.traffic.client_faults import ClientFaults
from conformance.traffic.exchange_judge import ExchangeJudge
from conformance.traffic.exchanges import LONGEST, Seen, is_below, relative_to, whole_or_not
from conformance.traffic.recorded_credentials import (
    credentials_of,
    has_credential,
    plain_cookies,
    without_credentials,
)
from conformance.traffic.request_faults import request_faults
from spec import Contract

__all__ = ["TrafficJudge"]

_MOST_UNKNOWN = 20
"""Requests without an operation that are named."""
_MOST_SECRETS = 50
"""Credentials of callers that are looked for in answers."""
_NOWHERE = "http://recorded"
"""The target of reports about traffic that names no server."""
_UNASKED = "no recorded exchange belongs to this operation"
_UNSHOWN = "no recorded exchange shows it; `conformance run` tries it"


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
    redactor: Redactor = field(init=False)
    _asked: set[str] = field(default_factory=set)
    _clients: ClientFaults = field(default_factory=ClientFaults)
    _canned: Canned = field(init=False)
    _judge: ExchangeJudge = field(init=False)
    _plain: frozenset[str] = field(init=False)
    _begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.ledger = Ledger(derive(self.contract))
        secrets = contract_secrets(self.contract)
        self.redactor = Redactor(parse_target(self.base or _NOWHERE), secrets, recorded=True)
        self._plain = plain_cookies(self.contract)
        self._canned = Canned(self.contract)
        self._judge = ExchangeJudge(self.contract, self.ledger, self._succeeded)

    def add(self, recorded: Seen) -> None:
        """Judge one exchange."""
        self.counts["exchanges"] += 1
        if self.base and not is_below(recorded, self.base):
            self.elsewhere[recorded.origin] += 1
            return
        schemes = self.contract.security_schemes.values()
        named = [one.parameter for one in schemes if one.parameter]
        whole = whole_or_not(relative_to(recorded, self.base))
        for secret in credentials_of(whole, named):
            if len(self.redactor.secrets.own) < _MOST_SECRETS:
                self.redactor.secrets.add(secret)
        seen = without_credentials(whole, named, self._plain)
        found = operations_of(self.contract).find(seen.request)
        if found is None:
            self._elsewhere(seen)
            return
        self.counts["judged"] += 1
        self._asked.add(found[0].id)
        if not self.base and self.counts["judged"] == 1:
            self.redactor = replace(self.redactor, target=parse_target(seen.origin))
        self.redactor.learn(seen.request, seen.answer)
        operation = found[0]
        self.counts["partial"] += not seen.answer_known
        faults = request_faults(self.contract, operation, seen.request, body_known=seen.body_known)
        self._clients.add(operation, seen, faults)
        known = has_credential(self.contract, operation, seen.request)
        self._judge.judge(operation, seen, faults, has_credential=known)

    def _succeeded(self, operation: str, answer: Answer) -> None:
        self._canned.see(operation, answer)
        self.on_success(operation, answer)

    def _elsewhere(self, seen: Seen) -> None:
        """What means no operation: another method of a path, or a path that is none."""
        if seen.request.method == "OPTIONS":
            return  # a browser's own question before a request
        for method in sorted({one.method for one in self.contract.operations}):
            beside = operations_of(self.contract).find(replace(seen.request, method=method))
            if beside is not None and seen.request.method != "HEAD":
                self._judge.undeclared_method(beside[0], seen)
                break
        self._unknown(seen)

    def _unknown(self, seen: Seen) -> None:
        if len(self.unknown) < _MOST_UNKNOWN:
            path = seen.request.target.partition("?")[0]
            self.unknown[f"{seen.request.method} {path}"] += 1
        else:
            self.unknown["others"] += 1

    def report(self, fail_on: Level = Level.ERROR, min_observed: float = 0.0) -> Report:
        """What has been seen so far; call it once, at the end."""
        self._judge.conclude()
        for operation in self.contract.operations:
            seen = operation.id in self._asked
            self.ledger.excuse(operation.id, _UNSHOWN if seen else _UNASKED)
        clauses = self.ledger.verdicts()
        found = (
            *findings(self.ledger, clauses, self.redactor),
            *self._clients.findings(self.redactor),
            *self._canned.findings(self.redactor),
        )
        doubts = list(self._doubts(min_observed, Tally.of(list(clauses)).observed))
        verdict = ReportVerdict.UNDECIDED if doubts else ReportVerdict.CONFORMS
        report = Report(
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
        return redacted(report, self.redactor)

    def _doubts(self, min_observed: float, observed: float) -> list[Doubt]:
        found = []
        if not self.ledger.succeeded:
            found.append(NOTHING_SUCCEEDED)
        if min_observed and 100 * observed < min_observed:
            found.append(too_little(100 * observed, min_observed))
        return found

    def _remarks(self) -> list[str]:
        told = [f"{self.counts['judged']} of {self.counts['exchanges']} exchanges were judged"]
        if partial := self.counts["partial"]:
            most = f"{LONGEST // 1024**2} MB"
            told.append(f"response bodies that are not recorded whole or exceed {most}: {partial}")
        if self.elsewhere:
            told.append(f"not below {self.base}: {_listed(self.elsewhere)}")
        if self.unknown:
            told.append(f"without an operation in the contract: {_listed(self.unknown)}")
        return told


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counted.most_common(8))
