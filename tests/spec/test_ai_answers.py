"""The canned answers: each comes for the requests that it is meant for, and is worth showing."""

from __future__ import annotations

import base64
import datetime
import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import pytest

from spec import Example, compile_schema
from tests.ai import CHAT, CONTRACT, EMBEDDINGS, IMAGES, OVERVIEW, answer, examples_of, requests


def matching(examples: Mapping[str, Example], request: Mapping[str, Any]) -> list[str]:
    """The names of the examples whose condition the request meets."""
    return [
        name
        for name, example in examples.items()
        if example.when is not None and compile_schema(example.when).is_valid(request)
    ]


def body_of(name: str, example: str, **changed: Any) -> dict[str, Any]:
    return {"path": {}, "query": {}, "headers": {}, "body": {**requests(name)[example], **changed}}


@pytest.mark.parametrize(
    ("example", "changed", "expected"),
    [
        ("plain", {}, []),
        ("plain", {"stream": False}, []),
        ("plain", {"tools": []}, []),
        ("stream", {}, ["stream"]),
        ("tools", {}, ["tools"]),
        ("tools", {"toolChoice": "none"}, []),
        ("tools", {"toolChoice": {"type": "function", "function": {"name": "f"}}}, ["chosen-tool"]),
        ("tools", {"stream": True}, ["stream-tools"]),
        ("tools", {"stream": True, "toolChoice": "none"}, ["stream"]),
        ("tool-results", {}, ["tool-results"]),
        ("tool-results", {"stream": True}, ["stream"]),
        ("citations", {}, ["citations"]),
        ("citations", {"webSearch": {"enabled": False}}, []),
        ("citations", {"stream": True}, ["stream"]),
    ],
)
def test_chat_answers_what_was_asked(
    example: str, changed: Mapping[str, Any], expected: list[str]
) -> None:
    """Streams, tools, their results and sources each come when the request is for them.

    The first example whose condition holds is the answer; where none holds it is the plain one.
    """
    first = matching(examples_of(CHAT), body_of(CHAT, example, **changed))[:1]

    assert first == expected


def test_a_name_that_would_break_an_event_is_not_echoed_into_it() -> None:
    """A tool's name stands inside the event's JSON text, so one with a quote gets none."""
    tools = [{"type": "function", "function": {"name": 'a"b'}}]
    request = body_of(CHAT, "tools", stream=True, tools=tools)

    assert matching(examples_of(CHAT), request) == ["stream"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("a", []),
        (["a"], []),
        ([], ["none"]),
        (["a", "b"], ["two"]),
        (["a", "b", "c"], ["several"]),
    ],
)
def test_as_many_vectors_as_texts(texts: object, expected: list[str]) -> None:
    """One text gets one vector, two get two, three and more get three."""
    found = matching(examples_of(EMBEDDINGS), body_of(EMBEDDINGS, "one", input=texts))

    assert found == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({}, "no-token"), ({"authorization": "Bearer x"}, "bad-token")],
    ids=["none", "a bad one"],
)
def test_the_401_tells_no_credential_from_a_bad_one(
    headers: Mapping[str, str], expected: str
) -> None:
    """The two carry different codes, because a client refreshes its token for one of them only."""
    request = {"path": {}, "query": {}, "headers": headers, "body": None}
    for each in CONTRACT.operations:
        assert matching(examples_of(each.id, 401), request) == [expected]


def test_the_default_image_is_one_image() -> None:
    """A frontend that asks for nothing in particular sees a picture."""
    assert list(examples_of(IMAGES)) == ["one", "several", "text-only"]


@pytest.mark.parametrize(("example", "count"), [("one", 1), ("several", 3), ("text-only", 0)])
def test_images_are_pictures(example: str, count: int) -> None:
    """Each image is a small real PNG, where the contract and where the JavaScript client look."""
    value = answer(IMAGES, example)
    pictures = [png(image["image_url"]["url"]) for image in value["images"]]

    assert value["count"] == count == len(pictures)
    assert len(set(pictures)) == count
    for image, picture in zip(value["images"], pictures, strict=True):
        assert image["imageUrl"] == image["image_url"]["url"]
        assert struct.unpack(">II", picture[16:24]) == (128, 96)
        assert len(picture) < 1000


def png(url: str) -> bytes:
    head, _, data = url.partition(",")
    picture = base64.b64decode(data, validate=True)
    assert head == "data:image/png;base64"
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    return picture


