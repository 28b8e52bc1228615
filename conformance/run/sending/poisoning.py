"""Which of the requests before it made a good one fail: the fewest that do it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from conformance.cases.case import Case
from conformance.http.exchange import Request
from conformance.run.sending.case_sender import CaseSender
from conformance.run.things.request_sequences import RequestSequence

__all__ = ["Poison", "poison"]

LONGEST = 2000
"""Octets of a request that is told of as one of several."""
TRIES = 3
"""Bad requests that are tried by themselves, each with the good one after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """The requests before a good one that failed; `shown` where they made it fail once more."""

    steps: RequestSequence
    shown: bool


async def poison(
    sender: CaseSender, case: Case, before: Iterable[tuple[Request, int]], *, recovers: bool
) -> Poison:
    """The smallest of `before`, requests with their statuses, that spoils the good request again.

    The last of each status is tried alone: it is refused for free, and a good request that is
    accepted after it counts. Where the good request never `recovers`, nothing can be told apart.
    """
    # A long one fills the command line, and what others leave behind shows as well.
    sent = [one for one in before if _size(one[0]) <= LONGEST]
    last = {status: request for request, status in sent}
    for bad in list(reversed(last.values()))[:TRIES] if recovers else ():
        if not sender.budget.affords(case):
            break
        await sender.session.send(sender.operation, bad, case.clauses)
        if not sender.accepted(await sender.send(case)):
            return Poison(steps=_sequence(sender, case, [bad]), shown=True)
    return Poison(steps=_sequence(sender, case, [request for request, _ in sent]), shown=False)


def _size(request: Request) -> int:
    return request.head_octets + len(request.body or b"")


def _sequence(sender: CaseSender, case: Case, bad: Iterable[Request]) -> RequestSequence:
    operation = sender.declared
    assert operation is not None, sender.operation
    sequence = sender.session.things.origins.sequence(operation, case.request)
    for request in bad:
        sequence = sequence.then(operation, request, refused=True)
    return replace(sequence, operation=operation)
