"""Several faults in one request: a crowd of fields that nobody checks is shown by few successes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.case import Case, Expect
from conformance.cases.fault_groups import fault_group
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.value_paths import put
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import Draft
from conformance.run.sending.prober import Prober
from spec import Contract
from tests.conformance.kit.applications import Application, Asked, objects
from tests.conformance.kit.running import contract_of, posting, run

OPEN = tuple(f"open{number}" for number in range(16))
CHECKED = tuple(f"checked{number}" for number in range(4))
GOOD = dict.fromkeys((*OPEN, *CHECKED), True)
CONTRACT = posting(
    "/switches", "200 400 415", "{type: object, properties: {FIELDS}}", example="{EXAMPLE}"
)


def contract(tmp_path: Path, names: tuple[str, ...]) -> Contract:
    """Switches of these names, each true or false."""
    fields = ", ".join(f"{name}: {{type: boolean}}" for name in names)
    example = ", ".join(f"{name}: true" for name in names)
    text = CONTRACT.replace("FIELDS", fields).replace("EXAMPLE", example)
    return contract_of(tmp_path, text)


def wrong_in(body: dict[str, Any]) -> list[str]:
    """The switches in a body that are neither true nor false."""
    return [name for name in GOOD if not isinstance(body.get(name, True), bool)]


def refusing(why: Callable[[list[str]], str | None]) -> Application:
    """A server that refuses by the names of the switches that are neither true nor false."""

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        said = why(wrong_in(body))
        return (200, {}) if said is None else (400, {"error": said})

    return objects(answer)


def first_checked(wrong: list[str]) -> str | None:
    """The name of the first one that is checked, as most validators say it."""
    return next((name for name in wrong if name in CHECKED), None)


def silent(wrong: list[str]) -> str | None:
    """A refusal without a reason."""
    return None if first_checked(wrong) is None else "no"


@pytest.mark.parametrize("why", [first_checked, silent])
def test_a_crowd_is_shown_by_few_successes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: Callable[[list[str]], str | None]
) -> None:
    """More fields than may be paid for; the checked ones among them are accused of nothing."""
    together, send = list[Case](), Prober.send

    async def seen(prober: Prober, case: Case) -> Answer:
        together.extend([case] if case.beside else [])
        return await send(prober, case)

    monkeypatch.setattr(Prober, "send", seen)
    families = frozenset({ClauseKind.BODY})
    path = contract(tmp_path, (*OPEN, *CHECKED))
    report = run(path, refusing(why), families=families, max_billable=12)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    assert {name for name in GOOD if told[f"{name}.type"] == "broken"} == set(OPEN)
    assert {told[f"{name}.type"] for name in CHECKED} == {"held"}
    assert report.billable <= 12
    assert together
    for case in together:
        assert case.draft is not None
        assert len(wrong_in(case.draft.body)) == case.beside + 1


def test_a_few_faults_alone_show_that_much_is_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others share the successes that are left: each of these shows many."""
    sent, deliver = list[Case](), Prober.deliver

    async def delivered(prober: Prober, case: Case, request: Request) -> Answer:
        answer = await deliver(prober, case, request)
        sent.extend([case] if answer.success and case.must_be_refused else [])
        return answer

    monkeypatch.setattr(Prober, "deliver", delivered)
    families = frozenset({ClauseKind.BODY})
    names = tuple(f"{which}{number}" for number in range(12) for which in ("checked", "open"))

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        wrong = [one for one in names[::2] if not isinstance(body.get(one, True), bool)]
        return (400, {"error": wrong[0]}) if wrong else (200, {})

    run(contract(tmp_path, names), objects(answer), families=families)

    assert [case.beside > 0 for case in sent].index(True) <= 3


def test_each_refusal_that_names_a_fault_leads_on(tmp_path: Path) -> None:
    """Of twice as many as are tried without a name, each takes one that is checked out."""
    checked = tuple(f"checked{number}" for number in range(20))

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        wrong = [name for name in checked if not isinstance(body.get(name, True), bool)]
        return (400, {"error": wrong[0]}) if wrong else (200, {})

    path, families = contract(tmp_path, (*OPEN, *checked)), frozenset({ClauseKind.BODY})
    report = run(path, objects(answer), families=families, max_billable=12)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    assert [name for name in OPEN if told[f"{name}.type"] != "broken"] == []


