"""The budget buys what proves most: many open places, at the default number of successes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.case import Case, Expect, Unit, conflict
from conformance.cases.edge_values import Strength
from conformance.cases.edges import edge_units
from conformance.cases.keyword_faults import changes
from conformance.cases.operation_under_test import Subject
from conformance.clauses.clause import Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.clauses.schema_nodes import nodes
from conformance.http.credentials import Credentials
from conformance.http.exchange import Answer, Request
from conformance.http.request_drafts import Draft
from conformance.run.sending.prober import Prober
from conformance.run.sending.suspicion import is_namesake, likeliest_first, named_in
from conformance.run.session.open_places import OpenPlaces
from conformance.run.turns import acceptances
from conformance.run.turns.bisection import Tried, try_units
from conformance.run.turns.turn import OperationTurn
from spec.model.contract_model import Schema
from tests.conformance.backend.behaviour import parse
from tests.conformance.backend.messages import Refusal
from tests.conformance.backend.shapes import Number, Record, Text
from tests.conformance.kit.applications import Application, Asked, Message, objects
from tests.conformance.kit.running import contract_of, posting, run
from tests.conformance.services import TOKEN

pytestmark = pytest.mark.slow

FIELDS = {
    "name": "{type: string}",
    "count": "{type: integer, maximum: 12}",
    "code": "{type: string, pattern: '^[A-Z]{2}$'}",
    "kind": "{type: string, enum: [oak, ash]}",
    "state": "{type: string, maxLength: 5}",
}
BODY: dict[str, Any] = {"name": "a", "count": 4, "code": "AB", "kind": "oak", "state": "new"}
PROPERTIES = ", ".join(f"{name}: {schema}" for name, schema in FIELDS.items())
CONTRACT = f"""
paths:
  /shelves:
    post:
      x-conformance: {{writes: false}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, count, place]
              properties:
                {{{PROPERTIES}, place: {{type: object, required: [room], properties:
                  {{room: {{type: string}}, floor: {{type: integer}}}}}}}}
            example: {{name: a, count: 4, code: AB, kind: oak, state: new,
              place: {{room: hall, floor: 1}}}}
      responses:
        '200': {{description: ok}}
        '400': {{description: no}}
        '415': {{description: no}}
"""


def bodies(
    check: Callable[[dict[str, Any]], int],
    required: frozenset[str] = frozenset({"name", "count", "place"}),
) -> Application:
    """A server that is right but for what it makes of a body that is an object."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.method != "POST" or asked.path != "/shelves":
            return 405, None
        kind = asked.headers.get("content-type", "").lower().replace('"', "").replace(" ", "")
        utf_8 = kind in ("application/json", "application/json;charset=utf-8")
        if not utf_8 or asked.headers.get("content-encoding", "identity") != "identity":
            return 415, None
        try:
            body = parse(asked.body)
        except Refusal:
            return 400, None
        whole = isinstance(body, dict) and required <= body.keys()
        return (check(body) if whole and isinstance(body["place"], dict) else 400), {}

    return Application(answer)


def accepts_everything(body: dict[str, Any]) -> int:
    """What is required is there, and nobody looks at it."""
    return 200


SHAPE = Record(
    required=("name", "count", "place"),
    fields={
        "name": Text(),
        "count": Number(whole=True, most=12),
        "kind": Text(members=("oak", "ash")),
        "state": Text(longest=5),
        "place": Record(required=("room",), fields={"room": Text(), "floor": Number(whole=True)}),
    },
)


def three_faults(body: dict[str, Any]) -> int:
    """`code` is not looked at, `ash` is refused, and an empty `state` crashes."""
    if any(SHAPE.problems(body)) or body.get("kind") == "ash":
        return 400
    return 500 if body.get("state") == "" else 200


def broken_in(tmp_path: Path, application: Application) -> set[str]:
    """The clauses of the places, and that no more was spent than the default."""
    report = run(contract_of(tmp_path, CONTRACT), application)

    assert report.billable <= 25
    return {place.clause.split(" ", 2)[-1] for one in report.findings for place in one.places}


def test_open_places_do_not_hide_each_other(tmp_path: Path) -> None:
    """Six properties are not checked: each has a place, at the default number of successes."""
    broken = broken_in(tmp_path, bodies(accepts_everything))

    places = {clause.rpartition(".")[0] for clause in broken}
    assert {f"body.{name}" for name in (*FIELDS, "place.room")} - places == set()


def test_ignored_field_refused_value_and_crash_are_all_found(tmp_path: Path) -> None:
    """None of the three eats the successes that another needs."""
    broken = broken_in(tmp_path, bodies(three_faults))

    assert {"body.code.pattern", "body.code.type", "body.kind.enum", "body.state.empty"} <= broken


def test_a_failure_is_told_beside_the_refusal_of_a_milder_value(tmp_path: Path) -> None:
    """No unknown property is let in, and one of them makes the server fail."""

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        if "__proto__" in body:
            return 500, {}
        return (200 if set(body) <= {"name"} else 400), {}

    schema = "{type: object, properties: {name: {type: string}}}"
    contract = contract_of(tmp_path, posting("/things", "200 400", schema))
    report = run(contract, objects(answer), families=frozenset({ClauseKind.EDGES}))

    codes = {one.code for one in report.findings if one.places[0].clause.endswith("body.unknown")}
    assert codes == {"server-error", "refused-valid"}


