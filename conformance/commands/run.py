"""`conformance run`: the run that its flags describe, and what its report becomes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from conformance.commands.contracts.contract_choice import (
    chosen_contract,
    chosen_waivers,
    refuse_idle_selectors,
    said_of,
)
from conformance.commands.contracts.contract_sources import opened
from conformance.commands.contracts.opened_contract import SourceError
from conformance.commands.contracts.reach import Reach
from conformance.commands.options.defects import tell_defect
from conformance.commands.options.help_texts import SectionedCommand
from conformance.commands.options.level_option import levels_of
from conformance.commands.options.reporting import publish
from conformance.commands.options.telling import tell
from conformance.commands.processes.garbage_collection import paused
from conformance.commands.running.run_flags import EXAMPLES, SECTIONS, flags_of_run
from conformance.commands.running.run_inputs import refuse_unknown_clauses, run_options
from conformance.report.baseline import changes
from conformance.report.command_outcome import exit_code
from conformance.report.findings import Level, Report
from conformance.report.formats.json_reader import ReportError, read_report
from conformance.report.levels import leveled
from conformance.report.waivers import Waiver, apply
from spec import Contract, overlay_of
from spec.settings.option_sources import configured

if TYPE_CHECKING:
    from conformance.http.target import Target
    from conformance.run.whole_run import Run

__all__ = [
    "baseline_of", "command", "contract_of", "handed_on", "is_partial", "prepared", "target_of",
    "with_options_of_run",
]  # fmt: skip


@configured("conformance")
@click.command(
    "run",
    cls=SectionedCommand,
    sections=SECTIONS,
    examples=EXAMPLES,
    # An operand is refused by the command, which knows what it was meant for.
    context_settings={"allow_extra_args": True},
)
@flags_of_run
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Test a deployment against its contract, clause by clause.

    Exit codes: 0 conforms, 1 findings, 2 wrong usage or input, or undecided, 3 no response, 70 a
    defect of this program, 130 interrupted.
    """
    _refuse_operands(ctx.args)
    run = prepared(given)
    report = _execute(run, given)
    ctx.exit(tell_defect(run.failures[0]) if run.failures else exit_code(report))


def _refuse_operands(operands: Sequence[str]) -> None:
    """Refuse what no option names, with the option that it was meant for."""
    for operand in operands:
        meant = f"--contract {operand}"
        if "://" in operand:
            meant = f"--url {operand}"
        elif _ADDRESS.match(operand):
            meant = f"--url http://{operand}"
        raise click.UsageError(f"{operand!r} belongs to no option; write {meant}")


_ADDRESS = re.compile(r"(?:localhost|[\w.-]+:[0-9]+)(?:[:/]|$)")
"""The address of a server without its scheme."""


def prepared(given: Mapping[str, Any]) -> Run:
    """The run that the options describe, ready to be executed.

    Raises:
        click.UsageError: an option that nothing can be made of.
        spec.SpecError: a contract or overlay that cannot be read.
    """
    if not given["url"]:
        raise click.UsageError("no deployment was given; name it with --url or in CONFORMANCE_URL")
    # Imported here: `--help` and wrong usage need none of it, and importing takes longer than both.
    from conformance.commands.running.diagnosis import refuse_repeated_path
    from conformance.run.session.time_budget import TimeBudget
    from conformance.run.whole_run import Run

    time = TimeBudget(given["time_budget"])
    with paused():
        contract = contract_of(given["contract"], given["overlay"], Reach.of(given))
    refuse_idle_selectors(
        [contract], ((f"--{name}", given[name]) for name in ("include", "exclude", "harmless"))
    )
    target = target_of(given)
    options = run_options(contract, given, target, lambda: time.left)
    refuse_unknown_clauses(contract, options)
    refuse_repeated_path(target, contract)
    with paused():
        return Run(contract, target, options, time)


def with_options_of_run(
    *names: str, helps: Mapping[str, str] | None = None
) -> Callable[[click.Command], click.Command]:
    """Give another command options of this one; `helps` has the text of those that differ."""

    def add(made: click.Command) -> click.Command:
        for option in command.params:
            if isinstance(option, click.Option) and option.name in names:
                own = copy(option)
                own.envvar = None  # named anew with the command's other options
                own.help = (helps or {}).get(option.name, option.help)
                made.params.append(own)
        return made

    return add


