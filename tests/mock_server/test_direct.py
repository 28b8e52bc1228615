"""A request is answered at once or in a task, and neither client nor journal see a difference."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from mock_server import MockApp
from mock_server.http.protocol import Limits, protocol_class
from tests.benchmarks.in_process import Wire
from tests.mock_server.asking import mock_of

CONTRACT = """
components: {securitySchemes: {b: {type: http, scheme: bearer}}}
paths:
  /lamps:
    get: {responses: {'200': {description: Good, content: {application/json: {example: [desk]}}}}}
  /lamps/{id}:
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      security: [{b: []}]
      requestBody: {content: {application/json: {schema: {required: [name]}}}}
      responses:
        '200':
          description: Good
          content: {application/json: {example: {name: '{$request.body#/name}'}}}
        '400':
          description: Bad
          content: {application/json: {example: {error: '{$mock.problem}'}}}
  /events:
    get:
      responses:
        '200':
          description: Events
          content:
            text/event-stream: {schema: {type: string}, example: "data: 1\\n\\ndata: 2\\n\\n"}
"""


def _request(line: str, *lines: str, body: bytes = b"") -> bytes:
    length = [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([f"{line} HTTP/1.1", "Host: x", *lines, *length, "", ""]).encode() + body


_JSON, _OPEN = "Content-Type: application/json", "Authorization: Bearer t"
_CHUNKS = b'3\r\n{"n\r\n9\r\name": "c"\r\n1\r\n}\r\n0\r\n\r\n'
REQUESTS = (
    _request("GET /lamps"),
    _request("GET /lamps", "Origin: http://page.example", "Accept: text/html;q=0.1, */*"),
    _request("HEAD /lamps"),
    _request("OPTIONS /lamps"),
    _request("DELETE /lamps"),
    _request("GET /nowhere?a=%20#f"),
    _request("GET /lamps", "Prefer: code=404"),
    _request("GET /lamps", "Upgrade: h2c", "Connection: upgrade"),
    _request("GET /events"),
    _request("PUT /lamps/1", _JSON, _OPEN, body=b'{"name": "a"}'),
    _request("PUT /lamps/x", _JSON, _OPEN, body=b'{"nane": "a"}'),
    _request("PUT /lamps/1", _JSON, body=b'{"name": "a"}'),
    _request("PUT /lamps/1", "Content-Type: text/plain", _OPEN, body=b"a"),
    _request("PUT /lamps/1", _JSON, _OPEN, "Expect: 100-continue", body=b'{"name": "e"}'),
    _request("PUT /lamps/1", _JSON, _OPEN, body=b'{"name": "l"}' + b" " * 70_000),
    _request("PUT /lamps/1", _JSON, _OPEN, "Transfer-Encoding: chunked") + _CHUNKS,
)


@cache
def _app() -> MockApp:
    with TemporaryDirectory() as folder:
        return mock_of(Path(folder), CONTRACT, stream_pace=0.0)


def _said(protocol: type[asyncio.Protocol], pieces: Sequence[tuple[bytes, bool]]) -> Any:
    """All bytes that leave, and what the journal has, for pieces after which the loop may turn."""
    app, wire, state = _app(), Wire(), ServerState()
    app.reset()

    async def serve() -> None:
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
        config.load()
        connection: Any = protocol(config=config, server_state=state, app_state={})  # type: ignore[call-arg]  # uvicorn's protocols take these
        connection.connection_made(wire)
        for piece, turns in pieces:
            connection.data_received(piece)
            while connection.flow.read_paused or (turns and state.tasks and not _waits(connection)):
                await asyncio.sleep(0)
        while state.tasks:
            await asyncio.sleep(0)
        connection.connection_lost(None)

    asyncio.run(serve())
    entries = [(one["method"], one["target"], one["body"], one["status"]) for one in app.entries()]
    return wire.received, entries


def _waits(connection: Any) -> bool:
    """Whether the application waits for more of the body, so that its task does not end."""
    return bool(connection.cycle.more_body)


@st.composite
def _pieces(draw: st.DrawFn) -> list[tuple[bytes, bool]]:
    """Some requests on one connection, cut anywhere."""
    sent = b"".join(draw(st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=6)))
    cuts = sorted(draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    bounds = zip([0, *cuts], [*cuts, len(sent)], strict=True)
    return [(sent[begin:end], draw(st.booleans())) for begin, end in bounds if begin < end]


@settings(max_examples=60, deadline=None)
@given(_pieces())
def test_a_client_sees_no_difference(pieces: list[tuple[bytes, bool]]) -> None:
    """The same bytes leave, in the same order, and the journal has the same requests."""
    in_tasks = _said(protocol_class(Limits(), None), pieces)

    assert _said(protocol_class(Limits(), None, is_direct=True), pieces) == in_tasks


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(REQUESTS[:7] + REQUESTS[9:13]), min_size=1, max_size=4))
def test_it_is_what_uvicorn_would_send(requests: list[bytes]) -> None:
    """Of requests that uvicorn's own protocol reads as ours does."""
    pieces = [(one, True) for one in requests]

    ours = _said(protocol_class(Limits(), None, is_direct=True), pieces)

    assert ours == _said(HttpToolsProtocol, pieces)
