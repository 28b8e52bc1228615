"""Requests that the API itself sends, webhooks and callbacks, compared from their receivers' side.

NEW sends and OLD's receivers read, so the two contracts swap their roles. A request that NEW sends
and OLD's receiver refuses is a break, and so is an answer of that receiver that NEW does not take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from conformance.diff.model.change import Change
from conformance.diff.model.witness import Witness
from conformance.diff.operations.successors import Successors
from conformance.messages.request_values import smallest_request
from conformance.messages.writing import request_of
from conformance.report.codes.finding_code import FindingCode
from conformance.report.codes.registry import code
from conformance.report.findings import Level
from spec import Contract, Operation, SpecError

__all__ = ["outgoing_changes"]

Compare: TypeAlias = Callable[[Contract, Contract], Iterable[Change]]
_CODES = {
    Level.ERROR: FindingCode.WEBHOOK_BROKEN,
    Level.WARNING: FindingCode.WEBHOOK_CHANGED,
    Level.NOTE: FindingCode.WEBHOOK_COMPATIBLE,
}
_REVERSED = {
    FindingCode.PARAMETER_REQUIRED: "may be missing now",
    FindingCode.REQUEST_BODY_REQUIRED: "may be missing now",
    FindingCode.REQUEST_MEDIA_TYPE_REMOVED: "may be sent now, and OLD's receivers do not read it",
    FindingCode.CREDENTIAL_REFUSED: "no longer carries the credential that OLD's receivers ask for",
    FindingCode.SUCCESS_STATUS_ADDED: (
        "may be answered by OLD's receivers, and NEW does not expect it"
    ),
    FindingCode.SUCCESS_STATUS_REMOVED: "is expected by NEW, and OLD's receivers never answer it",
}
_PAIRS = (
    (FindingCode.PROPERTY_DECLARED, FindingCode.PROPERTY_WITHDRAWN),
    (FindingCode.PROPERTY_DEPRECATED, FindingCode.PROPERTY_REINSTATED),
    (FindingCode.PARAMETER_ADDED, FindingCode.PARAMETER_WITHDRAWN),
    (FindingCode.OPERATION_DEPRECATED, FindingCode.OPERATION_REINSTATED),
)
_COUNTERPARTS = dict(pair for one in _PAIRS for pair in (one, one[::-1]))
"""What a code is for where the two contracts have swapped their roles."""


def outgoing_changes(old: Contract, new: Contract, compare: Compare) -> Iterator[Change]:
    """Every difference in the requests that the API sends.

    Callbacks are known by the operation that they belong to, and go with it.
    """
    if not (_sends(old) or _sends(new)):
        # Reading their requests as a contract costs as much as reading the contract.
        return
    was, now = _outgoing(old, new)
    before = {one.id: one for one in was.operations}
    after = {one.id: one for one in now.operations}
    for name, operation in before.items():
        if name not in after:
            yield _removed(was, operation)
    for name, operation in after.items():
        if name not in before:
            yield _added(operation)
    if not (before.keys() & after.keys()):
        return
    # Receivers are OLD's: what NEW sends is compared with what OLD promised them.
    for change in compare(now, was):
        if change.operation in before and change.operation in after:
            yield _reversed(change)


def _outgoing(old: Contract, new: Contract) -> tuple[Contract, Contract]:
    """What each sends; NEW's callbacks are called as OLD calls those of the same operation."""
    successors = Successors(old, new)
    kept: dict[str, str] = {}
    known_as = {one.id: one.path for one in new.operations}
    for operation in old.operations:
        first = next(successors.of(operation))
        if first.operation is not None:
            kept[operation.id] = operation.path
            if not first.values:
                known_as[first.operation.id] = operation.path
    return old.outgoing(kept), new.outgoing(known_as)


def _sends(contract: Contract) -> bool:
    """Whether there is any webhook or callback."""
    holders = (contract.find(one.pointer) for one in contract.operations)
    return bool(contract.document.get("webhooks")) or any("callbacks" in one for one in holders)


def _reversed(change: Change) -> Change:
    verb = _REVERSED.get(change.code, "")
    what = f"{change.part} {verb}" if verb else change.undone or change.what
    level = code(_COUNTERPARTS.get(change.code, change.code)).level
    return replace(
        change,
        code=_CODES[level],
        what=what if change.operation in what else f"{change.operation}: {what}",
        old=change.new,
        new=change.old,
        detail=f"{change.code} {change.detail}".strip(),
    )


def _removed(contract: Contract, operation: Operation) -> Change:
    return Change(
        code=FindingCode.WEBHOOK_REMOVED,
        operation=operation.id,
        part="",
        what=f"{operation.id} is no longer sent",
        old="sent",
        new="not declared",
        place=operation.place,
        written={"deprecated": operation.deprecated, **operation.extensions},
        show=lambda: _sent(contract, operation),
    )


def _sent(contract: Contract, operation: Operation) -> Witness | None:
    try:
        request = request_of(contract, smallest_request(contract, operation))
    except SpecError:
        return None
    return Witness(
        operation=operation.id, request=request, old="sends it", new="no longer declares it"
    )


def _added(operation: Operation) -> Change:
    return Change(
        code=FindingCode.WEBHOOK_ADDED,
        operation=operation.id,
        part="",
        what=f"{operation.id} is new",
        old="not declared",
        new="sent",
        place=operation.place,
    )
