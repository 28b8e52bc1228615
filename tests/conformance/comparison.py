"""The kit beside the plain Schemathesis command, on the same faulty and legal servers.

python -m tests.conformance.comparison              every tenth fault, every fifth variant
python -m tests.conformance.comparison --every 1    all of them (an hour)

Each server is probed at the operation where its fault shows. A fault counts as found where the
correct server is not accused of the same; an accusation of the correct server, or of a variant, is
a false one.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from conformance.client.target import parse_target
from conformance.engine.run import Run
from conformance.model import Level
from spec import AI_CONTRACT
from tests.conformance.backend import FAULTS, VARIANTS, Backend, Fault, Variant, serving
from tests.conformance.backend import operations as op
from tests.conformance.examination import CONTRACT, options_for

__all__ = ["Score", "Tool", "compare"]

_FAILURE = re.compile(r"❌ (ST\d+)")
SCHEMATHESIS = Path(__file__).parents[2] / ".venv" / "bin" / "schemathesis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a tool said of one server, and what it cost."""

    accusations: frozenset[str]
    seconds: float
    requests: int
    billable: int


@dataclass(slots=True, kw_only=True)
class Score:
    """A tool's sum over all servers."""

    name: str
    found: int = 0
    faults: int = 0
    accused: int = 0
    legal: int = 0
    requests: int = 0
    billable: int = 0
    seconds: float = 0.0

    def add(self, probe: Probe) -> None:
        """Count what a probe cost."""
        self.requests += probe.requests
        self.billable += probe.billable
        self.seconds += probe.seconds

    def row(self) -> str:
        """One line of the table."""
        return (
            f"{self.name:24} {self.found:>4} of {self.faults:<4} {self.accused:>4} of "
            f"{self.legal:<4} {self.requests:>9,} {self.billable:>9,} {self.seconds:>8.0f} s"
        )


class Tool:
    """A way to probe a server; `probe` starts it anew each time."""

    name = ""

    def probe(self, backend: Backend, url: str, one: Fault | Variant | None) -> Probe:
        """Probe the server, and read its ledger for what it cost."""
        before, clock = len(backend.ledger.entries), time.perf_counter()
        accusations = self.accusations(backend, url, one)
        entries = backend.ledger.entries[before:]
        paid = [e for e in entries if e.method not in ("GET", "HEAD") and 200 <= e.status < 300]
        return Probe(
            accusations=frozenset(accusations),
            seconds=time.perf_counter() - clock,
            requests=len(entries),
            billable=len(paid),
        )

    def accusations(self, backend: Backend, url: str, one: Fault | Variant | None) -> Iterable[str]:
        """The codes of what was found."""
        raise NotImplementedError


class Kit(Tool):
    """`conformance run`, without the second that its process takes to start."""

    name = "conformance run"

    def accusations(self, backend: Backend, url: str, one: Fault | Variant | None) -> Iterable[str]:
        options = options_for(one) if one is not None else options_for(VARIANTS[0])
        include = _operations(one)
        run = Run(CONTRACT, parse_target(url), replace(options, include=include))
        asyncio.run(run.execute())
        level = Level(one.level) if isinstance(one, Fault) else Level.ERROR
        return [f.code for f in run.report().findings if f.level.at_least(level)]


class Schemathesis(Tool):
    """`schemathesis run` as it comes."""

    name = "schemathesis run"

    def accusations(self, backend: Backend, url: str, one: Fault | Variant | None) -> Iterable[str]:
        method, _, path = _operations(one)[0].partition(" ")
        command = [str(SCHEMATHESIS), "run", str(AI_CONTRACT), "--url", url, "--seed", "1"]
        command += ["--include-path", path, "--include-method", method, "--no-color"]
        command += ["-H", f"Authorization: Bearer {backend.tokens.admin}"]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        return _FAILURE.findall(finished.stdout.partition("SUMMARY")[2])


def _operations(one: Fault | Variant | None) -> tuple[str, ...]:
    return (one.operations[0],) if isinstance(one, Fault) else (op.CHAT,)


def compare(every: int) -> list[Score]:
    """Both tools on every N-th fault, on variants half as far apart, and on the correct server."""
    faults = list(FAULTS)[::every]
    variants = list(VARIANTS)[:: max(1, every // 2)]
    scores = []
    for tool in (Kit(), Schemathesis()):
        score = Score(name=tool.name, faults=len(faults), legal=len(variants) + 1)
        usual: dict[str, frozenset[str]] = {}
        for legal in (None, *variants):
            probe = _probed(tool, legal)
            score.add(probe)
            score.accused += bool(probe.accusations)
        for fault in faults:
            where = fault.operations[0]
            if where not in usual:
                usual[where] = _probed(tool, replace(fault, name="")).accusations
            probe = _probed(tool, fault)
            score.add(probe)
            score.found += bool(probe.accusations - usual[where])
            click.echo(f"{tool.name}: {fault.name}: {sorted(probe.accusations)}", err=True)
        scores.append(score)
    return scores


def _probed(tool: Tool, one: Fault | Variant | None) -> Probe:
    backend = Backend([one.name] if one is not None and one.name else [])
    with serving(backend) as url:
        return tool.probe(backend, url, one)


@click.command()
@click.option("--every", type=click.IntRange(min=1), default=10, show_default=True)
def main(every: int) -> None:
    """Print the table."""
    scores = compare(every)
    click.echo(f"{'':24} {'faults found':12} {'accused':>12} {'requests':>9} {'billable':>9} time")
    for score in scores:
        click.echo(score.row())


if __name__ == "__main__":
    main()
