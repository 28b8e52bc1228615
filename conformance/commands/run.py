"""`conformance run`: its options, each declared once, and the run that they describe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from conformance.commands.contract_choice import (
    chosen_contract,
    chosen_waivers,
    contract_option,
    refuse_idle_selectors,
    said_of,
    waivers_option,
)
from conformance.commands.contract_sources import SourceError, opened
from conformance.commands.defects import tell_defect
from conformance.commands.help_texts import SectionedCommand
from conformance.commands.levels import level_option, levels_of
from conformance.commands.reach import Reach, reach_options
from conformance.commands.reporting import (
    baseline_option,
    fail_on_option,
    publish,
    quiet_option,
    report_option,
)
from conformance.commands.run_inputs import Shard, refuse_unknown_clauses, run_options
from conformance.report.baseline import changes
from conformance.report.findings import Level, Report
from conformance.report.formats.destinations import Destination
from conformance.report.formats.json_reader import ReportError, read_report
from conformance.report.levels import leveled
from conformance.report.outcome import exit_code
from conformance.report.waivers import apply
from spec import Contract, companion_overlay
from spec.settings.sources import LINE, configured

if TYPE_CHECKING:
    from conformance.http.target import Target
    from conformance.run.whole_run import Run

__all__ = [
    "SECTIONS", "baseline_of", "command", "contract_of", "handed_on", "prepared", "target_of",
    "with_options_of_run",
]  # fmt: skip

_FILE = click.Path(path_type=Path, dir_okay=False)
_EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)


SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Target": (
        "url", "contract", "overlay", "root", "remote_refs", "setup", "teardown", "ca", "insecure",
    ),
    "Requests and credentials": (
        "examples", "tokens", "token_commands", "credentials", "expired_token", "foreign",
        "headers",
    ),
    "Tests and limits": (
        "include", "exclude", "clauses", "shard", "harmless", "allow_writes", "max_billable",
        "max_examples", "time_budget", "max_response_time", "rate", "seed",
    ),
    "Findings and reports": (
        "levels", "fail_on", "min_observed", "waivers", "baseline", "reports", "quiet", "log",
        "verbose",
    ),
}  # fmt: skip
"""The options by what they are about, for `--help`."""
_EXAMPLES = {
    "conformance run --url http://127.0.0.1:3000 --contract openapi.yaml": (
        "an API without credentials"
    ),
    "CONFORMANCE_TOKEN=… conformance run --url https://staging.example.com/api": (
        "with the openapi.yaml of this folder and a credential"
    ),
    "conformance run --url URL --clause 'POST /api/chat body.model.required'": (
        "test one clause again after a change"
    ),
    "conformance run --url URL --include 'POST /api/chat' --example 'POST /api/chat=chat.json'": (
        "test one operation with your own valid request"
    ),
}


@configured("conformance")
@click.command("run", cls=SectionedCommand, sections=SECTIONS, examples=_EXAMPLES)
@click.option(
    "--url",
    metavar="URL",
    help="Base URL of the deployment, including any path before the contract's paths.",
)
@contract_option()
@click.option(
    "--overlay",
    type=_FILE,
    metavar="FILE",
    help="OpenAPI Overlay with examples of valid requests and x-conformance marks. Default: "
    "NAME.overlay.yaml in the contract's folder.",
)
@reach_options
@click.option(
    "--example",
    "examples",
    multiple=True,
    type=LINE,
    metavar="OPERATION=FILE",
    help="File with a valid request of an operation, as JSON or YAML: its body, or {path, query, "
    "headers, cookies, body}. Repeatable.",
)
@click.option(
    "--token",
    "tokens",
    multiple=True,
    type=LINE,
    metavar="[TAG=]TOKEN",
    help="The credential. TAG= limits it to the operations of a tag, or to one operation. Prefer "
    "the variable CONFORMANCE_TOKEN (one per line): other users of the machine can read a "
    "command line. Repeatable.",
)
@click.option(
    "--token-command",
    "token_commands",
    multiple=True,
    type=LINE,
    metavar="[TAG=]CMD",
    help="Shell command that prints the credential, within 30 seconds. It is run again when the "
    "credential expires. TAG= works as in --token; SCHEME= names a security scheme. "
    "Repeatable.",
)
@click.option(
    "--expired-token",
    metavar="TOKEN",
    help="A token that has expired; the deployment must refuse it.",
)
@click.option(
    "--credential",
    "credentials",
    multiple=True,
    type=LINE,
    metavar="SCHEME=VALUE",
    help="The credential of a security scheme: `user:password` for HTTP Basic; "
    "`client_credentials:ID:SECRET` to fetch a token with OAuth 2 from the contract's "
    "tokenUrl. Repeatable.",
)
@click.option(
    "--foreign",
    multiple=True,
    type=LINE,
    metavar="NAME=VALUE",
    help="A credential of another system. The deployment must refuse it alone, and must ignore "
    "it beside a valid one. NAME is a security scheme, a header, cookie:NAME or query:NAME. "
    "Repeatable.",
)
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    type=LINE,
    metavar="'NAME: VALUE'",
    help="Header to send with every request. Repeatable.",
)
@click.option(
    "--include",
    multiple=True,
    type=LINE,
    metavar="SELECTOR",
    help="Test only these operations: `POST /api/x`, a path, a method, a tag or an operationId; "
    "* matches any text. Repeatable.",
)
@click.option(
    "--exclude",
    multiple=True,
    type=LINE,
    metavar="SELECTOR",
    help="Do not test these operations. Repeatable.",
)
@click.option(
    "--clause",
    "clauses",
    multiple=True,
    type=LINE,
    metavar="ID",
    help="Test only this clause and what it depends on; `conformance clauses` lists the IDs. "
    "Repeatable.",
)
@click.option(
    "--shard",
    type=Shard(),
    metavar="I/N",
    help="Test only the I-th of N parts of the operations; `conformance merge` combines the "
    "reports.",
)
@click.option(
    "--harmless",
    multiple=True,
    type=LINE,
    metavar="SELECTOR",
    help="Operations that change nothing, although their method is POST, PUT, PATCH or DELETE. "
    "Repeatable.",
)
@click.option("--allow-writes", is_flag=True, help="Also send requests that change data.")
@click.option(
    "--max-billable",
    type=click.IntRange(min=0),
    default=25,
    show_default=True,
    metavar="N",
    help="Budget: how many successful requests with an unsafe method each operation may get.",
)
@click.option(
    "--max-examples",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="N",
    help="Maximum number of generated cases of each kind, per operation; 0 generates none.",
)
@click.option(
    "--min-observed",
    type=click.FloatRange(0, 100),
    default=0,
    metavar="PERCENT",
    help="Exit with 2 if a smaller share of the clauses was observed (held or broken).",
)
@click.option(
    "--time-budget",
    type=click.FloatRange(min=0),
    default=0,
    metavar="S",
    help="End the run after this many seconds and report the findings so far; 0 means no limit.",
)
@click.option(
    "--max-response-time",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Seconds after which a slow response is a finding.",
)
@click.option("--rate", metavar="N/s", help="Maximum request rate, such as 5/s or 100/m.")
@click.option(
    "--seed", type=int, default=1, show_default=True, metavar="N", help="Seed of generated values."
)
@click.option(
    "--setup",
    metavar="CMD",
    help="A shell command to run before the first request; CONFORMANCE_URL is set. If it fails, "
    "nothing is sent.",
)
@click.option(
    "--teardown",
    metavar="CMD",
    help="A shell command to run after the last request, also if the run was interrupted.",
)
@click.option("--ca", type=_EXISTING, metavar="FILE", help="PEM file of the certificates to trust.")
@click.option("--insecure", is_flag=True, help="Do not verify the server's certificate.")
@waivers_option
@baseline_option
@quiet_option
@level_option
@fail_on_option
@report_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Test a deployment against its contract, clause by clause.

    Exit codes: 0 conforms, 1 findings, 2 wrong usage or input, or undecided, 3 no response, 70 a
    defect of this program, 130 interrupted.
    """
    run = prepared(given)
    report = _execute(run, given)
    ctx.exit(tell_defect(run.failures[0]) if run.failures else exit_code(report))


