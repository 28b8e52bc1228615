"""A client that sends anything: requests of HTTP with bytes changed, cut, doubled and mixed."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from random import Random

from tests.hardness.raw import connect

__all__ = ["FAILED", "PATIENCE", "asked", "message", "send_random_bytes", "wrong_with"]

PATIENCE = 20.0
"""Seconds after which a connection whose client has said all is held, and not merely slow."""
_MOST = 1_000_000
_ANSWER = re.compile(rb"HTTP/1\.1 [1-5][0-9]{2} ")
FAILED = re.compile(rb"urn:mock-server:problem:internal")
"""What the mock answers where it failed itself."""

_SEEDS = (
    b"GET /things/1 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://a/things/1?a=b&c[d]=%20 HTTP/1.1\r\nHost: a\r\nAccept: */*;q=0.1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n\r\n",
    b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b'Content-Length: 16\r\n\r\n{"a": [1, null]}',
    b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=B\r\n"
    b"Transfer-Encoding: chunked\r\nTrailer: x\r\n\r\n"
    b'30;a="b"\r\n--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n0\r\nx: y\r\n\r\n',
    b"GET /things/1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    b"PUT /a HTTP/1.1\r\nHost: [::1]\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    b"GET /\r\n",
    b"POST /__mock/scenarios HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
    b"GET /__mock/journal?limit=1 HTTP/1.1\r\nHost: a\r\nCookie: a=b; c\r\n\r\n",
)
_WORDS = (
    b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b"%", b"%ff", b"/../", b"\xff\xfe", b"{", b"[" * 999,
    b"Content-Length: 1\r\n", b"Content-Length: 99999999999999999999\r\n", b"Host: b\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"Prefer: code=200\r\n",
    b"Prefer: wait=0.01, dynamic=true\r\n", b"?__code=4", b"HTTP/1.0", b"0\r\n\r\n",
    b"ffffffffffffffff\r\n", b"Connection: close\r\n", b"Range: bytes=0-\r\n", b"a" * 70_000,
)  # fmt: skip


def message(random: Random) -> bytes:
    """One message: a seed with up to eight changes, or no HTTP at all."""
    if random.random() < 0.05:
        return random.randbytes(random.randrange(1, 2000))
    made = random.choice(_SEEDS)
    for _ in range(random.randrange(9)):
        made = random.choice(_CHANGES)(made, random)[:_MOST]
    return made


def _flipped(made: bytes, random: Random) -> bytes:
    at = random.randrange(len(made) + 1)
    return made[:at] + random.randbytes(1) + made[at + 1 :]


def _cut(made: bytes, random: Random) -> bytes:
    start, end = sorted(random.randrange(len(made) + 1) for _ in range(2))
    return made[:start] + made[end:] if random.random() < 0.7 else made[:end]


def _doubled(made: bytes, random: Random) -> bytes:
    lines = made.split(b"\r\n")
    at = random.randrange(len(lines))
    return b"\r\n".join([*lines[:at], *[lines[at]] * random.choice((2, 3, 50)), *lines[at + 1 :]])


def _filled(made: bytes, random: Random) -> bytes:
    lines = made.split(b"\r\n")
    at = random.randrange(len(made) + 1) if random.random() < 0.5 else len(lines[0]) + 2
    return made[:at] + random.choice(_WORDS) + made[at:]


def _mixed(made: bytes, random: Random) -> bytes:
    other = random.choice(_SEEDS)
    return made[: random.randrange(len(made) + 1)] + other[random.randrange(len(other)) :]


def _followed(made: bytes, random: Random) -> bytes:
    return made + random.choice(_SEEDS)


_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flipped, _cut, _doubled, _filled, _mixed, _followed,
)  # fmt: skip


def asked(url: str, sent: bytes) -> bytes | None:
    """All that comes back until the connection is closed; None where it is held open."""
    with connect(url) as connection:
        connection.settimeout(PATIENCE)
        received: list[bytes] = []
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(65536):
                received.append(data)
        except TimeoutError:
            return None
        except OSError:
            pass  # closed before everything was read: that is an answer
        return b"".join(received)


def wrong_with(answer: bytes | None) -> str:
    """What is wrong with all that came back: "" for answers, or a closed connection."""
    if answer is None:
        return "the connection is held"
    if answer and not _ANSWER.match(answer):
        return f"no HTTP: {answer[:80]!r}"
    return "the mock itself failed" if FAILED.search(answer) else ""


def send_random_bytes(url: str, seconds: float, seed: int) -> tuple[int, list[str]]:
    """Send messages until the time is over: how many, and what was wrong with the answers."""
    random, count, wrong = Random(seed), 0, list[str]()
    end = time.monotonic() + seconds
    while time.monotonic() < end and len(wrong) < 10:
        sent = message(random)
        count += 1
        if found := wrong_with(asked(url, sent)):
            wrong.append(f"{found}, after {sent[:400]!r}")
    return count, wrong
