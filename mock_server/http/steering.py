"""The second step: who decides on the answer, a wish, a scenario, an upstream, or the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from connexion.middleware.abstract import SpecMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_server.admin.guard import Guard
from mock_server.admin.pages import Admin
from mock_server.http.answering import Answerer
from mock_server.model import wishes
from mock_server.model.client_keys import key_of
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import CLOSE, KEY
from mock_server.model.waiting_scenarios import ScenarioStore
from mock_server.model.wishes import NO_WISH, MalformedWishError
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.selection import RoutedRequest, query_names, takes_any_query
from mock_server.plan.whole_plan import Plan
from mock_server.upstream.deployment import Upstream

if TYPE_CHECKING:
    from mock_server.http.forwarding import Forwarding

__all__ = ["Steering"]


class Steering(SpecMiddleware):  # type: ignore[misc]  # Connexion has no type hints
    """Reads the wish of a request, takes its turn of a scenario, or forwards it.

    A wish that names an answer, or a turn that does, makes `request.is_forced` true: the next steps
    let the request pass whatever is wrong with it.
    """

    scenarios: ScenarioStore
    guard: Guard
    forwarded: Mapping[str, Forwarding]

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def add_api(
        self,
        specification: Any,
        *,
        plan: Plan,
        answerer: Answerer,
        scenarios: ScenarioStore,
        admin: Admin,
        upstream: Upstream | None = None,
        **_: Any,
    ) -> None:
        """Take what may decide on an answer."""
        self.scenarios, self.guard = scenarios, admin.guard
        # It never changes, and is asked for every request.
        self._notes_keys = admin.guard.notes_keys
        self.forwarded = self._forwarded(upstream, answerer, plan.operations.values())

    def _forwarded(
        self, upstream: Upstream | None, answerer: Answerer, operations: Iterable[OperationPlan]
    ) -> Mapping[str, Forwarding]:
        """What forwards the requests of each operation that is implemented elsewhere."""
        if upstream is None:
            return {}
        # The client is a twentieth of a second of importing that a mock alone does without.
        from mock_server.http.forwarding import Forwarding

        one = Forwarding(upstream=upstream, answerer=answerer, inside=self.app)
        return {each.key: one for each in operations if upstream.means(each.operation)}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Let the first of wish, scenario and upstream decide. Raises Refused: no such wish."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        request: RoutedRequest = scope[KEY]
        # Two looks for bytes cost less than reading the wishes of every request.
        query = request.query_string
        if b"prefer" in request.fields or (query and wishes.may_wish(query)):
            _read_wish(request)
        if self._notes_keys:
            self.guard.note_page_key(request)
        if self.scenarios.waiting and not request.is_forced:
            return self._take_turn(request, scope, receive, send)
        if self.forwarded and request.operation.key in self.forwarded and not request.is_forced:
            return self.forwarded[request.operation.key](request, scope, receive, send)
        return self.app(scope, receive, send)

    async def _take_turn(
        self, request: RoutedRequest, scope: Scope, receive: Receive, send: Send
    ) -> None:
        turn = await self.scenarios.take(request.operation.id, key_of(request.fields))
        if turn is not None:
            request.scenario, request.is_forced = turn, turn.answer.decides
            request.connection = scope.get(CLOSE)
        forward = self.forwarded.get(request.operation.key)
        if forward is not None and not request.is_forced:
            if turn is not None and (delay := turn.answer.delay.seconds()):
                await asyncio.sleep(delay)
            await forward(request, scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _read_wish(request: RoutedRequest) -> None:
    declared = query_names(request.operation)
    query, rest = wishes.query_wishes(request.query_string, declared)
    request.query_string = rest
    if wishes.may_wish(rest) and not takes_any_query(request.operation):
        unknown = wishes.unknown_wish(rest, declared)
        if unknown is not None:
            raise Refused(
                Problem.of("unknown-wish", wishes.unknown_message(unknown), offers=wishes.OFFERS)
            )
    try:
        wish = wishes.read(request.fields.get(b"prefer", b"").decode("latin-1"), query)
    except MalformedWishError as error:
        raise Refused(Problem.of("unknown-wish", str(error))) from None
    if wish != NO_WISH:
        request.wish, request.is_forced = wish, wish.names_answer
