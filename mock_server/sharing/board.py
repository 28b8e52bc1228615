"""The board between processes: texts that change atomically, counters, questions to the others.

Everything that is shared stands on these few operations, so that the same code shares it within a
machine (`HubBoard`) and between machines (`RedisBoard`).
"""

from __future__ import annotations

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from mock_server.model.state_store import StateLostError

__all__ = ["STATE", "Board", "Changed"]

_log = logging.getLogger("mock_server")
_Result = TypeVar("_Result")

Changed = tuple[str | None, _Result]
"""What a text becomes (None: there is none), and what the change has found out."""

STATE = "state:"
"""What the names of a stateful mock's texts begin with."""
ASKING = 10.0
"""Seconds that other processes are given for an answer: a busy one is late, and one that has just
died never gives one."""
_AGAIN = 0.2
"""Seconds between two tries to reach what was lost."""
_TRIES = 1000
"""Times that a change is tried again, since another process has changed the same text meanwhile."""


class Board(ABC):
    """One process's view of what is shared. `run` connects it, and again whenever it is lost.

    `on_question` answers what other processes ask, and `on_connected` is awaited each time before
    the board is ready. All operations raise StateLostError while it is not connected.
    """

    def __init__(self) -> None:
        self.on_question: Callable[[Any], Any] = lambda _question: None
        self.on_connected: Callable[[], Awaitable[object]] = _nothing
        self.on_lost: Callable[[], None] = lambda: None
        self._is_ready = asyncio.Event()
        # A lock exists while it is held or awaited: there may be any number of names.
        self._locks = WeakValueDictionary[str, asyncio.Lock]()
        self._drawing: dict[tuple[str, str], list[asyncio.Future[int | None]]] = {}
        self._asked: dict[int, asyncio.Queue[Any]] = {}
        self._numbers = 0
        self._is_told = False
        self._telling: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Stay connected until cancelled; a lost and a restored connection are logged."""
        while True:
            why = "it was closed"
            try:
                await self._connect()
                # Beside `_listen`, and not before it: the greeting waits for answers that it takes.
                self._telling.add(greeting := asyncio.ensure_future(self._greet()))
                greeting.add_done_callback(self._telling.discard)
                await self._listen()
            except Exception as problem:
                # Not OSError alone: whatever it was, sharing has to begin again.
                why = str(problem) or type(problem).__name__
            finally:
                await self._disconnect()
            self._is_ready.clear()
            self.on_lost()
            if not self._is_told:
                _log.warning(
                    "the shared state cannot be reached (%s): until it can, the mock serves "
                    "without the scenarios and the state of other processes",
                    why,
                )
                self._is_told = True
            await asyncio.sleep(_AGAIN)

    async def ready(self, patience: float) -> bool:
        """Wait until it is connected, but not for long; returns whether it is."""
        try:
            await asyncio.wait_for(self._is_ready.wait(), patience)
        except TimeoutError:
            return False
        return True

    async def _greet(self) -> None:
        """Find out what there is, while messages are taken already, so that none is missed."""
        try:
            await self.on_connected()
        except StateLostError:
            return
        self._is_ready.set()
        if self._is_told:
            self._is_told = False
            _log.warning("the shared state can be reached again; its earlier content may be lost")

    async def change(self, name: str, change: Callable[[str | None], Changed[_Result]]) -> _Result:
        """Change a text atomically to the result of a function.

        The function is called again where another process was faster, so that it must do nothing
        but compute. Raises StateLostError.
        """
        # Changes of this process wait for each other here, and compete with those of others alone.
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            for _ in range(_TRIES):
                before = await self.get(name)
                after, result = change(before)
                if after == before or await self.swap(name, before, after):
                    return result
        raise StateLostError(f"other processes changed {name} {_TRIES} times at the same time")

    async def draw(self, text: str, name: str) -> int | None:
        """The next number of a counter, from 0 on, given out once; None where it is not open."""
        coming: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        also = self._drawing.get((text, name))
        if also is None:
            self._drawing[text, name] = [coming]
            self._telling.add(drawing := asyncio.ensure_future(self._draw_for_all(text, name)))
            drawing.add_done_callback(self._telling.discard)
        else:
            also.append(coming)
        return await coming

    async def _draw_for_all(self, text: str, name: str) -> None:
        """Draw for all who wait: those who come while a message is under way share the next one."""
        while waiting := self._drawing[text, name]:
            self._drawing[text, name] = []
            try:
                first = await self._draw(text, name, len(waiting))
            except StateLostError as lost:
                for one in waiting:
                    if not one.done():
                        one.set_exception(lost)
                continue
            for number, one in enumerate(waiting, first or 0):
                if not one.done():
                    one.set_result(None if first is None else number)
        del self._drawing[text, name]

    async def ask(self, question: Any, *, everybody: bool = False) -> list[Any]:
        """What the other processes answer, in any order; those that do not are left out.

        Raises StateLostError also where `everybody` has to be heard and one did not answer.
        """
        self._numbers += 1
        number, queue = self._numbers, asyncio.Queue[Any]()
        self._asked[number] = queue
        found: list[Any] = []
        try:
            others = await self._publish(number, json.dumps(question))
            # Over all answers together, not for each: a request for the journal is answered in
            # bounded time.
            async with asyncio.timeout(ASKING):
                while len(found) < others:
                    found.append(await queue.get())
        except TimeoutError:
            if everybody:
                missing = f"{others - len(found)} of its processes did not answer in {ASKING:g} s"
                raise StateLostError(missing) from None
        finally:
            del self._asked[number]
        return found

    def tell(self, message: Any) -> None:
        """Send a message to the other processes without waiting for a reply."""
        task = asyncio.ensure_future(self._tell(json.dumps(message)))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, text: str) -> None:
        with suppress(StateLostError):
            await self._publish(0, text)

    def _answered(self, question: str) -> tuple[Any, ...]:
        """The answer to another process's question; None, with a log entry, if that failed."""
        try:
            return (self.on_question(json.loads(question)),)
        except Exception:
            _log.exception("a question of another process could not be answered: %.200s", question)
            return ()

    def _replied(self, number: int, value: Any) -> None:
        if (queue := self._asked.get(number)) is not None:
            queue.put_nowait(value)

    @abstractmethod
    async def get(self, name: str) -> str | None:
        """The text of a name; None where there is none."""

    @abstractmethod
    async def swap(self, name: str, before: str | None, after: str | None) -> bool:
        """Replace a text; False, and nothing is done, where it is not `before` any more."""

    @abstractmethod
    async def names(self, prefix: str) -> list[str]:
        """The names of all texts that begin so."""

    @abstractmethod
    async def open_counters(self, text: str, names: Sequence[str]) -> None:
        """Begin to count from 0; a text's counters are forgotten with it."""

    @abstractmethod
    async def close_counters(self, text: str, names: Sequence[str]) -> None:
        """Give out no more numbers of these counters."""

    @abstractmethod
    async def counts(self, text: str, names: Sequence[str]) -> list[int | None]:
        """How many numbers were given out of each; None where it is not open."""

    @abstractmethod
    async def _draw(self, text: str, name: str, count: int) -> int | None:
        """Take so many numbers of a counter; returns the first."""

    @abstractmethod
    async def _publish(self, number: int, question: str) -> int:
        """Send a question to the others; returns how many will answer it. 0 asks for no answer."""

    @abstractmethod
    async def _connect(self) -> None:
        """Connect; messages of others are kept from then on."""

    @abstractmethod
    async def _listen(self) -> None:
        """Take messages for as long as it is connected."""

    @abstractmethod
    async def _disconnect(self) -> None:
        """Close what is open; everything that waits for an answer gets StateLostError."""


async def _nothing() -> None:
    """Nothing has to be found out."""
