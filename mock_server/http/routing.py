"""The first step: from a request to its operation, as Connexion's routing middleware.

What a middleware has to await, it awaits in a coroutine; what only looks is a plain function that
returns the awaitable of the next one, which costs less.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator
from time import perf_counter
from typing import Any
from urllib.parse import quote

from connexion.middleware.routing import RoutingAPI, RoutingMiddleware
from connexion.operations import AbstractOperation
from starlette.types import Receive, Scope, Send

from mock_server.admin.pages import Admin
from mock_server.answers import cors
from mock_server.http.answering import Answerer
from mock_server.http.unrouted import Unrouted
from mock_server.model.request import KEY
from mock_server.plan.operation_plan import Methods, OperationPlan
from mock_server.plan.routes import Match, Routes
from mock_server.plan.selection import RoutedRequest
from mock_server.plan.whole_plan import Plan
from spec.model.path_templates import has_fields, query_fields

__all__ = ["Routing"]


class _RoutingAPI(RoutingAPI):  # type: ignore[misc]  # Connexion has no type hints
    """Puts Connexion's operations into our table: at every server's path, then at the root."""

    def __init__(self, *args: Any, plan: Plan, routes: Routes[Methods], **kwargs: Any) -> None:
        self._plan, self._routes = plan, routes
        self._at_root: list[tuple[str, OperationPlan]] = []
        super().__init__(*args, **kwargs)
        for path, operation in self._at_root:
            _put(routes.add(path, Methods()), operation)

    def make_operation(self, operation: AbstractOperation) -> OperationPlan:
        return self._plan.operations[operation.operation_id]

    @staticmethod
    def _framework_path_and_name(operation: AbstractOperation, path: str) -> tuple[str, str]:
        return path, path

    def _add_operation_internal(
        self, method: str, path: str, operation: OperationPlan, name: str | None = None
    ) -> None:
        path = operation.operation.bare_path
        for base in operation.operation.base_paths:
            _put(self._routes.add(base + path, Methods()), operation)
        if operation.at_root:
            self._at_root.append((path, operation))


class Routing(RoutingMiddleware):  # type: ignore[misc]  # Connexion has no type hints
    """Finds the operation of a request; `Unrouted` answers what is meant for none."""

    routes: Routes[Methods]
    unrouted: Unrouted

    def add_api(
        self,
        specification: Any,
        base_path: str | None = None,
        arguments: dict[str, Any] | None = None,
        *,
        answerer: Answerer,
        admin: Admin,
        **kwargs: Any,
    ) -> None:
        """Build the table of routes."""
        self.routes = Routes()
        plan: Plan = kwargs["plan"]
        self.unrouted = Unrouted(
            answerer=answerer,
            admin=admin,
            paths=tuple(
                dict.fromkeys(
                    one.operation.path if one.at_root else one.path
                    for one in plan.operations.values()
                )
            ),
        )
        _RoutingAPI(
            specification, base_path=base_path, next_app=self.app, routes=self.routes, **kwargs
        )

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Route a request. Raises Refused: no such path (404), no such method (405)."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)  # type: ignore[no-any-return]
        # `%2F` in a parameter divides no segments, so that the path is matched as it was sent.
        raw_path = scope.get("raw_path")
        if not raw_path or scope.get("root_path"):
            raw_path = _path_below(scope)
        request = scope[KEY] = RoutedRequest(scope, raw_path)
        request.started = perf_counter()
        match = self.routes.match(request.raw_path)
        if match is None or (match.parameters and _is_ours(request.raw_path, match)):
            return self.unrouted.path(request, receive, send)
        operation = match.target.get(request.method)
        if operation is None or request.method == "OPTIONS":
            matches = list(self.routes.matches(request.raw_path))
            found = next(_operations(request, matches), None)
            if found is None:
                declared = {name: one for each in matches for name, one in each.target.items()}
                return self.unrouted.method(request, declared, send)
            match, operation = found
        if match.target.by_query:
            operation = _of_query(request, match.target, operation)
        request.operation, request.operation_id = operation, operation.id
        request.methods = match.target
        if match.parameters:
            request.path_parameters = _by_own_names(match.parameters, operation.path_names)
        return self.app(scope, receive, send)  # type: ignore[no-any-return]


def _operations(
    request: RoutedRequest, matches: Iterable[Match[Methods]]
) -> Iterator[tuple[Match[Methods], OperationPlan]]:
    """What else a request can mean: HEAD where there is GET, and OPTIONS that is declared.

    Where the most concrete path has not its method, a less concrete one may have it: `DELETE
    /v/a:run` is of `/v/{name}` where `/v/{name}:run` has only POST. Preflights mean none.
    """
    if cors.is_preflight(request.method, request.fields):
        return
    method = "GET" if request.method == "HEAD" else request.method
    for match in matches:
        if operation := match.target.get(method):
            yield match, operation


def _by_own_names(parameters: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The values by the operation's own names, where its path is written in two ways."""
    if tuple(parameters) == names or len(parameters) != len(names):
        return parameters
    return dict(zip(names, parameters.values(), strict=True))


def _put(methods: Methods, operation: OperationPlan) -> None:
    """Add an operation to its path. Some contracts write a query into a path: it tells them apart.

    What is written without a query, or else what comes first, answers all other queries.
    """
    name, query = operation.operation.method, operation.operation.path_query
    if query:
        methods.by_query.setdefault(name, []).append((query_fields(query), operation))
    known = methods.get(name)
    if known is None or (known.operation.path_query and not query):
        methods[name] = operation


def _of_query(request: RoutedRequest, methods: Methods, operation: OperationPlan) -> OperationPlan:
    """The operation of which the request has the whole query, or the given one."""
    sent = query_fields(request.query_string.decode("latin-1"))
    offered = methods.by_query.get(operation.operation.method, ())
    fitting = [one for one in offered if has_fields(sent, one[0])]
    return max(fitting, key=lambda one: len(one[0]))[1] if fitting else operation


def _is_ours(raw_path: bytes, match: Match[Methods]) -> bool:
    """Whether a template such as `/{bucket}/{key}` has caught what is under `/__mock/`."""
    return raw_path.startswith(b"/__mock/") and next(iter(match.parameters.values())) == "__mock"


def _path_below(scope: Scope) -> bytes:
    """The raw path without that of the application in which the mock is mounted."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.removeprefix(quote(scope.get("root_path", "")).encode()) or b"/"
