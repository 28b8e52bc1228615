"""Asking a mock in process, message by message: what an ASGI server would hand over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from mock_server import MockApp, Settings, create_app
from mock_server.http.observers import OnAnswer
from mock_server.upstream.deployment import Upstream
from spec import load
from tests.clock import run_by_clock

__all__ = ["Answered", "ask", "mock_of"]


@dataclass(kw_only=True)
class Answered:
    """One answer: `headers` by lower-case name, repeated ones joined with a comma.

    `waited` are the seconds for which the mock let the client wait on purpose.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    pieces: list[bytes] = field(default_factory=list)
    waited: float = 0.0

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def mock_of(
    folder: Path,
    contract: str,
    *,
    version: str = "3.0.3",
    on_answer: OnAnswer | None = None,
    upstream: Upstream | None = None,
    **settings: Any,
) -> MockApp:
    """A mock of a contract that stands in the test; `openapi` and `info` are added."""
    file = folder / "contract.yaml"
    head = f"openapi: {version}\ninfo: {{title: Test, version: '1'}}\n"
    file.write_text(head + dedent(contract))
    return create_app(
        load(file), settings=Settings(**settings), on_answer=on_answer, upstream=upstream
    )


def ask(
    app: MockApp,
    method: str,
    target: str,
    body: bytes | Sequence[bytes] | None = None,
    *,
    json_body: Any = None,
    headers: Iterable[tuple[str, str]] | dict[str, str] = (),
    client: tuple[str, int] | None = ("127.0.0.1", 50000),
    by_clock: bool = False,
) -> Answered:
    """Ask once; a list as body arrives in as many chunks, without Content-Length.

    `by_clock` lets the mock's pauses pass at once; `Answered.waited` says how long they were.
    """
    fields = list(headers.items() if isinstance(headers, dict) else headers)
    if json_body is not None:
        body = json.dumps(json_body).encode()
        fields.append(("content-type", "application/json"))
    if isinstance(body, bytes):
        fields.append(("content-length", str(len(body))))
    chunks = [body] if isinstance(body, bytes) else list(body or [b""])
    if "host" not in dict(fields):
        fields.insert(0, ("host", "localhost"))
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in fields],
        "client": client,
        "server": ("127.0.0.1", 4010),
    }
    if not by_clock:
        return asyncio.run(_ask(app, scope, chunks))
    answered, seconds = run_by_clock(_ask(app, scope, chunks))
    return replace(answered, waited=seconds)


async def _ask(app: MockApp, scope: dict[str, Any], chunks: list[bytes]) -> Answered:
    sent: list[Any] = []
    waiting = list(chunks)

    async def receive() -> dict[str, Any]:
        if waiting:
            chunk = waiting.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}
        await asyncio.Event().wait()
        raise AssertionError("never reached")

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert [message["type"] for message in sent[:2]] == [
        "http.response.start",
        "http.response.body",
    ]
    found: dict[str, str] = {}
    for name, value in sent[0]["headers"]:
        key, text = name.decode(), value.decode()
        found[key] = f"{found[key]}, {text}" if key in found else text
    pieces = [message["body"] for message in sent[1:]]
    return Answered(status=sent[0]["status"], headers=found, body=b"".join(pieces), pieces=pieces)
