"""A long body holds up nobody else, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from mock_server import MockApp
from mock_server.checks.long_bodies import beside
from spec.text.long_json import LONG
from tests.mock_server.asking import ask, mock_of

MEGABYTE = 1024 * 1024
CONTRACT = """
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {messages: {type: array, items: {type: object}}}}
      responses:
        '200': {description: Taken, content: {application/json: {example: '{$request.body#/last}'}}}
  /echo:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200':
          description: Echoed
          content:
            application/json:
              schema: {properties: {said: {type: array, items: {required: [name]}}}}
              examples:
                none: {value: {said: []}}
                all:
                  value: {said: '{$request.body#/messages}', text: 'all: {$request.body#/messages}'}
                  x-mock-when:
                    properties:
                      body: {properties: {messages: {items: {required: [name]}}}}
"""


def body(item: bytes, size: int) -> bytes:
    return b'{"last":"x","messages":[' + (item + b",") * (size // (len(item) + 1)) + item + b"]}"


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A mock of CONTRACT."""
    return mock_of(tmp_path, CONTRACT)


@pytest.mark.slow
@pytest.mark.parametrize("item", [b"{}", b'{"a":"b"}', b"0", b'"' + b"\\n" * 30_000 + b'"'])
def test_others_are_served_meanwhile(app: MockApp, item: bytes) -> None:
    """The longest time without a turn of the loop is a small part of what the body takes."""

    async def measure() -> tuple[float, float]:
        gaps, done = [0.0], asyncio.Event()

        async def tick() -> None:
            while not done.is_set():
                begin = time.perf_counter()
                await asyncio.sleep(0)
                gaps.append(time.perf_counter() - begin)

        ticking = asyncio.create_task(tick())
        begin = time.perf_counter()
        await _post(app, body(item, 4 * MEGABYTE))
        whole = time.perf_counter() - begin
        await beside(lambda: None)  # the values have been let go of
        done.set()
        await ticking
        return max(gaps), whole

    # A pause of the machine falls into one measurement, and hardly into each of five.
    measured = (asyncio.run(measure()) for _ in range(5))
    assert any(longest < whole / 3 for longest, whole in measured)


async def _post(app: MockApp, raw: bytes) -> int:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/a", "raw_path": b"/a", "query_string": b""}
    headers = [(b"host", b"x"), (b"content-type", b"application/json")]
    await app({**scope, "headers": headers, "root_path": ""}, receive, send)
    return int(sent[0]["status"])


@pytest.mark.parametrize(("item", "status"), [(b"{}", 200), (b"0", 400)])
@pytest.mark.parametrize("size", [LONG // 2, LONG * 4])
@pytest.mark.parametrize("pack", [None, gzip.compress])
def test_it_is_read_as_a_short_one_is(
    app: MockApp, item: bytes, status: int, size: int, pack: Any
) -> None:
    """Decompressed, judged and echoed."""
    raw = body(item, size)
    encoded = {"content-encoding": "gzip"} if pack else {}
    headers = {"content-type": "application/json", **encoded}
    answer = ask(app, "POST", "/a", pack(raw) if pack else raw, headers=headers)

    assert (answer.status, answer.json if status == 200 else "x") == (status, "x")


def test_the_collector_works_again_afterwards(app: MockApp) -> None:
    """It rests while the values of a long body live, and no longer."""

    async def is_working() -> bool:
        for _ in range(3):  # the thread may still have to ask for what the request leaves behind
            await beside(lambda: None)
        return gc.isenabled()

    async def around() -> list[bool]:
        before = await is_working()
        await _post(app, body(b"{}", MEGABYTE))
        return [before, await is_working()]

    assert asyncio.run(around()) == [True, True]


@pytest.mark.parametrize("count", [3, LONG], ids=["short", "long"])
@pytest.mark.parametrize("name", ["name", "nane"])
def test_a_long_body_is_answered_as_a_short_one_is(app: MockApp, count: int, name: str) -> None:
    """By the same condition, with the same values in the same places."""
    messages = [{name: str(number)} for number in range(count)]
    sent = json.dumps({"messages": messages})

    answered = ask(
        app, "POST", "/echo", body=sent.encode(), headers=[("content-type", "application/json")]
    ).json

    if name == "name":
        assert answered["said"] == messages
        assert answered["text"] == f"all: {json.dumps(messages)}"
    else:
        assert answered == {"said": []}
