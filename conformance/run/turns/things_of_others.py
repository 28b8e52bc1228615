"""A thing that the run has made may be empty: what was there before has runs, members, messages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from conformance.cases.operation_under_test import Subject
from conformance.clauses.item_addresses import item_collections
from conformance.clauses.kinds import ClauseKind
from conformance.run.sending.control_cases import control_case
from conformance.run.things.item_paths import fits
from conformance.run.things.item_placement import about
from conformance.run.things.named_things import Thing
from conformance.run.turns.turn import OperationTurn

__all__ = ["read_things_of_others"]

MOST = 2
"""So many things that others have made are read by one operation."""


async def read_things_of_others(turn: OperationTurn, subject: Subject) -> None:
    """Send the good request of a read about them, as long as no item of a list was seen."""
    # Taken before they are read: what is read shows further things.
    for thing in list(islice(_others(turn), MOST if _has_unseen_items(turn) else 0)):
        other = subject.but(control=about(turn.operation, subject.control, thing))
        case = control_case(other, label="the good request about what others made", made_up=True)
        await turn.prober.record(case, await turn.prober.send(case))
        if not _has_unseen_items(turn):
            return


def _has_unseen_items(turn: OperationTurn) -> bool:
    """Whether the contract says what items of an answer are, and none had one."""
    unseen = turn.prober.ledger.unseen(turn.operation.id, ClauseKind.RESPONSE)
    return any("[]" in clause for clause in unseen)


def _others(turn: OperationTurn) -> Iterator[Thing]:
    things, operation = turn.prober.session.things, turn.operation
    collections = item_collections(operation)[-1:] if operation.safe else []
    for thing in things.seen:
        known = thing.collection in collections and thing not in things.made
        if known and thing.addressable and fits(turn.contract, operation, thing.ids):
            yield thing
