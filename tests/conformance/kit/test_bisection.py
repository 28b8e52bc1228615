"""Good values that travel together: what becomes of each of them where some are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import cast

import pytest

from conformance.cases.body_edits import setter
from conformance.cases.case import Case, Unit
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer
from conformance.http.request_drafts import Draft
from conformance.run.bisection import try_units
from conformance.run.prober import Prober
from tests.conformance.kit.test_schemas import subject

NAMES = "abcdef"


@dataclass(slots=True)
class Sender:
    """A deployment that refuses some values, and a budget for it: `left` successes."""

    refused: frozenset[str]
    left: int
    exclusive: bool = False
    accepted: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    convicted: list[Unit] = field(default_factory=list)
    suspected: list[Unit] = field(default_factory=list)

    @property
    def budget(self) -> Sender:
        """The budget is kept here as well."""
        return self

    def affords(self, case: Case) -> bool:
        """Whether a success may be caused."""
        return self.left > 0

    def skip(self, case: Case) -> None:
        """That it is sent later is told by `ends_early`."""

    def skip_units(self, units: list[Unit]) -> None:
        """That they are sent later is told by `ends_early`."""

    def reach(self, units: list[Unit]) -> None:
        """What was accepted is known from the answers."""

    def ends_early(self, base: Draft, units: list[Unit], family: ClauseKind) -> None:
        """What is sent later."""
        self.later.update(unit.label for unit in units)

    async def failing(self, case: Case) -> tuple[Answer, bool]:
        """Refuse what has one of the refused values in it."""
        if any(unit.label in self.refused for unit in case.units):
            return Answer(status=400), True
        self.left -= 1
        self.accepted.update(unit.label for unit in case.units)
        return Answer(status=200), False

    async def record(self, case: Case, answer: Answer) -> None:
        """Nothing is judged here."""


@pytest.mark.anyio
@pytest.mark.parametrize("left", range(1, 8))
async def test_no_good_value_is_lost(tmp_path: Path, left: int) -> None:
    """Each is seen accepted, or refused by itself, or sent later, wherever the budget ends."""
    properties = ", ".join(f"{name}: {{type: integer}}" for name in NAMES)
    about = subject(tmp_path, f"{{type: object, properties: {{{properties}}}}}")
    units = [
        Unit(
            clause=f"POST /things body.{name}.type",
            label=name,
            slot=("body", name),
            apply=setter({name: 1}, (name,), 1),
        )
        for name in NAMES
    ]

    for refused in (frozenset(some) for n in range(4) for some in combinations(NAMES, n)):
        sender = Sender(refused=refused, left=left)
        await try_units(cast(Prober, sender), about, about.control, units)

        convicted = {unit.label for unit in sender.convicted}
        assert convicted <= refused
        assert set(NAMES) - sender.accepted - convicted - sender.later == set()
