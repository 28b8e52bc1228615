"""The ceiling: what uvicorn, a JSON parser and a compiled validator cost on their own.

Usage: python -m tests.benchmarks.peers.ceiling DOCUMENT PATH PORT
"""

import json
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import uvicorn

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Ceiling:
    """An ASGI application that knows one operation."""

    def __init__(self, document: dict[str, Any], path: str) -> None:
        operation = document["paths"][path]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        components = document.get("components", {})
        self._is_valid = jsonschema_rs.validator_for(
            {"allOf": [schema], "components": components}
        ).is_valid
        self._body = json.dumps(documented_answer(operation)).encode()
        self._headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self._body)).encode()),
        ]

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        content = b""
        while True:
            message = await receive()
            content += message.get("body", b"")
            if not message.get("more_body"):
                break
        if not self._is_valid(json.loads(content)):
            raise ValueError("the request of the benchmark is valid")
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})


def documented_answer(operation: dict[str, Any]) -> Any:
    """The value of the first example of the operation's 200."""
    content = operation["responses"]["200"]["content"]["application/json"]
    return next(iter(content["examples"].values()))["value"]


def main(document: str, path: str, port: str) -> None:
    app = Ceiling(json.loads(Path(document).read_text()), path)
    uvicorn.run(
        app,
        port=int(port),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
