"""Scenarios that several processes share: an answer plays once, whichever of them is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from mock_server.model.scenarios import Scenario, Turn
from mock_server.model.state_store import StateLostError
from mock_server.model.waiting_scenarios import Scenarios, Waiting, WaitingScenario
from mock_server.sharing.board import Board, Changed
from mock_server.sharing.scenario_text import read_scenarios, write_scenarios

__all__ = ["SCENARIOS", "SharedScenarios"]

SCENARIOS = "scenarios"
"""The name of their text."""
_Result = TypeVar("_Result")


class SharedScenarios:
    """The scenarios on a board: their text, and for each a counter of the answers that it gave.

    `waiting` is whether any waits, as this process was told last. Which scenario a request is
    answered from, each process decides by its own copy of the text; which of its answers, the
    counter says, in one round trip. So the text changes only where a scenario begins or ends. None
    is needed where nothing fits the request, or where each answer is the same for good. Whoever
    lets one wait, or takes it back, is answered only when all processes know of it.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self.waiting = False
        self._changes = 0
        # None: something has changed, and this process has not looked.
        self._known: Scenarios | None = Scenarios()
        self._looking: set[asyncio.Task[None]] = set()

    async def take(self, operation: str, key: str | None) -> Turn | None:
        """The step to answer a request with; None where none waits, or what is shared is lost."""
        try:
            known = self._known if self._known is not None else await self.look()
            while (chosen := known.chosen(operation, key)) is not None:
                # No number is needed, and so no round trip: 429 for good costs what a canned answer
                # costs.
                if chosen.scenario.is_steady:
                    return chosen.turn(0)
                number = await self._board.draw(SCENARIOS, chosen.counter)
                turn = None if number is None else chosen.turn(number)
                if number is None or chosen.is_over(number + 1):
                    self._drop(known, chosen)
                    if turn is not None:
                        await self._finish(chosen)
                if turn is not None:
                    return turn
        except StateLostError:
            pass
        return None

    def _drop(self, known: Scenarios, over: Waiting) -> None:
        known.remove(over.id)
        if known is self._known:
            self.waiting = bool(known.waiting)

    async def _finish(self, over: Waiting) -> None:
        """Take a scenario away whose last answer is this process's.

        The others need not know of it before they go on: its counter gives them nothing more.
        """
        await self._changed(lambda scenarios: scenarios.remove(over.id))
        self._board.tell({"what": "waiting", "any": self.waiting})

    def hear(self, any_waits: bool) -> None:
        """Take notice of what another process tells.

        What it says of none may be older than a scenario that waits by now, so that this process
        looks for itself; what it says of one costs at most one look too many.
        """
        self._changes += 1
        self._known = None
        if any_waits:
            self.waiting = True
        if self.waiting:
            looking = asyncio.ensure_future(self._look_again())
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)

    async def _look_again(self) -> None:
        with suppress(StateLostError):
            await self.look()

    async def add(self, scenario: Scenario) -> str:
        """Let a scenario wait. Raises TooManyScenariosError, StateLostError."""
        id_ = await self._changed(lambda scenarios: scenarios.add(scenario))
        await self._tell_all()
        return id_

    async def exchange(self, group: str, scenarios: Sequence[Scenario]) -> None:
        """Let scenarios wait in place of those of a group. Raises StateLostError."""
        await self._changed(lambda waiting: waiting.exchange(group, scenarios))
        await self._tell_all()

    async def remove(self, id_: str) -> bool:
        """Take a scenario back; False where none has this id. Raises StateLostError."""
        was_there = await self._changed(lambda scenarios: scenarios.remove(id_))
        await self._tell_all()
        return was_there

    async def clear(self, key: str | None = None) -> None:
        """Delete all scenarios, or those of a key. Raises StateLostError."""
        await self._changed(lambda scenarios: scenarios.clear(key))
        await self._tell_all()

    async def listed(self) -> list[WaitingScenario]:
        """What waits. Raises StateLostError."""
        every = [*read_scenarios(await self._board.get(SCENARIOS)).waiting.values()]
        counts = await self._board.counts(SCENARIOS, [one.counter for one in every])
        return [
            one.seen(played)
            for one, played in zip(every, counts, strict=True)
            if played is not None and not one.is_over(played)
        ]

    async def begin_again(self, key: str | None = None) -> None:
        """Let those of the groups wait as at the start. Raises StateLostError."""
        await self._changed(lambda scenarios: scenarios.begin_again(key))
        await self._tell_all()

    async def is_new(self) -> bool:
        """Whether no scenario was shared yet, or the shared state was lost."""
        return await self._board.get(SCENARIOS) is None

    async def look(self) -> Scenarios:
        """Find out what waits. Raises StateLostError."""
        changes = self._changes
        known = read_scenarios(await self._board.get(SCENARIOS))
        # Whatever was heard during the round trip is newer than what came back.
        if self._changes == changes:
            self.waiting, self._known = bool(known.waiting), known
        return known

    async def _changed(self, change: Callable[[Scenarios], _Result]) -> _Result:
        """Change the text, and open and close the counters of what has come and gone."""

        def changed(text: str | None) -> Changed[tuple[_Result, set[str], set[str]]]:
            scenarios = read_scenarios(text)
            before = {one.counter for one in scenarios.waiting.values()}
            result = change(scenarios)
            after = {one.counter for one in scenarios.waiting.values()}
            return write_scenarios(scenarios), (result, after - before, before - after)

        result, new, gone = await self._board.change(SCENARIOS, changed)
        # A process that has looked between finds a counter that is not open, and goes on without;
        # it looks again at the message, which it gets before the change is acknowledged.
        if new:
            await self._board.open_counters(SCENARIOS, [*new])
        if gone:
            await self._board.close_counters(SCENARIOS, [*gone])
        return result

    async def _tell_all(self) -> None:
        await self.look()
        await self._board.ask({"what": "waiting", "any": self.waiting})
