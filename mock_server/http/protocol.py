"""HTTP/1.1 on a connection: uvicorn's protocol, with limits on what a client may keep us busy with.

Uvicorn bounds neither the head of a request nor the time that it takes; a few endless clients
would then hold memory and sockets for good.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mock_server.http.cycle import Begun, Cycle
from mock_server.http.hosts import is_host, origin_form
from mock_server.model.header_lines import HeaderLines
from mock_server.model.problems import Problem
from mock_server.model.request import CLOSE

__all__ = ["MAX_HEAD", "Limits", "Protocol", "Refusal", "protocol_class"]

MAX_HEAD = 64 * 1024
"""Bytes of a request's target and headers together; beyond it the answer is 431."""
_HEAD_TOO_LARGE = (
    "head-too-large",
    f"target and headers are larger than {MAX_HEAD // 1024} KiB",
)
_MALFORMED = ("malformed-http", "the received bytes are not an HTTP/1.1 request")
_UNKNOWN_METHOD = ("unknown-method", "this server does not know the method")
_NO_TUNNEL = ("unknown-method", "CONNECT asks for a tunnel, and this server is not a proxy")
_ONE_HOST = ("malformed-http", "a request must have exactly one Host header (RFC 9112 section 3.2)")
_BAD_HOST = (
    "malformed-http",
    "the Host header does not contain a valid host (RFC 9110 section 7.2)",
)
_STAND_IN = b"POST"
"""What the parser reads in place of a method that it does not know: a body may follow."""
_BAD_TARGET = ("malformed-http", "the request target has no valid form (RFC 9112 section 3.2)")

_ANY_METHOD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}) [^ \r\n]{1,8192} HTTP/1\.[01]\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request that was answered before it became one."""

    method: str
    path: str
    status: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds that a client may take: for a head, for a body, and without reading its answer."""

    head: float = 30.0
    body: float = 120.0
    reading: float = 60.0


class _BadHeadError(Exception):
    """The head is refused. The parser turns it into a parser error of its own."""


