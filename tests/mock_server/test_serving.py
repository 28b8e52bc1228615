"""The server around any application: limits on clients, and an end that nobody can delay."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_server.http.binding import BindingError, listen, url_of
from mock_server.http.protocol import MAX_HEAD, Limits, Refusal
from mock_server.http.serving import HttpServer, make_server, run_server


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body, and at /stream without an end."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while scope["path"] == "/stream":
        await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
        await asyncio.sleep(0.001)
    await send({"type": "http.response.body", "body": str(size).encode()})


@contextmanager
def _serving(
    app: ASGIApp = _echo, *, limits: Limits | None = None, refusals: list[Refusal] | None = None
) -> Iterator[tuple[HttpServer, int]]:
    sockets = listen("127.0.0.1", 0)
    server = make_server(
        app, limits=limits, on_refusal=refusals.append if refusals is not None else None
    )
    port = sockets[0].getsockname()[1]
    thread = threading.Thread(target=run_server, args=(server, sockets))
    thread.start()
    assert server.wait_until_started(10)
    try:
        yield server, port
    finally:
        server.stop()
        thread.join(10)


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _said(port: int, *pieces: bytes) -> bytes:
    """What the server sends, to its end, in return for some bytes."""
    with _connected(port) as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        said = b""
        try:
            while chunk := connection.recv(65536):
                said += chunk
        except ConnectionResetError:
            pass
        return said


def _get(port: int, headers: bytes = b"", path: bytes = b"/") -> bytes:
    return _said(
        port, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + b"\r\n"
    )


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        (b"X-Long: " + b"x" * 1_000_000 + b"\r\n", b"/"),
        (b"".join(b"X-%d: y\r\n" % n for n in range(100_000)), b"/"),
        (b"", b"/" + b"x" * 70_000),
    ],
    ids=["one long header", "many headers", "a long target"],
)
def test_a_head_has_a_limit(headers: bytes, path: bytes) -> None:
    """A head over 64 KiB is answered with 431, or the connection is closed; others go on."""
    with _serving() as (_, port):
        said = _get(port, headers, path)

        assert not said or said.startswith(b"HTTP/1.1 431 ")
        assert b"200 OK" in _get(port)


def test_a_head_below_the_limit_is_fine() -> None:
    """Sixty kilobytes of cookies are odd, and no reason to refuse."""
    with _serving() as (_, port):
        assert b"200 OK" in _get(port, b"Cookie: " + b"x" * (MAX_HEAD - 1000) + b"\r\n")


def test_a_large_body_does_not_count_as_head() -> None:
    """The limit is on the head, also where head and body arrive in one piece."""
    body = b"x" * 300_000
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n"
    with _serving() as (_, port):
        assert _said(port, head + body).endswith(b"6\r\n300000\r\n0\r\n\r\n")


def test_many_small_requests_in_one_piece() -> None:
    """Pipelined requests that together are larger than a head may be are all answered."""
    one = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with _serving() as (_, port):
        assert _said(port, one * 3000 + last).count(b"200 OK") == 3001


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nX-A: b\x00c\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    ],
    ids=[
        "no HTTP",
        "version",
        "length and chunked",
        "negative",
        "chunk size",
        "NUL in a header",
        "no Host",
        "two Hosts",
    ],
)
def test_what_is_no_http_is_told(request_bytes: bytes) -> None:
    """Broken framing gets a 400 problem and a closed connection, and one line for people."""
    refusals: list[Refusal] = []
    with _serving(refusals=refusals) as (_, port):
        head, _, body = _said(port, request_bytes).partition(b"\r\n\r\n")
        problem = json.loads(body)

    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json" in head
    assert (problem["status"], problem["type"]) == (400, "urn:mock-server:problem:malformed-http")
    assert [refusal.status for refusal in refusals] == [400]


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket"])
def test_another_protocol_is_declined_and_the_request_served(protocol: bytes) -> None:
    """Java's client offers HTTP/2 with every request; body and next request are not lost."""
    offer = b"Connection: keep-alive, Upgrade\r\nUpgrade: " + protocol + b"\r\n"
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12345\r\n" + offer + b"\r\n"
    last = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: y\r\n\r\n"
    with _serving() as (_, port):
        said = _said(
            port, post[:50], post[50:], b"x" * 345, b"x" * 12_000 + post + b"x" * 12345, last
        )

    assert said.count(b"200 OK") == 3
    assert said.count(b"5\r\n12345\r\n") == 2