def test_faults_that_crash_the_server_hide_no_others(tmp_path: Path) -> None:
    """A failure says nothing of what else is wrong; each one is a finding, and is looked for."""
    crashing = tuple(f"crashing{number}" for number in range(6))
    checked = tuple(f"checked{number}" for number in range(10))
    mixed = tuple(one for pair in zip(crashing, OPEN[10:], strict=True) for one in pair)

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        wrong = {name for name, value in body.items() if not isinstance(value, bool)}
        if wrong & set(crashing):
            return 500, {"error": "internal"}
        return (400, {"error": "no"}) if wrong & set(checked) else (200, {})

    path = contract(tmp_path, (*checked, *OPEN[:10], *mixed))
    families = frozenset({ClauseKind.BODY})
    report = run(path, objects(answer), families=families, max_billable=12)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    assert [name for name in (*OPEN, *crashing) if told[f"{name}.type"] != "broken"] == []


NAMESAKES = posting(
    "/parts",
    "200 400 415",
    """
type: object
properties:
  {PARTS}
""",
    example="{EXAMPLE}",
)


def test_the_last_success_is_not_spent_on_namesakes(tmp_path: Path) -> None:
    """A refusal may be about any of ten faults of one name: nine cost no success each."""
    parts = [f"part{number}" for number in range(10)]
    fields = [
        f"{part}: {{type: object, properties: {{name: {{type: boolean}}}}}}" for part in parts
    ]
    fields += [f"{name}: {{type: boolean}}" for name in OPEN]
    good = {**{part: {"name": True} for part in parts}, **dict.fromkeys(OPEN, True)}
    text = NAMESAKES.replace("{PARTS}", "\n                ".join(fields))

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        objects = all(isinstance(body.get(part, {}), dict) for part in parts)
        last = body.get(parts[-1], {}) if objects else {}
        bad = not isinstance(last.get("name", True), bool)
        return (200, {}) if objects and not bad else (400, {"error": "name"})

    families = frozenset({ClauseKind.BODY})
    text = text.replace("{EXAMPLE}", json.dumps(good))
    report = run(contract_of(tmp_path, text), objects(answer), families=families, max_billable=12)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    unchecked = [*OPEN, *(f"{part}.name" for part in parts[:-1])]
    assert [name for name in unchecked if told[f"{name}.type"] != "broken"] == []


def test_a_place_is_shown_by_itself_where_the_budget_allows_it(tmp_path: Path) -> None:
    """The request of each place has its own fault alone; the others would hide it once mended."""
    families = frozenset({ClauseKind.BODY})
    report = run(contract(tmp_path, OPEN[:9]), refusing(silent), families=families)

    places = [place for one in report.findings for place in one.places]
    assert len({place.clause for place in places}) >= 9
    assert [place.label for place in places if place.trial is None or place.trial.beside] == []


def test_what_is_accepted_beside_others_alone_is_not_accused(tmp_path: Path) -> None:
    """A server that looks no further once two are wrong checks each of them all the same."""

    def hasty(wrong: list[str]) -> str | None:
        checked = [name for name in wrong if name in CHECKED]
        return checked[0] if len(checked) == len(wrong) == 1 else None

    families = frozenset({ClauseKind.BODY})
    path = contract(tmp_path, (*OPEN[:6], *CHECKED))
    report = run(path, refusing(hasty), families=families)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    assert {name for name in GOOD if told.get(f"{name}.type") == "broken"} == set(OPEN[:6])


UNCHECKED = posting(
    "/switches",
    "200 400 415",
    """
type: object
required: [name]
properties:
  name: {type: string}
  choice:
    oneOf:
      - {type: string, enum: [auto]}
      - type: object
        required: [kind, use, more]
        properties:
          kind: {type: string, enum: [one]}
          use: {type: object, required: [name], properties:
            {name: {type: string}}}
          more: {type: object, required: [name], properties:
            {name: {type: string}}}
""",
    example="{name: a, choice: {kind: one, use: {name: a}, more: {name: a}}}",
)


