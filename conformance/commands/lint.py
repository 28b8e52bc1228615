"""`conformance lint [CONTRACT]...`."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from conformance.commands.contracts.contract_choice import (
    ContractPath,
    chosen_contract,
    contract_option,
    said_of,
)
from conformance.commands.contracts.contract_sources import opened
from conformance.commands.contracts.opened_contract import SourceError
from conformance.commands.contracts.reach import Reach, reach_options
from conformance.commands.options.help_texts import SectionedCommand
from conformance.commands.options.level_option import level_option, levels_of
from conformance.commands.options.reporting import fail_on_option, publish, report_option
from conformance.commands.options.telling import tell
from conformance.lint import lint
from conformance.report.command_outcome import exit_code, outcome
from conformance.report.findings import Level, Report
from conformance.report.joined_reports import joined
from conformance.report.levels import leveled
from spec.settings.option_sources import configured

__all__ = ["command"]

_EXAMPLES = {
    "conformance lint openapi/*.yaml": "check several contracts and print one summary",
    "conformance lint https://api.example.com/openapi.json": "check a published contract",
    "make openapi | conformance lint -": "check a generated contract",
}


@configured("conformance")
@click.command("lint", cls=SectionedCommand, examples=_EXAMPLES)
@click.argument("contracts", nargs=-1, type=ContractPath(), metavar="[CONTRACT]...")
@contract_option()
@click.option(
    "--overlay",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="OpenAPI Overlay to apply; its examples are checked too.",
)
@reach_options
@level_option
@fail_on_option
@report_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Find mistakes in a contract.

    It reports promises that cannot be kept or cannot be checked. Questions of style are left to
    tools such as Spectral. CONTRACT is a file, a URL, or - for standard input.
    """
    named: tuple[Path | str, ...] = given["contracts"]
    if len(named) > 1 and given["overlay"]:
        raise click.UsageError(
            "--overlay works with one contract only; lint the contracts one by one"
        )
    report = joined([_linted(given, one) for one in named or (given["contract"],)])
    publish(report, given["reports"])
    ctx.exit(exit_code(report))


def _linted(given: dict[str, Any], contract: Path | str | None) -> Report:
    started = time.monotonic()
    chosen = chosen_contract(contract)
    reach = replace(Reach.of(given), leaves_out_broken_files=True)
    try:
        with opened(str(chosen), overlay=given["overlay"], reach=reach) as source:
            loaded = source.contract
            found = [source.named(one) for one in lint(loaded)]
    except SourceError as error:
        raise click.UsageError(str(error)) from error
    if contract is None:
        tell(said_of(loaded, None))
    return outcome(
        loaded,
        leveled(found, levels_of(given["levels"])),
        target=source.name,
        fail_on=Level(given["fail_on"]),
        started=started,
        rooms=("lint",),
    )
