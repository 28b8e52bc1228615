"""Methods that a path does not declare: what OPTIONS allows must not be refused elsewhere."""

from __future__ import annotations

from conformance.cases.operation_under_test import Subject
from conformance.cases.protocol_cases import method_cases
from conformance.clauses.kinds import ClauseKind
from conformance.judgement.allow_header import NO_METHOD, allowed_methods
from conformance.judgement.observation import broken
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level
from conformance.run.turns.outsiders import outsider
from conformance.run.turns.turn import OperationTurn
from spec.model.contract_model import Operation

__all__ = ["forgotten_methods", "try_methods"]


async def try_methods(turn: OperationTurn, subject: Subject) -> None:
    """Send them, and compare what was refused with the `Allow` of OPTIONS (RFC 9110, 9.3.7)."""
    turn.prober.methods.clear()
    await turn.probe(ClauseKind.METHODS, method_cases(subject, await outsider(turn, subject)))
    tried = turn.prober.methods
    _remember(turn)
    case, answer = tried.get("OPTIONS", (None, None))
    if case is None or answer is None or not answer.success:
        return
    statuses = {method: other.status for method, (_, other) in tried.items()}
    named = allowed_methods(answer)
    # A HEAD is answered as its GET would be (RFC 9110 section 9.3.2): its 501 speaks of the GET,
    # which our mock answers so where a contract documents no success.
    if subject.contract.operation(f"GET {subject.operation.path}") and statuses.get("HEAD") == 501:
        del statuses["HEAD"]
    untrue = [method for method in named if statuses.get(method) in NO_METHOD]
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


def _remember(turn: OperationTurn) -> None:
    """Keep an answer whose Allow lists the methods of the path: that of OPTIONS, or a 405."""
    tried = turn.prober.methods
    for case, answer in (*(tried[one] for one in tried if one == "OPTIONS"), *tried.values()):
        lists = answer.status == 405 or (answer.success and case.request.method == "OPTIONS")
        if lists and allowed_methods(answer):
            turn.prober.session.allowing.setdefault(_served_at(turn.operation), (case, answer))


def forgotten_methods(turn: OperationTurn) -> None:
    """Accuse an Allow that lacks declared methods of its path, unless they are not there indeed.

    An operation is asked for when it had its turn: its own answers say whether it is there.
    """
    session = turn.prober.session
    session.finished.add(turn.operation.id)
    case, answer = session.allowing.get(_served_at(turn.operation), (None, None))
    if case is None or answer is None:
        return
    named = allowed_methods(answer)
    there = [one for one in _beside(turn) if one.id in session.finished - session.unserved]
    if not (missing := [one.method for one in there if one.method not in named]):
        return
    found = broken(
        case.clauses[-1],
        FindingCode.FALSE_ALLOW,
        level=Level.WARNING,
        expected="Allow with all methods that the contract declares, and that are served",
        got=f"{answer.status} to {case.request.method} with Allow: {', '.join(named)}, "
        f"and without {' and '.join(missing)}",
        cause="false-allow|forgotten",
    )
    turn.prober.write(case, answer, [found], lambda _: True)


def _beside(turn: OperationTurn) -> list[Operation]:
    """The operations of the path where the turn's own one is served: servers may differ."""
    own = _served_at(turn.operation)
    return [one for one in turn.contract.operations if _served_at(one) == own]


def _served_at(operation: Operation) -> str:
    """The path with that of its server before it."""
    return f"{operation.base_paths[0]}{operation.path}"
