"""What each operation answers once a request has passed: the work itself."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.gateway import Gateway
from tests.conformance.backend.messages import Answer, encoded, json_answer

__all__ = ["ANSWERS", "JSON", "STREAM", "Call", "Worker", "event", "stream_answer"]

JSON = "application/json"
STREAM = "text/event-stream"
WIDTH = 8
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8A"
    "AQUBAScY42YAAAAASUVORK5CYII="
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was understood: its operation, and what it asks for."""

    operation: op.Operation
    provider: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    media_type: str = JSON


Worker = Callable[[Gateway, Call], Awaitable[Answer]]


async def config(gateway: Gateway, call: Call) -> Answer:
    """Both credentials, masked."""
    state = gateway.state
    return json_answer(
        {"apiKey": _status(state.api_key), "managementKey": _status(state.management_key)}
    )


async def update_config(gateway: Gateway, call: Call) -> Answer:
    """Keep one or both credentials."""
    gateway.update(call.body.get("apiKey"), call.body.get("managementKey"))
    return await config(gateway, call)


async def models(gateway: Gateway, call: Call) -> Answer:
    """The catalogue: one model with prices by token, one without."""
    return json_answer(
        [
            {
                "id": "openai/gpt-4o",
                "created": 1715558400,
                "inputModality": ["text", "image"],
                "outputModality": ["text"],
                "provider": "openrouter",
                "modelId": "openai/gpt-4o",
                "inputPrice": 2.5,
                "outputPrice": 10,
                "inputPriceLabel": "$2.50 / 1M tokens",
                "outputPriceLabel": "$10.00 / 1M tokens",
            },
            {
                "id": "google/gemini-2.5-flash-image",
                "created": 1759363200,
                "inputModality": ["text", "image"],
                "outputModality": ["image", "text"],
                "provider": "openrouter",
                "modelId": "google/gemini-2.5-flash-image",
            },
        ]
    )


async def overview(gateway: Gateway, call: Call) -> Answer:
    """Usage of the key, with two days of activity."""
    days = ("2026-11-20", "2026-11-21")
    return json_answer(
        {
            "key": {
                "label": "sk-or-v1-5f2...4aa",
                "limit": None,
                "limitRemaining": None,
                "limitReset": None,
                "usage": 1.25,
                "usageDaily": 0.25,
                "usageWeekly": 1,
                "usageMonthly": 1.25,
                "isFreeTier": False,
                "observabilityAvailable": True,
            },
            "charts": {
                name: [{"label": day, "value": value} for day in days]
                for name, value in (("spend", 0.625), ("requests", 7), ("tokens", 2048))
            },
            "modelUsage": [
                {
                    "model": "openai/gpt-4o",
                    "providers": ["OpenAI", "Azure"],
                    "requests": 14,
                    "promptTokens": 3000,
                    "completionTokens": 1096,
                    "reasoningTokens": 0,
                    "totalTokens": 4096,
                    "spend": 1.25,
                    "byokSpend": 0,
                }
            ],
        }
    )


async def provider_key(gateway: Gateway, call: Call) -> Answer:
    """The key itself, for administrators to copy."""
    key = gateway.state.api_key
    return json_answer({"apiKey": key, "maskedKey": _masked(key)})


async def rotate_key(gateway: Gateway, call: Call) -> Answer:
    """A new key; the old one is gone."""
    gateway.rotate()
    return await provider_key(gateway, call)


async def image(gateway: Gateway, call: Call) -> Answer:
    """One picture, and the words that came with it."""
    model, prompt = call.body["model"], call.body["prompt"]
    await _at_the_provider()
    return json_answer(
        {
            "model": model,
            "images": [{"type": "image_url", "image_url": {"url": PIXEL}}],
            "text": f"Here is your picture: {prompt[:200]}",
            "count": 1,
            "metadata": {"model": model, "revisedPrompt": prompt[:200], "usage": _usage(prompt)},
            "nextActions": "Images have been generated successfully.",
        }
    )


async def chat(gateway: Gateway, call: Call) -> Answer:
    """A reply that repeats the last message, whole or piece by piece."""
    said = _said(call.body["messages"])
    await _at_the_provider()
    if call.media_type == STREAM:
        return stream_answer(_pieces(said))
    return json_answer(
        {
            "text": f"You said: {said[:200]}",
            "metadata": {"model": call.body["model"], "usage": _usage(said)},
        }
    )


async def embeddings(gateway: Gateway, call: Call) -> Answer:
    """One vector for each text: the same text, the same vector."""
    given = call.body["input"]
    texts = given if isinstance(given, list) else [given]
    width = min(int(call.body.get("dimensions", WIDTH)), 64)
    await _at_the_provider()
    return json_answer(
        {
            "object": "list",
            "data": [
                {"object": "embedding", "embedding": _vector(text, width), "index": position}
                for position, text in enumerate(texts)
            ],
            "metadata": {"model": call.body["model"], "usage": _usage(" ".join(texts))},
        }
    )


def _said(messages: Sequence[Any]) -> str:
    """The last words; what a fault has let in and is no message, or no text, says nothing."""
    texts = [one.get("content") for one in messages if isinstance(one, dict)]
    return next((one for one in reversed(texts) if one and isinstance(one, str)), "")


def event(value: Any) -> bytes:
    """One server-sent event that carries JSON."""
    return b"data: " + encoded(value) + b"\n\n"


def stream_answer(pieces: AsyncIterator[bytes]) -> Answer:
    """A stream of events (HTML Standard, section 9.2)."""
    headers = (("content-type", STREAM), ("cache-control", "no-cache"))
    return Answer(status=200, headers=headers, stream=pieces)


async def _pieces(said: str) -> AsyncIterator[bytes]:
    for chunk in ("You ", "said: ", said[:200]):
        await asyncio.sleep(0)
        yield event({"chunk": chunk})
    yield event({"tokenUsage": _usage(said)})
    yield event({"done": True})


async def _at_the_provider() -> None:
    """Other requests are served meanwhile, as they are while a real provider thinks."""
    await asyncio.sleep(0)


def _usage(text: str) -> dict[str, int]:
    prompt = len(text) // 4 + 1
    return {"promptTokens": prompt, "completionTokens": 4, "totalTokens": prompt + 4}


def _vector(text: str, width: int) -> list[float]:
    seed = zlib.crc32(text.encode())
    return [((seed >> shift % 24) % 2001 - 1000) / 1000 for shift in range(width)]


def _masked(key: str) -> str:
    return f"{key[:6]}...{key[-3:]}" if len(key) > 16 else "***"


def _status(key: str | None) -> dict[str, Any]:
    return {"configured": key is not None, "maskedKey": key if key is None else _masked(key)}


ANSWERS: Mapping[str, Worker] = {
    op.GET_CONFIG: config,
    op.PUT_CONFIG: update_config,
    op.MODELS: models,
    op.OVERVIEW: overview,
    op.API_KEY: provider_key,
    op.ROTATE: rotate_key,
    op.CHAT: chat,
    op.IMAGE: image,
    op.EMBEDDINGS: embeddings,
}
