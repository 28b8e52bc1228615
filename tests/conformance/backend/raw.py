"""What arrives on a socket, byte for byte: the proof of faults that no client library shows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from tests.conformance.backend.exchange import Ask, headers_of
from tests.conformance.backend.server import Backend
from tests.conformance.backend.wire import Wire, listening, send_plainly

__all__ = ["Pieces", "raw_answers", "status_of"]

SILENCE = 0.05
"""Seconds without a byte after which the raw client takes an answer for complete."""
Pieces = tuple[bytes, ...]


def raw_answers(backend: Backend, questions: Sequence[Ask]) -> tuple[Pieces, ...]:
    """What answers each request, as it arrives; all of them are sent over one kept connection."""
    wire = backend.behaviour.wire or Wire(send=send_plainly)

    async def converse() -> tuple[Pieces, ...]:
        async with listening(backend.respond, wire) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            found = [await raw_answer(backend, question, reader, writer) for question in questions]
            writer.close()
            return tuple(found)

    return asyncio.run(converse())


async def raw_answer(
    backend: Backend, question: Ask, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Pieces:
    """Everything that arrives until the server falls silent."""
    lines = [f"{question.method} {question.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers_of(backend, question)]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + (question.body or b""))
    received: list[bytes] = []
    with contextlib.suppress(TimeoutError, ConnectionError):
        while sum(map(len, received)) < 3_000_000:
            piece = await asyncio.wait_for(reader.read(1 << 20), SILENCE)
            if not piece:
                break
            received.append(piece)
    return tuple(received)


def status_of(answer: Pieces) -> int:
    """The status of the last head in an answer; 0 where it has none."""
    lines = [line for line in b"".join(answer).split(b"\r\n") if line.startswith(b"HTTP/1.")]
    return int(lines[-1].split()[1]) if lines else 0
