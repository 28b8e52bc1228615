"""The journal: what was asked and answered, found again, verified, followed and exported."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from mock_server import MockApp, Settings
from mock_server.command.running import RunningMock
from spec.text.secrets import MASK
from tests.mock_server.asking import ask, mock_of

CONTRACT = """
paths:
  /a/{id}:
    post:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: n, in: query, schema: {type: integer}}
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {name: {type: string}, password: {type: string}}}
          application/x-www-form-urlencoded: {schema: {type: object}}
      responses:
        '200': {description: Good, content: {application/json: {example: {accessToken: secret-1}}}}
        '400': {description: Bad}
      security: [{k: []}]
components:
  securitySchemes: {k: {type: apiKey, in: query, name: pass}}
"""


@pytest.fixture
def app(tmp_path: Path) -> MockApp:
    """A mock whose journal is empty."""
    return mock_of(tmp_path, CONTRACT)


def post(app: MockApp, target: str = "/a/1?pass=p", body: Any = None, **headers: str) -> int:
    """The status of one request."""
    return ask(app, "POST", target, json_body=body or {"name": "x"}, headers=headers).status


def journal(app: MockApp, query: str = "") -> Any:
    """What the journal lists."""
    return ask(app, "GET", f"/__mock/requests{query}").json


def test_an_entry_says_what_was_asked_and_what_was_decided(app: MockApp) -> None:
    """Every member that readers rely on, with the violations of a refused request."""
    post(app, "/a/1?n=x&pass=p", {"name": 1}, **{"x-mock-key": "w1"})
    (entry,) = journal(app)

    assert set(entry) == {
        *("id", "at", "key", "operation", "method", "target", "headers", "body"),
        *("status", "source", "violations", "scenario", "ms"),
    }
    assert (entry["id"], entry["key"], entry["operation"]) == (1, "w1", "POST /a/{id}")
    assert (entry["method"], entry["status"], entry["scenario"]) == ("POST", 400, None)
    assert entry["at"].endswith("Z")
    assert {one.get("parameter", one.get("pointer")) for one in entry["violations"]} == {
        "n",
        "#/name",
    }


def test_credentials_are_never_shown(app: MockApp) -> None:
    """Neither those of the request, also where a body repeats them, nor those of an answer."""
    headers = {"authorization": "Bearer secret-2", "cookie": "s=secret-3", "x-api-key": "secret-4"}
    headers["referer"] = "http://bob:secret-7@h/?token=secret-8"
    repeated = "Bearer secret-2, secret-3, secret-4, secret-5 and secret-14"
    headers["x-session-token"] = "secret-14"
    body = {"name": repeated, "password": "secret-6", "url": "https://h/?sig=secret-9"}
    post(app, "/a/1?pass=secret-5&X-Amz-Signature=secret-10&key=secret-11", body, **headers)
    views = [
        ask(app, "GET", f"/__mock/requests{path}").body.decode() for path in ("", "/1", ".har")
    ]

    assert [view for view in views if "secret-" in view] == []
    assert all("Bearer" in view for view in views)
    assert MASK in json.loads(views[1])["answer"]["body"]["accessToken"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"password": "secret-1", "x": "' + b"y" * 70_000 + b'"}'),
        ("application/json", b'{"password": "secret-1'),
        ("application/x-www-form-urlencoded", b"a=b&password=secret-1&c=d"),
    ],
    ids=["long", "cut", "form"],
)
def test_credentials_in_bodies_that_are_not_read(
    app: MockApp, content_type: str, body: bytes
) -> None:
    """A body that is too long, broken or a form is masked as well."""
    ask(app, "POST", "/a/1?pass=p", body, headers={"content-type": content_type})

    for path in ("", "/1", ".har"):
        shown = ask(app, "GET", f"/__mock/requests{path}").body
        assert b"secret-1" not in shown
        assert b"password" in shown


def test_what_is_about_the_mock_itself_is_not_in_it(app: MockApp) -> None:
    """Nobody who looks at the journal finds himself there."""
    journal(app)
    ask(app, "GET", "/__mock/health")

    assert journal(app) == []


def test_entries_are_found(app: MockApp) -> None:
    """By operation, status, key, since an entry, and no more than asked for; newest first."""
    post(app)
    post(app, "/nope")
    post(app, "/a/x?pass=p", **{"x-mock-key": "k"})
    post(app)

    def ids(query: str) -> list[int]:
        return [entry["id"] for entry in journal(app, query)]

    assert ids("") == [4, 3, 2, 1]
    assert ids("?operation=POST%20/a/%7Bid%7D") == [4, 3, 1]
    assert (ids("?status=404"), ids("?key=k"), ids("?since=2"), ids("?limit=1")) == (
        [2],
        [3],
        [4, 3],
        [4],
    )
    assert ask(app, "GET", "/__mock/requests?limit=x").status == 400
    assert ask(app, "GET", "/__mock/requests/99").status == 404


def test_it_is_emptied_and_reset_by_key(app: MockApp) -> None:
    """What belongs to others stays; ids go on."""
    post(app, **{"x-mock-key": "k"})
    post(app)
    ask(app, "POST", "/__mock/reset?key=k")
    left = [entry["id"] for entry in journal(app)]
    ask(app, "DELETE", "/__mock/requests")
    post(app)

    assert left == [2]
    assert [entry["id"] for entry in journal(app)] == [3]


def test_it_is_bounded(tmp_path: Path) -> None:
    """In entries, and in what is kept of a body; the size is told."""
    app = mock_of(tmp_path, CONTRACT, journal_size=20)
    for _ in range(21):
        ask(app, "GET", "/nope")
    post(app, body={"name": "x" * 100_000})

    assert Settings().journal_size == 1000
    assert len(journal(app, "?limit=5000")) == 20
    entry = journal(app, "?limit=1")[0]
    assert len(entry["body"]) < 70_000
    assert entry["body"].endswith("(100012 bytes)")


def test_no_journal(tmp_path: Path) -> None:
    """Where none is kept, the answer says so."""
    app = mock_of(tmp_path, CONTRACT, journal=False)
    post(app)

    answer = ask(app, "GET", "/__mock/requests")
    assert (answer.status, "--no-journal" in answer.json["detail"]) == (404, True)


def verify(app: MockApp, **expected: Any) -> Any:
    """What verification says."""
    return ask(app, "POST", "/__mock/requests/verify", json_body=expected).json


@pytest.mark.parametrize(
    ("expected", "ok"),
    [
        ({}, True),
        ({"operation": "POST /a/{id}", "times": 2}, True),
        ({"operation": "POST /a/{id}", "times": 1}, False),
        ({"times": {"min": 3}}, False),
        ({"times": {"max": 2}}, True),
        ({"status": 500, "times": {"max": 2}}, True),
        ({"status": 500, "times": 0}, True),
        ({"match": {"properties": {"body": {"properties": {"name": {"const": "x"}}}}}}, True),
        ({"match": {"properties": {"path": {"properties": {"id": {"const": 1}}}}}}, True),
        ({"match": {"properties": {"query": {"required": ["q"]}}}}, False),
        ({"match": {"properties": {"headers": {"required": ["content-type"]}}}}, True),
    ],
)
def test_verification(app: MockApp, expected: dict[str, Any], ok: bool) -> None:
    """Counts the requests that fit, by decoded path, query, headers and body."""
    post(app)
    post(app, body={"name": "y"})

    assert verify(app, **expected)["ok"] is ok


def test_the_nearest_misses_say_what_did_not_match(app: MockApp) -> None:
    """The one with the fewest differences first, each with its JSON pointer."""
    post(app, "/nope")
    post(app, body={"name": "y"})
    name = {"properties": {"body": {"properties": {"name": {"const": "x"}}}}}
    found = verify(app, operation="POST /a/{id}", match=name)

    assert (found["ok"], found["count"]) == (False, 0)
    assert found["nearest"][0] == {"id": 2, "why": ['/body/name: "x" was expected']}
    assert found["nearest"][1]["why"][0] == "/operation: none, not POST /a/{id}"


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ({"operation": 1}, "operation"),
        ({"oops": 1}, "oops"),
        ({"times": -1}, "times"),
        ({"times": True}, "times"),
        ({"times": {"min": 2, "max": 1}}, "larger"),
        ({"times": {"most": 1}}, "most"),
        ({"status": True}, "status"),
        ({"operaton": "POST /a/{id}"}, "'operation'"),
        ({"operation": "POST /a/{ID}", "times": 0}, "'POST /a/{id}'"),
        ({"match": {"type": "strin"}}, "match"),
        ({"match": 5}, "match"),
    ],
)
def test_a_wrong_expectation_is_refused(app: MockApp, expected: Any, told: str) -> None:
    """With the name of the member."""
    answer = ask(app, "POST", "/__mock/requests/verify", json_body=expected)

    assert (answer.status, told in answer.json["detail"]) == (400, True)


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_an_expectation_reads_nothing_for_its_client(
    app: MockApp, tmp_path: Path, scheme: str
) -> None:
    """A reference to a URL or a file is refused, and nobody is asked for it."""
    (tmp_path / "schema.json").write_text("{}")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        at = f"127.0.0.1:{server.getsockname()[1]}"
        target = f"http://{at}/s" if scheme == "http" else (tmp_path / "schema.json").as_uri()
        expected = {"match": {"$ref": target}, "times": 0}
        answer = ask(app, "POST", "/__mock/requests/verify", json_body=expected)
        with pytest.raises(TimeoutError):
            server.accept()

    assert (answer.status, "match" in answer.json["detail"]) == (400, True)


@pytest.mark.parametrize("named", ["POST /a/{id}", "*", "addA"])
def test_an_operation_of_any_of_its_names(tmp_path: Path, named: str) -> None:
    """As scenarios have it: its id, its operationId, or all of them."""
    app = mock_of(tmp_path, CONTRACT.replace("    post:\n", "    post:\n      operationId: addA\n"))
    post(app)
    query = f"?operation={quote(named)}"

    assert verify(app, operation=named, times=1.0)["ok"]
    assert app.verify(operation=named, status=200).ok
    assert len(journal(app, query)) == 1


@pytest.mark.parametrize(
    ("query", "told"),
    [("statsu=200", "'status'"), ("limit=-1", "limit"), ("since=1e3", "since"), ("x=1", "limit")],
)
def test_a_wrong_query_is_refused(app: MockApp, query: str, told: str) -> None:
    """Ignoring it would answer another question."""
    answer = ask(app, "GET", f"/__mock/requests?{query}")

    assert (answer.status, told in answer.json["detail"]) == (400, True)


def test_har(app: MockApp) -> None:
    """The archive has both sides, oldest first, in the form that browsers' tools read."""
    post(app)
    post(app, "/a/x?pass=p")
    log = json.loads(ask(app, "GET", "/__mock/requests.har").body)["log"]
    first, second = log["entries"]

    assert (log["version"], log["creator"]["name"]) == ("1.2", "mock-server")
    assert first["request"]["url"].startswith("http://localhost/a/1")
    assert json.loads(first["request"]["postData"]["text"]) == {"name": "x"}
    assert (first["response"]["status"], second["response"]["status"]) == (200, 400)


