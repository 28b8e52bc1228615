"""`conformance changelog OLD NEW`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.commands.contracts.contract_sources import opened_pair
from conformance.commands.contracts.opened_contract import SourceError
from conformance.commands.contracts.reach import Reach, reach_options
from conformance.commands.options.announcing import announcement_option, announcements_of
from conformance.commands.options.parameter_types import OutputFile
from conformance.commands.processes.garbage_collection import paused
from conformance.diff import differences
from conformance.diff.release_notes import as_changelog
from spec.settings.option_sources import configured

__all__ = ["command"]


@configured("conformance")
@click.command("changelog")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@reach_options
@announcement_option
@click.option(
    "--output",
    "-o",
    type=OutputFile(),
    help="File to write. Default: standard output.",
)
def command(old: str, new: str, output: Path | None, **given: Any) -> None:
    """Write the changes between two contracts as Markdown.

    OLD and NEW are files, REF:PATH in git (`v1.2:openapi.yaml`), URLs, or - for standard input.
    """
    try:
        with paused(), opened_pair(old, new, Reach.of(given)) as (before, after):
            found = differences(before.contract, after.contract, announcements_of(given))
            text = as_changelog(before.contract, after.contract, found)
    except SourceError as error:
        raise click.UsageError(str(error)) from error
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{output} cannot be written: {error.strerror}") from error
