"""Scenarios that several processes share: an answer plays once, whichever of them is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from mock_server.model.scenarios import Scenario, Scenarios, Turn, WaitingScenario
from mock_server.model.state_store import StateLostError
from mock_server.sharing.board import Board
from mock_server.sharing.scenario_text import read_scenarios, write_scenarios

__all__ = ["SCENARIOS", "SharedScenarios"]

SCENARIOS = "scenarios"
"""The name of their text."""
_Result = TypeVar("_Result")


class SharedScenarios:
    """The scenarios on a board.

    `waiting` is whether any waits, as this process was told last. Where it is false, or none of
    those that it knows fits a request, that request costs no round trip; nor does one that fits a
    scenario which playing does not change. Whoever lets one wait, or takes it back, is answered
    only when all processes know of it.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self.waiting = False
        # How often others told of a scenario that waits, and of anything: what was looked up holds
        # only if no more was told meanwhile.
        self._heard = self._changes = 0
        # None: something has changed, and this process has not looked.
        self._known: Scenarios | None = Scenarios()
        self._looking: set[asyncio.Task[None]] = set()

    async def take(self, operation: str, key: str | None) -> Turn | None:
        """The step to answer a request with; None where none waits, or what is shared is lost."""
        known, heard, changes = self._known, self._heard, self._changes
        if known is not None:
            if not any(one.scenario.fits(operation, key) for one in known.waiting.values()):
                return None
            if (steady := known.take_steady(operation, key)) is not None:
                return steady
        try:
            turn, left = await self._changed(
                lambda scenarios: (scenarios.take(operation, key), scenarios)
            )
        except StateLostError:
            return None
        if self._changes == changes:
            self._known = left
        if not left.waiting:
            self.waiting = self._heard != heard
            self._board.tell({"what": "waiting", "any": False})
        elif turn is None:
            self.hear(any_waits=False)  # what this process knows has been played by another
        return turn

    def hear(self, any_waits: bool) -> None:
        """Take notice of what another process tells.

        What it says of none may be older than a scenario that waits by now, so that this process
        looks for itself; what it says of one costs at most one look too many.
        """
        self._changes += 1
        self._known = None
        if any_waits:
            self._heard += 1
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
        return [*read_scenarios(await self._board.get(SCENARIOS))]

    async def is_new(self) -> bool:
        """Whether no scenario was shared yet, or the shared state was lost."""
        return await self._board.get(SCENARIOS) is None

    async def look(self) -> None:
        """Find out whether any waits. Raises StateLostError."""
        changes = self._changes
        known = read_scenarios(await self._board.get(SCENARIOS))
        if self._changes == changes:
            self.waiting, self._known = bool(known.waiting), known

    async def _changed(self, change: Callable[[Scenarios], _Result]) -> _Result:
        def changed(text: str | None) -> tuple[str | None, _Result]:
            scenarios = read_scenarios(text)
            result = change(scenarios)
            return write_scenarios(scenarios), result

        return await self._board.change(SCENARIOS, changed)

    async def _tell_all(self) -> None:
        await self.look()
        await self._board.ask({"what": "waiting", "any": self.waiting})
