"""`conformance lint CONTRACT`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from conformance.commands.reporting import fail_on_option, publish, report_option
from conformance.lint import lint
from conformance.report.findings import Level
from conformance.report.formats.destinations import Destination
from conformance.report.outcome import exit_code, outcome
from spec import load
from spec.settings.sources import configured

__all__ = ["command"]


@configured("conformance")
@click.command("lint")
@click.argument("contract", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--overlay",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An overlay to lay over it, whose examples are checked as well.",
)
@fail_on_option
@report_option
@click.pass_context
def command(
    ctx: click.Context,
    contract: Path,
    overlay: Path | None,
    fail_on: str,
    reports: tuple[Destination, ...],
) -> None:
    """Find what is wrong with a contract itself.

    Promises that cannot be kept or not be checked, and nothing that is only taste: house rules are
    for Spectral.
    """
    started = time.monotonic()
    loaded = load(contract, overlay=overlay)
    report = outcome(
        loaded,
        lint(loaded),
        target=str(contract),
        fail_on=Level(fail_on),
        started=started,
        rooms=("lint",),
    )
    publish(report, reports)
    ctx.exit(exit_code(report))
