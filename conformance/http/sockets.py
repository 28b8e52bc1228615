"""Requests over a plain socket, sent byte for byte as written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import h11

from conformance.http.exchange import KEPT_BYTES, Answer, Framing, Request, Trouble
from conformance.http.received import WHOLE_TIME, BodyPatience, Received
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
    lines += [] if request.header("host") is not None else [f"Host: {target.authority}"]
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
    target: Target,
    requests: Sequence[Request],
    timeout: float,
    patience: BodyPatience = WHOLE_TIME,
) -> tuple[Answer, ...]:
    """One answer for each request, all of them on one connection."""
    if target.app is not None:
        why = "an application that is called without a socket cannot receive raw bytes"
        return tuple(Answer(trouble=Trouble.UNSENDABLE, detail=why) for _ in requests)
    odd = any(request.framing not in (Framing.LENGTH, Framing.CHUNKED) for request in requests)
    # A server may wait for ever for a body that never comes, and be right to.
    seconds = min(timeout, PATIENCE) if odd else timeout
    limit = asyncio.timeout(seconds)
    conversation = _Conversation(limit, patience)
    try:
        async with limit:
            await conversation.hold(target, requests)
    except TimeoutError:
        conversation.end(Trouble.TIMEOUT, f"after {seconds:g} s")
    except ConnectionRefusedError as error:
        conversation.end(Trouble.UNREACHABLE, str(error))
    except OSError as error:
        conversation.end(Trouble.DROPPED, str(error) or type(error).__name__)
    except h11.RemoteProtocolError as error:
        conversation.answers.append(conversation.received.malformed(error))
    missing = Answer(trouble=Trouble.DROPPED, detail="the connection was closed")
    answers = conversation.answers[: len(requests)]
    return (*answers, *[missing] * (len(requests) - len(answers)))


class _Conversation:
    """Requests and their answers on one connection; `received` is the one that arrives."""

    def __init__(self, limit: asyncio.Timeout, patience: BodyPatience) -> None:
        self.answers = list[Answer]()
        self._limit, self._patience = limit, patience
        self.received = Received(limit, patience)

    def end(self, trouble: Trouble, detail: str) -> None:
        """Nothing more comes of the answer that is arriving."""
        self.answers.append(self.received.answer(trouble, detail))

    async def hold(self, target: Target, requests: Sequence[Request]) -> None:
        """Send the requests in turn, each after the answer to the one before."""
        server = target.host if target.scheme == "https" else None
        reader, writer = await asyncio.open_connection(
            target.host, target.port, ssl=target.tls(), server_hostname=server
        )
        try:
            left = b""
            for number, request in enumerate(requests, 1):
                last = number == len(requests)
                head = request.method == "HEAD"
                self.received = Received(self._limit, self._patience)
                # A server that is asked to close may: only on a kept connection content is misread.
                writer.write(on_the_wire(request, target, close=last and not head))
                await writer.drain()
                # Half of the connection is closed, so that the server sees the end (not with TLS).
                if request.framing is Framing.SHORT and writer.can_write_eof():
                    writer.write_eof()
                answer, left, closes = await _read_answer(reader, request, left, self.received)
                # h11 ends these without looking: a body there would be read as the next answer.
                if last and answer.status in _BODILESS and not left:
                    left = await _after(reader, PAUSE)
                elif head and not left and not closes:
                    left = await _after(reader, GLANCE)
                if left and not (head and closes):
                    what = f"{len(left)} bytes after the end of the answer"
                    answer = replace(answer, trouble=Trouble.FALSE_LENGTH, detail=what)
                self.answers.append(answer)
                if closes and not last:
                    closed = Answer(
                        trouble=Trouble.UNSENDABLE, detail="no other answer can be read"
                    )
                    self.answers.extend([closed] * (len(requests) - number))
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
    reader: asyncio.StreamReader, request: Request, left: bytes, received: Received
) -> tuple[Answer, bytes, bool]:
    """The answer, what came after it, and whether nothing more can be read on this connection.

    HTTP/1.0 ends it unless it promises to stay, and so does a body whose end is that of the
    connection (RFC 9112 sections 9.3 and 6.3), or one that is not read to its end.
    """
    connection = _awaiting_answer(request)
    if left:
        connection.receive_data(left)
    ended = False
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(65536)
            if not data and not received.status:
                return _UNANSWERED, b"", False
            connection.receive_data(data)
            ended = not data
        elif isinstance(event, h11.Response):
            received.start(event.status_code, list(event.headers))
        elif isinstance(event, h11.Data):
            received.piece(bytes(event.data))
            if received.is_enough:
                return received.complete(), b"", True
        elif isinstance(event, h11.EndOfMessage):
            closes = ended or connection.their_state is not h11.DONE
            return received.complete(), bytes(connection.trailing_data[0]), closes
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
