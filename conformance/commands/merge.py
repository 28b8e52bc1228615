"""`conformance merge REPORT…`."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.commands.options.parameter_types import FiniteRange
from conformance.commands.options.report_places import report_of
from conformance.commands.options.reporting import fail_on_option, publish, report_option
from conformance.report.command_outcome import exit_code
from conformance.report.findings import Level
from conformance.report.formats.destinations import Destination
from conformance.run.merging import MergeError, merged
from spec.settings.option_sources import configured

__all__ = ["command"]


@configured("conformance")
@click.command("merge")
@click.argument(
    "files",
    metavar="REPORT...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
)
@click.option(
    "--min-observed",
    type=FiniteRange(0, 100),
    default=0,
    metavar="PERCENT",
    help="Exit with 2 if a smaller share of the clauses was observed (held or broken).",
)
@fail_on_option
@report_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    min_observed: float,
    fail_on: str,
    reports: tuple[Destination, ...],
) -> None:
    """Combine the JSON reports of shards into one report, as if one run had made it.

    The exit codes are those of `conformance run`.
    """
    if any(one.shows_exchanges for one in reports):
        raise click.UsageError(
            "--report har=… is not possible here: JSON reports contain no traffic; let each "
            "shard write its own HAR"
        )
    parts = [report_of(file) for file in files]
    try:
        report = merged(parts, fail_on=Level(fail_on), min_observed=min_observed)
    except MergeError as error:
        raise click.UsageError(str(error)) from error
    publish(report, reports)
    ctx.exit(exit_code(report))
