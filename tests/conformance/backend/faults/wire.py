"""Broken framing: what no ASGI server would send. Each needs the raw server of wire.py."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import Behaviour
from tests.conformance.backend.exchange import chat, get, image
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Request
from tests.conformance.backend.patching import is_call
from tests.conformance.backend.proof import shows
from tests.conformance.backend.wire import Link, Wire, head, send_plainly, whole

__all__ = ["FAULTS"]

ALL = tuple(operation.label for operation in op.OPERATIONS)
Send = Callable[[Link, Request, Answer], Awaitable[bool]]

fault = partial(Fault, family=Family.WIRE, operations=(op.MODELS,), raw=True)
models = get("models")
seen = shows(models, was=200, becomes=200)
dropped = shows(models, was=200, becomes=0)


def good(send: Send, operation: str = op.MODELS) -> Patch:
    """Break the framing of one operation's 200, and of nothing else."""

    async def chosen(link: Link, request: Request, answer: Answer) -> bool:
        breaks = answer.status == 200 and is_call(request, operation)
        return await (send if breaks else send_plainly)(link, request, answer)

    return sending(chosen)


def sending(send: Send) -> Patch:
    """Another way to send answers."""
    return lambda behaviour: replace(behaviour, wire=Wire(send=send))


async def length_too_great(link: Link, request: Request, answer: Answer) -> bool:
    body = await whole(answer)
    await link.write(head(answer, ("content-length", str(len(body) + 10))), body)
    return False


async def length_too_small(link: Link, request: Request, answer: Answer) -> bool:
    body = await whole(answer)
    await link.write(head(answer, ("content-length", str(len(body) - 10))), body)
    return True


async def length_twice(link: Link, request: Request, answer: Answer) -> bool:
    body = await whole(answer)
    lengths = (("content-length", str(len(body))), ("content-length", str(len(body) + 1)))
    await link.write(head(answer, *lengths), body)
    return False


async def length_negative(link: Link, request: Request, answer: Answer) -> bool:
    await link.write(head(answer, ("content-length", "-1")), await whole(answer))
    return False


async def chunk_malformed(link: Link, request: Request, answer: Answer) -> bool:
    body = await whole(answer)
    await link.write(
        head(answer, ("transfer-encoding", "chunked")), b"zz\r\n", body, b"\r\n0\r\n\r\n"
    )
    return False


async def chunks_unfinished(link: Link, request: Request, answer: Answer) -> bool:
    body = await whole(answer)
    size = f"{len(body):x}\r\n".encode()
    await link.write(head(answer, ("transfer-encoding", "chunked")), size, body, b"\r\n")
    return False


