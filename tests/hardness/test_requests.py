"""Hostile requests: each has its documented answer or a closed connection, and the mock lives."""

from __future__ import annotations

import contextlib
import gzip
import json
import resource
import socket
import sys
import time
import zlib
from collections.abc import Iterator

import pytest

from tests import processor
from tests.command import Mock, launched
from tests.hardness.raw import GOOD, IMAGES, Raw, ask, connect, memory_of, request

MEGABYTE = 1024 * 1024
CLOSED = 0
PATIENT = 15.0
"""Seconds that a client waits for an end of the answer."""
SOON = 10.0
"""Seconds of processor time; generous, since what goes wrong here takes minutes or for ever."""


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    """The installed command with the AI contract, for all of these tests together."""
    with launched("--quiet", "--auth", "token=t") as running:
        assert ask(running.url, request()).status == 200
        yield running
        assert running.process.poll() is None
        assert ask(running.url, request()).status == 200


def json_of(text: str) -> bytes:
    """A good body with one more property, whose value is raw text."""
    return GOOD[:-1] + b', "x": ' + text.encode("utf-8", "surrogateescape") + b"}"


BODIES = {
    "nested 100,000 deep": (json_of("[" * 100_000 + "]" * 100_000), 400),
    "objects 100,000 deep": (json_of('{"a":' * 100_000 + "1" + "}" * 100_000), 400),
    "100,000 brackets that do not close": (b"[" * 100_000, 400),
    "nested 100 deep": (json_of("[" * 100 + "]" * 100), 200),
    "invalid UTF-8": (json_of('"\udcff"'), 400),
    "a surrogate in UTF-8": (GOOD.replace(b'"p"', b'"\xed\xa0\x80"'), 400),
    "an overlong encoding": (GOOD.replace(b'"p"', b'"\xc0\xaf"'), 400),
    "UTF-16": (GOOD.decode().encode("utf-16"), 400),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, 400),
    "NaN": (json_of("NaN"), 400),
    "Infinity": (json_of("-Infinity"), 400),
    "1e400": (json_of("1e400"), 400),
    "an integer of 10,000 digits": (json_of("9" * 10_000), 400),
    "a fraction of 10,000 digits": (json_of("0." + "9" * 10_000), 200),
    "a lone surrogate": (json_of(r'"\ud800"'), 400),
    "a lone surrogate as a name": (GOOD[:-1] + rb', "\udfff": 1}', 400),
    "NUL in a text": (json_of(r'"\u0000"'), 200),
    "a raw NUL": (json_of('"\0"'), 400),
    "duplicate keys": (GOOD[:-1] + b', "model": "last"}', 200),
    "nothing but blanks": (b" " * 1000, 400),
    "two documents": (GOOD + GOOD, 400),
    "100,000 names": (
        b"{" + b",".join(b'"%d":1' % n for n in range(100_000)) + b"," + GOOD[1:],
        200,
    ),
    "a text of 5 MB": (GOOD.replace(b'"p"', b'"' + b"p" * 5 * MEGABYTE + b'"'), 200),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body(mock: Mock, name: str) -> None:
    """What is JSON is accepted, what is none is refused as the contract documents, and soon."""
    body, status = BODIES[name]
    begin = processor.of_process(mock.process.pid)
    answer = ask(mock.url, request(body))

    assert answer.status == status, answer.raw[:500]
    assert processor.of_process(mock.process.pid) - begin < SOON
    json.loads(answer.body)


CHUNKED = "Transfer-Encoding: chunked"


def chunks(*data: bytes) -> bytes:
    """A chunked body."""
    return b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in data) + b"0\r\n\r\n"


def test_a_chunked_body(mock: Mock) -> None:
    """A body may come in chunks, with extensions and trailers, and byte by byte."""
    bodies = [
        chunks(GOOD),
        chunks(*(bytes([byte]) for byte in GOOD)),
        b"%x;a=b\r\n%s\r\n0\r\nX-Trailer: c\r\n\r\n" % (len(GOOD), GOOD),
    ]

    assert [ask(mock.url, request(body, CHUNKED)).status for body in bodies] == [200, 200, 200]


