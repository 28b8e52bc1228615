"""What the references of a contract may lead to: `--root` and `--remote-ref`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from spec import Contract, load
from spec.settings.option_sources import WHOLE_URL

__all__ = ["Reach", "reach_options"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The fence around a contract: the folder of all its files, and the URLs that are allowed.

    Without `root` the folder is the contract's own. `leaves_out_broken_files` reads the rest of a
    contract of which a file cannot be read.
    """

    root: Path | None = None
    remote_refs: tuple[str, ...] = ()
    leaves_out_broken_files: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Reach:
        """What the two options of a command say."""
        return cls(root=given["root"], remote_refs=given["remote_refs"])

    def load(self, path: Path, *, overlay: Path | None = None, name: str | None = None) -> Contract:
        """The contract of a file; `name` is what messages call it. Raises ContractError."""
        return load(
            path,
            overlay=overlay,
            name=name,
            root=self.root,
            remote_refs=self.remote_refs,
            leaves_out_broken_files=self.leaves_out_broken_files,
        )


def reach_options(command: _Command) -> _Command:
    """`--root DIR` and `--remote-ref URL`, for every command that opens a contract."""
    root = click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="Folder whose files the contract's $refs may name. Default: the contract's folder.",
    )
    remote = click.option(
        "--remote-ref",
        "remote_refs",
        multiple=True,
        type=WHOLE_URL,
        metavar="URL",
        help="URL that the contract's $refs may name; all other URLs are refused. Repeatable.",
    )
    return root(remote(command))
