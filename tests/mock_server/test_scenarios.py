"""Scenarios: an operation in a state, for a number of answers, for whoever it is meant."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server import MockApp, create_app
from mock_server.admin.scenario_schema import ScenarioError
from mock_server.command.running import RunningMock
from mock_server.command.scenario_file import ScenarioFile
from mock_server.model.scenarios import Scenario, ScenarioAnswer
from mock_server.model.waiting_scenarios import Scenarios
from spec import ContractError
from tests.mock_server.asking import ask, mock_of

CONTRACT = """
paths:
  /a:
    get:
      operationId: getA
      parameters: [{name: n, in: query, schema: {type: integer}}]
      responses:
        '200':
          description: Good
          headers: {X-Count: {schema: {type: integer}}}
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: integer}}}
              examples: {one: {value: {id: 1}}, two: {value: {id: 2}}}
        '503': {description: Busy}
  /b:
    get: {responses: {'200': {description: Good, content: {application/json: {example: b}}}}}
  /stream:
    get:
      responses:
        '200':
          description: Events
          content:
            text/event-stream:
              schema: {type: string}
              example: "data: 1\\n\\ndata: 2\\n\\ndata: 3\\n\\n"
"""


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A mock without a scenario."""
    return mock_of(tmp_path, CONTRACT, stream_pace=0)


@pytest.fixture
def running(app: MockApp) -> Iterator[RunningMock]:
    """The same on a socket: a connection can be cut."""
    with RunningMock(app) as mock:
        yield mock


def statuses(app: MockApp, count: int, target: str = "/a", **headers: str) -> list[int]:
    """The statuses of some requests, one after the other."""
    return [ask(app, "GET", target, headers=headers).status for _ in range(count)]


def test_answers_play_in_order_and_then_the_contract_answers(app: MockApp) -> None:
    """A 401, two times 503, then as if nothing had been: the retry of a client can be watched."""
    app.play({"operation": "GET /a", "answers": [{"status": 401}, {"status": 503, "times": 2}]})

    assert statuses(app, 5) == [401, 503, 503, 200, 200]


def test_a_repeating_scenario_begins_again_until_it_is_taken_back(app: MockApp) -> None:
    """A flaky backend."""
    document = {"operation": "getA", "answers": [{"status": 503}, {}], "repeat": True}
    id_ = app.play(document)
    seen = statuses(app, 5)
    app.scenarios.remove(id_)

    assert seen == [503, 200, 503, 200, 503]
    assert statuses(app, 2) == [200, 200]


def test_a_wish_wins_and_consumes_nothing(app: MockApp) -> None:
    """An explicit wish wins over everything; the scenario goes on waiting."""
    app.play({"operation": "GET /a", "answers": [{"status": 503}]})
    wished = ask(app, "GET", "/a?__code=200").status

    assert (wished, statuses(app, 2)) == (200, [503, 200])


def test_a_scenario_wins_over_validation(app: MockApp) -> None:
    """A bad request gets the state as well: the network does not read it first."""
    app.play({"operation": "GET /a", "answers": [{"status": 503}]})

    assert statuses(app, 2, "/a?n=x") == [503, 400]


def test_the_narrowest_scenario_goes_first(app: MockApp) -> None:
    """Key before none, operation before all, what ends before what repeats, first in first out."""
    app.play({"operation": "*", "answers": [{"status": 500}], "repeat": True})
    app.play({"operation": "*", "answers": [{"status": 501}]})
    app.play({"operation": "GET /a", "answers": [{"status": 502}]})
    app.play({"operation": "GET /a", "answers": [{"status": 503}]})
    app.play({"operation": "*", "key": "k", "answers": [{"status": 504}]})

    assert statuses(app, 5, **{"x-mock-key": "k"}) == [504, 502, 503, 501, 500]
    assert statuses(app, 1, "/b") == [500]


def test_the_newest_of_repeating_scenarios_is_the_state(app: MockApp) -> None:
    """Who sets a state again means the new one."""
    for status in (500, 503):
        app.play({"operation": "GET /a", "answers": [{"status": status}], "repeat": True})

    assert statuses(app, 2) == [503, 503]


