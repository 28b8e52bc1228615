"""The figures of a run put together: a row a server, and the bars that the mock must clear."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.contenders import Contender, Part
from tests.benchmarks.figures import Start, measured, middle, ratio, start_ratio
from tests.benchmarks.measuring import Run

#: The connections at which the bars hold.
JUDGED = (16, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One server at one number of connections; times in seconds, None for what was not measured."""

    connections: int
    rate: float | None
    rate_in_units: float | None
    p50: float | None
    p99: float | None
    processor: float | None
    processor_in_ceilings: float | None
    busy: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One server. `start_work` is the processor's part of the first answer, in seconds.

    `missing` says why there are no figures.
    """

    title: str
    part: Part
    cells: tuple[Cell, ...]
    first_answer: float | None
    start_work: float | None
    memory: int | None
    missing: str = ""

    def at(self, connections: int) -> Cell:
        return next(cell for cell in self.cells if cell.connections == connections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A promise about speed. `met` is None if what it needs was not measured."""

    promise: str
    got: float | None
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.got is None:
            return None
        return self.got >= self.limit if self.at_least else self.got <= self.limit

    def __str__(self) -> str:
        verdict = {True: "met", False: "MISSED", None: "not measured"}[self.met]
        got = "" if self.got is None else f": {self.got:.2f}"
        return f"{verdict}: {self.promise}{got}"


def rows(run: Run) -> tuple[Row, ...]:
    return tuple(_row(run, contender) for contender in run.contenders)


def _row(run: Run, contender: Contender) -> Row:
    title = contender.title
    connections = sorted({sample.connections for sample in run.samples})
    return Row(
        title=title,
        part=contender.part,
        cells=tuple(_cell(run, title, number) for number in connections),
        first_answer=middle(start.seconds for start in run.starts if start.title == title),
        start_work=middle(start.processor for start in run.starts if start.title == title),
        memory=run.memory.get(title),
        missing=contender.missing,
    )


def _cell(run: Run, title: str, connections: int) -> Cell:
    unit, ceiling = _title(run, "unit"), _title(run, "ceiling")
    samples = run.samples
    return Cell(
        connections=connections,
        rate=measured(samples, title, connections, lambda sample: sample.rate),
        rate_in_units=ratio(samples, title, unit, connections, lambda sample: sample.rate),
        p50=measured(samples, title, connections, lambda sample: sample.p50),
        p99=measured(samples, title, connections, lambda sample: sample.p99),
        processor=measured(samples, title, connections, lambda sample: sample.processor),
        processor_in_ceilings=ratio(
            samples, title, ceiling, connections, lambda sample: sample.processor
        ),
        busy=measured(samples, title, connections, lambda sample: sample.busy),
    )


def _title(run: Run, part: Part) -> str:
    return next(contender.title for contender in run.contenders if contender.part == part)


def bars(run: Run) -> tuple[Bar, ...]:
    """What `this mock` is held to, with one worker and no request log."""
    mock = _title(run, "mock")
    return (
        *(bar for connections in JUDGED for bar in _bars_under_load(run, mock, connections)),
        *_bars_of_start_and_memory(run, mock, run.starts),
    )


def _bars_under_load(run: Run, mock: str, connections: int) -> tuple[Bar, ...]:
    at, rival, ceiling = (
        f"at {connections} connections",
        _title(run, "rival"),
        _title(run, "ceiling"),
    )
    cell = _cell(run, mock, connections)
    return (
        Bar(
            promise=f"at most 1.5 times the ceiling's processor time {at}",
            got=cell.processor_in_ceilings,
            limit=1.5,
        ),
        Bar(
            promise=f"at least 0.8 times the ceiling's rate {at}",
            got=ratio(run.samples, mock, ceiling, connections, lambda sample: sample.rate),
            limit=0.8,
            at_least=True,
        ),
        Bar(
            promise=f"at least 3 times the rate of Prism at its fastest {at}",
            got=cell.rate_in_units,
            limit=3.0,
            at_least=True,
        ),
        Bar(
            promise=f"ahead of {rival} {at}",
            got=ratio(run.samples, mock, rival, connections, lambda sample: sample.rate),
            limit=1.0,
            at_least=True,
        ),
    )


def _bars_of_start_and_memory(run: Run, mock: str, starts: Sequence[Start]) -> tuple[Bar, ...]:
    memory = run.memory.get(mock)
    return (
        Bar(
            promise="first answer not later than Prism's, as a share of its time",
            got=start_ratio(starts, mock, _title(run, "unit")),
            limit=1.0,
        ),
        Bar(
            promise="memory after all loads, at most 80 MB",
            got=None if memory is None else memory / 1e6,
            limit=80.0,
        ),
    )