def test_a_fraction_is_another_kind_of_fault_than_a_text(tmp_path: Path) -> None:
    """Properties that nobody looks at cost many successes; an integer refuses a text alone."""
    crowd = {f"open{n}": "{type: string}" for n in range(7)}
    properties = ", ".join(f"{name}: {one}" for name, one in crowd.items())
    contract = CONTRACT.replace(PROPERTIES, f"{properties}, last: {{type: integer}}")
    contract = contract.replace("required: [name, count, place]", "required: [place]")
    values = ", ".join(f"{name}: x" for name in crowd)
    contract = contract.replace("name: a, count: 4, code: AB, kind: oak, state: new", values)

    def answer(body: dict[str, Any]) -> int:
        value = body.get("last", 1)
        return 400 if value is None or isinstance(value, (str, bool, list, dict)) else 200

    report = run(contract_of(tmp_path, contract), bodies(answer, frozenset({"place"})))

    broken = {place.clause.split(" ", 2)[-1] for one in report.findings for place in one.places}
    assert "body.last.type" in broken


def test_one_open_field_is_paid_once_before_the_others_had_their_turn(tmp_path: Path) -> None:
    """Of an open place one fault is accepted, and its other faults wait for the end."""
    application = bodies(accepts_everything)

    run(contract_of(tmp_path, CONTRACT), application)

    wrong = Counter[str]()
    for asked in application.asked:
        body = asked.json if isinstance(asked.json, dict) else {}
        differing = [name for name, value in BODY.items() if name in body and body[name] != value]
        if len(differing) == 1 and differing[0] == "name" and not isinstance(body["name"], str):
            wrong["name"] += 1
    assert wrong["name"] <= 2


def test_no_request_has_two_values_for_one_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What travels together is told apart by its places: of two in one, the later one hides one."""
    sent, send = list[Case](), Prober.send

    async def seen(prober: Prober, case: Case) -> Answer:
        sent.append(case)
        return await send(prober, case)

    monkeypatch.setattr(Prober, "send", seen)
    run(contract_of(tmp_path, CONTRACT), bodies(lambda body: 200))

    pairs = [pair for case in sent for pair in combinations(case.units, 2)]
    assert pairs
    assert not [(a.label, b.label) for a, b in pairs if conflict(a.slot, b.slot)]


def test_each_kind_of_fault_is_tried_however_much_others_have_spent(tmp_path: Path) -> None:
    """Doors that stand open cost a part of the budget; the one fault in a body is still seen."""
    contract = contract_of(tmp_path, OPEN)

    def answer(asked: Asked) -> tuple[int, Any]:
        if "json" not in asked.headers.get("content-type", "").lower():
            return 415, None
        token = asked.headers.get("authorization", "").partition(" ")[2]
        if token != TOKEN and token.count(".") != 2:
            return 401, None
        body = asked.json
        good = isinstance(body, dict) and isinstance(body.get("name"), str)
        good = good and isinstance(body.get("on", True), bool)
        return (204 if good else 400), None

    report = run(contract, Application(answer), TOKEN, allow_writes=True, max_billable=12)

    assert "PUT /lamps/{id} body.name.minLength" in {
        place.clause for one in report.findings for place in one.places
    }


OPEN = """
components: {securitySchemes: {it: {type: http, scheme: bearer}}}
security: [{it: []}]
paths:
  /lamps/{id}:
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string, minLength: 1}, on: {type: boolean}}
      responses:
        '204': {description: ok}
        '400': {description: no}
        '401': {description: who}
        '415': {description: type}
"""


BOUNDS = posting(
    "/shelves",
    "200 400 415",
    """
type: object
required: [name, count]
properties:
  name: {type: string, minLength: 2, maxLength: 5}
  count: {type: integer, minimum: 1, maximum: 12}
  kind: {type: string, enum: [oak, ash]}
""",
    example="{name: abc, count: 4}",
)
BOUND = Record(
    required=("name", "count"),
    fields={
        "name": Text(longest=5),
        "count": Number(whole=True, least=1, most=12),
        "kind": Text(members=("oak", "ash")),
    },
)


def within_bounds(body: dict[str, Any]) -> int:
    """All that the contract allows, and nothing else."""
    short = isinstance(body.get("name"), str) and len(body["name"]) < 2
    return 400 if short or any(BOUND.problems(body)) else 200


@pytest.mark.parametrize("billable", [3, 6, 25])
def test_bound_is_held_only_where_its_legal_edge_was_sent(tmp_path: Path, billable: int) -> None:
    """What lies beyond it was refused: so it is by a limit that is stricter than the contract's."""
    application = answering(within_bounds)
    report = run(contract_of(tmp_path, BOUNDS), application, max_billable=billable, max_examples=0)

    bodies = [asked.json for asked in application.asked if isinstance(asked.json, dict)]
    sent = [body for body in bodies if within_bounds(body) == 200]
    reached = {
        "name.minLength": any(len(str(body.get("name"))) == 2 for body in sent),
        "name.maxLength": any(len(str(body.get("name"))) == 5 for body in sent),
        "count.minimum": any(body.get("count") == 1 for body in sent),
        "count.maximum": any(body.get("count") == 12 for body in sent),
        "kind.enum": {"oak", "ash"} <= {body.get("kind") for body in sent},
    }
    told = {clause.id.rpartition("body.")[2]: clause for clause in report.clauses}
    assert {name: told[name].verdict.value == "held" for name in reached} == reached
    assert sum(reached.values()) >= {3: 0, 6: 2, 25: 5}[billable]
    unsent = {name: told[name] for name, seen in reached.items() if not seen}
    assert all(
        f"`{name.partition('.')[0]}`" in clause.unsent or not clause.cases
        for name, clause in unsent.items()
    )
    spent = f"budget: --max-billable {billable} was used up"
    assert all(spent in clause.why for clause in unsent.values())


