"""`conformance run`: the flags, each declared once, and what they come to."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from conformance.commands.reporting import fail_on_option, publish, report_option
from conformance.http.credentials import CredentialError, Credentials
from conformance.report.baseline import changes
from conformance.report.findings import Level, Report
from conformance.report.formats.destinations import Destination
from conformance.report.formats.json_reader import ReportError, read_report
from conformance.report.outcome import exit_code
from spec import AI_CONTRACT, AI_OVERLAY, Contract, companion_overlay, load
from spec.settings.sources import LINE, configured

if TYPE_CHECKING:
    from conformance.run.run_options import RunOptions
    from conformance.run.whole_run import Run

__all__ = ["command", "prepared"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)


@configured("conformance")
@click.command("run")
@click.option("--url", metavar="URL", help="The deployment, with the path before the contract's.")
@click.option("--contract", type=_FILE, metavar="FILE", help="Judge by this; else by spec/ai.yaml.")
@click.option(
    "--overlay",
    type=_FILE,
    metavar="FILE",
    help="Examples for good requests, and x-conformance marks. Else NAME.overlay.yaml beside it.",
)
@click.option(
    "--example",
    "examples",
    multiple=True,
    type=LINE,
    metavar="OPERATION=FILE",
    help="A good request of an operation, as JSON or YAML: its body, or {path, query, headers, "
    "cookies, body}. Repeatable.",
)
@click.option(
    "--token",
    "tokens",
    multiple=True,
    type=LINE,
    metavar="[TAG=]TOKEN",
    help="The credential; with TAG= for the operations of a tag, or one operation. Better in "
    "CONFORMANCE_TOKEN, one a line: a command line is seen by others. Repeatable.",
)
@click.option("--expired-token", metavar="TOKEN", help="A token that has expired: must be refused.")
@click.option(
    "--credential",
    "credentials",
    multiple=True,
    type=LINE,
    metavar="SCHEME=VALUE",
    help="The credential of a security scheme; `user:password` for HTTP Basic. Repeatable.",
)
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    type=LINE,
    metavar="'NAME: VALUE'",
    help="A header for every request. Repeatable.",
)
@click.option(
    "--include",
    multiple=True,
    type=LINE,
    metavar="SELECTOR",
    help="Only these operations: `POST /api/x`, a path, a method, a tag, an operationId; * is "
    "anything. Repeatable.",
)
@click.option(
    "--exclude", multiple=True, type=LINE, metavar="SELECTOR", help="Not these. Repeatable."
)
@click.option(
    "--harmless",
    multiple=True,
    type=LINE,
    metavar="SELECTOR",
    help="Operations that leave nothing behind although their method is unsafe. Repeatable.",
)
@click.option("--allow-writes", is_flag=True, help="Also make requests that change something.")
@click.option(
    "--max-billable",
    type=click.IntRange(min=0),
    default=25,
    show_default=True,
    metavar="N",
    help="Most successes of an unsafe method, for each operation.",
)
@click.option(
    "--max-examples",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="N",
    help="Most generated cases of a kind, for each operation; 0 generates none.",
)
@click.option(
    "--min-observed",
    type=click.FloatRange(0, 100),
    default=0,
    metavar="PERCENT",
    help="Exit with 2 where fewer of the clauses were seen held or broken.",
)
@click.option(
    "--time-budget",
    type=click.FloatRange(min=0),
    default=0,
    metavar="S",
    help="End the run after so many seconds and report what was found; 0 has no end.",
)
@click.option(
    "--max-response-time",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    metavar="S",
    help="An answer that takes longer is a finding.",
)
@click.option("--rate", metavar="N/s", help="Send at most so many requests: 5/s, 100/m.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="What is drawn.")
@click.option("--ca", type=_EXISTING, metavar="FILE", help="Certificates to trust, as PEM.")
@click.option("--insecure", is_flag=True, help="Do not verify the certificate.")
@click.option("--waivers", type=_EXISTING, metavar="FILE", help="Findings that are accepted.")
@click.option(
    "--baseline", type=_EXISTING, metavar="REPORT", help="Show which clauses changed since."
)
@click.option("--quiet", is_flag=True, help="No progress, no announcement: the report alone.")
@fail_on_option
@report_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Show what a deployment keeps of its contract, and what it breaks.

    Exit codes: 0 conforms, 1 findings, 2 usage, input or undecided, 3 no answer, 130 interrupted.
    """
    report = _execute(prepared(given), given)
    ctx.exit(exit_code(report))


def prepared(given: Mapping[str, Any]) -> Run:
    """The run that the options describe, ready to be executed.

    Raises:
        click.UsageError: an option that nothing can be made of.
        spec.SpecError: a contract or overlay that cannot be read.
    """
    if not given["url"]:
        raise click.UsageError("there is no target; name it with --url or in CONFORMANCE_URL")
    from conformance.http.target import TargetError, parse_target
    from conformance.run.whole_run import Run

    contract = _contract(given["contract"], given["overlay"])
    try:
        target = parse_target(given["url"], insecure=given["insecure"], ca=given["ca"])
        target.tls()
    except TargetError as error:
        raise click.UsageError(str(error)) from error
    return Run(contract, target, _options(contract, given))


