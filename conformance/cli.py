"""The command line: a group that imports a command only when it is called for.

`run` needs Schemathesis and Hypothesis, half a second of importing that `lint` and `--help` do
without.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

import click

from spec.model.errors import SpecError

__all__ = ["COMMANDS", "LazyGroup", "cli", "main"]

COMMANDS = {
    "run": "Show what a deployment keeps of its contract, and what it breaks",
    "clauses": "List what a contract promises, clause by clause",
    "lint": "Find what is wrong with a contract itself",
    "diff": "Tell what breaks between two contracts, with a witness for each claim",
    "changelog": "Write the changes between two contracts as Markdown",
    "gate": "All of it, for a pipeline: lint, diff, the mock, the deployment",
    "waive": "Accept the findings of a report until a date, with a reason",
    "explain": "Say what a finding code means and what to do about it",
}


class LazyGroup(click.Group):
    """Finds a command NAME as `command` in `conformance.commands.NAME`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS or find_spec(f"conformance.commands.{cmd_name}") is None:
            return None
        found = import_module(f"conformance.commands.{cmd_name}").command
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CONFORMANCE"},
)
@click.version_option(package_name="insforge-contract")
def cli() -> None:
    """What a deployment keeps of its OpenAPI contract, and what a change of it breaks."""


def main() -> None:
    """The console script. Exit codes: 0 conforms, 1 findings, 2 input, 3 unreachable, 130 cut."""
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Exit as exit_:
        status = exit_.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        status = 130
    except click.ClickException as error:
        error.show()
        status = 2
    except SpecError as error:
        click.echo(f"Error: {error}", err=True)
        status = 2
    sys.exit(status if isinstance(status, int) else 0)