def test_an_object_that_nobody_looks_at_is_shown_by_few_successes(tmp_path: Path) -> None:
    """The alternative has twelve clauses; two faults of it go alone, and the rest together."""
    check = objects(lambda body: (200 if isinstance(body.get("name"), str) else 400, {}))
    families = frozenset({ClauseKind.BODY})
    report = run(contract_of(tmp_path, UNCHECKED), check, families=families, max_billable=12)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    inside = {name for name in told if name.startswith("choice.oneOf[1].")}
    faults = {name for name in inside if name.endswith((".type", ".enum", ".required"))}
    assert len(faults) == 12
    assert {name: told[name] for name in faults if told[name] != "broken"} == {}


def test_nulls_that_are_let_in_everywhere_are_shown_by_few_successes(tmp_path: Path) -> None:
    """A server that drops them refuses other faults of each field: the nulls travel together."""

    def dropping(body: dict[str, Any]) -> tuple[int, Any]:
        wrong = [one for one in wrong_in(body) if body[one] is not None]
        return (400, {"error": wrong[0]}) if wrong else (200, {})

    families = frozenset({ClauseKind.BODY})
    path = contract(tmp_path, OPEN)
    report = run(path, objects(dropping), families=families, max_billable=8)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    assert {name for name in OPEN if told[f"{name}.type"] != "broken"} == set()
    assert report.billable <= 8


ODD = ("accept.other", "media.absent", "media.charset")
"""Clauses of what is odd about the head of a request, and need only be answered."""


@pytest.mark.parametrize("refused", ["", "gzip"])
def test_oddities_of_the_head_travel_together(tmp_path: Path, refused: str) -> None:
    """One success shows all of those that fit in one request; refused so, they are sent apart."""

    def answer(asked: Asked) -> tuple[int, Any]:
        coding = asked.headers.get("content-encoding", "")
        return (415, {}) if refused and refused in coding else (200, {})

    app = Application(answer)
    report = run(contract(tmp_path, OPEN[:1]), app, families=frozenset({ClauseKind.MEDIA_TYPES}))

    told = {one.id.split(" ", 2)[2]: one.verdict.value for one in report.clauses}
    assert {told[name] for name in ODD} == {"held"}
    packed = [one for one in app.asked if one.body.startswith(b"\x1f\x8b")]
    accepts = [one.headers["accept"] for one in packed]
    assert accepts == (["application/x-nothing", "*/*"] if refused else ["application/x-nothing"])


def test_a_share_does_not_end_what_is_refused(tmp_path: Path) -> None:
    """Faults of other kinds at checked places go on where others have used up the share."""
    check = refusing(first_checked)
    families = frozenset({ClauseKind.BODY})
    run(contract(tmp_path, (*CHECKED, *OPEN)), check, families=families, max_billable=6)

    bodies = [asked.json for asked in check.asked if isinstance(asked.json, dict)]
    wrong = {repr(body.get(CHECKED[0], True)) for body in bodies}
    assert wrong >= {"'true'", "0", "1", "None", "[]", "{}"}