@pytest.mark.parametrize("carrier", ["x-mock-key", "cookie"])
def test_keys_keep_parallel_tests_apart(app: MockApp, carrier: str) -> None:
    """Each worker has its own states and meets nobody else's."""
    app.play({"operation": "GET /a", "key": "w 1", "answers": [{"status": 500}]})
    app.play({"operation": "GET /a", "key": "w2", "answers": [{"status": 503}]})
    sent = {"w 1": "w 1", "w2": "w2"}
    if carrier == "cookie":
        sent = {"w 1": "a=b; mock-key=w%201; c=d", "w2": "mock-key=w2"}

    assert statuses(app, 1) == [200]
    assert statuses(app, 2, **{carrier: sent["w2"]}) == [503, 200]
    assert statuses(app, 2, **{carrier: sent["w 1"]}) == [500, 200]


def test_what_is_played_is_the_contracts_own_answer(app: MockApp) -> None:
    """A named example, with its media type, and the scenario's name as the source."""
    app.play({"name": "bad\r\nname", "operation": "GET /a", "answers": [{"example": "two"}]})
    answer = ask(app, "GET", "/a")

    assert (answer.status, answer.json) == (200, {"id": 2})
    assert answer.headers["x-mock-source"] == "scenario:bad%0D%0Aname"
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": 429, "headers": {"Retry-After": 2}}, (429, "undocumented")),
        ({"body": {"id": "x"}}, (200, "undocumented")),
        ({"body": {"id": 7}}, (200, "scenario:s1")),
        ({"body": "id,name", "media": "text/csv"}, (200, "undocumented")),
        ({"body": "{", "media": "application/json"}, (200, "undocumented")),
        ({"headers": {"X-Count": "many"}}, (200, "undocumented")),
        ({"headers": {"X-Count": 3}}, (200, "scenario:s1")),
        ({"status": 503, "body": {"anything": 1}}, (503, "scenario:s1")),
    ],
)
def test_what_the_contract_does_not_document_is_said(
    app: MockApp, answer: dict[str, Any], expected: tuple[int, str]
) -> None:
    """In the answer, and to whoever plays it; it is played all the same."""
    told = ask(
        app, "POST", "/__mock/scenarios", json_body={"operation": "getA", "answers": [answer]}
    )
    got = ask(app, "GET", "/a")

    assert told.status == 201
    assert bool(told.json["undocumented"]) == (expected[1] == "undocumented")
    assert (got.status, got.headers["x-mock-source"]) == expected
    for name, value in answer.get("headers", {}).items():
        assert got.headers[name.lower()] == str(value)


def test_own_bodies_and_pages_of_other_origins(app: MockApp) -> None:
    """A body is sent as given, and the page that asked may read it and its headers."""
    body = {"operation": "GET /a", "answers": [{"status": 429, "headers": {"Retry-After": "9"}}]}
    app.play(body)
    answer = ask(app, "GET", "/a", headers={"origin": "http://page.example"})

    assert answer.headers["access-control-allow-origin"] in ("*", "http://page.example")
    assert "retry-after" in answer.headers["access-control-expose-headers"].lower()
    assert answer.headers["content-type"] == "application/problem+json"
    assert "429" in answer.json["detail"]


@pytest.mark.parametrize(
    ("document", "pointer", "told"),
    [
        ({"operation": "GET /nope", "answers": [{}]}, "#/operation", "did you mean"),
        ({"operation": "GET /a", "answers": []}, "#/answers", ""),
        ({"operation": "GET /a", "answers": [{"stat": 1}]}, "#/answers/0", "stat"),
        ({"operation": "GET /a", "answers": [{"status": "x"}]}, "#/answers/0/status", ""),
        ({"operation": "GET /a", "answers": [{"example": "three"}]}, "#/answers/0/example", "two"),
        ({"operation": "GET /a", "answers": [{"times": 0}]}, "#/answers/0/times", ""),
        ({"operation": "GET /a", "answers": [{"headers": {"a b": 1}}]}, "#/answers/0/headers", ""),
        ({"operation": "get /a", "answers": [{}]}, "#/operation", "'GET /a'"),
        ({"operation": "/a", "answers": [{}]}, "#/operation", "'GET /a'"),
        ({"opertion": "GET /a", "operation": "*", "answers": [{}]}, "#/opertion", "'operation'"),
        ({"operation": "*", "answers": [{"staus": 1}]}, "#/answers/0/staus", "'status'"),
        ({"operation": "*", "answers": [{"delay": -1}]}, "#/answers/0/delay", "seconds"),
        ({"operation": "*", "answers": [{"delay": {"min": 2, "max": 1}}]}, "#/answers/0", "larger"),
        ({"operation": "*", "answers": [{"cut": "middle"}]}, "#/answers/0/cut", "after"),
        ({"operation": "*", "answers": [{"pace": 1e-9}]}, "#/answers/0/pace", ""),
        ({"operation": "*", "answers": [{"times": 10**30}]}, "#/answers/0/times", ""),
        (
            {"operation": "*", "answers": [{"headers": {"X": "a\r\nSet-Cookie: b=1"}}]},
            "#/answers/0/headers/X",
            "control characters",
        ),
        (
            {"operation": "GET /a", "answers": [{"headers": {"Content-Length": 1}}]},
            "#/answers/0/headers",
            "cut",
        ),
    ],
)
def test_a_wrong_scenario_is_refused_with_its_place(
    app: MockApp, document: Any, pointer: str, told: str
) -> None:
    """The pointer leads to the member, and nothing waits."""
    answer = ask(app, "POST", "/__mock/scenarios", json_body=document)

    assert answer.status == 400
    assert answer.json["errors"][0]["pointer"].startswith(pointer)
    assert told in answer.json["errors"][0]["message"]
    assert not app.scenarios.waiting


