"""Unknown properties, depth, digits, and how JSON may be written and sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import chat, embed, image
from tests.conformance.backend.faults.edges.triggers import crashing, fault, reading
from tests.conformance.backend.messages import Answer, Request, json_answer
from tests.conformance.backend.patching import (
    after,
    before,
    instead,
    is_call,
    refusing,
    server_error,
)
from tests.conformance.backend.proof import shows
from tests.conformance.backend.shapes import depth

__all__ = ["FAULTS"]

BODIES = (op.PUT_CONFIG, op.CHAT, op.IMAGE, op.EMBEDDINGS)


USER = {"role": "user", "content": "Hello"}


def integers(value: Any) -> Iterator[int]:
    """Every integer in a value."""
    match value:
        case bool():
            return
        case int():
            yield value
        case list() | dict():
            for member in value.values() if isinstance(value, dict) else value:
                yield from integers(member)


def having(*names: str) -> Callable[[Any], bool]:
    """A body that has one of these properties."""
    return lambda value: isinstance(value, dict) and any(name in value for name in names)


def unknown(*known: str) -> Callable[[Any], bool]:
    """A body with a property that the contract does not name."""
    return lambda value: isinstance(value, dict) and bool(set(value) - set(known))


def merged(request: Request, answer: Answer) -> Answer:
    """`{...result, ...req.body}`: the caller's properties cover the server's."""
    if not (is_call(request, op.IMAGE) and answer.status == 200):
        return answer
    ours = answer.json
    theirs = {name: value for name, value in reading(request).items() if name in ours}
    return answer.carrying(json.dumps(ours | theirs, default=str).encode())


def nested(levels: int) -> Any:
    """Arrays one within another."""
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


def raw(text: str) -> bytes:
    """A body with something written just as given."""
    return b'{"model": "m", "prompt": "p", "extra": ' + text.encode() + b"}"


def bodiless(request: Request) -> Request:
    """Without Content-Length there is thought to be no body."""
    chunked = request.has("transfer-encoding")
    return replace(request, body=b"") if chunked else request


def starts_otherwise(request: Request) -> bool:
    """White space stands before the document."""
    return bool(request.body) and request.body[:1].isspace() and request.has("authorization")


def escaped(request: Request) -> bool:
    """An escape that is not one of the short ones."""
    return b"\\u" in request.body and request.has("authorization")


def reordered(request: Request) -> bool:
    """The model is not the first property."""
    body = reading(request)
    return isinstance(body, dict) and "model" in body and next(iter(body)) != "model"


FAULTS = (
    fault(
        name="unknown-property-refused",
        operations=(op.IMAGE,),
        what="`extra='forbid'`: a client of tomorrow is refused today.",
        finds="edge: unknown property",
        patch=refusing(op.IMAGE, "", unknown("model", "prompt")),
        shows=shows(image(size="1024x1024"), was=200, becomes=400),
    ),
    fault(
        name="deep-unknown-property-refused",
        operations=(op.CHAT,),
        what="The same, in messages alone.",
        finds="edge: unknown property",
        patch=refusing(
            op.CHAT, "messages *", unknown("role", "content", "tool_calls", "tool_call_id")
        ),
        shows=shows(chat(messages=[USER | {"name": "Ann"}]), was=200, becomes=400),
    ),
    fault(
        name="proto-crashes",
        operations=(op.IMAGE,),
        what="`Object.assign` with `__proto__`.",
        finds="edge: unknown property __proto__",
        patch=crashing(op.IMAGE, having("__proto__")),
        shows=shows(image(__proto__={}), was=200, becomes=500),
    ),
    fault(
        name="constructor-refused",
        operations=(op.EMBEDDINGS,),
        what="A guard against prototype pollution refuses `constructor`.",
        finds="edge: unknown property constructor",
        patch=refusing(op.EMBEDDINGS, "", having("constructor")),
        shows=shows(embed(constructor={}), was=200, becomes=400),
        # Fastify does so: it is no plain name.
        level="warning",
    ),
    fault(
        name="body-covers-answer",
        operations=(op.IMAGE,),
        what="`{...result, ...body}`: a caller's own `images` covers the server's.",
        finds="edge: unknown property named like one of the response",
        patch=after(merged),
        shows=shows(image(images="mine", count="mine"), was=200, becomes=200),
    ),
    fault(
        name="depth-32-refused",
        operations=(op.IMAGE,),
        level="warning",
        what="A parser that stops at 32 levels.",
        finds="edge: nesting",
        patch=refusing(op.IMAGE, "", lambda value: depth(value) > 32),
        shows=shows(image(extra=nested(100)), was=200, becomes=400),
    ),
    fault(
        name="depth-crashes",
        operations=(op.CHAT,),
        what="A recursive copy of the body overflows at 100 levels.",
        finds="edge: nesting",
        patch=crashing(op.CHAT, lambda value: depth(value) > 100),
        shows=shows(chat(extra=nested(120)), was=200, becomes=500),
    ),
    fault(
        name="great-depth-crashes",
        operations=(op.EMBEDDINGS,),
        what="RecursionError in the parser, at a depth that it may well refuse.",
        finds="edge: nesting beyond what must be accepted",
        patch=instead(
            lambda r: (
                is_call(r, op.EMBEDDINGS)
                and max(r.body.count(b"["), r.body.count(b"{")) > 1000
                and r.has("authorization")
            ),
            server_error,
        ),
        shows=shows(embed(b"[" * 100_000 + b"]" * 100_000), was=400, becomes=500),
    ),
    fault(
        name="big-integer-crashes",
        operations=(op.IMAGE,),
        what="The body is stored in MongoDB, whose integers have eight bytes.",
        finds="edge: integers beyond 2^63",
        patch=crashing(op.IMAGE, lambda v: any(abs(number) >= 2**63 for number in integers(v))),
        shows=shows(image(raw("1" * 30)), was=200, becomes=500),
    ),
    fault(
        name="big-integer-refused",
        operations=(op.EMBEDDINGS,),
        level="warning",
        what="Integers of more than 19 digits are refused.",
        finds="edge: integers beyond 2^63",
        patch=refusing(
            op.EMBEDDINGS, "", lambda v: any(abs(number) >= 2**63 for number in integers(v))
        ),
        shows=shows(
            embed(b'{"model": "m", "input": "i", "extra": ' + b"1" * 30 + b"}"),
            was=200,
            becomes=400,
        ),
    ),
    fault(
        name="escape-refused",
        operations=(op.IMAGE,),
        level="warning",
        what="A hand-made parser knows no \\u escapes.",
        finds="edge: escapes",
        patch=instead(
            lambda request: is_call(request, op.IMAGE) and escaped(request),
            lambda request: json_answer({"error": "bad escape"}, 400),
        ),
        shows=shows(image(b'{"model": "m", "\\u0070rompt": "p"}'), was=200, becomes=400),
    ),
    fault(
        name="leading-space-refused",
        operations=(op.IMAGE,),
        level="warning",
        what="A body must begin with a brace.",
        finds="edge: white space",
        patch=instead(
            lambda request: is_call(request, op.IMAGE) and starts_otherwise(request),
            lambda request: json_answer({"error": "bad body"}, 400),
        ),
        shows=shows(image(b' \n{"model": "m", "prompt": "p"}'), was=200, becomes=400),
    ),
    fault(
        name="order-refused",
        operations=(op.EMBEDDINGS,),
        level="warning",
        what="A hand-made parser wants the model first.",
        finds="edge: order of keys",
        patch=instead(
            lambda r: is_call(r, op.EMBEDDINGS) and reordered(r) and r.has("authorization"),
            lambda request: json_answer({"error": "model expected"}, 400),
        ),
        shows=shows(embed(b'{"input": "i", "model": "m"}'), was=200, becomes=400),
    ),
    fault(
        name="chunked-ignored",
        level="warning",
        operations=BODIES,
        what="A body sent in chunks is taken for a missing one.",
        finds="edge: chunked transfer",
        patch=before(bodiless),
        shows=shows(image().but(chunked=True), was=200, becomes=400),
    ),
    fault(
        name="length-required",
        level="warning",
        operations=BODIES,
        what="411 to a body sent in chunks.",
        finds="edge: chunked transfer",
        patch=instead(
            lambda r: r.has("transfer-encoding") and r.has("authorization"),
            lambda request: json_answer({"error": "length required"}, 411),
        ),
        shows=shows(image().but(chunked=True), was=200, becomes=411),
    ),
)
