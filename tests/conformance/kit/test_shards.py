"""A run in parts: shards, and the report that they make together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.http.credentials import Credentials
from conformance.report.findings import Level, Listing, Report, ReportVerdict
from conformance.report.formats.json_reader import parsed_report
from conformance.report.formats.json_report import as_json
from conformance.run.merging import merged
from conformance.run.places.grouping import findings_of
from conformance.run.places.promised_scopes import Promises
from spec import Contract
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run

pytestmark = pytest.mark.slow

Answer = Callable[[Asked], tuple[int, Any]]


def shards(contract: Contract, answer: Answer, total: int, **options: Any) -> list[Report]:
    """The reports of all shards, as files hold them."""
    options.setdefault("max_examples", 0)
    parts = (
        run(contract, Application(answer), shard=(number, total), **options)
        for number in range(1, total + 1)
    )
    return [parsed_report(as_json(one), "part") for one in parts]


def together(parts: Iterable[Report]) -> Report:
    """The report that they make."""
    return merged(list(parts), fail_on=Level.ERROR)


def told(report: Report) -> list[tuple[str, ...]]:
    """The findings and their places, in their order."""
    return [(one.code, one.title, one.fingerprint, *one.clauses) for one in report.findings]


ALIKE = "paths:" + "".join(
    f"""
  /{name}:
    {method}:
      parameters: [{{name: q, in: query, schema: {{type: integer}}}}]
      responses: {{'200': {{description: ok, content: {{application/json: {{schema: {{type: object,
        required: [a], properties: {{a: {{type: string}}}}}}}}}}}}, '400': {{description: no}}}}"""
    for name, method in zip("abcdef", ("post", "get", "get", "get", "put", "get"), strict=True)
)
"""Operations that one cause breaks in the same way."""


def test_merged_shards_are_grouped_as_one_run(tmp_path: Path) -> None:
    """The same findings in the same order, and "all" only where no shard is missing."""
    contract = contract_of(tmp_path, ALIKE)

    def answer(asked: Asked) -> tuple[int, dict[str, str]]:
        checked = asked.path in ("/c", "/d") and "q=" in asked.query
        return (400, {}) if checked and not asked.query[2:].isdecimal() else (200, {"b": "a"})

    whole = run(contract, Application(answer), max_examples=0, allow_writes=True)
    parts = shards(contract, answer, 3, allow_writes=True)

    assert told(together(parts)) == told(whole)
    assert together(parts).clauses == whole.clauses
    assert any("all 6 operations" in one.title for one in whole.findings)
    some = together(parts[:2])
    assert not any("all" in one.title for one in some.findings), "a shard is missing"


def test_what_shards_say_of_the_mocks_examples_is_one_note(tmp_path: Path) -> None:
    """As in one run, whichever shard has seen the responses."""
    shown = "{application/json: {schema: {type: object}, example: {a: 1}}}"
    paths = "".join(
        f"  /{name}: {{get: {{responses: {{'200': {{description: ok, content: {shown}}}}}}}}}\n"
        for name in "abc"
    )
    contract = contract_of(tmp_path, f"paths:\n{paths}")
    options: dict[str, Any] = {"families": frozenset({ClauseKind.CONTROL})}
    whole = run(contract, Application(lambda _: (200, {"b": 1})), **options)
    parts = shards(contract, lambda _: (200, {"b": 1}), 2, **options)

    assert [one.title for one in whole.findings] == [
        "3 operations: the mock's examples differ from the deployment's responses"
    ]
    assert told(together(parts)) == told(whole)


def test_a_report_merged_with_nothing_stays_as_it_is(tmp_path: Path) -> None:
    """Also where what succeeds breaks the clause of the good request: it succeeded all the same."""

    def answer(asked: Asked) -> tuple[int, dict[str, str]]:
        return (406, {}) if asked.headers.get("accept") == "*/*" else (200, {"b": "a"})

    report = run(contract_of(tmp_path, ALIKE), Application(answer), max_examples=0)
    again = merged([parsed_report(as_json(report), "r.json")], fail_on=Level.ERROR)

    assert [(one.title, one.clauses) for one in again.findings] == [
        (one.title, one.clauses) for one in report.findings
    ]
    assert again.clauses == report.clauses
    assert again.doubts == report.doubts == ()


def test_what_a_shard_has_to_say_first_is_said_first(tmp_path: Path) -> None:
    """In whichever shard data may have been changed."""
    report = run(contract_of(tmp_path, ALIKE), Application(lambda asked: (200, {})), max_examples=0)
    alert = "Data may have been changed: POST /a"
    told = replace(report, alert=alert, remarks=(alert, *report.remarks))
    parts = [parsed_report(as_json(one), "r.json") for one in (report, told)]
    together = merged(parts, fail_on=Level.ERROR)

    assert together.alert == alert
    assert together.remarks[0] == alert
    assert together.remarks.count(alert) == 1


def test_the_order_in_which_places_were_seen_changes_no_finding(tmp_path: Path) -> None:
    """A run, and its shards, see them in an order of their own."""
    body = "{type: object, required: [a], properties: {a: {type: string}, b: {type: integer}}}"
    content = f"content: {{application/json: {{schema: {body}}}}}"
    contract = contract_of(
        tmp_path,
        f"{ALIKE}\n  /g: {{post: {{requestBody: {{{content}}}, responses: "
        "{'200': {description: ok}, '400': {description: no}}}}",
    )
    report = run(contract, Application(lambda asked: (200, {})), max_examples=1, allow_writes=True)
    promises = Promises(report.clauses, report.operations)
    places = [(one.code, place) for one in report.findings for place in one.places]

    for seed in range(4):
        Random(seed).shuffle(places)
        assert findings_of(places, promises) == report.findings


def test_a_missing_shard_leaves_the_whole_undecided(tmp_path: Path) -> None:
    """Its job may have failed before it wrote a report: the others do not speak for it."""
    contract = contract_of(tmp_path, ALIKE)
    parts = [
        run(contract, Application(lambda _: (200, {"b": "a"})), max_examples=0, shard=(number, 2))
        for number in (1, 2)
    ]
    kept = [replace(one, findings=(), verdict=ReportVerdict.CONFORMS) for one in parts]
    alone, every = together(kept[:1]), together(kept)

    missing = {name for name in alone.operations if not any(
        one.operation == name for one in alone.clauses
    )}  # fmt: skip
    assert every.verdict is ReportVerdict.CONFORMS
    assert alone.verdict is ReportVerdict.UNDECIDED
    assert any("merge the reports of all shards" in one for one in alone.remarks)
    assert any(name in one.text for one in alone.doubts for name in missing)


def test_reports_of_an_older_version_are_merged_by_their_titles(tmp_path: Path) -> None:
    """They do not say what their places have in common."""
    report = run(contract_of(tmp_path, ALIKE), Application(lambda asked: (200, {})), max_examples=0)
    older = json.loads(as_json(report))
    del older["operations"]
    places = [place for one in older["findings"] for place in one["places"]]
    for item in [*older["clauses"], *places]:
        item.pop("kept_by", None)
        item.pop("likeness", None)
    part = parsed_report(json.dumps(older), "older")
    together = merged([part, part], fail_on=Level.ERROR)

    assert [(one.title, one.places) for one in together.findings] == [
        (one.title, one.places) for one in report.findings
    ]


@pytest.mark.parametrize(
    ("shard", "every"), [((1, 1), "all 6 operations"), ((1, 2), "3 operations")]
)
def test_a_shard_does_not_speak_for_the_others(
    tmp_path: Path, shard: tuple[int, int], every: str
) -> None:
    """What no operation of it keeps may be kept elsewhere: its titles count, and say not "all"."""
    one = "get: {responses: {'200': {description: ok}}}"
    contract = contract_of(tmp_path, "paths:" + "".join(f"\n  /{n}: {{{one}}}" for n in "abcdef"))
    report = run(contract, Application(lambda asked: (201, {})), max_examples=0, shard=shard)

    (title,) = [one.title for one in report.findings if one.code == "undocumented-status"]
    assert title.startswith(every)


TAGGED = """
security: [{bearer: []}]
components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}
paths:
""" + "".join(
    f"  /{name}: {{get: {{tags: [{tag}], responses: {{200: {{description: f}}, "
    "401: {description: u}}}}\n"
    for name, tag in (("a", "Admin"), ("b", "Admin"), ("c", "Client"), ("d", "Client"))
)
TOKENS = Credentials(by_tag={"Client": "client", "Admin": "admin"})


@pytest.mark.parametrize(
    ("closed", "found"),
    [
        ("", dict.fromkeys("abcd", "broken")),
        ("/b", {**dict.fromkeys("acd", "inconclusive"), "b": "held"}),
    ],
    ids=["either-opens-all", "one-is-refused-somewhere"],
)
def test_which_tokens_are_the_same_is_concluded_from_all_shards(
    tmp_path: Path, closed: str, found: Mapping[str, str]
) -> None:
    """What opens all that a shard asked may be refused by an operation of another one."""
    contract = contract_of(tmp_path, TAGGED)

    def answer(asked: Asked) -> tuple[int, Any]:
        role = asked.headers.get("authorization", "").removeprefix("Bearer ")
        opens = role == "admin" or (role == "client" and asked.path != closed)
        return (200 if opens else 401), None

    def separated(report: Report) -> dict[str, str]:
        own = [one for one in report.clauses if one.id.endswith("security.other-tag")]
        return {one.operation.removeprefix("GET /"): one.verdict.value for one in own}

    parts = shards(contract, answer, 2, credentials=TOKENS)
    whole = run(contract, Application(answer), credentials=TOKENS, max_examples=0)

    alone = separated(parts[0]) | separated(parts[1])
    assert alone == {one: "held" if f"/{one}" == closed else "inconclusive" for one in "abcd"}
    assert separated(together(parts)) == found
    assert together(parts).clauses == whole.clauses
    assert told(together(parts)) == told(whole)
    # In steps as well; as long as one is missing nothing is concluded.
    step = parsed_report(as_json(together(parts[:1])), "step")
    assert set(separated(step).values()) <= {"held", "inconclusive"}
    assert told(together([step, parts[1]])) == told(whole)


@pytest.mark.parametrize("token", ["", "good"], ids=["no-credential", "no-leave"])
def test_a_remark_about_operations_stands_once(tmp_path: Path, token: str) -> None:
    """With the operations of all shards."""
    contract = contract_of(tmp_path, TAGGED.replace("{get:", "{put:"))

    def answer(asked: Asked) -> tuple[int, Any]:
        return (200 if asked.headers.get("authorization") else 401), None

    whole = run(contract, Application(answer), token, max_examples=0)
    parts = shards(contract, answer, 2, token=token)

    every = together(parts)
    assert sorted(every.remarks) == sorted(whole.remarks)
    assert every.listings == whole.listings
    assert every.doubts == whole.doubts
    assert any("PUT /a, PUT /b, PUT /c, PUT /d" in one for one in whole.remarks)


def test_how_often_something_was_done_is_summed(tmp_path: Path) -> None:
    """Of an operation that several reports are about."""
    report = run(contract_of(tmp_path, ALIKE), Application(lambda _: (200, {})), max_examples=0)
    listings = [
        Listing(text="not undone", operations=of)
        for of in ({"GET /d": 0, "GET /b": 2}, {"GET /b": 1, "GET /c": 1})
    ]
    parts = [replace(report, listings=(one,), remarks=(one.remark,)) for one in listings]

    assert "not undone: GET /b (3 times), GET /c (1 time), GET /d" in together(parts).remarks


def test_a_report_that_is_given_twice_counts_once(tmp_path: Path) -> None:
    """Its requests were sent once, and it is said."""
    report, other = shards(contract_of(tmp_path, ALIKE), lambda _: (200, {"b": "a"}), 2)
    once, twice = together([report, other]), together([report, other, report])

    (told_of,) = set(twice.remarks) - set(once.remarks)
    assert told_of == "1 report of 3 not counted: the same as another"
    assert replace(twice, remarks=once.remarks) == once


SIZED = """
paths:
  /a: {get: {responses: {'200': {description: ok}}}}
  /b: {put: {responses: {'200': {description: ok}}}}
  /c: &post
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: ok}, '400': {description: no}}
  /d: *post
  /e: *post
"""


@pytest.mark.parametrize("total", [2, 5])
def test_the_largest_body_is_sent_by_the_shard_of_which_one_run_sends_it(
    tmp_path: Path, total: int
) -> None:
    """What an operation has to pay for decides what it can still show."""
    contract = contract_of(tmp_path, SIZED)
    wanted = frozenset({ClauseKind.CONTROL, ClauseKind.SYNTAX})
    largest = list[str]()

    def answer(asked: Asked) -> tuple[int, Any]:
        largest.extend([asked.path] if len(asked.body) > 10**7 else [])
        return (413, None) if len(asked.body) > 10**7 else (200, None)

    options: dict[str, Any] = {"families": wanted, "allow_writes": True}
    whole = run(contract, Application(answer), max_examples=0, **options)
    one_run = list(largest)
    largest.clear()
    parts = shards(contract, answer, total, **options)

    assert largest == one_run != []
    assert together(parts).clauses == whole.clauses
