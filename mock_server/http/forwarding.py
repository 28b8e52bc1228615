"""Requests of some operations go to a deployment; what it answers goes back as it comes."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import httpx2
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_server.answers import cors
from mock_server.checks.receiving import received
from mock_server.http.answering import Answerer
from mock_server.http.pacing import send_live
from mock_server.model.header_lines import HeaderLine, HeaderLines
from mock_server.model.journal import LONGEST_BODY
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import CLOSE, Request
from mock_server.plan.selection import RoutedRequest
from mock_server.upstream.deployment import Upstream
from spec.contract.recorded_examples import Recording

__all__ = ["Forwarding"]

_log = logging.getLogger("mock_server")

SOURCE = "upstream"
_NAME = f"mock-server-{token_hex(4)}"
"""The pseudonym in `Via`, which is this process's own, so that a circle is seen (RFC 9110 section
7.6.3)."""
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""What belongs to one connection and goes no further (RFC 9110 section 7.6.1)."""
_OURS = frozenset(
    {b"host", b"content-length", b"accept-encoding", b"x-mock-key", b"expect", b"via"}
)
"""What is made anew for the upstream, or meant for the mock."""
_CORS = b"access-control-allow-origin"
"""A deployment that has it knows of pages of other origins; the mock adds nothing then."""


