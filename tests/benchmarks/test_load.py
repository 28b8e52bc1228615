"""The load generator against a server of a few lines."""

import asyncio
from array import array
from typing import cast

import pytest

from tests.benchmarks.load import Load, Outcome, generate

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def served(script: list[bytes | None], *, connections: int = 1, seconds: float = 0.1) -> Outcome:
    """Load a server that gives each connection the script's answers, its last one for ever.

    None closes the connection, and an empty answer is none at all.
    """
    open_connections: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.add(cast("asyncio.Task[None]", asyncio.current_task()))
        turn = 0
        while await reader.read(len(REQUEST)):
            said = script[min(turn, len(script) - 1)]
            if said is None:
                break
            writer.write(said)
            turn += 1
        writer.close()
        await writer.wait_closed()

    async def both() -> Outcome:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        load = Load(
            port=server.sockets[0].getsockname()[1],
            request=REQUEST,
            status=200,
            body=b"good",
            connections=connections,
            seconds=seconds,
        )
        async with server:
            outcome = await generate(Load.from_json(load.to_json()), grace=0.1)
            await asyncio.gather(*open_connections)
        return outcome

    return asyncio.run(both())


def said(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def test_good_answers_are_counted_with_their_times() -> None:
    """Each connection asks again as soon as it is answered, until the time is up."""
    outcome = served([said(200, b"good")], connections=3)

    assert outcome.wrong == {}
    assert isinstance(outcome.latencies, array)
    assert 3 < len(outcome.latencies) <= outcome.answers <= len(outcome.latencies) + 3
    assert all(0 < latency < 0.2 for latency in outcome.latencies)
    assert 0 < outcome.busy <= 1.5


@pytest.mark.parametrize(
    ("script", "wrong", "specimen"),
    [
        pytest.param([said(500, b"broken")], {"status 500": 1}, "broken", id="status"),
        pytest.param([said(200, b"else")], {"status 200": 1}, "else", id="body"),
        pytest.param(
            [said(200, b"good"), said(503, b"busy")], {"status 503": 1}, "busy", id="later"
        ),
        pytest.param([None], {"connection closed by the server": 1}, "None", id="closed"),
        pytest.param(
            [b"HTTP/1.1 2"], {"no answer": 1}, "nothing within 0.1 s after the end", id="silent"
        ),
    ],
)
def test_what_is_not_the_good_answer_is_wrong(
    script: list[bytes | None], wrong: dict[str, int], specimen: str
) -> None:
    """A server must not look fast by failing: another status, body or a dropped connection."""
    outcome = served(script)

    assert (outcome.wrong, outcome.specimen) == (wrong, specimen)
