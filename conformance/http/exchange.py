"""Requests and responses as data, with their exact bytes, which client libraries do not keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from spec.text.media_types import MediaRange, parse

__all__ = [
    "KEPT_BYTES",
    "MOST_BYTES",
    "Answer",
    "Framing",
    "Headers",
    "Request",
    "Trouble",
    "octets",
]

MOST_BYTES = 24 * 1024 * 1024
"""A longer answer is cut here: no operation needs it, and a machine must survive it."""

KEPT_BYTES = 256 * 1024
"""What is kept of a body that is only shown, and not judged any more."""

LONGEST_HEAD = 1 << 16
"""Octets of a request's target and header fields; common servers read 8 to 64 KiB of them."""

_LINE_BREAK = re.compile(r"[\r\n\0]")
"""What servers take for the end of a line, or of a text."""

Headers = tuple[tuple[str, str], ...]


class Framing(Enum):
    """How the end of a body is marked; all but the first two are faults for a plain socket."""

    LENGTH = "length"
    CHUNKED = "chunked"
    NONE = "none"
    BOTH = "both"
    WRONG_LENGTH = "wrong-length"
    SHORT = "short"
    BAD_CHUNK = "bad-chunk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to be sent as it stands. `target` is the raw path with its query.

    `wire` asks for a plain socket: client libraries would correct such requests.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes | None = None
    framing: Framing = Framing.LENGTH
    version: str = "1.1"
    wire: bool = False

    @property
    def needs_socket(self) -> bool:
        """Whether no client library would send it."""
        return self.wire or self.framing not in (Framing.LENGTH, Framing.CHUNKED)

    @property
    def unsendable(self) -> str:
        """Why it is not sent; empty for all that may be. Names and values are the contract's.

        After a line break a server reads another request, which nobody means (CWE-113, CWE-444).
        """
        fields = (text for pair in self.headers for text in pair)
        if any(_LINE_BREAK.search(text) for text in (self.method, self.target, *fields)):
            return "a line break in its target or header fields would begin another request"
        if odd := next((name for name, _ in self.headers if not name.isascii()), ""):
            return f"{odd!r} is no name of a header field (RFC 9110 section 5.1)"
        return ""

    @property
    def may_stay_unread(self) -> bool:
        """Whether a server may close the connection on it, so that it has done nothing.

        What does not end where it says is no whole request (RFC 9112 section 8), and few servers
        read heads of any length.
        """
        cut = self.framing in (Framing.WRONG_LENGTH, Framing.SHORT, Framing.BAD_CHUNK)
        return cut or self.head_octets > LONGEST_HEAD

    @property
    def head_octets(self) -> int:
        """The octets of its target and header fields, by which a server may refuse it as long."""
        return len(self.target) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def to(self, target: str) -> Request:
        """The same for another target; itself for its own one."""
        return self if target == self.target else replace(self, target=target)

    def header(self, name: str) -> str | None:
        """The first field of that name; None where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Trouble(Enum):
    """Why there is no answer, or not a whole one."""

    UNREACHABLE = "unreachable"
    DROPPED = "dropped"
    TIMEOUT = "timeout"
    NOT_HTTP = "not-http"
    FALSE_LENGTH = "false-length"
    FALSE_ENCODING = "false-encoding"
    OVERSIZED = "oversized"
    UNSENDABLE = "unsendable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. Without a status (0) there was no answer; `trouble` then says why.

    `seconds` run to the end of the body, `started` counts from 1970. `body` is decoded from its
    Content-Encoding. Of one that is only kept to be shown `cut_off` bytes more had arrived.
    One that `refuses` has the status of a success, and says in its body that it is an error.
    """

    status: int = 0
    headers: Headers = ()
    body: bytes = b""
    seconds: float = 0.0
    started: float = 0.0
    trouble: Trouble | None = None
    detail: str = ""
    cut_off: int = 0
    refuses: bool = False

    @property
    def success(self) -> bool:
        """Whether the request was accepted: a 2xx that is no refusal."""
        return 200 <= self.status < 300 and not self.refuses

    @property
    def streams(self) -> bool:
        """Whether it is a stream of events."""
        return self.media_type is not None and self.media_type.is_event_stream

    @property
    def is_endless(self) -> bool:
        """Whether it has begun, and its end was not seen in time."""
        return bool(self.status) and self.trouble is Trouble.TIMEOUT

    @property
    def whole(self) -> bool:
        """Whether an end was seen; a stream of events need not have one."""
        return self.trouble is not Trouble.TIMEOUT or self.streams

    def header(self, name: str) -> str | None:
        """The field's value, several of them joined by commas; None where it was not sent."""
        values = list(self._values(name.lower()))
        return ", ".join(values) if values else None

    @property
    def media_type(self) -> MediaRange | None:
        """What Content-Type says; None where there is none that can be read."""
        return parse(self.header("content-type"))

    def _values(self, name: str) -> Iterator[str]:
        return (value for key, value in self.headers if key.lower() == name)


def octets(value: str) -> bytes:
    """A header's value as it travels: Latin-1 (RFC 9110 section 5.5), else UTF-8."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
