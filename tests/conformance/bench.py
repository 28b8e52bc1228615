"""The kit beside the plain `schemathesis run`: same servers, same token, both at their defaults.

python -m tests.conformance.bench            a fault of each family and 2 variants: ten minutes
python -m tests.conformance.bench --all      every fault and every variant, however long it takes

Both run as processes against the same backend, whose own ledger counts what each of them sent and
what was billed; the seconds of processor are those of the tool, without the backend's. Both ask the
correct server for the whole contract, and every other one for the operations where its fault, or
what is legal about it, shows. A tool has found a fault where it accuses a path that has it, of what
it does not say of the correct server as well.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from conformance.report.findings import Level
from spec import AI_CONTRACT
from tests.conformance.backend import FAULTS, VARIANTS, Backend, Fault, Variant, serving
from tests.conformance.backend.gateway import State
from tests.conformance.backend.operations import IMAGE, OPERATIONS

__all__ = ["main"]

BIN = Path(sys.executable).parent
PATIENCE = 180.0
"""Seconds after which a tool is stopped; it has found nothing then."""
MOST_VARIANTS = 2
CORRECT = "the correct server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that a tool prints: a name for it, and the operations that it accuses."""

    what: str
    operations: frozenset[str]
    level: Level = Level.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One run of one tool; `requests` and `billable` are the backend's count.

    `seconds` are those of the clock, `processor` those that the tool computed.
    """

    told: tuple[Told, ...]
    requests: int
    billable: int
    seconds: float
    processor: float
    wrote: bool


Tool = Callable[[str, str, Sequence[str], Path], tuple[Told, ...]]


def kit(url: str, token: str, options: Sequence[str], folder: Path) -> tuple[Told, ...]:
    """`conformance run`."""
    file = folder / "kit.json"
    _run(
        [BIN / "conformance", "run", "--url", url, "--quiet", "--report", f"json={file}", *options],
        {"CONFORMANCE_TOKEN": token},
    )
    found = _read(file)["findings"] if file.exists() else []
    return tuple(
        Told(
            what=one["code"],
            operations=frozenset(one["operations"]),
            level=Level(one["level"]),
        )
        for one in found
    )


def schemathesis(url: str, token: str, options: Sequence[str], folder: Path) -> tuple[Told, ...]:
    """`schemathesis run`, with what it knows of our options."""
    own = list[str]()
    for name, value in zip(options[::2], options[1::2], strict=True):
        if name == "--max-response-time":
            own += [name, value]
        elif name == "--include":
            method, path = value.split(" ")
            own += ["--include-path", path, "--include-method", method]
    _run(
        [
            *(BIN / "schemathesis", "run", AI_CONTRACT, "--url", url),
            *("-H", f"Authorization: Bearer {token}"),
            *("--report", "json", "--report-dir", folder / "schemathesis", *own),
        ],
        {},
    )
    files = sorted((folder / "schemathesis").glob("*.json"))
    found = _read(files[-1])["failures"] if files else []
    return tuple(
        Told(what=f"{one['code']} {one['title']}", operations=frozenset(one["operations"]))
        for one in found
    )


def _read(file: Path) -> dict[str, list[dict[str, Any]]]:
    """A report; nothing was found where the tool was stopped before it was written."""
    text = file.read_text("utf-8")
    return json.loads(text) if text else {"findings": [], "failures": []}


TOOLS: dict[str, Tool] = {"conformance run": kit, "schemathesis run": schemathesis}


def _run(words: Sequence[object], variables: dict[str, str]) -> None:
    """Run a tool in an empty folder, where no settings of ours apply."""
    with TemporaryDirectory() as empty:
        command = [str(word) for word in words]
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": empty, **variables}
        try:
            subprocess.run(
                command,
                cwd=empty,
                env=environment,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            click.echo(f"stopped after {PATIENCE:g} s: {command[0]}", err=True)


def course(tool: Tool, name: str, options: Sequence[str]) -> Course:
    """One tool before one backend."""
    backend = Backend([name] if name else [])
    with serving(backend) as url, TemporaryDirectory() as folder:
        began, used = time.perf_counter(), _processor()
        told = tool(url, backend.tokens.admin, options, Path(folder))
        seconds, processor = time.perf_counter() - began, _processor() - used
    return Course(
        told=told,
        requests=len(backend.ledger.entries),
        billable=sum(backend.ledger.billable.values()),
        seconds=seconds,
        processor=processor,
        wrote=backend.state != State(),
    )


def _processor() -> float:
    """Seconds that all ended child processes have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(slots=True, kw_only=True)
class Score:
    """What one tool has done so far. `printed` counts its findings for the faults that it found."""

    usual: frozenset[tuple[str, str]] = frozenset()
    found: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    printed: int = 0
    accused: int = 0
    news: int = 0
    innocent: int = 0
    requests: int = 0
    billable: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    runs: int = 0
    wrote: int = 0

    def add(self, one: Fault | Variant | None, result: Course) -> bool:
        """Count a run; whether the tool was right."""
        self.runs += 1
        self.requests += result.requests
        self.billable += result.billable
        self.seconds += result.seconds
        self.processor += result.processor
        self.wrote += result.wrote
        if not isinstance(one, Fault):
            self.innocent += 1
            accused = any(told.level is Level.ERROR for told in result.told)
            self.accused += accused
            self.news += any(self._is_new(told) for told in result.told)
            return not accused
        telling = [told for told in result.told if self._tells(one, told)]
        self.found[one.family.value].append(bool(telling))
        self.printed += len(telling)
        return bool(telling)

    def _tells(self, fault: Fault, told: Told) -> bool:
        if not told.level.at_least(Level(fault.level)):
            return False
        # By path: what is wrong with an undeclared method is told of that method.
        at = {name.partition(" ")[2] for name in (*fault.operations, *fault.beside)}
        told_at = {name.partition(" ")[2] for name in told.operations}
        return bool(told_at & at) and self._is_new(told)

    def _is_new(self, told: Told) -> bool:
        """Whether it is not said of the correct server too, of every operation that it names."""
        return any((told.what, name) not in self.usual for name in told.operations)


