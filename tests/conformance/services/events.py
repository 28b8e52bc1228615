"""Runs and ticks: streams of events, and one operation that answers either way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from tests.conformance.backend.answers import STREAM, event
from tests.conformance.backend.messages import Answer, Refusal, Request, encoded, json_answer
from tests.conformance.backend.negotiation import acceptable
from tests.conformance.backend.proof import Shows, shows
from tests.conformance.backend.shapes import Flag, Number, Record, Text
from tests.conformance.services.service import (
    JSON,
    Planted,
    Route,
    Service,
    fields,
    http_faults,
    post,
    query,
    take,
)

__all__ = ["Events"]

TICKS, RUN, NEWS = "GET /ticks", "POST /runs", "GET /news"
CONTRACT = """
openapi: 3.0.3
info: {title: Runs, version: '1'}
components:
  schemas:
    Error: {type: object, required: [error], properties: {error: {type: string}}}
paths:
  /ticks:
    get:
      parameters:
        - {name: count, in: query, schema: {type: integer, minimum: 1, maximum: 5}}
        - {name: unit, in: query, schema: {type: string, enum: [s, ms]}}
      responses:
        '200':
          description: one event a tick
          content: {text/event-stream: {schema: {type: string}}}
        '400': &refused
          description: refused
          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
  /news:
    get:
      responses:
        '200':
          description: the news as they come
          content: {text/event-stream: {schema: {type: string}}}
  /runs:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [task]
              properties:
                task: {type: string}
                steps: {type: integer, minimum: 1, maximum: 5}
                mode: {type: string, enum: [fast, safe]}
                stream: {type: boolean}
            example: {task: sweep, steps: 2, mode: fast}
      responses:
        '200':
          description: what came of it
          content:
            application/json:
              schema:
                type: object
                required: [task, steps]
                properties: {task: {type: string}, steps: {type: integer}, done: {type: boolean}}
            text/event-stream: {schema: {type: string}}
        '400': *refused
        '415': *refused
