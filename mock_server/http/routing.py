"""The first step: from a request to its operation, as Connexion's routing middleware.

What a middleware has to await, it awaits in a coroutine; what only looks is a plain function that
returns the awaitable of the next one, which costs less.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from difflib import get_close_matches
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from connexion.middleware.routing import RoutingAPI, RoutingMiddleware
from connexion.operations import AbstractOperation
from starlette.types import Receive, Scope, Send

from mock_server.admin.pages import Admin
from mock_server.answers import cors
from mock_server.http.answering import Answerer
from mock_server.model import wishes
from mock_server.model.header_lines import HeaderLines, length_line
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import CLOSE, KEY
from mock_server.model.scenarios import ScenarioStore, key_of
from mock_server.model.wishes import NO_WISH, MalformedWishError
from mock_server.plan.operation_plan import OperationPlan, Plan
from mock_server.plan.routes import Match, Routes
from mock_server.plan.selection import RoutedRequest, query_names, takes_any_query
from mock_server.upstream.deployment import Upstream

if TYPE_CHECKING:
    from mock_server.http.forwarding import Forwarding

__all__ = ["Routing"]

Methods: TypeAlias = dict[str, OperationPlan]

_COMPARED_PATHS = 300


class _RoutingAPI(RoutingAPI):  # type: ignore[misc]  # Connexion has no type hints
    """Puts Connexion's operations into our table: at every server's path, then at the root."""

    def __init__(self, *args: Any, plan: Plan, routes: Routes[Methods], **kwargs: Any) -> None:
        self._plan, self._routes = plan, routes
        self._at_root: list[tuple[str, OperationPlan]] = []
        super().__init__(*args, **kwargs)
        for path, operation in self._at_root:
            routes.add(path, {}).setdefault(operation.operation.method, operation)

    def make_operation(self, operation: AbstractOperation) -> OperationPlan:
        return self._plan.operations[operation.operation_id]

    @staticmethod
    def _framework_path_and_name(operation: AbstractOperation, path: str) -> tuple[str, str]:
        return path, path

    def _add_operation_internal(
        self, method: str, path: str, operation: OperationPlan, name: str | None = None
    ) -> None:
        # Some contracts write a query into a path; what comes before it can be matched.
        path = operation.operation.path.partition("?")[0]
        for base in operation.operation.base_paths:
            methods = self._routes.add(base + path, {})
            methods.setdefault(operation.operation.method, operation)
        if operation.at_root:
            self._at_root.append((path, operation))


class Routing(RoutingMiddleware):  # type: ignore[misc]  # Connexion has no type hints
    """Finds the operation, reads the wish, and answers what is meant for no operation."""

    routes: Routes[Methods]
    answerer: Answerer
    scenarios: ScenarioStore
    admin: Admin
    paths: tuple[str, ...]
    forwarded: Mapping[str, Forwarding]

    def add_api(
        self,
        specification: Any,
        base_path: str | None = None,
        arguments: dict[str, Any] | None = None,
        *,
        answerer: Answerer,
        scenarios: ScenarioStore,
        admin: Admin,
        upstream: Upstream | None = None,
        **kwargs: Any,
    ) -> None:
        """Build the table of routes."""
        self.routes = Routes()
        self.answerer, self.scenarios, self.admin = answerer, scenarios, admin
        self._notes_keys = admin.guard.notes_keys
        plan: Plan = kwargs["plan"]
        every = plan.operations.values()
        self.forwarded = self._forwarded(upstream, every)
        self.paths = tuple(
            dict.fromkeys(one.operation.path if one.at_root else one.path for one in every)
        )
        _RoutingAPI(
            specification, base_path=base_path, next_app=self.app, routes=self.routes, **kwargs
        )

    def _forwarded(
        self, upstream: Upstream | None, operations: Iterable[OperationPlan]
    ) -> Mapping[str, Forwarding]:
        """What forwards the requests of each operation that is implemented elsewhere."""
        if upstream is None:
            return {}
        # The client is a twentieth of a second of importing that a mock alone does without.
        from mock_server.http.forwarding import Forwarding

        one = Forwarding(upstream=upstream, answerer=self.answerer, inside=self.app)
        return {each.key: one for each in operations if upstream.means(each.operation)}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Route a request. Raises Refused: no such path (404), no such method (405)."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)  # type: ignore[no-any-return]
        raw_path = scope.get("raw_path")
        if not raw_path or scope.get("root_path"):
            raw_path = _path_below(scope)
        request = scope[KEY] = RoutedRequest(scope, raw_path)
        request.started = perf_counter()
        match = self.routes.match(request.raw_path)
        if match is None or (match.parameters and _is_ours(request.raw_path, match)):
            return self._unrouted(request, receive, send)
        operation = match.target.get(request.method)
        if operation is None or request.method == "OPTIONS":
            operation = self._other_operation(request, match)
            if operation is None:
                return self._unrouted_method(request, match, send)
        request.operation, request.is_routed = operation, True
        request.path_parameters = _named(match.parameters, operation.path_names)
        if b"prefer" in request.fields or b"__" in request.query_string:
            _read_wish(request)
        if self._notes_keys:
            self.admin.guard.note_page_key(request)
        if self.scenarios.waiting and not request.is_forced:
            return self._take_turn(request, scope, receive, send)
        if self.forwarded and operation.key in self.forwarded and not request.is_forced:
            return self.forwarded[operation.key](request, scope, receive, send)
        return self.app(scope, receive, send)  # type: ignore[no-any-return]

    async def _take_turn(
        self, request: RoutedRequest, scope: Scope, receive: Receive, send: Send
    ) -> None:
        turn = await self.scenarios.take(request.operation.id, key_of(request.fields))
        if turn is not None:
            request.scenario, request.is_forced = turn, True
            request.connection = scope.get(CLOSE)
        forward = self.forwarded.get(request.operation.key)
        if forward is not None and not request.is_forced:
            await forward(request, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _unrouted(self, request: RoutedRequest, receive: Receive, send: Send) -> None:
        if request.raw_path.startswith(b"/__mock"):
            request.is_about_mock = True
            if await self._about_mock(request, receive, send):
                return
        if request.raw_path == b"/" and request.method in ("GET", "HEAD"):
            # A person who opens the mock in a browser gets its page.
            request.is_about_mock = True
            request.status, request.source = 307, "admin"
            lines = [(b"location", b"/__mock/"), *_cors_lines(request, ()), length_line(b"")]
            await self.answerer.send(request, lines, b"", send)
            return
        if cors.is_preflight(request.method, request.fields):
            await self._preflight(request, (), send)
            return
        if request.raw_path == b"*" and request.method == "OPTIONS":
            # It asks for the capabilities of the whole server (RFC 9110 section 9.3.7).
            request.status, request.source = 204, "options"
            await self.answerer.send(request, [*_cors_lines(request, ())], b"", send)
            return
        raise Refused(_no_such_path(request.raw_path.decode("latin-1")[:200], self.paths))

    async def _about_mock(self, request: RoutedRequest, receive: Receive, send: Send) -> bool:
        """Answer a request for the mock itself; False where there is nothing at its path."""
        admin = self.admin
        if cors.is_preflight(request.method, request.fields):
            methods = admin.methods(request.raw_path.decode("latin-1").removeprefix("/__mock"))
            if methods and not admin.guard.opens_to_pages:
                detail = "pages of other origins may not use this"
                request.is_private = True
                raise Refused(Problem.of("forbidden-origin", detail))
            if methods:
                await self._preflight(request, methods, send)
            return bool(methods)
        page = await admin.page(request, receive)
        if page is None:
            return False
        request.status, request.source = page.status, page.source
        if page.stream is not None:
            await self.answerer.send_live(request, page.lines, page.stream, receive, send)
        else:
            await self.answerer.send(request, [*page.lines], page.body, send)
        return True

    def _other_operation(
        self, request: RoutedRequest, match: Match[Methods]
    ) -> OperationPlan | None:
        """HEAD where there is GET, and OPTIONS that the contract declares, but for preflights."""
        if cors.is_preflight(request.method, request.fields):
            return None
        return match.target.get("GET" if request.method == "HEAD" else request.method)

    async def _unrouted_method(
        self, request: RoutedRequest, match: Match[Methods], send: Send
    ) -> None:
        """Preflights, OPTIONS, and a 405 for the rest."""
        methods = _allowed(match.target)
        if cors.is_preflight(request.method, request.fields):
            await self._preflight(request, methods, send)
            return
        allow = (b"allow", ", ".join(methods).encode())
        if request.method == "OPTIONS":
            lines = [allow, *_cors_lines(request, (allow,))]
            request.status, request.source = 204, "options"
            await self.answerer.send(request, lines, b"", send)
            return
        detail = f"{request.method} is not among the methods of this path: {', '.join(methods)}"
        raise Refused(Problem.of("no-such-method", detail, offers=methods, headers=(allow,)))

    async def _preflight(
        self, request: RoutedRequest, methods: tuple[str, ...], send: Send
    ) -> None:
        lines = cors.preflight_headers(request.fields, methods)
        request.status, request.source = 204, "preflight"
        await self.answerer.send(request, [*lines], b"", send)


def _named(parameters: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The values by the operation's own names, where its path is written in two ways."""
    if tuple(parameters) == names or len(parameters) != len(names):
        return parameters
    return dict(zip(names, parameters.values(), strict=True))


