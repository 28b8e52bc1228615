"""The command `mock-server`: reads the options, then serves a mock or prints one message."""

from __future__ import annotations

import gc
import os
import signal
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from mock_server.command.command_options import DECLARED
from mock_server.command.start_options import read_options
from spec.settings.option_sources import configured
from spec.settings.standard_streams import open_closed_streams

__all__ = ["command", "export_command", "main"]

_OF_EXPORT = frozenset(
    {"overlay", "no_overlay", "remote_ref", "root", "strict", "seed", "dynamic", "quiet"}
)
_WRONG_USAGE = 2
_INTERRUPTED = 128 + signal.SIGINT


def main() -> NoReturn:
    """Run the command; exit 0 when stopped by SIGTERM, 130 by Ctrl-C, 2 on a mistake."""
    open_closed_streams()
    signal.signal(signal.SIGTERM, _exit_now)
    # Nearly all of what a start builds stays; collecting in between only makes it slower.
    gc.disable()
    if not sys.warnoptions:
        # Python's warnings about the source of dependencies do not help a user of the mock.
        warnings.simplefilter("ignore")
    try:
        if sys.argv[1:2] == ["export"]:
            status = export_command.main(
                sys.argv[2:], prog_name="mock-server export", standalone_mode=False
            )
        else:
            status = command.main(standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        sys.exit(_WRONG_USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_INTERRUPTED)
    sys.exit(status)


def _exit_now(number: int, frame: object) -> NoReturn:
    """Before serving there is nothing to end cleanly."""
    os._exit(0)


def _serve(**given: Any) -> int:
    """Serve CONTRACT, an OpenAPI document, as a mock of the API that it describes.

    Without CONTRACT, it serves InsForge's AI API. Several contracts share the port, each under the
    paths of its `servers`. Each option can also be set by the environment variable named below, or
    by a key in [tool.mock_server] of pyproject.toml. A flag overrides the variable, and the
    variable overrides the table.
    """
    from mock_server.command.launch import launch

    options = read_options(click.get_current_context(), given)
    return launch(options, colour=_colour_wanted(os.environ))


def _export(directory: Path, **given: Any) -> int:
    """Write every response of CONTRACT into DIRECTORY, for hosts that serve static files only.

    Without CONTRACT, it exports InsForge's AI API. An earlier export in DIRECTORY is replaced.
    """
    from mock_server.command.export import ExportError, export
    from spec import SpecError

    options = read_options(click.get_current_context(), given)
    try:
        number, unserved = export(options, directory)
    except (SpecError, ExportError) as problem:
        raise click.ClickException(str(problem)) from None
    for sentence in unserved:
        click.echo(f"Not served as the contract says: {sentence}", err=True)
    if not options.quiet:
        click.echo(
            f"Exported {number} answers to {directory}; {directory}/manifest.json lists them"
        )
    return 0


def _colour_wanted(environment: Mapping[str, str]) -> bool:
    """Whether to use colour: only on a terminal that can show it (no-color.org), never in CI."""
    if environment.get("NO_COLOR") or environment.get("CI"):
        return False
    return environment.get("TERM") != "dumb" and sys.stdout is not None and sys.stdout.isatty()


def _declare() -> click.Command:
    made: Any = _serve
    for declare in reversed(DECLARED):
        made = declare(made)
    made = click.command(
        "mock-server",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="`mock-server export DIRECTORY [CONTRACT]...` writes the responses as files. "
        "Output to a terminal is coloured; NO_COLOR or CI switches that off. Exit status: "
        "0 after SIGTERM, 130 after Ctrl-C, 2 if the options or files are wrong.",
    )(made)
    made = click.version_option(package_name="insforge-contract", prog_name="mock-server")(made)
    return configured("mock_server")(made)


def _declare_export() -> click.Command:
    made: Any = _export
    for declare in reversed(DECLARED):
        made = declare(made)
    made = click.argument("directory", type=click.Path(path_type=Path, file_okay=False))(made)
    made = click.command(
        "mock-server export", context_settings={"help_option_names": ["-h", "--help"]}
    )(made)
    for param in made.params:
        # They share a table and variables with serving, and mean nothing here.
        if isinstance(param, click.Option):
            param.hidden = param.name not in _OF_EXPORT
    return configured("mock_server")(made)


command = _declare()
export_command = _declare_export()