@pytest.fixture
def running(app: MockApp) -> Iterator[RunningMock]:
    """The same mock on a socket."""
    with RunningMock(app) as mock:
        yield mock


def test_it_is_followed_live(running: RunningMock) -> None:
    """Each request that comes is told to whoever follows, and only those that are asked for."""
    seen = list[Any]()
    ready = threading.Event()

    def follow() -> None:
        with httpx2.stream("GET", f"{running.url}/__mock/requests/stream?status=404") as answer:
            for line in answer.iter_lines():
                ready.set()
                if line.startswith("data: "):
                    seen.append(json.loads(line.removeprefix("data: ")))
                    return

    follower = threading.Thread(target=follow)
    follower.start()
    ready.wait(20)
    httpx2.post(f"{running.url}/a/x")
    httpx2.get(f"{running.url}/nope")
    follower.join(20)

    assert [(one["method"], one["target"], one["status"]) for one in seen] == [
        ("GET", "/nope", 404)
    ]


@pytest.mark.parametrize(
    ("answer", "wish"), [({"delay": 30}, ""), ({"pace": 1}, ""), (None, "&__wait=30")]
)
def test_a_request_is_there_before_its_answer(
    running: RunningMock, app: MockApp, answer: dict[str, Any] | None, wish: str
) -> None:
    """A client that gives up waiting can still be told that its request came."""
    if answer is not None:
        app.play({"operation": "POST /a/{id}", "answers": [answer]})
    with pytest.raises(httpx2.TimeoutException):
        httpx2.post(f"{running.url}/a/7?pass=p{wish}", json={"name": "x"}, timeout=0.5)
    told = app.verify(operation="POST /a/{id}", status=200, match={"required": ["body"]})

    assert (told.ok, told.count) == (True, 1)


