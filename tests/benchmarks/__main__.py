"""The command `make bench`: measure, print, and write what the README shows."""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

import spec
from tests.benchmarks.contenders import contenders
from tests.benchmarks.cores import available_cores, share_out
from tests.benchmarks.exchange import image_generation, with_operation_ids
from tests.benchmarks.linked import bars as linked_bars
from tests.benchmarks.linked import cost_table, costs
from tests.benchmarks.measuring import FULL, QUICK, Plan, Run, run
from tests.benchmarks.plot import Mark, Panel, svg
from tests.benchmarks.processes import BenchmarkError
from tests.benchmarks.rows import JUDGED, Bar, Row, bars, rows
from tests.benchmarks.scale import scale, scale_table
from tests.benchmarks.shared import shared, shared_table
from tests.benchmarks.table import load_table, not_measured, readme_table, rest_table

#: What comes below it is made by `--shared`, and all before it by the run beside the peers.
SHARED_HEADING = "## More than one process"

#: The generator's share of a core from which on it may have been the limit.
SATURATED = 0.9

#: The system's load before the start from which on the clock is not to be trusted.
BUSY = 1.0


@click.command()
@click.option("--quick", is_flag=True, help="At most a minute: few and short rounds.")
@click.option("--scale", "grow", is_flag=True, help="Measure growing and linked contracts instead.")
@click.option("--shared", "together", is_flag=True, help="Measure several workers, and Redis.")
@click.option("--write", type=click.Path(path_type=Path), help="Folder for speed.md and speed.svg.")
@click.option("--json", "raw", type=click.Path(path_type=Path), help="File for all samples.")
@click.option("--check", is_flag=True, help="Exit with 1 if a bar is missed.")
def main(
    quick: bool, grow: bool, together: bool, write: Path | None, raw: Path | None, check: bool
) -> None:
    """Measure the mock beside its peers, in turns, on this machine."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            if together:
                judged = _shared(quick, write)
            elif grow:
                judged = _scale(Path(folder), quick)
            else:
                judged = _peers(Path(folder), quick, write, raw)
    except BenchmarkError as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join(str(bar) for bar in judged))
    if check and any(bar.met is False for bar in judged):
        sys.exit(1)


def _peers(folder: Path, quick: bool, write: Path | None, raw: Path | None) -> Sequence[Bar]:
    contract = spec.load(spec.AI_CONTRACT, overlay=spec.AI_OVERLAY)
    document = with_operation_ids(contract.document)
    exchange = image_generation(document)
    file = folder / "document.json"
    file.write_text(json.dumps(document))
    plan = QUICK if quick else FULL
    outcome = run(contenders(file, exchange.path), exchange, plan, _say)
    table = rows(outcome)
    click.echo(_report(table, outcome, plan))
    if write:
        _write(write, table, outcome, plan)
    if raw:
        raw.write_text(json.dumps(asdict(outcome), default=str, indent=1))
    return bars(outcome)


def _scale(folder: Path, quick: bool) -> Sequence[Bar]:
    figures = scale(folder, rounds=3 if quick else 7, seconds=0.5 if quick else 2.0, say=_say)
    click.echo(scale_table(figures))
    _say("starting with schemas that refer to one another")
    linked = list(costs(folder))
    click.echo(cost_table(linked))
    return (*figures.bars(), *linked_bars(linked))


def _shared(quick: bool, write: Path | None) -> Sequence[Bar]:
    contract = spec.load(spec.AI_CONTRACT, overlay=spec.AI_OVERLAY)
    exchange = image_generation(with_operation_ids(contract.document))
    rounds, seconds = (3, 0.5) if quick else (9, 1.0)
    others = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    table = shared_table(shared(exchange, rounds=rounds, seconds=seconds, say=_say))
    click.echo(table)
    if write:
        file = write / "speed.md"
        before = file.read_text() if file.exists() else ""
        own = (
            f"{SHARED_HEADING}\n\n{table}\n\n{_shared_conditions(rounds, seconds)}{_busy(others)}\n"
        )
        above = before.partition(SHARED_HEADING)[0].rstrip()
        file.write_text(f"{above}\n\n{own}")
    return ()


def _shared_conditions(rounds: int, seconds: float) -> str:
    cores = share_out(available_cores())
    servers = f"{len(cores.server)} core(s) for the servers, 1 for the load" if cores.pinned else ""
    return (
        f"Made by `make bench-shared`: ratios to one worker, {rounds} interleaved rounds of "
        f"{seconds:g} s, 16 connections; {servers or 'no cores pinned'}. A scenario that waits "
        "elsewhere is for an operation that is not asked. One answer for good needs no round trip "
        "to what is shared; a sequence needs one for each request, or for several that arrive "
        "together. On a single core several workers can do no more than one: what is to be seen is "
        "what sharing costs. Redis' own processor time is not counted."
    )


def _report(table: Sequence[Row], outcome: Run, plan: Plan) -> str:
    parts = [_conditions(outcome, plan)]
    for connections in plan.connections:
        parts += [
            f"{connections} connection{'s' * (connections > 1)}:",
            load_table(table, connections),
        ]
    parts += ["Start and memory:", rest_table(table), not_measured(table), _saturation(table)]
    return "\n\n".join(part for part in parts if part)


def _conditions(outcome: Run, plan: Plan) -> str:
    pinned = "servers and load on cores of their own" if outcome.pinned else "no cores pinned"
    return (
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}; {pinned}; "
        f"medians of {plan.rounds} interleaved rounds of {plan.seconds:g} s, ratios within a round."
        f"{_busy(outcome.others)}"
    )


def _busy(others: float | None) -> str:
    """Said where other programs had a part of the machine: the clock then tells little."""
    if others is None or others < BUSY:
        return ""
    return (
        f" The machine was busy with other things (load {others:.1f}): compare ratios and "
        "processor time, not seconds."
    )


def _saturation(table: Sequence[Row]) -> str:
    """Names the figures that say more about the generator than about the server."""
    return "\n".join(
        f"The load generator was busy {cell.busy:.0%} with {row.title} at {cell.connections} "
        "connections: its rate is a lower limit."
        for row in table
        for cell in row.cells
        if cell.busy is not None and cell.busy > SATURATED
    )


def _write(folder: Path, table: Sequence[Row], outcome: Run, plan: Plan) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    connections = JUDGED[0]
    lines = (
        readme_table(table, JUDGED),
        f"Rates are in units of {_unit(table)}. {_conditions(outcome, plan)}",
        not_measured(table),
    )
    file = folder / "speed.md"
    _, _, shared_part = file.read_text().partition(SHARED_HEADING) if file.exists() else ("",) * 3
    parts = [line for line in lines if line]
    parts += [SHARED_HEADING + shared_part.rstrip()] if shared_part else []
    file.write_text("\n\n".join(parts) + "\n")
    (folder / "speed.svg").write_text(_plot(table, connections))


def _unit(table: Sequence[Row]) -> str:
    unit = next(row for row in table if row.part == "unit")
    return "one request" if unit.missing else unit.title


def _plot(table: Sequence[Row], connections: int) -> str:
    present = [row for row in table if not row.missing]
    return svg(
        f"The mock beside its peers, {connections} connections",
        (
            _rates(present, connections),
            Panel(
                title="Seconds to the first answer (shorter is better)",
                marks=tuple(
                    _mark(row, row.first_answer or 0.0, "{:.2f}")
                    for row in present
                    if row.part != "ceiling"
                ),
            ),
        ),
    )


def _rates(present: Sequence[Row], connections: int) -> Panel:
    """In units of Prism where it was measured: a rate alone says more about the machine."""
    cells = [(row, row.at(connections)) for row in present]
    if all(cell.rate_in_units for _, cell in cells):
        title = f"Requests per second, Prism without log = 1, {connections} connections"
        marks = [_mark(row, cell.rate_in_units or 0.0, "{:.1f}") for row, cell in cells]
    else:
        title = f"Requests per second, {connections} connections"
        marks = [_mark(row, cell.rate or 0.0, "{:,.0f}") for row, cell in cells]
    return Panel(title=f"{title} (longer is better)", marks=tuple(marks))


def _mark(row: Row, value: float, form: str) -> Mark:
    return Mark(name=row.title, value=value, label=form.format(value), ours=row.part == "mock")


def _say(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
