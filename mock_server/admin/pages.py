"""What is under `/__mock/`: health, documentation, the contract as it is served, and the API."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from starlette.types import Receive

from mock_server.admin import assets
from mock_server.admin.api import AdminApi
from mock_server.admin.guard import Guard
from mock_server.admin.page import Page, json_page
from mock_server.admin.questions import OwnKnowledge
from mock_server.admin.services import Services
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import Request
from mock_server.plan.whole_plan import Plan
from spec import Contract

__all__ = ["Admin"]


class Admin:
    """Answers for one plan. All but `health` is for those whom the guard lets pass."""

    def __init__(self, plan: Plan, services: Services, guard: Guard) -> None:
        self._plan, self.guard = plan, guard
        self._api = AdminApi(plan, services, guard)
        self._documents: dict[str, Callable[[Request], dict[str, Any]]] = {
            "/health": self._health,
            "/openapi.json": self._openapi,
        }

    @property
    def own(self) -> OwnKnowledge:
        """What this process knows, for others that share the mock."""
        return self._api.own

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods of a path below `/__mock`; none where there is no such path."""
        if path in self._documents or assets.find(path) is not None:
            return ("GET",)
        return self._api.methods(path)

    async def page(self, request: Request, receive: Receive) -> Page | None:
        """The answer, None where there is no such path. Raises Refused: 401, 403, 405."""
        path = request.raw_path.decode("latin-1").removeprefix("/__mock")
        methods = self.methods(path)
        if not methods:
            return None
        if request.method not in (*methods, *(("HEAD",) if "GET" in methods else ())):
            # Only a client that may use the path learns its methods.
            if path != "/health":
                self.guard.check(request)
            allowed = ", ".join(("HEAD", *methods) if "GET" in methods else methods)
            allow = ((b"allow", allowed.encode()),)
            detail = f"this resource accepts {allowed}"
            raise Refused(Problem.of("no-such-method", detail, headers=allow))
        if path == "/health":
            return json_page(request, self._health(request))
        make, asset = self._documents.get(path), assets.find(path)
        if make is None and asset is None:
            return await self._api.answer(request, path, receive)
        self.guard.check(request)
        if asset is not None:
            return _asset_page(request, asset)
        return json_page(request, make(request)) if make is not None else None

    def _health(self, _request: Request) -> dict[str, Any]:
        """What everybody may know: it names no path of the machine."""
        contracts = self._plan.contracts
        every = [
            {"title": one.title, "version": one.version, "sha256": one.sha256} for one in contracts
        ]
        return {
            "status": "ok",
            "contract": every[0],
            "contracts": every,
            "operations": len(self._plan.operations),
            "faults": sum(len(one.faults) for one in contracts),
            "unserved": len(self._plan.unserved),
        }

    def _openapi(self, request: Request) -> dict[str, Any]:
        """A contract, with this mock as its only server, so that "try it" calls it."""
        contract, origin = self._asked_contract(request), request.origin
        # Shallow: only `servers` and `paths` are replaced, and the document may have megabytes.
        document = copy.copy(contract.document)
        document["servers"] = [{"url": origin, "description": "this mock"}]
        document["paths"] = {
            path: _without_servers(item) for path, item in document.get("paths", {}).items()
        }
        if len(self._plan.contracts) > 1:
            for one in contract.operations:
                # At its server's path alone nothing of another contract can stand.
                own = document["paths"].get(one.path, {}).get(one.method.lower())
                if isinstance(own, dict):
                    own["servers"] = [{"url": origin + one.base_paths[0]}]
        return document

    def _asked_contract(self, request: Request) -> Contract:
        """The contract with the number that `?contract=` names, counted from 1; else the first."""
        asked = request.raw_query.removeprefix(b"contract=")
        contracts = self._plan.contracts
        number = int(asked[:4]) if asked.isdigit() else 1
        if not 0 < number <= len(contracts):
            raise Refused(Problem.of("no-such-path", f"there are {len(contracts)} contracts"))
        return contracts[number - 1]


def _asset_page(request: Request, asset: assets.Asset) -> Page:
    if asset.etag and request.fields.get(b"if-none-match") == asset.etag:
        lines = tuple(line for line in asset.headers if line[0] != b"content-length")
        return Page(status=304, source="docs", lines=lines, body=b"")
    return Page(status=asset.status, source="docs", lines=asset.headers, body=asset.body)


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
