"""Bodies that are no document, or not one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import Handler, parse
from tests.conformance.backend.exchange import CONTROLS, chat, config, embed, image
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.faults.bodies.reading import crashing, fault, parsing
from tests.conformance.backend.messages import Answer, Refusal, Request
from tests.conformance.backend.patching import instead, is_call, layer, server_error
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]


def constant(name: str) -> NoReturn:
    """NaN and Infinity are no JSON, here as elsewhere."""
    raise ValueError(f"{name} is not JSON")


STRICT = json.JSONDecoder(parse_constant=constant)


def lenient(operation: str, read: Callable[[str], Any]) -> Patch:
    """A parser that takes more than JSON."""
    return parsing(operation, lambda body: read(body.decode("utf-8")))


def first_value(source: str) -> Any:
    """The first document; what comes after it is never read."""
    return STRICT.raw_decode(source.lstrip())[0]


def relaxed(source: str) -> Any:
    """Trailing commas and comments, as in JSON5."""
    try:
        return STRICT.decode(source)
    except ValueError:
        bare = re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL)
        return STRICT.decode(re.sub(r",\s*([}\]])", r"\1", bare))


def not_a_number(source: str) -> Any:
    """Python's own parser knows NaN and Infinity; every comparison with NaN is false."""
    value = json.loads(source)
    if not isinstance(value, dict):
        return value
    return {k: 1 if isinstance(v, float) and v != v else v for k, v in value.items()}


def wrapped(operation: str) -> Patch:
    """An array is unwrapped: its first member is the body."""

    def read(body: bytes) -> Any:
        value = parse(body)
        return value[0] if isinstance(value, list) and value else value

    return parsing(operation, read)


def accepted(operation: str, when: Callable[[Request], bool]) -> Patch:
    """Some bodies are answered like the control, whatever they hold."""
    control = CONTROLS[operation].body or b""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            if is_call(request, operation) and when(request):
                request = replace(request, body=control)
                request = request.with_header("content-type", "application/json")
            return await handler(request)

        return handle

    return layer(wrap)


def empty(request: Request) -> bool:
    """No body, or nothing in it."""
    return not request.body.strip()


def literal(*sources: bytes) -> Callable[[Request], bool]:
    """A body that is exactly one of these."""
    return lambda request: request.body.strip() in sources


def malformed(request: Request) -> bool:
    """A body that no parser reads."""
    try:
        parse(request.body)
    except Refusal:
        return bool(request.body.strip())
    return False


def replaced_utf8(source: bytes) -> Any:
    """Bytes that are no UTF-8 become question marks."""
    return STRICT.decode(source.decode("utf-8", "replace"))


FAULTS = (
    fault(
        name="empty-body-accepted",
        operations=(op.PUT_CONFIG,),
        what="No body is an empty update, and that is a success.",
        finds="request: body required",
        patch=accepted(op.PUT_CONFIG, empty),
        shows=shows(config(b""), was=400, becomes=200),
    ),
    fault(
        name="null-body-accepted",
        operations=(op.PUT_CONFIG,),
        what="A body of null is an empty update.",
        finds="request: type of the body",
        patch=accepted(op.PUT_CONFIG, literal(b"null")),
        shows=shows(config(b"null"), was=400, becomes=200),
    ),
    fault(
        name="null-body-crashes",
        operations=(op.IMAGE,),
        what="`None.get('model')`.",
        finds="request: type of the body (null)",
        patch=instead(
            lambda r: is_call(r, op.IMAGE) and literal(b"null")(r) and r.has("authorization"),
            server_error,
        ),
        shows=shows(image(b"null"), was=400, becomes=500),
    ),
    fault(
        name="array-body-crashes",
        operations=(op.EMBEDDINGS,),
        what="`body['model']` on a list.",
        finds="request: type of the body (array)",
        patch=crashing(op.EMBEDDINGS, lambda value: isinstance(value, list)),
        shows=shows(embed(b"[]"), was=400, becomes=500),
    ),
    fault(
        name="array-body-unwrapped",
        operations=(op.IMAGE,),
        what="A list of one request is taken for the request.",
        finds="request: type of the body (array)",
        patch=wrapped(op.IMAGE),
        shows=shows(image([{"model": "m", "prompt": "p"}]), was=400, becomes=200),
    ),
    fault(
        name="empty-body-crashes",
        operations=(op.CHAT,),
        what="The parser is called on nothing.",
        finds="request: body required",
        patch=instead(
            lambda r: is_call(r, op.CHAT) and empty(r) and r.has("authorization"), server_error
        ),
        shows=shows(chat(b""), was=400, becomes=500),
    ),
    fault(
        name="malformed-crashes",
        also=r"media\.(undeclared|encoding|charset)",
        operations=(op.IMAGE,),
        what="The parser's exception is not caught.",
        finds="request: malformed JSON",
        patch=instead(
            lambda r: is_call(r, op.IMAGE) and malformed(r) and r.has("authorization"), server_error
        ),
        shows=shows(image(b'{"model": '), was=400, becomes=500),
    ),
    fault(
        name="trailing-data-accepted",
        operations=(op.IMAGE,),
        what="A streaming parser stops after the first document.",
        finds="request: trailing garbage",
        patch=lenient(op.IMAGE, first_value),
        shows=shows(image(b'{"model": "m", "prompt": "p"} x'), was=400, becomes=200),
    ),
    fault(
        name="nan-accepted",
        operations=(op.CHAT,),
        what="NaN is read, and is neither below 0 nor above 2.",
        finds="request: NaN",
        patch=lenient(op.CHAT, not_a_number),
        shows=shows(
            chat(b'{"model": "m", "messages": [], "temperature": NaN}'), was=400, becomes=200
        ),
    ),
    fault(
        name="invalid-utf8-accepted",
        level="warning",
        operations=(op.IMAGE,),
        what="`errors='replace'`: broken bytes become question marks.",
        finds="request: invalid UTF-8",
        patch=parsing(op.IMAGE, replaced_utf8),
        shows=shows(image(b'{"model": "m", "prompt": "\xff"}'), was=400, becomes=200),
    ),
    fault(
        name="invalid-utf8-crashes",
        also=r"media\.(encoding|charset)",
        operations=(op.EMBEDDINGS,),
        what="UnicodeDecodeError is not among the exceptions that are caught.",
        finds="request: invalid UTF-8",
        patch=instead(
            lambda r: is_call(r, op.EMBEDDINGS) and b"\xff" in r.body and r.has("authorization"),
            server_error,
        ),
        shows=shows(embed(b'{"model": "m", "input": "\xff"}'), was=400, becomes=500),
    ),
    fault(
        name="json5-accepted",
        operations=(op.IMAGE,),
        what="Trailing commas and comments are read.",
        finds="request: malformed JSON",
        patch=lenient(op.IMAGE, relaxed),
        shows=shows(image(b'{"model": "m", "prompt": "p",}'), was=400, becomes=200),
    ),
)
