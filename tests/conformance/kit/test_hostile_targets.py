"""Targets that do what no server should: a finding or a message, nothing hangs, nothing is lost."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses.kinds import ClauseKind
from conformance.http import sockets
from conformance.http.exchange import Answer, Request, Trouble
from conformance.http.target import parse_target
from conformance.http.transport import Client
from conformance.report.findings import ReportVerdict
from conformance.run.session import outages
from tests.conformance.kit.running import codes, contract_of, run
from tests.conformance.kit.targets import always, speaking

PING = """
paths:
  /ping:
    get:
      responses:
        '200':
          description: well
          content: {application/json: {schema: {type: object}}}
"""
FALSE = "false-length"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def test_nobody_listens(tmp_path: Path) -> None:
    """A port without a server is unreachable, and the remark says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    report = run(contract_of(tmp_path, PING), f"http://127.0.0.1:{port}")

    assert report.verdict is ReportVerdict.UNREACHABLE
    assert not report.findings
    assert {one.verdict.value for one in report.clauses} == {"unobserved"}
    assert "never answered" in report.remarks[0]


@pytest.mark.slow
def test_a_target_that_never_answers(tmp_path: Path) -> None:
    """Silence ends with the time limit of a request, and no request is sent again."""
    asked = list[bytes]()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n"))
        await reader.read()

    with speaking(silent) as url:
        report = run(contract_of(tmp_path, PING), url, max_response_time=0.2)

    assert report.verdict is ReportVerdict.UNREACHABLE
    assert asked
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "false-length", id="cut"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
            "false-length",
            id="false-gzip",
        ),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: /ping\r\nContent-Length: 0\r\n\r\n",
            "undocumented-status",
            id="redirect-to-itself",
        ),
    ],
)
def test_answers_that_are_none(tmp_path: Path, answer: bytes, code: str) -> None:
    """What cannot be understood is a finding of its own code."""
    with speaking(always(answer)) as url:
        report = run(contract_of(tmp_path, PING), url)

    assert code in codes(report)
    assert report.verdict is ReportVerdict.BREAKS


def test_another_protocol_is_no_answer(tmp_path: Path) -> None:
    """What never speaks HTTP is told like what never speaks."""
    with speaking(always(b"SSH-2.0-OpenSSH_9.9\r\n")) as url:
        report = run(contract_of(tmp_path, PING), url)

    assert report.verdict is ReportVerdict.UNREACHABLE


def test_http_1_0_is_spoken(tmp_path: Path) -> None:
    """An answer in HTTP/1.0 that ends with its connection is an answer."""
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}"
    with speaking(always(answer)) as url:
        report = run(contract_of(tmp_path, PING), url, families=frozenset({ClauseKind.CONTROL}))

    assert report.verdict is ReportVerdict.CONFORMS


def test_an_answer_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten gigabytes are cut at the limit, and the rest is never read, as the next answer either."""
    monkeypatch.setattr("conformance.http.received.MOST_BYTES", 500_000)

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        writer.write(b"Content-Length: 10737418240\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" " * 100_000)
            await writer.drain()

    control = frozenset({ClauseKind.CONTROL, ClauseKind.STEADINESS})
    with speaking(pour) as url:
        report = run(contract_of(tmp_path, PING), url, families=control, max_response_time=60)

    assert codes(report) == ["oversized-answer"]


def test_what_says_that_it_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three gigabytes cost no more than what a report shows of them."""
    monkeypatch.setattr("conformance.http.received.KEPT_BYTES", 1_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3221225472\r\n\r\n"

    async def fetched(url: str) -> Answer:
        async with Client(parse_target(url), timeout=60) as client:
            return await client.send(Request(method="GET", target="/"))

    with speaking(always(head + b" " * 1_000_000)) as url:
        answer = asyncio.run(fetched(url))

    assert (answer.trouble, len(answer.body)) == (Trouble.OVERSIZED, 1_000)


@pytest.mark.parametrize(
    ("head", "trouble"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", None),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{", Trouble.DROPPED),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", Trouble.DROPPED),
    ],
    ids=["a refusal", "a refusal with a length", "a success"],
)
def test_a_refusal_without_a_length_may_end_with_a_reset(
    head: bytes, trouble: Trouble | None
) -> None:
    """So ends the connection of a request that was not read to its end."""

    async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        await writer.drain()
        await asyncio.sleep(0.1)
        own = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def fetched(url: str) -> Answer:
        async with Client(parse_target(url), timeout=5) as client:
            return await client.send(Request(method="FROBNICATE", target="/", body=b"&"))

    with speaking(resetting) as url:
        answer = asyncio.run(fetched(url))

    assert (answer.status, answer.trouble) == (int(head.split()[1]), trouble)


