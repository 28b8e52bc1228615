"""The last step: the answer that was chosen, or the refusal, as ASGI messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from dataclasses import replace
from functools import partial

from starlette.types import Receive, Send

from mock_server.answers import choice, cors
from mock_server.answers.prepared_answers import PreparedAnswer, Reply
from mock_server.answers.rendering import concrete_line
from mock_server.answers.streams import Stream
from mock_server.checks.long_bodies import beside
from mock_server.http.conditional_requests import conditional, is_conditional
from mock_server.http.cycle import is_sent_whole
from mock_server.http.observers import Observers
from mock_server.http.pacing import send_live, send_pieces
from mock_server.http.scenario_answers import Shaped, Shapes, check_cut, send_shaped
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
from mock_server.model.scenarios import ScenarioAnswer, Turn
from mock_server.model.wishes import NO_WISH
from mock_server.plan.selection import (
    RoutedRequest,
    answer_for,
    documented_problem,
    media_for,
    reply_for,
)
from mock_server.state.resources import Role
from mock_server.state.state_answers import StateAnswers

__all__ = ["Answerer"]

_OF_THE_MOCK = frozenset({"unknown-wish", "unserved"})
"""What no deployment would answer: the contract's own error body would hide the reason."""
_PROBLEM_LINES = (
    content_type_line("application/problem+json"),
    (b"x-mock-source", b"problem"),
    VARY,
)


