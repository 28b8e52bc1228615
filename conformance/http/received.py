"""What has come of an answer so far, within its bounds in size and time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import h11

from conformance.http.content_codings import decoded
from conformance.http.exchange import KEPT_BYTES, MOST_BYTES, Answer, Trouble

__all__ = ["WHOLE_TIME", "BodyPatience", "Received"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPatience:
    """Seconds that the end of a body is awaited after its headers: of an event stream, or another.

    None stands for the whole time that an exchange may take.
    """

    stream: float | None = None
    other: float | None = None


WHOLE_TIME = BodyPatience()
_REFUSALS = 400
_DIGITS = 20
"""Digits of a length that are read: no longer number is a smaller one."""


class Received:
    """An answer while it arrives; an exchange that is cut short keeps what has come.

    `limit` ends the exchange. It is moved forward where `patience` gives a body less time.
    """

    def __init__(self, limit: asyncio.Timeout, patience: BodyPatience = WHOLE_TIME) -> None:
        self.status, self.headers = 0, tuple[tuple[str, str], ...]()
        self._limit, self._patience = limit, patience
        self._seconds: float | None = None
        self._announced = self._framed = self._oversized = False
        self._pieces, self._length, self._most = list[bytes](), 0, MOST_BYTES

    def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """The status and the header fields; the body follows."""
        self.status = status
        self.headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in headers)
        head = self.answer(None)
        length = head.header("content-length") or ""
        self._announced = bool(length)
        self._framed = self._announced or head.header("transfer-encoding") is not None
        # One that says that it is too long is not judged: no more is read than what is shown.
        too_long = length.isdecimal() and int(length[:_DIGITS]) > MOST_BYTES
        self._most = KEPT_BYTES if too_long else MOST_BYTES
        self._seconds = self._patience.stream if head.streams else self._patience.other
        now, end = asyncio.get_running_loop().time(), self._limit.when()
        if self._seconds is not None and (end is None or now + self._seconds < end):
            self._limit.reschedule(now + self._seconds)

    def piece(self, data: bytes) -> None:
        """Keep a piece of the body."""
        self._length += len(data)
        if self._length <= self._most:
            self._pieces.append(data)
        elif not self._oversized:
            # It is not judged any more, and only shown: its beginning is enough.
            self._oversized, self._pieces = True, [b"".join((*self._pieces, data))[:KEPT_BYTES]]

    @property
    def is_enough(self) -> bool:
        """Whether nothing more is to be read.

        What announces no end may yet come to one, or show within the whole time that it has none.
        """
        return self._oversized and (self._announced or self._seconds is not None)

    def dropped(self, detail: str) -> Answer:
        """What has come when the connection broke: all of it, where a refusal ends with that.

        Who refuses a request without reading it to its end closes the connection, and what is not
        read resets it (RFC 9112 section 9.6).
        """
        refused = self.status >= _REFUSALS and not self._framed
        return self.complete() if refused else self.answer(Trouble.DROPPED, detail)

    def answer(self, trouble: Trouble | None, detail: str = "") -> Answer:
        """What has come so far, with the trouble that ended it."""
        return Answer(
            status=self.status,
            headers=self.headers,
            body=b"".join(self._pieces),
            trouble=trouble,
            detail=detail,
        )

    def malformed(self, error: h11.RemoteProtocolError) -> Answer:
        """What cannot be read as HTTP: a wrong length, or no HTTP at all."""
        # h11 has one class for both. Before a status only the name of the field distinguishes them.
        of_length = self.status or "Content-Length" in str(error)
        return self.answer(Trouble.FALSE_LENGTH if of_length else Trouble.NOT_HTTP, str(error))

    def complete(self) -> Answer:
        """The answer as it is judged: its body is decoded, where it is not too long for that."""
        if not self._oversized:
            return decoded(self.answer(None))
        # Of one that follows an endless one the end is not awaited.
        endless = not self._announced and self._seconds is not None
        trouble = Trouble.TIMEOUT if endless else Trouble.OVERSIZED
        return self.answer(trouble, f"cut after {MOST_BYTES:,} bytes")
