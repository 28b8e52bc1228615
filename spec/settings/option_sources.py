"""Where a command's options come from: flags, then variables, then a TOML table, then defaults.

A command declares each option once, with click; `configured` gives every one of them its variable
(`MOCK_SERVER_PORT`), its key in `[tool.mock_server]`, and the command the option `--config`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from spec.model.near_names import did_you_mean
from spec.reading.regular_files import bytes_of

__all__ = [
    "LINE",
    "OptionOfACall",
    "Pairs",
    "Table",
    "configured",
    "find_table",
    "name_variable",
    "read_table",
    "variable",
]

_UNNAMED = frozenset({"help", "version", "config"})
_NAMED_ARGUMENTS = frozenset({"contract", "contracts"})
"""Arguments that are settings; what else a command is about is said with the command."""


class _Line(click.types.StringParamType):
    def split_envvar_value(self, rv: str) -> list[str]:
        """The lines of a variable, also those of a file from Windows; empty ones say nothing."""
        lines = (line.removesuffix("\r") for line in rv.split("\n"))
        return [line for line in lines if line]


LINE = _Line()
"""A string for options that are given many times and may hold spaces, such as `Name: value`.

click cuts the variable of such an option at every space; with this type, at the ends of lines.
"""


class _WholeUrl(click.types.StringParamType):
    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The URL as it is written, refused where no `$ref` to it could ever be fetched."""
        text = str(super().convert(value, param, ctx))
        if not re.match(r"https?://[^/\s]", text):
            self.fail(
                f"{text!r} is no URL; write the whole one, https://…, as the $ref has it",
                param,
                ctx,
            )
        return text


WHOLE_URL = _WholeUrl()
"""A URL of http or https."""


class OptionOfACall(click.Option):
    """An option that says what one call is about: it has no variable, and no key in a table."""


class Pairs(_Line):
    """`NAME=VALUE`, for an option that is given many times.

    In TOML it is a table of names and values as well, under the name that the code has for all of
    them: `--level a=b` (of the parameter `levels`) is `[tool.NAME.levels] a = "b"`.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of settings: `[tool.NAME]`, or the top level of a file that is nothing else."""

    file: Path
    header: str
    values: Mapping[str, Any]
    text: str = field(repr=False)

    def error(self, problem: str, key: str = "") -> click.UsageError:
        """The usage error for a key, or for the whole table: file, line, table and key."""
        place = f"{self.file}:{self._line(key)}" if self._line(key) else str(self.file)
        where = " ".join(part for part in (self.header, key) if part)
        return click.UsageError(f"{place}: {where}: {problem}" if where else f"{place}: {problem}")

    def _line(self, key: str) -> int:
        """Line of the key, of the header where it cannot be found; 0 where neither can."""
        lines = self.text.splitlines()
        start = next((n for n, line in enumerate(lines) if self.header and self.header in line), -1)
        named = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        below = (n for n, line in enumerate(lines) if n > start and key and named.match(line))
        return next(below, start) + 1


def variable(tool: str, option: str) -> str:
    """The environment variable of an option: `MOCK_SERVER_NO_WATCH`."""
    return f"{tool}_{option}".upper()


def configured(tool: str) -> Callable[[click.Command], click.Command]:
    """Give a command `--config`, its table and a variable for every option.

    Of a group, decorate the subcommands: they share `[tool.NAME]`, where a key that any of them
    knows is allowed, and each has `[tool.NAME.SUBCOMMAND]` for itself, which wins. Relative paths
    in a table are relative to its file. A variable that an option names itself comes second. A
    variable that is set and empty means that the option is not given, whatever the table says.
    """

    def decorate(command: click.Command) -> click.Command:
        for param in command.params:
            if _is_setting(param):
                name_variable(tool, param)
        command.params.append(_config_option(tool))
        return command

    return decorate


