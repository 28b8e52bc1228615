"""`conformance gate`: the flags, and one report for all that they ask for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from conformance.commands.contracts.contract_choice import (
    chosen_contract,
    chosen_waivers,
    contract_option,
    refuse_idle_selectors,
    said_of,
    waivers_option,
)
from conformance.commands.contracts.opened_contract import SourceError
from conformance.commands.contracts.reach import Reach
from conformance.commands.gating.gate_grading import Grading, grading_options
from conformance.commands.gating.gate_parts import combined
from conformance.commands.gating.gate_steps import GateRequest, parts
from conformance.commands.options.announcing import announcement_option, announcements_of
from conformance.commands.options.defects import DEFECT
from conformance.commands.options.help_texts import SectionedCommand
from conformance.commands.options.level_option import levels_of
from conformance.commands.options.parameter_types import FiniteRange
from conformance.commands.options.reporting import (
    baseline_option,
    fail_on_option,
    publish,
    report_option,
)
from conformance.commands.options.telling import tell
from conformance.commands.processes.gate_processes import TOKEN
from conformance.commands.run import baseline_of, handed_on, is_partial
from conformance.commands.run import command as run_command
from conformance.commands.running.run_flags import SECTIONS
from conformance.report.baseline import BaselineChange
from conformance.report.baseline import changes as changed_clauses
from conformance.report.command_outcome import exit_code, identity
from conformance.report.findings import Level, Report
from conformance.report.formats.destinations import Destination
from conformance.report.formats.github import show_on_github
from conformance.report.joined_reports import joined
from spec import Contract, overlay_of
from spec.settings.option_sources import configured

__all__ = ["command"]

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
_EXAMPLES = {
    "conformance gate --contract openapi.yaml --base main:openapi.yaml": (
        "for a pull request: lint, diff and the mock"
    ),
    "conformance gate --base main --client 'npm test'": (
        "grade a breaking change by whether the tests of a client survive it"
    ),
    "conformance gate openapi/*.yaml --base main": "check several contracts and print one summary",
    "conformance gate --start 'npm start' --url http://127.0.0.1:3000": (
        "start an implementation, test it, and stop it"
    ),
}
_SECTIONS = {
    "Contracts and deployments": (
        "contract", "overlay", "root", "remote_refs", "base", "base_exact", "traffic", "clients",
        "client_runs", "deprecation_days", "url", "start", "wait_for", "wait_seconds", "setup",
        "teardown", "ca", "insecure", "lint", "mock",
    ),
    **{title: names for title, names in SECTIONS.items() if title != "Target"},
}  # fmt: skip


@configured("conformance")
@click.command("gate", cls=SectionedCommand, sections=_SECTIONS, examples=_EXAMPLES)
@click.argument("contracts", nargs=-1, type=_FILE, metavar="[CONTRACT]...")
@contract_option(_FILE, "FILE")
@click.option(
    "--overlay",
    type=_FILE,
    metavar="FILE",
    help="OpenAPI Overlay of the contract. Default: NAME.overlay.yaml in the contract's folder.",
)
@click.option(
    "--base",
    metavar="FILE|REF:PATH|REF",
    help="The contract before the change. A git ref means its merge base with HEAD; without "
    "PATH, each contract is compared with the file of the same path there.",
)
@grading_options
@click.option(
    "--base-exact",
    is_flag=True,
    help="Compare with the ref of --base itself instead of the merge base.",
)
@announcement_option
@click.option("--url", metavar="URL", help="Base URL of the deployment to test.")
@click.option(
    "--start",
    metavar="COMMAND",
    help="Command that starts the deployment at --url; it is stopped after the tests.",
)
@click.option(
    "--wait-for",
    metavar="URL",
    help="URL that answers once the started command is ready. Default: --url.",
)
@click.option(
    "--wait-seconds",
    type=FiniteRange(min=0.1),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Maximum seconds until the started command is ready.",
)
@click.option(
    "--lint/--no-lint", default=True, show_default=True, help="Check the contract for mistakes."
)
@click.option(
    "--mock/--no-mock",
    default=True,
    show_default=True,
    help="Test mock-server's mock of the contract against the contract.",
)
@waivers_option
@baseline_option
@fail_on_option
@report_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Run lint, diff, and the tests of the mock and the deployment in one step.

    The options of `conformance run` are passed to the run against --url. Exit codes: 0 conforms,
    1 findings, 2 usage, input or undecided, 3 the deployment never answered, 70 a defect of this
    program, 130 interrupted.
    """
    baseline = baseline_of(given["baseline"])
    paths = _paths(given)
    overlay = given["overlay"]
    reach = Reach.of(given)
    loaded = [reach.load(path, overlay=overlay_of(path, overlay)) for path in paths]
    refuse_idle_selectors(
        loaded, ((f"--{name}", given[name]) for name in ("include", "exclude", "harmless"))
    )
    every = [_wish(ctx, given, path, len(paths)) for path in paths]
    reports, defect = _reports(every, loaded, given)
    report = joined(reports)
    whole = not is_partial(given)
    changed = changed_clauses(baseline, report, whole=whole) if baseline is not None else ()
    _publish(report, given["reports"], changed)
    ctx.exit(DEFECT if defect else exit_code(report))