HALF_CHECKED = posting(
    "/parts", "200 400 415", "{type: object, properties: {PARTS}}", example="{EXAMPLE}"
)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("first", "second", "third", "fourth"), id="names of their own"),
        pytest.param(("type", "value", "wrong", "integer"), id="words of every refusal"),
    ],
)
def test_what_is_refused_makes_room_before_anything_is_paid(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    """An object that nobody looks at, and numbers of which only the type is: two successes.

    A refusal has words that are names of properties as well: they accuse none of these.
    """
    numbers = [f"count{number}" for number in range(8)]
    bounded = {"type": "integer", "minimum": 0, "maximum": 9}
    words = {name: {"type": "string", "enum": ["a"]} for name in names}
    loose = {"type": "object", "required": list(names), "properties": words}
    parts = {**dict.fromkeys(numbers, bounded), "loose": loose}
    good = {**dict.fromkeys(numbers, 5), "loose": dict.fromkeys(names, "a")}

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        wrong = [name for name in numbers if type(body.get(name, 0)) is not int]
        why = f"wrong type of value for {wrong[0]}: no integer" if wrong else ""
        return (400, {"error": why}) if wrong else (200, {})

    text = HALF_CHECKED.replace("{PARTS}", json.dumps(parts))
    text = text.replace("{EXAMPLE}", json.dumps(good))
    families = frozenset({ClauseKind.BODY})
    report = run(contract_of(tmp_path, text), objects(answer), families=families, max_billable=6)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    bounds = [f"{name}.{bound}" for name in numbers for bound in ("minimum", "maximum")]
    unchecked = [f"loose.{name}.{keyword}" for name in names for keyword in ("required", "enum")]
    assert [name for name in (*bounds, *unchecked) if told[name] != "broken"] == []


TAGS = """
type: object
properties:
  tags: {type: array, items: {type: integer}}
  note: {type: string}
"""


@pytest.mark.parametrize(("index", "together"), [(0, True), (1, True), (2, False)])
def test_a_fault_of_an_item_travels_where_the_list_reaches_it(
    tmp_path: Path, index: int, together: bool
) -> None:
    """Two bodies were accepted: the larger one has a shorter list."""
    made = contract_of(tmp_path, posting("/tags", "200 400", TAGS))
    larger, longer = {"tags": [1], "note": "n" * 50}, {"tags": [1, 2, 3], "note": ""}

    group = fault_group(
        made, [_fault(made, larger, ("note",), 7), _fault(made, longer, ("tags", index), "x")]
    )

    assert (len(group.cases) == 2) is together


def test_a_fault_does_not_travel_where_its_property_is_left_out(tmp_path: Path) -> None:
    """Of two properties that exclude each other, no body that was accepted has both."""
    made = contract_of(tmp_path, posting("/tags", "200 400", TAGS))
    bodies = {"note": "n" * 50}, {"tags": [1]}

    group = fault_group(
        made, [_fault(made, bodies[0], ("note",), 7), _fault(made, bodies[1], ("tags",), "x")]
    )

    assert len(group.cases) == 1


def _fault(made: Contract, body: dict[str, Any], path: tuple[str | int, ...], value: Any) -> Case:
    base = Draft(method="POST", path="/tags", body=body, media_type="application/json")
    return Case(
        operation=made.operations[0].id,
        clauses=(str(path),),
        family=ClauseKind.BODY,
        label=str(path),
        request=base.request(),
        expect=Expect.REFUSED,
        base=base,
        draft=base.but(body=put(body, path, value)),
        slot=("body", *path),
        apply=lambda draft: draft.but(body=put(draft.body, path, value)),
    )


CHOICES = posting(
    "/choices",
    "200 400 415",
    """
type: object
properties:
  {MODES}
  choice:
    oneOf:
      - {type: string}
      - {type: object, required: [kind], properties: {kind: {type: boolean}}}
""",
    example="{}",
)


def test_each_alternative_is_tried_before_further_values_of_a_property(tmp_path: Path) -> None:
    """Of five properties the first value is refused: another one costs a success for each."""
    modes = [f"mode{number}" for number in range(5)]
    fields = "\n                ".join(f"{one}: {{type: string, enum: [x, y]}}" for one in modes)

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        refused = isinstance(body.get("choice"), dict) or "x" in map(body.get, modes)
        return (400, {"error": "no"}) if refused else (200, {})

    families = frozenset({ClauseKind.BODY, ClauseKind.EDGES})
    contract = contract_of(tmp_path, CHOICES.replace("{MODES}", fields))
    report = run(contract, objects(answer), families=families, max_billable=5)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    assert told["choice.oneOf"] == "broken"


PARTS = posting(
    "/parts",
    "200 400 415",
    """
type: object
properties:
  {PARTS}
""",
    example="{}",
)
PART = "{type: object, required: [kind], properties: {kind: {enum: [x, y]}, size: {type: integer}}}"


def test_what_is_refused_with_one_value_is_tried_with_others_at_once(tmp_path: Path) -> None:
    """Five objects are refused as they are first sent; what is in them is tried all the same."""
    parts = [f"part{number}" for number in range(5)]

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        objects = all(isinstance(body.get(one, {}), dict) for one in parts)
        kinds = {body[one].get("kind") for one in parts if one in body} if objects else {"x"}
        return (200, {}) if kinds <= {"y"} else (400, {"error": "no"})

    families = frozenset({ClauseKind.BODY})
    fields = "\n                ".join(f"{one}: {PART}" for one in parts)
    contract = contract_of(tmp_path, PARTS.replace("{PARTS}", fields))
    report = run(contract, objects(answer), families=families, max_billable=10)

    told = {one.id.partition("body.")[2]: one.verdict.value for one in report.clauses}
    assert {told[f"{one}.size.type"] for one in parts} == {"broken"}
