"""Other ways to send the same answers."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from tests.conformance.backend.behaviour import Behaviour, Handler
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.messages import Answer, Request, json_answer
from tests.conformance.backend.patching import after, layer
from tests.conformance.backend.proof import shows
from tests.conformance.backend.variants.variation import MODELS, differs, successes, variant
from tests.conformance.backend.wire import Link, Wire, head, send_plainly, whole

__all__ = ["VARIANTS"]


def piecewise(answer: Answer) -> Answer:
    """The document in pieces of a few bytes, without Content-Length."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(answer.body), 50):
            yield answer.body[start : start + 50]

    return replace(answer, stream=pieces(), body=b"")


def slowly(behaviour: Behaviour) -> Behaviour:
    """Every answer takes a little time."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            await asyncio.sleep(0.02)
            return await handler(request)

        return handle

    return layer(wrap)(behaviour)


def compressed(request: Request, answer: Answer) -> Answer:
    """Gzip for those who accept it."""
    if "gzip" not in request.header("accept-encoding"):
        return answer
    body = gzip.compress(answer.body, mtime=0)
    return (
        answer.carrying(body).having("content-encoding", "gzip").having("vary", "accept-encoding")
    )


def tagged(request: Request, answer: Answer) -> Answer:
    """ETag, and 304 for those who have it already (RFC 9110 section 13.1.2)."""
    tag = f'"{sum(answer.body):x}"'
    known = [
        one.strip().removeprefix("W/") for one in (request.header("if-none-match") or "").split(",")
    ]
    # Entity tags are compared weakly, and several may be named (RFC 9110 section 13.1.2).
    if request.method == "GET" and not {tag, "*"}.isdisjoint(known):
        return Answer(status=304, headers=(("etag", tag),))
    return answer.having("etag", tag)


def ranged(request: Request, answer: Answer) -> Answer:
    """206 for those who ask for the first byte (RFC 9110 section 14)."""
    if request.method != "GET" or request.header("range") != "bytes=0-0":
        return answer.having("accept-ranges", "bytes")
    size = f"bytes 0-0/{len(answer.body)}"
    return replace(answer.carrying(answer.body[:1]), status=206).having("content-range", size)


def limited(behaviour: Behaviour) -> Behaviour:
    """429 with Retry-After to every fortieth request; the next one is served again."""
    count = 0

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            nonlocal count
            count += 1
            if count % 40:
                return await handler(request)
            return json_answer({"error": "Too many"}, 429, (("retry-after", "0"),))

        return handle

    return layer(wrap)(behaviour)


def headed(*headers: tuple[str, str]) -> Patch:
    """More headers on everything."""

    def add(request: Request, answer: Answer) -> Answer:
        for name, value in headers:
            answer = answer.having(name, value)
        return answer

    return after(add)


async def old_http(link: Link, request: Request, answer: Answer) -> bool:
    """HTTP/1.0: no length, the end is where the connection closes."""
    body = b"" if request.method == "HEAD" else await whole(answer)
    await link.write(head(answer, ("connection", "close"), version="HTTP/1.0"), body)
    return False


async def early_hints(link: Link, request: Request, answer: Answer) -> bool:
    """An interim answer before the real one (RFC 8297)."""
    await link.write(b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n")
    return await send_plainly(link, request, answer)


async def closing(link: Link, request: Request, answer: Answer) -> bool:
    """Every connection carries one answer, and says so."""
    await send_plainly(link, request, answer.having("connection", "close"))
    return False


async def trickling(link: Link, request: Request, answer: Answer) -> bool:
    """Head and body in many small segments."""
    body = await whole(answer)
    sent = head(answer, ("content-length", str(len(body)))) + (
        b"" if request.method == "HEAD" else body
    )
    step = max(1, len(sent) // 8)
    for start in range(0, len(sent), step):
        await link.write(sent[start : start + step])
        await asyncio.sleep(0.001)
    return True


async def chunk_extensions(link: Link, request: Request, answer: Answer) -> bool:
    """Chunks with extensions, and a trailer (RFC 9112 section 7.1)."""
    body = await whole(answer)
    if request.method == "HEAD" or answer.status in (204, 304):
        return await send_plainly(link, request, answer)
    size = f"{len(body):x};checked=yes\r\n".encode()
    chunks = (size, body, b"\r\n") if body else ()
    end = b"0\r\nx-checksum: 1\r\n\r\n"
    await link.write(head(answer, ("transfer-encoding", "chunked")), *chunks, end)
    return True


def wired(send: Callable[[Link, Request, Answer], Any]) -> Patch:
    """Another way to send what is right."""
    return lambda behaviour: replace(behaviour, wire=Wire(send=send))


VARIANTS = (
    variant(
        "slow-but-fine", "Every answer takes 20 ms.", slowly, replace(differs(MODELS), seconds=0.02)
    ),
    variant(
        "in-pieces",
        "Documents are sent in chunks, without a length.",
        successes(lambda r, a: piecewise(a)),
        differs(MODELS),
    ),
    variant(
        "compressed-when-asked",
        "gzip for those who accept it.",
        successes(compressed),
        differs(MODELS.header("accept-encoding", "gzip, deflate")),
    ),
    variant(
        "charset-named",
        "`application/json; charset=utf-8`.",
        successes(lambda r, a: a.having("content-type", "application/json; charset=utf-8")),
        differs(MODELS),
    ),
    variant(
        "type-in-capitals",
        "`Application/JSON`: a media type has no case.",
        successes(lambda r, a: a.having("content-type", "Application/JSON;Charset=UTF-8")),
        differs(MODELS),
    ),
    variant(
        "conditional",
        "ETags, and 304 for those who have the document.",
        successes(tagged),
        differs(MODELS.header("if-none-match", "*"), 200, 304),
    ),
    variant(
        "ranges",
        "206 for those who ask for a part.",
        successes(ranged),
        differs(MODELS.header("range", "bytes=0-0"), 200, 206),
    ),
    variant(
        "many-headers",
        "Headers of security, tracing and a proxy on every answer, and a cookie.",
        headed(
            ("strict-transport-security", "max-age=63072000"),
            ("x-request-id", "0d5e9b1c"),
            ("vary", "origin, accept"),
            ("via", "1.1 varnish"),
            ("set-cookie", "lb=3; Path=/; HttpOnly"),
            ("cache-control", "no-store"),
        ),
        differs(MODELS),
    ),
    variant(
        "cross-origin",
        "CORS for every origin.",
        headed(("access-control-allow-origin", "*")),
        differs(MODELS),
    ),
    variant(
        "rate-limited",
        "Every fortieth request gets 429 with Retry-After.",
        limited,
        shows(*(MODELS,) * 40, was=200, becomes=429),
    ),
    variant("old-http", "HTTP/1.0.", wired(old_http), differs(MODELS), raw=True),
    variant("early-hints", "103 before the answer.", wired(early_hints), differs(MODELS), raw=True),
    variant(
        "closing", "One answer for each connection.", wired(closing), differs(MODELS), raw=True
    ),
    variant(
        "chunk-extensions",
        "Chunks with extensions and a trailer.",
        wired(chunk_extensions),
        differs(MODELS),
        raw=True,
    ),
    variant(
        "trickling",
        "Answers in many small segments.",
        wired(trickling),
        differs(MODELS),
        raw=True,
    ),
)
