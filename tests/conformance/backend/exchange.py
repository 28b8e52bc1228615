"""A request to ask a backend with, and what came back: the probes that faults are proved by."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from tests.conformance.backend import operations as op
from tests.conformance.backend.messages import Headers
from tests.conformance.backend.tokens import ADMIN, CLIENT, Tokens

if TYPE_CHECKING:
    from tests.conformance.backend.asgi import Receive, Send

__all__ = [
    "CONTROLS",
    "PATIENCE",
    "Application",
    "Ask",
    "Seen",
    "ask",
    "chat",
    "config",
    "embed",
    "get",
    "headers_of",
    "image",
    "key",
]

PATIENCE = 2.0
"""Seconds after which an answer that goes on is taken for endless."""


class Application(Protocol):
    """What can be asked: an ASGI application, and the tokens that open it."""

    tokens: Tokens

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request. `role` says whose token it carries; "" sends none."""

    method: str
    path: str
    role: str = CLIENT
    body: bytes | None = None
    headers: Headers = ()
    chunked: bool = False

    def but(self, **changes: Any) -> Ask:
        """The same request with other fields."""
        return replace(self, **changes)

    def header(self, name: str, value: str) -> Ask:
        """The same request with exactly one header of that name."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))

    def without(self, name: str) -> Ask:
        """The same request without that header."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=kept)

    def bearing(self, authorization: str) -> Ask:
        """The same request with that Authorization header in the place of a token."""
        return replace(self, role="").header("authorization", authorization)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came back, as far as a client can tell."""

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)
    pieces: tuple[bytes, ...] = field(default=(), repr=False)
    ended: bool = True
    seconds: float = field(default=0, compare=False)

    def header(self, name: str) -> str:
        """The first header of that name, or nothing."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def _post(path: str, body: Any, role: str = CLIENT, method: str = "POST") -> Ask:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Ask(
        method=method,
        path=path,
        role=role,
        body=raw,
        headers=(("content-type", "application/json"),),
    )


def image(raw: Any = None, /, **fields: Any) -> Ask:
    """An image generation; `raw` in place of the whole body, or fields that differ."""
    plain = {"model": "openai/dall-e-3", "prompt": "A lake at sunset"} | fields
    return _post("/api/ai/image/generation", plain if raw is None else raw)


def chat(raw: Any = None, /, **fields: Any) -> Ask:
    """A chat completion."""
    plain = {"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "Hello"}]} | fields
    return _post("/api/ai/chat/completion", plain if raw is None else raw)


def embed(raw: Any = None, /, **fields: Any) -> Ask:
    """An embedding."""
    plain = {"model": "google/gemini-embedding-001", "input": "Hello"} | fields
    return _post("/api/ai/embeddings", plain if raw is None else raw)


def config(raw: Any = None, /, **fields: Any) -> Ask:
    """An update of the credentials."""
    body = fields or {"apiKey": "sk-or-v1-another-key-of-mine"}
    return _post("/api/ai/config", body if raw is None else raw, ADMIN, "PUT")


def get(path: str) -> Ask:
    """A GET below /api/ai/ by an administrator."""
    return Ask(method="GET", path=f"/api/ai/{path}", role=ADMIN)


def key(provider: str = "openrouter") -> Ask:
    """The provider's key; `provider` is put into the path as it is."""
    return get(f"{provider}/api-key")


CONTROLS: dict[str, Ask] = {
    op.GET_CONFIG: get("config"),
    op.PUT_CONFIG: config(),
    op.MODELS: get("models"),
    op.OVERVIEW: get("overview"),
    op.API_KEY: key(),
    op.ROTATE: get("openrouter/api-key/rotate").but(method="POST"),
    op.CHAT: chat(),
    op.IMAGE: image(),
    op.EMBEDDINGS: embed(),
}
"""A request for each operation that every correct backend accepts."""


async def ask(backend: Application, question: Ask, patience: float = PATIENCE) -> Seen:
    """Send one request to a backend within this process; `patience` is in seconds."""
    sent: list[MutableMapping[str, Any]] = []
    pieces = iter(_request_pieces(question))

    async def receive() -> MutableMapping[str, Any]:
        piece = next(pieces, None)
        if piece is None:
            await asyncio.Event().wait()
        body, more = piece or (b"", False)
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)
        await asyncio.sleep(0)

    started = asyncio.get_running_loop().time()
    with suppress(TimeoutError):
        await asyncio.wait_for(backend(_scope(backend, question), receive, send), patience)
    seconds = asyncio.get_running_loop().time() - started
    return _seen(sent, seconds)


def headers_of(backend: Application, question: Ask) -> Headers:
    """All the headers that a client would send."""
    body = question.body
    framing: Iterable[tuple[str, str]] = ()
    if question.chunked:
        framing = (("transfer-encoding", "chunked"),)
    elif body is not None:
        framing = (("content-length", str(len(body))),)
    return (("host", "backend"), *framing, *_bearer(backend, question.role), *question.headers)


def _bearer(backend: Application, role: str) -> Headers:
    if not role:
        return ()
    tokens = backend.tokens
    return (("authorization", f"Bearer {tokens.admin if role == ADMIN else tokens.client}"),)


def _scope(backend: Application, question: Ask) -> MutableMapping[str, Any]:
    path, _, query = question.path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": question.method,
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "client": ("127.0.0.1", 49152),
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers_of(backend, question)
        ],
    }


def _request_pieces(question: Ask) -> list[tuple[bytes, bool]]:
    body = question.body or b""
    if not question.chunked:
        return [(body, False)]
    middle = len(body) // 2
    return [(body[:middle], True), (body[middle:], True), (b"", False)]


def _seen(sent: list[MutableMapping[str, Any]], seconds: float) -> Seen:
    start, *rest = sent
    pieces = tuple(message.get("body", b"") for message in rest)
    return Seen(
        status=start["status"],
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]
        ),
        body=b"".join(pieces),
        pieces=tuple(filter(None, pieces)),
        ended=not rest[-1].get("more_body", False),
        seconds=seconds,
    )
