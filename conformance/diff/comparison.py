"""OLD against NEW: operation by operation, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from conformance.diff.announced import Announcements
from conformance.diff.change import Change
from conformance.diff.document_uri import uri_changes
from conformance.diff.identity import Identity
from conformance.diff.matched import Matched
from conformance.diff.outgoing import outgoing_changes
from conformance.diff.removals import as_announced
from conformance.diff.request_bodies import body_changes
from conformance.diff.request_parameters import parameter_changes
from conformance.diff.responses import response_changes
from conformance.diff.schema_comparison import Pair, SchemaComparison
from conformance.diff.security import security_changes
from conformance.diff.successors import Successor, Successors
from conformance.diff.uncompared import uncompared_changes
from conformance.diff.versions import version_changes
from conformance.diff.witness import Witness
from conformance.messages.disallowed import refusal
from conformance.messages.operation_finder import addresses, operations_of, unnamed
from conformance.messages.request_values import smallest_request
from conformance.messages.writing import request_of
from conformance.report.codes.finding_code import FindingCode
from spec import Contract, Operation, SpecError

__all__ = ["changes"]


def changes(
    old: Contract, new: Contract, announcements: Announcements | None = None
) -> Iterator[Change]:
    """Every difference between what two contracts allow and promise.

    `announcements` says which removals were announced, and are notes.
    """
    announced = announcements or Announcements()
    identity = Identity(old.document, new.document)
    comparison = _Comparison(old, new, identity)
    for change in (*comparison.changes(), *outgoing_changes(old, new, _outgoing)):
        yield as_announced(change, announced)
    yield from version_changes(old, new)
    yield from uri_changes(old, new)


def _outgoing(old: Contract, new: Contract) -> Iterator[Change]:
    return _Comparison(old, new, Identity(old.document, new.document), reverse=True).changes()


class _Comparison:
    """The comparison of two contracts, operation by operation."""

    def __init__(
        self, old: Contract, new: Contract, identity: Identity, *, reverse: bool = False
    ) -> None:
        self.old, self.new, self.identity = old, new, identity
        pair = Pair(old=old, new=new, identity=identity, reverse=reverse)
        self.schemas = SchemaComparison(pair)
        self.successors = Successors(old, new)
        self._answered = {(one.method, unnamed(one.path)) for one in new.operations}

    def changes(self) -> Iterator[Change]:
        followed: set[str] = set()
        for operation in self.old.operations:
            for successor in self.successors.of(operation):
                if successor.operation is None:
                    yield _removed(self.old, self.new, operation, successor.values)
                    continue
                # A new concrete path in front of a template is an addition as well.
                if not (successor.values and self._is_direct(operation, successor)):
                    followed.add(successor.operation.id)
                yield from self._succeeded(operation, successor.operation, successor.values)
        for operation in self.new.operations:
            if operation.id not in followed:
                yield _added(self.new, operation)

    def _is_direct(self, operation: Operation, successor: Successor) -> bool:
        """Whether a template still answers, so that what is before it is new."""
        return (operation.method, unnamed(operation.path)) in self._answered

    def _succeeded(
        self, operation: Operation, after: Operation, values: Mapping[str, Any]
    ) -> Iterator[Change]:
        matched = Matched(old=self.old, new=self.new, before=operation, after=after, fixed=values)
        found = self._matched(matched)
        if not values:
            if not _is_same_path(operation, after):
                yield _taken_over(self.old, operation, after)
            yield from found
            return
        path = after.path
        for change in found:
            yield replace(
                change, part=f"{change.part} at {path}", what=f"{change.what} (at {path})"
            )

    def _matched(self, matched: Matched) -> Iterator[Change]:
        if not matched.fixed:
            yield from _described(matched)
        if not matched.fixed and _is_same_path(matched.before, matched.after):
            yield from _served(matched)
        yield from security_changes(matched)
        yield from parameter_changes(matched, self.schemas)
        yield from body_changes(matched, self.schemas)
        yield from response_changes(matched, self.schemas)
        if not matched.fixed:
            yield from uncompared_changes(matched, self.identity)


def _is_same_path(before: Operation, after: Operation) -> bool:
    """Whether two operations are the same one by their path or their address."""
    return unnamed(before.path) == unnamed(after.path) or bool(
        addresses(before).keys() & addresses(after).keys()
    )


def _taken_over(old: Contract, operation: Operation, after: Operation) -> Change:
    return Change(
        code=FindingCode.OPERATION_TAKEN_OVER,
        operation=operation.id,
        part="",
        what=f"{operation.id} is answered by {after.id}, whose path matches it",
        old=f"declared as {operation.id}",
        new=f"answered by {after.id}",
        place=operation.place,
    )


def _removed(
    old: Contract, new: Contract, operation: Operation, values: Mapping[str, Any]
) -> Change:
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
        show=lambda: _lost_request(old, new, operation, values=values),
    )


def _lost_request(
    old: Contract,
    new: Contract,
    operation: Operation,
    base_path: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> Witness | None:
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


def _added(new: Contract, operation: Operation) -> Change:
    return Change(
        code=FindingCode.OPERATION_ADDED,
        operation=operation.id,
        part="",
        what=f"{operation.id} is new",
        old="not declared",
        new="declared",
        place=operation.place,
    )


def _described(matched: Matched) -> Iterator[Change]:
    """What is said of the operation as a whole."""
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


def _served(matched: Matched) -> Iterator[Change]:
    """Under which addresses the operation is served."""
    old, new = addresses(matched.before), addresses(matched.after)
    for address, base in old.items():
        if address not in new:
            yield _path_moved(matched, base, list(new.values()))
    for address, base in new.items():
        if address not in old:
            yield _server(matched, FindingCode.SERVER_PATH_ADDED, f"path {base or '/'}",
                          f"the API is served under {base or '/'} as well")  # fmt: skip
    if set(old) <= set(new):
        hosts = {_host(server.url) for server in matched.after.servers}
        for server in matched.before.servers:
            if _host(server.url) not in hosts and _host(server.url):
                yield _server(matched, FindingCode.SERVER_HOST_CHANGED, f"server {server.url}",
                              f"the server {server.url} is no longer listed")  # fmt: skip


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _path_moved(matched: Matched, base: str, now: list[str]) -> Change:
    server = next((s for s in matched.before.servers if s.base_path == base), None)
    return Change(
        code=FindingCode.SERVER_PATH_MOVED,
        operation=matched.id,
        part=f"server path {base or '/'}",
        what=f"the server path {base or '/'} is gone",
        old=f"served under {base or '/'}",
        new=f"served under {', '.join(path or '/' for path in now)}",
        origin=server.pointer if server else "#/servers",
        place=matched.old.place(server.pointer if server else "#"),
        show=lambda: _lost_request(matched.old, matched.new, matched.before, base),
    )


def _server(matched: Matched, code: FindingCode, part: str, what: str) -> Change:
    def listed(operation: Operation) -> str:
        return ", ".join(server.url for server in operation.servers) or "no server"

    pointer = next((server.pointer for server in matched.after.servers), "#")
    return Change(
        code=code,
        operation=matched.id,
        part=part,
        what=what,
        old=listed(matched.before),
        new=listed(matched.after),
        origin=pointer,
        place=matched.new.place(pointer),
    )
