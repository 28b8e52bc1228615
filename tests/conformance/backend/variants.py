"""How correct backends differ: none of these breaks the contract, and no kit may say so."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.answers import JSON, STREAM, Call
from tests.conformance.backend.behaviour import Behaviour, Handler, parse
from tests.conformance.backend.behaviour import role as correct_role
from tests.conformance.backend.exchange import Ask, chat, get, image
from tests.conformance.backend.fault import Patch, Variant
from tests.conformance.backend.messages import Answer, Refusal, Request, encoded, json_answer
from tests.conformance.backend.patching import (
    after,
    before,
    data,
    instead,
    is_call,
    layer,
)
from tests.conformance.backend.proof import shows
from tests.conformance.backend.tokens import ADMIN, Tokens
from tests.conformance.backend.wire import Link, Wire, head, send_plainly, whole

__all__ = ["VARIANTS"]

ANONYMOUS = image().but(role="")
MODELS = get("models")
STREAMED = chat(stream=True)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def errors(change: Callable[[Answer], Answer]) -> Patch:
    """Another body for every refusal."""
    return after(lambda request, a: change(a) if a.status >= 400 else a)


def successes(change: Callable[[Request, Answer], Answer]) -> Patch:
    """Change every document that is a success."""
    return after(lambda r, a: change(r, a) if a.status == 200 and a.is_json else a)


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


def problem(answer: Answer) -> Answer:
    """RFC 9457."""
    body = {"type": "about:blank", "title": "Refused", "status": answer.status}
    return answer.carrying(encoded(body)).having("content-type", "application/problem+json")


def page(answer: Answer) -> Answer:
    """A page of HTML: the contract promises nothing of an error's body."""
    body = f"<!doctype html><title>{answer.status}</title><h1>Something was refused</h1>"
    return answer.carrying(body.encode()).having("content-type", "text/html; charset=utf-8")


def plain(answer: Answer) -> Answer:
    """One line of text."""
    return answer.carrying(b"refused\n").having("content-type", "text/plain")


def bare(answer: Answer) -> Answer:
    """No body, and no type of it."""
    return answer.carrying(b"").without("content-type")


def listed(answer: Answer) -> Answer:
    """Errors as a list of objects, in JSON."""
    return answer.carrying(encoded([{"message": "refused", "status": answer.status}]))


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
    if request.method == "GET" and request.header("if-none-match") in (tag, "*"):
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


def guarded_first(behaviour: Behaviour) -> Behaviour:
    """Credentials are asked for before paths and methods: 401 also where there is nothing."""

    def route(request: Request) -> Call:
        behaviour.credential(request)
        return behaviour.route(request)

    return replace(behaviour, route=route)


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
        text = body.decode("utf-8", "replace").replace("\\ud800", "\\ufffd")
        return parse(text.replace("\\uD800", "\\ufffd").encode())


def without_nul(body: bytes) -> Any:
    """NUL is refused."""
    if b"\\u0000" in body:
        raise Refusal(400, "NUL cannot be stored.")
    return parse(body)


def not_too_deep(body: bytes) -> Any:
    """More than 200 levels are refused, well beyond what must be accepted."""
    level = deepest = 0
    for byte in body:
        level += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, level)
    if deepest > 200:
        raise Refusal(400, "The body is nested too deeply.")
    return parse(body)


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


def accept_ignored(request: Request, call: Call) -> str:
    """What cannot be offered is answered as if nothing had been asked (section 12.4.1)."""
    streamed = call.operation.label == op.CHAT and call.body.get("stream")
    return STREAM if streamed else JSON


def never_streamed(request: Request, call: Call) -> str:
    """A document for every chat: the contract documents both for 200."""
    return JSON


def not_found(request: Request, answer: Answer) -> Answer:
    """404 for a method that is not there."""
    return json_answer({"error": "Not Found"}, 404) if answer.status == 405 else answer


