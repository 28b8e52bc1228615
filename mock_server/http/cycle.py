"""How an answer leaves: by uvicorn's rules, with the heads that were seen before kept ready.

Uvicorn looks at each name and value of each answer for what must not stand in a header, joins
them anew, and writes head and body apart. A mock gives the same few heads again and again, so each
is looked at and joined once, and leaves together with its body. Status, `Date` and
`Content-Length` are not part of what is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Generator, Sequence
from functools import cached_property
from typing import Any, ClassVar

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from mock_server.model.header_lines import HeaderLine, HeaderLines

__all__ = ["Begun", "Cycle", "is_sent_whole"]

_FRAMING = frozenset({b"connection", b"content-length", b"transfer-encoding"})
# Heads, and bytes of one. A request decides on some values (`Origin`), so there may be any number.
_MOST_KEPT, _LONGEST_KEPT = 512, 4096
_LONGEST_JOINED = 65536
"""A longer body is not copied to stand behind its head."""


class Cycle(RequestResponseCycle):
    """One request and its answer. ASGI messages are left to uvicorn; `send_whole` is quicker."""

    kept: ClassVar[dict[HeaderLines, bytes]] = {}
    _dates: ClassVar[tuple[Sequence[HeaderLine], bytes]] = ((), b"")

    # What uvicorn sets for each request, and few requests change.
    logger = logging.getLogger("uvicorn.error")
    access_logger = logging.getLogger("uvicorn.access")
    access_log = disconnected = response_started = response_complete = False
    chunked_encoding: bool | None = None
    expected_content_length = 0
    body: Any = b""
    more_body = True
    _is_read = False

    def __init__(self, protocol: HttpToolsProtocol, scope: Any, *, may_keep_alive: bool) -> None:
        self.scope = scope
        self.transport, self.flow = protocol.transport, protocol.flow
        self.default_headers = protocol.server_state.default_headers
        self.on_response = protocol.on_response_complete
        self.waiting_for_100_continue = protocol.expect_100_continue
        self.keep_alive = may_keep_alive and protocol.parser.should_keep_alive()

    @cached_property
    def message_event(self) -> asyncio.Event:  # type: ignore[override]  # an attribute of uvicorn's
        """Wakes `receive`. Most requests are complete when they are read, and have none."""
        event = asyncio.Event()
        if self.body or not (self.more_body or self._is_read):
            event.set()
        return event

    def wake(self) -> None:
        """Tell who waits in `receive` that there is something."""
        if (event := self.__dict__.get("message_event")) is not None:
            event.set()

    def add(self, piece: bytes) -> None:
        """Take a piece of the body; most bodies are one, which is not copied."""
        if not self.body:
            self.body = piece
        elif type(self.body) is bytes:
            self.body = bytearray(self.body) + piece
        else:
            self.body += piece

    async def receive(self) -> Any:
        """The next ASGI message: of a request that is there as a whole, all of its body."""
        if self.more_body or self._is_read or self.response_complete or self.disconnected:
            message = await super().receive()
            self._is_read = not message.get("more_body", False)
            return message
        if self.waiting_for_100_continue:
            self.waiting_for_100_continue = False
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._is_read = True
        if self.flow.read_paused:
            self.flow.resume_reading()
        body, self.body = self.body, b""
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    def send_whole(self, status: int, lines: HeaderLines, body: bytes) -> bool:
        """Send a usual answer at once; False where it is unusual, of which nothing was sent.

        It is usual if its last line tells the length of its body, on a connection that stays open.
        """
        if self.response_started or self.disconnected or not (lines and self.keep_alive):
            return False
        (name, length), size = lines[-1], len(body)
        if name != b"content-length" or not length.isdigit() or int(length) != size:
            return False
        if size > _LONGEST_JOINED or self.flow.write_paused or self.scope["method"] == "HEAD":
            return False
        # A dictionary compares what it finds: two heads are never taken for each other.
        key = lines[:-1]
        joined = self.kept.get(key)
        if joined is None and (joined := self._joined(key)) is None:
            return False
        # What `send` of uvicorn does for the two messages of such an answer. No `100 Continue`
        # may follow it: the body of the request is not wanted any more.
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        head = (STATUS_LINE[status], self._default_lines(), joined, length)
        self.transport.write(b"%b%b%bcontent-length: %b\r\n\r\n%b" % (*head, body))
        self.wake()
        self.on_response()
        return True

    def _joined(self, lines: HeaderLines) -> bytes | None:
        """Header lines as they are sent; None where uvicorn has to look at them."""
        parts: list[bytes] = []
        for name, value in lines:
            if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value) or name.lower() in _FRAMING:
                return None
            parts += (name.lower(), b": ", value, b"\r\n")
        joined = b"".join(parts)
        if len(self.kept) >= _MOST_KEPT:
            self.kept.clear()
        if len(joined) <= _LONGEST_KEPT:
            self.kept[lines] = joined
        return joined

    def _default_lines(self) -> bytes:
        """The lines that every answer has; once a second uvicorn makes a new list of them."""
        lines, joined = Cycle._dates
        if lines is not self.default_headers:
            joined = b"".join(b"%b: %b\r\n" % line for line in self.default_headers)
            Cycle._dates = (self.default_headers, joined)
        return joined


def is_sent_whole(send: Send, status: int, lines: HeaderLines, body: bytes) -> bool:
    """Whether a whole answer has left in one piece; if not, it is to be sent as ASGI messages.

    That takes the server's own `send`: what a middleware has wrapped is called for each message.
    """
    cycle = getattr(send, "__self__", None)
    return type(cycle) is Cycle and cycle.send_whole(status, lines, body)


class Begun(Coroutine[Any, Any, None]):
    """A coroutine that has run to its first wait, for the task that goes on with it.

    `first` is what it waits for. Python 3.12 has tasks that begin so (`eager_start`), 3.11 not.
    """

    __slots__ = ("_first", "_running")

    def __init__(self, running: Coroutine[Any, Any, None], first: Any) -> None:
        self._running, self._first = running, [first]

    def send(self, value: Any) -> Any:
        """Give the task what is waited for, and go on when it calls again."""
        return self._first.pop() if self._first else self._running.send(value)

    def throw(self, *error: Any) -> Any:
        """Go on with an error, such as the cancellation of the task."""
        self._first.clear()
        return self._running.throw(*error)

    def close(self) -> None:
        """Give up."""
        self._running.close()

    def __await__(self) -> Generator[Any, Any, None]:
        raise NotImplementedError("a task calls `send`")