def test_bodies_of_50_mb(mock: Mock) -> None:
    """More than the limit is refused with 413, however it comes, and memory returns."""
    before = memory_of(mock.process.pid)
    declared = ask(mock.url, request(b"", f"Content-Length: {50 * MEGABYTE}"), b" " * MEGABYTE)
    sent = [
        ask(mock.url, request(b" " * 50 * MEGABYTE)),
        ask(mock.url, request(b"", CHUNKED), *[chunks(b" " * MEGABYTE)[:-5]] * 50),
    ]

    assert declared.status == 413
    assert {one.status for one in sent} <= {413, CLOSED}
    assert memory_of(mock.process.pid) - before < 40


def test_compressed_bodies(mock: Mock) -> None:
    """Gzip and deflate are undone; a bomb is over the limit, and garbage is refused."""
    bomb = gzip.compress(b" " * 60 * MEGABYTE, 1)
    twice = gzip.compress(gzip.compress(GOOD))
    cases = [
        (gzip.compress(GOOD), "gzip", 200),
        (zlib.compress(GOOD), "deflate", 200),
        (twice, "gzip, gzip", 200),
        (bomb, "gzip", 413),
        (GOOD, "gzip", 400),
        (gzip.compress(GOOD)[:-4], "gzip", 400),
        (gzip.compress(GOOD) + b"more", "gzip", 400),
        (GOOD, "br", 415),
        (GOOD, "identity", 200),
    ]
    before = memory_of(mock.process.pid)
    answers = [ask(mock.url, request(body, f"Content-Encoding: {how}")) for body, how, _ in cases]

    assert [one.status for one in answers] == [status for *_, status in cases]
    assert memory_of(mock.process.pid) - before < 60


def framed(*lines: str, body: bytes = b"") -> bytes:
    """A request that is made of these header lines alone."""
    return "\r\n".join([f"POST {IMAGES} HTTP/1.1", "Host: x", *lines, "", ""]).encode() + body


