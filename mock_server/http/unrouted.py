"""Requests that mean no operation: the mock's own pages, preflights, OPTIONS, and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Receive, Send

from mock_server.admin.pages import Admin
from mock_server.answers import cors
from mock_server.http.answering import Answerer
from mock_server.model.header_lines import HeaderLines, length_line
from mock_server.model.problems import Problem, Refused
from mock_server.plan.selection import RoutedRequest
from spec.model.near_names import near_names

__all__ = ["Unrouted"]

_COMPARED_PATHS = 300
"""Paths that a path which is none is compared with: with thousands, a 404 would take a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrouted:
    """Answers what has no operation. `paths` are those that a 404 suggests."""

    answerer: Answerer
    admin: Admin
    paths: tuple[str, ...]

    async def path(self, request: RoutedRequest, receive: Receive, send: Send) -> None:
        """Answer a path that no operation has: the mock's own pages, preflights, OPTIONS, and 404.

        Raises Refused: no such path (404), a page of another origin (403).
        """
        if request.raw_path.startswith(b"/__mock"):
            request.is_about_mock = True
            if await self._about_mock(request, receive, send):
                return
        if request.raw_path == b"/" and request.method in ("GET", "HEAD"):
            # A person who opens the mock in a browser gets its page.
            request.is_about_mock = True
            request.status, request.source = 307, "admin"
            lines = ((b"location", b"/__mock/"), *_cors_lines(request, ()), length_line(b""))
            await self.answerer.send(request, lines, b"", send)
            return
        if cors.is_preflight(request.method, request.fields):
            await self._preflight(request, (), send)
            return
        if request.raw_path == b"*" and request.method == "OPTIONS":
            # It asks for the capabilities of the whole server (RFC 9110 section 9.3.7).
            request.status, request.source = 204, "options"
            await self.answerer.send(request, _cors_lines(request, ()), b"", send)
            return
        raise Refused(_no_such_path(request.raw_path.decode("latin-1")[:200], self.paths))

    async def method(
        self, request: RoutedRequest, declared: Mapping[str, object], send: Send
    ) -> None:
        """Answer a method that a path does not declare: preflights, OPTIONS, and 405 for the rest.

        Raises Refused: no such method (405), with `Allow` (RFC 9110 section 15.5.6).
        """
        methods = _allowed(declared)
        if cors.is_preflight(request.method, request.fields):
            await self._preflight(request, methods, send)
            return
        allow = (b"allow", ", ".join(methods).encode())
        if request.method == "OPTIONS":
            lines = (allow, *_cors_lines(request, (allow,)))
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
        await self.answerer.send(request, lines, b"", send)

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
            await self.answerer.send(request, page.lines, page.body, send)
        return True


def _no_such_path(path: str, paths: tuple[str, ...]) -> Problem:
    near = tuple(near_names(path, paths[:_COMPARED_PATHS], most=3))
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return Problem.of(
        "no-such-path", f"the contract has no path that matches {path}{hint}", offers=near
    )


def _allowed(declared: Mapping[str, object]) -> tuple[str, ...]:
    # The mock answers both for every path, whatever the contract declares.
    more = ("HEAD", "OPTIONS") if "GET" in declared else ("OPTIONS",)
    return tuple(dict.fromkeys((*declared, *more)))


def _cors_lines(request: RoutedRequest, lines: HeaderLines) -> HeaderLines:
    origin = request.fields.get(b"origin")
    return (cors.allowing(origin), *cors.exposing(lines)) if origin else ()
