"""What a command says on the standard error, beside its report.

A title, a path or a message of others commands neither a terminal nor a pipeline's runner.
"""

from __future__ import annotations

from io import StringIO

import click

from conformance.report.formats.printable import one_line, printable, without_commands

__all__ = ["show_usage_error", "tell", "tell_error"]


def tell(sentence: str) -> None:
    """Say it in one line."""
    click.echo(without_commands(one_line(sentence)), err=True)


def tell_error(error: Exception) -> None:
    """Say what went wrong, in the lines that it has."""
    click.echo(without_commands(printable(f"Error: {error}")), err=True)


def show_usage_error(error: click.ClickException) -> None:
    """Say what was wrong with the command, below its usage."""
    shown = StringIO()
    error.show(file=shown)
    click.echo(without_commands(printable(shown.getvalue())), err=True, nl=False)
