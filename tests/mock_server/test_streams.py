"""Streams are sent event by event, with a pace, and end when nobody listens any more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mock_server import MockApp
from tests.mock_server.asking import ask, mock_of

EVENTS = 20


def streaming(folder: Path, pace: float) -> MockApp:
    """A mock of one operation that sends EVENTS events."""
    events = "".join(f"              data: {number}\n\n" for number in range(EVENTS))
    return mock_of(
        folder,
        "paths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: Events\n"
        "          content:\n            text/event-stream:\n              schema: {type: string}\n"
        f"              example: |\n  {events.replace(chr(10) + '  ', chr(10) + '    ')}",
        stream_pace=pace,
    )


def test_pace(tmp_path: Path) -> None:
    """There is a pause between two events, and none before the first or after the last."""
    answer = ask(streaming(tmp_path, 3.0), "GET", "/a", by_clock=True)

    assert [piece for piece in answer.pieces if piece] == [
        f"data: {number}\n\n".encode() for number in range(EVENTS)
    ]
    assert answer.waited == pytest.approx(3.0 * (EVENTS - 1))


@pytest.mark.parametrize("pace", [0.0, 0.02])
def test_a_client_that_leaves(tmp_path: Path, pace: float) -> None:
    """Nothing is sent to a client that has gone away."""
    app, sent = streaming(tmp_path, pace), list[Any]()
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not sent:
            return {"type": "http.request", "body": b""}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == 4:
            gone.set()
            await asyncio.sleep(0)

    scope = {"type": "http", "method": "GET", "path": "/a", "query_string": b"", "headers": []}
    asyncio.run(app(scope, receive, send))

    assert len(sent) < EVENTS / 2
    assert sent[-1]["more_body"]


def test_other_requests_are_answered_meanwhile(tmp_path: Path) -> None:
    """A slow stream holds nobody up."""
    app, order = streaming(tmp_path, 0.01), list[str]()

    async def get(name: str, path: str) -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            raise AssertionError("never reached")

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                order.append(name)

        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        await app(scope, receive, send)

    async def both() -> None:
        await asyncio.gather(get("stream", "/a"), get("other", "/nowhere"))

    asyncio.run(both())

    assert order == ["other", "stream"]


def test_head(tmp_path: Path) -> None:
    """HEAD is answered without an event and without a pause."""
    answer = ask(streaming(tmp_path, 5.0), "HEAD", "/a")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"] == "text/event-stream"


def test_caches_are_told_to_stay_away(tmp_path: Path) -> None:
    """No proxy is to keep a stream or to hold it back until it is complete."""
    headers = ask(streaming(tmp_path, 0.0), "GET", "/a").headers

    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-cache", "no")


@pytest.mark.parametrize(
    ("accept", "piece"),
    [("text/event-stream", b'data: {"n":[5,"x"]}\n\n'), ("application/jsonl", b'{"n":[5,"x"]}\n')],
)
def test_what_is_repeated_keeps_its_type(tmp_path: Path, accept: str, piece: bytes) -> None:
    """Where a stream is given as JSON documents, one expression alone takes the value as it is."""
    app = mock_of(
        tmp_path,
        """
        paths:
          /a:
            post:
              requestBody: {content: {application/json: {schema: {}}}}
              responses:
                '200':
                  description: Events
                  content:
                    text/event-stream: {example: [{n: '{$request.body#/n}'}]}
                    application/jsonl: {example: [{n: '{$request.body#/n}'}]}
        """,
    )
    answer = ask(app, "POST", "/a", json_body={"n": [5, "x"]}, headers={"accept": accept})

    assert answer.body == piece
