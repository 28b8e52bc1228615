"""The command line: a group that imports a command only when it is called for.

`run` needs Schemathesis and Hypothesis, half a second of importing that `lint` and `--help` do
without.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import FrameType
from typing import Any

import click

from conformance.commands.options.defects import log_options, remembered, tell_defect
from conformance.commands.options.help_texts import write_examples
from conformance.commands.options.telling import show_usage_error, tell, tell_error
from spec.model.errors import SpecError
from spec.model.near_names import did_you_mean
from spec.settings.option_sources import name_variable
from spec.settings.standard_streams import UnwritableError, forget_output, open_closed_streams

__all__ = ["COMMANDS", "LazyGroup", "cli", "main"]

COMMANDS = {
    "run": "Test a deployment against its contract, clause by clause",
    "replay": "Send stored requests of a report again and judge the responses",
    "clauses": "List what a contract promises, clause by clause",
    "judge": "Judge recorded traffic by the contract, without sending requests",
    "freshen": "Propose an overlay whose examples match a deployment's responses",
    "client": "Run a client's tests against responses that the contract allows",
    "lint": "Find mistakes in a contract",
    "diff": "Find breaking changes between two contracts, each with a witness",
    "changelog": "Write the changes between two contracts as Markdown",
    "gate": "Run lint, diff, and the tests of the mock and the deployment in one step",
    "mcp": "Serve the tools serve, prove, replay, diff and explain to a coding agent",
    "waive": "Accept the findings of a report until a date, with a reason",
    "merge": "Combine the reports of shards into one report",
    "explain": "Explain a finding code, or a place of a report",
}
_SECTIONS = {
    "A deployment": ("run", "replay", "judge", "freshen", "client"),
    "A contract": ("lint", "diff", "changelog", "clauses"),
    "A pipeline": ("gate", "merge", "waive", "explain"),
    "An agent": ("mcp",),
}
_EXAMPLES = {
    "conformance run --url https://staging.example.com --contract openapi.yaml --token TOKEN": (
        "test a deployment against its contract"
    ),
    "conformance gate --contract openapi.yaml --base main:openapi.yaml": (
        "check the contract changes of a pull request"
    ),
    "conformance explain refused-control": "explain a finding code",
}
_PACKAGE = __name__.rpartition(".")[0]


class LazyGroup(click.Group):
    """Finds a command NAME as `command` in `conformance.commands.NAME`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands that are there."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now; None where there is none."""
        module = f"{_PACKAGE}.commands.{cmd_name}"
        if cmd_name not in COMMANDS or find_spec(module) is None:
            return None
        found = import_module(module).command
        assert isinstance(found, click.Command)
        if all(param.name != "verbose" for param in found.params):
            for option in log_options():
                name_variable("conformance", option)
                found.params.append(option)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with; a misspelt one names its neighbours."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            known = f"it has {', '.join(COMMANDS)}"
            meant = did_you_mean(args[0].lower(), COMMANDS, known, cutoff=0.5)
            if args[0].endswith((".yaml", ".yml", ".json")):
                meant = f"for a contract: `conformance lint {args[0]}`, or `conformance gate`"
            ctx.fail(f"there is no command {args[0]!r}; {meant}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by what they look at, and examples."""
        named = [name for names in _SECTIONS.values() for name in names]
        others = {"Commands": tuple(name for name in COMMANDS if name not in named)}
        for title, names in {**_SECTIONS, **others}.items():
            rows = [(name, COMMANDS[name]) for name in names if name in COMMANDS]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
        write_examples(formatter, _EXAMPLES)


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CONFORMANCE"},
)
@click.version_option(package_name="insforge-contract")
def cli() -> None:
    """Test a deployment against its OpenAPI contract, and find what a contract change breaks."""


def main() -> None:
    """The console script.

    Exit codes: 0 conforms, 1 findings, 2 usage, input or undecided, 3 never reached, 70 a defect of
    this program, 130 interrupted.
    """
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A title in the contract may have letters that the terminal's encoding lacks.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    with remembered(), _ended_by_signals():
        status = _status()
    sys.exit(status if isinstance(status, int) else 0)


def _status() -> Any:
    try:
        status = cli.main(standalone_mode=False)
        # Not later, when the interpreter ends and can only report a status of its own.
        sys.stdout.flush()
        return status
    except UnwritableError as error:
        forget_output()
        tell_error(error)
        return 2
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except (click.Abort, KeyboardInterrupt):
        tell("interrupted")
        return 130
    except click.ClickException as error:
        show_usage_error(error)
        return 2
    except SpecError as error:
        tell_error(error)
        return 2
    except Exception as error:
        return tell_defect(error)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Answer SIGTERM and SIGHUP as Ctrl-C: what was found is reported, what was started is ended.

    A pipeline that is cancelled sends SIGTERM, a terminal that is closed SIGHUP, which `nohup`
    ignores.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler)}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, _as_ctrl_c)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)
