"""Event streams as other servers write them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from tests.conformance.backend.answers import JSON, Call
from tests.conformance.backend.exchange import chat
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.messages import Answer, Request
from tests.conformance.backend.patching import after
from tests.conformance.backend.variants.variation import differs, variant

__all__ = ["VARIANTS"]

STREAMED = chat(stream=True)


def never_streamed(request: Request, call: Call) -> str:
    """A document for every chat: the contract documents both for 200."""
    return JSON


def rewritten_stream(change: Callable[[bytes], bytes], first: bytes = b"") -> Patch:
    """Events in another spelling, each as a whole, however the transport has cut them."""

    def alter(request: Request, answer: Answer) -> Answer:
        return answer if answer.stream is None else replace(answer, stream=pieces(answer.stream))

    async def pieces(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        event = b""
        if first:
            yield first
        async for piece in stream:
            event += piece
            if event.endswith((b"\n\n", b"\r\n\r\n")):
                yield change(event)
                event = b""
        if event:
            yield change(event)

    return after(alter)


def sentinel(piece: bytes) -> bytes:
    """OpenAI's end of a stream."""
    return b"data: [DONE]\n\n" if b"done" in piece else piece


def named_events(piece: bytes) -> bytes:
    """Events with a name, an id and a time to retry."""
    return b"event: message\nid: 7\nretry: 3000\n" + piece


def split_bytes(request: Request, answer: Answer) -> Answer:
    """A byte at a time: pieces of the transport are no events."""
    if answer.stream is None:
        return answer
    given = answer.stream

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in given:
            for byte in piece:
                yield bytes([byte])

    return replace(answer, stream=pieces())


VARIANTS = (
    variant(
        "never-streamed",
        "A document also where a stream was asked for.",
        lambda behaviour: replace(behaviour, negotiate=never_streamed),
        differs(STREAMED),
    ),
    variant(
        "stream-with-comments",
        "Heartbeats between the events, and a comment before the first.",
        rewritten_stream(lambda piece: b": ping\n\n" + piece, b":ok\n\n"),
        differs(STREAMED),
    ),
    variant(
        "stream-with-crlf",
        "Lines end with CR LF.",
        rewritten_stream(lambda piece: piece.replace(b"\n", b"\r\n")),
        differs(STREAMED),
    ),
    variant(
        "stream-with-names",
        "Events have names, ids and a time to retry.",
        rewritten_stream(named_events),
        differs(STREAMED),
    ),
    variant(
        "stream-with-sentinel",
        "The stream ends with [DONE], as OpenAI's does.",
        rewritten_stream(sentinel),
        differs(STREAMED),
    ),
    variant(
        "stream-with-bom",
        "A byte order mark before the first event, which the HTML Standard allows.",
        rewritten_stream(lambda piece: piece, b"\xef\xbb\xbf"),
        differs(STREAMED),
    ),
    variant(
        "stream-in-several-lines",
        "Each event's data in several lines.",
        rewritten_stream(lambda piece: piece.replace(b'": ', b'":\ndata: ')),
        differs(STREAMED),
    ),
    variant(
        "stream-byte-by-byte",
        "Every byte in a piece of its own.",
        after(split_bytes),
        differs(STREAMED),
    ),
    variant(
        "stream-of-text",
        "Events hold text, not JSON: the contract says no more than that it is a stream.",
        rewritten_stream(lambda piece: b"data: some words\n\n" if b"chunk" in piece else piece),
        differs(STREAMED),
    ),
    variant(
        "stream-with-error-word",
        "An event whose text speaks of an error.",
        rewritten_stream(lambda piece: piece.replace(b"You ", b"error: Traceback is a word. You ")),
        differs(STREAMED),
    ),
)
