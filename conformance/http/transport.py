"""The HTTP client: one request gives one answer, and no behaviour of the target raises an error.

It works below httpx2's client, on its transport: no redirects are followed, no cookies kept, no
headers added, and nothing is sent twice but what met a kept connection that was closed.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

import h11
import httpx2

from conformance.http.asgi_application import call
from conformance.http.exchange import Answer, Framing, Request, Trouble, octets
from conformance.http.received import WHOLE_TIME, BodyPatience, Received
from conformance.http.sockets import send_raw
from conformance.http.target import Target

__all__ = ["Client"]

CONNECTIONS = 32
"""Connections at once: more than any part of a run has in flight, so that none waits for one."""


class Client:
    """Sends requests to one target; `timeout` is in seconds and ends every exchange.

    Where a kept connection was seen to spoil what comes next on it, `keeps` is set to False, and
    every request has a connection of its own: one fault is not to look like many.
    """

    def __init__(self, target: Target, *, timeout: float) -> None:
        self.target, self.timeout = target, timeout
        self.keeps = True
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        # To make them takes a while, and an application in this process has no connections.
        if self.target.app is None:
            self._kept, self._single = [
                await self._open.enter_async_context(_transport(self.target, idle))
                for idle in (CONNECTIONS, 0)
            ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open.__aexit__(kind, error, trace)

    async def send(self, request: Request, patience: BodyPatience = WHOLE_TIME) -> Answer:
        """The answer, or what came in its place."""
        if request.unsendable:
            return Answer(trouble=Trouble.UNSENDABLE, detail=request.unsendable)
        started, clock = time.time(), time.perf_counter()
        # Of chunks a server that does not read them leaves a rest. If they came one after the
        # other, it might have closed the connection by then, and the answer would be lost.
        chunked = request.framing is Framing.CHUNKED and self.target.app is None
        # Content after an answer to HEAD would be read as the next answer on a kept connection.
        head = request.method == "HEAD" and self.target.app is None
        if request.needs_socket or chunked or head:
            answers = await send_raw(self.target, (request,), self.timeout, patience)
            answer = answers[0]
        else:
            answer = await self._exchange(request, patience)
        return _timed(answer, started, time.perf_counter() - clock)

    async def send_kept(
        self, requests: tuple[Request, ...], patience: BodyPatience = WHOLE_TIME
    ) -> tuple[Answer, ...]:
        """The answers to several requests in turn on one connection, never on another."""
        if why := next((one.unsendable for one in requests if one.unsendable), ""):
            return tuple(Answer(trouble=Trouble.UNSENDABLE, detail=why) for _ in requests)
        started, clock = time.time(), time.perf_counter()
        answers = await send_raw(self.target, requests, self.timeout, patience)
        seconds = (time.perf_counter() - clock) / max(len(answers), 1)
        return tuple(_timed(answer, started, seconds) for answer in answers)

    async def _exchange(self, request: Request, patience: BodyPatience) -> Answer:
        limit = asyncio.timeout(self.timeout)
        received = Received(limit, patience)
        try:
            async with limit:
                if self.target.app is None:
                    await self._receive(request, received)
                else:
                    await self._call(request, received)
        except TimeoutError:
            return received.answer(Trouble.TIMEOUT, f"after {self.timeout:g} s")
        except httpx2.LocalProtocolError as error:
            return received.answer(Trouble.UNSENDABLE, str(error))
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            return received.answer(Trouble.UNREACHABLE, str(error))
        except httpx2.RemoteProtocolError as error:
            return _malformed(error, received)
        except (httpx2.TransportError, OSError) as error:
            return received.dropped(str(error) or type(error).__name__)
        return received.complete()

    def _built(self, request: Request) -> httpx2.Request:
        target = f"{self.target.prefix}{request.target}".encode("utf-8", "surrogatepass")
        own = request.header("host") is not None
        headers = [] if own else [(b"Host", self.target.authority.encode())]
        headers += [(name.encode("latin-1"), octets(value)) for name, value in request.headers]
        if request.body is not None:
            headers.append((b"Content-Length", str(len(request.body)).encode()))
        built = httpx2.Request(
            request.method,
            self.target.origin,
            headers=headers,
            content=request.body,
            extensions={"target": target},
        )
        # Methods are case-sensitive (RFC 9110 section 9.1), and the library writes capitals.
        built.method = request.method
        return built

    async def _call(self, request: Request, received: Received) -> None:
        target = self.target
        await call(target.app, request, target.prefix, target.authority, received)
        if not received.status:
            raise httpx2.RemoteProtocolError("the application ended without sending a response")

    async def _receive(self, request: Request, received: Received) -> None:
        if self.keeps:
            try:
                return await _exchanged(self._kept, self._built(request), received)
            except (httpx2.NetworkError, httpx2.RemoteProtocolError) as error:
                if received.status or not _closed(error):
                    raise
            # A server may close a kept connection whenever it likes, and many do so after a
            # failure without announcing it: that says nothing of this request (RFC 9112
            # section 9.5). What counts is the answer on a connection of its own.
        return await _exchanged(self._single, self._built(request), received)


def _transport(target: Target, idle: int) -> httpx2.AsyncHTTPTransport:
    """One that keeps so many idle connections."""
    context = target.tls()
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=idle)
    # For plain HTTP nothing is verified: loading the system's certificates takes a while.
    verify = context if context is not None else False
    return httpx2.AsyncHTTPTransport(verify=verify, limits=limits, retries=0)


async def _exchanged(
    transport: httpx2.AsyncHTTPTransport, request: httpx2.Request, received: Received
) -> None:
    response = await transport.handle_async_request(request)
    received.start(response.status_code, response.headers.raw)
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    try:
        async for chunk in response.stream:
            received.piece(chunk)
            if received.is_enough:
                break
    finally:
        await response.stream.aclose()


def _timed(answer: Answer, started: float, seconds: float) -> Answer:
    return replace(answer, started=started, seconds=seconds)


def _closed(error: Exception) -> bool:
    """Whether the connection was there, and ended before any answer."""
    if isinstance(error, httpx2.RemoteProtocolError):
        return _grammar_error(error) is None
    return not isinstance(error, httpx2.ConnectError)


def _grammar_error(error: BaseException) -> h11.RemoteProtocolError | None:
    """What h11 could not read; None where the connection was closed without an answer.

    httpcore2 raises one error for both, and the cause of only one of them is h11's.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, h11.RemoteProtocolError):
        # Some paths of httpcore2 hand the error over as an argument, and set no cause.
        inner = next((one for one in cause.args if isinstance(one, BaseException)), None)
        cause = cause.__cause__ or inner
    return cause


def _malformed(error: httpx2.RemoteProtocolError, received: Received) -> Answer:
    cause = _grammar_error(error)
    if cause is None:
        return received.answer(Trouble.DROPPED, str(error))
    return received.malformed(cause)