def prepared(given: Mapping[str, Any]) -> Run:
    """The run that the options describe, ready to be executed.

    Raises:
        click.UsageError: an option that nothing can be made of.
        spec.SpecError: a contract or overlay that cannot be read.
    """
    if not given["url"]:
        raise click.UsageError("no deployment was given; name it with --url or in CONFORMANCE_URL")
    from conformance.commands.diagnosis import refuse_repeated_path
    from conformance.run.whole_run import Run

    contract = contract_of(given["contract"], given["overlay"], Reach.of(given))
    refuse_idle_selectors(
        [contract], ((f"--{name}", given[name]) for name in ("include", "exclude", "harmless"))
    )
    target = target_of(given)
    options = run_options(contract, given, target)
    refuse_unknown_clauses(contract, options)
    refuse_repeated_path(target, contract)
    return Run(contract, target, options)


def with_options_of_run(*names: str) -> Callable[[click.Command], click.Command]:
    """Give another command options of this one, with the same names, help and meaning."""

    def add(made: click.Command) -> click.Command:
        for option in command.params:
            if option.name in names:
                own = copy(option)
                own.envvar = None  # named anew with the command's other options
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
    return target


def contract_of(given: Path | str | None, overlay: Path | None, reach: Reach) -> Contract:
    """The contract that `--contract`, `--overlay`, `--root` and `--remote-ref` mean."""
    path = chosen_contract(given)
    if isinstance(path, Path):
        return reach.load(path, overlay=overlay or companion_overlay(path))
    try:
        with opened(path, overlay=overlay, reach=reach) as source:
            return source.contract
    except SourceError as error:
        raise click.UsageError(f"--contract {error}") from error