def test_dropped_after_the_first_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a target has answered, a dropped connection is a finding and no lack of a target."""
    monkeypatch.setattr(outages, "_PAUSES", (0.0, 0.0))
    answers = [GOOD]

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answers:
            writer.write(answers.pop())
            await writer.drain()

    with speaking(once) as url:
        report = run(contract_of(tmp_path, PING), url, max_response_time=1)

    assert "no-answer" in codes(report)
    assert report.verdict is ReportVerdict.BREAKS


CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NOTES = """
paths:
  /notes:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: ok}, '400': {description: no}}
"""


def test_a_request_without_its_end_has_made_nothing(tmp_path: Path) -> None:
    """A server that closes the connection on such a request is not said to have made something."""

    async def careful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = re.search(rb"content-length: (\d+)\r\n", head)
        with suppress(asyncio.IncompleteReadError):
            if length is not None and b"chunked" not in head:
                await reader.readexactly(int(length[1]))
                writer.write(CREATED)
            elif b"chunked" in head:
                writer.write(CREATED.replace(b"201 Created", b"400 Bad Request"))
            await writer.drain()

    wire: dict[str, Any] = {"families": frozenset({ClauseKind.WIRE}), "max_examples": 0}
    with speaking(careful) as url:
        report = run(contract_of(tmp_path, NOTES), url, allow_writes=True, **wire)

    assert [one for one in report.remarks if "no answer" in one] == []


def test_a_kept_connection_that_is_closed_accuses_nobody(tmp_path: Path) -> None:
    """Many servers close after a failure and do not say so: the next request is innocent.

    Here a connection on which a request failed ends with the next request.
    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        failed = False
        while not failed:
            asked = await reader.readuntil(b"\r\n\r\n")
            failed = b"page" in asked and b"page=1 " not in asked
            writer.write(GOOD.replace(b"200 OK", b"500 Oh") if failed else GOOD)
            await writer.drain()
        await reader.read(1)

    with speaking(talk) as url:
        report = run(contract_of(tmp_path, ENDING), url)

    assert "no-answer" not in codes(report)
    assert "server-error" in codes(report)


ENDING = """
paths:
  /pages:
    get:
      parameters: [{name: page, in: query, schema: {type: integer, minimum: 1}}]
      responses:
        '200': {description: found, content: {application/json: {schema: {type: object}}}}
        '400': {description: no}
"""


def test_content_after_an_answer_to_head_accuses_that_request_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not taken for the next answer; HTTP forbids it, and no contract does."""
    # A busy machine may be late with it; what comes is read as soon as it is there.
    monkeypatch.setattr(sockets, "GLANCE", 5)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(GOOD[:-2])
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.write(GOOD[-2:])
            await writer.drain()

    async def sent(url: str) -> list[Answer]:
        methods = ("GET", "HEAD", "GET")
        async with Client(parse_target(url), timeout=5) as client:
            return [await client.send(Request(method=one, target="/ping")) for one in methods]

    with speaking(talk) as url:
        first, head, last = asyncio.run(sent(url))
        report = run(contract_of(tmp_path, PING), url, families=frozenset({ClauseKind.METHODS}))

    assert (first.trouble, last.trouble, last.body) == (None, None, b"{}")
    assert (head.trouble, head.detail) == (
        Trouble.FALSE_LENGTH,
        "2 bytes after the end of the answer",
    )
    told = [(one.level.value, one.first.request) for one in report.findings if one.code == FALSE]
    assert [(level, request.method) for level, request in told if request] == [("warning", "HEAD")]
