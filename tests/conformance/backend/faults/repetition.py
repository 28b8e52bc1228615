"""What one request does not show: the tenth fails, the next one remembers, two at once mix."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.conformance.backend import operations as op
from tests.conformance.backend.behaviour import Behaviour, Handler
from tests.conformance.backend.exchange import Ask, chat, embed, get, image, key
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Request, encoded, json_answer
from tests.conformance.backend.patching import is_call, layer, server_error
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]

ALL = tuple(operation.label for operation in op.OPERATIONS)
THINKING = 0.01
"""Seconds for which a request is under way, so that others can come between."""

fault = partial(Fault, family=Family.REPETITION)


def on_every(number: int, operation: str, change: Callable[[Answer], Answer]) -> Patch:
    """Each so-many-th good answer of an operation is another."""

    def patch(behaviour: Behaviour) -> Behaviour:
        count = 0

        def wrap(handler: Handler) -> Handler:
            async def handle(request: Request) -> Answer:
                nonlocal count
                answer = await handler(request)
                if not is_call(request, operation) or answer.status != 200:
                    return answer
                count += 1
                return answer if count % number else change(answer)

            return handle

        return layer(wrap)(behaviour)

    return patch


def after_bad(
    was_bad: Callable[[Request, Answer], bool],
    then: Callable[[Request, Answer], Answer],
    operation: str,
) -> Patch:
    """A bad request leaves something behind for the next good one."""

    def patch(behaviour: Behaviour) -> Behaviour:
        poisoned = False

        def wrap(handler: Handler) -> Handler:
            async def handle(request: Request) -> Answer:
                nonlocal poisoned
                answer = await handler(request)
                if not is_call(request, operation):
                    return answer
                if answer.status == 200 and poisoned:
                    poisoned = False
                    return then(request, answer)
                poisoned = poisoned or was_bad(request, answer)
                return answer

            return handle

        return layer(wrap)(behaviour)

    return patch


def limited(attempts: int, status: int) -> Patch:
    """So many bad tokens, and nobody is let in any more."""

    def patch(behaviour: Behaviour) -> Behaviour:
        failures = 0

        def wrap(handler: Handler) -> Handler:
            async def handle(request: Request) -> Answer:
                nonlocal failures
                answer = await handler(request)
                failures += answer.status == 401
                if failures < attempts or answer.status == 401:
                    return answer
                return json_answer({"error": "Account locked"}, status)

            return handle

        return layer(wrap)(behaviour)

    return patch


def mixed(operation: str) -> Patch:
    """The request is kept in a global, and read again after the provider has answered."""

    def patch(behaviour: Behaviour) -> Behaviour:
        current: list[Request] = []

        def wrap(handler: Handler) -> Handler:
            async def handle(request: Request) -> Answer:
                answer = await handler(request)
                if not is_call(request, operation) or answer.status != 200:
                    return answer
                current[:] = [request]
                await asyncio.sleep(THINKING)
                return answer if current[0] is request else await handler(current[0])

            return handle

        return layer(wrap)(behaviour)

    return patch


def one_at_a_time(operation: str, answer: Callable[[Request], Answer]) -> Patch:
    """Whoever comes while another is served gets something else."""

    def patch(behaviour: Behaviour) -> Behaviour:
        busy = False

        def wrap(handler: Handler) -> Handler:
            async def handle(request: Request) -> Answer:
                nonlocal busy
                given = await handler(request)
                if not is_call(request, operation) or given.status != 200:
                    return given
                if busy:
                    return answer(request)
                busy = True
                try:
                    await asyncio.sleep(THINKING)
                finally:
                    busy = False
                return given

            return handle

        return layer(wrap)(behaviour)

    return patch


def cached_by_model(behaviour: Behaviour) -> Behaviour:
    """The cache's key is too short: another prompt gets the answer of the first one."""
    cache: dict[str, Answer] = {}

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            answer = await handler(request)
            if not is_call(request, op.IMAGE) or answer.status != 200:
                return answer
            return cache.setdefault(answer.json["model"], answer)

        return handle

    return layer(wrap)(behaviour)


def growing(behaviour: Behaviour) -> Behaviour:
    """`def handler(body, extra=[])`: a default that every request adds to."""
    seen: list[Any] = []

    def wrap(handler: Handler) -> Handler:
        async def handle(request: Request) -> Answer:
            answer = await handler(request)
            if not is_call(request, op.CHAT) or answer.status != 200 or answer.stream is not None:
                return answer
            seen.append(None)
            calls: list[Any] = seen[1:]
            return answer.carrying(encoded(answer.json | {"tool_calls": calls}))

        return handle

    return layer(wrap)(behaviour)


def failing(answer: Answer) -> Answer:
    """500 in the place of an answer."""
    return json_answer({"error": "Internal Server Error"}, 500)


def counted_as_text(answer: Answer) -> Answer:
    """A count that is a string."""
    return answer.carrying(encoded(answer.json | {"count": "1"}))


def status_is(*statuses: int) -> Callable[[Request, Answer], bool]:
    """An answer with one of these."""
    return lambda request, answer: answer.status in statuses


def times(ask: Ask, number: int) -> tuple[Ask, ...]:
    return (ask,) * number


def error(request: Request, answer: Answer) -> Answer:
    """500, for after_bad."""
    return server_error(request)


def stale(request: Request, answer: Answer) -> Answer:
    """The refusal of the request before."""
    return json_answer({"error": "prompt must be a string", "code": "INVALID_INPUT"}, 400)


