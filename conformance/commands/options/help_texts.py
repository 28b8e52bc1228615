"""The `--help` of a command with many options: in sections, with examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

__all__ = ["SectionedCommand", "with_options", "write_examples"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_REST = "Options"


def with_options(command: _Command, options: Sequence[Callable[[_Command], _Command]]) -> _Command:
    """Give a command options, in the order in which `--help` lists them."""
    # The last decorator is applied first, and its option stands last in `--help`.
    for option in reversed(options):
        command = option(command)
    return command


class SectionedCommand(click.Command):
    """A command whose options are listed in sections.

    Args:
        sections: names of sections with the names of their options, in this order; an option that
            no section has stands under `Options` at the end.
        examples: command lines, each with what it does.
    """

    def __init__(
        self,
        *args: Any,
        sections: Mapping[str, Sequence[str]] | None = None,
        examples: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sections, self.examples = sections or {}, examples or {}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections; every option is in one of them."""
        home = {name: title for title, names in self.sections.items() for name in names}
        rows: dict[str, list[tuple[str, str]]] = {title: [] for title in (*self.sections, _REST)}
        for param in self.get_params(ctx):
            # Arguments stand in the usage line, and the text above says what they are.
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                rows[home.get(str(param.name), _REST)].append(record)
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
        write_examples(formatter, self.examples)


def write_examples(formatter: click.HelpFormatter, examples: Mapping[str, str]) -> None:
    """Command lines that can be copied: never wrapped, each below what it does."""
    if examples:
        with formatter.section("Examples"):
            for line, does in examples.items():
                formatter.write(f"{'':>{formatter.current_indent}}# {does}\n")
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
