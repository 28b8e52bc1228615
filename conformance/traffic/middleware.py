"""ASGI and WSGI middleware that records each exchange of HTTP and changes none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote

from conformance.http.asgi_application import ASGIApp, Message
from conformance.http.exchange import Answer, Headers, Request
from conformance.traffic.exchanges import Seen
from conformance.traffic.recorded_bodies import Kept, answer_of

__all__ = ["Record", "WatchedASGI", "WatchedWSGI"]

Record: TypeAlias = Callable[[Seen], None]
_SAFE = "/%:@!$&'()*+,;=~-._"
"""What a path has as it is (RFC 3986, section 3.3), and `%`, which begins an escape."""


@dataclass(frozen=True, slots=True)
class WatchedASGI:
    """An ASGI 3 application whose exchanges are recorded when they end."""

    app: ASGIApp
    record: Record

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        """Pass everything on as it is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent, came = Kept(), _Came()

        async def received() -> Message:
            message: Message = await receive()
            if message["type"] == "http.request":
                sent.add(bytes(message.get("body", b"")))
                sent.ended = not message.get("more_body", False)
            return message

        async def passed(message: Message) -> None:
            came.take(message)
            await send(message)

        try:
            await self.app(scope, received, passed)
        except Exception:
            came.fail()
            raise
        finally:
            if came.status:
                self.record(_asgi_seen(scope, sent, came))


@dataclass(slots=True)
class _Came:
    """What an application has answered so far."""

    status: int = 0
    headers: Headers = ()
    body: Kept = field(default_factory=Kept)
    started: float = field(default_factory=time.time)
    begun: float = field(default_factory=time.monotonic)

    def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], _latin(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.body.add(bytes(message.get("body", b"")))
            self.body.ended = not message.get("more_body", False)

    def fail(self) -> None:
        """Note what a server makes of an exception: a 500, unless the answer has begun."""
        if not self.status:
            self.status, self.body.ended = 500, True

    def answer(self) -> tuple[Answer, bool]:
        seconds = time.monotonic() - self.begun
        return answer_of(self.status, self.headers, self.body, seconds, self.started)


def _asgi_seen(scope: Message, sent: Kept, came: _Came) -> Seen:
    raw = scope.get("raw_path")
    path = bytes(raw).decode("latin-1") if raw else quote(scope["path"], safe=_SAFE)
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    headers = _latin(scope.get("headers", ()))
    host = next((value for name, value in headers if name.lower() == "host"), "app")
    return _exchange(
        Request(
            method=scope["method"],
            target=f"{path.partition('?')[0]}{'?' if query else ''}{query}",
            headers=headers,
            body=sent.data or None,
        ),
        f"{scope.get('scheme', 'http')}://{host}",
        # An application that refuses by the headers need not read the body.
        _is_whole(sent, headers),
        came,
    )


def _exchange(request: Request, origin: str, whole: bool, came: _Came) -> Seen:
    answer, known = came.answer()
    return Seen(request=request, answer=answer, origin=origin, body_known=whole, answer_known=known)


def _is_whole(sent: Kept, headers: Headers) -> bool:
    names = {name.lower(): value for name, value in headers}
    announced = "transfer-encoding" in names or names.get("content-length", "0").strip() != "0"
    return sent.whole if sent.ended or announced else True


def _latin(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((bytes(n).decode("latin-1"), bytes(v).decode("latin-1")) for n, v in pairs)


@dataclass(frozen=True, slots=True)
class WatchedWSGI:
    """A WSGI application (PEP 3333) whose exchanges are recorded when they end."""

    app: Callable[..., Iterable[bytes]]
    record: Record

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        """Pass everything on as it is."""
        sent, came = Kept(), _Came()
        environ = {**environ, "wsgi.input": _Input(environ["wsgi.input"], sent)}

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            came.status, came.headers = int(status.split()[0]), tuple(headers)
            return start_response(status, headers, *more)

        try:
            pieces = self.app(environ, started)
            try:
                for piece in pieces:
                    came.body.add(piece)
                    yield piece
                came.body.ended = True
            finally:
                if (close := getattr(pieces, "close", None)) is not None:
                    close()
        except Exception:
            came.fail()
            raise
        finally:
            if came.status:
                self.record(_wsgi_seen(environ, sent, came))


@dataclass(slots=True)
class _Input:
    """The body that an application reads, remembered as far as it was read."""

    stream: Any
    kept: Kept

    def read(self, *size: int) -> bytes:
        return self._receive_kept(self.stream.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._receive_kept(self.stream.readline(*size))

    def readlines(self, *hint: int) -> list[bytes]:
        return [self._receive_kept(line) for line in self.stream.readlines(*hint)]

    def __iter__(self) -> Iterator[bytes]:
        return map(self._receive_kept, self.stream)

    def _receive_kept(self, data: bytes) -> bytes:
        self.kept.add(data)
        return data


def _wsgi_seen(environ: dict[str, Any], sent: Kept, came: _Came) -> Seen:
    path = quote(
        f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}".encode("latin-1"),
        safe=_SAFE.replace("%", ""),
    )
    query = environ.get("QUERY_STRING", "")
    headers = tuple(_wsgi_headers(environ))
    length = environ.get("CONTENT_LENGTH") or "0"
    host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "app")
    return _exchange(
        Request(
            method=environ["REQUEST_METHOD"],
            target=f"{path}{'?' if query else ''}{query}",
            headers=headers,
            body=sent.data or None,
        ),
        f"{environ.get('wsgi.url_scheme', 'http')}://{host}",
        sent.size == int(length) if length.isdigit() else sent.size > 0,
        came,
    )


def _wsgi_headers(environ: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-").lower(), str(value)
        elif name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield name.replace("_", "-").lower(), str(value)