class Protocol(HttpToolsProtocol):
    """One connection. What it has of the class is set by `protocol_class`."""

    limits = Limits()
    on_refusal: Callable[[Refusal], None] | None = None
    knows: Callable[[str], bool] | None = None
    is_direct = False

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_head = self._in_message = self._is_idle = False
        self._begun: Cycle | None = None
        self._before: HeaderLines = ()
        self._requests = 0
        self._chunk = 0
        self._fed = 0
        self._trailers = 0
        self._is_upgrade = False
        self._method = b""
        self._wrong = _MALFORMED
        self._state: tuple[object, ...] = ()
        self._since = 0.0

    def data_received(self, data: bytes) -> None:
        """Take what came from the client; called by the event loop."""
        self._is_idle = False
        while data:
            data = self._parsed(data)
        if self._begun is not None:
            cycle, self._begun = self._begun, None
            self._start_asgi_task(cycle, self.app)
        # The parser holds an unfinished head, chunk extension or trailer, however long it is.
        if self._in_message and self._fed > MAX_HEAD:
            self.refuse(*_HEAD_TOO_LARGE)

    def _parsed(self, data: bytes) -> bytes:
        """Parse, and return what has to be parsed anew."""
        self._chunk = len(data)
        self._fed += self._chunk
        first = self._requests + (not self._in_message)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._without_upgrade() + data[upgrade.args[0] :]
        except httptools.HttpParserInvalidMethodError:
            return self._with_known_method(data, is_first=self._requests == first)
        except httptools.HttpParserError:
            self.refuse(*self._wrong)
        return b""

    def _with_known_method(self, data: bytes, *, is_first: bool) -> bytes:
        """A request for the parser, where the application alone knows its method.

        The parser knows a fixed set of methods, and OpenAPI 3.2 lets a contract have others. Only
        the first request of what has come together is read so: it is known where that begins.
        """
        line = _ANY_METHOD.match(data)
        if line and is_first and self.knows is not None and self.knows(line[1].decode("ascii")):
            self._method = line[1]
            self._begin_parsing()
            return _STAND_IN + data[line.end(1) :]
        self.refuse(*(_UNKNOWN_METHOD if line else _MALFORMED))
        return b""

    def _without_upgrade(self) -> bytes:
        """The head of a request that offers another protocol, without the offer.

        It may be declined (RFC 9110 section 7.8), but the parser stops behind such a head and
        leaves body and later requests unread. Java's own client makes the offer in every request.
        """
        version = self.parser.get_http_version().encode()
        head = [b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)]
        for name, value in self.headers:
            if name == b"connection":
                options = [one.strip() for one in value.split(b",")]
                value = b", ".join(one for one in options if one.lower() != b"upgrade")
            # Without `Upgrade` the parser sees no offer, however it reads `Connection`.
            if name != b"upgrade":
                head.append(name + b": " + value + b"\r\n")
        self._begin_parsing()
        return b"".join((*head, b"\r\n"))

    def _begin_parsing(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def on_message_begin(self) -> None:
        """Begin a request; called by the parser."""
        self.url, self.expect_100_continue = b"", False
        self.headers = []
        self._in_head = self._in_message = True
        self._hosts: list[bytes] = []
        self._fed = self._trailers = 0
        self._requests += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header line; a trailer is dropped, since it is no header (RFC 9110 6.5.1)."""
        if self._in_head:
            # In lower case as uvicorn does it; a call of its method costs more than the line.
            name = name.lower()
            self.headers.append((name, value))
            if name == b"host":
                self._hosts.append(value)
            elif name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            return
        self._trailers += len(name) + len(value) + 4
        if self._trailers > MAX_HEAD:
            self._wrong = _HEAD_TOO_LARGE
            raise _BadHeadError

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; called by the parser."""
        self._fed = 0
        cycle: Any = self.cycle
        if cycle.response_complete:
            return
        cycle.add(body)
        if cycle is not self._begun:
            cycle.wake()
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_headers_complete(self) -> None:
        """Judge the size of the head and hand the request on; called by the parser."""
        self._in_head = False
        # Only what may be too large is measured: a head that came in one small piece is not.
        if self._fed + self._chunk > MAX_HEAD:
            size = sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size + len(self.url) > MAX_HEAD:
                self._wrong = _HEAD_TOO_LARGE
                raise _BadHeadError
        version, method = self.parser.get_http_version(), self._method or self.parser.get_method()
        if (wrong := self._wrong_in_head(version, method)) is not None:
            self._wrong = wrong
            raise _BadHeadError
        self._is_upgrade = self.parser.should_upgrade()
        if not self._is_upgrade:
            self._method = b""
            self._begin(version, method)

    def _begin(self, version: str, method: bytes) -> None:
        """Make the scope of a request (ASGI HTTP 2.3), and let it wait for those before it."""
        # A fragment has no place in a target, and is not a part of the query.
        raw_path, _, query = self.url.partition(b"#")[0].partition(b"?")
        path = raw_path.decode("ascii")
        # A client sends the same head each time, and the journal has the last thousand requests:
        # what they share need not be kept for each. The list itself is the application's.
        lines = tuple(self.headers)
        if lines == self._before:
            self.headers = [*self._before]
        else:
            self._before = lines
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": "",
            "headers": self.headers,
            "state": self.app_state.copy(),
            "method": method.decode("ascii"),
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            # Not a method of the cycle: it holds the scope, and both would wait for the collector.
            CLOSE: self.cut,
        }
        before, cycle = self.cycle, Cycle(self, scope, may_keep_alive=version == "1.1")
        self.scope, self.cycle = scope, cycle  # type: ignore[assignment]  # it has more keys
        if before is None or before.response_complete:
            self._begun = cycle
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def _wrong_in_head(self, version: str, method: bytes) -> tuple[str, str] | None:
        """What is wrong with a head that the parser has read; the target becomes origin-form."""
        if version not in ("1.1", "1.0"):
            return ("http-version", f"the request is HTTP/{version}; send HTTP/1.1")
        hosts = self._hosts
        if len(hosts) != 1 and (hosts or version == "1.1"):
            return _ONE_HOST
        if hosts and not is_host(hosts[0]):
            return _BAD_HOST
        if method == b"CONNECT":
            return _NO_TUNNEL
        if self.url[:1] == b"/" or (self.url == b"*" and method == b"OPTIONS"):
            return None
        return self._take_absolute_form()

    def _take_absolute_form(self) -> tuple[str, str] | None:
        """Read an absolute-form target, whose authority goes before Host (RFC 9112 3.2.2)."""
        found = origin_form(self.url)
        if found is None:
            return _BAD_TARGET
        host, self.url = found
        others = [line for line in self.headers if line[0] != b"host"]
        self.headers[:] = [(b"host", host), *others]
        return None

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Let a request be answered: at once where nothing has to be waited for, else in a task.

        A task for each request costs more than most of its other steps. Of several requests that
        came together the first alone is answered so: each would start the next one, within it.
        """
        if not self.is_direct or cycle.more_body or self.pipeline:
            super()._start_asgi_task(cycle, app)
            return
        running = cycle.run_asgi(app)
        try:
            first = running.send(None)
        except StopIteration:
            return
        task = self.loop.create_task(Begun(running, first))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def cut(self) -> None:
        """Close the connection in the middle of whatever is sent."""
        self.transport.close()
        if self.cycle is not None:
            # Uvicorn would complain about an answer without an end.
            self.cycle.disconnected = True

    def on_message_complete(self) -> None:
        """End a request; called by the parser."""
        self._in_message = False
        cycle: Any = self.cycle
        if not self._is_upgrade and not cycle.response_complete:
            cycle.more_body = False
            cycle.wake()

    def on_response_complete(self) -> None:
        """Go on with the next request of the connection; called when an answer was sent."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.pipeline:
            # Uvicorn would go on reading, however many requests wait already.
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.flow.resume_reading()
            self._is_idle = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop the queued requests of a client that no longer waits."""
        super().connection_lost(exc)
        self.pipeline.clear()

    def check(self, now: float) -> None:
        """Close the connection if its client takes too long; called about once a second."""
        state = self._waiting_for()
        if state != self._state:
            self._state, self._since = state, now
        elif state:
            waited = now - self._since
            if state[0] == "reading" and waited > self.limits.reading:
                self.transport.abort()
            elif state[0] == "body" and waited > self.limits.body:
                self.refuse("too-slow", f"the body took longer than {self.limits.body:g} seconds")
            elif state[0] == "head" and waited > self.limits.head:
                self._give_up_head()
            elif state[0] == "idle" and waited > self.timeout_keep_alive:
                self.transport.close()

    def _waiting_for(self) -> tuple[object, ...]:
        """What the client owes us, with whatever shows that it makes progress; () if nothing."""
        if self.transport is None or self.transport.is_closing():
            return ()
        if self.flow.write_paused:
            return ("reading", self.transport.get_write_buffer_size())
        if self.cycle is not None and not self.cycle.response_complete:
            return ("body", self._requests) if self.cycle.more_body else ()
        # A timer for each request, as uvicorn has it, costs more than this look does in a second.
        return ("idle" if self._is_idle else "head", self._requests)

    def _give_up_head(self) -> None:
        if self._in_head:
            self.refuse("too-slow", f"the head took longer than {self.limits.head:g} seconds")
        else:
            self.transport.close()

    def refuse(self, kind: str, detail: str) -> None:
        """Answer whatever came, or is coming, with a problem, and close the connection."""
        if self.transport.is_closing():
            return
        if self.cycle is not None and self.cycle.response_started != self.cycle.response_complete:
            # An answer is on its way; a second one inside it would be read as a part of it.
            self.transport.abort()
            return
        problem = Problem.of(kind, detail)
        self.transport.write(self._answer(problem.status, problem.body()))
        self.transport.close()
        if (report := self.on_refusal) is not None:
            method = self.scope.get("method", "-") if self.scope and not self._in_head else "-"
            path = (getattr(self, "url", b"") or b"-").decode("latin-1")
            report(Refusal(method=method, path=path, status=problem.status, reason=detail))

    def _answer(self, status: int, body: bytes) -> bytes:
        lines = [name + b": " + value for name, value in self.server_state.default_headers]
        lines += [
            b"content-type: application/problem+json",
            b"content-length: %d" % len(body),
            b"connection: close",
            b"\r\n",
        ]
        return STATUS_LINE[status] + b"\r\n".join(lines) + body


def protocol_class(
    limits: Limits,
    on_refusal: Callable[[Refusal], None] | None,
    *,
    knows: Callable[[str], bool] | None = None,
    is_direct: bool = False,
) -> type[asyncio.Protocol]:
    """The protocol for a server; uvicorn makes an instance of it for each connection.

    `knows` says whether a method that the parser does not know is one of the application's.
    `is_direct` is for an application that needs no task up to its first wait (`asyncio.timeout`
    needs one): its requests are answered within the call that received them.
    """
    report = staticmethod(on_refusal) if on_refusal is not None else None
    known = staticmethod(knows) if knows is not None else None
    own = {"limits": limits, "on_refusal": report, "knows": known, "is_direct": is_direct}
    return type("LimitedProtocol", (Protocol,), own)