def _execute(run: Run, given: Mapping[str, Any]) -> Report:
    from conformance.commands.diagnosis import diagnoses
    from conformance.commands.progress import Progress, expectation
    from conformance.commands.surroundings import prepared_by

    waivers = chosen_waivers(given["waivers"], run.contract.file)
    baseline = baseline_of(given["baseline"])
    if not given["quiet"]:
        click.echo(said_of(run.contract, given["contract"]), err=True)
        click.echo(f"Target: {run.target.url}, seed {run.options.seed}", err=True)
        for line in expectation(run):
            click.echo(line, err=True)
    progress = Progress(quiet=given["quiet"])
    with prepared_by(given["setup"], given["teardown"], run.target.url):
        try:
            asyncio.run(run.execute(progress))
            run.remarks += diagnoses(run)
        except KeyboardInterrupt:
            run.interrupted = True
        progress.finish()
    fail_on = Level(given["fail_on"])
    # What was left out may need a waiver that seems unused.
    parts = ("include", "exclude", "clauses", "shard")
    whole = not (run.interrupted or any(given[name] for name in parts))
    report = run.report(fail_on)
    outcome = apply(report.findings, waivers, date.today(), rooms=("run",) if whole else ())
    found = leveled(outcome.findings, levels_of(given["levels"]))
    report = replace(
        report,
        findings=found,
        remarks=report.remarks + outcome.remarks(),
        verdict=run.verdict(found, fail_on),
    )
    changed = changes(baseline, report) if baseline is not None else ()
    destinations: tuple[Destination, ...] = given["reports"]
    publish(report, destinations, changed)
    return report


def baseline_of(path: Path | None) -> Report | None:
    """The report that `--baseline` names. Raises click.UsageError where there is none in it."""
    if path is None:
        return None
    try:
        return read_report(path)
    except ReportError as error:
        raise click.UsageError(f"--baseline: {error}") from error
