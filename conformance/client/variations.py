"""Answers that the contract allows, each of which differs in one way from one that was given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from conformance.clauses.ids import clause_id, response_prefix
from conformance.clauses.kinds import ClauseKind
from conformance.client.answered import Answered, ClientAnswer
from conformance.client.body_variations import BodyVariations
from conformance.client.variation import Variation, for_status
from conformance.messages.event_streams import events
from conformance.report.codes.finding_code import FindingCode
from spec import Contract
from spec.model.contract_model import MediaType, Operation, Response
from spec.text.media_types import is_json, match

__all__ = ["variations_of", "without_header"]

SLOW_SECONDS = 3
"""How late an answer comes: longer than most time limits of clients, and bearable to wait for."""
_STREAM = "text/event-stream"
_STREAM_SECONDS = 1.0
"""How long a stream takes that comes in other pieces."""


def variations_of(contract: Contract, known: Answered) -> Iterator[Variation]:
    """The variations of an operation's answers, what clients most often trip over first.

    Those of one answer differ from each other in their clauses; all of them are allowed by the
    contract, whose schemas have judged them.
    """
    operation = contract.operation(known.operation)
    if operation is None:
        return
    found: dict[str, Variation] = {}
    for one in _of_operation(contract, operation, known):
        found.setdefault(one.clause, one)
    yield from sorted(found.values(), key=lambda one: _ORDER.index(one.kind))


_ORDER = (
    ClauseKind.ALTERNATIVES,
    ClauseKind.ABSENCE,
    ClauseKind.MEMBERS,
    ClauseKind.NULL,
    ClauseKind.LISTS,
    ClauseKind.VALUES,
    ClauseKind.PRESENCE,
    ClauseKind.UNKNOWN,
    ClauseKind.STREAMS,
    ClauseKind.TIME,
    ClauseKind.ERRORS,
)


def _of_operation(contract: Contract, operation: Operation, known: Answered) -> Iterator[Variation]:
    for call in {(one.status, one.media): one for one in reversed(known.calls)}.values():
        response = operation.response_for(call.status)
        if response is None or not 200 <= call.status < 300:
            continue
        media_type = _media_type(response, call)
        if media_type is not None and media_type.schema is not None and is_json(call.media):
            yield from BodyVariations(
                contract=contract,
                operation=operation.id,
                call=call,
                prefix=f"client.{response_prefix(response.status, call.media)}",
                schema=media_type.schema,
            ).variations()
        if call.media == _STREAM:
            yield from _of_stream(operation.id, call, response)
        yield from _without_headers(operation.id, call, response)
        yield from _late_and_errors(operation, call, response)


def _media_type(response: Response, call: ClientAnswer) -> MediaType | None:
    names = {one.name: one for one in response.content}
    chosen = match(call.media, list(names)) if call.media else None
    return names[chosen] if chosen is not None else None


def _without_headers(operation: str, call: ClientAnswer, response: Response) -> Iterator[Variation]:
    """Without each header that the contract documents and does not require."""
    for header in response.headers:
        name = header.name.lower()
        if header.required or name not in call.headers:
            continue
        local = f"client.{response_prefix(response.status)}.header.{header.name}.absent"
        yield Variation(
            operation=operation,
            clause=clause_id(operation, local),
            kind=ClauseKind.ABSENCE,
            label=f"the header {header.name} is absent",
            pointer=header.pointer,
            change=for_status(call, partial(without_header, name)),
        )


def without_header(name: str, call: ClientAnswer) -> dict[str, Any] | None:
    """The answer without a header; None where it has none of that name, in lower case."""
    left = {one: value for one, value in call.headers.items() if one != name}
    return call.document(headers=left) if name in call.headers else None


def _late_and_errors(
    operation: Operation, call: ClientAnswer, response: Response
) -> Iterator[Variation]:
    """Late, and the errors that the contract documents."""
    yield Variation(
        operation=operation.id,
        clause=clause_id(operation.id, f"client.response.{response.status}.slow"),
        kind=ClauseKind.TIME,
        label=f"the answer comes after {SLOW_SECONDS} s",
        pointer=response.pointer,
        code=FindingCode.CLIENT_BREAKS_WHEN_SLOW,
        change=for_status(call, lambda one: one.document(delay=SLOW_SECONDS)),
    )
    for other in operation.responses:
        if other.status.isdigit() and int(other.status) >= 400:
            wrong = int(other.status)
            yield Variation(
                operation=operation.id,
                clause=clause_id(operation.id, f"client.response.{other.status}"),
                kind=ClauseKind.ERRORS,
                label=f"the answer is a documented {wrong}",
                pointer=other.pointer,
                code=FindingCode.CLIENT_FAILS_ON_ERROR,
                change=for_status(call, partial(_error, wrong)),
            )


def _error(status: int, _call: ClientAnswer) -> dict[str, Any]:
    """The contract's own answer in a status."""
    return {"status": status}


def _of_stream(operation: str, call: ClientAnswer, response: Response) -> Iterator[Variation]:
    """In other pieces, and without each kind of event: no contract says that one must come."""
    prefix = f"client.{response_prefix(response.status, _STREAM)}"
    size = len(str(call.body).encode())
    yield Variation(
        operation=operation,
        clause=clause_id(operation, f"{prefix}.pieces"),
        kind=ClauseKind.STREAMS,
        label="the stream arrives in pieces that split its events",
        pointer=response.pointer,
        change=for_status(
            call, lambda one: one.document(pace=max(round(size / _STREAM_SECONDS), 16))
        ),
    )
    for shape in dict.fromkeys(_shape(block) for block in _blocks(str(call.body))):
        yield Variation(
            operation=operation,
            clause=clause_id(operation, f"{prefix}.without({shape})"),
            kind=ClauseKind.STREAMS,
            label=f"the stream has no event of the kind {shape}",
            pointer=response.pointer,
            code=FindingCode.CLIENT_NEEDS_EVENT,
            change=for_status(call, partial(_without_events, shape)),
        )


def _without_events(shape: str, call: ClientAnswer) -> dict[str, Any] | None:
    blocks = _blocks(str(call.body))
    left = [block for block in blocks if _shape(block) != shape]
    return None if len(left) == len(blocks) else call.document(body="".join(left))


def _blocks(text: str) -> list[str]:
    """The events of a stream as they were sent, each with the empty line that ends it."""
    return [f"{block}\n\n" for block in text.replace("\r\n", "\n").split("\n\n") if block]


def _shape(block: str) -> str:
    """What events of one kind have in common: their name, or the properties of their data."""
    event = next(events(block), None)
    if event is None:
        return "comment"
    if event.name != "message":
        return event.name
    try:
        data = json.loads(event.data)
    except ValueError:
        return "text"
    return ",".join(sorted(data)) if isinstance(data, dict) else type(data).__name__
