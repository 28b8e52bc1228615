"""Which contract is meant where none is named, and what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.report.waiver_file import WaiverError, read_waivers
from conformance.report.waivers import Waiver
from spec import AI_CONTRACT, Contract
from spec.model.selectors import nearest_operations, selects
from spec.reading.regular_files import file_named

__all__ = [
    "WAIVERS",
    "ContractPath",
    "SingleOption",
    "chosen_contract",
    "chosen_waivers",
    "contract_option",
    "named_contract",
    "refuse_idle_selectors",
    "said_of",
    "waivers_option",
]

WAIVERS = "contract-waivers.yaml"
_NAMES = ("openapi.yaml", "openapi.yml", "openapi.json")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def named_contract(text: str) -> Path | str:
    """The contract that a text names: a file, or the text of a URL or of `-` as it stands."""
    return text if text == "-" or "://" in text else file_named(text)


class ContractPath(click.Path):
    """A contract on a command line: a file, or the text of a URL or of `-` as it stands."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A Path for a file, a text for everything else."""
        if isinstance(value, str) and isinstance(named_contract(value), str):
            return value
        inside = [name for name in _NAMES if (Path(str(value)) / name).is_file()]
        if inside:
            self.fail(
                f"{value} is a directory; did you mean {Path(value) / inside[0]}?", param, ctx
            )
        return super().convert(named_contract(str(value)), param, ctx)


class SingleOption(click.Option):
    """An option that means one thing: two different values for it are a slip, and are refused.

    Click takes the last one silently, so that another contract is judged than the one in view.
    """

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Collect every value that is given."""
        parser.add_option(
            obj=self, opts=self.opts, dest=self.name, action="append", nargs=self.nargs
        )

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> Any:
        """The value, if it is one. Raises click.UsageError."""
        given = opts.get(str(self.name))
        if not isinstance(given, list):
            return super().consume_value(ctx, opts)
        if len(set(given)) > 1:
            shown = " and ".join(map(str, dict.fromkeys(given)))
            raise click.UsageError(
                f"{self.opts[0]} was given more than once: {shown}; give one", ctx
            )
        return super().consume_value(ctx, {**opts, str(self.name): given[0]})


def contract_option(
    kind: click.Path | None = None, metavar: str = "FILE|URL|-"
) -> Callable[[_Command], _Command]:
    """`--contract`; `kind` is given where it must be a file."""
    return click.option(
        "--contract",
        cls=SingleOption,
        type=kind or ContractPath(),
        metavar=metavar,
        help="The contract. Default: openapi.yaml, .yml or .json in this folder, else InsForge's.",
    )


def waivers_option(command: _Command) -> _Command:
    """`--waivers`: the file that `chosen_waivers` reads."""
    return click.option(
        "--waivers",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="FILE",
        help=f"File of accepted findings. Default: {WAIVERS} in the contract's folder and in this "
        f"folder.",
    )(command)


def chosen_contract(given: Path | str | None) -> Path | str:
    """The contract that was named, that of the current folder, or the one in this package.

    A folder with a contract of its own is never judged by another one.

    Raises:
        click.UsageError: the folder has several, so that one must be named.
    """
    if given is not None:
        return given
    found = [Path(name) for name in _NAMES if Path(name).is_file()]
    if len(found) > 1:
        names = " and ".join(map(str, found))
        raise click.UsageError(f"this folder has {names}; choose one with --contract")
    return found[0] if found else AI_CONTRACT


def said_of(contract: Contract, given: Path | str | None) -> str:
    """The first line of a command: the contract that is taken, and why."""
    named = f"{contract.title} {contract.version}".strip()
    if given is None and Path(contract.file).absolute() == AI_CONTRACT:
        return (
            f"Contract: {named}, from this package, because this folder has no openapi.yaml, "
            f".yml or .json"
        )
    return f"Contract: {contract.file} ({named}){'' if given else ', found in this folder'}"


def chosen_waivers(given: Path | None, contract: Path | str) -> tuple[Waiver, ...]:
    """The waivers of the file that was named, or of those beside the contract and in this folder.

    A contract that is no file (a URL, `-`) has nothing beside it.

    Raises:
        click.UsageError: a file cannot be read, or an entry lacks something.
    """
    beside = dict.fromkeys(
        path.resolve() for path in (Path(contract).parent / WAIVERS, Path(WAIVERS))
    )
    files = [given] if given else [_path_from_here(path) for path in beside if path.exists()]
    try:
        found = [waiver for file in files for waiver in read_waivers(file)]
    except WaiverError as error:
        raise click.UsageError(str(error)) from error
    # Of two waivers of one place that of the first file counts: it is nearer to the contract.
    return tuple({waiver.fingerprint: waiver for waiver in reversed(found)}.values())[::-1]


def _path_from_here(path: Path) -> Path:
    """From the current folder where the path lies below it: annotations name files so."""
    here = Path.cwd().resolve()
    return path.relative_to(here) if path.is_relative_to(here) else path


def refuse_idle_selectors(
    contracts: Sequence[Contract], selectors: Iterable[tuple[str, Sequence[str]]]
) -> None:
    """Refuse a selector that means no operation: a slip in it would leave all of them out, or in.

    Args:
        contracts: a selector must mean an operation of one of them.
        selectors: flags with what was given for each.

    Raises:
        click.UsageError: with the selectors that are near.
    """
    operations = [one for contract in contracts for one in contract.operations]
    for flag, given in selectors:
        for selector in given:
            if not any(selects(selector, one) for one in operations):
                hint = nearest_operations(selector, operations)
                raise click.UsageError(f"{flag} {selector!r} matches no operation; {hint}")
