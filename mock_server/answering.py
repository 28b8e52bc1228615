"""The last step: the answer that was chosen, or the refusal, as ASGI messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter

from starlette.types import Receive, Send

from mock_server import choice, cors
from mock_server.answers import Answer, HeaderLine, HeaderLines, Reply
from mock_server.exchange import Exchange
from mock_server.problems import Problem, Refused
from mock_server.rendering import Stream
from mock_server.replies import content_type_line, header_text
from mock_server.request import Request
from mock_server.streams import send_pieces
from mock_server.wishes import NO_WISH
from spec import SpecError, media_types

__all__ = ["Answerer", "OnAnswer"]

OnAnswer = Callable[[Exchange], None]

_PROBLEM_LINES = (
    content_type_line("application/problem+json"),
    (b"x-mock-source", b"problem"),
    (b"vary", b"Accept, Origin, Prefer"),
)


class Answerer:
    """Answers requests; `on_answer` is told of each, and costs nothing where it is None."""

    __slots__ = ("_on_answer",)

    def __init__(self, on_answer: OnAnswer | None) -> None:
        self._on_answer = on_answer

    async def answer(self, request: Request, receive: Receive, send: Send) -> None:
        """Answer a request that nothing speaks against: Accept → choose → answer.

        Raises Refused: a wish for what is not documented (404), nothing acceptable (406).
        """
        reply, status = _reply(request)
        chosen = _chosen(request, reply, _media(request, reply))
        if request.wish.wait or request.scenario is not None:
            await _pause(request)
        await self._send(request, status, chosen, receive, send)

    async def refuse(
        self, request: Request, problem: Problem, receive: Receive, send: Send
    ) -> None:
        """Answer a refusal: with the contract's own body for the status, else with a problem."""
        request.refusal = problem
        operation = request.routed
        reply = operation.reply_for(problem.status) if operation else None
        if reply is None or problem.kind == "unknown-wish":
            await self._send_problem(request, problem, (), send)
            return
        media = choice.acceptable(reply, _accept(request)) or reply.media
        chosen = choice.choose(reply, media, request)
        if chosen.medium:
            await self._send(request, problem.status, chosen, receive, send, problem.headers)
        else:
            await self._send_problem(request, problem, _own_lines(chosen), send)

    async def send_plain(
        self,
        request: Request,
        status: int,
        lines: HeaderLines,
        body: bytes,
        source: str,
        send: Send,
    ) -> None:
        """Answer what is no operation's: preflights, OPTIONS, and what is under `/__mock/`."""
        await self._finish(request, status, [*lines], body, source, send)

    async def _send(
        self,
        request: Request,
        status: int,
        chosen: Answer,
        receive: Receive,
        send: Send,
        more: HeaderLines = (),
    ) -> None:
        if not chosen.medium and status >= 400:
            problem = _as_documented(request, status)
            await self._send_problem(request, problem, (*_own_lines(chosen), *more), send)
            return
        lines = _lines(request, chosen, more)
        source = f"scenario:{request.scenario.name}" if request.scenario else chosen.source
        if isinstance(chosen.body, Stream):
            await self._stream(request, status, lines, chosen.body, receive, send)
            self._tell(request, status, source)
            return
        body = chosen.fixed
        if body is None and chosen.body is not None:
            body = chosen.body.fill(request)
            lines.append((b"content-length", b"%d" % len(body)))
        await self._finish(request, status, lines, body or b"", source, send)

    async def _send_problem(
        self, request: Request, problem: Problem, more: HeaderLines, send: Send
    ) -> None:
        body = problem.body()
        own = {name for name, _ in problem.headers}
        lines: list[HeaderLine] = [
            *_PROBLEM_LINES,
            *problem.headers,
            *(line for line in more if line[0] not in own),
            *(_applied(request) if problem.kind != "unknown-wish" else ()),
            (b"content-length", b"%d" % len(body)),
        ]
        origin = request.fields.get(b"origin")
        if origin is not None and not request.is_private:
            lines += (cors.allowing(origin), *cors.exposing(lines))
        await self._finish(request, problem.status, lines, body, "problem", send)

    async def _stream(
        self,
        request: Request,
        status: int,
        lines: list[HeaderLine],
        body: Stream,
        receive: Receive,
        send: Send,
    ) -> None:
        request.status = status
        await send({"type": "http.response.start", "status": status, "headers": lines})
        if request.is_head:
            await send({"type": "http.response.body", "body": b""})
            return
        pieces = (piece.fill(request) for piece in body.pieces)
        await send_pieces(pieces, request.operation.settings.stream_pace, receive, send)

    async def _finish(
        self,
        request: Request,
        status: int,
        lines: list[HeaderLine],
        body: bytes,
        source: str,
        send: Send,
    ) -> None:
        request.status = status
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": b"" if request.is_head else body})
        if self._on_answer is not None:
            self._tell(request, status, source)

    def _tell(self, request: Request, status: int, source: str) -> None:
        if self._on_answer is None:
            return
        self._on_answer(
            Exchange(
                method=request.method,
                path=request.raw_path.decode("latin-1"),
                status=status,
                source=source,
                milliseconds=(perf_counter() - request.started) * 1000,
                reason=str(request.refusal) if request.refusal else "",
                operation=request.routed.id if request.routed else None,
            )
        )


