"""The board between machines: texts in Redis, and its channels for questions."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from mock_server.model.state_store import StateLostError
from mock_server.sharing.board import Board

__all__ = ["MissingExtraError", "RedisBoard", "RedisUrlError"]

_PREFIX = "mock-server:"
_EVERYBODY = f"{_PREFIX}everybody"
_TIMEOUT = 5.0
"""Seconds after which Redis is taken to be lost; a process under load may be late itself."""
_CONNECTIONS = 16
"""Connections for commands: each is taken for one command at a time."""
_ALIVE = 1.0
"""Seconds between two looks at whether it is still there."""
_EXPIRES = 24 * 60 * 60
"""Seconds without a change after which a text is forgotten: mocks come and go, and Redis stays."""
_SWAP = """
if redis.call('GET', KEYS[1]) ~= (ARGV[1] == '1' and ARGV[2]) then return 0 end
if ARGV[3] == '1' then redis.call('SET', KEYS[1], ARGV[4], 'EX', ARGV[5])
else redis.call('DEL', KEYS[1]) end
return 1
"""
"""Compare and set. A text that is not there is `false` in Lua, and so is `'0' == '1' and …`."""


_DRAW = """
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[3])
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return false end
return redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2]) - ARGV[2]
"""
"""Count what is open. A text whose counters are in use is not forgotten, and neither are they."""


class MissingExtraError(Exception):
    """The client for Redis is not installed."""

    def __str__(self) -> str:
        return (
            "--state: the client for Redis is not installed; "
            "install it with: pip install 'insforge-contract[redis]'"
        )


class RedisUrlError(Exception):
    """What `--state` names is no address of a Redis server."""


class RedisBoard(Board):
    """A process's connections to Redis: one for commands, one that listens.

    Args:
        url: `redis://HOST:PORT/DB`, `rediss://` or `unix://`; it may hold a password.

    Raises:
        MissingExtraError: the extra `redis` is not installed.
        RedisUrlError: the URL cannot be read.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        try:
            import redis.asyncio
        except ImportError:
            raise MissingExtraError from None
        if not url.startswith(("redis://", "rediss://", "unix://")):
            raise RedisUrlError("--state: a Redis URL begins with redis:// or rediss://")
        try:
            # Connects to nothing: it only reads the URL, to report a mistake at the start.
            redis.asyncio.ConnectionPool.from_url(url)
        except ValueError as problem:
            raise RedisUrlError(f"--state: {problem}") from None
        self._url, self._name = url, ""
        self._client: Any = None
        self._channel: Any = None

    async def get(self, name: str) -> str | None:
        """The text of a name; None where there is none."""
        found: str | None = await self._do("get", _PREFIX + name)
        return found

    async def swap(self, name: str, before: str | None, after: str | None) -> bool:
        """Replace a text; False where it is not `before` any more."""
        texts = (int(before is not None), before or "", int(after is not None), after or "")
        return bool(await self._do("eval", _SWAP, 1, _PREFIX + name, *texts, _EXPIRES))

    async def open_counters(self, text: str, names: Sequence[str]) -> None:
        """Begin to count from 0."""
        await self._do("hset", _counters(text), mapping=dict.fromkeys(names, 0))
        await self._do("expire", _counters(text), _EXPIRES)

    async def close_counters(self, text: str, names: Sequence[str]) -> None:
        """Give out no more numbers of these counters."""
        await self._do("hdel", _counters(text), *names)

    async def counts(self, text: str, names: Sequence[str]) -> list[int | None]:
        """How many numbers were given out of each; None where it is not open."""
        found = await self._do("hmget", _counters(text), [*names]) if names else []
        return [None if one is None else int(one) for one in found]

    async def _draw(self, text: str, name: str, count: int) -> int | None:
        keys = (_counters(text), _PREFIX + text)
        first = await self._do("eval", _DRAW, 2, *keys, name, count, _EXPIRES)
        return None if first is None else int(first)

    async def names(self, prefix: str) -> list[str]:
        """The names of all texts that begin so."""
        found, cursor = list[str](), 0
        while True:
            # Only what comes before the first star is the pattern's own: names have none there.
            cursor, some = await self._do("scan", cursor, f"{_PREFIX}{prefix}*", 1000)
            found += [name.removeprefix(_PREFIX) for name in some]
            if not cursor:
                return list(dict.fromkeys(found))

    async def _publish(self, number: int, question: str) -> int:
        message = json.dumps({"from": [self._name, number], "question": question})
        # Redis counts this process as well, which hears itself and does not answer.
        heard = int(await self._do("publish", _EVERYBODY, message))
        return max(0, heard - 1) if number else 0

    async def _do(self, command: str, *arguments: Any, **named: Any) -> Any:
        import redis.exceptions

        if self._client is None:
            raise StateLostError("Redis cannot be reached")
        try:
            return await getattr(self._client, command)(*arguments, **named)
        except (redis.exceptions.RedisError, OSError) as problem:
            raise StateLostError(f"Redis: {problem or type(problem).__name__}") from None

    async def _connect(self) -> None:
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        # No retry of its own: a swap whose answer was lost would be tried again, and be refused.
        # `run` connects again.
        options: dict[str, Any] = {
            "decode_responses": True,
            "socket_connect_timeout": _TIMEOUT,
            "retry": Retry(NoBackoff(), 0),
        }
        # Not before: a process that is forked must not have the name of another.
        self._name = secrets.token_hex(8)
        # Requests that come together wait for a connection; the other pool would refuse them.
        pool = BlockingConnectionPool.from_url(
            self._url, max_connections=_CONNECTIONS, socket_timeout=_TIMEOUT, **options
        )
        self._client = Redis.from_pool(pool)
        self._channel = Redis.from_url(self._url, socket_timeout=None, **options).pubsub()
        await self._do("ping")
        await self._heard(self._channel.subscribe(_EVERYBODY, f"{_PREFIX}to:{self._name}"))

    async def _listen(self) -> None:
        listening = asyncio.ensure_future(self._take_messages())
        alive = asyncio.ensure_future(self._stay_alive())
        try:
            done, _ = await asyncio.wait((listening, alive), return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        finally:
            for task in (listening, alive):
                task.cancel()
            await asyncio.gather(listening, alive, return_exceptions=True)

    async def _stay_alive(self) -> None:
        """Notice a server that is gone without a word."""
        while True:
            await asyncio.sleep(_ALIVE)
            await self._do("ping")

    async def _take_messages(self) -> None:
        while True:
            message = await self._heard(
                self._channel.get_message(ignore_subscribe_messages=True, timeout=None)
            )
            if message is not None and message["type"] == "message":
                await self._take(json.loads(message["data"]))

    async def _heard(self, awaited: Any) -> Any:
        import redis.exceptions

        try:
            return await awaited
        except (redis.exceptions.RedisError, OSError) as problem:
            raise StateLostError(f"Redis: {problem or type(problem).__name__}") from None

    async def _take(self, message: dict[str, Any]) -> None:
        if "reply" in message:
            self._replied(message["reply"], message["value"])
            return
        sender, number = message["from"]
        if sender == self._name:
            return
        answer = self._answered(message["question"])
        if number and answer:
            reply = json.dumps({"reply": number, "value": answer[0]})
            await self._do("publish", f"{_PREFIX}to:{sender}", reply)

    async def _disconnect(self) -> None:
        client, channel = self._client, self._channel
        self._client = self._channel = None
        with suppress(Exception):  # it may be gone in any way
            if channel is not None:
                await channel.aclose()
        with suppress(Exception):
            if client is not None:
                await client.aclose()


def _counters(text: str) -> str:
    """The hash of a text's counters; no text has such a name."""
    return f"{_PREFIX}counters of {text}"
