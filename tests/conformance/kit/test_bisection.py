"""Good values that travel together: what becomes of each of them where some are refused."""

from __future__ import annotations

from ast import literal_eval
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import pytest

from conformance.cases.batches import batch, pack
from conformance.cases.body_edits import setter
from conformance.cases.case import Case, Unit
from conformance.cases.operation_under_test import Subject
from conformance.cases.spellings import limit_units
from conformance.cases.syntax_cases import syntax_cases
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer
from conformance.http.request_drafts import Draft
from conformance.run.sending.prober import Prober
from conformance.run.turns.bisection import try_units
from tests.conformance.kit.test_schemas import subject

NAMES = "abcdef"


@dataclass(slots=True)
class Sender:
    """A deployment that refuses some values, and a budget for it: `left` successes.

    It refuses two `apart`, as well, where they travel together, and long texts of more than
    `most` characters in all (413).
    """

    refused: frozenset[str]
    left: int
    apart: frozenset[str] = frozenset("-")
    exclusive: bool = False
    accepted: set[str] = field(default_factory=set)
    bodies: list[set[str]] = field(default_factory=list)
    told: list[Case] = field(default_factory=list)
    later: set[str] = field(default_factory=set)
    convicted: list[Unit] = field(default_factory=list)
    suspected: list[Unit] = field(default_factory=list)
    excluding: list[tuple[Any, Any]] = field(default_factory=list)
    after_bad: Case | None = None
    asked: int = 0
    trials: int = 0
    most: int = 100_000
    room: int | None = None

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

    @property
    def accused(self) -> list[tuple[str, ...]]:
        """What each refusal was told to be about."""
        return [tuple(unit.label for unit in case.units) for case in self.told]

    async def failing(self, case: Case) -> tuple[Answer, bool]:
        """Refuse what has one of the refused values in it."""
        labels, self.trials = {unit.label for unit in case.units}, self.trials + 1
        if labels & self.refused or labels >= self.apart:
            # Before one value is blamed the good request is sent.
            if len(labels) == 1 and self.after_bad is not None:
                self.asked, self.after_bad = self.asked + 1, None
            return Answer(status=400), True
        if sum(unit.size for unit in case.units) > self.most:
            return Answer(status=413), True
        self.after_bad = None
        self.left -= 1
        self.accepted |= labels
        self.bodies.append(labels)
        return Answer(status=200), False

    async def record(self, case: Case, answer: Answer) -> None:
        """What a refusal is told to be about."""
        if not answer.success:
            self.told.append(case)


def values(folder: Path, names: str = NAMES) -> tuple[Subject, list[Unit]]:
    """An operation with some properties, and a good value of each."""
    properties = ", ".join(f"{name}: {{type: integer}}" for name in names)
    about = subject(folder, f"{{type: object, properties: {{{properties}}}}}")
    return about, [
        Unit(
            clause=f"POST /things body.{name}.type",
            label=name,
            slot=("body", name),
            apply=setter({name: 1}, (name,), 1),
        )
        for name in names
    ]


@pytest.mark.anyio
@pytest.mark.parametrize("left", range(1, 8))
async def test_no_good_value_is_lost(tmp_path: Path, left: int) -> None:
    """Each is seen accepted, or refused by itself, or sent later, wherever the budget ends."""
    about, units = values(tmp_path)
    for refused in (frozenset(some) for n in range(4) for some in combinations(NAMES, n)):
        sender = Sender(refused=refused, left=left)
        sender.after_bad = batch(about, about.control, units) if left % 2 else None
        await try_units(cast(Prober, sender), about, about.control, units)

        convicted = {unit.label for unit in sender.convicted}
        assert convicted <= refused
        assert set(NAMES) - sender.accepted - convicted - sender.later == set()


@pytest.mark.anyio
@pytest.mark.parametrize(("refused", "asked"), [("a", 0), ("ab", 0), ("abc", 0), (NAMES, 1)])
async def test_after_bad_requests_the_others_show_what_the_good_one_would(
    tmp_path: Path, refused: str, asked: int
) -> None:
    """It is sent only where none of them is accepted, or too many are refused."""
    about, units = values(tmp_path)
    sender = Sender(refused=frozenset(refused), left=9)
    sender.after_bad = batch(about, about.control, units)
    await try_units(cast(Prober, sender), about, about.control, units)

    assert sender.asked == asked
    assert {unit.label for unit in sender.convicted} == set(refused)
    assert sender.accepted == set(NAMES) - set(refused)


@pytest.mark.anyio
@pytest.mark.parametrize(("known", "trials"), [("", 9), ("c", 7)])
async def test_what_was_refused_before_is_suspected_first(
    tmp_path: Path, known: str, trials: int
) -> None:
    """Few requests find it again, in whichever clause it stands then."""
    about, units = values(tmp_path)
    before = [replace(one, clause="PUT /others") for one in units if one.label == known]
    sender = Sender(refused=frozenset("c"), left=9, convicted=before)
    await try_units(cast(Prober, sender), about, about.control, units)

    assert sender.accused == [("c",)]
    assert sender.trials == trials