def handed_on(
    ctx: click.Context, given: Mapping[str, Any], left: Collection[str]
) -> Iterator[tuple[str, str]]:
    """The run's options that were given to another command, but for those that are `left` out.

    They have the names of their flags and values as their variables have them, so that a run in a
    process of its own finds them in its environment, where no list of processes shows a secret.
    """
    for param in command.params:
        name = str(param.name)
        if name not in given or name in left:
            continue
        if ctx.get_parameter_source(name) is ParameterSource.DEFAULT:
            continue
        flag = max(param.opts, key=len).lstrip("-").replace("-", "_")
        value = given[name]
        if isinstance(value, bool):
            value = str(value).lower()
        yield flag, "\n".join(map(str, value)) if isinstance(value, tuple) else str(value)


def target_of(given: Mapping[str, Any]) -> Target:
    """What `--url`, `--ca` and `--insecure` mean. Raises click.UsageError."""
    from conformance.http.target import TargetError, parse_target

    try:
        target = parse_target(given["url"], insecure=given["insecure"], ca=given["ca"])
        target.tls()
    except TargetError as error:
        raise click.UsageError(str(error)) from error
    idle = [f"--{name}" for name in ("ca", "insecure") if given[name]]
    if idle and target.scheme == "http" and not given.get("quiet"):
        # No error: a table of settings may serve several deployments.
        why = f"ignored, because {target.url} is not https"
        tell(f"{' and '.join(idle)}: {why}")
    return target


def contract_of(given: Path | str | None, overlay: Path | None, reach: Reach) -> Contract:
    """The contract that `--contract`, `--overlay`, `--root` and `--remote-ref` mean.

    Raises:
        click.UsageError: there is none to choose, or the source of it cannot be read.
        spec.ContractError: it is no contract that can be used.
    """
    path = chosen_contract(given)
    if isinstance(path, Path):
        return reach.load(path, overlay=overlay_of(path, overlay))
    try:
        with opened(path, overlay=overlay, reach=reach) as source:
            return source.contract
    except SourceError as error:
        raise click.UsageError(f"--contract {error}") from error


def _execute(run: Run, given: Mapping[str, Any]) -> Report:
    from conformance.commands.processes.surroundings import prepared_by
    from conformance.commands.running.diagnosis import diagnoses
    from conformance.commands.running.progress import Progress, expectation
    from conformance.commands.running.websites import WebsiteWatch
    from conformance.run.way_of_a_clause import way_of_a_clause

    waivers = chosen_waivers(given["waivers"], run.contract.file)
    baseline = baseline_of(given["baseline"])
    if not given["quiet"]:
        tell(said_of(run.contract, given["contract"]))
        tell(f"Target: {run.target.url}, seed {run.options.seed}")
        for line in expectation(run):
            tell(line)
    run.keep_time(reports=1 + len(given["reports"]))
    progress = Progress(quiet=given["quiet"])
    watch = WebsiteWatch(progress, quiet=given["quiet"])
    # The URL that was given: commands know the deployment by it, path of the server and all.
    with prepared_by(given["setup"], given["teardown"], given["url"]):
        try:
            asyncio.run(way_of_a_clause(run, on_progress=watch))
            run.remarks += diagnoses(run)
        except KeyboardInterrupt:
            run.interrupted = True
        progress.finish()
    with paused():
        return _reported(run, given, waivers, baseline)


def _reported(
    run: Run, given: Mapping[str, Any], waivers: tuple[Waiver, ...], baseline: Report | None
) -> Report:
    """The report of a run that has ended, written wherever it was asked for."""
    fail_on = Level(given["fail_on"])
    # What was left out may need a waiver that seems unused.
    part = is_partial(given)
    whole = not (run.interrupted or part)
    report = run.report(fail_on)
    outcome = apply(report.findings, waivers, date.today(), rooms=("run",) if whole else ())
    found = leveled(outcome.findings, levels_of(given["levels"]))
    report = replace(
        report,
        findings=found,
        remarks=report.remarks + outcome.remarks(),
        verdict=run.verdict(found, fail_on),
    )
    changed = changes(baseline, report, whole=not part) if baseline is not None else ()
    publish(report, given["reports"], changed)
    return report


def is_partial(given: Mapping[str, Any]) -> bool:
    """Whether the options select a part of the contract."""
    return any(given[name] for name in ("include", "exclude", "clauses", "shard"))


def baseline_of(path: Path | None) -> Report | None:
    """The report that `--baseline` names. Raises click.UsageError where there is none in it."""
    if path is None:
        return None
    try:
        return read_report(path)
    except ReportError as error:
        raise click.UsageError(f"--baseline: {error}") from error
