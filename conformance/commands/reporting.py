"""What the commands that report have in common: `--fail-on`, `--report`, and where reports go."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.console import Console

from conformance.report.baseline import Change
from conformance.report.findings import Level, Report
from conformance.report.formats.destinations import (
    FORMATS,
    Destination,
    DestinationError,
    destination,
    write,
)
from conformance.report.formats.terminal import TerminalReport
from spec.settings.sources import LINE

__all__ = ["fail_on_option", "publish", "report_option"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _destinations(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[Destination, ...]:
    try:
        return tuple(destination(text) for text in value)
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
        help=f"Write a report: {', '.join(FORMATS)}. PATH - is standard output. Repeatable.",
    )(command)


def fail_on_option(command: _Command) -> _Command:
    """`--fail-on error|warning|note`."""
    return click.option(
        "--fail-on",
        type=click.Choice([level.value for level in reversed(Level)]),
        default=Level.ERROR.value,
        show_default=True,
        help="The mildest level that makes the exit code 1.",
    )(command)


def publish(
    report: Report, destinations: tuple[Destination, ...], changed: tuple[Change, ...] = ()
) -> None:
    """Print the report, unless one goes to standard output, and write the others.

    Raises:
        click.UsageError: a report cannot be written.
    """
    if not any(str(one.path) == "-" for one in destinations):
        _print(TerminalReport(report, changed))
    for one in destinations:
        try:
            write(one, report, changed)
        except DestinationError as error:
            raise click.UsageError(str(error)) from error


def _print(shown: TerminalReport) -> None:
    """Print for a person, or for a pipe; whoever closes it early (`| head`) loses no report."""
    console = Console(no_color=True if os.environ.get("NO_COLOR") else None, soft_wrap=True)
    try:
        console.print(shown)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would write the rest once more when it ends, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
