"""The part of the admin API that steers: scenarios, and the reset."""

from __future__ import annotations

from mock_server.admin.access import Access
from mock_server.admin.calls import AdminCall, Route
from mock_server.admin.page import Page, done_page, json_page
from mock_server.admin.scenario_documents import as_document, read_scenario, remarks
from mock_server.admin.scenario_schema import ScenarioError
from mock_server.admin.services import Services
from mock_server.model.problems import Breach, Problem, Refused, invalid_request
from mock_server.model.waiting_scenarios import TooManyScenariosError, WaitingScenario
from mock_server.plan.whole_plan import Plan

__all__ = ["ScenarioApi"]


class ScenarioApi:
    """Answers for one plan. A page of another origin may steer with the keys that it sends."""

    def __init__(self, plan: Plan, services: Services, access: Access) -> None:
        self._plan, self._services, self._access = plan, services, access
        self.routes = (
            Route.of("GET", "/scenarios", self._list, query=("key",), is_open=True),
            Route.of("POST", "/scenarios", self._add, is_open=True),
            Route.of("DELETE", "/scenarios", self._remove_all, query=("key",), is_open=True),
            Route.of("GET", r"/scenarios/(\w+)", self._one, is_open=True),
            Route.of("DELETE", r"/scenarios/(\w+)", self._remove, is_open=True),
            Route.of("POST", "/reset", self._reset, query=("key",), is_open=True),
        )

    async def _list(self, call: AdminCall) -> Page:
        await self._access.origin_for(call.request, call.key)
        listed = await self._services.scenarios.listed()
        wanted = [one for one in listed if call.key in (None, one.scenario.key)]
        return json_page(call.request, [as_document(one) for one in wanted])

    async def _add(self, call: AdminCall) -> Page:
        document = await call.document()
        # Before the document is judged: a page that may not steer learns nothing of the contract.
        key = document.get("key") if isinstance(document, dict) else None
        await self._access.origin_for(call.request, key)
        try:
            scenario = read_scenario(document, self._plan)
            id_ = await self._services.scenarios.add(scenario)
        except ScenarioError as error:
            breaches = [
                Breach(place="body", keyword="scenario", message=what, pointer=pointer)
                for pointer, what in error.problems
            ]
            raise Refused(invalid_request(breaches, 400)) from None
        except TooManyScenariosError as error:
            raise Refused(Problem.of("too-many-scenarios", str(error))) from None
        created = {
            "id": id_,
            "name": scenario.name or id_,
            "undocumented": [*remarks(scenario, self._plan)],
        }
        return json_page(call.request, created, status=201)

    async def _one(self, call: AdminCall) -> Page:
        return json_page(call.request, as_document(await self._waiting(call)))

    async def _remove(self, call: AdminCall) -> Page:
        await self._services.scenarios.remove((await self._waiting(call)).id)
        return done_page(call.request)

    async def _remove_all(self, call: AdminCall) -> Page:
        await self._access.origin_for(call.request, call.key)
        await self._services.scenarios.clear(call.key)
        return done_page(call.request)

    async def _reset(self, call: AdminCall) -> Page:
        await self._access.origin_for(call.request, call.key)
        await self._services.reset(call.key)
        return done_page(call.request)

    async def _waiting(self, call: AdminCall) -> WaitingScenario:
        """The scenario that a path names. Raises Refused: 401, 403, 404."""
        listed = await self._services.scenarios.listed()
        found = next((one for one in listed if one.id == call.id), None)
        await self._access.origin_for(call.request, found.scenario.key if found else None)
        if found is None:
            raise Refused(Problem.of("no-such-path", f"no scenario {call.id[:40]} waits"))
        return found
