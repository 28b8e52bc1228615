"""Uvicorn with settings for a mock: no log of its own, few resources, limits, immediate stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from mock_server.http.door import Door
from mock_server.http.protocol import (
    Limits,
    Protocol,
    Refusal,
    protocol_class,
)
from mock_server.http.tls import Certificate

__all__ = ["HttpServer", "make_server", "run_server", "tune_process"]

_TICK = 1.0
"""Seconds between two looks at the connections, and between two values of `Date`."""
_GRACE = 0.25
"""Seconds that answers on their way are given at the end."""
_KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than clients keep theirs, so they close first."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class HttpServer(uvicorn.Server):
    """A uvicorn server that does no periodic work and stops without waiting for clients."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.signal: signal.Signals | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._listening = threading.Event()

    def stop(self) -> None:
        """Stop serving; may be called from any thread, and more than once."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop may be closed already
                self._loop.call_soon_threadsafe(self._woken.set)

    def wait_until_started(self, timeout: float) -> bool:
        """Wait, in another thread, for the first moment at which requests are answered."""
        return self._listening.wait(timeout)

    async def main_loop(self) -> None:
        """Wake once a second, instead of uvicorn's ten times, or when `stop` is called."""
        self._loop = asyncio.get_running_loop()
        self._listening.set()
        while not await self.on_tick(0):
            now = self._loop.time()
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, Protocol):
                    connection.check(now)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close idle connections at once and the others after a moment, streams among them."""
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()
        await self._until_idle()
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        await self._until_idle()  # what notices that its client is gone ends by itself
        for task in tuple(self.server_state.tasks):
            task.cancel()
        await self._until_idle()
        await self.lifespan.shutdown()

    async def _until_idle(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _GRACE
        state = self.server_state
        while (state.connections or state.tasks) and loop.time() < deadline:
            await asyncio.sleep(0.005)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and Ctrl-C, and keep which of them it was instead of raising it again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: object) -> None:
        self.signal = signal.Signals(number)
        self.stop()


def make_server(
    app: ASGIApp,
    *,
    limits: Limits | None = None,
    on_refusal: Callable[[Refusal], None] | None = None,
    tls: Certificate | None = None,
) -> HttpServer:
    """A server for the mock, or for any ASGI application; `run_server` gives it its sockets.

    An application may say that it `is_direct`, and which methods it `knows` (see `protocol_class`).
    """
    protocol: Any = protocol_class(
        limits or Limits(),
        on_refusal,
        knows=getattr(app, "knows", None),
        is_direct=getattr(app, "is_direct", False),
    )
    if tls is not None:
        protocol = partial(_door, tls, protocol)
    config = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
    )
    return HttpServer(config)


def _door(certificate: Certificate, protocol: Any, **named: Any) -> Door:
    """What uvicorn makes for a connection of HTTPS, in place of the protocol itself."""
    return Door(certificate.context(), partial(protocol, **named))


def run_server(
    server: HttpServer,
    sockets: Sequence[socket.socket],
    *companions: Callable[[], Coroutine[Any, Any, None]],
    first: Callable[[], Coroutine[Any, Any, object]] | None = None,
) -> None:
    """Serve until the server is stopped; companions run beside it and end with it.

    `first` is awaited before the first request is answered, while they run already.
    """

    async def serve() -> None:
        tasks = [asyncio.ensure_future(companion()) for companion in companions]
        try:
            if first is not None:
                await first()
            await server.serve(list(sockets))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(serve())


def tune_process(report: logging.Handler) -> None:
    """Prepare a process that does nothing but serve: collector, open files, and stray logging."""
    logging.getLogger().addHandler(report)
    # Its warnings are about requests that are no HTTP, each of which has a line of its own.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    # The objects built so far live as long as the process; the collector need not scan them, not
    # even once: that takes a third of a second for a large contract and finds next to nothing.
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()
    if sys.platform != "win32":
        import resource

        with suppress(ValueError, OSError):
            _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
