"""The bytes of a request body: received within a limit, and decompressed within the same."""

from __future__ import annotations

import zlib

from starlette.types import Message, Receive

from mock_server.model.problems import Problem, Refused

__all__ = ["ClientGoneError", "decompressed", "received", "too_large"]

# 15 is zlib's window, and 16 more expects the header of gzip. `deflate` means zlib's own format
# (RFC 9110 section 8.4.1.2).
_WINDOW_BITS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


class ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


async def received(first: Message, receive: Receive, limit: int) -> bytes:
    """The whole body, of `limit` bytes at most, of which the first message has come.

    Raises Refused with a 413 as soon as it is too long, and ClientGoneError.
    """
    message, size = first, 0
    chunks: list[bytes] = []
    while True:
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()


def decompressed(raw: bytes, encoding: bytes, limit: int) -> bytes:
    """Undo `Content-Encoding`; raises Refused for an unknown one (415) and for a bomb (413)."""
    # The last coding was applied last (RFC 9110 section 8.4), so it is undone first.
    for one in reversed(encoding.lower().split(b",")):
        coding = one.strip()
        if coding in (b"", b"identity"):
            continue
        bits = _WINDOW_BITS.get(coding)
        if bits is None:
            raise Refused(
                Problem.of(
                    "unsupported-encoding",
                    f"the body has the Content-Encoding '{coding.decode('latin-1')[:40]}'",
                    offers=("gzip", "deflate", "identity"),
                    headers=((b"accept-encoding", b"gzip, deflate"),),
                )
            )
        raw = _inflated(raw, bits, limit)
    return raw


def too_large(limit: int) -> Refused:
    """The refusal of a body that is longer than `limit` bytes."""
    return Refused(Problem.of("too-large", f"the limit is {limit} bytes"))


def _inflated(raw: bytes, bits: int, limit: int) -> bytes:
    unpacker = zlib.decompressobj(bits)
    try:
        data = unpacker.decompress(raw, limit + 1)
    except zlib.error:
        data = None
    if data is not None and len(data) > limit:
        raise too_large(limit)
    if data is None or not unpacker.eof or unpacker.unused_data:
        raise Refused(
            Problem.of(
                "unsupported-encoding", "the body is not encoded as its Content-Encoding says"
            ).with_status(400)
        )
    return data
