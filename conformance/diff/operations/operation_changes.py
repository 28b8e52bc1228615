"""Changes of an operation as a whole: gone, new, taken over, deprecated, with a date of removal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched
from conformance.diff.model.witness import Witness
from conformance.messages.disallowed import refusal
from conformance.messages.operation_finder import operations_of
from conformance.messages.request_values import smallest_request
from conformance.messages.writing import request_of
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Operation, SpecError

__all__ = ["added", "described", "lost_request", "removed", "taken_over"]


def taken_over(operation: Operation, after: Operation) -> Change:
    """An operation that is gone, and whose requests another one answers."""
    return Change(
        code=FindingCode.OPERATION_TAKEN_OVER,
        operation=operation.id,
        part="",
        what=f"{operation.id} is answered by {after.id}, whose path matches it",
        old=f"declared as {operation.id}",
        new=f"answered by {after.id}",
        place=operation.place,
    )


def removed(
    old: Contract, new: Contract, operation: Operation, values: Mapping[str, Any]
) -> Change:
    """An operation that is gone, for all values of its path or for some `values` of it."""
    deprecated = ", although deprecated" if operation.deprecated else ""
    at = ", ".join(f"{name}={value}" for name, value in values.items())
    return Change(
        code=FindingCode.OPERATION_REMOVED,
        operation=operation.id,
        part=at,
        what=f"{operation.id} is gone" + (f" for {at}" if at else ""),
        old=f"declared{deprecated}",
        new="not declared",
        place=operation.place,
        written=old.find(operation.pointer),
        show=lambda: lost_request(old, new, operation, values=values),
    )


def lost_request(
    old: Contract,
    new: Contract,
    operation: Operation,
    base_path: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> Witness | None:
    """A request that OLD allows and that NEW has no such operation for; None where none is found.

    `base_path` is the server's path to send it under, `values` are those of the path's names.
    """
    try:
        call = smallest_request(old, operation).with_path(values or {})
        request = request_of(old, call if base_path is None else replace(call, base_path=base_path))
    except SpecError:
        return None
    found = operations_of(new).find(request)
    taken = f"takes it for {found[0].id}" if found else ""
    return Witness(
        operation=operation.id,
        request=request,
        old=f"allows it as {operation.id}",
        new=taken or f"refuses it: {refusal(new, request)}",
    )


def added(operation: Operation) -> Change:
    """An operation that is new."""
    return Change(
        code=FindingCode.OPERATION_ADDED,
        operation=operation.id,
        part="",
        what=f"{operation.id} is new",
        old="not declared",
        new="declared",
        place=operation.place,
    )


def described(matched: Matched) -> Iterator[Change]:
    """Changes of `deprecated`, of `x-sunset` (RFC 8594) and of the `operationId`."""
    before, after = matched.before, matched.after
    if after.deprecated != before.deprecated:
        code = (
            FindingCode.OPERATION_DEPRECATED
            if after.deprecated
            else FindingCode.OPERATION_REINSTATED
        )
        said = ("deprecated", "no longer deprecated")
        what = f"{matched.id} is {said[not after.deprecated]}"
        told = _described_change(
            matched, code, "deprecated", what, before.deprecated, after.deprecated
        )
        yield replace(told, undone=f"{matched.id} is {said[after.deprecated]}")
    sunset = before.extensions.get("x-sunset"), after.extensions.get("x-sunset")
    if sunset[0] != sunset[1]:
        told = _described_change(matched, FindingCode.SUNSET_CHANGED, "x-sunset",
                     f"{matched.id} {_sunset_said(*sunset)}", *sunset)  # fmt: skip
        yield replace(told, undone=f"{matched.id} {_sunset_said(*reversed(sunset))}")
    if before.operation_id and after.operation_id != before.operation_id:
        yield _described_change(matched, FindingCode.OPERATION_ID_CHANGED, "operationId",
                    f"{matched.id} has another operationId",
                    before.operation_id, after.operation_id)  # fmt: skip


def _sunset_said(was: Any, now: Any) -> str:
    if now is None:
        return f"is no longer to be removed on {was}"
    return f"is to be removed on {now}" + (f", not on {was}" if was is not None else "")


def _described_change(
    matched: Matched, code: FindingCode, part: str, what: str, old: Any, new: Any
) -> Change:
    return Change(
        code=code,
        operation=matched.id,
        part=part,
        what=what,
        old=f"{part}: {_plain(old)}",
        new=f"{part}: {_plain(new)}",
        place=matched.after.place,
    )


def _plain(value: Any) -> str:
    return "not given" if value is None else str(value).lower() if value in (0, 1) else str(value)
