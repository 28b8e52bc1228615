"""Other answers that the schemas allow."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import Behaviour
from tests.conformance.backend.exchange import chat, get, image
from tests.conformance.backend.messages import Answer, Request, encoded
from tests.conformance.backend.patching import after, data, is_call
from tests.conformance.backend.variants.variation import MODELS, differs, successes, variant

__all__ = ["VARIANTS"]


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


VARIANTS = (
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
                a.carrying(encoded({"error": None} | a.json)) if isinstance(a.json, dict) else a
            )
        ),
        differs(image()),
    ),
)
