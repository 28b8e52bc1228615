"""Clients of httpx and requests, listened to through the hooks that they have for it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from conformance.http.exchange import Headers, Request
from conformance.traffic.exchanges import Seen
from conformance.traffic.recorded_bodies import Kept, answer_of

__all__ = ["listen"]


def listen(client: Any, record: Callable[[Seen], None]) -> Callable[[], None] | None:
    """Record what the client sends and gets; gives what ends it, None where it is no such client.

    Clients of httpx (and of httpx2) have `event_hooks`, sessions of requests have `hooks`.
    """
    hooks = getattr(client, "event_hooks", None)
    if isinstance(hooks, dict) and "response" in hooks:
        return _of_httpx(client, hooks, record)
    hooks = getattr(client, "hooks", None)
    if isinstance(hooks, dict) and "response" in hooks and hasattr(client, "prepare_request"):
        return _of_requests(hooks, record)
    return None


def _of_httpx(
    client: Any, hooks: dict[str, list[Any]], record: Callable[[Seen], None]
) -> Callable[[], None]:
    library = import_module(_library(client))

    def heard(response: Any) -> None:
        response.stream = _teed(library, response, record, is_async=False)

    async def heard_async(response: Any) -> None:
        response.stream = _teed(library, response, record, is_async=True)

    hook = heard_async if isinstance(client, library.AsyncClient) else heard
    # Last: the hooks of the client's own see the response before its stream is exchanged.
    client.event_hooks = {**hooks, "response": [*hooks["response"], hook]}

    def end() -> None:
        now = client.event_hooks
        left = [one for one in now["response"] if one is not hook]
        client.event_hooks = {**now, "response": left}

    return end


def _library(client: Any) -> str:
    """The package that the client's class, or what it derives from, is of: httpx or httpx2."""
    homes = (one.__module__.partition(".")[0] for one in type(client).__mro__)
    return next((home for home in homes if home in ("httpx", "httpx2")), "httpx")


def _teed(library: Any, response: Any, record: Callable[[Seen], None], *, is_async: bool) -> Any:
    """The stream of an answer, recorded when it is closed: read, or left behind."""
    stream, kept, begun = response.stream, Kept(), (time.monotonic(), time.time())

    def closed() -> None:
        record(_httpx_seen(response, kept, begun))

    class Teed(library.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            for piece in stream:
                kept.add(piece)
                yield piece
            kept.ended = True

        def close(self) -> None:
            stream.close()
            closed()

    class AsyncTeed(library.AsyncByteStream):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in stream:
                kept.add(piece)
                yield piece
            kept.ended = True

        async def aclose(self) -> None:
            await stream.aclose()
            closed()

    return AsyncTeed() if is_async else Teed()


def _httpx_seen(response: Any, kept: Kept, begun: tuple[float, float]) -> Seen:
    headers = tuple(response.headers.multi_items())
    seconds = time.monotonic() - begun[0]
    answer, whole = answer_of(response.status_code, headers, kept, seconds, begun[1])
    asked = response.request
    try:
        body, known = asked.content or None, True
    except Exception:
        # A body that was streamed is gone (httpx.RequestNotRead).
        body, known = None, False
    request, origin = _request(
        asked.method, str(asked.url), tuple(asked.headers.multi_items()), body
    )
    return Seen(request=request, answer=answer, origin=origin, body_known=known, answer_known=whole)


def _of_requests(hooks: dict[str, Any], record: Callable[[Seen], None]) -> Callable[[], None]:
    def heard(response: Any, *_: Any, **given: Any) -> None:
        record(_requests_seen(response, streamed=bool(given.get("stream"))))

    listed = hooks["response"]
    hooks["response"] = [*(listed if isinstance(listed, list) else [listed]), heard]

    def end() -> None:
        hooks["response"] = [one for one in hooks["response"] if one is not heard]

    return end


def _requests_seen(response: Any, *, streamed: bool) -> Seen:
    """The exchange; a body that the caller reads piece by piece is left to it."""
    kept, asked = Kept(), response.request
    if not streamed:
        kept.add(response.content)
        kept.ended = True
    headers = tuple(response.headers.items())
    # requests has decoded the body already; with the header it would be decoded once more.
    plain = tuple(pair for pair in headers if pair[0].lower() != "content-encoding")
    seconds = response.elapsed.total_seconds()
    answer, whole = answer_of(response.status_code, plain, kept, seconds, time.time() - seconds)
    body = asked.body.encode() if isinstance(asked.body, str) else asked.body
    known = body is None or isinstance(body, bytes)
    request, origin = _request(
        asked.method, asked.url, tuple(asked.headers.items()), body if known else None
    )
    return Seen(request=request, answer=answer, origin=origin, body_known=known, answer_known=whole)


def _request(method: str, url: str, headers: Headers, body: bytes | None) -> tuple[Request, str]:
    parts = urlsplit(url)
    shown = tuple((str(name), _header_text(value)) for name, value in headers)
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    return (
        Request(method=method.upper(), target=target, headers=shown, body=body),
        # Without a user and a password, which no report may show.
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
    )


def _header_text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
