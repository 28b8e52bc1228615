"""`--scenarios FILE`: scenarios that wait from the start, and again whenever the file changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mock_server.command.reload import state_of
from spec import ContractError, SpecError
from spec.reading.documents import read_file
from spec.reading.nodes import Node

if TYPE_CHECKING:
    from mock_server.http.application import MockApp

__all__ = ["ScenarioFile"]

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
        self._ids: tuple[str, ...] = ()
        self._state = state_of([file])

    def load(self) -> tuple[str, ...]:
        """Let the file's scenarios wait in place of those that it had before.

        Returns a sentence for each answer that the contract does not document.

        Raises:
            spec.SpecError: the file cannot be read, or something in it is no scenario; those
                that it had before go on waiting.
        """
        from mock_server.admin.scenario_documents import ScenarioError

        root = read_file(self._file)
        listed = _listed(root)
        try:
            made = self._app.scenarios_of([one.plain() for one in listed])
        except ScenarioError as error:
            pointer, what = error.problems[0]
            number, _, rest = pointer.removeprefix("/").partition("/")
            place = listed[int(number)].place_of(rest.split("/") if rest else [])
            raise ContractError(f"{rest or 'the scenario'}: {what}", place=place) from None
        for id_ in self._ids:
            self._app.scenarios.remove(id_)
        self._ids = tuple(self._app.scenarios.add(scenario) for scenario, _ in made)
        return tuple(sentence for _, sentences in made for sentence in sentences)

    async def watch(
        self, told: Callable[[tuple[str, ...]], None], failed: Callable[[str], None]
    ) -> None:
        """Read the file again whenever it changes, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK)
            if (state := state_of([self._file])) == self._state:
                continue
            self._state = state
            try:
                told(self.load())
            except SpecError as problem:
                failed(f"{problem}\nThe scenarios that it had before go on waiting.")


def _listed(root: Node) -> list[Node]:
    if isinstance(root.value, dict) and "scenarios" in root.value:
        root = root.value["scenarios"]
    if not isinstance(root.value, list):
        raise ContractError(
            "a file of scenarios is a list of them",
            place=root.place,
            remedy="write '- operation: …' and 'answers: […]' below",
        )
    return root.value
