"""`conformance diff OLD NEW`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from conformance.commands.contracts.contract_choice import WAIVERS, chosen_waivers
from conformance.commands.contracts.contract_sources import opened_pair
from conformance.commands.contracts.opened_contract import NoBaseError, SourceError
from conformance.commands.contracts.reach import Reach, reach_options
from conformance.commands.options.announcing import announcement_option, announcements_of
from conformance.commands.options.help_texts import SectionedCommand
from conformance.commands.options.level_option import level_option, levels_of
from conformance.commands.options.reporting import fail_on_option, publish, report_option
from conformance.commands.processes.garbage_collection import paused
from conformance.diff import differences
from conformance.report.command_outcome import exit_code, outcome
from conformance.report.findings import Level, Report
from conformance.report.levels import leveled
from conformance.report.waivers import apply
from spec.settings.option_sources import configured

__all__ = ["command"]

_EXAMPLES = {
    "conformance diff main:openapi.yaml openapi.yaml": "compare the working copy with main",
    "conformance diff https://api.example.com/openapi.json openapi.yaml": (
        "compare with a published contract"
    ),
    "make openapi | conformance diff openapi.yaml -": "compare with a generated contract",
}


@configured("conformance")
@click.command("diff", cls=SectionedCommand, examples=_EXAMPLES)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@reach_options
@click.option(
    "--waivers",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help=f"File of accepted changes. Default: {WAIVERS} in the folder of NEW and in this folder.",
)
@announcement_option
@level_option
@fail_on_option
@report_option
@click.pass_context
def command(ctx: click.Context, /, old: str, new: str, **given: Any) -> None:
    """Find breaking changes between two contracts, each with a witness.

    OLD and NEW are files, REF:PATH in git (`main:openapi.yaml`), URLs, or - for standard input.
    A contract that OLD's commit does not have yet is new, and breaks nothing.
    """
    try:
        report = _compared(old, new, given)
    except NoBaseError as error:
        click.echo(f"{error}; there is no older contract to compare with")
        return
    except SourceError as error:
        raise click.UsageError(str(error)) from error
    publish(report, given["reports"])
    ctx.exit(exit_code(report))


def _compared(old: str, new: str, given: Mapping[str, Any]) -> Report:
    started = time.monotonic()
    waivers = chosen_waivers(given["waivers"], new)
    with paused(), opened_pair(old, new, Reach.of(given)) as (before, after):
        found = differences(before.contract, after.contract, announcements_of(given))
        placed = [after.named(before.placed(one, after.contract)) for one in found]
        waived = apply(placed, waivers, date.today(), rooms=("diff",))
        return outcome(
            after.contract,
            leveled(waived.findings, levels_of(given["levels"])),
            target=f"the change from {before.name} to {after.name}",
            fail_on=Level(given["fail_on"]),
            started=started,
            remarks=waived.remarks(),
            rooms=("diff",),
        )