@pytest.mark.parametrize("billable", [3, 7, 12])
def test_what_is_told_as_missing_was_never_sent(
    tmp_path: Path, billable: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault waits for its share more than once; what is named at the end is still waiting."""
    sent, deliver = set[tuple[str, str]](), Prober.deliver

    async def delivered(self: Prober, case: Case, request: Request) -> Answer:
        sent.update((clause, case.label) for clause in case.clauses)
        return await deliver(self, case, request)

    monkeypatch.setattr(Prober, "deliver", delivered)
    contract = contract_of(tmp_path, BOUNDS)
    report = run(contract, answering(half_checked), max_billable=billable, max_examples=0)

    missing = {(one.id, one.unsent) for one in report.clauses if one.unsent}
    assert missing
    assert missing.isdisjoint(sent)


def half_checked(body: dict[str, Any]) -> int:
    """Of each property some faults are refused, and some are accepted."""
    name, count = body.get("name"), body.get("count")
    wrong = isinstance(name, int) or (isinstance(name, str) and len(name) < 2) or name is None
    return 400 if wrong or isinstance(count, str | dict) else 200


def test_what_a_small_budget_holds_a_larger_one_does_not_break(tmp_path: Path) -> None:
    contract = contract_of(tmp_path, BOUNDS)
    runs = {
        billable: run(contract, answering(half_checked), max_billable=billable, max_examples=0)
        for billable in (5, 16, 60)
    }
    verdicts = {
        billable: {clause.id: clause.verdict.value for clause in report.clauses}
        for billable, report in runs.items()
    }
    broken = {name for name, verdict in verdicts[60].items() if verdict == "broken"}
    assert len(broken) > 5
    for billable in (5, 16):
        assert not [name for name in broken if verdicts[billable][name] == "held"]
    why = " ".join(clause.why for clause in runs[5].clauses if clause.verdict.value != "held")
    assert "forbidden values were refused, but a forbidden one was not sent; budget" in why


def answering(check: Callable[[dict[str, Any]], int]) -> Application:
    """A server that is right but for the status that it gives a body that is an object."""
    return objects(lambda body: (check(body), {}))


def unit(local: str, *slot: str, size: int = 0) -> Unit:
    """A good value of one clause; what is long is nothing that a keyword names."""
    strength = Strength.FREE if size else Strength.NAMED
    clause = f"POST /shelves {local}"
    return Unit(clause=clause, label="", slot=slot, apply=lambda d: d, size=size, strength=strength)


KIND = unit("body.kind.enum", "body", "kind")
COUNT = unit("body.place.count.minimum", "body", "place", "count")
LONG = unit("body.name.long", "body", "name", size=65_537)
ACCEPT = unit("accept.range", "spelling", "accept")
TYPED = unit("media.spelling", "spelling", "charset")
SCHEME = unit("security.scheme-case", "credential")


@pytest.mark.parametrize(
    ("status", "body", "first"),
    [
        pytest.param(400, b"", LONG, id="what no keyword names"),
        pytest.param(400, b'{"path": ["place", "count"]}', COUNT, id="what the answer names"),
        pytest.param(400, b"place.count: too small", COUNT, id="in words"),
        pytest.param(401, b"", SCHEME, id="401"),
        pytest.param(406, b"no such count", ACCEPT, id="406 whatever the answer names"),
        pytest.param(413, b"", LONG, id="413"),
        pytest.param(415, b"", TYPED, id="415"),
    ],
)
def test_refusal_is_tried_first_on_what_it_is_probably_about(
    status: int, body: bytes, first: Unit
) -> None:
    """A trial that is refused is free, so that the likeliest values come first."""
    answer = Answer(status=status, body=body)

    order = likeliest_first([KIND, COUNT, LONG, ACCEPT, TYPED, SCHEME], answer)

    assert order[0] is first


NAMES = "abcdefghijklmn"
CHOOSING = """
paths:
  /shelves:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, count, place]
              properties:
                name: {type: string}
                count: {type: integer}
                place: {type: object}
                {NAMED}
                choice:
                  oneOf:
                    - {type: string, enum: [auto, none]}
                    - type: object
                      required: [type, use]
                      properties:
                        type: {type: string, enum: [one]}
                        use: {type: object, required: [name], properties:
                          {name: {type: string}}}
            example: {name: a, count: 4, place: {}}
      responses: {'200': {description: ok}, '400': {description: no},
        '415': {description: no}}
