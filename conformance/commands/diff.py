"""`conformance diff OLD NEW`."""

from __future__ import annotations

import time

import click

from conformance.commands.contract_sources import SourceError, opened
from conformance.commands.reporting import fail_on_option, publish, report_option
from conformance.diff import changes, findings
from conformance.report.findings import Level
from conformance.report.formats.destinations import Destination
from conformance.report.outcome import exit_code, outcome
from spec.settings.sources import configured

__all__ = ["command"]


@configured("conformance")
@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@fail_on_option
@report_option
@click.pass_context
def command(
    ctx: click.Context, old: str, new: str, fail_on: str, reports: tuple[Destination, ...]
) -> None:
    """Tell what breaks between two contracts, with a witness for each claim.

    OLD and NEW are files, or REF:PATH in git (`main:openapi.yaml`).
    """
    started = time.monotonic()
    try:
        with opened(old) as before, opened(new) as after:
            found = findings(changes(before.contract, after.contract))
            report = outcome(
                after.contract,
                [after.named(before.placed(one, after.contract)) for one in found],
                target=f"the change from {before.name} to {after.name}",
                fail_on=Level(fail_on),
                started=started,
                rooms=("diff",),
            )
    except SourceError as error:
        raise click.UsageError(str(error)) from error
    publish(report, reports)
    ctx.exit(exit_code(report))
