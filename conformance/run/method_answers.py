"""Methods that a path does not declare: what OPTIONS allows must not be refused elsewhere."""

from __future__ import annotations

from conformance.cases.operation_under_test import Subject
from conformance.cases.protocol_cases import method_cases
from conformance.clauses.kinds import ClauseKind
from conformance.judgement.allow_header import allowed_methods
from conformance.judgement.observation import broken
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from conformance.run.turn import OperationTurn

__all__ = ["try_methods"]

_REFUSED = frozenset({405, 501})
"""Statuses by which a server says that it has no such method (RFC 9110 section 15.5.6)."""


async def try_methods(turn: OperationTurn, subject: Subject) -> None:
    """Send them, and compare what was refused with the `Allow` of OPTIONS (RFC 9110, 9.3.7)."""
    turn.prober.methods.clear()
    await turn.probe(ClauseKind.METHODS, method_cases(subject))
    tried = turn.prober.methods
    case, answer = tried.get("OPTIONS", (None, None))
    if case is None or answer is None or not answer.success:
        return
    statuses = {method: other.status for method, (_, other) in tried.items()}
    named = allowed_methods(answer)
    # A HEAD is answered as its GET would be (RFC 9110 section 9.3.2): its 501 speaks of the GET,
    # which our mock answers so where a contract documents no success.
    if subject.contract.operation(f"GET {subject.operation.path}") and statuses.get("HEAD") == 501:
        del statuses["HEAD"]
    untrue = [method for method in named if statuses.get(method) in _REFUSED]
    if not untrue:
        return
    found = broken(
        subject.id("methods.allow"),
        FindingCode.FALSE_ALLOW,
        level=Level.WARNING,
        expected="Allow without the methods that are refused",
        got=f"Allow: {', '.join(named)}, and {statuses[untrue[0]]} to {untrue[0]}",
        cause="false-allow|options",
    )
    turn.prober.write(case, answer, [found], lambda _: True)
