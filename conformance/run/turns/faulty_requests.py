"""What must be refused: requests with one fault, on a good request or without one."""

from __future__ import annotations

from itertools import chain
from typing import Any

from conformance.cases.body_cases import body_cases, lone_cases, missing_body_cases
from conformance.cases.credential_cases import credential_cases
from conformance.cases.inert_cases import inert_cases, inert_draft
from conformance.cases.operation_under_test import Subject
from conformance.cases.parameter_cases import parameter_cases
from conformance.cases.part_cases import part_cases
from conformance.cases.presence import full_bodies
from conformance.cases.protocol_cases import media_cases
from conformance.cases.syntax_cases import syntax_cases
from conformance.clauses.ids import clause_id, parameter_prefix
from conformance.clauses.item_addresses import selector
from conformance.clauses.kinds import ClauseKind
from conformance.report.codes.finding_code import FindingCode
from conformance.run.turns.bases import grown, reduced
from conformance.run.turns.further_types import accepted_in, further_types
from conformance.run.turns.method_answers import try_methods
from conformance.run.turns.turn import OperationTurn

__all__ = ["further", "grounded", "inert", "open_reading", "refusals", "without_control"]

BASES, FURTHER = 7, 3
"""Of 25 successes so many may go to the bases of faults, and to each further media type."""
KEPT = "by a bad one a lenient server may write all items, those of others among them"


async def inert(turn: OperationTurn) -> None:
    """What changes nothing, whatever is tolerated; nothing where there is no such request."""
    draft = inert_draft(turn.contract, turn.operation)
    # Every request of the operation might be taken for a good one: nothing is sent.
    if draft is None:
        return
    subject = turn.about(draft, inert=True)
    for case in inert_cases(subject):
        await turn.probe(case.family, [case])
    if turn.leads:
        await try_methods(turn, subject)


def open_reading(turn: OperationTurn) -> str:
    """What was read without a credential, where no reading was refused for the lack of one; or "".

    Who asks nobody before reading does not ask before writing either: there is no request that
    such a deployment could not take for a good one.
    """
    ledger, found = turn.prober.ledger, ""
    for one in turn.contract.operations:
        clause = clause_id(one.id, "security.missing")
        if not one.safe or not one.secured or one is turn.operation:
            continue
        if ledger.seen_held(clause, refusal=True):
            return ""
        found = found or (one.id if ledger.accused(clause, FindingCode.ACCEPTED_CREDENTIAL) else "")
    return found


async def without_control(turn: OperationTurn, subject: Subject) -> None:
    """Only what must be refused: without a good request a refusal proves nothing."""
    await turn.probe(ClauseKind.CREDENTIALS, credential_cases(subject))
    await refusals(turn, subject)
    if turn.leads:
        await try_methods(turn, subject)


async def refusals(turn: OperationTurn, subject: Subject) -> None:
    """Bad parameters, no body, bad bodies, and media types that the contract does not name."""
    await turn.probe(ClauseKind.PARAMETERS, parameter_cases(subject))
    _excuse_selector(turn, subject)
    missing = list(missing_body_cases(subject))
    await turn.probe(ClauseKind.BODY, missing)
    if not missing:
        why = "a body of no bytes is a good one by the contract"
        turn.prober.ledger.excuse_clauses([subject.id("body.missing")], why)
    await _of_media_type(turn, subject)
    await turn.probe(ClauseKind.MEDIA_TYPES, [c for c in media_cases(subject) if c.must_be_refused])


def _excuse_selector(turn: OperationTurn, subject: Subject) -> None:
    """Say of a query that names the item, and that keeps its value, why no other is tried."""
    own, ledger = selector(turn.operation), turn.prober.ledger
    if own is not None and subject.is_kept(own):
        begin = f"{subject.id(parameter_prefix(own.location, own.name))}."
        promised = [one.id for one in ledger.of(turn.operation.id)]
        ledger.excuse_clauses([one for one in promised if one.startswith(begin)], KEPT)


async def _of_media_type(turn: OperationTurn, subject: Subject) -> None:
    """What must be refused in the media type of the control."""
    families = (body_cases, lone_cases, part_cases)
    await turn.probe(ClauseKind.BODY, chain.from_iterable(made(subject) for made in families))
    await turn.probe(ClauseKind.SYNTAX, syntax_cases(subject))


async def further(turn: OperationTurn, subject: Subject) -> list[tuple[Subject, list[Any]]]:
    """What must be refused in each further media type that is accepted, with their bodies."""
    found = list[tuple[Subject, list[Any]]]()
    for media_type in further_types(turn.prober, subject):
        # Each media type has a control and bases of its own, which cost successes.
        with turn.prober.budget.within(turn.share(FURTHER), reserving=turn.share(3)):
            other = await accepted_in(turn.prober, subject, media_type)
            bodies = [] if other is None else full_bodies(other)
            other = other and await grounded(turn, other, bodies)
        if other is not None:
            found.append((other, bodies))
            await _of_media_type(turn, other)
    return found


async def grounded(turn: OperationTurn, subject: Subject, bodies: list[Any]) -> Subject:
    """The subject with more requests that were seen accepted: the least, and the fullest."""
    wants = turn.wants
    # Nothing that was asked for is laid on a base.
    if not (bodies or wants(ClauseKind.PARAMETERS) or wants(ClauseKind.EDGES)):
        return subject
    with turn.prober.budget.within(turn.share(BASES)):
        subject = await reduced(turn.prober, subject)
        if turn.prober.least is None:
            turn.prober.least = subject.minimal
        return await grown(turn.prober, subject, bodies)
