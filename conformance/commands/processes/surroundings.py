"""`--setup` and `--teardown`: commands that surround a run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from conformance.commands.options.telling import tell
from conformance.commands.processes.gate_processes import in_shell
from conformance.commands.processes.processes import ProcessError, running
from conformance.report.formats.printable import printable

__all__ = ["prepared_by"]

MINUTES = 10
_LAST_LINES = 15
"""Lines of a command's output that the message about its failure has."""


@contextmanager
def prepared_by(setup: str | None, teardown: str | None, url: str) -> Iterator[None]:
    """Run one command before the block and one after it, however the block ends.

    Both find the deployment in `CONFORMANCE_URL`, and everything else that this process has. A
    teardown that fails is reported and changes no verdict.

    Raises:
        click.UsageError: the setup failed; the teardown has been run.
    """
    try:
        if setup and (problem := _problem(setup, url)):
            raise click.UsageError(f"--setup {problem}")
        yield
    finally:
        if teardown and (problem := _problem(teardown, url)):
            tell(f"--teardown {problem}")


def _problem(command: str, url: str) -> str:
    """Why a command did not do its work, with its last lines; "" if it did."""
    env = {**os.environ, "CONFORMANCE_URL": url}
    try:
        with running(in_shell(command), name=f"`{command}`", env=env) as process:
            status = process.wait_at_most(60 * MINUTES)
            lines = process.output().strip().splitlines()[-_LAST_LINES:]
    except ProcessError as error:
        return str(error)
    if status == 0:
        return ""
    ended = f"ended with status {status}" if status is not None else f"ran for {MINUTES} minutes"
    said = "".join(f"\n  {printable(line)}" for line in lines)
    return f"`{command}` {ended}{f'; its last lines:{said}' if said else ''}"
