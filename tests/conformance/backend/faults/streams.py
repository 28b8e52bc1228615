"""Event streams that no EventSource can read, or that hide an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial

from tests.conformance.backend import operations as op
from tests.conformance.backend.answers import JSON, STREAM, event
from tests.conformance.backend.exchange import chat
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Request, json_answer
from tests.conformance.backend.patching import after
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]

fault = partial(Fault, family=Family.STREAMS, operations=(op.CHAT,))
streamed = chat(stream=True)
seen = shows(streamed, was=200, becomes=200)

Stream = AsyncIterator[bytes]


def streams(change: Callable[[Answer], Answer]) -> Patch:
    """Change an answer that is a stream of events; a document in pieces is none."""

    def alter(request: Request, answer: Answer) -> Answer:
        document = answer.stream is None or answer.header("content-type") == "application/json"
        return answer if document else change(answer)

    return after(alter)


def retyped(value: str) -> Patch:
    """Another Content-Type."""
    return streams(lambda answer: answer.having("content-type", value))


def rewritten(change: Callable[[bytes], bytes]) -> Patch:
    """Every event in other bytes."""

    async def pieces(stream: Stream) -> Stream:
        async for piece in stream:
            yield change(piece)

    return streams(lambda answer: replace(answer, stream=pieces(_of(answer))))


def cut_after(count: int, *last: bytes) -> Patch:
    """Only so many events, and something else in the place of the rest."""

    async def pieces(stream: Stream) -> Stream:
        position = 0
        async for piece in stream:
            if position == count:
                break
            position += 1
            yield piece
        for piece in last:
            yield piece

    return streams(lambda answer: replace(answer, stream=pieces(_of(answer))))


async def forever(stream: Stream) -> Stream:
    """The events, and then a heartbeat for as long as somebody listens."""
    async for piece in stream:
        yield piece
    while True:
        await asyncio.sleep(0.05)
        yield b": ping\n\n"


def _of(answer: Answer) -> Stream:
    if answer.stream is None:
        raise LookupError("this answer is no stream")
    return answer.stream


FAULTS = (
    fault(
        name="stream-typed-json",
        what="Events under the type of JSON.",
        finds="stream: content type",
        patch=retyped(JSON),
        shows=seen,
    ),
    fault(
        name="stream-typed-plain",
        what="Events as text/plain: no EventSource opens that.",
        finds="stream: content type",
        patch=retyped("text/plain; charset=utf-8"),
        shows=seen,
    ),
    fault(
        name="stream-typed-octets",
        what="A proxy's default type.",
        finds="stream: content type",
        patch=retyped("application/octet-stream"),
        shows=seen,
    ),
    fault(
        name="stream-of-lines",
        what="JSON lines that are called events: no field, no blank line.",
        finds="stream: framing",
        patch=rewritten(lambda piece: piece.removeprefix(b"data: ").rstrip(b"\n") + b"\n"),
        shows=seen,
    ),
    fault(
        name="stream-without-blank-lines",
        what="One line break after each event: all of them are one, and no JSON.",
        finds="stream: framing",
        patch=rewritten(lambda piece: piece.rstrip(b"\n") + b"\n"),
        shows=seen,
    ),
    fault(
        name="stream-escaped-breaks",
        what="`\\\\n\\\\n` in the source: the line breaks are sent as letters.",
        finds="stream: framing",
        patch=rewritten(lambda piece: piece.rstrip(b"\n") + b"\\n\\n"),
        shows=seen,
    ),
    fault(
        name="last-event-unfinished",
        what="The last event has no blank line after it, and is never dispatched.",
        finds="stream: a proper end",
        patch=cut_after(4, b'data: {"done": true}'),
        shows=seen,
    ),
    fault(
        name="stream-cut-within-an-event",
        what="The stream ends in the middle of an event.",
        finds="stream: a proper end",
        patch=cut_after(2, b'data: {"chu'),
        shows=seen,
    ),
    fault(
        name="stream-without-events",
        what="The stream is opened and closed.",
        finds="stream: events",
        patch=cut_after(0),
        shows=seen,
    ),
    fault(
        name="stream-malformed-event",
        what="One event among JSON ones holds half an object.",
        finds="stream: each event",
        patch=cut_after(2, b'data: {"chunk": \n\n', b'data: {"done": true}\n\n'),
        shows=seen,
    ),
    fault(
        name="error-in-stream",
        what="The provider failed, and the first event of a 200 says so.",
        finds="stream: an error in a 200",
        patch=cut_after(0, event({"error": "Provider returned error", "code": 502})),
        shows=seen,
    ),
    fault(
        name="error-after-chunks",
        what="The provider failed half way; an event says so, and then the stream ends.",
        finds="stream: an error in a 200",
        patch=cut_after(2, event({"error": "upstream connection closed"})),
        shows=seen,
    ),
    fault(
        name="error-event",
        what="`event: error` in a 200.",
        finds="stream: an error in a 200",
        patch=cut_after(1, b'event: error\ndata: {"message": "rate limited"}\n\n'),
        shows=seen,
    ),
    fault(
        name="stack-trace-in-stream",
        also=r"response\.200\(text/event-stream\)\.stream\.honest",
        what="The exception's traceback is the last event.",
        finds="leak: stack trace",
        patch=cut_after(
            1,
            event(
                {
                    "error": 'Traceback (most recent call last):\n  File "/app/chat.py", line 88, '
                    "in stream\nKeyError: 'choices'"
                }
            ),
        ),
        shows=seen,
    ),
    fault(
        name="stream-not-utf-8",
        what="A character is split between two pieces and each is decoded by itself.",
        finds="stream: UTF-8",
        patch=rewritten(lambda piece: piece.replace(b"said", b"s\xc3(d")),
        shows=seen,
    ),
    fault(
        name="stream-endless",
        level="warning",
        what="Heartbeats go on after the last event: the stream has no end.",
        finds="stream: an end within the time limit",
        patch=streams(lambda answer: replace(answer, stream=forever(_of(answer)))),
        shows=replace(seen, endless=True),
        options=("--max-response-time", "0.5"),
    ),
    fault(
        name="stream-crashes",
        also=r"accept\.range",
        what="Streaming is not implemented: 500.",
        finds="edge: both booleans",
        patch=streams(lambda answer: json_answer({"error": "Internal Server Error"}, 500)),
        shows=shows(streamed, was=200, becomes=500),
    ),
    fault(
        name="stream-as-string",
        what="The whole stream as one JSON string, because the contract's schema says string.",
        finds="stream: framing",
        patch=streams(lambda answer: json_answer("data: {}\n\n").having("content-type", STREAM)),
        shows=seen,
    ),
)
