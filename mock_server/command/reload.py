"""A changed contract replaces the old one whole; an unreadable one is reported, not served."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path

from mock_server.command.console import Console
from mock_server.command.contract_source import Source
from spec import Contract, ContractError, SpecError
from spec.model.errors import Place

__all__ = ["Reloader", "State", "folders_of", "state_of"]

_SETTLED = 50
"""Milliseconds without a change after which an editor is taken to have finished."""
_LOOK_ANYWAY = 1000
"""Milliseconds after which the files are looked at all the same: file systems that are mounted from
elsewhere send no event, and a change may precede the watch."""
_COARSE = 20_000_000
"""Nanoseconds by which a file's time may lag behind the clock."""

State = tuple[tuple[Path, int, int, int], ...]


class Reloader:
    """Watches the files of a contract, and gives each new reading that succeeds to `swap`.

    `swap` returns a sentence for each thing that cannot be served as written. It may take its
    time: it is called in a thread, while the last good contract is served.
    `read_at` is the time, in nanoseconds, at which the reading of `contract` began.
    """

    def __init__(
        self,
        source: Source,
        swap: Callable[[Contract], Sequence[str]],
        console: Console,
        *,
        contract: Contract,
        read_at: int,
    ) -> None:
        self._source, self._swap, self._console = source, swap, console
        self._files = {*source.files, *contract.files}
        self._served = _there(contract)
        self._state = state_of(self._files, read_at)

    async def run(self) -> None:
        """Watch until cancelled; where that is impossible, look at the files once a second."""
        while True:
            try:
                await self._watch()
            except Exception:
                # Too many watches for this system, or a folder that is gone: looking still works.
                await asyncio.sleep(_LOOK_ANYWAY / 1000)
                await self.look()

    async def _watch(self) -> None:
        """Watch folders, since many editors replace a file, until there are others to watch."""
        from watchfiles import awatch  # takes a while to import, and by now the mock answers

        folders = folders_of(self._files)
        changes = awatch(
            *folders,
            recursive=False,
            watch_filter=None,
            step=_SETTLED,
            rust_timeout=_LOOK_ANYWAY,
            yield_on_timeout=True,
        )
        async with aclosing(changes):
            async for _ in changes:
                await self.look()
                if folders_of(self._files) != folders:
                    return

    async def look(self) -> None:
        """Read the contract again if one of its files is not what it was."""
        if (state := state_of(self._files)) == self._state:
            return
        self._state, read_at = state, time.time_ns()
        try:
            contract, unserved = await asyncio.to_thread(self._loaded)
        except Exception as problem:
            # Not SpecError alone: whatever it was, the mock must go on, and be reloaded later.
            known = isinstance(problem, SpecError)
            message = str(problem) if known else f"{self._source.contract}: {problem!r}"
            self._console.failed(
                "reload-failed", f"{message}\nThe mock continues to serve the last valid contract."
            )
            return
        if (files := {*self._source.files, *contract.files}) != self._files:
            self._files, self._state = files, state_of(files, read_at)
        self._console.noted("reloaded", f"Reloaded {self._source.contract}")
        for sentence in unserved:
            self._console.noted("unserved", f"  {sentence}")

    def _loaded(self) -> tuple[Contract, Sequence[str]]:
        contract = self._source.load(whole=True)
        lost = self._served.intersection(contract.files) - _there(contract)
        if lost:
            raise ContractError(
                "there is no such file any more, and the contract refers to it",
                place=Place(file=str(min(lost)), line=0),
                remedy="put it back, or remove what refers to it",
            )
        unserved = self._swap(contract)
        self._served = _there(contract)
        return contract, unserved


def _there(contract: Contract) -> frozenset[Path]:
    """The files of a contract that exist; one that has never been there leaves out its part."""
    return frozenset(file for file in contract.files if file.exists())


def folders_of(files: Iterable[Path]) -> frozenset[Path]:
    """The folders that show a change of the files: theirs, and those of what they are links to."""
    found = {folder for file in files for folder in (file.absolute().parent, file.resolve().parent)}
    return frozenset(folder for folder in found if folder.is_dir())


def state_of(files: Iterable[Path], read_at: int | None = None) -> State:
    """What tells two states of the files apart; a file that is missing has one, too.

    A file that changed since `read_at` has a state that it will never have again.
    """
    states = sorted(_state(file) for file in files)
    if read_at is None:
        return tuple(states)
    # A file that is written twice within one tick of its clock, read in between, would look
    # unchanged.
    settled = read_at - _COARSE
    return tuple(state if state[1] < settled else (state[0], 0, -1, 0) for state in states)


def _state(file: Path) -> tuple[Path, int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return (file, 0, 0, 0)
    return (file, found.st_mtime_ns, found.st_size, found.st_ino)
