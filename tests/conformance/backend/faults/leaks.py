"""Secrets, traces and insides that an answer should not show."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import chat, config, embed, get, image, key
from tests.conformance.backend.fault import Family, Fault, Patch
from tests.conformance.backend.messages import Answer, Request, encoded, json_answer
from tests.conformance.backend.patching import after, is_call
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]

ALL = tuple(operation.label for operation in op.OPERATIONS)
BODIES = (op.PUT_CONFIG, op.CHAT, op.IMAGE, op.EMBEDDINGS)
NODE = """TypeError: Cannot read properties of undefined (reading 'trim')
    at ImageController.generate (/app/src/api/ai/image.controller.ts:42:31)
    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"""
PYTHON = """Traceback (most recent call last):
  File "/srv/app/routes/ai.py", line 31, in generate
    options = ImageOptions(**await request.json())
  File "/usr/lib/python3.12/json/decoder.py", line 355, in raw_decode
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"""
JAVA = """java.lang.NullPointerException: Cannot invoke "String.length()" because "prompt" is null
\tat com.insforge.ai.ImageService.generate(ImageService.java:57)
\tat java.base/java.lang.Thread.run(Thread.java:1583)"""
GO = """panic: runtime error: invalid memory address or nil pointer dereference
goroutine 34 [running]:
main.(*server).generate(0xc0000b6000)
\t/app/cmd/server/image.go:88 +0x1d"""
SQL = (
    'insert or update on table "ai_usage" violates foreign key constraint; '
    "SELECT id FROM _secrets WHERE name = 'OPENROUTER_API_KEY' -- "
    "postgres://insforge:hunter2@10.0.3.7:5432/insforge"
)

fault = partial(Fault, family=Family.LEAKS)


def on(status: int, operation: str | None, change: Callable[[Request, Answer], Answer]) -> Patch:
    """Change the answers of one status, of one operation or of all."""

    def alter(request: Request, answer: Answer) -> Answer:
        here = operation is None or is_call(request, operation)
        return change(request, answer) if answer.status == status and here else answer

    return after(alter)


def telling(text: str) -> Callable[[Request, Answer], Answer]:
    """The error's body tells more."""
    return lambda request, answer: answer.carrying(
        encoded({**json.loads(answer.body), "details": text})
    )


def bearer(request: Request) -> str:
    """What was sent as a credential."""
    return request.header("authorization")


def debug_page(request: Request, answer: Answer) -> Answer:
    """The framework's page for developers."""
    page = f"<html><body><h1>Error</h1><pre>{PYTHON}</pre></body></html>".encode()
    return answer.carrying(page).having("content-type", "text/html; charset=utf-8")


def repeated_token(request: Request, answer: Answer) -> Answer:
    """The refused token stands in the error."""
    token = bearer(request).partition(" ")[2]
    return telling(f"Invalid token: {token}")(request, answer) if token else answer


def repeated_headers(request: Request, answer: Answer) -> Answer:
    """All the headers stand in the error, for debugging."""
    return telling(json.dumps(dict(request.headers)))(request, answer)


def failing(text: str) -> Callable[[Request, Answer], Answer]:
    """500 with its insides."""
    return lambda request, answer: json_answer({"error": text}, 500)


FAULTS = (
    fault(
        name="node-trace",
        operations=(op.IMAGE,),
        what="Express in development mode: the stack in the body of a 400.",
        finds="leak: stack trace",
        patch=on(400, op.IMAGE, telling(NODE)),
        shows=shows(image(prompt=1), was=400, becomes=400),
        level="warning",
    ),
    fault(
        name="python-trace",
        operations=(op.EMBEDDINGS,),
        what="A traceback in the body of a 400.",
        finds="leak: stack trace",
        patch=on(400, op.EMBEDDINGS, telling(PYTHON)),
        shows=shows(embed(input=1), was=400, becomes=400),
        level="warning",
    ),
    fault(
        name="java-trace",
        operations=(op.CHAT,),
        what="Spring's `server.error.include-stacktrace=always`.",
        finds="leak: stack trace",
        patch=on(400, op.CHAT, telling(JAVA)),
        shows=shows(chat(messages=1), was=400, becomes=400),
        level="warning",
    ),
    fault(
        name="go-panic",
        operations=(op.API_KEY,),
        what="A recovered panic is printed to the client.",
        finds="leak: stack trace",
        patch=on(400, op.API_KEY, telling(GO)),
        shows=shows(key("x"), was=400, becomes=400),
        level="warning",
    ),
    fault(
        name="debug-page",
        operations=(op.PUT_CONFIG,),
        what="A debug page in HTML for every refused body.",
        finds="leak: stack trace",
        patch=on(400, op.PUT_CONFIG, debug_page),
        shows=shows(config({}), was=400, becomes=400),
        level="warning",
    ),
    fault(
        name="trace-for-strangers",
        operations=ALL,
        what="The 401 of a malformed token holds the JWT library's traceback.",
        finds="leak: stack trace",
        patch=on(401, None, telling(PYTHON)),
        shows=shows(image().but(role=""), was=401, becomes=401),
        level="warning",
    ),
    fault(
        name="token-repeated",
        operations=ALL,
        what="`Invalid token: eyJ…` in the body of the 401.",
        finds="leak: the credential in an answer",
        patch=on(401, None, repeated_token),
        shows=shows(image().bearing("Bearer secret-of-mine"), was=401, becomes=401),
    ),
    fault(
        name="token-in-challenge",
        operations=ALL,
        what="The refused token stands in the challenge.",
        finds="leak: the credential in an answer",
        patch=on(
            401,
            None,
            lambda r, a: a.having(
                "www-authenticate", f'Bearer error_description="{bearer(r)} is invalid"'
            ),
        ),
        shows=shows(image().bearing("Bearer secret-of-mine"), was=401, becomes=401),
    ),
    fault(
        name="headers-repeated",
        operations=BODIES,
        what="A refused body is answered with all the headers of its request.",
        finds="leak: the credential in an answer",
        patch=after(lambda r, a: repeated_headers(r, a) if a.status == 400 and r.body else a),
        shows=shows(image(prompt=1), was=400, becomes=400),
    ),
    fault(
        name="credential-in-good-answer",
        operations=(op.OVERVIEW,),
        what="A debug header sends the caller's credential back with every 200.",
        finds="leak: the credential in an answer",
        patch=on(200, op.OVERVIEW, lambda r, a: a.having("x-debug-authorization", bearer(r))),
        shows=shows(get("overview"), was=200, becomes=200),
    ),
    fault(
        name="credential-in-cookie",
        operations=(op.MODELS,),
        what="The token is put into a cookie, for the dashboard.",
        finds="leak: the credential in an answer",
        patch=on(
            200,
            op.MODELS,
            lambda r, a: a.having("set-cookie", f"token={bearer(r).partition(' ')[2]}; Path=/"),
        ),
        shows=shows(get("models"), was=200, becomes=200),
    ),
    fault(
        name="failure-with-sql",
        operations=(op.IMAGE,),
        what="The control fails, and its 500 shows a query and the database's password.",
        finds="leak: insides of the server",
        patch=on(200, op.IMAGE, failing(SQL)),
        shows=shows(image(), was=200, becomes=500),
    ),
    fault(
        name="failure-with-trace",
        operations=(op.EMBEDDINGS,),
        what="The control fails, and its 500 shows the stack.",
        finds="leak: stack trace",
        patch=on(200, op.EMBEDDINGS, failing(NODE)),
        shows=shows(embed(), was=200, becomes=500),
    ),
)
