"""The load generator: a process of its own, as fast as it is answered, that checks each answer.

It must cost less than the servers that it measures, so it speaks HTTP/1.1 by hand: one prepared
request, kept connections, one request in flight on each, and of the answer only the status, the
framing and the body's bytes are looked at.
"""

import asyncio
import gc
import json
import sys
import time
from array import array
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import uvloop

from tests.benchmarks.answers import Answer, read_answer

#: Longest wait, in seconds, for the answers that are still on their way when the time is up.
GRACE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to send, what must come back, on how many connections and for how many seconds."""

    port: int
    request: bytes
    status: int
    body: bytes
    connections: int
    seconds: float

    def to_json(self) -> str:
        values = asdict(self) | {"request": self.request.decode("latin-1")}
        return json.dumps(values | {"body": self.body.decode("latin-1")})

    @classmethod
    def from_json(cls, text: str) -> "Load":
        values: dict[str, Any] = json.loads(text)
        request, body = values.pop("request"), values.pop("body")
        return cls(request=request.encode("latin-1"), body=body.encode("latin-1"), **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came back.

    `latencies` are seconds, of the answers inside the time. `answers` counts those that came after
    it as well: the server worked for them too. `wrong` counts by kind what was not the expected
    answer; with any of it the rest means nothing. `busy` is the share of one core that the
    generator itself used: near 1 it was the limit, and not the server.
    """

    answers: int
    seconds: float
    latencies: "array[float]"
    busy: float
    wrong: dict[str, int] = field(default_factory=dict)
    specimen: str = ""


class _Tally:
    """What all connections of one load count together."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.deadline = 0.0
        self.answers = 0
        self.latencies = array("d")
        self.wrong: dict[str, int] = {}
        self.specimen = ""
        self.open = load.connections
        self.done = asyncio.get_running_loop().create_future()

    def count_wrong(self, kind: str, specimen: str) -> None:
        self.wrong[kind] = self.wrong.get(kind, 0) + 1
        self.specimen = self.specimen or specimen

    def closed(self) -> None:
        self.open -= 1
        if self.open == 0 and not self.done.done():
            self.done.set_result(None)


class _Connection(asyncio.Protocol):
    """One kept connection: the next request goes out when the answer to the last one is whole."""

    def __init__(self, tally: _Tally) -> None:
        self._tally = tally
        self._request = tally.load.request
        self._received = b""
        self._sent = 0.0
        self._finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def start(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)

    def abort(self) -> None:
        self._finished = True
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._received:
            data = self._received + data
        answer = read_answer(data)
        if answer is None:
            self._received = data
            return
        self._received = b""
        self._judge(answer, time.perf_counter())

    def _judge(self, answer: Answer, now: float) -> None:
        tally = self._tally
        tally.answers += 1
        if answer.status != tally.load.status or answer.body != tally.load.body:
            tally.count_wrong(f"status {answer.status}", answer.body[:500].decode("latin-1"))
        if now >= tally.deadline or tally.wrong:
            self._finished = True
            self._transport.close()
            return
        tally.latencies.append(now - self._sent)
        self._sent = now
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._finished:
            self._tally.count_wrong("connection closed by the server", repr(exc))
        self._tally.closed()


async def generate(load: Load, *, grace: float = GRACE) -> Outcome:
    """Put the load on the server at 127.0.0.1. Ends early at the first wrong answer.

    Raises:
        OSError: the server does not take the connections.

    """
    loop = asyncio.get_running_loop()
    tally = _Tally(load)
    connections = [
        (await loop.create_connection(lambda: _Connection(tally), "127.0.0.1", load.port))[1]
        for _ in range(load.connections)
    ]
    started, busy = time.perf_counter(), time.process_time()
    tally.deadline = started + load.seconds
    for connection in connections:
        connection.start()
    try:
        await asyncio.wait_for(tally.done, load.seconds + grace)
    except TimeoutError:
        tally.count_wrong("no answer", f"nothing within {grace:g} s after the end")
        for connection in connections:
            connection.abort()
    busy = (time.process_time() - busy) / (time.perf_counter() - started)
    return Outcome(
        answers=tally.answers,
        seconds=load.seconds,
        latencies=tally.latencies,
        busy=busy,
        wrong=tally.wrong,
        specimen=tally.specimen,
    )


def main() -> None:
    """Read a load from standard input, put it on, write the outcome to standard output, all as
    JSON.
    """
    load = Load.from_json(sys.stdin.read())
    gc.disable()
    outcome = uvloop.run(generate(load))
    values = {name: getattr(outcome, name) for name in Outcome.__slots__}
    json.dump(values | {"latencies": outcome.latencies.tolist()}, sys.stdout)


if __name__ == "__main__":
    main()
