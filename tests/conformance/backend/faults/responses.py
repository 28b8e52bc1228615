"""Answers to good requests that are not as the contract promises."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import Handler
from tests.conformance.backend.exchange import CONTROLS, embed, get
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Request, encoded, json_answer
from tests.conformance.backend.patching import after, data, instead, is_call, layer, server_error
from tests.conformance.backend.proof import Shows, shows

__all__ = ["FAULTS"]

ALL = tuple(operation.label for operation in op.OPERATIONS)
SLOW = 0.6
"""Seconds; to be seen with a limit of half of it."""

fault = partial(Fault, family=Family.RESPONSES)


def good(operation: str, change: Callable[[Answer], Answer]) -> Patch:
    """Change the 200 of one operation."""

    def alter(request: Request, answer: Answer) -> Answer:
        hit = is_call(request, operation) and answer.status == 200 and answer.stream is None
        return change(answer) if hit else answer

    return after(alter)


def restatus(operation: str, status: int) -> Patch:
    """Another status for success."""
    return good(operation, lambda answer: replace(answer, status=status))


def retyped(operation: str, value: str) -> Patch:
    """Another Content-Type; none where `value` is empty."""

    def change(answer: Answer) -> Answer:
        return answer.having("content-type", value) if value else answer.without("content-type")

    return good(operation, change)


def rewritten(operation: str, change: Callable[[bytes], bytes]) -> Patch:
    """Other bytes in the body."""
    return good(operation, lambda answer: answer.carrying(change(answer.body)))


def setting(operation: str, path: str, value: Any) -> Patch:
    """Another value at a place of the answer: `0 id`, `metadata usage`."""
    *way, last = path.split()

    def change(body: Any) -> None:
        for step in way:
            body = body[int(step) if isinstance(body, list) else step]
        body[int(last) if isinstance(body, list) else last] = value

    return data(operation, change)


def dropping(operation: str, path: str) -> Patch:
    """A property is not there."""
    *way, last = path.split()

    def change(body: Any) -> None:
        for step in way:
            body = body[int(step) if isinstance(body, list) else step]
        del body[last]

    return data(operation, change)


def slowly(operation: str) -> Patch:
    """The answer takes its time."""

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            answer = await handler(request)
            if is_call(request, operation) and answer.status == 200:
                await asyncio.sleep(SLOW)
            return answer

        return handle

    return layer(wrap)


def twice_named(body: bytes) -> bytes:
    """One name, two values: what a client sees depends on its parser."""
    return b'{"count": 7, ' + body.lstrip(b"{")


def hidden(operation: str, error: Any) -> Patch:
    """A 200 that says that it is none."""
    return good(operation, lambda answer: answer.carrying(encoded(error)))


def for_model(model: str, answer: Callable[[Request], Answer]) -> Patch:
    """One model alone is answered otherwise."""

    def alter(request: Request, given: Answer) -> Answer:
        hit = is_call(request, op.IMAGE) and given.status == 200 and given.is_json
        return answer(request) if hit and given.json.get("model") == model else given

    return after(alter)


def base64_when_asked(request: Request, answer: Answer) -> Answer:
    """Vectors as strings, which the contract does not allow in any encoding."""
    asked = is_call(request, op.EMBEDDINGS) and b"base64" in request.body
    if not asked or answer.status != 200:
        return answer
    body = answer.json
    for item in body["data"]:
        item["embedding"] = "AAAAAAAA"
    return answer.carrying(encoded(body))


def unpriced(body: Any) -> None:
    """The member that has no prices gets null for them."""
    for item in body:
        item.setdefault("inputPrice", None)


def gzipped(answer: Answer) -> Answer:
    """Compressed for a client that did not ask for it."""
    return answer.carrying(gzip.compress(answer.body, mtime=0)).having("content-encoding", "gzip")


def same(operation: str, becomes: int = 200) -> Shows:
    """The control itself shows it."""
    return shows(CONTROLS[operation], was=200, becomes=becomes)


STATUS = (
    fault(
        name="created",
        operations=(op.IMAGE,),
        what="201, because something was created.",
        finds="response: status documented",
        patch=restatus(op.IMAGE, 201),
        shows=same(op.IMAGE, 201),
    ),
    fault(
        name="accepted-for-later",
        operations=(op.EMBEDDINGS,),
        what="202: the work goes on in a queue.",
        finds="response: status documented",
        patch=restatus(op.EMBEDDINGS, 202),
        shows=same(op.EMBEDDINGS, 202),
    ),
    fault(
        name="no-content",
        operations=(op.PUT_CONFIG,),
        what="204: an update has nothing to say.",
        finds="response: status documented",
        patch=good(op.PUT_CONFIG, lambda answer: Answer(status=204)),
        shows=same(op.PUT_CONFIG, 204),
        writes=True,
    ),
    fault(
        name="overview-fails",
        operations=(op.OVERVIEW,),
        what="500, documented and still a failure: the analytics key is not there.",
        finds="control refused",
        patch=good(op.OVERVIEW, lambda answer: json_answer({"error": "Failed"}, 500)),
        shows=same(op.OVERVIEW, 500),
    ),
    fault(
        name="models-unavailable",
        operations=(op.MODELS,),
        what="503 from the proxy in front.",
        finds="control refused",
        patch=good(op.MODELS, lambda answer: json_answer({"error": "Unavailable"}, 503)),
        shows=same(op.MODELS, 503),
    ),
    fault(
        name="one-model-crashes",
        operations=(op.IMAGE,),
        what="The contract's own example of a model is the one that crashes.",
        finds="control refused",
        patch=for_model("openai/dall-e-3", server_error),
        shows=same(op.IMAGE, 500),
    ),
    fault(
        name="redirect-to-new-path",
        operations=(op.EMBEDDINGS,),
        what="308 to a new path, which the contract does not know.",
        finds="response: status documented",
        patch=instead(
            lambda r: is_call(r, op.EMBEDDINGS) and r.has("authorization"),
            lambda r: Answer(status=308, headers=(("location", "/api/v2/ai/embeddings"),)),
        ),
        shows=same(op.EMBEDDINGS, 308),
    ),
    fault(
        name="redirect-loop",
        operations=(op.MODELS,),
        what="A redirect to itself.",
        finds="response: status documented",
        patch=instead(
            lambda r: is_call(r, op.MODELS) and r.has("authorization"),
            lambda r: Answer(status=307, headers=(("location", r.raw_path),)),
        ),
        shows=same(op.MODELS, 307),
    ),
    fault(
        name="payment-required",
        operations=(op.CHAT,),
        what="402, which the contract does not know: no credit is left.",
        finds="response: status documented",
        patch=good(op.CHAT, lambda answer: json_answer({"error": "No credits"}, 402)),
        shows=same(op.CHAT, 402),
    ),
)

TYPE = (
    fault(
        name="answer-is-html-typed",
        operations=(op.MODELS,),
        what="JSON that says that it is HTML.",
        finds="response: content type",
        patch=retyped(op.MODELS, "text/html; charset=utf-8"),
        shows=same(op.MODELS),
    ),
    fault(
        name="answer-is-plain-typed",
        operations=(op.IMAGE,),
        what="`res.send(JSON.stringify(…))` with text/plain.",
        finds="response: content type",
        patch=retyped(op.IMAGE, "text/plain"),
        shows=same(op.IMAGE),
    ),
    fault(
        name="answer-untyped",
        operations=(op.OVERVIEW,),
        what="No Content-Type at all.",
        finds="response: content type",
        patch=retyped(op.OVERVIEW, ""),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="answer-malformed-type",
        operations=(op.API_KEY,),
        what="`Content-Type: json`.",
        finds="response: content type",
        patch=retyped(op.API_KEY, "json"),
        shows=same(op.API_KEY),
    ),
    fault(
        name="page-as-answer",
        operations=(op.OVERVIEW,),
        what="The dashboard's page in the place of its data: index.html with 200.",
        finds="response: content type",
        patch=good(
            op.OVERVIEW,
            lambda answer: answer.carrying(b"<!doctype html><p>Overview").having(
                "content-type", "text/html"
            ),
        ),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="page-as-json",
        operations=(op.MODELS,),
        what="A proxy's error page, with 200 and the type of JSON.",
        finds="response: JSON",
        patch=rewritten(op.MODELS, lambda body: b"<html>504 Gateway Time-out</html>"),
        shows=same(op.MODELS),
    ),
)

DOCUMENT = (
    fault(
        name="answer-empty",
        operations=(op.API_KEY,),
        what="200 and no body.",
        finds="response: JSON",
        patch=rewritten(op.API_KEY, lambda body: b""),
        shows=same(op.API_KEY),
    ),
    fault(
        name="answer-cut",
        operations=(op.IMAGE,),
        what="The document ends in its middle, and Content-Length agrees with it.",
        finds="response: JSON",
        patch=rewritten(op.IMAGE, lambda body: body[:-20]),
        shows=same(op.IMAGE),
    ),
    fault(
        name="answer-twice",
        operations=(op.EMBEDDINGS,),
        what="Two documents, one after the other: `res.write` twice.",
        finds="response: one document",
        patch=rewritten(op.EMBEDDINGS, lambda body: body + body),
        shows=same(op.EMBEDDINGS),
    ),
    fault(
        name="answer-and-warning",
        operations=(op.MODELS,),
        what="A warning of the runtime after the document.",
        finds="response: one document",
        patch=rewritten(op.MODELS, lambda body: body + b"\nWarning: deprecated call in line 7"),
        shows=same(op.MODELS),
    ),
    fault(
        name="answer-with-bom",
        operations=(op.OVERVIEW,),
        level="warning",
        what="A byte order mark before the document (RFC 8259 section 8.1).",
        finds="response: no BOM",
        patch=rewritten(op.OVERVIEW, lambda body: b"\xef\xbb\xbf" + body),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="answer-nan",
        operations=(op.OVERVIEW,),
        what="`json.dumps(float('nan'))`.",
        finds="response: JSON",
        patch=rewritten(op.OVERVIEW, lambda body: body.replace(b"1.25", b"NaN", 1)),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="answer-infinity",
        operations=(op.EMBEDDINGS,),
        what="A vector that overflowed.",
        finds="response: JSON",
        patch=rewritten(op.EMBEDDINGS, lambda body: body.replace(b'"index": 0', b'"x": Infinity')),
        shows=same(op.EMBEDDINGS),
    ),
    fault(
        name="answer-latin-1",
        operations=(op.IMAGE,),
        what="Umlauts in Latin-1, where JSON is UTF-8.",
        finds="response: UTF-8",
        patch=rewritten(op.IMAGE, lambda body: body.replace(b"Here", b"H\xf6re")),
        shows=same(op.IMAGE),
    ),
    fault(
        name="answer-utf-16",
        operations=(op.MODELS,),
        what="UTF-16, as one runtime's strings are.",
        finds="response: UTF-8",
        patch=rewritten(op.MODELS, lambda body: body.decode().encode("utf-16")),
        shows=same(op.MODELS),
    ),
    fault(
        name="answer-duplicate-keys",
        operations=(op.IMAGE,),
        level="warning",
        what="A property stands there twice with two values (RFC 8259 section 4).",
        finds="response: no duplicate keys",
        patch=rewritten(op.IMAGE, twice_named),
        shows=same(op.IMAGE),
    ),
    fault(
        name="answer-in-a-string",
        operations=(op.API_KEY,),
        what="Encoded twice: a string that holds JSON.",
        finds="response: schema",
        patch=rewritten(op.API_KEY, lambda body: json.dumps(body.decode()).encode()),
        shows=same(op.API_KEY),
    ),
    fault(
        name="answer-single-quoted",
        operations=(op.GET_CONFIG,),
        what="`str(dict)` in the place of `json.dumps`.",
        finds="response: JSON",
        patch=rewritten(op.GET_CONFIG, lambda body: str(json.loads(body)).encode()),
        shows=same(op.GET_CONFIG),
    ),
    fault(
        name="gzip-unasked",
        operations=(op.MODELS,),
        level="warning",
        what="Compressed for a client whose Accept-Encoding forbids it.",
        finds="response: content coding",
        patch=good(op.MODELS, gzipped),
        shows=shows(get("models").header("accept-encoding", "identity"), was=200, becomes=200),
    ),
    fault(
        name="gzip-unlabelled",
        operations=(op.OVERVIEW,),
        what="Compressed, and the header that says so was lost in a proxy.",
        finds="response: JSON",
        patch=good(op.OVERVIEW, lambda answer: gzipped(answer).without("content-encoding")),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="gzip-untrue",
        operations=(op.IMAGE,),
        what="Content-Encoding: gzip over plain JSON.",
        finds="response: content coding",
        patch=good(op.IMAGE, lambda answer: answer.having("content-encoding", "gzip")),
        shows=same(op.IMAGE),
    ),
    fault(
        name="gzip-cut",
        operations=(op.CHAT,),
        what="A compressed answer whose end is missing.",
        finds="response: content coding",
        patch=good(
            op.CHAT, lambda answer: replace(gzipped(answer), body=gzipped(answer).body[:-12])
        ),
        shows=same(op.CHAT),
    ),
)

SCHEMA = (
    fault(
        name="image-type-wrong",
        operations=(op.IMAGE,),
        what="`imageUrl`, in the spelling of another API.",
        finds="response schema: enum of images[].type",
        patch=setting(op.IMAGE, "images 0 type", "imageUrl"),
        shows=same(op.IMAGE),
    ),
    fault(
        name="image-url-flat",
        operations=(op.IMAGE,),
        what="The URL itself, where an object holds it.",
        finds="response schema: type of images[].image_url",
        patch=setting(op.IMAGE, "images 0 image_url", "https://example.com/1.png"),
        shows=same(op.IMAGE),
    ),
    fault(
        name="image-url-null",
        operations=(op.IMAGE,),
        what="No URL is null.",
        finds="response schema: type of images[].image_url.url",
        patch=setting(op.IMAGE, "images 0 image_url url", None),
        shows=same(op.IMAGE),
    ),
    fault(
        name="images-object",
        operations=(op.IMAGE,),
        what="PHP's arrays become objects once an index is missing.",
        finds="response schema: type of images",
        patch=setting(op.IMAGE, "images", {"1": {"type": "image_url"}}),
        shows=same(op.IMAGE),
    ),
    fault(
        name="count-string",
        operations=(op.IMAGE,),
        what="A count from a database driver that returns strings.",
        finds="response schema: type of count",
        patch=setting(op.IMAGE, "count", "1"),
        shows=same(op.IMAGE),
    ),
    fault(
        name="usage-fraction",
        operations=(op.IMAGE,),
        what="Half a token.",
        finds="response schema: type of metadata.usage.totalTokens",
        patch=setting(op.IMAGE, "metadata usage totalTokens", 10.5),
        shows=same(op.IMAGE),
    ),
    fault(
        name="metadata-null",
        operations=(op.CHAT,),
        what="null where the provider sent no usage.",
        finds="response schema: type of metadata",
        patch=setting(op.CHAT, "metadata", None),
        shows=same(op.CHAT),
    ),
    fault(
        name="text-null",
        operations=(op.CHAT,),
        what="No text is null, and the contract does not allow it.",
        finds="response schema: type of text",
        patch=setting(op.CHAT, "text", None),
        shows=same(op.CHAT),
    ),
    fault(
        name="annotations-null",
        operations=(op.CHAT,),
        what="No annotations are null.",
        finds="response schema: type of annotations",
        patch=setting(op.CHAT, "annotations", None),
        shows=same(op.CHAT),
    ),
    fault(
        name="tool-call-without-id",
        operations=(op.CHAT,),
        what="A tool call of a provider that gives none an id.",
        finds="response schema: required tool_calls[].id",
        patch=setting(
            op.CHAT,
            "tool_calls",
            [{"type": "function", "function": {"name": "f", "arguments": "{}"}}],
        ),
        shows=same(op.CHAT),
    ),
    fault(
        name="tool-arguments-object",
        operations=(op.CHAT,),
        what="The arguments parsed, where a string is promised.",
        finds="response schema: type of tool_calls[].function.arguments",
        patch=setting(
            op.CHAT,
            "tool_calls",
            [{"id": "1", "type": "function", "function": {"name": "f", "arguments": {}}}],
        ),
        shows=same(op.CHAT),
    ),
    fault(
        name="models-wrapped",
        operations=(op.MODELS,),
        what="`{data: […]}` as OpenRouter itself answers, where a flat array is promised.",
        finds="response schema: type",
        patch=data(op.MODELS, lambda body: {"data": body}),
        shows=same(op.MODELS),
    ),
    fault(
        name="prices-strings",
        operations=(op.MODELS,),
        what="OpenRouter's prices are strings, and were passed on.",
        finds="response schema: type of [].inputPrice",
        patch=setting(op.MODELS, "0 inputPrice", "0.0000025"),
        shows=same(op.MODELS),
    ),
    fault(
        name="price-null",
        operations=(op.MODELS,),
        what="A model without a price has null, in the second member alone.",
        finds="response schema: type of [].inputPrice",
        patch=data(op.MODELS, unpriced),
        shows=same(op.MODELS),
    ),
    fault(
        name="created-date",
        operations=(op.MODELS,),
        what="A date as text, where seconds are promised.",
        finds="response schema: type of [].created",
        patch=setting(op.MODELS, "0 created", "2024-05-13T00:00:00Z"),
        shows=same(op.MODELS),
    ),
    fault(
        name="modality-flat",
        operations=(op.MODELS,),
        what="`text+image->text`, as one string.",
        finds="response schema: type of [].inputModality",
        patch=setting(op.MODELS, "0 inputModality", "text+image->text"),
        shows=same(op.MODELS),
    ),
    fault(
        name="masked-key-missing",
        operations=(op.GET_CONFIG,),
        what="What is not configured has no masked key, although it is required.",
        finds="response schema: required managementKey.maskedKey",
        patch=dropping(op.GET_CONFIG, "managementKey maskedKey"),
        shows=same(op.GET_CONFIG),
    ),
    fault(
        name="management-key-null",
        operations=(op.GET_CONFIG,),
        what="The whole status is null where nothing is configured.",
        finds="response schema: type of managementKey",
        patch=setting(op.GET_CONFIG, "managementKey", None),
        shows=same(op.GET_CONFIG),
    ),
    fault(
        name="configured-number",
        operations=(op.GET_CONFIG,),
        what="SQLite's booleans are 0 and 1.",
        finds="response schema: type of apiKey.configured",
        patch=setting(op.GET_CONFIG, "apiKey configured", 1),
        shows=same(op.GET_CONFIG),
    ),
    fault(
        name="update-says-ok",
        operations=(op.PUT_CONFIG,),
        what="`{ok: true}` where the new status is promised.",
        finds="response schema: required apiKey",
        patch=data(op.PUT_CONFIG, lambda body: {"ok": True}),
        shows=same(op.PUT_CONFIG),
        writes=True,
    ),
    fault(
        name="key-number",
        operations=(op.API_KEY,),
        what="The id of the key in the place of the key.",
        finds="response schema: type of apiKey",
        patch=setting(op.API_KEY, "apiKey", 42),
        shows=same(op.API_KEY),
    ),
    fault(
        name="rotated-key-null",
        operations=(op.ROTATE,),
        what="The new key is not there yet: null.",
        finds="response schema: type of apiKey",
        patch=setting(op.ROTATE, "apiKey", None),
        shows=same(op.ROTATE),
        writes=True,
    ),
    fault(
        name="limit-string",
        operations=(op.OVERVIEW,),
        what='`limit: "unlimited"`.',
        finds="response schema: type of key.limit",
        patch=setting(op.OVERVIEW, "key limit", "unlimited"),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="label-null",
        operations=(op.OVERVIEW,),
        what="A key without a label has null, which is allowed for its limit alone.",
        finds="response schema: type of key.label",
        patch=setting(op.OVERVIEW, "key label", None),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="point-without-value",
        operations=(op.OVERVIEW,),
        what="A day without activity has no value, in the second point alone.",
        finds="response schema: required charts.spend[].value",
        patch=dropping(op.OVERVIEW, "charts spend 1 value"),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="usage-without-spend",
        operations=(op.OVERVIEW,),
        what="byokSpend was added to the contract and not to the code.",
        finds="response schema: required modelUsage[].byokSpend",
        patch=dropping(op.OVERVIEW, "modelUsage 0 byokSpend"),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="requests-string",
        operations=(op.OVERVIEW,),
        what="PostgreSQL's count is a bigint, and its driver makes a string of it.",
        finds="response schema: type of modelUsage[].requests",
        patch=setting(op.OVERVIEW, "modelUsage 0 requests", "14"),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="embeddings-object-wrong",
        operations=(op.EMBEDDINGS,),
        what="`embeddings` where `list` is promised.",
        finds="response schema: enum of object",
        patch=setting(op.EMBEDDINGS, "object", "embeddings"),
        shows=same(op.EMBEDDINGS),
    ),
    fault(
        name="vector-strings",
        operations=(op.EMBEDDINGS,),
        what="pgvector's text, split at its commas.",
        finds="response schema: type of data[].embedding[]",
        patch=setting(op.EMBEDDINGS, "data 0 embedding", ["0.1", "0.2"]),
        shows=same(op.EMBEDDINGS),
    ),
    fault(
        name="vector-base64",
        operations=(op.EMBEDDINGS,),
        what="base64 when asked for, where the contract promises numbers all the same.",
        finds="response schema: type of data[].embedding",
        patch=after(base64_when_asked),
        shows=shows(embed(encoding_format="base64"), was=200, becomes=200),
    ),
    fault(
        name="index-string",
        operations=(op.EMBEDDINGS,),
        what="An index from the names of an object.",
        finds="response schema: type of data[].index",
        patch=setting(op.EMBEDDINGS, "data 0 index", "0"),
        shows=same(op.EMBEDDINGS),
    ),
    fault(
        name="one-vector-alone",
        operations=(op.EMBEDDINGS,),
        what="One text, one vector, without the list around it.",
        finds="response schema: type of data",
        patch=setting(op.EMBEDDINGS, "data", {"object": "embedding", "embedding": [0.5]}),
        shows=same(op.EMBEDDINGS),
    ),
)

HIDDEN = (
    fault(
        name="error-in-success",
        operations=(op.IMAGE,),
        what="The provider failed, and 200 says so in its body.",
        finds="response: an error in a 2xx",
        patch=hidden(op.IMAGE, {"error": "Provider returned error", "code": "PROVIDER_ERROR"}),
        shows=same(op.IMAGE),
    ),
    fault(
        name="error-object-in-success",
        operations=(op.CHAT,),
        what="OpenRouter's own error object, passed on with 200.",
        finds="response: an error in a 2xx",
        patch=hidden(op.CHAT, {"error": {"message": "No endpoints found", "code": 404}}),
        shows=same(op.CHAT),
    ),
    fault(
        name="failure-flag-in-success",
        operations=(op.OVERVIEW,),
        what="`success: false` with 200.",
        finds="response: an error in a 2xx",
        patch=hidden(op.OVERVIEW, {"success": False, "message": "Failed to fetch overview"}),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="slow",
        operations=(op.API_KEY,),
        what="Slower than the limit that the caller set.",
        finds="response: time limit",
        patch=slowly(op.API_KEY),
        shows=replace(same(op.API_KEY), seconds=SLOW),
        options=("--max-response-time", "0.3"),
    ),
)

FAULTS = (*STATUS, *TYPE, *DOCUMENT, *SCHEMA, *HIDDEN)
