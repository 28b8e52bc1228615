"""Requests and answers as the backend sees them, free of ASGI."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

__all__ = ["Answer", "Headers", "Refusal", "Request", "encoded", "json_answer"]

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, its body read to the end. Names of headers are in lower case."""

    method: str
    raw_path: str
    """As sent, percent-escapes included, without the query."""
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    client: str = ""

    def header(self, name: str, default: str = "") -> str:
        """The first header of that name."""
        return next((value for key, value in self.headers if key == name), default)

    def values(self, name: str) -> tuple[str, ...]:
        """Every header of that name, in order."""
        return tuple(value for key, value in self.headers if key == name)

    def has(self, name: str) -> bool:
        """Whether a header of that name was sent at all."""
        return any(key == name for key, _ in self.headers)

    def with_header(self, name: str, value: str) -> Request:
        """The same request with exactly one header of that name."""
        kept = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=(*kept, (name, value)))

    @property
    def parameters(self) -> dict[str, str]:
        """The query; the last of equal names wins."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. Where `stream` is given it is sent piece by piece, and `body` is not sent."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = field(default=None, compare=False)

    def header(self, name: str, default: str = "") -> str:
        """The first header of that name."""
        return next((value for key, value in self.headers if key == name), default)

    def without(self, name: str) -> Answer:
        """The same answer without that header."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0] != name))

    def having(self, name: str, value: str) -> Answer:
        """The same answer with exactly one header of that name."""
        bare = self.without(name)
        return replace(bare, headers=(*bare.headers, (name, value)))

    def carrying(self, body: bytes) -> Answer:
        """The same answer with another body."""
        return replace(self, body=body, stream=None)

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def is_json(self) -> bool:
        """Whether this is an ordinary JSON answer that can be read."""
        kind = self.header("content-type")
        if self.stream is not None or not kind.startswith("application/json"):
            return False
        try:
            self.json  # noqa: B018 - another fault may have spoilt it
        except ValueError:
            return False
        return True


class Refusal(Exception):  # noqa: N818 - to refuse is no failure of the server
    """The request stops here; `status` and `problems` say why."""

    def __init__(self, status: int, *problems: str, headers: Headers = ()) -> None:
        super().__init__(status, problems)
        self.status, self.problems, self.headers = status, problems, headers


def encoded(value: Any) -> bytes:
    """JSON in UTF-8 (RFC 8259 section 8.1), without NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def json_answer(value: Any, status: int = 200, headers: Headers = ()) -> Answer:
    """An answer that carries one JSON document."""
    return Answer(
        status=status,
        headers=(("content-type", "application/json"), *headers),
        body=encoded(value),
    )