""".replace("{NAMED}", "\n                ".join(f"{n}: {{type: boolean}}" for n in NAMES))


def test_what_nothing_looks_at_leaves_the_budget_to_the_rest(tmp_path: Path) -> None:
    """One open choice has many clauses; good values and callers at once still get their share."""

    def check(body: dict[str, Any]) -> int:
        typed = isinstance(body["name"], str) and type(body["count"]) is int
        known = all(isinstance(body.get(name, True), bool) for name in NAMES[:2])
        return 200 if typed and known else 400

    report = run(contract_of(tmp_path, CHOOSING), bodies(check), max_examples=0)

    seen = {clause.id.split(" ", 2)[2]: clause.verdict.value for clause in report.clauses}
    assert {name for name in NAMES if seen[f"body.{name}.type"] == "broken"} <= set(NAMES[2:])
    kept = ("body.unknown", "steady.concurrent")
    assert [one for one in kept if seen[one] != "held"] == []


def test_of_what_a_share_did_not_reach_the_largest_batch_is_sent_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One success may clear all of it."""
    left, finish = list[list[int]](), acceptances._finish

    def unfinished(turn: OperationTurn) -> list[int]:
        turn.prober.unfinished.sort(key=lambda one: len(one[1]))
        return [len(units) for _, units, _ in turn.prober.unfinished]

    async def seen(turn: OperationTurn, subject: Subject, others: Iterable[Unit] = ()) -> None:
        left.append(unfinished(turn))
        with turn.prober.budget.within(1):
            await finish(turn, subject, others)
        left.append(unfinished(turn))

    monkeypatch.setattr(acceptances, "_finish", seen)
    monkeypatch.setattr(acceptances, "LATE", 9)
    path, families = contract_of(tmp_path, CHOOSING), frozenset(ClauseKind) - {ClauseKind.SYNTAX}
    run(path, bodies(named), max_examples=0, max_billable=20, families=families)

    before, after = left[:2]
    assert before[0] < before[-1]
    assert after == before[: len(after)]
    assert 0 < len(after) < len(before)


def test_what_is_named_may_have_what_is_kept_for_what_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values that the contract names come first, where only few successes are left."""
    left = list[int]()

    async def spent(turn: OperationTurn, _: Subject) -> None:
        budget = turn.prober.budget
        kept = turn.share(acceptances.CALLERS + acceptances.FREE)
        turn.prober.session.billable[turn.operation.id] = budget.most - kept

    async def seen(turn: OperationTurn, *_: object) -> None:
        left.append(turn.prober.budget.left)

    monkeypatch.setattr(acceptances, "_told_apart", spent)
    monkeypatch.setattr(acceptances, "_finish", seen)
    families = frozenset({ClauseKind.EDGES})
    run(contract_of(tmp_path, CONTRACT), bodies(named), max_examples=0, families=families)

    assert left[0] == acceptances.FREE


def named(body: dict[str, Any]) -> int:
    """What has a name is good, but for one member of an enum."""
    return 400 if body["name"] == "" or body.get("kind") == "ash" else 200


def test_values_that_failed_together_are_told_apart_before_other_spellings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of them it is shows a fault; another spelling is mostly accepted, and costs."""
    sent = list[Unit]()

    async def untold(turn: OperationTurn, subject: Subject, *_: object) -> list[Unit]:
        failed = [one for one in edge_units(subject) if one.slot == ("body", "name")][:2]
        turn.prober.suspected += failed
        turn.prober.ends_early(subject.control, failed, ClauseKind.EDGES)
        return []

    async def seen(
        prober: Prober,
        subject: Subject,
        base: Draft,
        units: list[Unit],
        family: ClauseKind = ClauseKind.EDGES,
    ) -> Tried:
        sent.extend(units)
        return await try_units(prober, subject, base, units, family)

    monkeypatch.setattr(acceptances, "_values", untold)
    monkeypatch.setattr(acceptances, "try_units", seen)
    families = frozenset({ClauseKind.EDGES, ClauseKind.MEDIA_TYPES})
    run(contract_of(tmp_path, CONTRACT), bodies(named), max_examples=0, families=families)

    kinds = list(dict.fromkeys(unit.slot[0] for unit in sent))
    assert kinds == ["body", "spelling"]


def test_an_empty_list_is_tried_although_many_places_are_open(tmp_path: Path) -> None:
    """What a required list may be in the end: many servers look at its first member."""
    text = CHOOSING.replace(
        "required: [name, count, place]", "required: [name, count, place, rows]"
    )
    text = text.replace("place: {}}", "place: {}, rows: [{id: a}]}")
    rows = "rows: {type: array, items: {type: object, properties: {id: {type: string}}}}"
    text = text.replace("choice:", f"{rows}\n                choice:", 1)

    report = run(
        contract_of(tmp_path, text),
        bodies(lambda body: 500 if body.get("rows") == [] else 200 if body.get("rows") else 400),
        max_examples=0,
    )

    failing = [one for one in report.findings if one.code == "server-error"]
    assert [one.places[0].clause for one in failing] == ["POST /shelves body.rows.type"]


@pytest.mark.parametrize("partly", [True, False])
def test_what_a_converting_reader_takes_shows_not_that_nothing_is_looked_at(
    *, partly: bool
) -> None:
    """A fraction for an integer, or a number as text, may still be compared with a minimum."""

    def fault(keyword: str, *, partly: bool = False) -> Case:
        return Case(
            operation="POST /shelves",
            clauses=(f"POST /shelves body.count.{keyword}",),
            family=ClauseKind.BODY,
            label=keyword,
            request=Request(method="POST", target="/shelves"),
            expect=Expect.REFUSED,
            partly=partly,
        )

    places = OpenPlaces()
    places.note(fault("type", partly=partly), accepted=True)

    assert places.is_open(fault("minimum"))
    assert places.is_unlooked(fault("minimum")) is not partly


