"""Where an operation is served: the path prefixes and hosts of its Server Objects."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.diff.model.change import Change
from conformance.diff.model.matched import Matched
from conformance.diff.operations.operation_changes import lost_request
from conformance.messages.operation_finder import addresses
from conformance.report.codes.finding_code import FindingCode
from spec import Operation

__all__ = ["served_changes"]


def served_changes(matched: Matched) -> Iterator[Change]:
    """Paths of servers that are gone or new, and hosts that are gone where no path is."""
    old, new = addresses(matched.before), addresses(matched.after)
    for address, base in old.items():
        if address not in new:
            yield _path_moved(matched, base, list(new.values()))
    for address, base in new.items():
        if address not in old:
            yield _server(matched, FindingCode.SERVER_PATH_ADDED, f"path {base or '/'}",
                          f"the API is now served under {base or '/'}")  # fmt: skip
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
        show=lambda: lost_request(matched.old, matched.new, matched.before, base),
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