def _is_ours(raw_path: bytes, match: Match[Methods]) -> bool:
    """Whether a template such as `/{bucket}/{key}` has caught what is under `/__mock/`."""
    return raw_path.startswith(b"/__mock/") and next(iter(match.parameters.values())) == "__mock"


def _no_such_path(path: str, paths: tuple[str, ...]) -> Problem:
    near = tuple(get_close_matches(path, paths[:_COMPARED_PATHS]))
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return Problem.of(
        "no-such-path", f"the contract has no path that matches {path}{hint}", offers=near
    )


def _path_below(scope: Scope) -> bytes:
    """The raw path without that of the application in which the mock is mounted."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.removeprefix(quote(scope.get("root_path", "")).encode()) or b"/"


def _read_wish(request: RoutedRequest) -> None:
    declared = query_names(request.operation)
    query, rest = wishes.query_wishes(request.query_string, declared)
    request.query_string = rest
    if b"__" in rest and not takes_any_query(request.operation):
        unknown = wishes.unknown_wish(rest, declared)
        if unknown is not None:
            raise Refused(
                Problem.of("unknown-wish", wishes.told_unknown(unknown), offers=wishes.OFFERS)
            )
    try:
        wish = wishes.read(request.fields.get(b"prefer", b"").decode("latin-1"), query)
    except MalformedWishError as error:
        raise Refused(Problem.of("unknown-wish", str(error))) from None
    if wish != NO_WISH:
        request.wish, request.is_forced = wish, wish.names_answer


def _allowed(declared: Methods) -> tuple[str, ...]:
    more = ("HEAD", "OPTIONS") if "GET" in declared else ("OPTIONS",)
    return tuple(dict.fromkeys((*declared, *more)))


def _cors_lines(request: RoutedRequest, lines: HeaderLines) -> HeaderLines:
    origin = request.fields.get(b"origin")
    return (cors.allowing(origin), *cors.exposing(lines)) if origin else ()
