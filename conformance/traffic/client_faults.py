"""What clients sent that the contract forbids, told apart from what a server did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conformance.http.redaction import Redactor
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Finding, FindingPlace, Level
from conformance.report.fingerprint import fingerprint
from conformance.traffic.exchanges import Seen
from conformance.traffic.request_faults import RequestFault
from spec.model.contract_model import Operation

__all__ = ["ClientFaults"]


@dataclass(slots=True, kw_only=True)
class _ClientFault:
    """One fault, with the first request that had it, and how many did."""

    operation: str
    fault: RequestFault
    seen: Seen
    count: int = 0


@dataclass(slots=True)
class ClientFaults:
    """Collects the faults of requests, one for each clause."""

    _found: dict[str, _ClientFault] = field(default_factory=dict)

    def add(self, operation: Operation, seen: Seen, faults: Iterable[RequestFault]) -> None:
        """Take in the faults of a request."""
        for fault in faults:
            one = _ClientFault(operation=operation.id, fault=fault, seen=seen)
            self._found.setdefault(fault.clause, one).count += 1

    def findings(self, redactor: Redactor) -> Iterator[Finding]:
        """A note for each."""
        return (_finding(one, redactor) for one in self._found.values())


def _finding(one: _ClientFault, redactor: Redactor) -> Finding:
    code = FindingCode.CLIENT_SENDS_INVALID
    place = FindingPlace(
        fingerprint=fingerprint(code, one.operation, one.fault.clause),
        operation=one.operation,
        clause=one.fault.clause,
        level=Level.NOTE,
        label=one.fault.label,
        expected="a request that the contract allows",
        got=one.fault.label,
        request=redactor.request(one.seen.request),
        response=redactor.response(one.seen.answer),
        curl=redactor.curl(one.seen.request),
        occurrences=one.count,
    )
    title = f"{one.operation}: a client sends what the contract forbids: {one.fault.label}"
    return Finding(code=code, title=title, places=(place,))