# Options of a run are declared once, by `run`; here they are only handed on to it.
command.params.extend(param for param in run_command.params if param.name not in _OWN)


def _paths(given: Mapping[str, Any]) -> tuple[Path, ...]:
    if given["start"] and not given["url"]:
        raise click.UsageError("--start needs --url, the base URL that the command will serve")
    if given["wait_for"] and not given["start"]:
        raise click.UsageError("--wait-for needs --start")
    for name in ("traffic", "client"):
        if given["clients" if name == "client" else name] and not given["base"]:
            raise click.UsageError(f"--{name} needs --base")
    several: tuple[Path, ...] = given["contracts"]
    for path in several or filter(None, (given["contract"],)):
        # As a path, a URL has lost one of its slashes.
        if str(path).startswith(("http:/", "https:/")):
            raise click.UsageError("the gate reads files; save the contract first (curl -O URL)")
    if len(several) > 1 and (given["overlay"] or ":" in (given["base"] or "").rstrip(":")):
        raise click.UsageError(
            "--overlay and REF:PATH work with one contract only; give the ref without a path, "
            "and put each overlay beside its contract as NAME.overlay.yaml"
        )
    return several or (Path(chosen_contract(given["contract"])),)


def _wish(ctx: click.Context, given: Mapping[str, Any], path: Path, number: int) -> GateRequest:
    options = dict(handed_on(ctx, given, _OWN))
    overlay = overlay_of(path, given["overlay"])
    return GateRequest(
        contract=path,
        overlay=overlay,
        reach=Reach.of(given),
        base=given["base"],
        base_exact=given["base_exact"],
        grading=Grading.of(given, overlay),
        url=given["url"],
        start=given["start"],
        wait_for=given["wait_for"] or given["url"],
        wait_seconds=given["wait_seconds"],
        lint=given["lint"],
        mock=given["mock"],
        fail_on=Level(given["fail_on"]),
        levels=levels_of(given["levels"]),
        announcements=announcements_of(given),
        options=options,
        mock_options={**_shared(options), **_MOCK_OPTIONS},
        alone=number == 1,
    )


def _shared(options: Mapping[str, str]) -> dict[str, str]:
    """What holds for the mock as well: what is looked at, not how to reach the deployment."""
    names = (
        "include", "exclude", "example", "seed", "max_examples", "root", "remote_ref", "level",
    )  # fmt: skip
    return {name: options[name] for name in names if name in options}


def _reports(
    every: list[GateRequest], loaded: list[Contract], given: Mapping[str, Any]
) -> tuple[list[Report], bool]:
    """A report for each contract, up to an interruption; and whether the kit itself failed."""
    reports, defect = list[Report](), False
    for asked, contract in zip(every, loaded, strict=True):
        named = given["contract"] or (asked.contract if given["contracts"] else None)
        tell(said_of(contract, named))
        waivers = chosen_waivers(given["waivers"], asked.contract)
        try:
            done, interrupted = parts(asked, contract)
        except SourceError as error:
            raise click.UsageError(str(error)) from error
        defect = defect or any(part.defect for part in done)
        reports.append(
            combined(
                done,
                identity(contract),
                waivers=waivers,
                fail_on=asked.fail_on,
                levels=asked.levels,
                today=date.today(),
                interrupted=interrupted,
                whole=asked.alone and not _selected(asked),
            )
        )
        if reports[-1].interrupted:
            break
    return reports, defect


def _selected(asked: GateRequest) -> bool:
    """Whether a part of the contract was left out: a waiver may be needed there."""
    return bool({"include", "exclude"} & asked.options.keys())


def _publish(
    report: Report, destinations: tuple[Destination, ...], changed: tuple[BaselineChange, ...]
) -> None:
    publish(report, destinations, changed)
    try:
        show_on_github(report, changed, os.environ)
    except OSError as error:
        raise click.UsageError(
            f"the step summary cannot be written: {error.filename}: {error.strerror}"
        ) from error