FAULTS = (
    fault(
        name="tenth-fails",
        operations=(op.IMAGE,),
        what="A pool of nine connections: the tenth request fails.",
        finds="repetition: the same answer each time",
        patch=on_every(10, op.IMAGE, failing),
        shows=shows(*times(image(), 10), was=200, becomes=500),
        level="warning",
    ),
    fault(
        name="twentieth-fails",
        operations=(op.EMBEDDINGS,),
        what="A leak that is cleaned up every twenty requests.",
        finds="repetition: the same answer each time",
        patch=on_every(20, op.EMBEDDINGS, failing),
        shows=shows(*times(embed(), 20), was=200, becomes=500),
        level="warning",
    ),
    fault(
        name="seventh-count-is-text",
        operations=(op.IMAGE,),
        what="One of seven replicas runs last week's code.",
        finds="repetition: the same answer each time",
        patch=on_every(7, op.IMAGE, counted_as_text),
        shows=shows(*times(image(), 7), was=200, becomes=200),
        level="warning",
    ),
    fault(
        name="third-models-empty",
        operations=(op.MODELS,),
        what="Every third answer is an object that says nothing.",
        finds="repetition: the same answer each time",
        patch=on_every(3, op.MODELS, lambda answer: answer.carrying(b"{}")),
        shows=shows(*times(get("models"), 3), was=200, becomes=200),
        level="warning",
    ),
    fault(
        name="second-config-fails",
        operations=(op.GET_CONFIG,),
        what="A statement is prepared twice under one name: every second request fails.",
        finds="repetition: the same answer each time",
        patch=on_every(2, op.GET_CONFIG, failing),
        shows=shows(*times(get("config"), 2), was=200, becomes=500),
        level="warning",
    ),
    fault(
        name="bad-request-remembered",
        operations=(op.IMAGE,),
        what="After a refused body the next good one fails: errors are kept in an instance.",
        finds="repetition: good after bad bodies",
        patch=after_bad(status_is(400), stale, op.IMAGE),
        shows=shows(image(prompt=1), image(), was=200, becomes=400),
        level="warning",
    ),
    fault(
        name="malformed-poisons-parser",
        operations=(op.EMBEDDINGS,),
        what="After malformed JSON the parser keeps the rest for the next request.",
        finds="repetition: good after bad bodies",
        patch=after_bad(status_is(400), error, op.EMBEDDINGS),
        shows=shows(embed(b"{"), embed(), was=200, becomes=500),
        level="warning",
    ),
    fault(
        name="bad-token-poisons",
        operations=(op.CHAT,),
        what="After a bad token the next good request of that operation is refused with 401.",
        finds="repetition: good after bad credentials",
        patch=after_bad(
            status_is(401), lambda r, a: json_answer({"error": "Unauthorized"}, 401), op.CHAT
        ),
        shows=shows(chat().bearing("Bearer x"), chat(), was=200, becomes=401),
        level="warning",
    ),
    fault(
        name="bad-provider-remembered",
        operations=(op.API_KEY,),
        what="After an unknown provider the known one is looked up in its place.",
        finds="repetition: good after bad parameters",
        patch=after_bad(status_is(400), error, op.API_KEY),
        shows=shows(key("x"), key(), was=200, becomes=500),
        level="warning",
    ),
    fault(
        name="locked-out",
        operations=ALL,
        what="After five bad tokens every caller is locked out with 403.",
        finds="repetition: good after bad credentials",
        patch=limited(5, 403),
        shows=shows(*times(image().bearing("Bearer x"), 5), image(), was=200, becomes=403),
    ),
    fault(
        name="answers-mix",
        operations=(op.IMAGE,),
        what="The request is kept in a global: callers at once get each other's answers.",
        finds="concurrency: answers do not mix",
        patch=mixed(op.IMAGE),
        shows=shows(image(model="a"), image(model="b"), was=200, becomes=200, at_once=True),
    ),
    fault(
        name="vectors-mix",
        operations=(op.EMBEDDINGS,),
        what="The same, for embeddings.",
        finds="concurrency: answers do not mix",
        patch=mixed(op.EMBEDDINGS),
        shows=shows(embed(model="a"), embed(model="b"), was=200, becomes=200, at_once=True),
    ),
    fault(
        name="one-at-a-time",
        operations=(op.IMAGE,),
        what="A lock that is not waited for: the second caller gets 503.",
        finds="concurrency: every caller is served",
        patch=one_at_a_time(op.IMAGE, lambda request: json_answer({"error": "Busy"}, 503)),
        shows=shows(image(), image(), was=200, becomes=503, at_once=True),
    ),
    fault(
        name="database-locked",
        operations=(op.CHAT,),
        what="SQLite: database is locked.",
        finds="concurrency: every caller is served",
        patch=one_at_a_time(op.CHAT, server_error),
        shows=shows(chat(), chat(), was=200, becomes=500, at_once=True),
    ),
    fault(
        name="cached-by-model",
        operations=(op.IMAGE,),
        what="A cache by model alone: another prompt gets the picture of the first one.",
        finds="repetition: each caller's own answer",
        patch=cached_by_model,
        shows=shows(image(prompt="a"), image(prompt="b"), was=200, becomes=200),
    ),
    fault(
        name="default-grows",
        operations=(op.CHAT,),
        what="A mutable default: the second answer holds a tool call that is null.",
        finds="repetition: the same answer each time",
        patch=growing,
        shows=shows(chat(), chat(), was=200, becomes=200),
    ),
)