"""


def run(**body: Any) -> Any:
    """A run."""
    return post("/runs", encoded(body))


def ticks(breaks: str, name: str, what: str, slot: str) -> Planted:
    """A fault of the stream of ticks that every request shows."""
    return Planted(
        name=name,
        what=what,
        operation=TICKS,
        breaks=breaks,
        slot=slot,
        shows=Shows(asks=(query("/ticks?count=2"),), was=200, becomes=200),
    )


FAULTS = (
    Planted(
        name="ticks-any-count",
        what="The count has no most.",
        operation=TICKS,
        breaks=r"query\.count\.maximum",
        shows=shows(query("/ticks?count=6"), was=400, becomes=200),
    ),
    Planted(
        name="ticks-any-unit",
        what="Any unit is taken.",
        operation=TICKS,
        breaks=r"query\.unit\.enum",
        shows=shows(query("/ticks?unit=years"), was=400, becomes=200),
    ),
    Planted(
        name="ticks-word-crashes",
        what="`int(count)`, and nobody catches it.",
        operation=TICKS,
        breaks=r"query\.count\.type",
        code="server-error",
        shows=shows(query("/ticks?count=many"), was=400, becomes=500),
    ),
    ticks(
        r"response\.200\(text/event-stream\)\.stream\.framing",
        "ticks-bare",
        "The lines have no field name.",
        slot="label",
    ),
    Planted(
        name="news-endless",
        what="The stream never ends.",
        operation=NEWS,
        level="warning",
        breaks=r"response\.200\(text/event-stream\)\.stream\.end|answer\.time|control",
        shows=Shows(asks=(query("/news"),), was=200, becomes=200, endless=True),
    ),
    Planted(
        name="news-cut",
        what="The last event has no end.",
        operation=NEWS,
        breaks=r"response\.200\(text/event-stream\)\.stream\.(framing|end)",
        shows=shows(query("/news"), was=200, becomes=200),
    ),
    Planted(
        name="ticks-as-json",
        what="The events come with the wrong label.",
        operation=TICKS,
        breaks=r"response\.200\.content-type",
        slot="label",
        shows=shows(query("/ticks?unit=ms"), was=200, becomes=200),
    ),
    Planted(
        name="task-optional",
        what="Nothing is done.",
        operation=RUN,
        breaks=r"body\.task\.required",
        shows=shows(run(steps=1), was=400, becomes=200),
    ),
    Planted(
        name="task-number",
        what="A number is done.",
        operation=RUN,
        breaks=r"body\.task\.type",
        shows=shows(run(task=1), was=400, becomes=200),
    ),
    Planted(
        name="task-empty-crashes",
        what="`task[0]`",
        operation=RUN,
        breaks=r"body\.task\.(empty|type)",
        code="server-error",
        shows=shows(run(task=""), was=200, becomes=500),
    ),
    Planted(
        name="steps-six",
        what="The steps have no most.",
        operation=RUN,
        breaks=r"body\.steps\.maximum",
        shows=shows(run(task="t", steps=6), was=400, becomes=200),
    ),
    Planted(
        name="mode-any",
        what="Any mode is taken.",
        operation=RUN,
        breaks=r"body\.mode\.enum",
        shows=shows(run(task="t", mode="wild"), was=400, becomes=200),
    ),
    Planted(
        name="mode-safe-refused",
        what="The second mode is not wired.",
        operation=RUN,
        breaks=r"body\.mode\.enum",
        code="refused-valid",
        shows=shows(run(task="t", mode="safe"), was=200, becomes=400),
    ),
    Planted(
        name="run-steps-text",
        what="The steps come back as text.",
        operation=RUN,
        breaks=r"response\.200\.steps\.type",
        shows=shows(run(task="t"), was=200, becomes=200),
    ),
    Planted(
        name="run-stream-bare",
        what="The lines of a run have no field name.",
        operation=RUN,
        breaks=r"response\.200\(text/event-stream\)\.stream\.framing",
        shows=shows(run(task="t", stream=True), was=200, becomes=200),
    ),
    Planted(
        name="run-trailing",
        what="What follows the JSON text is ignored.",
        operation=RUN,
        breaks=r"body\.syntax\.trailing",
        shows=shows(post("/runs", b'{"task": "t"} x'), was=400, becomes=200),
    ),
    *http_faults("events", TICKS),
)


class Events(Service):
    """An API of streams."""

    name, contract, faults = "events", CONTRACT, FAULTS

    def routing(self) -> Mapping[str, Route]:
        return {
            TICKS: Route(handler=self.ticks, offers=(STREAM,)),
            NEWS: Route(handler=self.news, offers=(STREAM,)),
            RUN: Route(handler=self.run, offers=(JSON, STREAM)),
        }

    def ticks(self, request: Request) -> Answer:
        given = dict(fields(request.query))
        count, unit = given.get("count", "2"), given.get("unit", "s")
        if unit not in ("s", "ms") and not self.has("ticks-any-unit"):
            raise Refusal(400, "unit is none of ours")
        if not (count.isascii() and count.isdigit()):
            if self.has("ticks-word-crashes") and not count.lstrip("-").isdigit():
                return json_answer({"error": "Internal Server Error"}, 500)
            raise Refusal(400, "count is no number")
        if not 1 <= int(count[:9]) <= (10**9 if self.has("ticks-any-count") else 5):
            raise Refusal(400, "count is out of bounds")
        kind = JSON if self.has("ticks-as-json") else STREAM
        pieces = [event({"tick": number}) for number in range(min(int(count[:9]), 5))]
        if self.has("ticks-bare"):
            pieces = [piece.removeprefix(b"data: ") for piece in pieces]
        return Answer(status=200, headers=(("content-type", kind),), stream=_sent(pieces))

    def news(self, request: Request) -> Answer:
        pieces = [event({"news": number}) for number in range(3)]
        if self.has("news-cut"):
            pieces[-1] = pieces[-1].rstrip(b"\n")
        stream = _endless(pieces) if self.has("news-endless") else _sent(pieces)
        return Answer(status=200, headers=(("content-type", STREAM),), stream=stream)

    def run(self, request: Request) -> Answer:
        value = self._taken(request)
        if value.get("task") == "" and self.has("task-empty-crashes"):
            return json_answer({"error": "Internal Server Error"}, 500)
        steps = int(value.get("steps", 1))
        task = str(value.get("task", ""))
        if self._streams(request, value):
            pieces = [event({"task": task, "step": n}) for n in range(min(steps, 5))]
            if self.has("run-stream-bare"):
                pieces = [piece.removeprefix(b"data: ") for piece in pieces]
            return Answer(status=200, headers=(("content-type", STREAM),), stream=_sent(pieces))
        shown = str(steps) if self.has("run-steps-text") else steps
        return json_answer({"task": task, "steps": shown, "done": True})

    def _streams(self, request: Request, value: dict[str, Any]) -> bool:
        accept = ", ".join(request.values("accept"))
        wanted = STREAM if value.get("stream") else JSON
        other = JSON if value.get("stream") else STREAM
        return (wanted if acceptable(accept, wanted) else other) == STREAM

    def _taken(self, request: Request) -> dict[str, Any]:
        mode = Text() if self.has("mode-any") else Text(members=("fast", "safe"))
        steps = Number(whole=True, least=1, most=None if self.has("steps-six") else 5)
        shapes: dict[str, Any] = {"mode": mode, "steps": steps, "stream": Flag()}
        if not self.has("task-number"):
            shapes["task"] = Text()
        required = () if self.has("task-optional") else ("task",)
        if self.has("run-trailing"):
            request = Request(**{**_fields(request), "body": _first_value(request.body)})
        value: dict[str, Any] = take(request, Record(required=required, fields=shapes))
        if value.get("mode") == "safe" and self.has("mode-safe-refused"):
            raise Refusal(400, "mode is none of ours")
        return value


def _first_value(body: bytes) -> bytes:
    """The body without what follows its first JSON value; the body itself where it has none."""
    try:
        text = body.decode()
        start = len(text) - len(text.lstrip())
        return text[: json.JSONDecoder().raw_decode(text, start)[1]].encode()
    except (ValueError, RecursionError):
        return body


def _fields(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in Request.__slots__}


async def _sent(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _endless(pieces: list[bytes]) -> AsyncIterator[bytes]:
    while True:
        for piece in pieces:
            yield piece
            await asyncio.sleep(0.02)
