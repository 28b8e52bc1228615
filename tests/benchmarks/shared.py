"""What it costs that several processes are one mock: one worker, several, and several by Redis."""

import contextlib
import json
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks.contenders import Contender, our_mock
from tests.benchmarks.cores import available_cores, pinned, share_out
from tests.benchmarks.exchange import Exchange
from tests.benchmarks.figures import Sample, measured, ratio
from tests.benchmarks.measuring import Say, sample, started
from tests.benchmarks.processes import Server
from tests.benchmarks.table import markdown, number
from tests.redis_server import REDIS, RedisServer

__all__ = ["Shared", "shared", "shared_table"]

CONNECTIONS = 16
WORKERS = 2
ONE, SEVERAL, REDIS_TITLE = "one worker", f"{WORKERS} workers", f"{WORKERS} workers, Redis"

#: What the title says: the operation that a scenario waits for, and how many answers it has, which
#: are the contract's own. Playing one answer for good changes nothing; a sequence has a next step.
CONDITIONS = {
    "": None,
    ", a scenario waits elsewhere": ("GET /api/ai/models", 1),
    ", one answer for good": ("POST /api/ai/image/generation", 1),
    ", a sequence plays": ("POST /api/ai/image/generation", 2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The figures, by title; `rounds` and `seconds` are how they were taken."""

    samples: tuple[Sample, ...]
    titles: tuple[str, ...]
    rounds: int
    seconds: float


def shared(exchange: Exchange, *, rounds: int, seconds: float, say: Say) -> Shared:
    """Measure all of them in turns, each without and with a scenario that waits.

    Raises:
        BenchmarkError: the mock does not start, or answers wrongly.

    """
    cores = share_out(available_cores())
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mocks = tuple(_mocks(stack, folder))
        stack.enter_context(pinned(cores.load))
        servers = {
            mock.title: stack.enter_context(started(mock, exchange, cores)) for mock in mocks
        }
        samples = tuple(_samples(servers, exchange, rounds, seconds, say))
    titles = tuple(f"{mock.title}{more}" for more in CONDITIONS for mock in mocks)
    return Shared(samples=samples, titles=titles, rounds=rounds, seconds=seconds)


def _mocks(stack: contextlib.ExitStack, folder: Path) -> Iterator[Contender]:
    mock = our_mock()
    yield replace(mock, title=ONE)
    workers = (*mock.command, "--workers", str(WORKERS))
    yield replace(mock, title=SEVERAL, command=workers)
    if REDIS is not None:
        server = RedisServer(folder)
        server.start()
        stack.callback(server.kill)
        command = (*workers, "--state", server.url)
        yield replace(mock, title=REDIS_TITLE, command=command)


def _samples(
    servers: dict[str, Server], exchange: Exchange, rounds: int, seconds: float, say: Say
) -> Iterator[Sample]:
    say("warming up")
    for title, server in servers.items():
        _sample(title, server, exchange, -1, 0.5)
    for turn in range(rounds):
        say(f"loading, round {turn + 1} of {rounds}")
        for more, scenario in CONDITIONS.items():
            for title, server in servers.items():
                _tell(server, scenario)
                yield _sample(f"{title}{more}", server, exchange, turn, seconds)
                _tell(server, None)


def _sample(title: str, server: Server, exchange: Exchange, turn: int, seconds: float) -> Sample:
    return sample(title, server, exchange, number=turn, connections=CONNECTIONS, seconds=seconds)


def _tell(server: Server, scenario: tuple[str, int] | None) -> None:
    """Let a scenario of so many answers wait for an operation; None takes it back."""
    operation, count = scenario or ("", 1)
    document = {"operation": operation, "repeat": True, "answers": [{"status": 200}] * count}
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/__mock/scenarios",
        data=json.dumps(document).encode() if scenario else None,
        method="POST" if scenario else "DELETE",
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()


def shared_table(figures: Shared) -> str:
    """A row for each; ratios are those of one round, to the one worker without a scenario."""
    samples = figures.samples

    def row(title: str) -> tuple[str, ...]:
        rate = ratio(samples, title, ONE, CONNECTIONS, lambda one: one.rate)
        work = ratio(samples, title, ONE, CONNECTIONS, lambda one: one.processor)
        spent = measured(samples, title, CONNECTIONS, lambda one: one.processor)
        slow = measured(samples, title, CONNECTIONS, lambda one: one.p99)
        return (
            title,
            number(rate, "{:.2f} ×"),
            number(work, "{:.2f} ×"),
            number(spent, "{:,.0f}", 1e6),
            number(slow, "{:.1f}", 1e3),
        )

    headings = ("processes", "requests/s", "CPU/request", "CPU µs/request", "p99 ms")
    return markdown(headings, [row(title) for title in figures.titles])