LAST = b"Host: x\r\nConnection: close\r\n\r\n"
FRAMES = {
    "length and chunks": framed("Content-Length: 5", CHUNKED, body=chunks(GOOD)),
    "chunks and length": framed(CHUNKED, "Content-Length: 5", body=chunks(GOOD)),
    "two lengths": framed("Content-Length: 29", "Content-Length: 3", body=GOOD),
    "a negative length": framed("Content-Length: -1", body=GOOD),
    "a signed length": framed("Content-Length: +29", body=GOOD),
    "a length in hexadecimal": framed("Content-Length: 0x1d", body=GOOD),
    "a length of 30 digits": framed(f"Content-Length: {'9' * 30}", body=GOOD),
    "a chunk that is no number": framed(CHUNKED, body=b"zz\r\nabc\r\n0\r\n\r\n"),
    "a chunk of 20 digits": framed(CHUNKED, body=b"f" * 20 + b"\r\nabc\r\n0\r\n\r\n"),
    "chunked twice": framed("Transfer-Encoding: chunked, chunked", body=chunks(GOOD)),
    "an unknown coding": framed("Transfer-Encoding: foo", body=chunks(GOOD)),
    "a blank before the colon": framed("Content-Length : 29", body=GOOD),
    "a folded line": framed("X-A: a", " b", "Content-Length: 29", body=GOOD),
    "a NUL in a header": framed("X-A: a\0b", "Content-Length: 29", body=GOOD),
    "a header without a name": framed(": a", "Content-Length: 29", body=GOOD),
    "a header without a colon": framed("nonsense", "Content-Length: 29", body=GOOD),
    "lines that end with a line feed": b"GET /api/ai/models HTTP/1.1\nHost: x\n\n",
    "no version": b"GET /api/ai/models\r\n\r\n",
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "TLS": bytes.fromhex("160301020001 0001fc0303") + b"\0" * 200,
    "random bytes": bytes(range(256)) * 40,
    "an unheard-of method": b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method of 100 kB": b"A" * 100_000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target of 1 MB": b"GET /" + b"a" * MEGABYTE + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header of 1 MB": framed("X-A: " + "a" * MEGABYTE),
    "100,000 headers": framed(*(f"X-{n}: a" for n in range(100_000))),
    "a header that never ends": framed()[:-2] + b"X-A: " + b"a" * 8 * MEGABYTE,
    "a target that is not UTF-8": b"GET /api/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET /api/ai/models HTTP/1.1\r\n\r\n",
    "an absolute target": b"GET http://evil.example/api/ai/models HTTP/1.1\r\n" + LAST,
    "an upgrade": b"GET /api/ai/models HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "dots in the path": b"GET /api/ai/../../../../etc/passwd HTTP/1.1\r\n" + LAST,
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_hostile_framing(mock: Mock, name: str) -> None:
    """Whatever is not quite HTTP is refused or closed; it is no failure, and never a success."""
    begin = processor.of_process(mock.process.pid)
    answer = ask(mock.url, FRAMES[name], patience=PATIENT)

    assert set(answer.statuses) <= {400, 401, 404, 405, 413, 414, 431, 501, 505}, answer.raw[:300]
    assert processor.of_process(mock.process.pid) - begin < SOON
    assert ask(mock.url, request()).status == 200


def test_no_request_is_smuggled(mock: Mock) -> None:
    """A request that hides in another one's body is never answered on its own."""
    hidden = b"GET /__mock/health HTTP/1.1\r\nHost: x\r\n\r\n"
    length_wins = framed(f"Content-Length: {5 + len(hidden)}", CHUNKED, body=b"0\r\n\r\n" + hidden)
    chunks_win = framed(CHUNKED, "Content-Length: 5", body=b"0\r\n\r\n" + hidden)

    answers = [ask(mock.url, one, patience=PATIENT) for one in (length_wins, chunks_win)]

    assert max(len(one.statuses) for one in answers) <= 1


def test_pipelined_requests(mock: Mock) -> None:
    """Requests that come at once on one connection are answered in their order."""
    kept = request().replace(b"Connection: close\r\n", b"")
    answer = ask(mock.url, kept * 20 + request())

    assert answer.statuses == [200] * 21


def test_expect_continue(mock: Mock) -> None:
    """A client that waits for leave to send its body gets it."""
    answer = ask(mock.url, request(GOOD, "Expect: 100-continue"))

    assert answer.raw.startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert answer.status == 200


@pytest.mark.slow
def test_a_client_that_sends_a_byte_a_second(mock: Mock) -> None:
    """Slow clients, in head and body, keep nobody waiting."""
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(contextlib.closing(connect(mock.url))) for _ in range(50)]
        for byte in (request()[:1], request()[1:2], request()[2:3]):
            for connection in slow:
                connection.sendall(byte)
            begin = processor.of_process(mock.process.pid)
            assert ask(mock.url, request()).status == 200
            assert processor.of_process(mock.process.pid) - begin < SOON
            time.sleep(0.5)
        body = stack.enter_context(contextlib.closing(connect(mock.url)))
        body.sendall(request()[:-10])
        assert ask(mock.url, request()).status == 200
        body.sendall(request()[-10:])
        assert body.recv(12) == b"HTTP/1.1 200"


def test_a_client_that_never_reads(mock: Mock) -> None:
    """Answers that nobody reads do not pile up without a bound, and nobody else waits."""
    kept = request().replace(b"Connection: close\r\n", b"")
    before = memory_of(mock.process.pid)
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            deaf = stack.enter_context(contextlib.closing(connect(mock.url)))
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.settimeout(0.5)
            with contextlib.suppress(TimeoutError):
                deaf.sendall(kept * 20_000)
        begin = processor.of_process(mock.process.pid)
        assert ask(mock.url, request()).status == 200
        assert processor.of_process(mock.process.pid) - begin < SOON
        assert memory_of(mock.process.pid) - before < 60


def test_a_client_that_goes_away(mock: Mock) -> None:
    """Connections that are cut in the middle of a request, an answer or a stream do no harm."""
    stream = request(b'{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}')
    stream = stream.replace(IMAGES.encode(), b"/api/ai/chat/completion")
    for bytes_out in (b"", b"P", request()[:40], request()[:-3], request(), stream):
        for _ in range(20):
            connection = connect(mock.url)
            connection.sendall(bytes_out)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            connection.close()

    assert ask(mock.url, request()).status == 200