def inner(name: str, keyword: str = "type", fault: str = "") -> Case:
    """A fault of a property of the object `whole`."""
    return Case(
        operation="POST /shelves",
        clauses=(f"POST /shelves body.whole.{name}.{keyword}",),
        family=ClauseKind.BODY,
        label=name,
        request=Request(method="POST", target="/shelves"),
        expect=Expect.REFUSED,
        slot=("body", "whole", name),
        fault=fault,
    )


def test_of_an_object_of_which_nothing_is_checked_two_faults_are_paid_for() -> None:
    """The others are expected to be accepted as well: they travel together."""
    places = OpenPlaces()
    assert places.may_join(inner("b"), [inner("a")])
    assert not places.may_join(inner("c"), [inner("a"), inner("b")])
    assert not places.is_unlooked(inner("c"))

    for name in ("a", "b"):
        places.note(inner(name), accepted=True)

    assert places.is_unlooked(inner("c"))


def test_an_object_of_which_most_is_checked_is_looked_at() -> None:
    """What was refused of it says what becomes of the rest, and they are sent at once."""
    places = OpenPlaces()
    for name in ("a", "b", "c"):
        places.note(inner(name), accepted=name == "a")

    assert not places.is_unlooked(inner("d"))
    assert places.may_join(inner("d"), [inner("e"), inner("f"), inner("g")])


def test_what_takes_a_list_for_a_body_may_read_a_text_otherwise() -> None:
    """Of what is no object two kinds are tried before the others wait."""
    places = OpenPlaces()
    body = replace(inner("whole"), clauses=("POST /shelves body.type",), slot=("body",))
    places.note(body, accepted=True)

    assert not places.expects_success(body)

    places.note(body, accepted=True)

    assert places.expects_success(body)


def test_a_member_of_which_nothing_is_checked_says_nothing_of_the_others() -> None:
    """However much of it was accepted, it is one member of the object around it."""
    places = OpenPlaces()
    for name in ("a", "b", "c"):
        inside = replace(inner(f"open.{name}"), slot=("body", "whole", "open", name))
        places.note(inside, accepted=True)

    assert places.is_unlooked(replace(inner("open.d"), slot=("body", "whole", "open", "d")))
    assert not places.is_unlooked(inner("e"))


def test_a_refusal_names_the_property_that_a_fault_leaves_out() -> None:
    """The fault stands in the object that lacks it; its type is another fault of that name."""
    without = replace(inner("size", "required"), slot=("body", "whole"))
    refusal = Answer(status=400, body=b"size is required")

    assert named_in(refusal, [without, inner("a")]) == [without]
    assert is_namesake(without, inner("size"))
    assert not is_namesake(without, inner("a"))


def test_a_refusal_names_a_fault_by_its_path_or_by_what_is_around_it() -> None:
    """Of two faults of one name the path tells which; of alternatives none is said to fit."""
    own = replace(inner("name"), slot=("body", "whole", "name"))
    others = replace(inner("name"), slot=("body", "parts", 0, "name"))
    part = replace(inner("size"), slot=("body", "parts", 0, "size"))

    def named(said: str) -> list[Case]:
        return named_in(Answer(status=400, body=said.encode()), [own, others, part])

    assert named("parts[0].name: must be a string") == [others]
    assert named("name: must be a string") == [own, others]
    assert named("parts: no alternative fits") == [others, part]


def test_what_stands_where_nothing_is_looked_at_is_shown_by_a_few() -> None:
    """One fault that is accepted in it may be the only one; two have one cause."""
    places = OpenPlaces()
    whole = replace(
        inner(""), clauses=("POST /shelves body.whole.type",), slot=("body", "whole"), partly=True
    )
    places.note(whole, accepted=True)
    places.note(inner("a"), accepted=True)
    assert not places.is_shown(inner("c"))

    places.note(inner("b"), accepted=True)

    assert places.is_shown(inner("c"))
    assert not places.is_shown(replace(inner("c"), clauses=("POST /shelves body.other.c.type",)))


@pytest.mark.parametrize("keyword", ["minLength", "maxLength", "pattern", "format"])
def test_what_takes_a_number_for_a_text_may_ask_for_its_length(keyword: str) -> None:
    """JavaScript compares the length of a number, which is none, with anything."""
    places = OpenPlaces()
    places.note(inner("a"), accepted=True)

    assert places.is_open(inner("a", keyword))
    assert not places.is_unlooked(inner("a", keyword))
    assert places.is_unlooked(inner("a", "enum"))


def test_a_kind_of_fault_that_is_let_in_everywhere_is_expected_of_the_next_place() -> None:
    """What drops every null looks at texts all the same, and at what must not be left out."""
    places = OpenPlaces()
    for name in ("a", "b", "c"):
        places.note(inner(name), accepted=False)
        places.note(inner(f"needed-{name}", fault="null"), accepted=False)
    for name in ("a", "b"):
        places.note(inner(name, fault="null"), accepted=True)

    assert places.is_unlooked(inner("c", fault="null"))
    assert not places.is_unlooked(inner("d"))


