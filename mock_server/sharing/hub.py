"""The process that keeps what the workers of one machine share, and passes on what they ask."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp
from typing import Any

from mock_server.model.state_store import StateLostError
from mock_server.sharing.board import STATE, Board

__all__ = ["Hub", "HubAddress", "HubBoard"]

_LONGEST = 256 * 1024 * 1024
"""Bytes of one message: a text may be as long as everything that is kept together."""
_MOST = 64 * 1024 * 1024
"""Characters of all texts together."""
_BEHIND = 64 * 1024 * 1024
"""Bytes that wait for a worker that does not read; it is taken to be dead."""


class HubAddress:
    """A Unix socket in a folder that only this user may enter; it outlives the hub's process.

    Raises:
        OSError: there is no folder for temporary files.
    """

    def __init__(self) -> None:
        self._parent = gettempdir()
        self._folder: Path | None = None
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    @property
    def path(self) -> str:
        """The path of the socket, once it is open."""
        return str(self._folder / "hub") if self._folder else ""

    def open(self) -> None:
        """Make the folder and listen."""
        # `mkdtemp` gives the folder mode 0700, which guards the socket on every system; the mode of
        # a socket itself counts on some only.
        self._folder = Path(mkdtemp(prefix="mock-server-", dir=self._parent))
        self.listening.bind(self.path)
        self.listening.listen(128)

    def close(self) -> None:
        """Remove the socket and its folder."""
        self.listening.close()
        if self._folder is not None:
            rmtree(self._folder, ignore_errors=True)


class Hub:
    """Texts and their counters, and the workers that are connected: dictionaries and a switchboard.

    `counters` are the names of those that are open at the start, by text.
    """

    def __init__(
        self,
        texts: Mapping[str, str] | None = None,
        counters: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self._texts = dict(texts or {})
        self._counters = {text: dict.fromkeys(names, 0) for text, names in (counters or {}).items()}
        self._size = sum(map(len, self._texts.values()))
        self._members: dict[int, asyncio.StreamWriter] = {}
        self._numbers = count(1)

    async def serve(self, address: HubAddress) -> None:
        """Serve until cancelled."""
        server = await asyncio.start_unix_server(
            self._serve_member, sock=address.listening, limit=_LONGEST
        )
        async with server:
            await server.serve_forever()

    async def _serve_member(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        number = next(self._numbers)
        self._members[number] = writer
        try:
            while line := await reader.readline():
                self._take(number, json.loads(line))
                await writer.drain()
        except (OSError, ValueError):
            pass  # the worker is gone, or about to be started again
        finally:
            del self._members[number]
            writer.close()

    def _take(self, member: int, message: dict[str, Any]) -> None:
        operation, arguments = message["do"], message.get("with", [])
        if operation == "reply":
            to, number, value = arguments
            self._send(to, {"reply": number, "value": value})
            return
        # A message names a method: nobody but our workers can enter the folder of the socket.
        answer = getattr(self, f"_{operation}")(member, message["number"], *arguments)
        self._send(member, {"done": message["number"], "value": answer})

    def _get(self, _member: int, _number: int, name: str) -> str | None:
        return self._texts.get(name)

    def _swap(
        self, _member: int, _number: int, name: str, before: str | None, after: str | None
    ) -> bool:
        if self._texts.get(name) != before:
            return False
        # Put in anew, so that the texts are in the order of their last change.
        self._size -= len(self._texts.pop(name, ""))
        if after is not None:
            self._texts[name] = after
            self._size += len(after)
            self._keep_bounds(name)
        return True

    def _keep_bounds(self, last: str) -> None:
        """State that was longest unchanged leaves first; scenarios stay."""
        kept = iter([name for name in self._texts if name.startswith(STATE) and name != last])
        while self._size > _MOST and (oldest := next(kept, None)) is not None:
            self._size -= len(self._texts.pop(oldest))

    def _names(self, _member: int, _number: int, prefix: str) -> list[str]:
        return [name for name in self._texts if name.startswith(prefix)]

    def _open(self, _member: int, _number: int, text: str, names: list[str]) -> None:
        self._counters.setdefault(text, {}).update(dict.fromkeys(names, 0))

    def _close(self, _member: int, _number: int, text: str, names: list[str]) -> None:
        counters = self._counters.get(text, {})
        for name in names:
            counters.pop(name, None)

    def _counts(self, _member: int, _number: int, text: str, names: list[str]) -> list[int | None]:
        counters = self._counters.get(text, {})
        return [counters.get(name) for name in names]

    def _draw(self, _member: int, _number: int, text: str, name: str, count: int) -> int | None:
        counters = self._counters.get(text, {})
        if (first := counters.get(name)) is not None:
            counters[name] = first + count
        return first

    def _publish(self, member: int, _number: int, asked: int, question: str) -> int:
        others = [one for one in self._members if one != member]
        for one in others:
            self._send(one, {"question": question, "from": [member, asked]})
        return len(others) if asked else 0

    def _send(self, member: int, message: dict[str, Any]) -> None:
        if (writer := self._members.get(member)) is not None:
            # Waiting for it instead would let one worker that hangs stop all others.
            if writer.transport.get_write_buffer_size() > _BEHIND:
                writer.transport.abort()
            writer.write(json.dumps(message).encode() + b"\n")


class HubBoard(Board):
    """A worker's connection to the hub."""

    def __init__(self, address: HubAddress) -> None:
        super().__init__()
        self._address = address
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._calls = 0

    async def get(self, name: str) -> str | None:
        """The text of a name; None where there is none."""
        found: str | None = await self._call("get", name)
        return found

    async def swap(self, name: str, before: str | None, after: str | None) -> bool:
        """Replace a text; False where it is not `before` any more."""
        return bool(await self._call("swap", name, before, after))

    async def names(self, prefix: str) -> list[str]:
        """The names of all texts that begin so."""
        found: list[str] = await self._call("names", prefix)
        return found

    async def open_counters(self, text: str, names: Sequence[str]) -> None:
        """Begin to count from 0."""
        await self._call("open", text, [*names])

    async def close_counters(self, text: str, names: Sequence[str]) -> None:
        """Give out no more numbers of these counters."""
        await self._call("close", text, [*names])

    async def counts(self, text: str, names: Sequence[str]) -> list[int | None]:
        """How many numbers were given out of each; None where it is not open."""
        found: list[int | None] = await self._call("counts", text, [*names])
        return found

    async def _draw(self, text: str, name: str, count: int) -> int | None:
        first: int | None = await self._call("draw", text, name, count)
        return first

    async def _publish(self, number: int, question: str) -> int:
        return int(await self._call("publish", number, question))

    async def _call(self, operation: str, *arguments: Any) -> Any:
        if self._writer is None:
            raise StateLostError("the hub of the workers cannot be reached")
        self._calls += 1
        number = self._calls
        coming = self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"do": operation, "number": number, "with": arguments}
        self._writer.write(json.dumps(message).encode() + b"\n")
        return await coming

    async def _connect(self) -> None:
        self._reader, self._writer = await asyncio.open_unix_connection(
            self._address.path, limit=_LONGEST
        )

    async def _listen(self) -> None:
        assert self._reader is not None
        while line := await self._reader.readline():
            self._take(json.loads(line))

    def _take(self, message: dict[str, Any]) -> None:
        if "done" in message:
            coming = self._waiting.pop(message["done"], None)
            if coming is not None and not coming.done():
                coming.set_result(message["value"])
        elif "reply" in message:
            self._replied(message["reply"], message["value"])
        else:
            answer = self._answered(message["question"])
            member, number = message["from"]
            if number and answer and self._writer is not None:
                reply = {"do": "reply", "with": [member, number, *answer]}
                self._writer.write(json.dumps(reply).encode() + b"\n")

    async def _disconnect(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        waiting, self._waiting = self._waiting, {}
        for coming in waiting.values():
            if not coming.done():
                coming.set_exception(StateLostError("the hub of the workers has ended"))
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
