"""`conformance gate`."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import click
from click.core import ParameterSource

from conformance.commands.contract_sources import SourceError, opened
from conformance.commands.gate_parts import Part, combined
from conformance.commands.gate_processes import TOKEN, KitRun, mock_server, started
from conformance.commands.processes import ProcessError
from conformance.commands.reporting import fail_on_option, publish, report_option
from conformance.commands.run import command as run_command
from conformance.diff import changes, findings
from conformance.lint import lint
from conformance.report.baseline import Change
from conformance.report.baseline import changes as changed_clauses
from conformance.report.findings import Level, Report, ReportVerdict
from conformance.report.formats.destinations import Destination
from conformance.report.formats.github import show_on_github
from conformance.report.formats.json_reader import ReportError, read_report
from conformance.report.outcome import breaks, exit_code, identity, outcome
from conformance.report.waivers import Waiver, WaiverError, read_waivers
from spec import AI_CONTRACT, AI_OVERLAY, Contract, companion_overlay, load
from spec.settings.sources import configured

__all__ = ["command"]

WAIVERS = Path("contract-waivers.yaml")
_FILE = click.Path(path_type=Path, dir_okay=False)
_OWN = frozenset(
    {"url", "contract", "overlay", "waivers", "baseline", "quiet", "fail_on", "reports", "config"}
)
"""Options of `run` that the gate answers itself; all the others are handed on."""
_MOCK_OPTIONS: Mapping[str, str] = {
    "token": TOKEN,
    "allow_writes": "true",
    # Our own mock costs nothing, so nothing need stay unseen for the sake of a budget.
    "max_billable": "1000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What the gate was asked to do."""

    contract: Path
    overlay: Path | None
    base: str | None
    url: str | None
    start: str | None
    wait_for: str | None
    wait_seconds: float
    lint: bool
    mock: bool
    fail_on: Level
    options: Mapping[str, str]
    mock_options: Mapping[str, str]


@configured("conformance")
@click.command("gate")
@click.option("--base", metavar="FILE|REF:PATH", help="The contract before the change.")
@click.option("--contract", type=_FILE, metavar="FILE", help="The contract; else spec/ai.yaml.")
@click.option(
    "--overlay",
    type=_FILE,
    metavar="FILE",
    help="An overlay for it. Else NAME.overlay.yaml beside it.",
)
@click.option("--url", metavar="URL", help="The deployment to hold against the contract.")
@click.option("--start", metavar="COMMAND", help="A command that serves --url while it is tested.")
@click.option(
    "--wait-for", metavar="URL", help="Where the started command answers once it is ready; --url."
)
@click.option(
    "--wait-seconds",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    metavar="S",
    help="How long it may take to get ready.",
)
@click.option("--lint/--no-lint", default=True, show_default=True, help="Check the contract.")
@click.option(
    "--mock/--no-mock",
    default=True,
    show_default=True,
    help="Hold our own mock of the contract against it.",
)
@click.option(
    "--waivers",
    type=_FILE,
    metavar="FILE",
    help=f"Findings that are accepted; {WAIVERS} where there is one.",
)
@click.option("--baseline", type=_FILE, metavar="REPORT", help="Show which clauses changed since.")
@fail_on_option
@report_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """All of it, for a pipeline: lint, diff, the mock, the deployment.

    The options of `conformance run` are handed on to the run against --url. Exit codes: 0 conforms,
    1 findings, 2 usage, input or undecided, 3 the deployment never answered, 130 interrupted.
    """
    with _ended_by_signals():
        asked = _asked(ctx, given)
        waivers, baseline = _waivers(given["waivers"]), _baseline(given["baseline"])
        contract = load(asked.contract, overlay=asked.overlay)
        try:
            parts, interrupted = _parts(asked, contract)
        except SourceError as error:
            raise click.UsageError(str(error)) from error
        report = combined(
            parts,
            identity(contract),
            waivers=waivers,
            fail_on=asked.fail_on,
            today=date.today(),
            interrupted=interrupted,
        )
        changed = changed_clauses(baseline, report) if baseline is not None else ()
        _publish(report, given["reports"], changed)
    ctx.exit(exit_code(report))


command.params.extend(param for param in run_command.params if param.name not in _OWN)


def _asked(ctx: click.Context, given: Mapping[str, Any]) -> _Given:
    if given["start"] and not given["url"]:
        raise click.UsageError("--start needs --url, the address that the command will serve")
    if given["wait_for"] and not given["start"]:
        raise click.UsageError("--wait-for belongs to --start, and there is none")
    contract = given["contract"]
    overlay = given["overlay"] or _overlay_beside(contract)
    options = dict(_handed_on(ctx, given))
    return _Given(
        contract=contract or AI_CONTRACT,
        overlay=overlay,
        base=given["base"],
        url=given["url"],
        start=given["start"],
        wait_for=given["wait_for"] or given["url"],
        wait_seconds=given["wait_seconds"],
        lint=given["lint"],
        mock=given["mock"],
        fail_on=Level(given["fail_on"]),
        options=options,
        mock_options={**_shared(options), **_MOCK_OPTIONS},
    )


def _overlay_beside(contract: Path | None) -> Path | None:
    return AI_OVERLAY if contract is None else companion_overlay(contract)


