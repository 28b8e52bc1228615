"""`--scenarios FILE`: scenarios that wait from the start, and again whenever the file changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mock_server.command.reload import State, state_of
from mock_server.model.state_store import StateLostError
from spec import ContractError, SpecError
from spec.reading.document_text import read_file
from spec.reading.nodes import Node
from spec.reading.regular_files import bytes_of

if TYPE_CHECKING:
    from mock_server.http.application import MockApp
    from mock_server.model.scenarios import Scenario

__all__ = ["GROUP", "ScenarioFile"]

GROUP = "file"
"""What the scenarios of a file are called together."""

_LOOK = 0.5
"""Seconds between two looks at the file."""


class ScenarioFile:
    """Scenarios of a YAML or JSON file: a list of them, alone or under `scenarios`.

    Args:
        file: what to read; YAML is read with the semantics of 1.2.
        app: the mock that plays them.
    """

    def __init__(self, file: Path, app: MockApp) -> None:
        self._file, self._app = file, app
        self._state: State = state_of([file])

    def read(self) -> tuple[tuple[Scenario, ...], tuple[str, ...]]:
        """The file's scenarios, and a sentence for each answer that is not documented.

        Raises:
            spec.SpecError: the file cannot be read, or something in it is no scenario.
        """
        from mock_server.admin.scenario_schema import ScenarioError

        if _is_blank(self._file):
            return (), ()
        listed = _listed(read_file(self._file))
        try:
            made = self._app.scenarios_of([one.plain() for one in listed])
        except ScenarioError as error:
            pointer, what = error.problems[0]
            number, _, rest = pointer.removeprefix("/").partition("/")
            place = listed[int(number)].place_of(rest.split("/") if rest else [])
            raise ContractError(f"{rest or 'the scenario'}: {what}", place=place) from None
        notes = tuple(
            f"{node.place_of(['answers', str(number)])}: {sentence}"
            for node, (_, counted) in zip(listed, made, strict=True)
            for sentence, number in counted.items()
        )
        return tuple(scenario for scenario, _ in made), notes

    async def put(self) -> tuple[str, ...]:
        """Let the file's scenarios wait in place of those that it had before; returns the notes.

        Raises:
            spec.SpecError: as `read`; those that it had before go on waiting.
            StateLostError: what is shared with other processes cannot be reached.
        """
        # Read whole before anything is replaced: a slip in the file takes none of the old ones
        # away.
        scenarios, notes = self.read()
        await self._app.exchange(GROUP, scenarios)
        return notes

    async def watch(
        self, reloaded: Callable[[tuple[str, ...]], None], failed: Callable[[str], None]
    ) -> None:
        """Read the file again whenever it changes, until cancelled."""
        doubted: State | None = None
        while True:
            await asyncio.sleep(_LOOK)
            if (state := state_of([self._file])) == self._state:
                continue
            if state != doubted and _is_blank(self._file):
                doubted = state  # an editor may be about to write it
                continue
            self._state = state
            try:
                reloaded(await self.put())
            except StateLostError:
                self._state = ()  # it is put when what is shared is there again
            except SpecError as problem:
                failed(f"{problem}\nThe earlier scenarios stay active.")


def _is_blank(file: Path) -> bool:
    """Whether a file has nothing but comments: no scenario is meant."""
    try:
        lines = bytes_of(file).splitlines()
    except OSError:
        return False
    return all(not line.strip() or line.lstrip().startswith(b"#") for line in lines)


def _listed(root: Node) -> list[Node]:
    if isinstance(root.value, dict) and "scenarios" in root.value:
        root = root.value["scenarios"]
    if not isinstance(root.value, list):
        raise ContractError(
            "a scenario file must be a list of scenarios",
            place=root.place,
            remedy="write '- operation: …' and 'answers: […]' below",
        )
    return root.value
