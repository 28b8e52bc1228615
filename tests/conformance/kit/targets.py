"""Targets that are not what a client hopes for: plain sockets that say whatever a test wants."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

__all__ = ["Talk", "always", "speaking"]

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def speaking(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server on a free port that has this to say on each connection; yields its URL."""
    started, ended = Event(), Event()
    ports: list[int] = []

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        started.set()
        while not ended.is_set():
            await asyncio.sleep(0.01)
        server.close()

    thread = Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    started.wait()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{ports[0]}"
    finally:
        ended.set()
        thread.join()


def always(answer: bytes) -> Talk:
    """The same bytes to every request, then the end of the connection."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *([0-9]{1,9})\r\n", head)
        # What is not read when the connection ends resets it, and the answer may be lost.
        with suppress(TimeoutError, asyncio.IncompleteReadError):
            await asyncio.wait_for(reader.readexactly(int(length[1]) if length else 0), 0.2)
        writer.write(answer)
        await writer.drain()

    return talk
