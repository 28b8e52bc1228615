"""The interleaved run: servers are started and loaded in turns, so a slow minute hits them all."""

import contextlib
import json
import os
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.benchmarks.contenders import ROOT, Contender
from tests.benchmarks.cores import Cores, available_cores, pinned, share_out
from tests.benchmarks.exchange import Exchange
from tests.benchmarks.figures import Sample, Start, percentile
from tests.benchmarks.load import Load, Outcome
from tests.benchmarks.processes import BenchmarkError, Server, free_port, running

T = TypeVar("T")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured: rounds of loads, seconds a load, connections, starts, seconds of
    unmeasured warming up.
    """

    rounds: int
    seconds: float
    connections: tuple[int, ...]
    starts: int
    warming: float


QUICK = Plan(rounds=3, seconds=0.35, connections=(1, 16, 64), starts=2, warming=0.5)
FULL = Plan(rounds=7, seconds=2.0, connections=(1, 16, 64), starts=7, warming=3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All that was measured.

    `memory` is what a server and its children hold after all loads, in bytes; `others` is the load
    of the system (getloadavg(3), one minute) before the run, None where there is no such figure.
    """

    contenders: tuple[Contender, ...]
    samples: tuple[Sample, ...]
    starts: tuple[Start, ...]
    memory: dict[str, int] = field(default_factory=dict)
    pinned: bool = False
    others: float | None = None


def run(contenders: Sequence[Contender], exchange: Exchange, plan: Plan, say: Say) -> Run:
    """Measure all contenders that are there.

    Raises:
        BenchmarkError: one does not start, or gave a single answer that is not the documented one.

    """
    others = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    present = [contender for contender in contenders if not contender.missing]
    cores = share_out(available_cores())
    with contextlib.ExitStack() as stack:
        stack.enter_context(pinned(cores.load))
        starts = tuple(_starts(present, exchange, plan.starts, cores, say))
        servers = {
            contender.title: stack.enter_context(started(contender, exchange, cores))
            for contender in present
        }
        samples = tuple(_samples(servers, exchange, plan, say))
        usages = {title: server.usage() for title, server in servers.items()}
    return Run(
        contenders=tuple(contenders),
        samples=samples,
        starts=starts,
        memory={title: usage.memory for title, usage in usages.items() if usage},
        pinned=cores.pinned,
        others=others,
    )


@contextlib.contextmanager
def started(contender: Contender, exchange: Exchange, cores: Cores) -> Iterator[Server]:
    """The contender's server, whose first answer has been judged.

    Raises:
        BenchmarkError: it does not start, or its answer is not the documented one.

    """
    port = free_port()
    process = running(
        contender.on(port),
        port=port,
        request=exchange.request,
        folder=ROOT,
        environment=contender.environment,
        cores=cores.server,
    )
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(process)
            exchange.check(server.first)
        except (BenchmarkError, OSError) as error:
            raise BenchmarkError(f"{contender.title}: {error}") from error
        yield server


def _in_turns(items: Sequence[T], rounds: int) -> Iterator[tuple[int, Sequence[T]]]:
    """Each round begins with another one: nobody always comes after the same neighbour."""
    for number in range(rounds):
        shift = number % len(items)
        yield number, [*items[shift:], *items[:shift]]


def _starts(
    contenders: Sequence[Contender], exchange: Exchange, count: int, cores: Cores, say: Say
) -> Iterator[Start]:
    for number, order in _in_turns(contenders, count):
        say(f"starting, round {number + 1} of {count}")
        for contender in order:
            with started(contender, exchange, cores) as server:
                yield start_of(server, contender.title, number)


def start_of(server: Server, title: str, number: int) -> Start:
    """The figures of a start that has just been made."""
    usage = server.usage()
    return Start(
        title=title,
        round=number,
        seconds=server.first_after,
        processor=usage.processor if usage else None,
    )


def _samples(
    servers: dict[str, Server], exchange: Exchange, plan: Plan, say: Say
) -> Iterator[Sample]:
    say("warming up")
    for title, server in servers.items():
        sample(title, server, exchange, number=-1, connections=16, seconds=plan.warming)
    for number, order in _in_turns(list(servers), plan.rounds):
        say(f"loading, round {number + 1} of {plan.rounds}")
        for connections in plan.connections:
            for title in order:
                yield sample(
                    title,
                    servers[title],
                    exchange,
                    number=number,
                    connections=connections,
                    seconds=plan.seconds,
                )


def sample(
    title: str, server: Server, exchange: Exchange, *, number: int, connections: int, seconds: float
) -> Sample:
    """Put one load on a server and take its figures.

    Raises:
        BenchmarkError: an answer was not the one that the server gave first.

    """
    before = server.usage()
    outcome = put_on(
        Load(
            port=server.port,
            request=exchange.request,
            status=200,
            body=server.first.body,
            connections=connections,
            seconds=seconds,
        )
    )
    after = server.usage()
    if outcome.wrong:
        raise BenchmarkError(f"{title}: wrong answers {outcome.wrong}, such as {outcome.specimen}")
    if not outcome.latencies:
        raise BenchmarkError(f"{title}: not one answer in {seconds} s")
    return Sample(
        title=title,
        round=number,
        connections=connections,
        rate=len(outcome.latencies) / seconds,
        p50=percentile(outcome.latencies, 0.5),
        p99=percentile(outcome.latencies, 0.99),
        processor=(after.processor - before.processor) / outcome.answers
        if before and after
        else None,
        busy=outcome.busy,
    )


def put_on(load: Load) -> Outcome:
    """Run the generator in a process of its own, on the core that this one is pinned to.

    Raises:
        BenchmarkError: it failed.

    """
    generator = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load"],
        input=load.to_json(),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if generator.returncode:
        raise BenchmarkError(f"the load generator failed: {generator.stderr[-2000:]}")
    values = json.loads(generator.stdout)
    return Outcome(**values | {"latencies": array("d", values["latencies"])})
