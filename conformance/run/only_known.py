"""Properties of which only some values are known to the deployment: a model, a voice, a tenant.

That the empty text or a long one is refused there says nothing of a limit on texts.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.cases.case import Expect
from conformance.cases.edge_values import Strength
from conformance.cases.operation_under_test import Subject
from conformance.clauses.ids import node_clause
from conformance.clauses.keyword_sentences import is_free
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.value_paths import expand, get, put
from conformance.report.codes.finding_code import FindingCode
from conformance.run.prober import Prober

__all__ = ["only_known"]

PLAIN: Final = {str: "another", int: 2}
"""An ordinary value, as a person would write it."""
WHY = (
    "every value but that of the accepted request was refused: the deployment may know only some, "
    "which the contract does not list"
)


async def only_known(prober: Prober, subject: Subject) -> frozenset[str]:
    """Take back the refusals of odd values where an ordinary one is refused in the same way.

    An ordinary value that is accepted shows that a limit on the odd ones is real. Returns the
    clauses that were taken back: further odd values would show nothing.
    """
    wire, found = subject.wire, set[str]()
    for node in wire.nodes() if wire is not None else ():
        local = node_clause(subject.body_clause, node.name, "free")
        paths = list(expand(subject.control.body, node.steps, tuple(node.properties)))
        if not paths or not is_free(node) or not _is_refused(prober, subject.id(local)):
            continue
        plain = PLAIN.get(type(get(subject.control.body, paths[0])))
        body = put(subject.control.body, paths[0], plain)
        if plain is not None and wire is not None and wire.valid(subject.builder, body):
            found |= await _refused(prober, subject, local, body)
    return frozenset(found)


def _is_refused(prober: Prober, clause: str) -> bool:
    """Whether values were refused, and none was accepted."""
    return not prober.ledger.seen_held(clause, refusal=False) and any(
        (one.observation.clause, one.observation.code) == (clause, FindingCode.REFUSED_FREE)
        for one in prober.ledger.deviations
    )


async def _refused(prober: Prober, subject: Subject, local: str, body: Any) -> set[str]:
    """The clause, where an ordinary value is refused as well."""
    case = subject.case(
        local,
        ClauseKind.EDGES,
        "an ordinary value",
        subject.control.but(body=body),
        expect=Expect.ACCEPTED,
        code=FindingCode.REFUSED_FREE,
        strength=Strength.FREE,
    )
    if not prober.budget.affords(case):
        return set()
    answer = await prober.send(case)
    if prober.accepted(answer):
        await prober.record(case, answer)
        return set()
    if not answer.status or answer.status >= 500:
        return set()
    prober.ledger.withdraw(case.clause, FindingCode.REFUSED_FREE, WHY)
    return {case.clause}