def test_metrics(app: MockApp) -> None:
    """Prometheus reads how many answers there were, by operation and status."""
    post(app)
    post(app, "/a/x?pass=p")
    text = ask(app, "GET", "/__mock/metrics").body.decode()

    assert 'mock_answers_total{operation="POST /a/{id}",status="200"} 1.0' in text
    assert 'mock_answers_total{operation="POST /a/{id}",status="400"} 1.0' in text
    assert "mock_scenarios_waiting 0.0" in text


def test_operations(app: MockApp) -> None:
    """What is served, by operation, status, media type and example."""
    (one,) = ask(app, "GET", "/__mock/operations").json

    assert (one["id"], one["deprecated"], one["unserved"]) == ("POST /a/{id}", False, [])
    assert one["statuses"] == {
        "200": {"media": ["application/json"], "examples": []},
        "400": {"media": [], "examples": []},
    }


def test_verification_reads_a_form_as_its_operation_does(app: MockApp) -> None:
    """The journal keeps bytes; what they say is read again, with the types of the schema."""
    form = {"content-type": "application/x-www-form-urlencoded"}
    ask(app, "POST", "/a/1?pass=p", body=b"a=b&c=d", headers=form)
    says = {"properties": {"body": {"const": {"a": "b", "c": "d"}}}, "required": ["body"]}

    assert verify(app, match=says, times=1)["ok"] is True