def test_whole_numbers_of_any_spelling(app: MockApp) -> None:
    """`404.0` is an integer to JSON Schema, and a status."""
    body = b'{"operation": "GET /a", "answers": [{"status": 404.0, "times": 2.0}]}'
    told = ask(app, "POST", "/__mock/scenarios", body)
    statuses = [ask(app, "GET", "/a").status for _ in range(3)]

    assert (told.status, statuses) == (201, [404, 404, 200])
    assert type(statuses[0]) is int


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b'{"delay": NaN}', "NaN"),
        (b"[" * 100_000, "500 levels"),
        (b'{"operation": "*", "answers": [{"status": 500, "status": 401}]}', "'status' twice"),
        (b'{"operation": "*", "answers": [' + b"{}," * 2000 + b"{}]}", "1000"),
    ],
)
def test_a_hostile_body_is_refused(app: MockApp, body: bytes, told: str) -> None:
    """In one sentence of a few hundred characters at most."""
    answer = ask(app, "POST", "/__mock/scenarios", body)

    assert (answer.status, told in answer.json["detail"]) == (400, True)
    assert len(answer.json["detail"]) < 500
    assert not app.scenarios.waiting


def test_the_bodies_of_scenarios_are_bounded(app: MockApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that wait together; one that has played makes room."""
    monkeypatch.setattr("mock_server.model.waiting_scenarios.MOST_BYTES", 100)
    document = {"operation": "GET /a", "answers": [{"body": "x" * 60}]}
    statuses = []
    for _ in range(2):
        statuses += [
            ask(app, "POST", "/__mock/scenarios", json_body=document).status for _ in range(2)
        ]
        ask(app, "GET", "/a")

    assert statuses == [201, 409, 201, 409]


@pytest.mark.parametrize("header", ["schlüssel", "ключ", "🔑"])
def test_a_key_may_have_any_letters(app: MockApp, header: str) -> None:
    """A header in UTF-8 is read as such; `ask` sends it so."""
    app.play({"operation": "GET /a", "key": header, "answers": [{"status": 404}]})

    assert ask(app, "GET", "/a", headers={"x-mock-key": header}).status == 404
    assert ask(app, "GET", "/a").status == 200


def test_scenarios_are_listed_and_taken_back(app: MockApp) -> None:
    """One by its id, those of a key, or all."""
    ids = [
        app.play({"operation": "GET /a", "key": key, "answers": [{"delay": {"min": 1, "max": 2}}]})
        for key in ("one", "two")
    ]
    listed = ask(app, "GET", "/__mock/scenarios").json
    one = ask(app, "GET", f"/__mock/scenarios/{ids[0]}").json
    gone = ask(app, "DELETE", f"/__mock/scenarios/{ids[0]}").status
    after = ask(app, "DELETE", f"/__mock/scenarios/{ids[0]}").status
    ask(app, "POST", "/__mock/reset?key=one")
    left = ask(app, "GET", "/__mock/scenarios").json
    ask(app, "DELETE", "/__mock/scenarios")

    assert [one["id"] for one in listed] == ids
    assert (one["left"], one["answers"]) == (1, [{"delay": {"min": 1, "max": 2}, "times": 1}])
    assert (gone, after, [one["key"] for one in left]) == (204, 404, ["two"])
    assert not app.scenarios.waiting


def test_an_answer_is_given_out_exactly_once() -> None:
    """However many threads ask at a time."""
    scenarios = Scenarios()
    answers = tuple(ScenarioAnswer(status=200 + n) for n in range(300))
    scenarios.add(Scenario(operation="*", answers=answers))
    barrier = threading.Barrier(8)

    def take(_: int) -> list[int | None]:
        barrier.wait()
        turns = [scenarios.take("GET /a", None) for _ in range(60)]
        return [turn.answer.status for turn in turns if turn is not None]

    with ThreadPoolExecutor(8) as pool:
        taken = Counter(status for row in pool.map(take, range(8)) for status in row)

    assert taken == Counter(200 + n for n in range(300))


def test_what_names_no_answer_changes_none(tmp_path: Path) -> None:
    """Late, counted, and else as without it: credentials, validation, state and examples."""
    contract = """
components: {securitySchemes: {s: {type: http, scheme: bearer}}}
paths:
  /a:
    put:
      security: [{s: []}]
      requestBody: {content: {application/json: {schema: {type: string}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: string}}}}}