async def dropped_within_body(link: Link, request: Request, answer: Answer) -> bool:
    body = await whole(answer)
    await link.write(head(answer, ("content-length", str(len(body)))), body[: len(body) // 2])
    return False


async def dropped_before_answer(link: Link, request: Request, answer: Answer) -> bool:
    return False


async def dropped_within_head(link: Link, request: Request, answer: Answer) -> bool:
    await link.write(b"HTTP/1.1 200 OK\r\ncontent-ty")
    return False


async def without_status_line(link: Link, request: Request, answer: Answer) -> bool:
    await link.write(await whole(answer))
    return False


async def header_malformed(link: Link, request: Request, answer: Answer) -> bool:
    body = await whole(answer)
    lines = head(answer, ("content-length", str(len(body))))
    await link.write(lines.replace(b"\r\n", b"\r\nX Powered By: a box\r\n", 1), body)
    return True


async def header_flood(link: Link, request: Request, answer: Answer) -> bool:
    body = await whole(answer)
    flood = tuple((f"x-trace-{number}", "t" * 1000) for number in range(300))
    await link.write(head(answer, ("content-length", str(len(body))), *flood), body)
    return True


async def never(link: Link, request: Request, answer: Answer) -> bool:
    await asyncio.sleep(3600)
    return False


async def endless(link: Link, request: Request, answer: Answer) -> bool:
    """Chunks of a megabyte for as long as somebody reads them."""
    await link.write(head(answer, ("transfer-encoding", "chunked")))
    chunk = b"100000\r\n" + b"[" * 0x100000 + b"\r\n"
    while True:
        await link.write(chunk)


async def body_after_head(link: Link, request: Request, answer: Answer) -> bool:
    body = await whole(answer)
    await link.write(head(answer, ("content-length", str(len(body)))), body)
    return True


async def closed_after_one(link: Link, request: Request, answer: Answer) -> bool:
    """The connection is closed without a word: no `Connection: close` announces it."""
    await send_plainly(link, request, answer)
    return False


async def answer_of_before(link: Link, request: Request, answer: Answer) -> bool:
    """A connection's second answer is its first one: a buffer that nobody empties."""
    body = link.last or await whole(answer)
    link.last = body if answer.status == 200 else link.last
    return await send_plainly(link, request, replace(answer, body=body, stream=None))


def leaving_bodies(behaviour: Behaviour) -> Behaviour:
    """The refused request's body is taken for the next request of the connection."""
    return replace(behaviour, wire=Wire(send=send_plainly, leaves_refused_bodies=True))


FAULTS = (
    fault(
        name="length-too-great",
        what="Content-Length counts characters or more: the body ends too early.",
        finds="response: truthful length",
        patch=good(length_too_great),
        shows=seen,
    ),
    fault(
        name="length-too-small",
        also=r"response\.200\.well-formed",
        what="Content-Length counts characters, not bytes: the rest runs into the next answer.",
        finds="response: truthful length",
        patch=good(length_too_small),
        shows=seen,
    ),
    fault(
        name="length-twice",
        what="Two lengths that differ (RFC 9112 section 6.3: not to be trusted).",
        finds="response: truthful length",
        patch=good(length_twice),
        shows=seen,
    ),
    fault(
        name="length-negative",
        what="Content-Length: -1, for `unknown`.",
        finds="response: truthful length",
        patch=good(length_negative),
        shows=seen,
    ),
    fault(
        name="chunk-malformed",
        what="A chunk whose size is no number.",
        finds="response: framing",
        patch=good(chunk_malformed),
        shows=seen,
    ),
    fault(
        name="chunks-unfinished",
        what="The last chunk never comes: the worker was killed.",
        finds="response: framing",
        patch=good(chunks_unfinished),
        shows=seen,
    ),
    fault(
        name="stream-dropped",
        also=r"answer\.framing|control",
        operations=(op.CHAT,),
        what="The connection is cut in the middle of an event stream.",
        finds="stream: a proper end",
        patch=good(dropped_within_body, op.CHAT),
        shows=shows(chat(stream=True), was=200, becomes=200),
    ),
    fault(
        name="dropped-within-body",
        what="The connection is cut in the middle of a body.",
        finds="response: truthful length",
        patch=good(dropped_within_body),
        shows=seen,
    ),
    fault(
        name="dropped-before-answer",
        what="Good requests get no answer: the worker crashes.",
        finds="response: an answer",
        patch=good(dropped_before_answer),
        shows=dropped,
    ),
    fault(
        name="dropped-within-head",
        what="The connection is cut in the middle of a header.",
        finds="response: framing",
        patch=good(dropped_within_head),
        shows=seen,
    ),
    fault(
        name="no-status-line",
        what="The body without a head, as CGI scripts in haste do.",
        finds="response: framing",
        patch=good(without_status_line),
        shows=dropped,
    ),
    fault(
        name="header-malformed",
        what="A header whose name has spaces.",
        finds="response: framing",
        patch=good(header_malformed),
        shows=seen,
    ),
    fault(
        name="header-flood",
        what="300 KB of headers: more than any client reads.",
        finds="response: framing",
        patch=good(header_flood),
        shows=seen,
    ),
    fault(
        name="never-answers",
        what="Good requests hang.",
        finds="response: time limit",
        patch=good(never),
        shows=replace(dropped, endless=True),
        options=("--max-response-time", "0.5"),
    ),
    fault(
        name="endless-body",
        # A response that is too large is a warning where it is cut before it is late, else an
        # error.
        level="warning",
        what="The catalogue has no end: gigabytes of it.",
        finds="response: time limit",
        patch=good(endless),
        shows=replace(seen, endless=True),
        options=("--max-response-time", "0.5"),
    ),
    fault(
        name="head-with-body",
        operations=ALL,
        level="warning",
        what="HEAD is answered with a body, which the next answer begins with.",
        finds="method: HEAD where GET is declared",
        patch=sending(body_after_head),
        shows=shows(models.but(method="HEAD"), was=200, becomes=200),
    ),
    fault(
        name="closed-after-one",
        operations=ALL,
        level="warning",
        what="A kept connection is closed after its first answer, and nothing says so.",
        finds="repetition: two on one connection",
        patch=sending(closed_after_one),
        shows=shows(image(), image(), was=200, becomes=0),
    ),
    fault(
        name="answer-of-before",
        operations=ALL,
        what="The second answer on a connection is the first one again.",
        finds="repetition: two on one connection",
        patch=sending(answer_of_before),
        shows=shows(image(), get("models"), was=200, becomes=200),
    ),
    fault(
        name="refused-body-left",
        operations=ALL,
        what="401 is sent before the body is read, and the body is then the next request.",
        finds="repetition: good after bad, on one connection",
        patch=leaving_bodies,
        shows=shows(image().but(role=""), image(), was=200, becomes=400),
    ),
)
