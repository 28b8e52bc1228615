"""`--level CODE=error|warning|note`, and the table `[tool.conformance.levels]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from conformance.report.codes.registry import UnknownCodeError, code
from conformance.report.level import Level
from conformance.report.levels import Levels
from spec.settings.option_sources import Pairs

__all__ = ["level_option", "levels_of"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _CodeLevel(Pairs):
    """`CODE=LEVEL`; it stays a text, so that the gate can hand it on."""

    name = "level"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name, _, level = str(value).partition("=")
        try:
            code(name.strip())
        except UnknownCodeError as error:
            self.fail(str(error), param, ctx)
        if level.strip() not in (one.value for one in Level):
            self.fail(f"{value!r}: write it as {name.strip()}=error, =warning or =note", param, ctx)
        return f"{name.strip()}={level.strip()}"


def level_option(command: _Command) -> _Command:
    """`--level CODE=LEVEL`, repeatable, for every command that makes findings."""
    return click.option(
        "--level",
        "levels",
        type=_CodeLevel(),
        multiple=True,
        metavar="CODE=LEVEL",
        help="Change the level of a finding code to error, warning or note; `conformance explain "
        "--list` lists the codes. In pyproject.toml: the table [tool.conformance.levels]. "
        "Repeatable.",
    )(command)


def levels_of(given: Iterable[str]) -> Levels:
    """The levels that the options name; the last one of a code counts."""
    pairs = (text.partition("=") for text in given)
    return {code(name).code: Level(level) for name, _, level in pairs}
