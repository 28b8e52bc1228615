"""What several processes share, as the options want it: by a hub of their own, or by Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mock_server.command.start_options import Options
from mock_server.model.state_store import StateLostError

if TYPE_CHECKING:
    from mock_server.admin.shared import Shared
    from mock_server.model.scenarios import Scenario
    from mock_server.model.waiting_scenarios import Scenarios
    from mock_server.sharing.hub import HubAddress

__all__ = ["Sharing", "SharingError"]


_PATIENCE = 2.0
"""Seconds that a start waits for Redis."""


class SharingError(Exception):
    """What the options name to share by cannot be used: which, why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """`shared` is None for a process alone; else there is the hub's `address`, or Redis' `url`."""

    shared: Shared | None = None
    address: HubAddress | None = None
    url: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, options: Options) -> Sharing:
        """What the options ask for. Raises SharingError."""
        if options.state is None and options.workers == 1:
            return cls()
        from mock_server.admin.shared import Shared

        if options.state is not None:
            from mock_server.sharing.redis_board import MissingExtraError, RedisBoard, RedisUrlError

            try:
                return cls(shared=Shared(RedisBoard(options.state)), url=options.state)
            except (MissingExtraError, RedisUrlError) as problem:
                raise SharingError(str(problem)) from None
        from mock_server.sharing.hub import HubAddress, HubBoard

        try:
            address = HubAddress()
        except OSError as problem:
            raise SharingError(
                f"--workers: no folder for temporary files was found ({problem}); name one in "
                f"TMPDIR, or leave out --workers"
            ) from None
        return cls(shared=Shared(HubBoard(address)), address=address)

    def begin(self, group: str, scenarios: Sequence[Scenario]) -> None:
        """Put a file's scenarios into Redis before the mock answers; a hub gets them in `keep`.

        Where Redis cannot be reached, they are put there as soon as it can be.
        """
        if scenarios and self.url is not None:
            from mock_server.admin.shared import Shared
            from mock_server.sharing.redis_board import RedisBoard

            # Another board: what belongs to an event loop does not outlive it.
            shared = Shared(RedisBoard(self.url))
            asyncio.run(_exchange(shared, group, scenarios))

    def open(self) -> None:
        """Let the workers reach the hub that is about to be started."""
        if self.address is not None:
            self.address.open()

    def keep(self, scenarios: Scenarios, parent: int) -> None:
        """Be the hub, until the other end of the pipe is closed; begins with these scenarios."""
        from mock_server.sharing.hub import Hub
        from mock_server.sharing.scenario_text import write_scenarios
        from mock_server.sharing.shared_scenarios import SCENARIOS

        text = write_scenarios(scenarios)
        counters = [one.counter for one in scenarios.waiting.values()]
        hub = Hub({SCENARIOS: text} if text else {}, {SCENARIOS: counters})
        assert self.address is not None
        asyncio.run(_until_closed(hub.serve(self.address), parent))
        # The parent was killed, and cannot do it.
        self.close()

    def close(self) -> None:
        """Remove the hub's socket."""
        if self.address is not None:
            self.address.close()


async def _exchange(shared: Shared, group: str, scenarios: Sequence[Scenario]) -> None:
    running = asyncio.ensure_future(shared.board.run())
    with suppress(StateLostError):
        if await shared.board.ready(_PATIENCE):
            await shared.scenarios.exchange(group, scenarios)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _until_closed(serving: Coroutine[object, object, None], pipe: int) -> None:
    task = asyncio.ensure_future(serving)
    asyncio.get_running_loop().add_reader(pipe, task.cancel)
    await asyncio.gather(task, return_exceptions=True)
