"""JSON that the schema does not allow."""

from __future__ import annotations

from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import embed
from tests.conformance.backend.fault import Patch
from tests.conformance.backend.faults.responses.changes import fault, same
from tests.conformance.backend.messages import Answer, Request, encoded
from tests.conformance.backend.patching import after, data, is_call
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]


def setting(operation: str, path: str, value: Any) -> Patch:
    """Another value at a place of the answer: `0 id`, `metadata usage`."""
    *way, last = path.split()

    def change(body: Any) -> None:
        for step in way:
            if body == []:
                return  # an empty list has no first item, and is no reason to crash
            body = body[int(step) if isinstance(body, list) else step]
        body[int(last) if isinstance(body, list) else last] = value

    return data(operation, change)


def dropping(operation: str, path: str) -> Patch:
    """A property is not there."""
    *way, last = path.split()

    def change(body: Any) -> None:
        for step in way:
            if body == []:
                return
            body = body[int(step) if isinstance(body, list) else step]
        del body[last]

    return data(operation, change)


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


FAULTS = (
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
        # What was written there is not read back.
        also=r"state\.changed",
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
        also=r"response\.200\.managementKey\.required",
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
