"""Headers that clients may send, and headers that come back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import CONTROLS, Ask, get, image
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Request
from tests.conformance.backend.patching import after, is_call, server_error
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]

ALL = tuple(operation.label for operation in op.OPERATIONS)
READS = tuple(label for label in ALL if label.startswith("GET"))

fault = partial(Fault, family=Family.HEADERS, operations=ALL)
models = get("models")


def once_good(when: Callable[[Request], bool], answer: Callable[[Request], Answer]) -> Patch:
    """A good request with some header gets another answer."""
    return after(lambda r, given: answer(r) if given.status == 200 and when(r) else given)


def crashing(when: Callable[[Request], bool]) -> Patch:
    """An uncaught exception."""
    return once_good(when, server_error)


def longest(request: Request) -> int:
    """The length of the longest header."""
    return max((len(value) for _, value in request.headers), default=0)


def ascending(value: str) -> bool:
    """`bytes=0-99`."""
    first, _, last = value.removeprefix("bytes=").partition("-")
    return first.isdigit() and last.isdigit() and int(first) <= int(last)


def unconditional(request: Request, answer: Answer) -> Answer:
    """304 to everybody after the first."""
    hit = is_call(request, op.MODELS) and answer.status == 200
    return Answer(status=304) if hit else answer


def padded(size: int) -> Ask:
    return models.header("x-padding", "p" * size)


FAULTS = (
    fault(
        name="large-header-crashes",
        what="A header of 8 KB does not fit into a log record: an uncaught exception.",
        finds="header: oversized",
        patch=crashing(lambda request: longest(request) > 8000),
        shows=shows(padded(9000), was=200, becomes=500),
    ),
    fault(
        name="large-header-succeeds-empty",
        operations=READS,
        what="Headers over 8 KB make the proxy answer 200 with nothing in it.",
        finds="header: oversized",
        patch=once_good(
            lambda request: longest(request) > 8000 and request.method == "GET",
            lambda request: Answer(status=200, headers=(("content-type", "application/json"),)),
        ),
        shows=shows(padded(9000), was=200, becomes=200),
    ),
    fault(
        name="if-none-match-crashes",
        operations=READS,
        what="A conditional request is compared with an ETag that was never made.",
        finds="header: conditional request",
        also=r"http\.validators",
        patch=crashing(lambda request: request.has("if-none-match")),
        shows=shows(models.header("if-none-match", '"x"'), was=200, becomes=500),
    ),
    fault(
        name="if-modified-since-crashes",
        operations=READS,
        what="A date that is none is parsed without a catch.",
        finds="header: conditional request",
        patch=crashing(
            lambda r: r.has("if-modified-since") and "GMT" not in r.header("if-modified-since")
        ),
        shows=shows(models.header("if-modified-since", "yesterday"), was=200, becomes=500),
    ),
    fault(
        name="always-not-modified",
        operations=(op.MODELS,),
        what="304 to a request that set no condition.",
        finds="response: status documented",
        patch=after(unconditional),
        shows=shows(models, was=200, becomes=304),
    ),
    fault(
        name="malformed-range-crashes",
        operations=READS,
        what="A range is taken for two ascending numbers.",
        finds="header: range request",
        patch=crashing(lambda r: r.has("range") and not ascending(r.header("range"))),
        shows=shows(models.header("range", "bytes=z"), was=200, becomes=500),
    ),
    fault(
        name="two-content-types",
        operations=(op.IMAGE,),
        what="Application and proxy both set Content-Type, and do not agree.",
        finds="response: content type",
        patch=after(
            lambda r, a: (
                Answer(
                    status=a.status,
                    headers=(("content-type", "text/html"), *a.headers),
                    body=a.body,
                )
                if is_call(r, op.IMAGE) and a.status == 200
                else a
            )
        ),
        shows=shows(image(), was=200, becomes=200),
    ),
    fault(
        name="untrue-error-type",
        what="Errors say that they are JSON and are HTML.",
        finds="response: content type is true",
        patch=after(
            lambda r, a: a.carrying(b"<h1>Bad Request</h1>") if a.status in (400, 401) else a
        ),
        shows=shows(CONTROLS[op.IMAGE].but(role=""), was=401, becomes=401),
        level="warning",
    ),
)
