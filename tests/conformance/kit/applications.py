"""Small applications that keep a contract, or break it, and remember what they were asked."""

from __future__ import annotations

import json
from collections.abc import Callable, MutableMapping
from typing import Any

from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.messages import Refusal

__all__ = ["Application", "Asked", "Message", "objects"]

Message = MutableMapping[str, Any]


class Asked:
    """One request as an application saw it."""

    def __init__(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: str = ""
    ) -> None:
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.query = query

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Application:
    """An ASGI application whose answers a function decides: a status and a JSON value."""

    def __init__(self, answer: Callable[[Asked], tuple[int, Any]], allow: str = "") -> None:
        self.answer, self.asked, self.allow = answer, list[Asked](), allow

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        asked = Asked(scope["method"], scope["path"], headers, body, query)
        self.asked.append(asked)
        status, value = self.answer(asked)
        content = b"" if value is None else json.dumps(value).encode()
        sent = [(b"content-type", b"application/json"), (b"allow", self.allow.encode())]
        sent += [(b"www-authenticate", b"Basic, Bearer")] if status == 401 else []
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": content})


def objects(check: Callable[[dict[str, Any]], tuple[int, Any]]) -> Application:
    """A server of POST alone that is right but for what it makes of a body that is an object."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method != "POST" or "json" not in asked.headers.get("content-type", "").lower():
            return 405 if asked.method != "POST" else 415, None
        try:
            body = parse(asked.body)
        except Refusal:
            return 400, None
        return check(body) if isinstance(body, dict) else (400, None)

    return Application(answer)
