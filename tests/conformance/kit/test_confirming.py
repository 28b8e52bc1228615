"""Whether a deviation shows again: what is asked, and what a failure proves that does not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.cases.case import Case, Expect
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Trouble
from conformance.http.request_drafts import Draft
from conformance.judgement.observation import broken
from conformance.run.sending.confirming import Confirmations
from conformance.run.sending.unconfirmed import Deviation
from tests.conformance.kit.applications import objects
from tests.conformance.kit.running import contract_of, posting, run, verdicts

CONTRACT = posting("/notes", "200", "{type: object, properties: {text: {type: string}}}")
LEAST = Draft(method="POST", path="/notes", media_type="application/json", body={})


def confirmed(folder: Path, first: Answer, again: Sequence[int], *, fuller: bool) -> bool:
    """Whether a deviation counts as shown, where so many answers to replays can be paid for."""
    contract, statuses = contract_of(folder, CONTRACT), [*again]
    draft = LEAST.but(body={"text": "a"}) if fuller else LEAST
    case = Case(
        operation="POST /notes", clauses=("POST /notes accept.other",), family=ClauseKind.WIRE,
        label="Accept: x", request=draft.request(), expect=Expect.ACCEPTED, draft=draft, base=draft,
    )  # fmt: skip

    async def send(_: Case) -> Answer:
        return Answer(status=statuses.pop(0))

    def observe(sent: Case, answer: Answer) -> list[Any]:
        wrong = not answer.success
        return [broken(sent.clause, "x", expected="", got="")] if wrong else []

    sender: Any = SimpleNamespace(
        session=SimpleNamespace(answered=True), control=case, least=LEAST, send=send,
        observe=observe, judge=SimpleNamespace(contract=contract, limit=10),
        budget=SimpleNamespace(affords=lambda _: bool(statuses), is_none=False),
    )  # fmt: skip
    deviation = Deviation(case=case, answer=first, observation=observe(case, first)[0])
    return asyncio.run(Confirmations(sender).replayed(deviation)).shown


@pytest.mark.parametrize(
    ("first", "again", "fuller", "shown"),
    [
        (Answer(status=500), [200], True, False),
        (Answer(status=500), [500], True, True),
        (Answer(status=500), [500, 200], True, False),
        (Answer(status=500), [500, 400], False, False),
        (Answer(status=500), [500, 500], False, True),
        (Answer(status=500), [], False, True),
        (Answer(status=503), [], False, False),
        (Answer(status=400), [200], True, True),
        (Answer(trouble=Trouble.DROPPED), [200], True, False),
    ],
    ids=[
        "less-passes",
        "less-fails",
        "less-fails-once",
        "fails-once",
        "fails",
        "nothing-left",
        "busy",
        "refused",
        "dropped",
    ],
)
def test_a_failure_that_cannot_be_paid_for_again(
    tmp_path: Path, first: Answer, again: list[int], fuller: bool, shown: bool
) -> None:
    """It is taken to show, unless it is of the moment, or the same with less in it has passed.

    What fails only after a certain other request passes right after itself.
    """
    assert confirmed(tmp_path, first, again, fuller=fuller) is shown


FIELDS = ", ".join(f"{name}: {{type: integer}}" for name in "abcde")
SIZES = posting("/boxes", "200 400", f"{{type: object, properties: {{{FIELDS}}}}}")


def test_a_failure_after_a_refusal_blames_no_value(tmp_path: Path) -> None:
    """Whatever follows a refused request fails; three properties take what is no integer."""
    after_refusal, lax = [False], {"c": (bool,), "d": (list, dict), "e": (str,)}

    def answer(body: Any) -> tuple[int, Any]:
        if after_refusal[0]:
            after_refusal[0] = False
            return 500, {}
        kinds = {name: type(body.get(name, 1)) for name in "abcde"}
        wrong = any(kind not in (int, *lax.get(name, ())) for name, kind in kinds.items())
        after_refusal[0] = wrong
        return (400 if wrong else 200), {}

    contract, families = contract_of(tmp_path, SIZES), frozenset({ClauseKind.BODY})
    report = run(contract, objects(answer), families=families)

    told = verdicts(report)
    assert [told[f"body.{name}.type"] for name in "abcde"] == [*["held"] * 2, *["broken"] * 3]
    assert told["status.no-failure"] == "broken"
