"""Requests over a plain socket, sent byte for byte as written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import h11

from conformance.http.content_codings import decoded
from conformance.http.exchange import KEPT_BYTES, MOST_BYTES, Answer, Framing, Request, Trouble
from conformance.http.target import Target

__all__ = ["on_the_wire", "send_raw"]

PAUSE = 0.2
"""Seconds in which a body that should not be there follows its headers."""
GLANCE = 0.03
"""The same for HEAD, which every operation gets: most servers send all of an answer at once."""
_BODILESS = frozenset({204, 304})
"""Statuses whose answer ends with its headers (RFC 9112 section 6.3)."""
_UNANSWERED = Answer(trouble=Trouble.DROPPED, detail="closed without an answer")
PATIENCE = 3.0
"""Seconds that a server has for a request which is never finished, or was never right."""


def on_the_wire(request: Request, target: Target, *, close: bool = True) -> bytes:
    """The request as bytes; the faults of its framing are made here."""
    lines = [f"{request.method} {target.prefix}{request.target} HTTP/{request.version}"]
    lines += [f"Host: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    if close:
        lines.append("Connection: close")
    body, framing = request.body or b"", request.framing
    if framing in (Framing.CHUNKED, Framing.BOTH, Framing.BAD_CHUNK):
        lines.append("Transfer-Encoding: chunked")
    # 50 more than are sent: the server waits for them.
    lengths = {
        Framing.LENGTH: str(len(body)) if request.body is not None else None,
        Framing.BOTH: str(len(body)),
        Framing.WRONG_LENGTH: "abc",
        Framing.SHORT: str(len(body) + 50),
    }
    if (length := lengths.get(framing)) is not None:
        lines.append(f"Content-Length: {length}")
    # Latin-1 has a byte for each character up to U+00FF, as HTTP libraries send them.
    head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    if framing in (Framing.CHUNKED, Framing.BOTH):
        middle = len(body) // 2
        return head + _chunk(body[:middle]) + _chunk(body[middle:]) + b"0\r\n\r\n"
    if framing is Framing.BAD_CHUNK:
        return head + b"xyz\r\n" + body + b"\r\n0\r\n\r\n"
    return head + body


def _chunk(data: bytes) -> bytes:
    """A chunk (RFC 9112 section 7.1); nothing for no data, since an empty chunk is the last."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n" if data else b""


async def send_raw(
    target: Target, requests: Sequence[Request], timeout: float
) -> tuple[Answer, ...]:
    """One answer for each request, all of them on one connection."""
    if target.app is not None:
        why = "an application that is called without a socket cannot receive raw bytes"
        return tuple(Answer(trouble=Trouble.UNSENDABLE, detail=why) for _ in requests)
    odd = any(request.framing not in (Framing.LENGTH, Framing.CHUNKED) for request in requests)
    # A server may wait for ever for a body that never comes, and be right to.
    patience = min(timeout, PATIENCE) if odd else timeout
    answers = list[Answer]()
    try:
        async with asyncio.timeout(patience):
            await _converse(target, requests, answers)
    except TimeoutError:
        answers.append(Answer(trouble=Trouble.TIMEOUT, detail=f"after {patience:g} s"))
    except ConnectionRefusedError as error:
        answers.append(Answer(trouble=Trouble.UNREACHABLE, detail=str(error)))
    except OSError as error:
        answers.append(Answer(trouble=Trouble.DROPPED, detail=str(error) or type(error).__name__))
    except h11.RemoteProtocolError as error:
        answers.append(Answer(trouble=Trouble.NOT_HTTP, detail=str(error)))
    missing = Answer(trouble=Trouble.DROPPED, detail="the connection was closed")
    return (*answers, *[missing] * (len(requests) - len(answers)))


async def _converse(target: Target, requests: Sequence[Request], answers: list[Answer]) -> None:
    server = target.host if target.scheme == "https" else None
    reader, writer = await asyncio.open_connection(
        target.host, target.port, ssl=target.tls(), server_hostname=server
    )
    try:
        left = b""
        for number, request in enumerate(requests, 1):
            last = number == len(requests)
            head = request.method == "HEAD"
            # A server that is asked to close may: only on a kept connection content is misread.
            writer.write(on_the_wire(request, target, close=last and not head))
            await writer.drain()
            # Half of the connection is closed, so that the server sees the end (not with TLS).
            if request.framing is Framing.SHORT and writer.can_write_eof():
                writer.write_eof()
            answer, left, closes = await _read_answer(reader, request, left)
            # h11 ends these without looking: a body there would be read as the next answer.
            if last and answer.status in _BODILESS and not left:
                left = await _after(reader, PAUSE)
            elif head and not left and not closes:
                left = await _after(reader, GLANCE)
            if left and not (head and closes):
                what = f"{len(left)} bytes after the end of the answer"
                answer = replace(answer, trouble=Trouble.FALSE_LENGTH, detail=what)
            answers.append(answer if answer.trouble else decoded(answer))
            if closes and not last:
                closed = Answer(trouble=Trouble.UNSENDABLE, detail="it announced the close")
                answers.extend([closed] * (len(requests) - number))
                return
    finally:
        writer.close()


async def _after(reader: asyncio.StreamReader, pause: float) -> bytes:
    """What still comes after an answer that has no body: it would be the next answer's."""
    try:
        async with asyncio.timeout(pause):
            return await reader.read(KEPT_BYTES)
    except TimeoutError:
        return b""


async def _read_answer(
    reader: asyncio.StreamReader, request: Request, left: bytes
) -> tuple[Answer, bytes, bool]:
    """The answer, what came after it, and whether it said that nothing more will come.

    HTTP/1.0 says so unless it promises to stay, and so does a body whose end is that of the
    connection (RFC 9112 sections 9.3 and 6.3).
    """
    connection = _awaiting_answer(request)
    if left:
        connection.receive_data(left)
    status, headers, body, length = 0, tuple[tuple[str, str], ...](), list[bytes](), 0
    ended = False
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(65536)
            if not data and not status:
                return _UNANSWERED, b"", False
            connection.receive_data(data)
            ended = not data
        elif isinstance(event, h11.Response):
            status, headers = event.status_code, _header_pairs(event)
        elif isinstance(event, h11.Data):
            body.append(bytes(event.data))
            length += len(event.data)
            if length > MOST_BYTES:
                detail = f"cut after {MOST_BYTES:,} bytes"
                cut = Answer(status=status, headers=headers, trouble=Trouble.OVERSIZED)
                return replace(cut, body=b"".join(body)[:KEPT_BYTES], detail=detail), b"", False
        elif isinstance(event, h11.EndOfMessage):
            answer = Answer(status=status, headers=headers, body=b"".join(body))
            closes = ended or connection.their_state is not h11.DONE
            return answer, bytes(connection.trailing_data[0]), closes
        elif isinstance(event, h11.ConnectionClosed):
            return _UNANSWERED, b"", False


def _awaiting_answer(request: Request) -> h11.Connection:
    """A reader of the answer.

    It gets a plain request of the same kind, since h11 would not send what was sent: it needs the
    method to know whether the answer has a body (RFC 9112 section 6.3).
    """
    connection = h11.Connection(our_role=h11.CLIENT)
    method = request.method if request.method in ("HEAD", "CONNECT") else "GET"
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    return connection


def _header_pairs(event: h11.Response) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers)
