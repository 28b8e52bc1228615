"""What is under `/__mock/`: health, the documentation, and the contract as it is served."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from mock_server.admin import documentation
from mock_server.answers import cors
from mock_server.model.header_lines import HeaderLines, length_line
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import Request
from mock_server.plan.operation_plan import Plan

__all__ = ["Admin", "Page"]

_JSON_LINES = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Origin"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer of the mock about itself; `source` is what watchers are told."""

    status: int
    source: str
    lines: HeaderLines
    body: bytes


class Admin:
    """Answers for one plan. All but `health` is open to this machine alone, or to the token."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._open: dict[str, Callable[[Request], dict[str, Any]]] = {"/health": self._health}
        self._guarded = {"/openapi.json": self._openapi}

    def page(self, request: Request) -> Page | None:
        """The answer, None where there is no such path. Raises Refused: 401, 403, 405."""
        path = request.raw_path.decode("latin-1").removeprefix("/__mock")
        asset = documentation.find(path.removeprefix("/docs")) if path.startswith("/docs") else None
        make = self._open.get(path) or self._guarded.get(path)
        if asset is None and make is None:
            return None
        if path not in self._open:
            request.is_private = True
            self._guard(request)
        if request.method not in ("GET", "HEAD"):
            allow = ((b"allow", b"GET, HEAD"),)
            raise Refused(Problem.of("no-such-method", "this can only be read", headers=allow))
        if asset is not None:
            return _asset_page(request, asset)
        return _json_page(request, make(request)) if make is not None else None

    def _guard(self, request: Request) -> None:
        token = self._plan.settings.admin_token
        if token is not None:
            sent = request.fields.get(b"authorization", b"").partition(b" ")
            known = compare_digest(sent[2].strip(), token.encode())
            if sent[0].lower() != b"bearer" or not known:
                lines = ((b"www-authenticate", b'Bearer realm="mock-server"'),)
                raise Refused(Problem.of("unauthorized", "send the admin token", headers=lines))
        elif not _is_local(request):
            detail = "without an admin token this is open to the machine of the mock alone"
            raise Refused(Problem.of("forbidden-origin", detail))
        elif not (_is_same_origin(request) and _names_this_machine(request)):
            detail = "pages of other origins have no business here"
            raise Refused(Problem.of("forbidden-origin", detail))

    def _health(self, _request: Request) -> dict[str, Any]:
        contract = self._plan.contract
        return {
            "status": "ok",
            "contract": {
                "title": contract.title,
                "version": contract.version,
                "sha256": contract.sha256,
                "file": contract.file,
            },
            "operations": len(contract.operations),
            "faults": len(contract.faults),
            "unserved": len(self._plan.unserved),
        }

    def _openapi(self, request: Request) -> dict[str, Any]:
        """The contract, with this mock as its only server, so that "try it" calls it."""
        document = copy.copy(self._plan.contract.document)
        document["servers"] = [{"url": _origin(request), "description": "this mock"}]
        document["paths"] = {
            path: _without_servers(item) for path, item in document.get("paths", {}).items()
        }
        return document


def _asset_page(request: Request, asset: documentation.Asset) -> Page:
    if asset.etag and request.fields.get(b"if-none-match") == asset.etag:
        lines = tuple(line for line in asset.headers if line[0] != b"content-length")
        return Page(status=304, source="docs", lines=lines, body=b"")
    return Page(status=asset.status, source="docs", lines=asset.headers, body=asset.body)


def _json_page(request: Request, value: dict[str, Any]) -> Page:
    body = json.dumps(value).encode()
    lines: HeaderLines = _JSON_LINES
    if not request.is_private and (origin := request.fields.get(b"origin")):
        lines = (*lines, cors.allowing(origin), *cors.exposing(lines))
    return Page(status=200, source="admin", lines=(*lines, length_line(body)), body=body)


def _is_local(request: Request) -> bool:
    """Whether the client is on this machine; one without an address came over a local socket."""
    client = request.client
    if client is None:
        return True
    try:
        address = ip_address(client[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_same_origin(request: Request) -> bool:
    origin = request.fields.get(b"origin")
    return origin is None or origin.decode("latin-1") == _origin(request)


def _names_this_machine(request: Request) -> bool:
    """Whether the Host is one that no foreign name server can give (against DNS rebinding)."""
    host = urlsplit(_origin(request)).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _origin(request: Request) -> str:
    host = request.fields.get(b"host", b"localhost").decode("latin-1")
    return f"{request.scheme}://{host}"


def _without_servers(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    return {
        key: {k: v for k, v in value.items() if k != "servers"}
        if isinstance(value, dict)
        else value
        for key, value in item.items()
        if key != "servers"
    }
