"""OLD against NEW: operation by operation, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from conformance.diff.change import Change
from conformance.diff.identity import Identity
from conformance.diff.matched import Matched
from conformance.diff.requests import body_changes, parameter_changes
from conformance.diff.responses import response_changes
from conformance.diff.schemas import Pair, SchemaComparison
from conformance.diff.security import security_changes
from conformance.diff.uncompared import uncompared_changes, webhook_changes
from conformance.diff.witness import (
    Witness,
    plain_call,
    read,
    refusal,
    request_of,
)
from spec import Contract, Operation, SpecError

__all__ = ["changes"]

_NAME = re.compile(r"\{[^{}]*\}")


def changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Every difference between what two contracts allow and promise."""
    identity = Identity(old.document, new.document)
    schemas = SchemaComparison(Pair(old=old, new=new, identity=identity))
    successors = _successors(old, new)
    for operation in old.operations:
        after = successors.get(operation.id)
        if after is None:
            yield _removed(old, new, operation)
            continue
        matched = Matched(old=old, new=new, before=operation, after=after)
        yield from _described(matched)
        yield from _served(matched)
        yield from security_changes(matched)
        yield from parameter_changes(matched, schemas)
        yield from body_changes(matched, schemas)
        yield from response_changes(matched, schemas)
        yield from uncompared_changes(matched, identity)
    yield from webhook_changes(old, new, identity)
    followed = {after.id for after in successors.values()}
    for operation in new.operations:
        if operation.id not in followed:
            yield _added(new, operation)


def _successors(old: Contract, new: Contract) -> Mapping[str, Operation]:
    """Which operation of NEW answers for each of OLD's: the same path, or the same address."""
    by_path = {(one.method, _unnamed(one.path)): one for one in new.operations}
    by_address = {
        (one.method, address): one for one in new.operations for address in _addresses(one)
    }
    found: dict[str, Operation] = {}
    for operation in old.operations:
        after = by_path.get((operation.method, _unnamed(operation.path)))
        if after is None:
            at = {by_address.get((operation.method, a)) for a in _addresses(operation)}
            after = at.pop() if len(at) == 1 else None
        if after is not None:
            found[operation.id] = after
    return found


def _unnamed(path: str) -> str:
    return _NAME.sub("{}", path)


def _addresses(operation: Operation) -> dict[str, str]:
    """Where the operation is served, from the address to the base path before it."""
    return {base + _unnamed(operation.path): base for base in operation.base_paths}


def _removed(old: Contract, new: Contract, operation: Operation) -> Change:
    deprecated = ", although deprecated" if operation.deprecated else ""
    return Change(
        code="operation-removed",
        operation=operation.id,
        part="",
        what=f"{operation.id} is gone",
        old=f"declared{deprecated}",
        new="not declared",
        place=operation.place,
        show=lambda: _lost_request(old, new, operation),
    )


def _lost_request(
    old: Contract, new: Contract, operation: Operation, base_path: str | None = None
) -> Witness | None:
    try:
        call = plain_call(old, operation)
        request = request_of(old, call if base_path is None else replace(call, base_path=base_path))
    except SpecError:
        return None
    found = read(new).find(request)
    taken = f"takes it for {found[0].id}" if found else ""
    return Witness(
        operation=operation.id,
        request=request,
        old=f"allows it as {operation.id}",
        new=taken or f"refuses it: {refusal(new, request)}",
    )


def _added(new: Contract, operation: Operation) -> Change:
    return Change(
        code="operation-added",
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
        code = "operation-deprecated" if after.deprecated else "operation-reinstated"
        said = "deprecated" if after.deprecated else "no longer deprecated"
        yield _told(matched, code, "deprecated", f"{matched.id} is {said}",
                    before.deprecated, after.deprecated)  # fmt: skip
    sunset = before.extensions.get("x-sunset"), after.extensions.get("x-sunset")
    if sunset[0] != sunset[1]:
        yield _told(matched, "sunset-changed", "x-sunset",
                    f"{matched.id} goes on another day", *sunset)  # fmt: skip
    if before.operation_id and after.operation_id != before.operation_id:
        yield _told(matched, "operation-id-changed", "operationId",
                    f"{matched.id} has another operationId",
                    before.operation_id, after.operation_id)  # fmt: skip


def _told(matched: Matched, code: str, part: str, what: str, old: Any, new: Any) -> Change:
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
    old, new = _addresses(matched.before), _addresses(matched.after)
    for address, base in old.items():
        if address not in new:
            yield _path_moved(matched, base, list(new.values()))
    for address, base in new.items():
        if address not in old:
            yield _server(matched, "server-path-added", f"path {base or '/'}",
                          f"the API is served under {base or '/'} as well")  # fmt: skip
    if set(old) <= set(new):
        hosts = {_host(server.url) for server in matched.after.servers}
        for server in matched.before.servers:
            if _host(server.url) not in hosts and _host(server.url):
                yield _server(matched, "server-host-changed", f"server {server.url}",
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
        code="server-path-moved",
        operation=matched.id,
        part=f"server path {base or '/'}",
        what=f"the server path {base or '/'} is gone",
        old=f"served under {base or '/'}",
        new=f"served under {', '.join(path or '/' for path in now)}",
        origin=server.pointer if server else "#/servers",
        place=matched.old.place(server.pointer if server else "#"),
        show=lambda: _lost_request(matched.old, matched.new, matched.before, base),
    )


def _server(matched: Matched, code: str, part: str, what: str) -> Change:
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
