"""What the commands that report have in common: `--fail-on`, `--report`, and where reports go."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from conformance.report.baseline import BaselineChange
from conformance.report.findings import Level, Report
from conformance.report.formats.destinations import (
    FORMATS,
    Destination,
    DestinationError,
    apart,
    destination,
    write,
)
from conformance.report.formats.printable import without_commands
from conformance.report.formats.terminal import TerminalReport
from spec.settings.option_sources import LINE

__all__ = ["fail_on_option", "publish", "report_option"]

_UNFOLDED = 100_000
"""Columns that no name of an operation fills."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _destinations(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[Destination, ...]:
    try:
        return apart([destination(text) for text in value])
    except DestinationError as error:
        raise click.BadParameter(str(error), ctx, param) from error


def report_option(command: _Command) -> _Command:
    """`--report FORMAT=PATH`, repeatable; its variable holds one a line."""
    return click.option(
        "--report",
        "reports",
        type=LINE,
        callback=_destinations,
        multiple=True,
        metavar="FORMAT=PATH",
        help=f"Write a report in one of the formats {', '.join(FORMATS)}. PATH - means standard "
        f"output. Repeatable.",
    )(command)


def baseline_option(command: _Command) -> _Command:
    """`--baseline REPORT`."""
    return click.option(
        "--baseline",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="REPORT",
        help="Earlier JSON report; show the clauses whose verdict changed since then.",
    )(command)


def quiet_option(command: _Command) -> _Command:
    """`--quiet`: the report alone."""
    return click.option(
        "--quiet", is_flag=True, help="Print only the report, without progress and start lines."
    )(command)


def fail_on_option(command: _Command) -> _Command:
    """`--fail-on error|warning|note`."""
    return click.option(
        "--fail-on",
        type=click.Choice([level.value for level in reversed(Level)]),
        default=Level.ERROR.value,
        show_default=True,
        help="Lowest level of findings that makes the exit code 1.",
    )(command)


def publish(
    report: Report, destinations: tuple[Destination, ...], changed: tuple[BaselineChange, ...] = ()
) -> None:
    """Print the report, unless one goes to standard output, and write the others.

    Raises:
        click.UsageError: a report cannot be written.
    """
    if not any(str(one.path) == "-" for one in destinations):
        _print(TerminalReport(report, changed, folded=sys.stdout.isatty()))
    for one in destinations:
        try:
            write(one, report, changed)
        except DestinationError as error:
            raise click.UsageError(str(error)) from error


def _print(shown: TerminalReport) -> None:
    """Print for a person, or for a pipe."""
    # A width that nothing fills, where nobody looks: rich pads and folds what it draws to it.
    width = None if shown.folded else _UNFOLDED
    plain = True if os.environ.get("NO_COLOR") else None
    console = Console(no_color=plain, soft_wrap=True, width=width)
    with console.capture() as captured:
        console.print(shown)
    lines = without_commands(captured.get()).splitlines()
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in lines))
    sys.stdout.flush()
