"""How an answer leaves: by uvicorn's rules, with the heads that were seen before kept ready.

Uvicorn looks at each name and value of each answer for what must not stand in a header, joins
them anew, and writes head and body apart. A mock gives the same few heads again and again, so each
is looked at and joined once. Status, `Date` and `Content-Length` are not part of what is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

__all__ = ["Cycle"]

_Line: TypeAlias = tuple[bytes, bytes]

_FRAMING = frozenset({b"connection", b"content-length", b"transfer-encoding"})
# Heads, and bytes of one. A request decides on some values (`Origin`), so there may be any number.
_MOST_KEPT, _LONGEST_KEPT = 512, 4096
_LONGEST_JOINED = 65536
"""A longer body is not copied to stand behind its head."""


class Cycle(RequestResponseCycle):
    """One request and its answer. Whatever is unusual about it is left to uvicorn.

    An answer is usual that has a body of known length, told by the last of its header lines, on a
    connection that stays open.
    """

    kept: ClassVar[dict[tuple[_Line, ...], bytes]] = {}
    _dates: ClassVar[tuple[Sequence[_Line], bytes]] = ((), b"")
    _head: bytes | None = None

    async def send(self, message: Any) -> None:
        """Send one ASGI message; a usual head waits for its body, so that both are one piece."""
        if self._head is not None:
            head, self._head = self._head, None
            if self._is_whole_body(message):
                self.transport.write(head + message.get("body", b""))
                self._complete()
                return
            self.transport.write(head)
        elif not self.response_started and self._takes(message):
            return
        await super().send(message)

    def _takes(self, message: Message) -> bool:
        """Make a usual head ready; False where it is not usual."""
        lines = message.get("headers")
        if not lines or not self.keep_alive or self.disconnected or self.access_log:
            return False
        name, length = lines[-1]
        if name != b"content-length" or not length.isdigit() or self.scope["method"] == "HEAD":
            return False
        # A dictionary compares what it finds: two heads are never taken for each other.
        key = tuple(lines[:-1])
        joined = self.kept.get(key)
        if joined is None and (joined := self._joined(key)) is None:
            return False
        self.response_started, self.chunked_encoding = True, False
        # The body of the request is not wanted any more: no `100 Continue` may follow the answer.
        self.waiting_for_100_continue = False
        self.expected_content_length = int(length)
        self._head = b"%b%b%bcontent-length: %b\r\n\r\n" % (
            STATUS_LINE[message["status"]],
            self._default_lines(),
            joined,
            length,
        )
        return True

    def _joined(self, lines: tuple[_Line, ...]) -> bytes | None:
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

    def _is_whole_body(self, message: Message) -> bool:
        return (
            message["type"] == "http.response.body"
            and not message.get("more_body")
            and len(message.get("body", b"")) == self.expected_content_length <= _LONGEST_JOINED
            and not self.flow.write_paused
            and not self.disconnected
        )

    def _complete(self) -> None:
        # What `send` of uvicorn does after the last piece of an answer.
        self.expected_content_length = 0
        self.response_complete = True
        self.message_event.set()
        self.on_response()