def sample(every: int) -> Iterator[Fault | Variant]:
    """Every so-many-th fault of each family, in turns, and a few variants before them."""
    step = 1 if every == 1 else max(1, len(VARIANTS) // MOST_VARIANTS)
    yield from VARIANTS[::step][: None if every == 1 else MOST_VARIANTS]
    families = dict.fromkeys(fault.family for fault in FAULTS)
    rows = [[one for one in FAULTS if one.family is family][::every] for family in families]
    for turn in zip_longest(*rows):
        yield from (one for one in turn if one is not None)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Every fault and every variant.")
@click.option("--every", default=80, show_default=True, help="Of each family every so-many-th.")
@click.option("--minutes", default=9.5, show_default=True, help="No target would end after them.")
def main(everything: bool, every: int, minutes: float) -> None:
    """Print how both tools do, as a Markdown table."""
    began = time.monotonic()
    scores = {name: Score() for name in TOOLS}
    whole = {name: course(tool, "", ()) for name, tool in TOOLS.items()}
    for name, result in whole.items():
        scores[name].usual = frozenset(
            (one.what, at) for one in result.told for at in one.operations
        )
        _told(name, CORRECT, scores[name].add(None, result), result)
    costs = list(_costs(whole))
    targets, longest = list(sample(1 if everything else every)), 0.0
    for number, one in enumerate(targets):
        spent = time.monotonic() - began
        if not everything and spent + longest > 60 * minutes:
            click.echo(f"{number} of {len(targets)} targets in {minutes:g} minutes", err=True)
            break
        _examine(one, scores)
        longest = max(longest, time.monotonic() - began - spent)
    click.echo("\n".join([*costs, "", *_table(scores)]))


def _examine(one: Fault | Variant, scores: dict[str, Score]) -> None:
    """Both tools before one fault or variant."""
    options = [*_narrowed(one), *(one.options if isinstance(one, Fault) else ())]
    for name, tool in TOOLS.items():
        writes = isinstance(one, Fault) and one.writes and tool is kit
        result = course(tool, one.name, (*options, *(["--allow-writes"] if writes else [])))
        _told(name, one.name, scores[name].add(one, result), result)


def _narrowed(one: Fault | Variant) -> Iterator[str]:
    """The operations where it shows: what both tools have to say of the others is known."""
    known = {operation.label for operation in OPERATIONS}
    paths = [(ask.method, ask.path.partition("?")[0]) for ask in one.shows.asks]
    names = [f"{method} {path}" for method, path in paths]
    # The first operation of a fault may be one that is not tried without --allow-writes.
    names = [name for name in names if name in known]
    if isinstance(one, Fault):
        names = [*(names or one.operations[:1]), *one.beside]
    names = names or [IMAGE]
    for name in dict.fromkeys(names):
        yield from ("--include", name)


def _told(name: str, target: str, right: bool, result: Course) -> None:
    word = "right" if right else "WRONG"
    cost = f"{result.requests:5} requests {result.billable:4} billable {result.seconds:6.1f} s"
    whats = ", ".join(sorted({one.what for one in result.told}))
    click.echo(f"{word}  {cost}  {name}: {target}  {whats}", err=True)


def _table(scores: dict[str, Score]) -> Iterator[str]:
    yield f"| | {' | '.join(scores)} |"
    yield "|---|" + "---:|" * len(scores)

    def row(title: str, cell: Callable[[Score], str]) -> str:
        return f"| {title} | {' | '.join(cell(score) for score in scores.values())} |"

    for family in next(iter(scores.values())).found:
        yield row(family, lambda score, family=family: _share(score.found[family]))  # type: ignore[misc]
    yield row(
        "**faults found**", lambda one: _share([hit for row in one.found.values() for hit in row])
    )
    yield row("findings printed for them", lambda one: str(one.printed))
    yield row("correct servers accused", lambda one: f"{one.accused} of {one.innocent}")
    yield row("… of what it does not say of every one", lambda one: str(one.news))
    yield row("servers left with another state", lambda one: f"{one.wrote} of {one.runs}")
    yield row("requests a run", lambda one: f"{one.requests / one.runs:,.0f}")
    yield row("billable calls a run", lambda one: f"{one.billable / one.runs:,.0f}")
    yield row("seconds a run", lambda one: f"{one.seconds / one.runs:.1f}")
    yield row("… of processor", lambda one: f"{one.processor / one.runs:.1f}")


def _share(hits: Sequence[bool]) -> str:
    return f"{sum(hits)} of {len(hits)}"


def _costs(whole: dict[str, Course]) -> Iterator[str]:
    """What both cost before the correct server: one operation, and the whole contract."""
    yield "| the correct server | tool | requests | billable | seconds | of processor | findings |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    image = {name: course(tool, "", ("--include", IMAGE)) for name, tool in TOOLS.items()}
    for title, courses in (("image generation", image), ("all nine operations", whole)):
        for name, one in courses.items():
            cost = f"{one.requests} | {one.billable} | {one.seconds:.1f} | {one.processor:.1f}"
            yield f"| {title} | `{name}` | {cost} | {len(one.told)} |"


if __name__ == "__main__":
    main()
