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

from mock_server.http.cycle import Cycle, is_sent_whole
from mock_server.http.protocol import Limits, protocol_class

_LENGTH = (b"content-length", b"4")
_TYPE = (b"Content-Type", b"text/plain")


def _saying(*messages: dict[str, Any]) -> ASGIApp:
    """An application that reads the request and sends these messages, in one piece where it can."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        start, body = messages[0], messages[1]
        lines = (*start["headers"],)
        if not body["more_body"] and is_sent_whole(send, start["status"], lines, body["body"]):
            return
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


def _ours(*, is_direct: bool = False) -> type[asyncio.Protocol]:
    return protocol_class(Limits(), None, is_direct=is_direct)


_GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
_HEAD = b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
_OLD = b"GET / HTTP/1.0\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("is_direct", [False, True], ids=["in tasks", "direct"])
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
def test_it_is_what_uvicorn_sends(
    messages: list[dict[str, Any]], request_: bytes, is_direct: bool
) -> None:
    """Three times, so that the head is new, kept, and kept behind another request."""
    app, requests = _saying(*messages), [request_] * 3

    ours = _wire(app, _ours(is_direct=is_direct), requests)
    uvicorns = _wire(app, HttpToolsProtocol, requests)

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


def _waiting_app(told: list[str]) -> ASGIApp:
    """An application that waits in between, and for more than there is, before it answers."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        told.append(f"{scope['path']} begins")
        message = await receive()
        for _ in range(3 if scope["path"] == "/slow" else 0):
            await asyncio.sleep(0.001)
        if scope["path"] == "/cancelled":
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                told.append("cancelled")
                raise
        told.append(f"{scope['path']} ends")
        await _saying(_start(_TYPE, _LENGTH), _body(b"%04d" % len(message["body"])))(
            scope, _nothing_more, send
        )

    return app


async def _nothing_more() -> dict[str, Any]:
    return {"type": "http.request", "body": b""}


def _post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_what_waits_goes_on_in_a_task() -> None:
    """A direct request runs within the call that received it, up to its first wait."""
    told: list[str] = []
    requests = [_post("/fast", b"abc"), _post("/slow", b"ab"), _post("/fast", b"")]

    wire = _wire(_waiting_app(told), _ours(is_direct=True), [b"".join(requests), *requests])

    bodies = [one.partition(b"\r\n\r\n")[2] for one in wire.written]
    assert bodies == [b"0003", b"0002", b"0000"] * 2
    paths = ("/fast", "/slow", "/fast")
    assert told == [f"{one} {what}" for one in paths for what in ("begins", "ends")] * 2


def test_a_task_that_has_begun_directly_can_be_cancelled() -> None:
    """The end of a server cancels what still waits, and its `except` and `finally` run."""
    told: list[str] = []

    async def serve() -> None:
        config = uvicorn.Config(_waiting_app(told), lifespan="off", log_config=None)
        config.load()
        state, made = ServerState(), _ours(is_direct=True)
        connection: Any = made(config=config, server_state=state, app_state={})  # type: ignore[call-arg]  # uvicorn's protocols take these
        connection.connection_made(_Wire())
        connection.data_received(_post("/cancelled", b""))
        await asyncio.sleep(0)
        (task,) = state.tasks
        task.cancel()
        await asyncio.wait([task])
        connection.connection_lost(None)

    asyncio.run(serve())
    assert told == ["/cancelled begins", "cancelled"]


def test_a_body_in_many_pieces_is_one() -> None:
    """Whatever the pieces are, and whether the application asks before or after they came."""
    body = bytes(range(256)) * 300
    head = _post("/slow", body)[: -len(body)]
    pieces = [head, *(body[at : at + 7_000] for at in range(0, len(body), 7_000))]
    read: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            message = await receive()
            read.append(message["body"])
            more = message["more_body"]
        gone = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        assert not gone.done(), "there is nothing more until the client goes away"
        await _saying(_start(_TYPE, _LENGTH), _body(b"good"))(scope, _nothing_more, send)
        assert (await gone)["type"] == "http.disconnect"

    async def serve() -> _Wire:
        config, wire = uvicorn.Config(app, lifespan="off", log_config=None), _Wire()
        config.load()
        state, made = ServerState(), _ours(is_direct=True)
        connection: Any = made(config=config, server_state=state, app_state={})  # type: ignore[call-arg]  # uvicorn's protocols take these
        connection.connection_made(wire)
        for number, piece in enumerate(pieces):
            connection.data_received(piece)
            if number % 3 == 0:
                await asyncio.sleep(0)
        while state.tasks:
            await asyncio.sleep(0)
        connection.connection_lost(None)
        return wire

    wire = asyncio.run(serve())
    assert b"".join(read) == body
    assert b"".join(wire.written).endswith(b"\r\n\r\ngood")


@pytest.mark.parametrize("is_direct", [False, True], ids=["in tasks", "direct"])
@pytest.mark.parametrize(
    "head",
    [b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", b"CONNECT /x HTTP/1.1\r\nHost: x\r\n\r\n", b"?"],
    ids=["Host", "CONNECT", "no HTTP"],
)
def test_a_first_request_that_is_refused(head: bytes, is_direct: bool) -> None:
    """There is no answer under way that could be told of it, and nothing fails."""
    wire = _wire(_saying(_start(_LENGTH), _body(b"good")), _ours(is_direct=is_direct), [head])

    assert wire.is_closed
    assert b"".join(wire.written).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
