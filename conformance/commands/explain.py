"""`conformance explain CODE`."""

from __future__ import annotations

import textwrap

import click

from conformance.report.codes.registry import CODES, UnknownCodeError, code

__all__ = ["command"]


@click.command("explain")
@click.argument("name", metavar="CODE", required=False)
@click.option("--list", "list_all", is_flag=True, help="List all the codes.")
def command(name: str | None, list_all: bool) -> None:
    """Say what a finding code means and what to do about it."""
    if list_all or name is None:
        for entry in CODES.values():
            click.echo(f"{entry.code:28} {entry.level.value:8} {entry.title}")
        return
    try:
        entry = code(name)
    except UnknownCodeError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"{entry.code} ({entry.level.value}, {entry.room})\n{entry.title}\n")
    click.echo(textwrap.fill(entry.explain, width=88))
