"""Bodies without an end, and an end of time: what is awaited is bounded, and what is left told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import strategies

from conformance.clauses.clause import Clause
from conformance.clauses.kinds import ClauseKind
from conformance.http.exchange import Answer, Framing, Request, Trouble
from conformance.http.received import BodyPatience
from conformance.http.target import parse_target
from conformance.http.transport import Client
from conformance.report.findings import Report, ReportVerdict
from conformance.run.places.evidence import Ledger
from conformance.run.session.session import retry_after
from conformance.run.session.time_budget import TimeBudget, TimeIsUpError
from tests.conformance.kit.applications import Application, Asked
from tests.conformance.kit.running import contract_of, run
from tests.conformance.kit.targets import Talk, speaking

pytestmark = pytest.mark.slow

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
JSON, EVENTS = HEAD % b"application/json", HEAD % b"text/event-stream"
DROP, FLOOD, EVENT = b"1\r\n \r\n", b"10000\r\n" + b" " * 65536 + b"\r\n", b"9\r\ndata: 1\n\n\r\n"
LONG = 60.0
"""Seconds that none of these tests waits for."""


def pouring(head: bytes, piece: bytes) -> Talk:
    """The same piece again and again, until nobody reads it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.001)

    return talk


async def answer(url: str, framing: Framing, patience: BodyPatience) -> Answer:
    """The answer to one request, which has a long time."""
    request = Request(method="POST", target="/", body=b"{}", framing=framing)
    async with Client(parse_target(url), timeout=LONG) as client:
        return await client.send(request, patience)