def events(text: str) -> list[dict[str, Any]]:
    """The data of each event of a stream that holds nothing else."""
    assert text.endswith("\n\n")
    blocks = text.removesuffix("\n\n").split("\n\n")
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


def test_the_stream_says_what_the_plain_answer_says() -> None:
    """Chunks, then the tokens, then the end; together they are the plain answer."""
    *chunks, tokens, end = events(answer(CHAT, "stream"))
    plain = answer(CHAT, "plain")

    assert "".join(chunk["chunk"] for chunk in chunks) == plain["text"]
    assert tokens == {"tokenUsage": plain["metadata"]["usage"]}
    assert end == {"done": True}


def test_a_stream_can_ask_for_a_tool_or_break() -> None:
    """The two other things that a client of the stream must handle."""
    *_, call, _, end = events(answer(CHAT, "stream-tools"))
    *_, last = events(answer(CHAT, "stream-broken"))

    assert json.loads(call["tool_calls"][0]["function"]["arguments"]) == {"city": "Lisbon"}
    assert end == {"done": True}
    assert last["error"] is True


def test_citations_point_into_the_text() -> None:
    """A frontend can underline what each source supports."""
    value = answer(CHAT, "citations")
    spans = [
        value["text"][note["urlCitation"]["startIndex"] : note["urlCitation"]["endIndex"]]
        for note in value["annotations"]
    ]

    assert spans == [
        "The OpenAPI Initiative keeps the OpenAPI Specification",
        "under the Linux Foundation",
    ]


def test_vectors_can_be_searched() -> None:
    """They have length 1, and the two greetings are closer than the third text is to either."""
    first, second, third = [item["embedding"] for item in answer(EMBEDDINGS, "several")["data"]]

    assert [math.hypot(*each) for each in (first, second, third)] == pytest.approx([1, 1, 1])
    assert dot(first, second) > 0.7
    assert max(dot(first, third), dot(second, third)) < 0


def dot(left: list[float], right: list[float]) -> float:
    return sum(x * y for x, y in zip(left, right, strict=True))


@pytest.mark.parametrize(
    ("example", "count"), [("none", 0), ("one", 1), ("two", 2), ("several", 3)]
)
def test_vectors_are_numbered(example: str, count: int) -> None:
    """Each vector says which text it stands for."""
    indexes = [item["index"] for item in answer(EMBEDDINGS, example)["data"]]

    assert indexes == list(range(count))


def test_the_catalogue_is_believable() -> None:
    """Models for text, images and vectors, some free, with labels that agree with the prices."""
    models = answer("GET /api/ai/models", "catalogue")
    kinds = {kind for model in models for kind in model["outputModality"]}

    assert len(models) >= 8
    assert kinds == {"text", "image", "embeddings"}
    for model in models:
        assert model["id"] == model["modelId"]
        for side in ("input", "output"):
            assert label(model.get(f"{side}Price")) in (None, model.get(f"{side}PriceLabel"))


def label(price: float | None) -> str | None:
    if price is None:
        return None
    return f"${price:.2f} / 1M tokens" if price else "Free"


def test_the_overview_draws_as_charts() -> None:
    """30 days without a gap, and charts and models that add up to the same sums."""
    overview = answer(OVERVIEW, "usage")
    usage = overview["modelUsage"]
    days = {tuple(point["label"] for point in points) for points in overview["charts"].values()}
    start = datetime.date.fromisoformat(overview["charts"]["spend"][0]["label"])

    assert days == {tuple(str(start + datetime.timedelta(days=n)) for n in range(30))}
    for chart, column in (("spend", "spend"), ("requests", "requests"), ("tokens", "totalTokens")):
        points = sum(point["value"] for point in overview["charts"][chart])
        assert points == pytest.approx(sum(model[column] for model in usage))


def test_the_overviews_key_agrees_with_its_charts() -> None:
    """Today, this week and this month are what the last points say."""
    overview = answer(OVERVIEW, "usage")
    key = overview["key"]
    spend = [(point["label"], point["value"]) for point in overview["charts"]["spend"]]
    month = spend[-1][0][:7]

    assert key["usageDaily"] == spend[-1][1]
    assert key["usageWeekly"] == pytest.approx(sum(value for _, value in spend[-7:]))
    assert key["usageMonthly"] == pytest.approx(
        sum(value for day, value in spend if day.startswith(month))
    )
    assert key["limitRemaining"] == pytest.approx(key["limit"] - key["usageMonthly"])