@pytest.mark.parametrize("aspect", ["forged", "unsigned", "altered"])
def test_one_token_that_was_never_issued_is_paid_for(aspect: str) -> None:
    """Who takes it does not look at what makes a token its own: other ones wait for the end."""

    def token(aspect: str) -> Case:
        return Case(
            operation="POST /shelves",
            clauses=(f"POST /shelves security.{aspect}",),
            family=ClauseKind.CREDENTIALS,
            label=aspect,
            request=Request(method="POST", target="/shelves"),
            expect=Expect.UNAUTHORIZED,
        )

    places = OpenPlaces()
    places.note(token("wrong"), accepted=True)

    assert places.is_unlooked(token(aspect))
    assert not places.may_join(token(aspect), [token("wrong")])
    assert not any(places.is_open(token(other)) for other in ("missing", "expired", "misplaced"))


def test_a_list_of_texts_is_another_kind_of_fault_than_a_number(tmp_path: Path) -> None:
    """Contents of several parts are let in where a number is refused: each has an early turn."""
    contract = contract_of(tmp_path, CONTRACT)
    node = nodes(contract, Schema(pointer="#/x", value={"type": "string"}))[0]
    kinds = {str(change.value): change.fault for change in changes(node, "a")}

    assert (kinds["7"], kinds["['a']"], kinds["None"]) == ("", "list", "null")


@pytest.mark.parametrize("name", ["number", "integer"])
def test_a_boolean_is_another_kind_of_fault_for_a_number_than_a_text(
    tmp_path: Path, name: str
) -> None:
    """Python's `bool` is an `int`: it is let in where texts are refused."""
    node = nodes(contract_of(tmp_path, CONTRACT), Schema(pointer="#/x", value={"type": name}))[0]
    found = {str(change.value): (change.fault, change.partly) for change in changes(node, 4)}

    assert (found["4"], found["True"]) == (("", True), ("boolean", True))
    assert found["[]"] == ("", False)


INNER = ", ".join(f"{name}: {{enum: [ash, oak, elm]}}" for name in NAMES)
REFUSING = CHOOSING.replace(
    "choice:", f"whole: {{type: object, properties: {{{INNER}}}}}\n                choice:"
)


def test_what_lies_in_a_refused_property_is_not_accused_of_it(tmp_path: Path) -> None:
    """Whatever has the property is refused, whichever of its own parts is left out."""

    def check(body: dict[str, Any]) -> int:
        return 500 if "whole" in body else 200 if isinstance(body["name"], str) else 400

    report = run(contract_of(tmp_path, REFUSING), bodies(check), max_examples=0)

    failing = {
        place.clause.split(" ", 2)[2]
        for one in report.findings
        if one.code == "server-error"
        for place in one.places
    }
    assert failing - {"status.no-failure"} == {"body.whole.optional"}
    told = {clause.id.split(" ", 2)[2]: clause for clause in report.clauses}
    assert "refused" in told["body.whole.a.optional"].why


def test_what_most_receivers_limit_is_told_apart_for_nothing(tmp_path: Path) -> None:
    """Depth and digits are refused, which is free; NUL and large numbers are accepted at once."""
    accepted = list[dict[str, Any]]()

    def limited(body: dict[str, Any]) -> int:
        if {"x2", "x4"} & body.keys():
            return 400
        accepted.append(body)
        return 200

    families = frozenset({ClauseKind.SYNTAX})
    run(contract_of(tmp_path, CONTRACT), bodies(limited), families=families)

    assert [body.keys() & {"x1", "x3"} for body in accepted if body.keys() & {"x1", "x3"}] == [
        {"x1", "x3"}
    ]


@pytest.mark.parametrize(("required", "paid"), [("true", 0), ("false", 1)])
def test_who_lets_everybody_in_is_asked_about_http_without_a_body(
    tmp_path: Path, required: str, paid: int
) -> None:
    """That is refused and costs nothing; where it need not be, each clause is paid once."""
    right = answering(within_bounds)

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 200, {"page": "log in"}
        return right.answer(asked)

    secured = (
        "components: {securitySchemes: {key: {type: http, scheme: bearer}}}\n"
        f"security: [{{key: []}}]\n{BOUNDS.replace('required: true', f'required: {required}')}"
    )
    contract, target = contract_of(tmp_path, secured), Application(answer)
    run(contract, target, credentials=Credentials(token=TOKEN), max_examples=0)

    large = next(n for n, one in enumerate(target.asked) if len(one.body) > 900_000)
    asked = [one for one in target.asked[:large] if "authorization" not in one.headers]
    conditions = [one for one in asked if {"if-match", "if-none-match"} & one.headers.keys()]
    escapes = [one for one in asked if "%" in one.query]
    assert (len(conditions), len(escapes)) == (paid, paid)


def test_a_refusal_that_says_200_costs_nothing_and_opens_no_place(tmp_path: Path) -> None:
    """An error in the body of a 200: faults and good values alike are told by it."""

    def check(body: dict[str, Any]) -> int:
        return 400 if any(SHAPE.problems(body)) or body.get("kind") == "ash" else 200

    right = bodies(check)

    def disguised(asked: Asked) -> tuple[int, Any]:
        status, body = right.answer(asked)
        return (200, {"error": "refused"}) if status == 400 else (status, body)

    report = run(contract_of(tmp_path, CONTRACT), Application(disguised), max_examples=0)

    told = {
        (place.clause.split(" ", 2)[-1], one.code)
        for one in report.findings
        for place in one.places
    }
    assert {
        ("answer.honest", "error-in-success"),
        ("body.count.maximum", "error-in-success"),
        ("body.place.room.required", "error-in-success"),
        ("body.kind.enum", "refused-valid"),
        ("body.code.type", "accepted-invalid-body"),
    } - told == set()
    assert report.billable <= 25