def _reply(request: Request) -> tuple[Reply, int]:
    """The response that is meant, and the status in which it is served."""
    operation = request.operation
    if not request.is_forced:
        if operation.success is None:
            raise Refused(Problem.of("unserved", "no response of this operation can be served"))
        return operation.success, operation.success_status
    scenario = request.scenario
    code = scenario.status if scenario else request.wish.code
    example = scenario.example if scenario else request.wish.example
    if code is not None:
        reply = operation.reply_for(code)
        if reply is None or (example is not None and example not in reply.names):
            raise Refused(_unknown_wish(request, f"{code}{f' {example}' if example else ''}"))
        return reply, code
    if example is None:
        assert operation.success is not None
        return operation.success, operation.success_status
    in_order = [operation.success] if operation.success else []
    reply = choice.named([*in_order, *operation.replies.values()], example)
    if reply is None:
        raise Refused(_unknown_wish(request, example))
    return reply, choice.status_of(reply.status)


def _unknown_wish(request: Request, wished: str) -> Problem:
    offers = tuple(
        f"code={status}" + (f" with example={', '.join(reply.names)}" if reply.names else "")
        for status, reply in request.operation.replies.items()
    )
    detail = f"{request.operation.id} has no answer '{wished}'"
    return Problem.of("unknown-wish", detail, offers=offers)


def _media(request: Request, reply: Reply) -> Sequence[str]:
    """The media types to choose among; a wish is granted even where `Accept` has others."""
    media = choice.acceptable(reply, _accept(request))
    if media:
        return media
    if request.is_forced:
        return reply.media
    offers = ", ".join(reply.media)
    raise Refused(
        Problem.of(
            "not-acceptable", f"the contract has {offers} to answer with", offers=reply.media
        )
    )


def _accept(request: Request) -> str | None:
    accept = request.fields.get(b"accept")
    return None if accept is None else accept.decode("latin-1")


def _chosen(request: Request, reply: Reply, media: Sequence[str]) -> Answer:
    operation, wish, scenario = request.operation, request.wish, request.scenario
    if wish is NO_WISH and scenario is None and not operation.settings.dynamic:
        return choice.choose(reply, media, request)
    example = scenario.example if scenario else wish.example
    if example is not None:
        named = [one for one in reply.answers if one.name == example]
        return next((one for m in media for one in named if one.medium == m), named[0])
    dynamic = wish.dynamic if wish.dynamic is not None else operation.settings.dynamic
    if dynamic or (wish.seed is not None and wish.dynamic is None):
        generated = _generated(request, reply, media)
        if generated is not None:
            return generated
    return choice.choose(reply, media, request)


def _generated(request: Request, reply: Reply, media: Sequence[str]) -> Answer | None:
    """An answer generated for this request; None where no media type has a schema to do it by."""
    seed = request.wish.seed
    if seed is None:
        seed = request.operation.settings.seed
    for medium in media:
        try:
            generated = request.operation.generated(reply, medium, seed)
        except SpecError:
            continue
        if generated is not None:
            return generated
    return None


async def _pause(request: Request) -> None:
    delay = request.wish.wait + (request.scenario.delay if request.scenario else 0.0)
    await asyncio.sleep(min(delay, request.operation.settings.max_wait))


def _lines(request: Request, chosen: Answer, more: HeaderLines) -> list[HeaderLine]:
    origin = request.fields.get(b"origin")
    applied = () if request.wish is NO_WISH else _applied(request)
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
        label = content_type_line(media_types.concrete(chosen.medium, _accept(request)))
        lines = [label if line[0] == b"content-type" else line for line in lines]
    if origin is not None:
        lines += (cors.allowing(origin), *cors.exposing(lines))
    return lines


def _applied(request: Request) -> HeaderLines:
    applied = request.wish.applied
    return ((b"preference-applied", applied.encode()),) if applied else ()


def _own_lines(chosen: Answer) -> HeaderLines:
    """The headers that the contract documents, without those that describe an absent body."""
    ours = (b"content-length", b"content-type", b"vary", b"x-mock-source")
    return tuple(line for line in chosen.headers if line[0] not in ours)


def _as_documented(request: Request, status: int) -> Problem:
    response = request.operation.operation.response_for(status)
    return Problem.of("documented", response.description if response else "", status=status)