def _contract(file: Path | None, overlay: Path | None) -> Contract:
    if file is None:
        return load(AI_CONTRACT, overlay=overlay or AI_OVERLAY)
    return load(file, overlay=overlay or companion_overlay(file))


def _execute(run: Run, given: Mapping[str, Any]) -> Report:
    from conformance.commands.progress import Progress, expectation

    waivers, baseline = _waivers(given["waivers"]), _baseline(given["baseline"])
    if not given["quiet"]:
        click.echo(f"{run.contract.title} at {run.target.url}, seed {run.options.seed}", err=True)
        for line in expectation(run):
            click.echo(line, err=True)
    progress = Progress(quiet=given["quiet"])
    try:
        asyncio.run(run.execute(progress))
    except KeyboardInterrupt:
        run.interrupted = True
    progress.finish()
    fail_on = Level(given["fail_on"])
    report = _waived(run, run.report(fail_on), waivers, given["waivers"], fail_on)
    changed = changes(baseline, report) if baseline is not None else ()
    destinations: tuple[Destination, ...] = given["reports"]
    publish(report, destinations, changed)
    return report


def _waivers(path: Path | None) -> Any:
    if path is None:
        return None
    from conformance.report.waivers import WaiverError, read_waivers

    try:
        return read_waivers(path)
    except WaiverError as error:
        raise click.UsageError(str(error)) from error


def _waived(run: Run, report: Report, waivers: Any, path: Path | None, fail_on: Level) -> Report:
    if waivers is None or path is None:
        return report
    from datetime import date

    from conformance.report.waivers import apply

    outcome = apply(report.findings, waivers, date.today())
    return replace(
        report,
        findings=outcome.findings,
        remarks=report.remarks + outcome.remarks(),
        verdict=run.verdict(outcome.findings, fail_on),
    )


def _baseline(path: Path | None) -> Report | None:
    if path is None:
        return None
    try:
        return read_report(path)
    except ReportError as error:
        raise click.UsageError(f"--baseline: {error}") from error


def _options(contract: Contract, given: Mapping[str, Any]) -> RunOptions:
    from conformance.run.run_options import RunOptions

    return RunOptions(
        credentials=_credentials(contract, given),
        examples=_examples(contract, given["examples"]),
        headers=tuple(_header(one) for one in given["headers"]),
        include=given["include"],
        exclude=given["exclude"],
        harmless=given["harmless"],
        allow_writes=given["allow_writes"],
        max_billable=given["max_billable"],
        max_examples=given["max_examples"],
        min_observed=given["min_observed"],
        time_budget=given["time_budget"],
        max_response_time=given["max_response_time"],
        rate=_rate(given["rate"]),
        seed=given["seed"],
    )


def _credentials(contract: Contract, given: Mapping[str, Any]) -> Credentials:
    tags = {tag for one in contract.operations for tag in one.tags}
    tags |= {name for one in contract.operations for name in (one.id, one.operation_id or one.id)}
    token, by_tag = "", dict[str, str]()
    for text in given["tokens"]:
        tag, equals, value = text.partition("=")
        if equals and tag in tags:
            by_tag[tag] = value
        else:
            token = text
    by_scheme = dict[str, str]()
    for text in given["credentials"]:
        name, equals, value = text.partition("=")
        if not equals or name not in contract.security_schemes:
            known = ", ".join(contract.security_schemes) or "none"
            raise click.UsageError(
                f"--credential {name}=…: the contract has no security scheme of that name; "
                f"it has {known}"
            )
        by_scheme[name] = value
    credentials = Credentials(
        token=token, by_tag=by_tag, by_scheme=by_scheme, expired=given["expired_token"] or ""
    )
    try:
        credentials.check()
    except CredentialError as error:
        raise click.UsageError(str(error)) from error
    return credentials


def _examples(contract: Contract, given: tuple[str, ...]) -> Mapping[str, Any]:
    found = {}
    for text in given:
        name, equals, path = text.partition("=")
        operation = contract.operation(name)
        if not equals or operation is None:
            raise click.UsageError(
                f"--example {text}: {name!r} is no operation of the contract; name it as "
                "`POST /path` or by its operationId"
            )
        try:
            content = Path(path).read_text("utf-8")
            found[operation.id] = (
                json.loads(content) if path.endswith(".json") else yaml.safe_load(content)
            )
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise click.UsageError(f"--example {name}: {path} cannot be read: {error}") from error
    return found


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name.strip()):
        raise click.UsageError(f"--header {name!r}: write it as 'Name: value'")
    if any(letter in value for letter in "\r\n\x00"):
        raise click.UsageError(f"--header {name}: a value cannot have a line break in it")
    return name.strip(), value.strip()


def _rate(text: str | None) -> float:
    """Requests in a second; 0 has no limit."""
    if not text:
        return 0.0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/(s|m|h))?", text.strip())
    if not found or float(found[1]) == 0:
        raise click.UsageError(f"--rate {text}: write it as 5/s or 100/m")
    return float(found[1]) / {"s": 1, "m": 60, "h": 3600}[found[2] or "s"]