@dataclass(slots=True, kw_only=True)
class Forwarding:
    """Forwards one request. `inside` is the mock's own way, for where there is no answer."""

    upstream: Upstream
    answerer: Answerer
    inside: ASGIApp

    async def __call__(
        self, request: RoutedRequest, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer with what the deployment answers.

        Raises Refused: the body is too large (413), or the deployment gives no answer (502).
        """
        limit = request.operation.settings.max_body
        body = await received(await receive(), receive, limit)
        if _NAME.encode() in request.fields.get(b"via", b""):
            detail = f"the upstream {self.upstream.url} has sent the request back to this mock"
            raise Refused(Problem.of("upstream-failed", detail))
        try:
            answer = await self._answer(request, scope, body)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            await self._unanswered(request, scope, body, receive, send, error)
            return
        if not 200 <= answer.status_code <= 599:
            odd = httpx2.RemoteProtocolError(f"{answer.status_code} is not a valid status")
            await answer.aclose()
            await self._unanswered(request, scope, body, receive, send, odd)
            return
        try:
            request.raw_body = body
            await self._pass_on(request, answer, scope, receive, send)
        finally:
            await answer.aclose()

    async def _answer(self, request: RoutedRequest, scope: Scope, body: bytes) -> httpx2.Response:
        """The deployment's answer, its body unread.

        A deployment may close a kept connection at the moment at which it is used again. A safe
        request is then sent once more (RFC 9110 section 9.2.2), no other is.
        """
        client = self.upstream.connections.client(self.upstream.url)
        is_new = False

        async def look(event: str, _facts: Any) -> None:
            nonlocal is_new
            is_new = is_new or event == "connection.connect_tcp.started"

        sent = self._request(client, request, scope, body)
        sent.extensions["trace"] = look
        try:
            return await client.send(sent, stream=True, follow_redirects=False)
        except (httpx2.NetworkError, httpx2.RemoteProtocolError):
            if is_new or not request.operation.operation.safe:
                raise
        sent = self._request(client, request, scope, body)
        return await client.send(sent, stream=True, follow_redirects=False)

    def _request(
        self, client: httpx2.AsyncClient, request: RoutedRequest, scope: Scope, body: bytes
    ) -> httpx2.Request:
        path = request.raw_path.decode("latin-1")
        query = request.query_string.decode("latin-1")
        came = request.fields.get(b"via", b"")
        via = b"%s%s %s" % (
            came + b", " if came else b"",
            str(scope.get("http_version", "1.1")).encode(),
            _NAME.encode(),
        )
        headers = [*_forwarded(request), (b"accept-encoding", b"identity"), (b"via", via)]
        built = client.build_request(
            request.method,
            f"{self.upstream.url}{path}{f'?{query}' if query else ''}",
            headers=headers,
            content=body or None,
        )
        # Methods are case-sensitive (RFC 9110 section 9.1), and the library writes capitals.
        built.method = request.method
        return built

    async def _unanswered(
        self,
        request: RoutedRequest,
        scope: Scope,
        body: bytes,
        receive: Receive,
        send: Send,
        error: Exception,
    ) -> None:
        """The mock's own answer with --fallback, else a 502 that says why."""
        why = str(error) or type(error).__name__
        if not self.upstream.fallback:
            detail = f"the upstream {self.upstream.url} did not answer: {why}"
            raise Refused(Problem.of("upstream-failed", detail)) from None
        _log.warning(
            "%s: the upstream did not answer (%s); the mock answered instead",
            request.operation.id,
            why,
        )
        await self.inside(scope, _again(body, receive), send)

    async def _pass_on(
        self,
        request: RoutedRequest,
        answer: httpx2.Response,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        request.status, request.source = answer.status_code, SOURCE
        lines = _lines(request, answer)
        entry = self.answerer.observers.begin(request, lines)
        request.is_sent = True
        await send({"type": "http.response.start", "status": request.status, "headers": [*lines]})
        kept = _KeptBody()
        pieces = _pieces(answer, kept, scope.get(CLOSE))
        if request.is_head:
            await pieces.aclose()
            await send({"type": "http.response.body", "body": b""})
        else:
            await send_live(pieces, receive, send)
        answered = bytes(kept.body)
        if self.upstream.recorder is not None and kept.is_whole:
            self.upstream.recorder.take(
                Recording(
                    contract=request.operation.contract,
                    operation=request.operation.operation,
                    status=request.status,
                    content_type=answer.headers.get("content-type", ""),
                    body=answered,
                )
            )
        self.answerer.observers.end(request, entry, answered)


class _KeptBody:
    """The beginning of an answer's body, as much as the journal keeps."""

    __slots__ = ("body", "is_whole")

    def __init__(self) -> None:
        self.body, self.is_whole = bytearray(), False

    def add(self, piece: bytes) -> None:
        # One byte more than is shown tells the journal that there was more.
        self.body += piece[: max(LONGEST_BODY + 1 - len(self.body), 0)]


async def _pieces(
    answer: httpx2.Response, kept: _KeptBody, close: Callable[[], None] | None
) -> AsyncGenerator[bytes, None]:
    """What comes, as it comes; where it breaks off, so does the answer of the mock."""
    try:
        async for piece in answer.aiter_bytes():
            kept.add(piece)
            yield piece
    except httpx2.HTTPError as error:
        _log.warning("the upstream cut its response off: %s", error or type(error).__name__)
        if close is not None:
            close()
        return
    kept.is_whole = len(kept.body) <= LONGEST_BODY


def _forwarded(request: Request) -> HeaderLines:
    named = {one.strip().lower() for one in request.fields.get(b"connection", b"").split(b",")}
    barred = _HOP_BY_HOP | _OURS | named
    return tuple(line for line in request.fields.items() if line[0] not in barred)


def _lines(request: RoutedRequest, answer: httpx2.Response) -> tuple[HeaderLine, ...]:
    """The deployment's headers; a page of another origin may read them as it may all others."""
    named = {one.strip().lower().encode() for one in answer.headers.get_list("connection", True)}
    barred = _HOP_BY_HOP | named | {b"date", b"server", b"x-mock-source"}
    if answer.headers.get("content-encoding", "identity") != "identity":
        barred |= {b"content-encoding", b"content-length"}  # what is passed on is decoded
    lines = [
        (name.lower(), value) for name, value in answer.headers.raw if name.lower() not in barred
    ]
    lines.append((b"x-mock-source", SOURCE.encode()))
    origin = request.fields.get(b"origin")
    if origin is not None and not any(name.startswith(_CORS) for name, _ in lines):
        lines += (cors.allowing(origin), *cors.exposing(lines))
    return tuple(lines)


def _again(body: bytes, receive: Receive) -> Receive:
    """What receives a body that was read already, and then what comes."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