@pytest.mark.parametrize("framing", [Framing.LENGTH, Framing.CHUNKED])
@pytest.mark.parametrize(
    ("head", "piece", "patience"),
    [
        pytest.param(JSON, DROP, BodyPatience(other=0.1), id="drops"),
        pytest.param(JSON, FLOOD, BodyPatience(other=LONG), id="flood"),
        pytest.param(EVENTS, EVENT, BodyPatience(stream=0.1), id="events"),
    ],
)
def test_after_an_endless_body_the_next_one_is_cut_short(
    framing: Framing,
    head: bytes,
    piece: bytes,
    patience: BodyPatience,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By a client library and by a plain socket alike; what has come until then is kept."""
    monkeypatch.setattr("conformance.http.received.MOST_BYTES", 1_000_000)

    with speaking(pouring(head, piece)) as url:
        got = asyncio.run(answer(url, framing, patience))

    assert (got.status, got.trouble, got.is_endless) == (200, Trouble.TIMEOUT, True)
    assert got.body
    assert got.seconds < LONG / 2


THINGS = """
paths:
  /things:
    get: &read
      responses: {'200': {description: ok, content: {application/json: {schema: {}}}}}
  /others: {get: *read}
"""


def test_one_endless_body_of_an_operation_is_awaited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its other ones are cut short; those of another operation may come to an end."""
    monkeypatch.setattr("conformance.run.session.session.BRIEF", 0.05)

    with speaking(pouring(JSON, DROP)) as url:
        contract = contract_of(tmp_path, THINGS)
        report = run(contract, url, max_response_time=0.1, keep_exchanges=True)

    awaited = [one for one in report.exchanges if one.seconds > 2]
    assert sorted(one.request.url.rpartition("/")[2] for one in awaited) == ["others", "things"]
    assert "GET /things control" in {place.clause for f in report.findings for place in f.places}


MADE = """
paths:
  /things:
    post:
      responses:
        '201':
          description: made
          content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: ok}}}
    delete: {responses: {'204': {description: gone}}}
"""


@contextmanager
def hanging_after(answers: int) -> Iterator[str]:
    """A service that makes things, and says nothing any more after so many of them."""
    made = list[int]()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while asked := await reader.readuntil(b"\r\n\r\n"):
            if not asked.startswith(b"POST") or len(made) >= answers:
                await asyncio.sleep(LONG)
            made.append(1)
            body = b'{"id": "t%d"}' % len(made)
            head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
            writer.write(head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()

    with speaking(talk) as url:
        yield url


def short_of_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """A run with leave to write that has half a second, and no more for what it owes."""
    monkeypatch.setattr("conformance.run.session.time_budget.IN_FLIGHT", 0.1)
    monkeypatch.setattr("conformance.run.session.time_budget.CLEANING", 0.1)
    with hanging_after(2) as url:
        contract = contract_of(folder, MADE)
        return run(contract, url, allow_writes=True, time_budget=0.5, max_response_time=LONG)


def test_the_time_budget_ends_what_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a request nor the removal of what was made is waited for when it is over."""
    report = short_of_time(tmp_path, monkeypatch)

    assert report.seconds < LONG / 2
    assert any(one.startswith("--time-budget 0.5 s ended the run") for one in report.remarks)


def test_what_is_not_removed_in_time_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run knows what it made."""
    report = short_of_time(tmp_path, monkeypatch)

    assert any("left behind by this run: /things/t2" in one for one in report.remarks)


def test_a_run_without_time_for_a_request_is_undecided(tmp_path: Path) -> None:
    """Nothing was asked: that is no sign of a target that does not answer."""
    report = run(contract_of(tmp_path, GENERATED), Application(fine), time_budget=1e-9)

    assert report.requests == 0
    assert report.verdict is ReportVerdict.UNDECIDED
    assert any("the time budget ended before it" in one for one in report.remarks)


def test_time_is_kept_for_the_reports_of_a_large_contract() -> None:
    """The tests have half of it all the same, and without a budget all of it."""
    budget, endless = TimeBudget(0.2), TimeBudget()
    for one in (budget, endless):
        one.keep(LONG)
        one.check()
    asyncio.run(asyncio.sleep(0.12))

    with pytest.raises(TimeIsUpError):
        budget.check()
    endless.check()


def test_time_is_kept_for_what_is_owed() -> None:
    """At most a quarter of it; and without a limit nothing ever ends."""
    TimeBudget(100.0).check(owed=20.0)
    TimeBudget(100.0).check(owed=1e9)
    TimeBudget().check(owed=1e9)
    late = TimeBudget(0.001)
    asyncio.run(asyncio.sleep(0.01))
    with pytest.raises(TimeIsUpError):
        late.check()
    late.close()
    late.check()


def test_no_pause_is_longer_than_what_is_left() -> None:
    """A `Retry-After` beyond the end is not waited for."""
    with pytest.raises(TimeIsUpError):
        asyncio.run(TimeBudget(5.0).pause(LONG))


@pytest.mark.parametrize("written", ["²", "9" * 400, "Mon, 01 Jan 0001 00:00:00 GMT", "-1", "\x1b"])
def test_a_retry_after_may_be_anything(written: str) -> None:
    """It is a number of seconds from zero, whatever is said."""
    assert retry_after(Answer(status=429, headers=(("Retry-After", written),))) >= 0


def test_time_that_is_over_costs_no_search_through_all_clauses() -> None:
    """Each of many operations is excused by its own clauses."""
    clauses = [
        Clause(id=f"{name} control", operation=name, kind=ClauseKind.CONTROL, pointer="#")
        for name in (f"GET /{number}" for number in range(3))
    ]
    ledger = Ledger(clauses)
    ledger.clauses = {}

    ledger.excuse("GET /1", "time ended")
    ledger.clauses = {one.id: one for one in clauses}

    assert [one.why for one in ledger.verdicts()].count("time ended") == 1


GENERATED = """
paths:
  /a:
    get:
      parameters: [{name: q, in: query, schema: {type: integer}}]
      responses: {'200': {description: Fine}}
"""


def fine(asked: Asked) -> tuple[int, Any]:
    """An answer to every request."""
    return 200, "fine"


def test_a_generator_is_not_awaited_when_the_time_budget_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A contract for which values are generated in minutes ends in time."""
    monkeypatch.setattr("conformance.run.session.time_budget.IN_FLIGHT", 0.1)
    stuck = Event()
    endless = strategies.integers().map(lambda number: stuck.wait(LONG))
    monkeypatch.setattr("conformance.run.generated.properties._strategy", lambda search: endless)
    report = run(
        contract_of(tmp_path, GENERATED), Application(fine), time_budget=0.5, max_examples=2
    )
    stuck.set()

    assert report.seconds < LONG / 2
    assert any(one.startswith("--time-budget 0.5 s ended the run") for one in report.remarks)


def test_an_end_of_time_is_no_failing_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis draws no smaller cases of it."""
    drawn = list[int]()

    async def over(search: Any, generated: Any) -> bool:
        drawn.append(generated)
        raise TimeIsUpError

    monkeypatch.setattr(
        "conformance.run.generated.properties._strategy", lambda search: strategies.integers()
    )
    monkeypatch.setattr("conformance.run.generated.properties._Search.breaks", over)
    report = run(
        contract_of(tmp_path, GENERATED), Application(fine), time_budget=LONG, max_examples=2
    )

    assert len(drawn) == 1
    assert report.doubts