class Answerer:
    """Answers requests, and reports each answer to the observers.

    `state` is None without `--stateful`.
    """

    __slots__ = ("_shapes", "observers", "state")

    def __init__(self, observers: Observers, state: StateAnswers | None = None) -> None:
        self.observers, self.state = observers, state
        self._shapes = Shapes()

    def answer(self, request: RoutedRequest, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer a request that no step has refused: Accept → choose → answer.

        Raises Refused: a wish for what is not documented (404), nothing acceptable (406), another
        entity tag than `If-Match` names (412).
        """
        if request.scenario is not None and request.is_forced:
            return self._play(request, request.scenario, receive, send)
        if self.state is not None and not request.is_forced:
            role = self.state.role(request.operation)
            if role is not None:
                return self._answer_from_state(self.state, role, request, receive, send)
        if request.held is not None:
            return self._answer_beside(request, receive, send)
        may_wait = request.wish is not NO_WISH or request.scenario is not None
        wait = _wait(request) if may_wait else 0.0
        return self._send_answer(request, _chosen(request), (), receive, send, wait=wait)

    def refuse(
        self, request: RoutedRequest, problem: Problem, receive: Receive, send: Send
    ) -> Awaitable[None]:
        """Answer a refusal: with the contract's own body for the status, else with a problem."""
        request.refusal, request.status = problem, problem.status
        reply = request.operation.reply_for(problem.status) if request.operation_id else None
        wait = _scenario_wait(request)
        if reply is None or problem.kind in _OF_THE_MOCK:
            return self._send_problem(request, problem, (), send, wait=wait)
        # A refusal is answered in whatever type there is: 406 in place of 401 would hide the reason
        # (RFC 9110 section 15.5.7).
        media = choice.acceptable(reply, request.fields.get(b"accept")) or reply.media
        return self._refuse_with(request, problem, reply, media, receive, send, wait=wait)

    async def _refuse_with(
        self,
        request: RoutedRequest,
        problem: Problem,
        reply: Reply,
        media: Sequence[str],
        receive: Receive,
        send: Send,
        *,
        wait: float,
    ) -> None:
        """Answer a refusal as the contract documents it."""
        choose = partial(choice.choose, reply, media, request)
        chosen = choose() if request.held is None else await beside(choose)
        if not chosen.medium:
            lines = own_lines(chosen.headers)
            await self._send_problem(request, problem, lines, send, wait=wait)
        else:
            await self._send_answer(request, chosen, problem.headers, receive, send, wait=wait)

    async def _answer_beside(self, request: RoutedRequest, receive: Receive, send: Send) -> None:
        """Answer a request with a long body, whose value takes long to be looked at."""
        chosen = await beside(partial(_chosen, request))
        await self._send_answer(request, chosen, (), receive, send, wait=_wait(request))

    async def send(
        self,
        request: RoutedRequest,
        lines: HeaderLines,
        body: bytes,
        send: Send,
        *,
        wait: float = 0.0,
    ) -> None:
        """Send a whole answer in `request.status`, after `wait` seconds, and report it."""
        if wait:
            entry = self.observers.begin(request, lines, body)
            await asyncio.sleep(wait)
            self.observers.end(request, entry)
        else:
            self.observers.note(request, lines, body)
        request.is_sent = True
        if is_sent_whole(send, request.status, lines, body):
            return
        await send({"type": "http.response.start", "status": request.status, "headers": [*lines]})
        await send({"type": "http.response.body", "body": b"" if request.is_head else body})

    async def _answer_from_state(
        self,
        state: StateAnswers,
        role: Role,
        request: RoutedRequest,
        receive: Receive,
        send: Send,
    ) -> None:
        stated = await state.answer(request, role)
        request.status, wait = stated.status, _wait(request)
        await self._send_answer(request, stated.answer, stated.lines, receive, send, wait=wait)

    async def _play(self, request: RoutedRequest, turn: Turn, receive: Receive, send: Send) -> None:
        """Answer with a step of a scenario."""
        shape, answer = partial(self._shapes.shaped, request, turn), turn.answer
        what = shape() if request.held is None else await beside(shape)
        request.status, request.source = what.status, what.source
        lines = what.lines_for(request.fields.get(b"origin"))
        if answer.is_ordinary and not what.is_stream:
            await self.send(request, lines, what.body, send, wait=answer.delay.seconds())
        else:
            check_cut(request, answer)
            shaped = replace(what, lines=lines)
            await self._play_by_pieces(request, answer, shaped, receive, send)

    async def _play_by_pieces(
        self,
        request: RoutedRequest,
        answer: ScenarioAnswer,
        what: Shaped,
        receive: Receive,
        send: Send,
    ) -> None:
        if answer.cut == "before":
            request.status = 0
        entry = self.observers.begin(request, what.lines, what.body)
        if delay := answer.delay.seconds():
            await asyncio.sleep(delay)
        # The journal shows a slow answer when it has ended, and a quick one before it is sent.
        is_quick = not (what.is_stream or answer.pace)
        if is_quick:
            self.observers.end(request, entry)
        pace = request.operation.settings.stream_pace
        await send_shaped(request, answer, what, pace, receive, send)
        if not is_quick:
            self.observers.end(request, entry)

    def _send_answer(
        self,
        request: RoutedRequest,
        chosen: PreparedAnswer,
        more: HeaderLines,
        receive: Receive,
        send: Send,
        *,
        wait: float,
    ) -> Awaitable[None]:
        if not chosen.medium and request.status >= 400:
            lines = (*own_lines(chosen.headers), *more)
            problem = documented_problem(request, request.status)
            return self._send_problem(request, problem, lines, send, wait=wait)
        request.source = chosen.source
        if request.held is not None:
            return self._send_beside(request, chosen, more, receive, send, wait=wait)
        lines, body = _written(request, chosen, more)
        if isinstance(body, bytes):
            return self.send(request, lines, body, send, wait=wait)
        return self._stream(request, lines, body, receive, send, wait=wait)

    async def _send_beside(
        self,
        request: RoutedRequest,
        chosen: PreparedAnswer,
        more: HeaderLines,
        receive: Receive,
        send: Send,
        *,
        wait: float,
    ) -> None:
        """Send an answer that may repeat megabytes of the request: another thread writes them."""
        lines, body = await beside(partial(_written, request, chosen, more))
        if isinstance(body, bytes):
            await self.send(request, lines, body, send, wait=wait)
        else:
            await self._stream(request, lines, body, receive, send, wait=wait)

    async def _send_problem(
        self,
        request: RoutedRequest,
        problem: Problem,
        more: HeaderLines,
        send: Send,
        *,
        wait: float,
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
        request.source = "problem"
        await self.send(request, (*lines, length_line(body)), body, send, wait=wait)

    async def _stream(
        self,
        request: RoutedRequest,
        lines: HeaderLines,
        pieces: Sequence[bytes],
        receive: Receive,
        send: Send,
        *,
        wait: float,
    ) -> None:
        if request.is_head:
            await self.send(request, lines, b"", send, wait=wait)
            return
        entry = self.observers.begin(request, lines, b"".join(pieces))
        if wait:
            await asyncio.sleep(wait)
        request.is_sent = True
        await send({"type": "http.response.start", "status": request.status, "headers": [*lines]})
        pace = request.operation.settings.stream_pace
        if await send_pieces(pieces, receive, send, pause=pace):
            await send({"type": "http.response.body", "body": b""})
        self.observers.end(request, entry)

    async def send_live(
        self,
        request: RoutedRequest,
        lines: HeaderLines,
        pieces: AsyncGenerator[bytes, None],
        receive: Receive,
        send: Send,
    ) -> None:
        """Send a response that continues until the client disconnects."""
        request.is_sent = True
        await send({"type": "http.response.start", "status": request.status, "headers": [*lines]})
        if request.is_head:
            await pieces.aclose()
            await send({"type": "http.response.body", "body": b""})
        else:
            await send_live(pieces, receive, send)
        self.observers.end(request, None)


def _chosen(request: RoutedRequest) -> PreparedAnswer:
    reply, request.status = reply_for(request)
    chosen = answer_for(request, reply, media_for(request, reply))
    return conditional(request, chosen) if is_conditional(request) else chosen


def _written(
    request: RoutedRequest, chosen: PreparedAnswer, more: HeaderLines
) -> tuple[HeaderLines, bytes | list[bytes]]:
    """The head and the body of an answer; that of a stream in pieces."""
    lines, body = _lines(request, chosen, more), chosen.fixed
    if body is not None:
        return (lines if chosen.length is None else (*lines, chosen.length)), body
    if isinstance(chosen.body, Stream):
        # All before the head leaves: an expression that fails must become a 500, not a cut stream.
        return lines, [piece.fill(request) for piece in chosen.body.pieces]
    body = chosen.body.fill(request) if chosen.body else b""
    return (*lines, length_line(body)), body


def _wait(request: RoutedRequest) -> float:
    """The seconds of its scenario, or those that the client wishes to wait, of those it may."""
    wait = request.wish.wait
    wished = min(wait, request.operation.settings.max_wait) if wait else 0.0
    return wished or _scenario_wait(request)


def _scenario_wait(request: RoutedRequest) -> float:
    """The seconds of a scenario that leaves the answer to the mock: a refusal is late as well."""
    turn = request.scenario
    return 0.0 if turn is None or request.is_forced else turn.answer.delay.seconds()


def _lines(request: RoutedRequest, chosen: PreparedAnswer, more: HeaderLines) -> HeaderLines:
    origin = request.fields.get(b"origin")
    applied = () if request.wish is NO_WISH else _applied(request)
    if chosen.echoes:
        more = (*more, *((name, header_text(text.fill(request))) for name, text in chosen.echoes))
    if not more and not applied and "*" not in chosen.medium:
        if origin is None:
            return chosen.headers
        return (*chosen.cors_headers, cors.allowing(origin))
    own = {name for name, _ in more}
    lines = [line for line in chosen.headers if line[0] not in own]
    lines += (*more, *applied)
    if "*" in chosen.medium:
        label = concrete_line(chosen.medium, request.fields.get(b"accept"))
        lines = [label if line[0] == b"content-type" else line for line in lines]
    if origin is not None:
        lines += (cors.allowing(origin), *cors.exposing(lines))
    return tuple(lines)


def _applied(request: RoutedRequest) -> HeaderLines:
    applied = request.wish.applied
    return ((b"preference-applied", applied.encode()),) if applied else ()
