"""What leaves the server is byte for byte what uvicorn sends, only sooner."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from mock_server.http.cycle import Cycle
from mock_server.http.protocol import Limits, protocol_class

_LENGTH = (b"content-length", b"4")
_TYPE = (b"Content-Type", b"text/plain")


def _saying(*messages: dict[str, Any]) -> ASGIApp:
    """An application that reads the request and sends these messages."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        for message in messages:
            await send({"type": f"http.response.{message['type']}", **_without_type(message)})

    return app


def _without_type(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key != "type"}


def _start(*lines: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "start", "status": status, "headers": list(lines)}


def _body(content: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "body", "body": content, "more_body": more}


class _Wire(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def pause_reading(self) -> None:
        """Everything is there already."""

    def resume_reading(self) -> None:
        """Everything is there already."""


def _wire(app: ASGIApp, protocol: type[asyncio.Protocol], requests: Sequence[bytes]) -> _Wire:
    """What a protocol of uvicorn's sends to some requests, one after the other."""

    async def serve() -> _Wire:
        wire = _Wire()
        config = uvicorn.Config(
            app, http=protocol, lifespan="off", log_config=None, access_log=False
        )
        config.load()
        state = ServerState()
        state.default_headers = [(b"date", b"now")]
        connection: Any = protocol(config=config, server_state=state, app_state={})  # type: ignore[call-arg]  # uvicorn's protocols take these
        connection.connection_made(wire)
        for request in requests:
            if not wire.is_closed:
                connection.data_received(request)
                while state.tasks:
                    await asyncio.sleep(0)
        connection.connection_lost(None)
        return wire

    return asyncio.run(serve())


def _ours() -> type[asyncio.Protocol]:
    return protocol_class(Limits(), None)


_GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
_HEAD = b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
_OLD = b"GET / HTTP/1.0\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("messages", "request_"),
    [
        pytest.param([_start(_TYPE, _LENGTH), _body(b"good")], _GET, id="usual"),
        pytest.param([_start(_TYPE, _LENGTH), _body(b"good")], _HEAD, id="HEAD"),
        pytest.param([_start(_TYPE, _LENGTH), _body(b"good")], _OLD, id="HTTP 1.0"),
        pytest.param([_start(_LENGTH, _TYPE), _body(b"good")], _GET, id="length first"),
        pytest.param([_start(_TYPE), _body(b"good")], _GET, id="no length"),
        pytest.param(
            [_start(_TYPE, _LENGTH), _body(b"go", more=True), _body(b"od")], _GET, id="in pieces"
        ),
        pytest.param([_start(_LENGTH), _body(b"", more=True), _body(b"good")], _GET, id="late"),
        pytest.param([_start(_LENGTH), _body(b"short")], _GET, id="longer than its length"),
        pytest.param([_start(_LENGTH), _body(b"no")], _GET, id="shorter than its length"),
        pytest.param([_start((b"content-length", b"0")), _body(b"")], _GET, id="empty"),
        pytest.param([_start(status=204), _body(b"")], _GET, id="204"),
        pytest.param(
            [_start((b"Connection", b"close"), _LENGTH), _body(b"good")], _GET, id="close"
        ),
        pytest.param(
            [_start((b"x", b"a\r\nset-cookie: b"), _LENGTH), _body(b"good")], _GET, id="injection"
        ),
        pytest.param(
            [_start((b"content-length", b"300000")), _body(b"x" * 300_000)], _GET, id="large"
        ),
    ],
)
def test_it_is_what_uvicorn_sends(messages: list[dict[str, Any]], request_: bytes) -> None:
    """Three times, so that the head is new, kept, and kept behind another request."""
    app, requests = _saying(*messages), [request_] * 3

    ours, uvicorns = _wire(app, _ours(), requests), _wire(app, HttpToolsProtocol, requests)

    assert b"".join(ours.written) == b"".join(uvicorns.written)
    assert ours.is_closed == uvicorns.is_closed


def test_a_usual_answer_is_one_piece_whose_head_is_kept() -> None:
    """The bodies of echoes differ in length; their lines are one, but for the length."""
    Cycle.kept.clear()
    lengths = iter((1, 10, 100))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        length = next(lengths)
        await _saying(_start(_TYPE, (b"content-length", b"%d" % length)), _body(b"x" * length))(
            scope, receive, send
        )

    wire = _wire(app, _ours(), [_GET] * 3)

    assert [len(piece.partition(b"\r\n\r\n")[2]) for piece in wire.written] == [1, 10, 100]
    assert list(Cycle.kept.values()) == [b"content-type: text/plain\r\n"]


def test_what_is_kept_is_bounded() -> None:
    """Clients choose values that are reflected: thousands of them must not stay for ever."""
    Cycle.kept.clear()
    origins = iter(range(2_000))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        origin = (b"access-control-allow-origin", b"http://%d" % next(origins))
        await _saying(_start(origin, _LENGTH), _body(b"good"))(scope, receive, send)

    wire = _wire(app, _ours(), [_GET] * 2_000)

    assert len(wire.written) == 2_000
    assert 0 < len(Cycle.kept) <= 512