def test_an_error_in_every_200_is_told_of_the_answers_and_not_of_the_request(
    tmp_path: Path,
) -> None:
    """The provider fails, and 200 says so: the good request is sent all the same, and faults."""
    right = bodies(lambda body: 400 if any(SHAPE.problems(body)) else 200)

    def failing(asked: Asked) -> tuple[int, Any]:
        status, body = right.answer(asked)
        return (200, {"error": "the provider failed"}) if status == 200 else (status, body)

    report = run(contract_of(tmp_path, CONTRACT), Application(failing), max_examples=0)

    codes = {one.code for one in report.findings}
    assert "error-in-success" in codes
    assert "refused-control" not in codes
    held = {one.id.split(" ", 2)[-1] for one in report.clauses if one.verdict is Verdict.HELD}
    assert "body.place.room.required" in held


def test_callers_who_are_all_told_the_same_are_not_asked_again(tmp_path: Path) -> None:
    """Nobody has got the answer of another one: two successes show it."""
    application = bodies(lambda body: 400 if any(SHAPE.problems(body)) else 200)
    clause = "POST /shelves steady.concurrent"

    report = run(contract_of(tmp_path, CONTRACT), application, clauses=(clause,), max_examples=0)

    verdicts = {one.id: one.verdict for one in report.clauses}
    assert verdicts[clause] is Verdict.HELD
    assert report.billable <= 4


STREAMS = """
paths:
  /answers:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [model]
              properties: {model: {type: string}, stream: {type: boolean}}
            example: {model: ink, stream: false}
      responses:
        '200':
          description: ok
          content:
            application/json: {schema: {type: object, properties: {text: {type: string}}}}
            text/event-stream: {schema: {type: object, properties: {text: {type: string}}}}
        '400': {description: no}
"""


def test_an_error_in_every_200_but_a_stream_is_told_of_the_answers(tmp_path: Path) -> None:
    """A stream shows no error, which makes no refusal of the request for another answer."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        known = isinstance(body, dict) and isinstance(body.get("model"), str)
        if not known or not isinstance(body.get("stream", False), bool):
            return 400, {}
        return 200, "streamed" if body.get("stream") else {"error": "the provider failed"}

    plain = Application(answer)

    async def streaming(scope: Message, receive: Any, send: Any) -> None:
        sent = list[Message]()

        async def keep(message: Message) -> None:
            sent.append(message)

        await plain(scope, receive, keep)
        if sent[1]["body"] == b'"streamed"':
            sent[0]["headers"] = [(b"content-type", b"text/event-stream")]
            sent[1]["body"] = b'data: {"text": "a"}\n\n'
        for message in sent:
            await send(message)

    report = run(contract_of(tmp_path, STREAMS), streaming, max_examples=0)

    codes = {one.code for one in report.findings}
    assert "error-in-success" in codes
    assert "refused-valid" not in codes


PLANS = posting(
    "/plans",
    "200 400 415",
    """
type: object
required: [name, days]
properties:
  name: {type: string}
  days: {type: array, items: {type: string}}
  steps: {type: array, items: {type: object, required: [id, kind, tool], properties:
    {id: {type: string}, kind: {type: string, enum: [tool]}, tool: {type: object,
    required: [name, words], properties:
    {name: {type: string}, words: {type: string}}}}}}
  heat: {type: number, minimum: 0, maximum: 2}
""",
)


def test_what_is_left_of_a_refused_batch_weighs_what_it_is(tmp_path: Path) -> None:
    """The budget ends before the bound is sent alone; the free texts beside it are accepted."""

    def answer(asked: Asked) -> tuple[int, Any]:
        body = asked.json
        kind = asked.headers.get("content-type", "").lower().replace('"', "").replace(" ", "")
        if kind not in ("application/json", "application/json;charset=utf-8"):
            return 415, None
        days = body.get("days") if isinstance(body, dict) else None
        texts = isinstance(days, list) and all(isinstance(one, str) for one in days)
        if not texts or not isinstance(body.get("name"), str) or b"NaN" in asked.body:
            return 400, None
        if not days:
            return 500, None
        heat = body.get("heat", 1)
        return (200 if type(heat) in (int, float) and 0 <= heat <= 1 else 400), None

    report = run(contract_of(tmp_path, PLANS), Application(answer))

    found = {
        (f.code.value, p.clause.partition(" body.")[2]) for f in report.findings for p in f.places
    }
    assert {("refused-valid", "heat.maximum"), ("server-error", "days.type")} <= found


CHARSETS = """
paths:
  /notes:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object, properties: {text: {type: string}}}}
      responses:
        '200': {description: ok}
        '400': {description: no}
        '409': {description: taken}
        '415': {description: type}