def find_table(tool: str, start: Path) -> Table | None:
    """The nearest `[tool.NAME]` in a pyproject.toml of `start` or a folder above it.

    Raises click.UsageError for a file that means to have the table and is not TOML.
    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        try:
            text = bytes_of(file).decode()
        except (OSError, UnicodeDecodeError):
            continue
        # tomllib is not asked about files that have nothing to say here, broken ones included.
        if _speaks_of(tool, text) and (table := _parse(tool, file, text)).header:
            return table
    return None


def _speaks_of(tool: str, text: str) -> bool:
    """Whether a TOML text may have the table `[tool.NAME]`, in whichever of its spellings."""
    quoted = rf"""tool["']?\s*\.\s*["']?{tool}\b|^\s*\[?\s*["']?tool["']?\s*[]=]"""
    return re.search(quoted, text, re.MULTILINE) is not None


def read_table(tool: str, file: Path) -> Table:
    """The table of a file that was named. Raises click.UsageError if there is none in it."""
    try:
        text = bytes_of(file).decode()
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is no text in UTF-8"
        raise click.UsageError(
            f"{file}: the settings cannot be read: {why}; name a TOML file with [tool.{tool}]"
        ) from None
    table = _parse(tool, file, text)
    if not table.header and file.name == "pyproject.toml":
        raise table.error(f"it has no table [tool.{tool}]; add one, or name another file")
    return table


def _parse(tool: str, file: Path, text: str) -> Table:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise click.UsageError(f"{file}: this is not TOML: {problem}") from None
    tools = document.get("tool")
    own = tools.get(tool) if isinstance(tools, dict) else None
    header, values = ("", document) if own is None else (f"[tool.{tool}]", own)
    table = Table(file=file, header=header, values=values, text=text)
    if not isinstance(values, dict):
        raise table.error(f"a table is needed, not {values!r}")
    return table


def name_variable(tool: str, param: click.Parameter) -> None:
    """Give an option its variable, which `--help` then names."""
    others = [param.envvar] if isinstance(param.envvar, str) else list(param.envvar or ())
    param.envvar = [variable(tool, _spoken(param)), *others]
    if isinstance(param, click.Option):
        param.show_envvar = True


def _config_option(tool: str) -> click.Option:
    def apply(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
        table = read_table(tool, value) if value else find_table(tool, Path.cwd())
        if table:
            ctx.default_map = {**(ctx.default_map or {}), **_defaults(ctx, table)}

    return click.Option(
        ["--config"],
        type=click.Path(path_type=Path, dir_okay=False),
        envvar=variable(tool, "config"),
        show_envvar=True,
        is_eager=True,
        expose_value=False,
        callback=apply,
        metavar="FILE",
        help=f"Read [tool.{tool}] from this file instead of the nearest pyproject.toml.",
    )


def _defaults(ctx: click.Context, table: Table) -> dict[str, Any]:
    """What the table says for this command, converted and checked option by option."""
    siblings, params = _siblings(ctx), _params([ctx.command])
    found: dict[str, Any] = {}
    own: Mapping[str, Any] = {}
    for key, value in table.values.items():
        if key in siblings and isinstance(value, dict):
            own = value if key == ctx.info_name else own
        elif (name := _name(key)) in params:
            found[str(params[name].name)] = _convert(ctx, table, key, params[name], value)
        elif name not in (known := _params(_commands(ctx, siblings))):
            raise table.error(_unknown(key, {**params, **known}), key)
    for key, value in own.items():
        if (name := _name(key)) not in params:
            raise table.error(_unknown(key, params), key)
        found[str(params[name].name)] = _convert(ctx, table, key, params[name], value)
    silenced = {str(param.name) for param in ctx.command.params if _silenced(param)}
    return {name: value for name, value in found.items() if name not in silenced}


def _siblings(ctx: click.Context) -> list[str]:
    """The names of all commands of its group."""
    group = _group(ctx)
    return group.list_commands(ctx) if group else []


def _commands(ctx: click.Context, names: Iterable[str]) -> list[click.Command]:
    """These commands of its group. To import all takes longer than most of them run."""
    group = _group(ctx)
    return [one for name in names if group and (one := group.get_command(ctx, name))]


def _group(ctx: click.Context) -> click.Group | None:
    command = ctx.parent.command if ctx.parent else None
    return command if isinstance(command, click.Group) else None


def _params(commands: Iterable[click.Command]) -> dict[str, click.Parameter]:
    every = [param for command in commands for param in command.params]
    named = {_spoken(param): param for param in every if _is_setting(param)}
    return named | {str(param.name): param for param in every if isinstance(param.type, Pairs)}


def _is_setting(param: click.Parameter) -> bool:
    """Whether a variable and a table may give it.

    `REPORT` of one command, which reads it, is not `report` of another, which writes some.
    """
    if isinstance(param, click.Argument):
        return param.name in _NAMED_ARGUMENTS
    return param.name not in _UNNAMED and not isinstance(param, OptionOfACall)


def _silenced(param: click.Parameter) -> bool:
    """Whether the option's own variable is set and empty: not given, and not by the table either.

    So a pipeline decides what the table of somebody's checkout must not: `CONFORMANCE_START=`.
    """
    named = param.envvar[:1] if isinstance(param.envvar, list) else ()
    return any(os.environ.get(name) == "" for name in named)


def _spoken(param: click.Parameter) -> str:
    """The name that people know: of `--token` it is `token`, whatever the code calls its values."""
    flags = [flag for flag in param.opts if flag.startswith("--")]
    return _name(flags[0].removeprefix("--")) if flags else str(param.name)


def _name(key: str) -> str:
    return key.replace("-", "_")


def _unknown(key: str, params: Mapping[str, click.Parameter]) -> str:
    known = sorted(name.replace("_", "-") for name in params)
    hint = did_you_mean(key.replace("_", "-"), known, f"the keys are {', '.join(known)}")
    return f"no such setting; {hint}"


def _convert(ctx: click.Context, table: Table, key: str, param: click.Parameter, value: Any) -> Any:
    """The value as the option's type has it. TOML's types count: `port = true` is no port."""
    several = param.multiple or param.nargs == -1
    if isinstance(param.type, Pairs) and isinstance(value, dict):
        value = [f"{name}={one}" for name, one in value.items()]
    items = value if several and isinstance(value, list) else [value]
    flag = isinstance(param, click.Option) and param.is_flag
    for item in items:
        if isinstance(item, (list, dict)) or isinstance(item, bool) is not flag:
            needed = "true or false" if flag else "a list of values" if several else "one value"
            raise table.error(f"{needed} is needed, not {value!r}", key)
    if isinstance(param.type, click.Path):
        items = [
            item if "://" in str(item) else str(table.file.parent / str(item)) for item in items
        ]
    try:
        for item in items:
            param.type.convert(item, param, ctx)
    except click.UsageError as problem:
        raise table.error(problem.message, key) from None
    return tuple(items) if several else items[0]