def rewritten_stream(change: Callable[[bytes], bytes], first: bytes = b"") -> Patch:
    """Events in another spelling."""

    def alter(request: Request, answer: Answer) -> Answer:
        return answer if answer.stream is None else replace(answer, stream=pieces(answer.stream))

    async def pieces(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        if first:
            yield first
        async for piece in stream:
            yield change(piece)

    return after(alter)


def sentinel(piece: bytes) -> bytes:
    """OpenAI's end of a stream."""
    return b"data: [DONE]\n\n" if b"done" in piece else piece


def named_events(piece: bytes) -> bytes:
    """Events with a name, an id and a time to retry."""
    return b"event: message\nid: 7\nretry: 3000\n" + piece


def split_bytes(request: Request, answer: Answer) -> Answer:
    """A byte at a time: pieces of the transport are no events."""
    if answer.stream is None:
        return answer
    given = answer.stream

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in given:
            for byte in piece:
                yield bytes([byte])

    return replace(answer, stream=pieces())


def headed(*headers: tuple[str, str]) -> Patch:
    """More headers on everything."""

    def add(request: Request, answer: Answer) -> Answer:
        for name, value in headers:
            answer = answer.having(name, value)
        return answer

    return after(add)


def extended(request: Request, answer: Answer) -> Answer:
    """Properties that the contract does not name, in every object at the top."""
    extra = {"requestId": "0d5e", "x": None, "nested": {"deep": [1, None]}}
    value = answer.json
    other = [item | extra for item in value] if isinstance(value, list) else value | extra
    return answer.carrying(encoded(other))


def whole_as_float(body: Any) -> None:
    """`1.0` is an integer (JSON Schema 2020-12 section 4.2.3)."""
    body["count"] = 1.0
    body["metadata"]["usage"]["totalTokens"] = 9.0


def called(body: Any) -> None:
    """A tool call and a citation, as the contract describes them."""
    body["tool_calls"] = [
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    ]
    body["annotations"] = [
        {"type": "url_citation", "urlCitation": {"url": "https://example.com", "startIndex": 0}}
    ]


def unlike(behaviour: Behaviour) -> Behaviour:
    """Words differ from one time to the next, as a model's do."""
    count = 0

    def change(request: Request, answer: Answer) -> Answer:
        nonlocal count
        if not is_call(request, op.IMAGE):
            return answer
        count += 1
        return answer.carrying(encoded(answer.json | {"text": f"Take {count}"}))

    return successes(change)(behaviour)


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


def challenged(value: str) -> Patch:
    """Another challenge."""
    return after(lambda r, a: a.having("www-authenticate", value) if a.status == 401 else a)


def differs(ask: Ask, was: int = 200, becomes: int = 200) -> Any:
    """The proof that the variant is one."""
    return shows(ask, was=was, becomes=becomes)


def variant(name: str, what: str, patch: Patch, proof: Any, raw: bool = False) -> Variant:
    return Variant(name=name, what=what, patch=patch, shows=proof, raw=raw)


ERRORS = (
    variant(
        "errors-as-problems",
        "Errors are problem documents (RFC 9457).",
        errors(problem),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "errors-as-pages",
        "Errors are pages of HTML, as nginx sends them.",
        errors(page),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "errors-as-text",
        "Errors are a line of text.",
        errors(plain),
        differs(ANONYMOUS, 401, 401),
    ),
    variant("errors-empty", "Errors have no body.", errors(bare), differs(ANONYMOUS, 401, 401)),
    variant(
        "errors-as-list",
        "Errors are a list of objects.",
        errors(listed),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "realm-alone",
        "The challenge names a realm and no error.",
        challenged('Bearer realm="InsForge"'),
        differs(image().bearing("Bearer x"), 401, 401),
    ),
    variant(
        "challenge-bare",
        "The challenge is the scheme and nothing else.",
        challenged("Bearer"),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "two-challenges",
        "A second scheme is offered beside the declared one.",
        challenged('DPoP algs="ES256", bearer realm="ai", scope="ai:use"'),
        differs(ANONYMOUS, 401, 401),
    ),
    variant(
        "undeclared-not-found",
        "404 for methods that are not declared.",
        after(not_found),
        differs(MODELS.but(method="DELETE"), 405, 404),
    ),
    variant(
        "guard-before-routes",
        "401 also for strangers who ask for a method or path that is not there.",
        guarded_first,
        differs(MODELS.but(method="DELETE", role=""), 405, 401),
    ),
    variant(
        "head-refused",
        "HEAD is not offered: 405 with Allow.",
        instead(
            lambda request: request.method == "HEAD",
            lambda request: json_answer({"error": "no"}, 405, (("allow", "GET"),)),
        ),
        differs(MODELS.but(method="HEAD"), 200, 405),
    ),
    variant(
        "options-refused",
        "OPTIONS is a method like any other: 405.",
        after(lambda r, a: json_answer({"error": "no"}, 405, a.headers) if a.status == 204 else a),
        differs(MODELS.but(method="OPTIONS"), 204, 405),
    ),
    variant(
        "options-with-body",
        "OPTIONS answers 200 with the list of methods, without a credential.",
        after(
            lambda r, a: (
                json_answer({"methods": a.header("allow")}, 200, a.headers)
                if a.status == 204
                else a
            )
        ),
        differs(MODELS.but(method="OPTIONS", role=""), 204, 200),
    ),
    variant(
        "wrong-type-not-found",
        "Routes are matched by content type: another one is a 404.",
        after(lambda r, a: json_answer({"error": "no"}, 404) if a.status == 415 else a),
        differs(image().header("content-type", "text/plain"), 415, 404),
    ),
)

ANSWERS = (
    variant(
        "extra-properties",
        "Answers hold more than the contract names.",
        successes(extended),
        differs(image()),
    ),
    variant(
        "optionals-omitted",
        "An image answer is an empty object: nothing in it is required.",
        data(op.IMAGE, lambda body: {}),
        differs(image()),
    ),
    variant(
        "no-usage",
        "Chat answers carry text alone.",
        data(op.CHAT, lambda body: {"text": body["text"]}),
        differs(chat()),
    ),
    variant(
        "tools-called",
        "A chat answer calls a tool and cites a page.",
        data(op.CHAT, called),
        differs(chat()),
    ),
    variant(
        "no-models", "The catalogue is empty.", data(op.MODELS, lambda body: []), differs(MODELS)
    ),
    variant(
        "no-overview",
        "There is nothing to say about usage yet.",
        data(op.OVERVIEW, lambda body: {"key": {"limit": None}, "charts": {}, "modelUsage": []}),
        differs(get("overview")),
    ),
    variant(
        "key-limited",
        "The key has limits where the other one has null.",
        data(
            op.OVERVIEW,
            lambda body: body["key"].update(limit=10.5, limitRemaining=-0.5, limitReset="monthly"),
        ),
        differs(get("overview")),
    ),
    variant(
        "nothing-configured",
        "Neither credential is configured.",
        data(
            op.GET_CONFIG,
            lambda body: {name: {"configured": False, "maskedKey": None} for name in body},
        ),
        differs(get("config")),
    ),
    variant(
        "whole-numbers-as-floats",
        "1.0 for one, as some languages write it.",
        data(op.IMAGE, whole_as_float),
        differs(image()),
    ),
    variant(
        "exponents",
        "Numbers with exponents.",
        after(
            lambda r, a: (
                a.carrying(a.body.replace(b": 1715558400", b": 1.7155584e9")) if a.is_json else a
            )
        ),
        differs(MODELS),
    ),
    variant(
        "large-picture",
        "A picture of 300 KB as a data URL.",
        data(
            op.IMAGE,
            lambda body: body["images"][0]["image_url"].update(
                url="data:image/png;base64," + "A" * 300_000
            ),
        ),
        differs(image()),
    ),
    variant(
        "several-pictures",
        "Three pictures, one of them without anything in it.",
        data(op.IMAGE, lambda body: body | {"images": [*body["images"] * 2, {}], "count": 3}),
        differs(image()),
    ),
    variant(
        "never-the-same-twice",
        "The same request gets other words each time.",
        unlike,
        differs(image()),
    ),
    variant(
        "escaped-answers",
        "Everything beyond ASCII is escaped, and the document is indented.",
        successes(lambda r, a: a.carrying(json.dumps(a.json, indent=2).encode())),
        differs(MODELS),
    ),
    variant(
        "error-words-in-success",
        "A successful picture of an error: its text speaks of one.",
        data(op.IMAGE, lambda body: body | {"text": "Error 500: a picture of a stack trace"}),
        differs(image()),
    ),
    variant(
        "null-error-in-success",
        "Every success says that there is no error: `error: null`.",
        successes(
            lambda r, a: (
                a.carrying(encoded(a.json | {"error": None})) if isinstance(a.json, dict) else a
            )
        ),
        differs(image()),
    ),
)

TRANSPORT = (
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

REQUESTS = (
    variant(
        "roles-apart",
        "An administrator's token does not open a client's operations.",
        lambda behaviour: replace(behaviour, admits=roles_apart),
        differs(image().but(role=ADMIN), 200, 401),
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

STREAMS = (
    variant(
        "never-streamed",
        "A document also where a stream was asked for.",
        lambda behaviour: replace(behaviour, negotiate=never_streamed),
        differs(STREAMED),
    ),
    variant(
        "stream-with-comments",
        "Heartbeats between the events, and a comment before the first.",
        rewritten_stream(lambda piece: b": ping\n\n" + piece, b":ok\n\n"),
        differs(STREAMED),
    ),
    variant(
        "stream-with-crlf",
        "Lines end with CR LF.",
        rewritten_stream(lambda piece: piece.replace(b"\n", b"\r\n")),
        differs(STREAMED),
    ),
    variant(
        "stream-with-names",
        "Events have names, ids and a time to retry.",
        rewritten_stream(named_events),
        differs(STREAMED),
    ),
    variant(
        "stream-with-sentinel",
        "The stream ends with [DONE], as OpenAI's does.",
        rewritten_stream(sentinel),
        differs(STREAMED),
    ),
    variant(
        "stream-with-bom",
        "A byte order mark before the first event, which the HTML Standard allows.",
        rewritten_stream(lambda piece: piece, b"\xef\xbb\xbf"),
        differs(STREAMED),
    ),
    variant(
        "stream-in-several-lines",
        "Each event's data in several lines.",
        rewritten_stream(lambda piece: piece.replace(b'": ', b'":\ndata: ')),
        differs(STREAMED),
    ),
    variant(
        "stream-byte-by-byte",
        "Every byte in a piece of its own.",
        after(split_bytes),
        differs(STREAMED),
    ),
    variant(
        "stream-of-text",
        "Events hold text, not JSON: the contract says no more than that it is a stream.",
        rewritten_stream(lambda piece: b"data: some words\n\n" if b"chunk" in piece else piece),
        differs(STREAMED),
    ),
    variant(
        "stream-with-error-word",
        "An event whose text speaks of an error.",
        rewritten_stream(lambda piece: piece.replace(b"You ", b"error: Traceback is a word. You ")),
        differs(STREAMED),
    ),
)

VARIANTS: tuple[Variant, ...] = (*ERRORS, *ANSWERS, *TRANSPORT, *REQUESTS, *STREAMS)