"""


def test_a_small_budget_tries_the_charset_that_nobody_knows(tmp_path: Path) -> None:
    """What a reader makes of another encoding says nothing of a name that it has to look up."""

    def answer(asked: Asked) -> tuple[int, Any]:
        kind = asked.headers.get("content-type", "")
        if not kind.startswith("application/json") or "content-encoding" in asked.headers:
            return 415, None
        return (500 if "x-unknown" in kind else 200), None

    families = frozenset({ClauseKind.MEDIA_TYPES})
    contract = contract_of(tmp_path, CHARSETS)
    report = run(contract, Application(answer), families=families, max_billable=4)

    broken = {place.clause for one in report.findings for place in one.places}
    assert "POST /notes media.charset" in broken


@pytest.mark.parametrize(("billable", "told"), [(2, True), (200, False)])
def test_the_budget_is_named_where_more_of_it_might_have_had_the_answer(
    tmp_path: Path, billable: int, told: bool
) -> None:
    contract, families = contract_of(tmp_path, CHARSETS), frozenset({ClauseKind.EDGES})
    app = Application(lambda asked: (200, None))
    report = run(contract, app, families=families, max_billable=billable)

    (why,) = (one.why for one in report.clauses if one.id == "POST /notes status.409")
    assert why.startswith("no response of this run had the status 409")
    assert ("--max-billable 2 was used up" in why) is told


CROWDED = posting(
    "/shelves",
    "200 400",
    """
type: object
required: [kind]
properties:
  kind: {type: string, enum: [a, b, c, d, e, f, g, h]}
  note: {type: string}
""",
    example="{kind: a, note: x}",
)


@pytest.mark.parametrize(
    ("name", "value", "budget", "clause"),
    [
        # It travels with a batch that is sent in any case.
        pytest.param("note", "", 7, "body.note.empty", id="an empty text before the last members"),
        # The good request has the first member: the budget goes to the others.
        pytest.param("kind", "f", 8, "body.kind.enum", id="a new member before the known one"),
    ],
)
def test_what_proves_most_is_sent_first(
    tmp_path: Path, name: str, value: str, budget: int, clause: str
) -> None:
    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        return (400, None) if body.get(name) == value else (200, {})

    families = frozenset({ClauseKind.EDGES})
    path = contract_of(tmp_path, CROWDED)
    report = run(path, objects(answer), families=families, max_examples=0, max_billable=budget)

    refused = {place.clause for one in report.findings for place in one.places}
    assert f"POST /shelves {clause}" in refused


EMPTIED = """
paths:
  /shelves:
    post:
      x-conformance: {writes: false}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [texts]
              properties:
                texts: {type: array, items: {type: string}}
                kind: {type: string, enum: [plain, bold]}
            example: {texts: [x]}
      responses:
        '200':
          description: ok
          content:
            application/json: {schema: {type: array, items: {type: string}}}
        '400': {description: no}
"""


def test_a_new_value_travels_beside_no_list_that_empties_the_answer(tmp_path: Path) -> None:
    """Of what it does to each member of the answer nothing would show."""

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        bold = body.get("kind") == "bold"
        return 200, [{"bold": one} if bold else one for one in body.get("texts", [])]

    families = frozenset({ClauseKind.EDGES})
    path = contract_of(tmp_path, EMPTIED)
    report = run(path, objects(answer), families=families, max_examples=0)

    broken = {place.clause for one in report.findings for place in one.places}
    assert "POST /shelves response.200[].type" in broken


BOXES = ("apple", "birch", "cedar", "dates", "elder", "figs", "grape", "hazel", "iris", "kiwi")
NESTED = posting(
    "/shelves",
    "200 400 415",
    """
type: object
properties:
  {BOXES}
""",
).replace(
    "{BOXES}",
    "\n                ".join(
        f"{n}: {{type: object, properties: {{{n}Size: {{type: integer}}}}}}" for n in BOXES
    ),
)


def test_what_one_kind_leaves_over_shows_faults_of_others_many_at_once(tmp_path: Path) -> None:
    """Every other box is not looked at, and a third of a budget tells which."""

    def check(body: dict[str, Any]) -> tuple[int, Any]:
        for name in BOXES[::2]:
            box = body.get(name, {})
            if not isinstance(box, dict):
                return 400, {"error": f"{name} must be an object"}
            if type(box.get(f"{name}Size", 1)) is not int:
                return 400, {"error": f"{name}Size must be an integer"}
        return 200, {}

    path = contract_of(tmp_path, NESTED)
    report = run(path, objects(check), max_examples=0, max_billable=8)

    broken = {one.id.split(" ")[2] for one in report.clauses if one.verdict.value == "broken"}
    assert broken >= {f"body.{name}.type" for name in BOXES[1::2]}
    assert not [one for one in broken if one.split(".")[1] in BOXES[::2]]


WRITTEN = posting(
    "/pictures",
    "200 400",
    """
type: object
required: [model, prompt]
properties: {model: {type: string}, prompt: {type: string}}
""",
    example="{model: tiny, prompt: A quiet lake in the evening}",
)


def test_the_text_that_people_write_is_tried_at_its_longest_first(tmp_path: Path) -> None:
    """One text at a time is long, since bodies have a limit: the budget may end before others."""

    def answer(body: dict[str, Any]) -> int:
        texts = [body.get(name) for name in ("model", "prompt")]
        return 200 if all(isinstance(text, str) for text in texts) else 400

    application = answering(answer)
    run(contract_of(tmp_path, WRITTEN), application, families=frozenset({ClauseKind.EDGES}))

    bodies = [asked.json for asked in application.asked if isinstance(asked.json, dict)]
    long = [name for body in bodies for name, text in body.items() if len(str(text)) > 60_000]
    assert long[0] == "prompt"