"""
    app = mock_of(tmp_path, contract)
    answers = [{"delay": 5, "times": 3}, {"status": 429}]
    app.play({"operation": "*", "answers": answers, "repeat": True})
    token = {"authorization": "Bearer t"}

    def put(body: Any, headers: dict[str, str]) -> tuple[int, float]:
        answer = ask(app, "PUT", "/a", json_body=body, headers=headers, by_clock=True)
        return answer.status, answer.waited

    told = [put("x", {}), put(1, token), put("x", token), put("x", {}), put("x", token)]
    (newest, forced, *_) = app.entries()

    assert told == [(401, 5), (400, 5), (200, 5), (429, 0), (200, 5)]
    assert [one["scenario"] for one in (newest, forced)] == ["s1", "s1"]
    assert newest["source"].startswith("generated")


KEYS = st.sampled_from([None, "k", "l"])
NAMES = st.sampled_from(["GET /a", "GET /b", "*"])
MOVES = st.one_of(
    st.tuples(st.just("add"), NAMES, KEYS, st.booleans()),
    st.tuples(st.just("take"), st.sampled_from(["GET /a", "GET /b"]), KEYS, st.booleans()),
    st.tuples(st.just("remove"), NAMES, KEYS, st.booleans()),
)


@given(st.lists(MOVES, max_size=30))
def test_which_scenario_answers(moves: list[tuple[str, str, str | None, bool]]) -> None:
    """By key, then operation, then what ends; the first of those, of those that repeat the last."""
    scenarios, waiting = Scenarios(), list[tuple[str, str, str | None, bool]]()
    for what, operation, key, repeats in moves:
        if what == "add":
            answers = (ScenarioAnswer(),)
            scenario = Scenario(operation=operation, key=key, repeat=repeats, answers=answers)
            waiting.append((scenarios.add(scenario), operation, key, repeats))
            continue
        if what == "remove":
            gone = [one for one in waiting if one[1:3] == (operation, key)]
            waiting = [one for one in waiting if one not in gone]
            for one in gone:
                scenarios.remove(one[0])
            continue
        fitting = [one for one in waiting if one[1] in (operation, "*") and one[2] in (None, key)]
        ranked = sorted(fitting, key=lambda one: (one[2] is None, one[1] == "*", one[3]))
        equal = [one for one in fitting if one[1:] == ranked[0][1:]] if ranked else []
        expected = (equal[-1] if equal[0][3] else equal[0]) if equal else None
        turn = scenarios.take(operation, key)
        assert (turn.id if turn else None) == (expected[0] if expected else None)
        if expected is not None and not expected[3]:
            waiting.remove(expected)


def test_a_range_is_answered_as_what_the_client_accepts(tmp_path: Path) -> None:
    """`image/*` is no media type of a body, whoever has decided on the answer."""
    contract = """
