"""The last step: the answer that was chosen, or the refusal, as ASGI messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter

from starlette.types import Receive, Send

from mock_server.answers import choice, cors
from mock_server.answers.prepared_answers import Answer
from mock_server.answers.rendering import Stream, labelled
from mock_server.model.header_lines import (
    VARY,
    HeaderLine,
    HeaderLines,
    content_type_line,
    header_text,
    length_line,
    own_lines,
)
from mock_server.model.problems import Problem
from mock_server.model.request import Exchange
from mock_server.model.wishes import NO_WISH
from mock_server.plan.selection import RoutedRequest, answer_for, media_for, reply_for
from spec.text import media_types

__all__ = ["Answerer", "OnAnswer"]

OnAnswer = Callable[[Exchange], None]

_PROBLEM_LINES = (
    content_type_line("application/problem+json"),
    (b"x-mock-source", b"problem"),
    VARY,
)


class Answerer:
    """Answers requests; `on_answer` is told of each, and costs nothing where it is None."""

    __slots__ = ("on_answer",)

    def __init__(self, on_answer: OnAnswer | None) -> None:
        self.on_answer = on_answer

    def answer(self, request: RoutedRequest, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer a request that nothing speaks against: Accept → choose → answer.

        Raises Refused: a wish for what is not documented (404), nothing acceptable (406).
        """
        reply, request.status = reply_for(request)
        chosen = answer_for(request, reply, media_for(request, reply))
        if request.wish.wait or request.scenario is not None:
            return self._answer_later(request, chosen, receive, send)
        return self._send_answer(request, chosen, (), receive, send)

    def refuse(
        self, request: RoutedRequest, problem: Problem, receive: Receive, send: Send
    ) -> Awaitable[None]:
        """Answer a refusal: with the contract's own body for the status, else with a problem."""
        request.refusal, request.status = problem, problem.status
        reply = request.operation.reply_for(problem.status) if request.is_routed else None
        if reply is None or problem.kind == "unknown-wish":
            return self._send_problem(request, problem, (), send)
        media = choice.acceptable(reply, request.fields.get(b"accept")) or reply.media
        chosen = choice.choose(reply, media, request)
        if not chosen.medium:
            return self._send_problem(request, problem, own_lines(chosen.headers), send)
        return self._send_answer(request, chosen, problem.headers, receive, send)

    async def send(
        self, request: RoutedRequest, lines: list[HeaderLine], body: bytes, send: Send
    ) -> None:
        """Send a whole answer in `request.status`, and tell of it."""
        request.is_sent = True
        await send({"type": "http.response.start", "status": request.status, "headers": lines})
        await send({"type": "http.response.body", "body": b"" if request.is_head else body})
        if self.on_answer is not None:
            self._tell(request)

    async def _answer_later(
        self, request: RoutedRequest, chosen: Answer, receive: Receive, send: Send
    ) -> None:
        delay = request.wish.wait + (request.scenario.delay if request.scenario else 0.0)
        await asyncio.sleep(min(delay, request.operation.settings.max_wait))
        await self._send_answer(request, chosen, (), receive, send)

    def _send_answer(
        self,
        request: RoutedRequest,
        chosen: Answer,
        more: HeaderLines,
        receive: Receive,
        send: Send,
    ) -> Awaitable[None]:
        if not chosen.medium and request.status >= 400:
            lines = (*own_lines(chosen.headers), *more)
            return self._send_problem(request, _as_documented(request), lines, send)
        request.source = chosen.source
        head = _lines(request, chosen, more)
        body = chosen.fixed
        if body is None:
            if isinstance(chosen.body, Stream):
                return self._stream(request, head, chosen.body, receive, send)
            body = chosen.body.fill(request) if chosen.body else b""
            head.append(length_line(body))
        elif chosen.length is not None:
            head.append(chosen.length)
        return self.send(request, head, body, send)

    async def _send_problem(
        self, request: RoutedRequest, problem: Problem, more: HeaderLines, send: Send
    ) -> None:
        body = problem.body()
        own = {name for name, _ in problem.headers}
        lines: list[HeaderLine] = [
            *_PROBLEM_LINES,
            *problem.headers,
            *(line for line in more if line[0] not in own),
            *(_applied(request) if problem.kind != "unknown-wish" else ()),
        ]
        origin = request.fields.get(b"origin")
        if origin is not None and not request.is_private:
            lines += (cors.allowing(origin), *cors.exposing(lines))
        lines.append(length_line(body))
        request.source = "problem"
        await self.send(request, lines, body, send)

    async def _stream(
        self,
        request: RoutedRequest,
        lines: list[HeaderLine],
        body: Stream,
        receive: Receive,
        send: Send,
    ) -> None:
        if request.is_head:
            await self.send(request, lines, b"", send)
            return
        request.is_sent = True
        await send({"type": "http.response.start", "status": request.status, "headers": lines})
        pieces = (piece.fill(request) for piece in body.pieces)
        await _send_pieces(pieces, request.operation.settings.stream_pace, receive, send)
        if self.on_answer is not None:
            self._tell(request)

    def _tell(self, request: RoutedRequest) -> None:
        assert self.on_answer is not None
        scenario = request.scenario
        self.on_answer(
            Exchange(
                method=request.method,
                path=request.raw_path.decode("latin-1"),
                status=request.status,
                source=f"scenario:{scenario.name}" if scenario else request.source,
                milliseconds=(perf_counter() - request.started) * 1000,
                reason=str(request.refusal) if request.refusal else "",
                operation=request.operation.id if request.is_routed else None,
            )
        )


def _lines(request: RoutedRequest, chosen: Answer, more: HeaderLines) -> list[HeaderLine]:
    origin = request.fields.get(b"origin")
    applied = () if request.wish is NO_WISH else _applied(request)
    if chosen.echoes:
        more = (*more, *((name, header_text(text.fill(request))) for name, text in chosen.echoes))
    if not more and not applied and request.scenario is None and "*" not in chosen.medium:
        if origin is None:
            return [*chosen.headers]
        return [*chosen.cors_headers, cors.allowing(origin)]
    own = {name for name, _ in more}
    lines = [line for line in chosen.headers if line[0] not in own]
    lines += (*more, *applied)
    if request.scenario is not None:
        source = header_text(f"scenario:{request.scenario.name}")
        lines = [(n, source if n == b"x-mock-source" else value) for n, value in lines]
    if "*" in chosen.medium:
        accept = request.fields.get(b"accept", b"")
        concrete = media_types.concrete(chosen.medium, accept.decode("latin-1"))
        label = content_type_line(labelled(concrete))
        lines = [label if line[0] == b"content-type" else line for line in lines]
    if origin is not None:
        lines += (cors.allowing(origin), *cors.exposing(lines))
    return lines


def _applied(request: RoutedRequest) -> HeaderLines:
    applied = request.wish.applied
    return ((b"preference-applied", applied.encode()),) if applied else ()


def _as_documented(request: RoutedRequest) -> Problem:
    response = request.operation.operation.response_for(request.status)
    return Problem.of("documented", response.description if response else "", status=request.status)


async def _send_pieces(pieces: Iterable[bytes], pace: float, receive: Receive, send: Send) -> None:
    """Send the body after its head; `pace` is the pause between two pieces, in seconds."""
    gone = asyncio.ensure_future(_wait_until_gone(receive))
    try:
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.wait((gone,), timeout=pace)
            if gone.done():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