def _handed_on(ctx: click.Context, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The run's options that were given, by the names of their flags, as variables have them."""
    for param in run_command.params:
        name = str(param.name)
        if name in _OWN or ctx.get_parameter_source(name) is ParameterSource.DEFAULT:
            continue
        flag = max(param.opts, key=len).lstrip("-").replace("-", "_")
        value = given[name]
        if isinstance(value, bool):
            value = str(value).lower()
        yield flag, "\n".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _shared(options: Mapping[str, str]) -> dict[str, str]:
    """What holds for the mock as well: what is looked at, not how to reach the deployment."""
    names = ("include", "exclude", "example", "seed", "max_examples")
    return {name: options[name] for name in names if name in options}


def _parts(asked: _Given, contract: Contract) -> tuple[list[Part], bool]:
    """Every part, run or not, the cheapest first; and whether somebody put an end to it."""
    steps: Mapping[str, Callable[[], Part]] = {
        "lint": lambda: _linted(asked, contract),
        "diff": lambda: _compared(asked, contract),
        "mock": lambda: _mocked(asked),
        "deployment": lambda: _deployed(asked),
    }
    parts: list[Part] = []
    try:
        # What is done stays in the list when a later part is interrupted.
        parts.extend(_announced(step) for step in steps.values())
    except click.Abort:
        rest = list(steps)[len(parts) :]
        return [*parts, *(Part(name=name, skipped="it was interrupted") for name in rest)], True
    return parts, False


def _announced(step: Callable[[], Part]) -> Part:
    """The part, with a line as soon as it is done: a deployment may take minutes."""
    part = step()
    click.echo(part.told(), err=True)
    return part


def _linted(asked: _Given, contract: Contract) -> Part:
    if not asked.lint:
        return Part(name="lint", skipped="it is switched off")
    begun = time.monotonic()
    report = outcome(
        contract,
        lint(contract),
        target=contract.file,
        fail_on=asked.fail_on,
        started=begun,
        rooms=("lint",),
    )
    return Part(name="lint", report=report)


def _compared(asked: _Given, contract: Contract) -> Part:
    if asked.base is None:
        return Part(name="diff", skipped="there is no --base")
    begun = time.monotonic()
    # What an overlay adds is no promise: the published contracts are compared.
    with opened(asked.base) as before:
        after = contract if asked.overlay is None else load(asked.contract)
        found = [before.named(one) for one in findings(changes(before.contract, after))]
    report = outcome(
        contract,
        found,
        target=asked.base,
        fail_on=asked.fail_on,
        started=begun,
        rooms=("diff",),
    )
    return Part(name=f"diff against {asked.base}", report=report)


def _mocked(asked: _Given) -> Part:
    if not asked.mock:
        return Part(name="mock", skipped="it is switched off")
    try:
        with mock_server(asked.contract, asked.overlay) as url:
            report = _kit(asked, url, asked.mock_options)
    except (ProcessError, ReportError) as error:
        return Part(name="mock", failure=str(error))
    return Part(name="mock", report=report, clause_source=True)


def _deployed(asked: _Given) -> Part:
    if asked.url is None:
        return Part(name="deployment", skipped="there is no --url")
    with ExitStack() as stack:
        if asked.start:
            waited = started(asked.start, asked.wait_for or asked.url, asked.wait_seconds)
            try:
                stack.enter_context(waited)
            except ProcessError as error:
                unreachable = ReportVerdict.UNREACHABLE
                return Part(name="deployment", failure=str(error), verdict=unreachable)
        try:
            report = _kit(asked, asked.url, asked.options)
        except (ProcessError, ReportError) as error:
            return Part(name="deployment", failure=str(error))
    return Part(name="deployment", report=report, clause_source=True)


def _kit(asked: _Given, url: str, options: Mapping[str, str]) -> Report:
    run = KitRun(url=url, contract=asked.contract, overlay=asked.overlay, options=options)
    report = run.execute()
    if report.verdict not in (ReportVerdict.CONFORMS, ReportVerdict.BREAKS):
        return report
    # The gate has its own --fail-on, which is applied to all the parts together.
    broken = breaks(report.findings, asked.fail_on)
    return replace(report, verdict=ReportVerdict.BREAKS if broken else ReportVerdict.CONFORMS)


def _waivers(path: Path | None) -> tuple[Waiver, ...]:
    if path is None and not WAIVERS.exists():
        return ()
    try:
        return read_waivers(path or WAIVERS)
    except WaiverError as error:
        raise click.UsageError(str(error)) from error


def _baseline(path: Path | None) -> Report | None:
    try:
        return None if path is None else read_report(path)
    except ReportError as error:
        raise click.UsageError(f"--baseline: {error}") from error


def _publish(
    report: Report, destinations: tuple[Destination, ...], changed: tuple[Change, ...]
) -> None:
    publish(report, destinations, changed)
    try:
        show_on_github(report, changed, os.environ)
    except OSError as error:
        raise click.UsageError(
            f"the step summary cannot be written: {error.filename}: {error.strerror}"
        ) from error


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A pipeline that is cancelled sends SIGTERM: what was started is ended before we go."""

    def end(number: int, frame: FrameType | None) -> None:
        raise click.Abort

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
