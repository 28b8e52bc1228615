"""A small HTTP/1.1 server that can also be made to break HTTP, which uvicorn rightly refuses to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

from tests.conformance.backend.messages import Answer, Headers, Request

__all__ = ["Link", "Wire", "head", "listening", "send_plainly", "whole"]


@dataclass(slots=True)
class Link:
    """One connection: where to write, how many answers it has carried, and the last of them."""

    writer: asyncio.StreamWriter
    answered: int = 0
    last: bytes = b""

    async def write(self, *parts: bytes) -> None:
        """Send at once."""
        self.writer.write(b"".join(parts))
        await self.writer.drain()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """How answers go out. `send` returns whether the connection is kept."""

    send: Callable[[Link, Request, Answer], Awaitable[bool]]
    leaves_refused_bodies: bool = False
    """Answer a request without credentials before its body was read, and never read it."""


async def whole(answer: Answer) -> bytes:
    """The body, a stream's pieces joined."""
    if answer.stream is None:
        return answer.body
    return b"".join([piece async for piece in answer.stream])


def head(answer: Answer, *more: tuple[str, str], version: str = "HTTP/1.1") -> bytes:
    """The status line and the headers, `more` after the answer's own."""
    reason = HTTPStatus(answer.status).phrase
    lines = [f"{version} {answer.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in (*answer.headers, *more)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def send_plainly(link: Link, request: Request, answer: Answer) -> bool:
    """The answer as it should be sent."""
    body = await whole(answer)
    shown = b"" if request.method == "HEAD" else body
    await link.write(head(answer, ("content-length", str(len(body)))), shown)
    return request.header("connection").lower() != "close"


@asynccontextmanager
async def listening(
    respond: Callable[[Request], Awaitable[Answer]], wire: Wire, port: int = 0
) -> AsyncIterator[int]:
    """Serve on the loopback; yields the port. Meant for tests: one process, no limits."""
    tasks = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(writer)
        if task := asyncio.current_task():
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        try:
            while (request := await _request(reader, wire)) is not None:
                answer = await respond(request)
                kept = await wire.send(link, request, answer)
                link.answered += 1
                if not kept:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            pass  # the server ends; asyncio would report a cancelled connection as a failure
        except ValueError:
            await link.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _request(reader: asyncio.StreamReader, wire: Wire) -> Request | None:
    """The next request of a connection, or None at its end; ValueError for what is no HTTP."""
    line = await reader.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split()
    headers = await _headers(reader)
    path, _, query = target.partition("?")
    bare = Request(method=method, raw_path=path, query=query, headers=headers)
    if wire.leaves_refused_bodies and not bare.has("authorization"):
        return bare
    body = await _body(reader, bare)
    return Request(method=method, raw_path=path, query=query, headers=headers, body=body)


async def _headers(reader: asyncio.StreamReader) -> Headers:
    found = []
    while (line := (await reader.readline()).decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = line.partition(":")
        found.append((name.lower(), value.strip()))
    return tuple(found)


async def _body(reader: asyncio.StreamReader, request: Request) -> bytes:
    if request.header("transfer-encoding").lower() != "chunked":
        return await reader.readexactly(int(request.header("content-length", "0")))
    pieces = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        pieces.append(await reader.readexactly(size))
        await reader.readline()
    await _headers(reader)
    return b"".join(pieces)
