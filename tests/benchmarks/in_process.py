"""The cost of a request without sockets: a server's protocol is fed, and what it writes is kept.

It leaves out what the system does, which is the same for all, and is steady enough for a test.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from mock_server.http.protocol import Limits, protocol_class
from tests.benchmarks.answers import Answer, read_answer


class Wire(asyncio.Transport):
    """A connection that keeps the last answer."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.received = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.received += data

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """The connection is kept."""

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        """Whoever feeds the protocol asks its `flow`."""

    def resume_reading(self) -> None:
        """Whoever feeds the protocol asks its `flow`."""


class Connection:
    """One connection to an application in a protocol of uvicorn's."""

    def __init__(self, app: Any, protocol: type[asyncio.Protocol]) -> None:
        config = uvicorn.Config(
            app, http=protocol, lifespan="off", log_config=None, access_log=False
        )
        config.load()
        self.wire = Wire()
        made: Any = protocol
        self.protocol = made(config=config, server_state=ServerState(), app_state={})
        self.protocol.connection_made(self.wire)

    async def ask(self, request: bytes) -> Answer:
        self.wire.received = b""
        self.protocol.data_received(request)
        await asyncio.sleep(0)
        answer = read_answer(self.wire.received)
        assert answer is not None, "an answer takes one turn of the loop"
        return answer


def of_mock(app: ASGIApp) -> Connection:
    """The mock in the protocol that it is served in."""
    return Connection(app, protocol_class(Limits(), None, is_direct=True))


def of_plain(app: Any) -> Connection:
    """Any application in uvicorn's own protocol."""
    return Connection(app, HttpToolsProtocol)


def fastest(
    connections: Mapping[str, Callable[[], Connection]],
    requests: Mapping[str, bytes],
    *,
    turns: int,
    count: int,
) -> dict[str, float]:
    """Seconds of the processor for one request: the best of interleaved turns for each."""

    async def measure() -> dict[str, float]:
        best = dict.fromkeys(connections, float("inf"))
        made = {name: make() for name, make in connections.items()}
        for _ in range(turns):
            for name, connection in made.items():
                request, started = requests[name], time.process_time()
                for _ in range(count):
                    await connection.ask(request)
                best[name] = min(best[name], (time.process_time() - started) / count)
        return best

    return uvloop.run(measure())
