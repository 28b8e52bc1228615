"""The backend on a socket: uvicorn, or the raw server where a fault needs it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn

from tests.conformance.backend.exchange import Application
from tests.conformance.backend.server import Backend
from tests.conformance.backend.wire import Wire, listening

__all__ = ["serving"]


@contextmanager
def serving(backend: Application, port: int = 0) -> Iterator[str]:
    """Serve on the loopback in a thread of its own; yields the URL. Port 0 is a free one."""
    wire = backend.behaviour.wire if isinstance(backend, Backend) else None
    if wire is None or not isinstance(backend, Backend):
        serve = _uvicorn(backend, port)
    else:
        serve = _raw(backend, wire, port)
    with serve as chosen:
        yield f"http://127.0.0.1:{chosen}"


@contextmanager
def _uvicorn(backend: Application, port: int) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(
        backend, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def _raw(backend: Backend, wire: Wire, port: int) -> Iterator[int]:
    started = Event()
    running: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        stopped = asyncio.Event()
        async with listening(backend.respond, wire, port) as chosen:
            running.append((chosen, asyncio.get_running_loop(), stopped))
            started.set()
            await stopped.wait()

    thread = Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    started.wait()
    chosen, loop, stopped = running[0]
    try:
        yield chosen
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