@pytest.mark.anyio
@pytest.mark.parametrize("refused", NAMES)
async def test_one_success_clears_all_others(tmp_path: Path, refused: str) -> None:
    """Where one value is refused, the others are sent without it once, whichever it is."""
    about, units = values(tmp_path)
    sender = Sender(refused=frozenset(refused), left=9)
    await try_units(cast(Prober, sender), about, about.control, units)

    assert sender.accused == [(refused,)]
    assert sender.bodies == [set(NAMES) - {refused}]


@pytest.mark.anyio
@pytest.mark.parametrize("refused", ["", "e"])
async def test_of_two_that_exclude_each_other_one_is_left_out(tmp_path: Path, refused: str) -> None:
    """Nothing that is right is accused, and few successes pay."""
    about, units = values(tmp_path)
    sender = Sender(refused=frozenset(refused), left=25, apart=frozenset("ab"))
    tried = await try_units(cast(Prober, sender), about, about.control, units)

    assert {unit.label for unit in tried.refused} == set(refused)
    assert len(tried.left_out) == 1
    assert {one for one in sender.accused if one != tuple(refused)} == {("a", "b")}
    assert sender.accepted == set(NAMES) - set(refused)
    assert len(sender.bodies) <= 5

    sender.bodies.clear()
    again = await try_units(cast(Prober, sender), about, about.control, units)
    assert again.refused == tried.refused
    assert len(sender.bodies) <= 4


@pytest.mark.anyio
@pytest.mark.parametrize("apart", ["af", "be", "cd", "bdf"])
async def test_what_stood_beside_values_that_exclude_each_other_is_not_blamed(
    tmp_path: Path, apart: str
) -> None:
    """Only those are named without which the request is accepted, wherever they stand."""
    about, units = values(tmp_path)
    sender = Sender(refused=frozenset(), left=25, apart=frozenset(apart))
    await try_units(cast(Prober, sender), about, about.control, units)

    assert [set(one) for one in sender.accused] == [set(apart)]


@pytest.mark.anyio
async def test_values_that_were_not_told_apart_are_all_named(tmp_path: Path) -> None:
    """Where the budget ends none of them is said to be the cause."""
    about, units = values(tmp_path)
    sender = Sender(refused=frozenset(), left=2, apart=frozenset("bdf"))
    await try_units(cast(Prober, sender), about, about.control, units)

    assert [(len(one.units) > len("bdf"), one.apart) for one in sender.told] == [(True, False)]


@pytest.mark.anyio
async def test_the_length_that_is_accepted_is_asked_for_last(tmp_path: Path) -> None:
    """It costs a success, of which the refusal of another value has no need."""
    about, units = values(tmp_path)
    short = replace(units[0], label="short", size=1)
    units[0] = replace(units[0], size=2, smaller=(short,))
    sender = Sender(refused=frozenset("ac"), left=1)

    await try_units(cast(Prober, sender), about, about.minimal, units)

    assert sorted(sender.accused) == [("a",), ("c",)]
    assert sender.accepted == set("bdef")


def test_what_is_tried_of_one_text_travels_in_one_request(tmp_path: Path) -> None:
    """NUL and a lone surrogate in a declared text are not left for a second, paid request."""
    about = subject(tmp_path, "{type: object, required: [t], properties: {t: {type: string}}}")
    first = pack(list(limit_units(about)))[0]
    draft = batch(about, about.control, first).draft

    assert draft is not None
    assert str(draft.body["t"]).endswith("\x00\ud800")


def test_what_is_no_json_says_what_the_good_body_says(tmp_path: Path) -> None:
    """A reader of single quotes finds a good value, and accepts it."""
    about = subject(tmp_path, "{type: object, required: [t], properties: {t: {type: string}}}")
    bodies = {one.label: one.request.body or b"" for one in syntax_cases(about)}

    assert literal_eval(bodies["single quotes"].decode()) == about.control.body


@pytest.mark.anyio
async def test_where_successes_cost_more_suspects_are_tried_than_left_out(tmp_path: Path) -> None:
    """A trial that is refused is free, and one that is accepted costs a success."""
    names = NAMES + "ghijklmnop"
    about, units = values(tmp_path, names)
    spent = 0
    for refused in names:
        sender = Sender(refused=frozenset(refused), left=25)
        await try_units(cast(Prober, sender), about, about.control, units)
        assert [one.label for one in sender.convicted] == [refused]
        spent += 25 - sender.left

    # Each pays one for all the others in the end; by halves there would be 47.
    assert spent <= 40


@pytest.mark.anyio
async def test_how_much_a_request_has_room_for_is_found_once(tmp_path: Path) -> None:
    """A refusal for the size (413) is about no property: the other long texts are shortened."""
    about, units = values(tmp_path)

    def long(unit: Unit, size: int) -> Unit:
        return replace(unit, label=f"{unit.label}: {size}", size=size)

    texts = [
        replace(long(one, 10_001), smaller=tuple(long(one, size) for size in (4_001, 501)))
        for one in units
    ]
    sender = Sender(refused=frozenset(), left=25, most=5_000)
    await try_units(cast(Prober, sender), about, about.control, texts)

    assert [one.label for one in sender.convicted] == ["a: 10001"]
    assert sender.bodies == [{"a: 4001"}, {f"{name}: 501" for name in NAMES[1:]}]
