"""The further media types of an operation, each with a good request of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from conformance.cases.case import Case, Expect
from conformance.cases.good_bodies import bodied, good_bodies
from conformance.cases.operation_under_test import Subject
from conformance.cases.presence import least
from conformance.clauses.ids import body_prefix, declared_media_type
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer
from conformance.http.request_drafts import NOTHING, Draft
from conformance.judgement.observation import held
from conformance.report.codes.finding_code import FindingCode
from conformance.run.sending.control_cases import UNPROVEN
from conformance.run.sending.prober import Prober
from spec.model.contract_model import MediaType

__all__ = ["accepted_in", "further_types", "note_declared"]

CANDIDATES = 3
"""So many good bodies of a media type are tried until one is accepted."""


def note_declared(prober: Prober, subject: Subject) -> None:
    """Hold of the control's media type that it is accepted, where it is one among several."""
    # One media type alone has no such clause: its control says the same.
    media_type = subject.media_type
    if media_type is not None and subject.control.body is not NOTHING:
        clause = subject.id(declared_media_type(media_type.name))
        if clause in prober.ledger.clauses:
            prober.ledger.note(held(clause))


def further_types(prober: Prober, subject: Subject) -> Iterator[MediaType]:
    """The media types beside that of the control that are asked for."""
    for media_type in subject.request_schemas[1:]:
        prefix = subject.id(body_prefix(media_type.name))
        declared = subject.id(declared_media_type(media_type.name))
        wanted = prober.focus.clauses
        if not wanted or any(one == declared or one.startswith(f"{prefix}.") for one in wanted):
            yield media_type


async def accepted_in(prober: Prober, subject: Subject, media_type: MediaType) -> Subject | None:
    """The subject with a control in that media type that was accepted; None without one."""
    first: tuple[Case, Answer] | None = None
    local = declared_media_type(media_type.name)
    for draft in islice(_candidates(subject, media_type), CANDIDATES):
        case = subject.case(
            local,
            ClauseKind.MEDIA_TYPES,
            f"the good request as {media_type.name}",
            draft,
            expect=Expect.ACCEPTED,
            code=FindingCode.REFUSED_VALID,
            open_statuses=UNPROVEN,
        )
        if not prober.budget.affords(case):
            prober.budget.skip(case)
            return None
        answer = await prober.send(case)
        if prober.accepted(answer) and answer.whole:
            if first is not None and first[1].status >= 500:
                await prober.record(*first)
            await prober.record(case, answer)
            return subject.but(control=draft, least=None, carriers=())
        # The first is the most promising: of all refusals it says most.
        first = first or (case, answer)
    if first is not None:
        await prober.record(*first)
    return None


def _candidates(subject: Subject, media_type: MediaType) -> Iterator[Draft]:
    """The accepted body in the other media type, as far as it is good there, before all others."""
    base = subject.control.but(body=NOTHING, raw=None, codec=None)
    if subject.wire is not None:
        same = subject.but(control=bodied(subject.contract, base, media_type, subject.control.body))
        wire = same.wire
        # What is accepted as JSON was accepted for its values, which a form can carry too.
        if wire is not None and wire.valid(subject.builder, same.control.body):
            yield from _as_it_is_and_least(subject, same.control)
    for draft in good_bodies(subject.contract, base, media_type):
        yield from _as_it_is_and_least(subject, draft)


def _as_it_is_and_least(subject: Subject, draft: Draft) -> Iterator[Draft]:
    """Optional parts may exclude each other: each is tried by itself on a body without them."""
    yield draft
    smaller = least(subject.but(control=draft, least=None, carriers=()))
    if smaller is not None:
        yield smaller