@pytest.mark.slow
def test_slow_clients_are_let_go() -> None:
    """A head or a body that drips, and a connection that says nothing, end after their time."""
    limits = Limits(head=0.5, body=0.5, reading=0.5)
    begun = b"POST / HTTP/1.1\r\nHost: x\r\n"
    with _serving(limits=limits) as (_, port), ExitStack() as stack:
        silent, head, body = (stack.enter_context(_connected(port)) for _ in range(3))
        head.sendall(begun)
        body.sendall(begun + b"Content-Length: 100\r\n\r\nx")
        answers = [connection.recv(65536)[:13] for connection in (silent, head, body)]

        assert answers == [b"", b"HTTP/1.1 408 ", b"HTTP/1.1 408 "]
        assert b"200 OK" in _get(port)


@pytest.mark.slow
def test_an_idle_connection_is_closed_after_its_time_and_not_before() -> None:
    """Each request begins that time anew."""
    with _serving() as (server, port):
        server.config.timeout_keep_alive = 2
        with _connected(port) as connection:
            begun = time.monotonic()
            for _ in range(5):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
                time.sleep(0.8)
            assert connection.recv(1) == b""
            assert time.monotonic() - begun > 5 * 0.8 + 1.0


@pytest.mark.slow
def test_a_client_that_never_reads_is_let_go() -> None:
    """An answer that nobody takes does not stay in memory."""
    with _serving(limits=Limits(reading=0.5)) as (server, port), _connected(port) as connection:
        connection.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        deadline = time.monotonic() + 10
        while not server.server_state.connections and time.monotonic() < deadline:
            time.sleep(0.01)
        while server.server_state.connections and time.monotonic() < deadline:
            time.sleep(0.05)

        assert not server.server_state.connections


@pytest.mark.slow
def test_a_slow_answer_is_no_slow_client() -> None:
    """A client that waits for its answer, or reads a stream, is left alone."""

    async def thoughtful(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(2.5)
        await _echo(scope, receive, send)

    with _serving(thoughtful, limits=Limits(head=0.5, body=0.5, reading=0.5)) as (_, port):
        assert b"200 OK" in _get(port)


def test_a_thousand_connections_at_once() -> None:
    """All of them are answered."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with _serving() as (_, port), ExitStack() as stack:
        connections = [stack.enter_context(_connected(port)) for _ in range(1000)]
        for connection in connections:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answers = {connection.recv(15) for connection in connections}

    assert answers == {b"HTTP/1.1 200 OK"}


@pytest.mark.slow
def test_the_end_waits_for_nobody() -> None:
    """Streams, kept connections, half requests and clients that do not read delay it by nothing."""
    with _serving() as (server, port), ExitStack() as stack:
        beginnings = [
            b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
            b"GET / HT",
            b"",
        ]
        for beginning in beginnings:
            stack.enter_context(_connected(port)).sendall(beginning)
        time.sleep(0.2)
        server.stop()
        deadline = time.monotonic() + 10
        while (still_open := _is_open(port)) and time.monotonic() < deadline:
            time.sleep(0.01)

    assert not still_open


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_port_zero_is_a_free_one() -> None:
    """The URL has the port that was taken, and brackets around an IPv6 address."""
    (listening,) = listen("127.0.0.1", 0)
    with listening:
        port = listening.getsockname()[1]

        assert port > 0
        assert url_of("127.0.0.1", [listening]) == f"http://127.0.0.1:{port}"
        assert url_of("::1", [listening]) == f"http://[::1]:{port}"


def test_localhost_is_every_address_of_it() -> None:
    """A client that tries IPv6 first and one that knows IPv4 alone reach the same port."""
    sockets = listen("localhost", 0)
    ports = {listening.getsockname()[1] for listening in sockets}
    for listening in sockets:
        listening.close()

    assert len(ports) == 1


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("127.0.0.1", r"port \d+ on 127.0.0.1 is in use; .* --port"),
        ("192.0.2.1", r"--host 192.0.2.1: not an address of this machine"),
        ("nobody.invalid", r"--host nobody.invalid: no such host"),
    ],
)
def test_an_address_that_cannot_be_had_is_explained(host: str, message: str) -> None:
    """What was asked for, why it failed, and what to do."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(BindingError, match=message),
    ):
        listen(host, taken.getsockname()[1])
