"""The rules by which observations become verdicts, places and findings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.cases.case import Case, Expect, Unit
from conformance.cases.edge_values import Strength
from conformance.clauses.clause import Clause, Verdict
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Request
from conformance.http.redaction import Redactor
from conformance.http.target import parse_target
from conformance.judgement.observation import broken, held, inconclusive
from conformance.report.findings import Finding, Level
from conformance.run.places.evidence import Evidence, Ledger
from conformance.run.places.evidence_places import places_of
from conformance.run.places.shown_places import findings
from conformance.run.sending.unconfirmed import Deviation
from conformance.run.session.open_places import OpenPlaces, breadth_first

OPERATION = "POST /things"
BODY = ("a.type", "a.minLength", "b.type", "c.type")


def clause(local: str, kind: ClauseKind = ClauseKind.BODY) -> Clause:
    """One clause of the operation."""
    return Clause(
        id=f"{OPERATION} {local}", operation=OPERATION, kind=kind, pointer="", promise="promised"
    )


CLAUSES = {
    **{name: clause(f"body.{name}") for name in BODY},
    "control": clause("control", ClauseKind.CONTROL),
    "escapes": clause("http.escapes", ClauseKind.WIRE),
    "missing": clause("security.missing", ClauseKind.CREDENTIALS),
    "status": clause("status.no-failure", ClauseKind.STATUS),
}


def case(name: str, *, body: bytes = b"{}", units: tuple[str, ...] = (), fault: str = "") -> Case:
    """A case for a clause, or for good values of several."""
    made = CLAUSES[name]
    return Case(
        operation=OPERATION,
        clauses=tuple(CLAUSES[one].id for one in units) or (made.id,),
        family=made.kind,
        label=f"a case of {name}",
        request=Request(method="POST", target="/things", body=body),
        expect=Expect.ACCEPTED if units else Expect.REFUSED,
        code="accepted-invalid-body",
        fault=fault,
        units=tuple(
            Unit(clause=CLAUSES[one].id, label=one, slot=("body", one), apply=lambda draft: draft)
            for one in units
        ),
    )


def evidence(
    name: str,
    code: str = "accepted-invalid-body",
    *,
    body: bytes = b"{}",
    units: tuple[str, ...] = (),
    status: int = 200,
    repeatable: bool = True,
) -> Evidence:
    """What speaks against a clause."""
    found = broken(CLAUSES[name].id, code, expected="400", got=str(status), cause=code)
    return Evidence(
        observation=found,
        case=case(name, body=body, units=units),
        answer=Answer(status=status),
        repeatable=repeatable,
    )


def ledger(*accused: Evidence) -> Ledger:
    """A ledger of the operation with these deviations."""
    made = Ledger(CLAUSES.values())
    for one in accused:
        made.accuse(one)
    return made


def verdict(made: Ledger, name: str) -> tuple[Verdict, str]:
    """The verdict of a clause, and why."""
    (found,) = (one for one in made.verdicts() if one.id == CLAUSES[name].id)
    return found.verdict, found.why


def found(*accused: Evidence) -> tuple[Finding, ...]:
    """The findings of these deviations."""
    made = ledger(*accused)
    return findings(made, made.verdicts(), Redactor(parse_target("http://127.0.0.1:1")))


def test_one_deviation_outweighs_all_that_held() -> None:
    """Ten refusals do not mend one acceptance."""
    made = ledger(evidence("a.type"))
    for _ in range(10):
        made.note(held(CLAUSES["a.type"].id), refusal=True)

    assert verdict(made, "a.type")[0] is Verdict.BROKEN


def test_a_clause_whose_faults_were_not_all_sent_is_inconclusive() -> None:
    """The one that is missing is named; without it the clause is held."""
    name = CLAUSES["a.type"].id
    whole, part = ledger(), ledger()
    for made in (whole, part):
        made.note(held(name), refusal=True)
    part.leave_open(name, "a number", "budget")

    assert verdict(whole, "a.type") == (Verdict.HELD, "")
    assert verdict(part, "a.type")[0] is Verdict.INCONCLUSIVE
    assert "a number" in {one.unsent for one in part.verdicts()}


def test_good_values_alone_hold_no_clause_whose_faults_proved_nothing() -> None:
    """One fault that was refused for what it is holds it, whatever the others were answered."""
    name = CLAUSES["a.type"].id
    accepted, refused = ledger(), ledger()
    for made in (accepted, refused):
        made.note(inconclusive(name, "locked (423)"), refusal=True)
        made.note(held(name))
    refused.note(held(name), refusal=True)

    assert verdict(accepted, "a.type") == (
        Verdict.INCONCLUSIVE,
        "allowed values were accepted, but a forbidden one: locked (423)",
    )
    assert verdict(refused, "a.type")[0] is Verdict.HELD


def test_what_held_outweighs_what_proves_nothing() -> None:
    """An answer that proves nothing takes nothing back; alone it says why."""
    name = CLAUSES["a.type"].id
    alone, beside = ledger(), ledger()
    for made in (alone, beside):
        made.note(inconclusive(name, "it is busy"))
    beside.note(held(name))

    assert verdict(alone, "a.type") == (Verdict.INCONCLUSIVE, "it is busy")
    assert verdict(beside, "a.type")[0] is Verdict.HELD


@pytest.mark.parametrize("status", ["500", "5XX"])
def test_a_documented_failure_that_was_seen_is_not_said_to_be_unseen(status: str) -> None:
    """It kept no promise, and the reason says what it did."""
    documented = clause(f"status.{status}", ClauseKind.STATUS)
    made = Ledger([documented, *CLAUSES.values()])
    why = "no request of this run made the server fail"
    assert [one.why for one in made.verdicts() if one.id == documented.id] == [why]

    made.accuse(evidence("status", "server-error", status=500))

    why = f"the server failed with {status}, which is a finding of its own"
    assert [one.why for one in made.verdicts() if one.id == documented.id] == [why]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("answer.well-formed", "every JSON body of this run was in a response that is documented"),
        ("a.type", "no request of the kit shows it by itself; recorded traffic may"),
        ("security.foreign", "no credential of another system was given: --foreign NAME=VALUE"),
    ],
)
def test_what_nothing_showed_says_why(name: str, why: str) -> None:
    """Not that nothing could: that is a guess, and leaves nothing to do."""
    unseen = clause(name, ClauseKind.RESPONSE)

    assert Ledger([unseen]).verdicts()[0].why.startswith(why)


def test_of_values_that_are_refused_together_none_is_broken() -> None:
    """It may be any of them: a warning that says "one of", and no verdict."""
    batch = evidence("a.type", "refused-valid", units=("a.type", "b.type"), status=400)
    (told,) = found(batch)

    assert verdict(ledger(batch), "a.type")[0] is Verdict.INCONCLUSIVE
    assert told.level is Level.WARNING
    assert "one of 2 good values" in told.title


@pytest.mark.parametrize(
    ("units", "beside"),
    [
        (("a.type", "b.type"), "b"),
        (("a.type", "escapes"), "another good value"),
        (("a.type", "b.type", "escapes"), "b and another good value"),
    ],
)
def test_good_values_that_are_refused_only_together_are_named_so(
    units: tuple[str, ...], beside: str
) -> None:
    """Each was accepted before: none is told to be refused by itself."""
    batch = evidence("a.type", "refused-valid", units=units, status=400)
    batch = replace(batch, case=replace(batch.case, apart=True))
    (told,) = found(batch)

    assert told.level is Level.WARNING
    assert told.title.endswith(
        f"a legal value of a (type) is refused (400), but only beside {beside}"
    )


def test_a_batch_says_nothing_where_one_of_its_values_is_known() -> None:
    """The value that was refused alone is why the batch was refused."""
    batch = evidence("a.type", "refused-valid", units=("a.type", "b.type"), status=400)
    alone = evidence("b.type", "refused-valid", units=("b.type",), status=400)
    places = places_of(ledger(batch, alone))

    assert [one.clause.id for one in places] == [CLAUSES["b.type"].id]


def test_what_does_not_show_again_is_a_warning() -> None:
    """It is never dropped, and no error."""
    (once,) = found(evidence("a.type", repeatable=False))
    (twice,) = found(evidence("a.type", repeatable=False), evidence("a.type"))

    assert (once.level, "intermittent" in once.title) == (Level.WARNING, True)
    assert (twice.level, "intermittent" in twice.title) == (Level.ERROR, False)


def test_a_place_is_shown_by_its_smallest_request() -> None:
    """One that shows it each time, and of those the shortest."""
    long, short = evidence("a.type", body=b"x" * 100), evidence("a.type", body=b"x")
    chance = evidence("a.type", body=b"", repeatable=False)
    (place,) = places_of(ledger(long, chance, short))

    assert place.smallest is short


def test_what_is_broken_beside_others_is_told_with_the_request_that_shows_it() -> None:
    """Several requests made the operation fail; its status is shown by the shortest of them."""
    failing = [
        evidence(name, "server-error", body=b"x" * length, status=500)
        for name, length in (("a.type", 100), ("b.type", 10))
    ]
    status = CLAUSES["status"].id
    beside = [replace(one, observation=replace(one.observation, clause=status)) for one in failing]
    made = ledger(*failing, *beside)
    made.note(held(CLAUSES["c.type"].id), refusal=True)

    told = findings(made, made.verdicts(), Redactor(parse_target("http://127.0.0.1:1")))

    assert [one.clauses for one in told if status in one.clauses] == [
        (CLAUSES["b.type"].id, status)
    ]


def test_what_another_place_shows_hides_nothing_that_only_this_one_does() -> None:
    """One odd request gets a 415, and all the others a 201: two places, and two findings."""
    code, status = "undocumented-status", CLAUSES["status"].id
    odd = evidence("a.type", code, body=b"x", status=415)
    beside = replace(odd, observation=replace(odd.observation, clause=status))
    good = evidence("control", code, body=b"x" * 100, status=201)
    good = replace(good, observation=replace(good.observation, clause=status))

    told = found(odd, beside, good)

    assert [(one.clauses, one.got) for one in told] == [
        ((CLAUSES["a.type"].id,), "415"),
        ((status,), "201"),
    ]


def test_an_ordinary_request_shows_a_place_before_an_invented_one() -> None:
    """It may be longer: it is understood at once."""
    plain, odd = evidence("a.type", body=b"x" * 100), evidence("a.type", body=b"x")
    odd = replace(odd, case=replace(odd.case, strength=Strength.FREE))
    (place,) = places_of(ledger(odd, plain))

    assert place.smallest is plain


def test_a_refusal_in_a_wrong_status_is_shown_before_an_acceptance_of_the_same() -> None:
    """A fault that is accepted besides would hide it again, once it is mended."""
    code = "response-schema"
    accepted = evidence("status", code, body=b"x")
    refused = evidence("status", code, body=b"x" * 100, status=400)
    (place,) = places_of(ledger(accepted, refused))

    assert place.smallest is refused


def test_what_blocks_everything_comes_first() -> None:
    """Then credentials, failures, and what touches most."""
    told = found(
        evidence("a.type"),
        evidence("b.type"),
        evidence("status", "server-error", status=500),
        evidence("missing", "accepted-credential"),
        evidence("control", "refused-control", status=400),
    )
    codes = [one.code for one in told]

    assert codes[:3] == ["refused-control", "accepted-credential", "server-error"]


def test_one_case_of_each_clause_comes_before_a_second_of_any() -> None:
    """The budget may end anywhere. Another kind of fault at a clause counts as another one."""
    first, second = case("a.type", body=b"1"), case("a.type", body=b"2")
    null, other = case("a.type", body=b"3", fault="null"), case("b.type")

    assert breadth_first([first, second, null, other]) == [first, null, other, second]


def test_the_further_faults_of_a_place_that_is_not_checked_wait() -> None:
    """What took a number for a text may look at its length, and so may another property."""
    places = OpenPlaces()
    places.note(case("a.type"), accepted=True)

    assert places.is_open(case("a.minLength"))
    assert not places.is_unlooked(case("a.minLength"))
    assert not places.is_open(case("b.type"))


def test_of_a_place_one_fault_is_sent_at_once() -> None:
    """Each may cost a success, unless the clause was seen checked."""
    places = OpenPlaces()
    joins = places.may_join(case("a.minLength"), [case("a.type")])
    places.note(case("a.minLength"), accepted=False)

    assert not joins
    assert places.may_join(case("a.minLength"), [case("a.type")])
    assert places.may_join(case("b.type"), [case("a.type")])


@pytest.mark.parametrize(
    ("method", "expect", "status", "of_its_clause", "waits"),
    [
        ("POST", Expect.ACCEPTED, 200, False, True),
        ("POST", Expect.ACCEPTED, 200, True, False),
        ("POST", Expect.ACCEPTED, 500, False, False),
        ("POST", Expect.REFUSED, 200, False, False),
        ("GET", Expect.ACCEPTED, 200, False, False),
    ],
    ids=["beside", "tested", "refused", "fault", "free"],
)
def test_what_the_next_good_answer_shows_as_well_is_not_paid_for(
    method: str, expect: Expect, status: int, of_its_clause: bool, waits: bool
) -> None:
    """A deviation beside an acceptance waits for it, where a success may cost."""
    sent = replace(case("a.type"), expect=expect, request=Request(method=method, target="/things"))
    name = "a.type" if of_its_clause else "status"
    seen = broken(CLAUSES[name].id, "response-schema", expected="", got="", cause="")
    deviation = Deviation(case=sent, answer=Answer(status=status), observation=seen)

    assert deviation.may_wait is waits
