"""Batches: few runs, and whatever fails in one is told apart."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from conformance.clauses.kinds import ClauseKind
from conformance.client.trials import Attempt, Outcome, TrialResult, Trials
from conformance.client.variation import Variation


def variation(operation: str, name: str) -> Variation:
    """A variation that changes nothing: the attempts of these tests are made up."""
    return Variation(
        operation=operation,
        clause=f"{operation} {name}",
        kind=ClauseKind.VALUES,
        label=name,
        pointer="",
        change=lambda call: call.document(),
    )


def results(outcomes: Sequence[Outcome]) -> dict[str, TrialResult]:
    """The result of each variation by its clause."""
    return {one.variation.clause: one.result for one in outcomes}


OPERATIONS = ["a", "b", "c", "d", "e"]
SHAPES = st.lists(st.integers(0, 5), min_size=1, max_size=5)


@given(SHAPES, st.data())
def test_exactly_what_breaks_is_told(shape: list[int], data: st.DataObject) -> None:
    """Whatever travels together, and however many break the client at once."""
    every = [
        [variation(OPERATIONS[at], str(nth)) for nth in range(size)]
        for at, size in enumerate(shape)
    ]
    names = [one.clause for some in every for one in some]
    wrong = set(data.draw(st.lists(st.sampled_from(names), unique=True))) if names else set()

    def attempt(batch: Sequence[Variation]) -> Attempt:
        assert len({one.operation for one in batch}) == len(batch)
        passed = not any(one.clause in wrong for one in batch)
        return Attempt(passed=passed, asked=frozenset(one.operation for one in batch))

    found = results(Trials(attempt).judge(every))

    assert {name for name, result in found.items() if result is TrialResult.BROKEN} == wrong
    assert {result for name, result in found.items() if name not in wrong} <= {TrialResult.SURVIVED}


def test_variations_of_different_operations_travel_together() -> None:
    """The number of runs is that of the operation with most variations."""
    every = [[variation(name, str(nth)) for nth in range(4)] for name in OPERATIONS]
    batches: list[int] = []

    def attempt(batch: Sequence[Variation]) -> Attempt:
        batches.append(len(batch))
        return Attempt(passed=True, asked=frozenset(OPERATIONS))

    Trials(attempt).judge(every)

    assert batches == [5, 5, 5, 5]


def test_a_failure_that_does_not_come_again_is_no_proof() -> None:
    """The same answers are given twice before a client is accused."""
    results = iter([False, True])
    trials = Trials(lambda batch: Attempt(passed=next(results), said="flaky"))

    (outcome,) = trials.judge([[variation("a", "1")]])

    assert (outcome.result, outcome.said) == (TrialResult.INTERMITTENT, "flaky")


def test_an_answer_that_nobody_asked_for_proves_nothing() -> None:
    """The tests passed, and took another way."""
    trials = Trials(lambda batch: Attempt(passed=True, asked=frozenset({"b"})))

    assert results(trials.judge([[variation("a", "1")], [variation("b", "1")]])) == {
        "a 1": TrialResult.UNASKED,
        "b 1": TrialResult.SURVIVED,
    }


def test_what_there_was_no_time_for_is_untried() -> None:
    """The budget ends the trials; what was found before stays."""
    left = iter([True, False, False])
    trials = Trials(lambda batch: Attempt(passed=True, asked=frozenset({"a"})), lambda: next(left))

    assert results(trials.judge([[variation("a", "1"), variation("a", "2")]])) == {
        "a 1": TrialResult.SURVIVED,
        "a 2": TrialResult.UNTRIED,
    }
