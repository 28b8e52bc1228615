"""The admin API: which handler answers a path below `/__mock`, and the mock's own figures."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from starlette.types import Receive

from mock_server.admin.access import Access
from mock_server.admin.calls import AdminCall, Route, read_query
from mock_server.admin.guard import Guard
from mock_server.admin.journal_api import JournalApi
from mock_server.admin.journal_documents import EntryViews
from mock_server.admin.metrics_text import metrics_text
from mock_server.admin.page import Page, json_page, text_page
from mock_server.admin.questions import CommonKnowledge, OwnKnowledge, joined_metrics
from mock_server.admin.scenario_api import ScenarioApi
from mock_server.admin.services import Services
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import Request
from mock_server.model.state_store import StateLostError
from mock_server.plan.joining import label_of
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.whole_plan import Plan

__all__ = ["AdminApi"]


class AdminApi:
    """Answers for one plan. `routes` are all paths, `methods` tells those of one."""

    def __init__(self, plan: Plan, services: Services, guard: Guard) -> None:
        self._plan, self._services, self._guard = plan, services, guard
        views = EntryViews(plan.contracts)
        self.own = OwnKnowledge(views, services.journal, services.metrics, guard)
        self._knowledge = CommonKnowledge(self.own, services.peers)
        access = Access(guard, self._knowledge)
        self.routes: tuple[Route, ...] = (
            Route.of("GET", "/operations", self._operations),
            *JournalApi(plan, services, views, self._knowledge, access).routes,
            *ScenarioApi(plan, services, access).routes,
            Route.of("GET", "/metrics", self._metrics),
        )

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods of a path; none where there is no such path."""
        return tuple(one.method for one in self.routes if one.pattern.fullmatch(path))

    async def answer(self, request: Request, path: str, receive: Receive) -> Page:
        """Answer a request for one of `methods`. Raises Refused."""
        # The answer to HEAD is that to GET; `Answerer.send` leaves the body out.
        method = "GET" if request.method == "HEAD" else request.method
        route, found = next(
            (route, match)
            for route in self.routes
            if route.method == method and (match := route.pattern.fullmatch(path))
        )
        # A page that may steer has to name its key, which can be in the body: the handler looks.
        if not route.is_open or self._guard.page_of(request) is None:
            self._guard.check(request)
        id_ = found[1] if found.lastindex else ""
        query = read_query(request, route.query)
        try:
            call = AdminCall(request=request, id=id_, receive=receive, query=query)
            return await route.handler(call)
        except StateLostError as lost:
            detail = f"the state that the mock's processes share cannot be reached: {lost}"
            raise Refused(Problem.of("shared-state-lost", detail)) from None

    async def _operations(self, call: AdminCall) -> Page:
        labels = {id(one): label_of(one, self._plan.contracts) for one in self._plan.contracts}
        every = self._plan.operations.values()
        return json_page(call.request, [_operation(one, labels[id(one.contract)]) for one in every])

    async def _metrics(self, call: AdminCall) -> Page:
        rows, kept = joined_metrics(await self._knowledge.asked({"what": "metrics_rows"}))
        waiting = 0
        with suppress(StateLostError):
            waiting = len(await self._services.scenarios.listed())
        text = metrics_text(rows, waiting, kept)
        return text_page(call.request, text, "text/plain; version=0.0.4; charset=utf-8")


def _operation(plan: OperationPlan, contract: str) -> dict[str, Any]:
    statuses: dict[str, Any] = {}
    for response in plan.operation.responses:
        content = response.served_content
        examples = {one.name: one.summary for media in content for one in media.examples}
        statuses[response.status] = {
            "media": [media.name for media in content],
            "examples": [{"name": n, "summary": s} for n, s in examples.items() if n is not None],
        }
    return {
        "id": plan.id,
        "contract": contract,
        "method": plan.operation.method,
        "path": plan.path,
        "summary": plan.operation.summary,
        "deprecated": plan.operation.deprecated,
        "statuses": statuses,
        "unserved": [str(one) for one in plan.unserved],
    }
