"""What every tool gets: a small contract, a folder, and a deployment behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import httpx2

__all__ = ["CONTRACT", "KEY", "Ground", "Way", "Ways", "client_of", "is_cut", "is_slow", "statuses"]

KEY = {"X-Mock-Key": "k"}
_TODO = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "title": {"type": "string"}},
}
_NEW = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
#: `/todos` may be kept or forwarded, `/other` is there to be mocked beside it.
CONTRACT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Todos", "version": "1"},
    "paths": {
        "/todos": {
            "get": {
                "responses": {
                    "200": {
                        "description": "all",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": _TODO},
                                "example": [{"id": 1, "title": "first"}],
                            }
                        },
                    },
                    "401": {"description": "no"},
                }
            },
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": _NEW}},
                },
                "responses": {
                    "201": {
                        "description": "made",
                        "content": {
                            "application/json": {
                                "schema": _TODO,
                                "example": {"id": 2, "title": "second"},
                            }
                        },
                    }
                },
            },
        },
        "/other": {
            "get": {
                "responses": {
                    "200": {
                        "description": "mocked",
                        "content": {
                            "application/json": {
                                "schema": {"type": "string"},
                                "example": "mocked",
                            }
                        },
                    }
                }
            }
        },
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A folder to work in, with the contract in it, and a deployment that serves `/todos`.

    The deployment answers 501 at other paths. `stop_upstream` ends it.
    """

    folder: Path
    document: Path
    upstream: str
    stop_upstream: Callable[[], None]

    def write(self, name: str, value: Any) -> Path:
        """A file with a value as JSON."""
        file = self.folder / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(json.dumps(value), encoding="utf-8")
        return file


Way: TypeAlias = Callable[[Ground], bool]
Ways: TypeAlias = Mapping[str, Way]
"""How a tool grants what a row wishes, by the row's key; what is missing has no way."""


def client_of(url: str) -> httpx2.Client:
    """A client that trusts no environment, and waits for five seconds."""
    return httpx2.Client(base_url=url, timeout=5.0, trust_env=False)


def statuses(client: httpx2.Client, *headers: Mapping[str, str]) -> list[int]:
    """The statuses of requests one after the other, each with its headers."""
    return [client.get("/todos", headers=dict(one)).status_code for one in headers]


def is_cut(client: httpx2.Client) -> bool:
    """Whether an answer begins and does not end."""
    with client.stream("GET", "/todos") as answer:
        try:
            answer.read()
        except httpx2.HTTPError:
            return answer.status_code == 200
    return False


def is_slow(client: httpx2.Client) -> bool:
    """Whether the bytes of an answer come over more than three tenths of a second."""
    # A tool that compresses an answer keeps its bytes back until there are enough of them.
    plain = {"Accept-Encoding": "identity"}
    with client.stream("GET", "/todos", headers=plain) as answer:
        arrivals = [time.perf_counter() for piece in answer.iter_raw() if piece]
    return len(arrivals) > 2 and arrivals[-1] - arrivals[0] > 0.3
