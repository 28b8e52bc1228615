"""Stricter or more lenient where the contract and HTTP leave it open."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.answers import JSON, STREAM, Call
from tests.conformance.backend.behaviour import Behaviour, Handler, parse
from tests.conformance.backend.behaviour import role as correct_role
from tests.conformance.backend.exchange import image
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.messages import Answer, Refusal, Request, json_answer
from tests.conformance.backend.patching import before, instead, layer
from tests.conformance.backend.shapes import depth
from tests.conformance.backend.tokens import ADMIN, Tokens
from tests.conformance.backend.variants.variation import MODELS, differs, variant

__all__ = ["VARIANTS"]

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def roles_apart(role: str, operation: op.Operation) -> bool:
    """An administrator is not a client."""
    return role == operation.role


def lenient_padding(tokens: Tokens, token: str) -> str:
    """The two bits of the last character that no signature fills are not looked at."""
    last = ALPHABET.find(token[-1])
    if token.count(".") == 2 and last >= 0:
        token = token[:-1] + ALPHABET[last - last % 4]
    return correct_role(tokens, token)


def other_padding(token: str) -> str:
    """Another spelling of the same signature."""
    return token[:-1] + ALPHABET[ALPHABET.index(token[-1]) + 1]


def parsing(change: Callable[[bytes], Any]) -> Patch:
    """Another way to read JSON."""
    return lambda behaviour: replace(behaviour, parse=change)


def without_bom(body: bytes) -> Any:
    """A byte order mark is skipped (RFC 8259 section 8.1 allows it)."""
    return parse(body.removeprefix(b"\xef\xbb\xbf"))


def strict_keys(body: bytes) -> Any:
    """A name that stands twice in an object is refused (RFC 8259 section 4 allows it)."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(found)) != len(found):
            raise Refusal(400, "A property stands there twice.")
        return dict(found)

    value = parse(body)
    json.loads(body, object_pairs_hook=pairs)
    return value


def without_surrogates(body: bytes) -> Any:
    """Lone surrogates become the replacement character."""
    try:
        return parse(body)
    except Refusal:
        return parse(SURROGATE.sub(rb"\\ufffd", body))


def without_nul(body: bytes) -> Any:
    """NUL is refused, as RFC 8259 section 9 lets a receiver do."""
    if b"\\u0000" in body:
        raise Refusal(400, "NUL cannot be stored.")
    return parse(body)


def not_too_deep(body: bytes) -> Any:
    """More than 200 levels are refused, well beyond what must be accepted."""
    value = parse(body)
    if depth(value) > 200:
        raise Refusal(400, "The body is nested too deeply.")
    return value


def not_too_large(request: Request) -> bool:
    """More than a megabyte, well beyond what must be accepted."""
    return len(request.body) > 1024 * 1024


def unzipped(request: Request) -> Request:
    """Compressed requests are read."""
    if request.header("content-encoding") != "gzip":
        return request
    try:
        body = gzip.decompress(request.body)
    except (OSError, EOFError):
        return request
    return replace(request, body=body).with_header("content-encoding", "identity")


def untyped(request: Request) -> Request:
    """A body without a type is taken for JSON (RFC 9110 section 8.3 allows it)."""
    bare = request.body and not request.has("content-type")
    return request.with_header("content-type", JSON) if bare else request


def body_first(behaviour: Behaviour) -> Behaviour:
    """A body is looked at before its sender: which fault of two is told is left open."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            try:
                Behaviour().read(request, behaviour.route(request))
            except Refusal as refusal:
                return behaviour.refuse(refusal)
            return await handler(request)

        return handle

    return layer(wrap)(behaviour)


def accept_ignored(request: Request, call: Call) -> str:
    """What cannot be offered is answered as if nothing had been asked (section 12.4.1)."""
    streamed = call.operation.label == op.CHAT and call.body.get("stream")
    return STREAM if streamed else JSON


VARIANTS = (
    variant(
        "roles-apart",
        "An administrator's token does not open a client's operations.",
        lambda behaviour: replace(behaviour, admits=roles_apart),
        differs(image().but(role=ADMIN), 200, 401),
    ),
    variant(
        "body-before-credential",
        "415 and 400 are told before 401, where a request deserves both.",
        body_first,
        differs(image(prompt=1).but(role=""), 401, 400),
    ),
    variant(
        "padding-ignored",
        "Two bits of a token's last character mean nothing, and are not looked at.",
        lambda behaviour: replace(behaviour, role=lenient_padding),
        differs(image().bearing(f"Bearer {other_padding(Tokens().client)}"), 401, 200),
    ),
    variant(
        "bom-skipped",
        "A byte order mark before a body is skipped.",
        parsing(without_bom),
        differs(image(b'\xef\xbb\xbf{"model": "m", "prompt": "p"}'), 400, 200),
    ),
    variant(
        "equal-names-refused",
        "A property that stands twice in a body is refused.",
        parsing(strict_keys),
        differs(image(b'{"model": "m", "model": "n", "prompt": "p"}'), 200, 400),
    ),
    variant(
        "surrogates-replaced",
        "A lone surrogate becomes the replacement character.",
        parsing(without_surrogates),
        differs(image(prompt="\ud800"), 400, 200),
    ),
    variant(
        "nul-refused",
        "NUL in a string is refused.",
        parsing(without_nul),
        differs(image(prompt="a\0b"), 200, 400),
    ),
    variant(
        "depth-limited",
        "Bodies of more than 200 levels are refused.",
        parsing(not_too_deep),
        differs(
            image(b'{"model": "m", "prompt": "p", "x": ' + b"[" * 250 + b"]" * 250 + b"}"), 200, 400
        ),
    ),
    variant(
        "size-limited",
        "Bodies over a megabyte get 413.",
        instead(not_too_large, lambda request: json_answer({"error": "large"}, 413)),
        differs(image(prompt="p" * 1_100_000), 200, 413),
    ),
    variant(
        "headers-limited",
        "Headers over 8 KB get 431.",
        instead(
            lambda r: sum(len(n) + len(v) for n, v in r.headers) > 8192,
            lambda request: json_answer({"error": "large"}, 431),
        ),
        differs(MODELS.header("x-padding", "p" * 9000), 200, 431),
    ),
    variant(
        "compressed-requests",
        "gzip in requests is read.",
        before(unzipped),
        differs(
            image(gzip.compress(b'{"model": "m", "prompt": "p"}', mtime=0)).header(
                "content-encoding", "gzip"
            ),
            415,
            200,
        ),
    ),
    variant(
        "type-not-needed",
        "A body without Content-Type is taken for JSON.",
        before(untyped),
        differs(image().without("content-type"), 415, 200),
    ),
    variant(
        "accept-ignored",
        "JSON whatever Accept says.",
        lambda behaviour: replace(behaviour, negotiate=accept_ignored),
        differs(MODELS.header("accept", "image/png"), 406, 200),
    ),
    variant(
        "malformed-escapes-refused",
        "A malformed escape anywhere in the target gets 400.",
        instead(
            lambda r: "%zz" in r.raw_path.lower() or "%zz" in r.query.lower(),
            lambda request: json_answer({"error": "escape"}, 400),
        ),
        differs(MODELS.but(path="/api/ai/models?q=%zz"), 200, 400),
    ),
)
