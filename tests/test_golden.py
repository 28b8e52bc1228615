"""The golden cases in tests/golden, asked of the installed command over a real socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import Message
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.command import launched
from tests.golden.cases import Case, Exchange, Expected, Request, read
from tests.golden.matching import Answer, differences

FOLDER = Path(__file__).with_name("golden")
CASES = [case for file in sorted(FOLDER.rglob("*.txt")) for case in read(file)]


def _id(case: Case) -> str:
    return f"{case.file.relative_to(FOLDER).with_suffix('')}: {case.title}"


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Case], str]]:
    """Gives the URL of the mock that a case asks for; one is started for all that ask alike."""
    with ExitStack() as started:
        urls: dict[tuple[Path, tuple[str, ...]], str] = {}

        def url(case: Case) -> str:
            folder, arguments = case.file.parent, case.arguments
            if (folder, arguments) not in urls:
                mock = started.enter_context(launched(*arguments, cwd=folder))
                urls[folder, arguments] = mock.url
            return urls[folder, arguments]

        yield url


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_golden(case: Case, serve: Callable[[Case], str]) -> None:
    """The mock answers as the page says."""
    url = serve(case)
    for exchange in case.exchanges:
        answer = ask(url, exchange.request)
        found = list(differences(exchange.expected, answer))

        assert found == [], _told(case, exchange, answer)


def ask(url: str, request: Request) -> Answer:
    """Send a request byte by byte as the case has it, and read the whole answer."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    assert host is not None
    with socket.create_connection((host, port), timeout=20) as connection:
        connection.sendall(request.as_bytes())
        response = HTTPResponse(connection, method=request.method)
        response.begin()
        with response:
            return Answer(status=response.status, headers=response.headers, body=response.read())


def _told(case: Case, exchange: Exchange, answer: Answer) -> str:
    sent = exchange.request.as_bytes().decode("utf-8", "replace")
    got = answer.body.decode("utf-8", "replace")[:2000]
    return f"{case.file}:{case.line}\n{sent}\n\n{answer.status}\n{answer.headers}\n{got}"


def test_there_are_enough_cases() -> None:
    """Titles are unique within a file, so each case can be run by its name."""
    assert len({_id(case) for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize(
    ("wanted", "got", "found"),
    [
        ('{"a": 1}', '{"a": 1}', []),
        ('{"a": 1}', '{"a": 2}', ["body.a: expected 1, got 2"]),
        ('{"a": 1}', '{"a": true}', ["body.a: expected 1, got True"]),
        ('{"a": 1}', "{}", ["body.a: it is missing"]),
        ("{}", '{"a": 1}', ["body.a: it was not expected"]),
        ('{"…": "…"}', '{"a": 1}', []),
        ('{"a": "…"}', '{"a": [1]}', []),
        ('"x … z"', '"x y z"', []),
        ('"x … z"', '"x y"', ["body: expected 'x … z', got 'x y'"]),
        ("[1]", "[1, 2]", ["body: expected 1 items, got 2"]),
        ('[1, "…"]', "[1, 2]", []),
        ('[1, 2, "…"]', "[1]", ["body: expected 2 items, got 1"]),
        ("(none)", '{"a": 1}', ["body: expected '', got '{\"a\": 1}'"]),
    ],
)
def test_a_wrong_answer_is_told(wanted: str, got: str, found: list[str]) -> None:
    """The harness itself sees what differs, so that a case can fail."""
    headers = Message()
    headers["Content-Type"] = "application/json"
    expected = Expected(status=200, body=[wanted])
    answer = Answer(status=200, headers=headers, body=got.encode())

    assert list(differences(expected, answer)) == found


def test_wrong_status_and_headers_are_told() -> None:
    """Status and headers count, those that must not be there as well."""
    headers = Message()
    headers["A"] = "1"
    expected = Expected(status=200, headers=[("A", "2"), ("B", "…"), ("A", "(none)")])
    answer = Answer(status=500, headers=headers, body=json.dumps(None).encode())

    assert list(differences(expected, answer)) == [
        "status: expected 200, got 500",
        "A: expected 2, got 1",
        "B: expected …, got (none)",
        "A: expected (none), got 1",
    ]
