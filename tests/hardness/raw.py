"""HTTP by hand: bytes out, bytes in, and nothing in between that means well."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["Raw", "ask", "connect", "memory_of", "request"]

PATIENCE = 60.0
IMAGES = "/api/ai/image/generation"
GOOD = b'{"model": "m", "prompt": "p"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """All that came back until the server closed the connection; `status` is 0 if nothing did."""

    raw: bytes

    @property
    def status(self) -> int:
        """The status of the first answer that is no 1xx."""
        raw = self.raw
        while raw.startswith(b"HTTP/1.1 100"):
            raw = raw.partition(b"\r\n\r\n")[2]
        return int(raw[9:12]) if raw.startswith(b"HTTP/1.") else 0

    @property
    def statuses(self) -> list[int]:
        """The statuses of all the answers on the connection."""
        return [
            int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) [A-Z][^\r]*\r\n", self.raw)
        ]

    @property
    def head(self) -> str:
        """The status line and the header lines."""
        return self.raw.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def body(self) -> bytes:
        """What follows the head."""
        return self.raw.partition(b"\r\n\r\n")[2]


def connect(url: str) -> socket.socket:
    """A connection to the server of a URL."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)


def request(body: bytes = GOOD, *lines: str, target: str = IMAGES, method: str = "POST") -> bytes:
    """A request with a credential and `Connection: close`; the lines come on top of the usual."""
    head = [f"{method} {target} HTTP/1.1", "Host: localhost", "Authorization: Bearer t"]
    names = {line.partition(":")[0].lower() for line in lines}
    if not names & {"content-length", "transfer-encoding"}:
        head.append(f"Content-Length: {len(body)}")
    if "content-type" not in names:
        head.append("Content-Type: application/json")
    head += [*lines, "Connection: close", "", ""]
    return "\r\n".join(head).encode("utf-8", "surrogateescape") + body


def ask(url: str, *pieces: bytes, pause: float = 0.0, patience: float = PATIENCE) -> Raw:
    """Send pieces, and read until the server closes the connection or patience ends.

    A server that closes before it has read everything is no failure: that is its answer.
    """
    with connect(url) as connection:
        _send(connection, pieces, pause)
        received: list[bytes] = []
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                data = connection.recv(65536)
            except (TimeoutError, ConnectionError):
                break
            if not data:
                break
            received.append(data)
        else:
            raise AssertionError(f"no end of the answer in {patience} seconds")
        return Raw(raw=b"".join(received))


def _send(connection: socket.socket, pieces: Iterable[bytes], pause: float) -> None:
    try:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
    except ConnectionError:
        return


def memory_of(process: int) -> float:
    """The resident memory of a process, in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"process {process} is gone")
