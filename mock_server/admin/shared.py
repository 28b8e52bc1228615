"""What a process shares with others that are the same mock: scenarios, state, journal, counts."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import Any

from mock_server.admin.questions import OwnKnowledge
from mock_server.model.journal import Journal, ids_of
from mock_server.model.state_store import StateLostError
from mock_server.sharing.board import Board
from mock_server.sharing.shared_scenarios import SharedScenarios
from mock_server.sharing.shared_state import SharedState

__all__ = ["Shared"]


class Shared:
    """Everything that stands on one board, and the answers to what other processes ask."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.scenarios, self.state = SharedScenarios(board), SharedState(board)
        self._own: OwnKnowledge | None = None
        self._journal: Journal | None = None
        self._until = 0.0
        self._forwarding: asyncio.Task[None] | None = None
        board.on_question = self._answer
        board.on_connected = self.scenarios.look
        board.on_lost = self._forget

    def serve(self, own: OwnKnowledge, journal: Journal | None) -> None:
        """Answer from here: the plan that is served now, and its journal."""
        self._own, self._journal = own, journal

    def join(self) -> None:
        """Take part as a process of its own: called once, in the process that serves."""
        if self._journal is not None:
            # At random: workers could be numbered, but processes on several machines do not know of
            # each other.
            self._journal.ids = ids_of(secrets.randbelow(1024))

    async def reset(self, key: str | None) -> None:
        """Forget what is shared, and have the other processes forget. Raises StateLostError."""
        await self.scenarios.begin_again(key)
        await self.state.cleared(key)
        await self.board.ask({"what": "forget", "key": key})

    def _forget(self) -> None:
        self.scenarios.waiting = False

    def _answer(self, question: dict[str, Any]) -> Any:
        what = question["what"]
        if what == "waiting":
            self.scenarios.hear(question["any"])
        elif what == "follow":
            self._forward(question["seconds"])
        elif what == "entry_live":
            if self._journal is not None:
                self._journal.hear(question["entry"])
        elif self._own is not None:
            return self._own.answer(question)
        return None

    def _forward(self, seconds: float) -> None:
        """Tell the others of each entry, for so long."""
        self._until = max(self._until, asyncio.get_running_loop().time() + seconds)
        if self._journal is None or (self._forwarding and not self._forwarding.done()):
            return
        # Before this is answered: every entry from now on has to be forwarded.
        queue = self._journal.follow()
        if queue is not None:
            self._forwarding = asyncio.ensure_future(self._forward_entries(self._journal, queue))

    async def _forward_entries(self, journal: Journal, queue: asyncio.Queue[Any]) -> None:
        loop = asyncio.get_running_loop()
        try:
            while (left := self._until - loop.time()) > 0:
                with suppress(TimeoutError, StateLostError):
                    entry = await asyncio.wait_for(queue.get(), left)
                    # Entries of other processes are in the queue as well, for followers here.
                    if self._own is not None and not isinstance(entry, dict):
                        message = {"what": "entry_live", "entry": self._own.listed(entry)}
                        self.board.tell(message)
        finally:
            journal.unfollow(queue)