paths:
  /a: {get: {responses: {"200": {description: ok, content: {image/*: {}}}}}}
"""
    app, accept = mock_of(tmp_path, contract), {"accept": "image/webp"}
    own = ask(app, "GET", "/a", headers=accept)
    app.play({"operation": "GET /a", "repeat": True, "answers": [{"status": 200}]})
    played = [ask(app, "GET", "/a", headers=one) for one in (accept, {"accept": "image/gif"})]

    assert own.headers["content-type"] == "image/webp"
    assert [one.headers["content-type"] for one in played] == ["image/webp", "image/gif"]


def test_a_delay_holds_an_answer_back(tmp_path: Path) -> None:
    """Fixed or random; a longer one than the limit is refused, and a wish is cut to it."""
    app = mock_of(tmp_path, CONTRACT, max_wait=20)
    delays: list[Any] = [10, {"min": 10, "max": 15}, 20]
    app.play({"operation": "GET /a", "answers": [{"delay": delay} for delay in delays]})
    played = [ask(app, "GET", "/a", by_clock=True).waited for _ in range(4)]
    wished = [
        ask(app, "GET", "/a", headers={"prefer": f"wait={seconds}"}, by_clock=True).waited
        for seconds in (10, 100)
    ]
    with pytest.raises(ScenarioError) as refused:
        app.play({"operation": "GET /a", "answers": [{}, {"delay": {"min": 1, "max": 90}}]})

    assert 10 <= played[1] <= 15
    assert [played[0], *played[2:]] == [10, 20, 0]
    assert wished == [10, 20]
    ((pointer, what),) = refused.value.problems
    assert (pointer, what.partition(":")[0]) == ("/answers/1/delay", "90 seconds are too long")


def raw(mock: RunningMock, target: str) -> bytes:
    """All that came until the end of the connection."""
    port = int(mock.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        received = b""
        while data := connection.recv(65536):
            received += data
        return received


@pytest.mark.parametrize(
    ("cut", "head", "body"),
    [("before", False, b""), ("headers", True, b""), ({"after": 5}, True, b'{"id"')],
)
def test_a_connection_is_cut(
    running: RunningMock, caplog: pytest.LogCaptureFixture, cut: Any, head: bool, body: bytes
) -> None:
    """Before the head, after it, after some bytes of the body; the next request is answered."""
    running.scenario("GET /a", cut=cut)
    received = raw(running, "/a")
    got_head, _, got_body = received.partition(b"\r\n\r\n")

    assert (bool(got_head), got_body) == (head, body)
    assert httpx2.get(f"{running.url}/a").json() == {"id": 1}
    assert running.requests("GET /a")[1]["status"] == (200 if head else 0)
    assert not caplog.records


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"events": 2}, "data: 1\n\ndata: 2\n\n"),
        ({"events": 0}, ""),
        (
            {"events": 1, "body": "event: error\ndata: {}\n\n", "media": "text/event-stream"},
            "data: 1\n\nevent: error\ndata: {}\n\n",
        ),
        ({"body": "data: x\n\n", "media": "text/event-stream"}, "data: x\n\n"),
        ({"pace": 500}, "data: 1\n\ndata: 2\n\ndata: 3\n\n"),
    ],
)
def test_a_stream_stops_or_ends_in_an_error(
    running: RunningMock, answer: dict[str, Any], expected: str
) -> None:
    """After some events, with an event of one's own, or slowly to its end."""
    running.scenario("GET /stream", **answer)
    got = httpx2.get(f"{running.url}/stream")

    assert (got.status_code, got.text) == (200, expected)
    assert got.headers["content-type"].startswith("text/event-stream")


def test_a_stream_is_cut_between_events(running: RunningMock) -> None:
    """The client sees a stream without its end."""
    running.scenario("GET /stream", cut={"after": 9})

    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(f"{running.url}/stream")


def test_slow_bytes_keep_nobody_waiting(running: RunningMock) -> None:
    """A body that trickles is sent in slices, while others are answered."""
    running.scenario("GET /a", pace=20)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(httpx2.get, f"{running.url}/a", timeout=30)
        quick = httpx2.get(f"{running.url}/b").status_code
        assert (quick, slow.done(), slow.result().json()) == (200, False, {"id": 1})


def test_a_file_of_scenarios(tmp_path: Path, app: MockApp) -> None:
    """YAML 1.2: `no` is a text; what is undocumented is told; a broken change leaves the rest."""
    file = tmp_path / "states.yaml"
    file.write_text(
        "scenarios:\n"
        "  - operation: GET /a\n"
        "    key: no\n"
        "    answers: [{status: 429}]\n"
        "  - {operation: getA, answers: [{status: 503}]}\n"
    )
    scenarios = ScenarioFile(file, app)
    told = asyncio.run(scenarios.put())
    file.write_text("- operation: GET /a\n  answers:\n    - {status: 503}\n    - {state: 1}\n")
    with pytest.raises(ContractError, match=r"states\.yaml:4: answers/1/state: .*'status'"):
        asyncio.run(scenarios.put())
    kept = statuses(app, 1, **{"x-mock-key": "no"})
    file.write_text("[]\n")
    asyncio.run(scenarios.put())

    assert told == (f"{file}:4: GET /a documents 200, 503, but not 429",)
    assert (kept, list(app.scenarios)) == ([429], [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- operations: GET /a\n  answers: [{}]\n", r":1: operations: .*did you mean 'operation'"),
        ("- operation: GET /a\n  answers:\n  - {status: 204, body: x}", r":3: .*a 204 has no body"),
        ("- operation: GET /a\n  answers: [{events: 2}]", r":2: answers/0/events: .*no stream"),
        (
            "- operation: GET /a\n  answers:\n  - {delay: 61}",
            r":3: answers/0/delay: 61 seconds are",
        ),
        ("- operation: GET /a\n  repeat: 0\n  answers: [{}]", r":2: repeat: 0 is not of type"),
        ("- operation: GET /a\n  answers: [{status: 9}]", r":2: answers/0/status: 9 is less than"),
        ("- operation: GET /zz\n  answers: [{}]", r":1: operation: .*no operation 'GET /zz'"),
    ],
)
def test_slips_in_a_file_are_told_with_their_line(
    tmp_path: Path, app: MockApp, text: str, told: str
) -> None:
    """What would never be sent is a slip too."""
    file = tmp_path / "states.yaml"
    file.write_text(text)
    with pytest.raises(ContractError, match=told):
        ScenarioFile(file, app).read()


def test_what_all_operations_are_told_to_answer_is_judged(app: MockApp) -> None:
    """How many do not document a status is said, once."""
    answers: list[dict[str, int]] = [{"status": 429}, {"status": 429}, {"delay": 1}]
    told = ask(
        app, "POST", "/__mock/scenarios", json_body={"operation": "*", "answers": answers}
    ).json
    count = len(app.contract.operations)

    assert told["undocumented"] == [f"{count} of {count} operations do not document 429"]


def test_a_reset_lets_the_file_begin_again(tmp_path: Path, app: MockApp) -> None:
    """As good as new: what the mock began with waits again, and nothing else does."""
    file = tmp_path / "states.yaml"
    file.write_text(
        "- {operation: GET /a, answers: [{status: 503}]}\n"
        "- {operation: GET /a, key: k, answers: [{status: 429}]}\n"
    )
    asyncio.run(ScenarioFile(file, app).put())
    key = {"x-mock-key": "k"}
    played = statuses(app, 2), statuses(app, 2, **key)
    app.play({"operation": "GET /a", "key": "k", "answers": [{"status": 500}]})
    ask(app, "POST", "/__mock/reset?key=k")
    of_key = statuses(app, 1), statuses(app, 2, **key)
    ask(app, "POST", "/__mock/reset")

    assert played == ([503, 200], [429, 200])
    assert of_key == ([200], [429, 200])
    assert (statuses(app, 2), statuses(app, 2, **key)) == ([503, 200], [429, 200])


@pytest.mark.slow
def test_a_changed_file_of_scenarios_is_read_again(tmp_path: Path, app: MockApp) -> None:
    """The watch takes the new file, and tells of a broken one; of an empty one nothing waits."""
    file = tmp_path / "states.yaml"
    file.write_text("[]")
    scenarios = ScenarioFile(file, app)
    asyncio.run(scenarios.put())
    failed: list[str] = []

    async def changed() -> None:
        watching = asyncio.ensure_future(scenarios.watch(lambda told: None, failed.append))
        # A file is empty for a moment when an editor writes it.
        file.write_text("# nothing yet")
        await asyncio.sleep(1.2)
        for text in ("- {operation: GET /a, answers: [{status: 503}]}", "- {operation: GET /a}"):
            file.write_text(text)
            before = len(failed), len(app.scenarios.waiting)
            while (len(failed), len(app.scenarios.waiting)) == before:
                await asyncio.sleep(0.05)
        watching.cancel()

    asyncio.run(asyncio.wait_for(changed(), 20))

    assert ["answers" in one for one in failed] == [True]
    assert statuses(app, 2) == [503, 200]


def test_a_reload_keeps_scenarios(tmp_path: Path, app: MockApp) -> None:
    """They belong to the mock and not to the contract."""
    app.play({"operation": "GET /a", "answers": [{"status": 503}]})
    (tmp_path / "other").mkdir()
    app.swap(mock_of(tmp_path / "other", CONTRACT).contract)

    assert statuses(app, 2) == [503, 200]


def test_too_many_scenarios_are_refused(app: MockApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that forces answers in a loop does not fill the memory."""
    monkeypatch.setattr("mock_server.model.waiting_scenarios.MOST_WAITING", 2)
    document = {"operation": "GET /a", "answers": [{}]}
    told = [ask(app, "POST", "/__mock/scenarios", json_body=document).status for _ in range(3)]

    assert told == [201, 201, 409]


def test_python_names_what_is_wrong(running: RunningMock) -> None:
    """A typo in a test is told where it is made."""
    with pytest.raises(ScenarioError, match="did you mean"):
        running.scenario("GET /aa", status=503)


PAGE = "http://page.example"


def page_posts(app: MockApp, key: str | None, **headers: str) -> int:
    """The status that a page of another origin gets for a scenario with a key."""
    document = {"operation": "GET /a", "answers": [{"status": 503}]}
    document |= {"key": key} if key else {}
    sent = {"origin": PAGE, **headers}
    return ask(app, "POST", "/__mock/scenarios", json_body=document, headers=sent).status


def test_pages_of_other_origins_play_nothing(app: MockApp) -> None:
    """A page that somebody happens to look at does not steer the mock."""
    ask(app, "GET", "/a", headers={"origin": PAGE, "x-mock-key": "mine"})

    assert (page_posts(app, None), page_posts(app, "mine")) == (403, 403)


def test_pages_may_play_for_their_own_key_where_that_is_allowed(tmp_path: Path) -> None:
    """For the keys that they send themselves, and for no other."""
    app = mock_of(tmp_path, CONTRACT, allow_page_scenarios=True)
    ask(app, "GET", "/a", headers={"origin": PAGE, "x-mock-key": "mine"})
    ask(app, "GET", "/a", headers={"origin": "http://other.example", "x-mock-key": "theirs"})
    preflight = ask(
        app,
        "OPTIONS",
        "/__mock/scenarios",
        headers={"origin": PAGE, "access-control-request-method": "POST"},
    )

    assert (page_posts(app, "mine"), page_posts(app, "theirs"), page_posts(app, None)) == (
        201,
        403,
        403,
    )
    assert "access-control-allow-origin" in preflight.headers
    assert ask(app, "GET", "/__mock/requests", headers={"origin": PAGE}).status == 403


def test_the_admin_token_opens_it_to_pages(tmp_path: Path) -> None:
    """Whoever has the token may steer from anywhere, and read the answers."""
    app = mock_of(tmp_path, CONTRACT, admin_token="T")

    assert page_posts(app, None) == 401
    assert page_posts(app, None, authorization="Bearer T") == 201
    listed = ask(
        app,
        "GET",
        "/__mock/scenarios",
        headers={"origin": PAGE, "authorization": "Bearer T"},
        client=("203.0.113.5", 1),
    )
    assert "access-control-allow-origin" in listed.headers


def test_scenarios_of_the_published_contract() -> None:
    """A 401, a refresh, a 200: with the packaged contract, and a stream that breaks."""
    app = create_app()
    operation = "POST /api/ai/image/generation"
    app.play({"operation": operation, "answers": [{"status": 401}]})
    body = {"model": "m", "prompt": "p"}
    headers = {"authorization": "Bearer x"}
    seen = [
        ask(app, "POST", "/api/ai/image/generation", json_body=body, headers=headers).status
        for _ in range(2)
    ]

    assert seen == [401, 200]


def test_an_answer_that_waits_for_nothing_leaves_at_once(app: MockApp) -> None:
    """Its body is one message, as without a scenario, and no empty one follows."""
    app.play({"operation": "GET /a", "answers": [{"status": 200, "example": "two"}]})
    played, own = ask(app, "GET", "/a"), ask(app, "GET", "/a")

    assert (len(played.pieces), len(own.pieces)) == (1, 1)
    assert played.json == {"id": 2}
