"""What every tool gets: a small contract, a folder, and a deployment behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import httpx2

__all__ = [
    "CONTRACT",
    "KEY",
    "SECRET",
    "STREAM",
    "Ground",
    "Way",
    "Ways",
    "at_once",
    "client_of",
    "comes_apart",
    "is_late_once",
    "is_limited_twice",
    "is_refreshed",
    "is_slow",
    "keeps",
    "received",
    "says_that_it_fails",
    "statuses",
    "times",
]

KEY = {"X-Mock-Key": "k"}
SECRET = "s3cret-of-nobody"
STREAM = "data: 1\n\ndata: 2\n\n"
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_TODO = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {"id": {"type": "string", "readOnly": True}, "title": {"type": "string"}},
}
_NEW = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
_BODY = {"required": True, "content": {"application/json": {"schema": _NEW}}}


def _answer(schema: Mapping[str, Any], example: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"description": "so", "content": content}


_NO = {"description": "no"}
_FIRST = {"id": "1", "title": "first"}
#: `/todos` may be kept or forwarded, `/other` is there to be mocked beside it.
CONTRACT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Todos", "version": "1"},
    "paths": {
        "/todos": {
            "get": {
                "responses": {
                    "200": _answer({"type": "array", "items": _TODO}, [_FIRST]),
                    "401": _NO,
                }
            },
            "post": {
                "requestBody": _BODY,
                "responses": {"201": _answer(_TODO, {"id": "2", "title": "second"})},
            },
        },
        "/todos/{id}": {
            "parameters": [_ID],
            "get": {"responses": {"200": _answer(_TODO, _FIRST), "404": _NO}},
            "patch": {
                "requestBody": _BODY,
                "responses": {"200": _answer(_TODO, _FIRST), "404": _NO},
            },
            "delete": {"responses": {"204": {"description": "gone"}, "404": _NO}},
        },
        "/token": {"post": {"responses": {"200": _answer({"type": "string"}, "t")}}},
        "/other": {"get": {"responses": {"200": _answer({"type": "string"}, "mocked")}}},
        "/events": {
            "get": {
                "responses": {
                    "200": {
                        "description": "all",
                        "content": {
                            "text/event-stream": {
                                "schema": {"type": "string"},
                                "example": f"{STREAM}data: 3\n\n",
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

    The deployment streams `/events`, and answers 501 at other paths. `stop_upstream` ends it.
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


def at_once(client: httpx2.Client, count: int) -> Sequence[int]:
    """The statuses of requests that are sent at the same time, each on its own connection."""

    def ask(_number: int) -> int:
        return httpx2.get(f"{client.base_url}/todos", timeout=5.0, trust_env=False).status_code

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(ask, range(count)))


def received(client: httpx2.Client) -> tuple[int, bytes, bool]:
    """The status (0 where no head came), the bytes of the body that came, and whether it ended."""
    status, body = 0, b""
    try:
        with client.stream("GET", "/todos", headers={"Accept-Encoding": "identity"}) as answer:
            status = answer.status_code
            for piece in answer.iter_raw():
                body += piece
    except httpx2.TransportError:
        return status, body, False
    return status, body, True


def is_slow(client: httpx2.Client) -> bool:
    """Whether the bytes of an answer come over more than three tenths of a second."""
    # A tool that compresses an answer keeps its bytes back until there are enough of them.
    plain = {"Accept-Encoding": "identity"}
    with client.stream("GET", "/todos", headers=plain) as answer:
        arrivals = [time.perf_counter() for piece in answer.iter_raw() if piece]
    return len(arrivals) > 2 and arrivals[-1] - arrivals[0] > 0.3


def comes_apart(client: httpx2.Client) -> bool:
    """Whether the events of `/events` come one after the other, and not at the end."""
    with client.stream("GET", "/events", headers={"Accept-Encoding": "identity"}) as answer:
        arrivals = [time.perf_counter() for piece in answer.iter_raw() if b"data" in piece]
    return len(arrivals) > 1 and arrivals[-1] - arrivals[0] > 0.2


def is_refreshed(client: httpx2.Client) -> bool:
    """Whether a 401 ends with a refresh at another path."""
    first, refreshed = statuses(client, {}), client.post("/token").status_code
    return [*first, refreshed, *statuses(client, {})] == [401, 200, 200]


def is_limited_twice(client: httpx2.Client) -> bool:
    """Whether two answers say when to come again, and the third is good."""
    answers = [client.get("/todos") for _ in range(3)]
    waits = [one.headers.get("retry-after") for one in answers]
    return [one.status_code for one in answers] == [429, 429, 200] and waits == ["1", "1", None]


def is_late_once(client: httpx2.Client) -> bool:
    """Whether one answer takes 0.4 seconds, and the next less."""
    late, next_one = times(client, 2)
    return late >= 0.4 > next_one


def says_that_it_fails(ground: Ground, client: httpx2.Client) -> bool:
    """Whether a deployment that is gone is told as a bad gateway (RFC 9110 section 15.6.3)."""
    ground.stop_upstream()
    answer = client.get("/todos")
    return answer.status_code in (502, 504) and bool(answer.content)


def times(client: httpx2.Client, count: int) -> Sequence[float]:
    """The seconds that good answers take, one after the other."""
    client.get("/other")  # whatever a first request costs
    found = []
    for _ in range(count):
        begun = time.perf_counter()
        client.get("/todos").raise_for_status()
        found.append(time.perf_counter() - begun)
    return found


def keeps(client: httpx2.Client) -> bool:
    """Whether a thing is there when it was created, changes when it is changed, and goes."""
    made = client.post("/todos", json={"title": "mine"}).json()
    path = f"/todos/{made['id']}"
    was_there = client.get(path).json()["title"] == "mine" and "mine" in client.get("/todos").text
    client.patch(path, json={"title": "new"}).raise_for_status()
    has_changed = client.get(path).json()["title"] == "new" and "new" in client.get("/todos").text
    client.delete(path).raise_for_status()
    return was_there and has_changed and client.get(path).status_code == 404