def test_a_thousand_connections(mock: Mock) -> None:
    """A thousand connections at once are all answered, and their memory returns."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(2048, hard), hard))
    before = memory_of(mock.process.pid)
    with contextlib.ExitStack() as stack:
        connections = [
            stack.enter_context(contextlib.closing(connect(mock.url))) for _ in range(1000)
        ]
        for connection in connections:
            connection.sendall(request())
        answers = [Raw(raw=connection.recv(4096)).status for connection in connections]

    assert answers == [200] * 1000
    assert memory_of(mock.process.pid) - before < 80


INJECTED = (
    "a\r\nSet-Cookie: stolen=1",
    "a\nX-Injected: 1",
    "a\u2028X-Injected: 1",
    "a\u0085X-Injected: 1",
    "\x1b[31mred\x1b[0m",
    "{$request.body#/prompt}{$mock.problem}",
    "</script><script>alert(1)</script>",
)


@pytest.mark.parametrize("value", INJECTED)
def test_an_echoed_value_injects_nothing(mock: Mock, value: str) -> None:
    """What is echoed stays a string of the body: no header and no second expansion comes of it."""
    body = json.dumps({"model": value, "prompt": "p"}).encode()
    answer = ask(mock.url, request(body))
    refused = ask(mock.url, request(json.dumps({"model": [value]}).encode()))

    assert json.loads(answer.body)["model"] == value
    for one in (answer, refused):
        assert "stolen" not in one.head
        assert "X-Injected" not in one.head
        json.loads(one.body)


@pytest.mark.parametrize(
    "line",
    [
        "Prefer: example=a%0d%0aX-Injected: 1",
        'Prefer: code=200, example="a\tX-Injected: 1"',
        "Prefer: code=99999999999999999999",
        "Prefer: wait=1e9",
        "Prefer: wait=-1",
        "Prefer: seed=" + "9" * 5000,
        "Prefer: " + "code=200," * 5000,
        "Prefer: " + '"' * 5000,
        "Accept: " + "a/b;q=0.1," * 5000,
        "Cookie: " + "a=b;" * 10_000,
        "Origin: http://evil.example\x7f",
        "Content-Type: " + "application/json;" * 3000,
        "Content-Type: application/json; charset=" + "x" * 3000,
        "Content-Encoding: " + "gzip," * 5000,
        "Authorization: Bearer " + "a." * 20_000,
        "If-None-Match: " + '"x",' * 5000,
    ],
)
def test_a_hostile_header(mock: Mock, line: str) -> None:
    """A header that is only strange costs nothing and injects nothing."""
    begin = processor.of_process(mock.process.pid)
    answer = ask(mock.url, request(GOOD, line))

    assert answer.status in {200, 400, 401, 404, 406, 415, 431}, answer.raw[:300]
    assert "\nX-Injected" not in answer.head
    assert processor.of_process(mock.process.pid) - begin < SOON


@pytest.mark.slow
def test_the_log_cannot_be_forged() -> None:
    """A request is one line of the log, whatever stands in its target and its body."""
    forged = "%0d%0a%1b[2J%0aGET%20/forged%20200"
    with launched("--auth", "token=t") as running:
        ask(running.url, request(b"", target=f"/nowhere/{forged}", method="GET"))
        body = json.dumps({"model": ["\r\nGET /forged 200\x1b[2J"]}).encode()
        ask(running.url, request(body))
        ask(running.url, request(target="/last", method="GET"))
        time.sleep(0.3)
        _, said = running.stop()

    assert not [line for line in said.splitlines() if line.lstrip().startswith("GET /forged")]
    assert "\x1b[2J" not in said
    assert "/last" in said


@pytest.mark.slow
def test_the_log_of_machines_is_json_whatever_comes() -> None:
    """With --log-format json each line is a JSON object, also for hostile requests."""
    with launched("--log-format", "json", "--auth", "token=t") as running:
        for target in ("/%00%0a%22", "/\\", "/é", "/%ff%fe", "/?" + "a" * 5000):
            ask(running.url, request(b"", target=target, method="GET"))
        ask(running.url, FRAMES["random bytes"], patience=PATIENT)
        time.sleep(0.3)
        _, said = running.stop()

    lines = [line for line in said.splitlines() if line]
    assert len(lines) >= 5
    assert [type(json.loads(line)) for line in lines] == [dict] * len(lines)


pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="memory is read from /proc, which Linux has"
)
